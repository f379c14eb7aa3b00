"""The point index of one layer: a few arrays that answer which area covers a point, exactly.

A layer is a set of areas of one kind, such as the general grids, the special grids, the communities, or the circles.
Its plane is divided into cells. A cell without an edge holds its answer; the others hold their few edges.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from geo.areas import Geometries
from geo.locate.building import cells_of
from geo.locate.claims import claim_many
from geo.locate.kernel import Cells, Longs, scan
from geo.locate.segments import rings_in_parts, segments_of

NO_ROW: Final = -1
SEVERAL_ROWS: Final = -2
"""What stands in a column of rows where no area, or several, cover the point: one less than their numbers."""

ARRAYS: Final = {"facts": np.int64, "top": np.int32, "pool": np.int32, "sets": np.int32, "set_start": np.int64}


@dataclass(frozen=True, slots=True, eq=False)
class Claims:
    """Who claims points in a layer by itself, by the border rule.

    Attributes
    ----------
    row
        Row of the area, ``NO_ROW`` or ``SEVERAL_ROWS``, int32, shape (n,).
    on_border
        Whether the point lies on an edge of an area, shape (n,).
    """

    row: npt.NDArray[np.int32]
    on_border: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class LayerIndex:
    """An index over areas that, accepted overlaps aside, share no land."""

    cells: Cells

    @classmethod
    def of(cls, geoms: Geometries, *, roomy: bool = False) -> Self:
        """Build the index of areas (EPSG:4490, on the lattice); rows are places among them, ``None`` has no land.

        With ``roomy`` it can be patched, see :mod:`geo.locate.layer_patch`.
        """
        segments = segments_of(rings_in_parts(geoms))
        return cls.from_arrays(cells_of(segments, len(geoms), roomy=roomy)._asdict())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Take up the arrays of an index that was built before; they are not copied, and may be mapped read-only."""
        return cls(Cells(**{name: _frozen(arrays[name], kind) for name, kind in ARRAYS.items()}))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to the index: contiguous arrays by name."""
        return self.cells._asdict()

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.cells)

    def claim(self, x: Longs, y: Longs, threads: int = 1) -> Claims:
        """Say which area claims each point.

        Parameters
        ----------
        x, y
            Lattice integers, int64, shape (n,); see :func:`geo.lattice.snap_columns`.
        threads
            How many share the work.
        """
        x, y = (np.ascontiguousarray(each, dtype=np.int64) for each in (x, y))
        area, on_border = np.empty(len(x), dtype=np.int32), np.empty(len(x), dtype=np.bool_)

        def work(part: slice) -> None:
            scan(*self.cells, x[part], y[part], area[part], on_border[part])
            claim_many(self.cells, x[part], y[part], area[part], on_border[part])

        in_parts(work, len(x), threads)
        np.subtract(area, 1, out=area)
        return Claims(area, on_border)


def in_parts(work: Any, count: int, threads: int) -> None:
    """Do work on slices of ``count`` things, as many at once as there are threads."""
    if threads <= 1:
        return work(slice(0, count))
    ends = np.linspace(0, count, threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, [slice(low, high) for low, high in pairwise(ends)]))
    return None


def _frozen(array: npt.NDArray[Any], kind: type) -> npt.NDArray[Any]:
    """Return a contiguous array of one kind, read-only, so that built and mapped indexes run the same compiled code."""
    view: npt.NDArray[Any] = np.ascontiguousarray(array, dtype=kind).view()
    view.flags.writeable = False
    return view
