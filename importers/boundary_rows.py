"""The rows of a boundary file as columns, and what is refused of them."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from geo.areas import Geometries, Texts
from geo.errors import GeoError


@dataclass(frozen=True, slots=True, eq=False)
class BoundaryRows:
    """Rows as the file gives them; row ``i`` of every column is one area.

    Attributes
    ----------
    numbers
        Row number as the planner counts: the first feature is 1.
    codes, names, parents, parent_texts, local_codes, kinds, categories
        Text, ``""`` where the file says nothing; a missing name is the code. Whole numbers are written without
        fraction. Kinds that planners write in Chinese are ``general`` and ``special``, others stay as they are.
    not_subdivided, fully_divided
        Marks of the design, false where the file says nothing.
    geoms
        shapely, in the file's own CRS, 2D; of any type, ``None`` where there is none.
    unclosed
        Rows whose rings had to be closed to be read at all.
    unreadable
        Rows whose bytes are no geometry.
    """

    numbers: npt.NDArray[np.int64]
    codes: Texts
    names: Texts
    parents: Texts
    parent_texts: Texts
    local_codes: Texts
    kinds: Texts
    categories: Texts
    not_subdivided: npt.NDArray[np.bool_]
    fully_divided: npt.NDArray[np.bool_]
    geoms: Geometries
    unclosed: npt.NDArray[np.bool_]
    unreadable: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, rows: npt.ArrayLike) -> Self:
        """Return some rows, by index or mask, in that order."""
        index = np.asarray(rows)
        return type(self)(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def with_geoms(self, geoms: Geometries) -> Self:
        """Return the same rows with other boundaries."""
        return replace(self, geoms=geoms)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a row does not come in; a row may have several.

    Attributes
    ----------
    row
        Row number as the planner counts, from 1.
    code
        The row's code, ``""`` if it has none.
    error
        Why; its ``place`` has file, row, code, and where it applies x and y in the file's own CRS.
    """

    row: int
    code: str
    error: GeoError


@dataclass(frozen=True, slots=True, eq=False)
class Repair:
    """What ``--make-valid`` did to one row.

    Attributes
    ----------
    row, code
        As in :class:`Refusal`.
    reason
        Kind of the defect, such as ``"self-intersection"``.
    before, after
        Boundaries in the file's own CRS.
    area_before, area_after
        In squared units of that CRS; ``area_before`` is of the drawn rings, so loops may count with either sign.
    """

    row: int
    code: str
    reason: str
    before: object
    after: object
    area_before: float
    area_after: float


@dataclass(frozen=True, slots=True, eq=False)
class CheckedRows:
    """The verdict on a file's rows.

    Attributes
    ----------
    rows
        Rows without any defect: oriented, valid, without repeated vertices.
    refusals
        In the order of the rows.
    repairs
        Rows that were mended, in the order of the rows; empty unless asked for.
    """

    rows: BoundaryRows
    refusals: tuple[Refusal, ...]
    repairs: tuple[Repair, ...]
