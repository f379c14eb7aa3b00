"""What differs between two states of the areas: created, retired, redrawn, only digitised again, renamed, moved."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import shapely

from geo.areas import Texts
from geo.exchange import LEAST_WIDTH_M, NOBODY, Exchange, Index, displacements_m, exchanged, layers_of, same_boundaries
from geo.measure import area_m2
from geo.stored import StoredAreas

Change = Literal["created", "retired", "redrawn", "redigitised", "noded", "renamed", "recoded", "reparented", "marked"]
CHANGES: Final[tuple[Change, ...]] = get_args(Change)
"""Every kind of change, in the order of reports."""
TOLERANCE_M: Final = 1.0
"""A border that moved less than this was digitised again, not redrawn: as wide as the slivers of a check."""


@dataclass(frozen=True, slots=True)
class AreaState:
    """An area in one of the two states; ``parent`` is a code, ``""`` for none."""

    code: str
    name: str
    parent: str
    local_code: str
    category: str
    not_subdivided: bool
    fully_divided: bool
    area_m2: float


@dataclass(frozen=True, slots=True)
class Share:
    """A piece of land that an area has from another, or gave to it.

    Attributes
    ----------
    code
        The other area, ``""`` where no area has the land.
    area_m2
        Its m².
    share
        Of the area that tells, 0-1.
    """

    code: str
    area_m2: float
    share: float


@dataclass(frozen=True, slots=True)
class Difference:
    """One area that is not as it was.

    Attributes
    ----------
    level, kind
        Of its layer.
    changes
        All that happened to it, in the order of :data:`CHANGES`: ``redrawn`` moved its border by more than the
        tolerance, ``redigitised`` by less, ``noded`` by no more than a new node does; ``marked`` changed the local
        code, the category or a mark.
    before, after
        None for an area that was created, or is retired.
    gained_m2, lost_m2
        Of its land.
    moved_m
        How far its border moved at most; 0 where only other things changed, None for one created or retired.
    came_from, went_to
        From whom it has land that it had not, and who has the land that it had; the largest pieces first.
    geometry
        MultiPolygon, EPSG:4490: as it is afterwards, of a retired area as it was; None where unknown.
    """

    level: str
    kind: str
    changes: tuple[Change, ...]
    before: AreaState | None
    after: AreaState | None
    gained_m2: float
    lost_m2: float
    moved_m: float | None
    came_from: tuple[Share, ...]
    went_to: tuple[Share, ...]
    geometry: shapely.Geometry | None

    @property
    def code(self) -> str:
        """The code afterwards; of a retired area the code that it had."""
        return self._present.code

    @property
    def name(self) -> str:
        """The name afterwards; of a retired area the name that it had."""
        return self._present.name

    @property
    def _present(self) -> AreaState:
        state = self.after or self.before
        assert state is not None, "an area is in one of the states"  # noqa: S101
        return state


@dataclass(frozen=True, slots=True)
class Piece:
    """Land that changed hands: codes, ``""`` for nobody, m², and a MultiPolygon in EPSG:4490."""

    level: str
    kind: str
    from_code: str
    to_code: str
    area_m2: float
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs, by level in the order given and then by code.

    Attributes
    ----------
    before, after
        How many areas there were and are.
    unchanged
        How many are the same in everything.
    tolerance_m
        Below which a border was only digitised again.
    """

    rows: tuple[Difference, ...]
    pieces: tuple[Piece, ...]
    before: int
    after: int
    unchanged: int
    tolerance_m: float

    def counts(self) -> Mapping[Change, int]:
        """Return how many areas underwent each change; one may count in several."""
        found = Counter(change for row in self.rows for change in row.changes)
        return {change: found[change] for change in CHANGES if change in found}


@dataclass(frozen=True, slots=True, eq=False)
class AreaSet:
    """One of the states to compare.

    Attributes
    ----------
    areas
        Any levels and kinds; the same area has the same id in both states, and parents are told apart by id.
    parents
        Code of each area's parent, ``""`` for none, shape (n,).
    """

    areas: StoredAreas
    parents: Texts

    @classmethod
    def of(cls, areas: StoredAreas, known: StoredAreas | None = None) -> "AreaSet":
        """Return stored areas, with their parents' codes as ``known`` has them (the areas themselves by default)."""
        return cls(areas, areas.parent_codes(areas if known is None else known))


def differences(before: AreaSet, after: AreaSet, *, tolerance_m: float = TOLERANCE_M) -> Differences:
    """Compare two states.

    Parameters
    ----------
    before, after
        The states. An area that changes its kind ends in one layer and begins in the other.
    tolerance_m
        How far a border may move and still be the same line.
    """
    rows: list[Difference] = []
    pieces: list[Piece] = []
    unchanged = 0
    for level, kind, old, new in layers_of(before.areas, after.areas):
        layer = _Layer(level, kind, _part(before, old.ids), _part(after, new.ids), tolerance_m)
        own = sorted(layer.rows(), key=lambda row: row.code)
        rows += own
        pieces += layer.pieces()
        unchanged += len(new) - sum(row.after is not None for row in own)
    return Differences(tuple(rows), tuple(pieces), len(before.areas), len(after.areas), unchanged, tolerance_m)


def _part(state: AreaSet, ids: Index) -> AreaSet:
    rows = np.flatnonzero(np.isin(state.areas.ids, ids))
    return AreaSet(state.areas.take(rows), state.parents[rows])


class _Layer:
    """One layer under comparison."""

    def __init__(self, level: str, kind: str, old: AreaSet, new: AreaSet, tolerance_m: float) -> None:
        self.level, self.kind, self.old, self.new, self.tolerance_m = level, kind, old, new, tolerance_m
        self.land = exchanged(old.areas, new.areas)
        self.codes = dict(zip(old.areas.ids.tolist(), old.areas.codes, strict=True))
        self.new_codes = dict(zip(new.areas.ids.tolist(), new.areas.codes, strict=True))
        self.gained, self.lost = _by_id(self.land.to_ids), _by_id(self.land.from_ids)

    def rows(self) -> Iterator[Difference]:
        """Yield every area that differs."""
        old, new = self.old.areas, self.new.areas
        _, first, second = np.intersect1d(old.ids, new.ids, assume_unique=True, return_indices=True)
        same = same_boundaries(old.geoms[first], new.geoms[second])
        moved_m = np.zeros(len(first))
        moved_m[~same] = displacements_m(old.geoms[first[~same]], new.geoms[second[~same]])
        for i, j, still, moved in zip(first.tolist(), second.tolist(), same.tolist(), moved_m.tolist(), strict=True):
            changes = (*self._border(still=still, moved_m=moved), *self._other_changes(i, j))
            if changes:
                yield self._difference(changes, i, j, moved)
        for i in np.setdiff1d(np.arange(len(old)), first).tolist():
            yield self._difference(("retired",), i, None, None)
        for j in np.setdiff1d(np.arange(len(new)), second).tolist():
            yield self._difference(("created",), None, j, None)

    def pieces(self) -> list[Piece]:
        """Return all land that changes hands."""
        return [
            Piece(
                self.level,
                self.kind,
                self.codes.get(giver, ""),
                self.new_codes.get(taker, ""),
                size_m2,
                geometry,
            )
            for giver, taker, size_m2, geometry in zip(
                self.land.from_ids.tolist(),
                self.land.to_ids.tolist(),
                self.land.area_m2.tolist(),
                self.land.geoms.tolist(),
                strict=True,
            )
        ]

    def _border(self, *, still: bool, moved_m: float) -> tuple[Change, ...]:
        if still:
            return ()
        if moved_m <= LEAST_WIDTH_M:
            return ("noded",)
        return ("redigitised",) if moved_m <= self.tolerance_m else ("redrawn",)

    def _other_changes(self, i: int, j: int) -> Iterator[Change]:
        old, new = self.old.areas, self.new.areas
        if old.names[i] != new.names[j]:
            yield "renamed"
        if old.codes[i] != new.codes[j]:
            yield "recoded"
        if old.parent_ids[i] != new.parent_ids[j]:
            yield "reparented"
        marks = [
            (own.local_codes[row] or "", own.categories[row] or "", own.not_subdivided[row], own.fully_divided[row])
            for own, row in ((old, i), (new, j))
        ]
        if marks[0] != marks[1]:
            yield "marked"

    def _difference(self, changes: tuple[Change, ...], i: int | None, j: int | None, moved: float | None) -> Difference:
        before = None if i is None else _state(self.old, i)
        after = None if j is None else _state(self.new, j)
        area_id = int(self.old.areas.ids[i] if i is not None else self.new.areas.ids[j])
        gained, lost = self.gained.get(area_id, _NONE), self.lost.get(area_id, _NONE)
        return Difference(
            self.level,
            self.kind,
            changes,
            before,
            after,
            float(self.land.area_m2[gained].sum()),
            float(self.land.area_m2[lost].sum()),
            moved,
            _shares(self.land, gained, self.land.from_ids, self.codes, 0.0 if after is None else after.area_m2),
            _shares(self.land, lost, self.land.to_ids, self.new_codes, 0.0 if before is None else before.area_m2),
            self.old.areas.geoms[i] if j is None else self.new.areas.geoms[j],
        )


_NONE: Final = np.zeros(0, dtype=np.int64)


def _by_id(column: Index) -> dict[int, Index]:
    """Return the rows of each id but that of nobody."""
    order = np.argsort(column, kind="stable")
    ids, starts = np.unique(column[order], return_index=True)
    groups = np.split(order, starts[1:]) if len(ids) else []
    return {one: rows for one, rows in zip(ids.tolist(), groups, strict=True) if one != NOBODY}


def _shares(land: Exchange, rows: Index, others: Index, codes: Mapping[int, str], whole_m2: float) -> tuple[Share, ...]:
    found: Sequence[tuple[str, float]] = [
        (codes.get(other, ""), size)
        for other, size in zip(others[rows].tolist(), land.area_m2[rows].tolist(), strict=True)
    ]
    largest_first = sorted(found, key=lambda one: (-one[1], one[0]))
    return tuple(Share(code, size_m2, size_m2 / whole_m2 if whole_m2 else 0.0) for code, size_m2 in largest_first)


def _state(own: AreaSet, row: int) -> AreaState:
    areas: Any = own.areas
    return AreaState(
        str(areas.codes[row]),
        str(areas.names[row]),
        str(own.parents[row]),
        str(areas.local_codes[row] or ""),
        str(areas.categories[row] or ""),
        bool(areas.not_subdivided[row]),
        bool(areas.fully_divided[row]),
        float(area_m2(areas.geoms[row : row + 1])[0]),
    )
