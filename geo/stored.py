"""Areas as they are stored: any levels and kinds together, with ids, as of one moment."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from geo.areas import Areas, Geometries, Texts, texts


@dataclass(frozen=True, slots=True, eq=False)
class StoredAreas:
    """Areas of any levels as of one moment; row ``i`` of every column is one area, sorted by code.

    ``geoms`` is MultiPolygon in EPSG:4490 on the lattice, or None; ``parent_ids`` is 0 where there is no parent.
    """

    ids: npt.NDArray[np.int64]
    levels: Texts
    codes: Texts
    local_codes: Texts
    names: Texts
    kinds: Texts
    categories: Texts
    parent_ids: npt.NDArray[np.int64]
    not_subdivided: npt.NDArray[np.bool_]
    fully_divided: npt.NDArray[np.bool_]
    digests: npt.NDArray[np.object_]
    geoms: Geometries

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: npt.ArrayLike) -> Self:
        """Return some rows, by index or mask."""
        index = np.asarray(rows)
        return type(self)(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def of_level(self, level: str) -> Self:
        """Return the areas of one level."""
        return self.take(self.levels == level)

    def parent_codes(self, known: "StoredAreas") -> Texts:
        """Return the code of each area's parent among ``known``, ``""`` where it is not there."""
        code_of = dict(zip(known.ids.tolist(), known.codes, strict=True))
        return texts([code_of.get(parent, "") for parent in self.parent_ids.tolist()])

    def as_areas(self, level: str, known: "StoredAreas") -> Areas:
        """Return the columns that the core's checks take."""
        return Areas(level, self.codes, self.names, self.parent_codes(known), self.geoms)

    def with_geoms(self, geoms: Geometries) -> Self:
        """Return the same areas with other boundaries."""
        return replace(self, geoms=geoms)


def together(first: StoredAreas, *others: StoredAreas) -> StoredAreas:
    """Return the rows of all of them, the first ones first."""
    parts = (first, *others)
    return StoredAreas(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(StoredAreas)}
    )
