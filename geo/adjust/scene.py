"""What adjustments start from and what they result in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.codes import DEFAULT_SCHEME, CodeScheme
from geo.lattice import Cells
from geo.levels import DEFAULT, Hierarchy
from geo.stored import StoredAreas

Index = npt.NDArray[np.int64]

NOBODY: Final = 0
"""The id that land goes to where no area has it afterwards."""
TOLERANCE_M: Final = 0.1
"""Drawn lines nearer than this to a stored border follow it."""


@dataclass(frozen=True, slots=True, eq=False)
class Households:
    """Who lives where; row ``i`` of every column is one building or address.

    Attributes
    ----------
    ids
        Of the residence, shape (n,).
    xy
        On the lattice, shape (n, 2); anything where ``area_ids`` is not 0.
    households
        How many, shape (n,).
    area_ids
        The area that a household without a position is registered with; 0 where the position decides, shape (n,).
    """

    ids: Index
    xy: Cells
    households: Index
    area_ids: Index

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def none(cls) -> "Households":
        """Return nobody."""
        empty = np.empty(0, dtype=np.int64)
        return cls(empty, np.empty((0, 2), dtype=np.int64), empty, empty)


@dataclass(frozen=True, slots=True, eq=False)
class Former:
    """What an edition changed, for a revert.

    Attributes
    ----------
    before
        The versions that the edition closed, but for those of areas that it merely noded.
    created
        Ids of the areas that it created.
    changed_since
        Ids, among both, of areas that a later edition changed (more than noded) or ended.
    """

    before: StoredAreas
    created: tuple[int, ...] = ()
    changed_since: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The present state around some operations.

    Attributes
    ----------
    areas
        All areas, of any level and kind, whose box meets that of an operation (its drawn shapes and its named areas)
        grown by the tolerance; and all children, siblings and ancestors of the named areas. More does no harm.
    hierarchy
        The levels.
    households
        At least those within the areas that the operations name or touch.
    codes_taken
        Every code that was ever used: none is given twice.
    tolerance_m
        Drawn lines nearer than this to a stored border follow it.
    scheme
        How new codes are made.
    former
        For each ``revert``, by edition, what that edition changed.
    """

    areas: StoredAreas
    hierarchy: Hierarchy = DEFAULT
    households: Households = field(default_factory=Households.none)
    codes_taken: frozenset[str] = frozenset()
    tolerance_m: float = TOLERANCE_M
    scheme: CodeScheme = DEFAULT_SCHEME
    former: Mapping[int, Former] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Descent:
    """Land and people that went from one area to another by a plan, or stayed where they were.

    Attributes
    ----------
    from_id, to_id
        Ids before and after; negative for areas that the plan creates; ``to_id`` is ``NOBODY`` for land that no area
        has afterwards. Both are the same for what an area keeps.
    operation
        Index of the last operation that had to do with it.
    area_m2
        How much land.
    share_of_from, share_of_to
        Of the area before and of the area after, in [0, 1]; the shares of each ``from_id`` sum to 1.
    households
        How many, of those with a position and those registered with the area.
    """

    from_id: int
    to_id: int
    operation: int
    area_m2: float
    share_of_from: float
    share_of_to: float
    households: int


@dataclass(frozen=True, slots=True, eq=False)
class Gap:
    """Land that a ``retire`` leaves to nobody on purpose: to become an accepted finding."""

    geometry: Any
    parent: str


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one operation did.

    Attributes
    ----------
    op
        Its name.
    gained_m2, lost_m2
        By the id of the area; areas that are merely noded are in neither.
    displacement_m
        How far a border was moved at most; 0 where areas were only joined or divided.
    codes
        Codes that areas got, by id: new areas, and areas whose code would contradict a new parent.
    overlap
        Land (degrees) that several areas of the level have afterwards and had not before, None where there is none.
    gap
        Land (degrees) that no area of the level has any more, None where there is none.
    """

    op: str
    gained_m2: Mapping[int, float] = field(default_factory=dict)
    lost_m2: Mapping[int, float] = field(default_factory=dict)
    displacement_m: float = 0.0
    codes: Mapping[int, str] = field(default_factory=dict)
    overlap: Any = None
    gap: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """The state after some operations.

    Attributes
    ----------
    after
        The whole scene, sorted by code; new areas have negative ids.
    changed
        Ids of present areas that get another version: boundary, attributes or parent.
    noded
        Ids of present areas whose boundary merely received nodes: the line moves by at most half a cell.
    ended
        Ids of areas that are no more.
    created
        Ids of new areas, negative; and of ended areas that a revert brings back, positive.
    lineage
        For every area that changed hands in part or whole, where its land went; sorted.
    steps
        One for each operation.
    accepted_gaps
        What ``retire`` left to nobody on purpose.
    """

    after: StoredAreas
    changed: tuple[int, ...]
    noded: tuple[int, ...]
    ended: tuple[int, ...]
    created: tuple[int, ...]
    lineage: tuple[Descent, ...]
    steps: tuple[Step, ...]
    accepted_gaps: tuple[Gap, ...]
