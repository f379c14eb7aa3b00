"""A set of areas as columns: what the core takes and returns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Texts = npt.NDArray[np.object_]
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """Areas of one level and layer; row ``i`` of every column is one area.

    Attributes
    ----------
    level
        The level of all of them, such as ``"grid"``.
    codes, names
        Text, shape (n,). Codes may repeat: that is a finding, not an error.
    parents
        Code of the parent, shape (n,); ``""`` where none is known.
    geoms
        shapely Polygon or MultiPolygon, shape (n,); ``None`` where the boundary is unknown.
    """

    level: str
    codes: Texts
    names: Texts
    parents: Texts
    geoms: Geometries

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: npt.ArrayLike) -> Self:
        """Return the areas of some rows (indices or a mask), in that order."""
        index = np.asarray(rows)
        # an empty list would count as floats
        index = index if index.size else index.astype(np.int64)
        return replace(
            self,
            codes=self.codes[index],
            names=self.names[index],
            parents=self.parents[index],
            geoms=self.geoms[index],
        )


def areas(
    level: str,
    codes: Any,
    geoms: Any,
    *,
    names: Any = None,
    parents: Any = None,
) -> Areas:
    """Build :class:`Areas` from sequences; missing names repeat the code, missing parents are ``""``."""
    code_column = texts(codes)
    shapes = np.empty(len(code_column), dtype=object)
    shapes[:] = list(geoms)
    return Areas(
        level=level,
        codes=code_column,
        names=code_column if names is None else texts(names),
        parents=texts([""] * len(code_column)) if parents is None else texts(parents),
        geoms=shapes,
    )


def texts(values: Any) -> Texts:
    """Return an object array of strings."""
    column = np.empty(len(values), dtype=object)
    column[:] = [str(value) for value in values]
    return column


def among(column: Texts, wanted: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Tell which texts of a column are wanted, shape (n,); ``numpy.isin`` compares objects pair by pair."""
    known = set(wanted)
    return np.fromiter((text in known for text in column), dtype=bool, count=len(column))
