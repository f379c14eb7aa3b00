"""The point index of all layers together: grid, host, microgrid, levels above, borders and how near they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from geo.lattice import SCALE, degrees
from geo.levels import DEFAULT, Hierarchy
from geo.locate.claims import around_many
from geo.locate.index import ARRAYS, NO_ROW, SEVERAL_ROWS, LayerIndex, in_parts
from geo.locate.kernel import SEVERAL, Words, scan
from geo.locate.nearest import marks_of, nearest_m
from geo.locate.turning import settle
from geo.measure import metres_per_degree
from geo.stored import StoredAreas

FOUND, GAP, OUTSIDE, CONFLICT = range(4)
STATUSES: Final = ("found", "gap", "outside", "conflict")
"""Names of the numbers in :attr:`Located.status`."""

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Lattice = npt.NDArray[np.int64]
LayerName = tuple[str, str]
"""Level and kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Located:
    """Where many points lie. Columns of shape (n,); rows are those of the city's tables, see :class:`CityIndex`.

    ``NO_ROW`` stands where there is none, ``SEVERAL_ROWS`` where there are several.

    Attributes
    ----------
    status
        Place in ``STATUSES``, uint8.
    on_border
        Whether the point lies on a border of the effective partition.
    special, general, microgrid
        What covers the point in each layer, int32. The effective grid is the special one, else the general one.
    upper
        In a gap the area of the deepest level, int32.
    layer
        The place of that level among :attr:`CityIndex.layers`, int8; 0 where there is none.
    """

    status: npt.NDArray[np.uint8]
    on_border: Flags
    special: Words
    general: Words
    microgrid: Words
    upper: Words
    layer: npt.NDArray[np.int8]

    @property
    def grid(self) -> Words:
        """The effective grid."""
        grid = np.where(self.special != NO_ROW, self.special, self.general)
        return np.where(grid == SEVERAL_ROWS, NO_ROW, grid)


@dataclass(frozen=True, slots=True, eq=False)
class CityIndex:
    """Indexes over special grids, general grids, microgrids, and each level above, the deepest first.

    Attributes
    ----------
    layers
        In this order.
    rows
        For each layer the city's row of each of its areas, int32.
    depths
        Place in the hierarchy of each level above, in the order of the layers.
    """

    layers: tuple[LayerIndex, ...]
    rows: tuple[Words, ...]
    depths: tuple[int, ...]

    @classmethod
    def of(cls, areas: StoredAreas, hierarchy: Hierarchy = DEFAULT, *, roomy: bool = False) -> Self:
        """Build the index of a city: the row of an area is its place among the stored ones, which go by their codes.

        With ``roomy`` it can be patched, see :mod:`geo.locate.city_patch`.
        """
        grid = areas.levels == "grid"
        special = areas.kinds == "special"
        uppers = [level for level in hierarchy.above("grid") if (areas.levels == level).any()]
        masks = [grid & special, grid & ~special, areas.levels == "microgrid"]
        masks += [areas.levels == level for level in uppers]
        rows = tuple(np.flatnonzero(mask).astype(np.int32) for mask in masks)
        layers = tuple(LayerIndex.of(areas.geoms[each], roomy=roomy) for each in rows)
        return cls(layers, rows, tuple(hierarchy.levels.index(level) for level in uppers))

    def names(self, hierarchy: Hierarchy) -> list[LayerName]:
        """Return level and kind of each layer."""
        uppers = [(hierarchy.levels[depth], "general") for depth in self.depths]
        return [("grid", "special"), ("grid", "general"), ("microgrid", "general"), *uppers]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return all there is to the index: contiguous arrays by name."""
        named: dict[str, npt.NDArray[Any]] = {"depths": np.array(self.depths, dtype=np.int64)}
        for place, (layer, rows) in enumerate(zip(self.layers, self.rows, strict=True)):
            named |= {f"{place}.rows": rows, **{f"{place}.{name}": array for name, array in layer.arrays().items()}}
        return named

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Self:
        """Take up the arrays of an index that was built before; they are not copied, and may be mapped read-only."""
        depths = tuple(arrays["depths"].tolist())
        places = range(3 + len(depths))
        layers = tuple(
            LayerIndex.from_arrays(
                {name.partition(".")[2]: each for name, each in arrays.items() if _is_of(name, place)}
            )
            for place in places
        )
        rows = tuple(arrays[f"{place}.rows"] for place in places)
        return cls(layers, rows, depths)

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self.arrays().values())

    def locate(self, x: Lattice, y: Lattice, threads: int = 1) -> Located:
        """Say where points lie.

        Parameters
        ----------
        x, y
            Lattice integers, int64, shape (n,).
        threads
            How many share the work.
        """
        x, y = (np.ascontiguousarray(each, dtype=np.int64) for each in (x, y))
        found = _nowhere(len(x))
        in_parts(lambda part: self._locate(x[part], y[part], _part(found, part)), len(x), threads)
        return found

    def _locate(self, x: Lattice, y: Lattice, out: Located) -> None:
        on_edge = np.zeros(len(x), dtype=np.bool_)
        touched = np.empty(len(x), dtype=np.bool_)
        for place, column in enumerate((out.special, out.general, out.microgrid)):
            scan(*self.layers[place].cells, x, y, column, touched)
            if place < 2:
                on_edge |= touched
        hard = np.flatnonzero(on_edge)
        if len(hard):
            self._settle(hard, (0, 1, 2), (0, 0, -1), x, y, out)
        lost = np.flatnonzero((out.special == 0) & (out.general == 0))
        if len(lost):
            uppers = tuple(range(3, len(self.layers)))
            self._settle(lost, (*uppers, 2), (*range(1, len(uppers) + 1), -1), x, y, out)
        self._name(out)

    def _settle(
        self, points: Lattice, places: Sequence[int], groups: Sequence[int], x: Lattice, y: Lattice, out: Located
    ) -> None:
        """Turn around points in some layers; leave numbers of areas in the columns."""
        layers = [self.layers[place].cells for place in places]
        tokens, rays, ray_start = around_many(layers, x[points], y[points])
        on_border, several = np.empty((2, len(points)), dtype=np.bool_)
        settle(tokens, rays, ray_start, np.array(groups, dtype=np.int64), on_border, several)
        out.on_border[points] = on_border
        found = np.where(tokens < 2 << 32, tokens & 0xFFFFFFFF, SEVERAL).astype(np.int32)
        columns = {0: out.special, 1: out.general, 2: out.microgrid}
        deepest, layer = np.full(len(points), NO_ROW, dtype=np.int32), np.zeros(len(points), dtype=np.int8)
        for k, place in reversed(list(enumerate(places))):
            if place in columns:
                columns[place][points] = found[:, k]
            else:
                rows = self._city_rows(place, found[:, k])
                deepest = np.where(rows != NO_ROW, rows, deepest)
                layer[rows != NO_ROW] = place
        if places[0] != 0:
            out.upper[points], out.layer[points] = deepest, layer

    def _city_rows(self, place: int, numbers: Words) -> Words:
        """Return the city's rows of the areas of one layer, given as row + 1."""
        table = np.concatenate([[SEVERAL_ROWS, NO_ROW], self.rows[place]]).astype(np.int32)
        return table[numbers + 1]

    def _name(self, out: Located) -> None:
        for place, column in enumerate((out.special, out.general, out.microgrid)):
            column[:] = self._city_rows(place, column)
        grids = (out.special != NO_ROW) | (out.general != NO_ROW)
        out.upper[grids] = NO_ROW
        out.status[:] = np.where(grids, FOUND, np.where(out.upper != NO_ROW, GAP, OUTSIDE))
        # outside, a microgrid that strayed claims nothing
        out.microgrid[out.status == OUTSIDE] = NO_ROW
        several = [column == SEVERAL_ROWS for column in (out.special, out.general, out.microgrid, out.upper)]
        out.status[np.logical_or.reduce(several)] = CONFLICT

    def border_m(self, x: Lattice, y: Lattice, located: Located, radius_m: float, threads: int = 1) -> Floats:
        """Return the distance to the nearest border of the effective partition.

        Parameters
        ----------
        x, y, located
            Points, and where they lie.
        radius_m
            How far to look.

        Returns
        -------
        numpy.ndarray
            m, shape (n,), infinite where there is none within the radius.
        """
        x, y = (np.ascontiguousarray(each, dtype=np.int64) for each in (x, y))
        away_m = np.full(len(x), np.nextafter(radius_m, np.inf))
        wide, high = metres_per_degree(degrees(y))
        scale = (wide / SCALE, high / SCALE)

        def work(part: slice) -> None:
            for place, wanted in self._bounding(_part(located, part)):
                layer = self.layers[place]
                steps = scale[0][part], scale[1][part]
                nearest_m(*layer.cells[:3], marks_of(layer), x[part], y[part], *steps, wanted, away_m[part])

        in_parts(work, len(x), threads)
        away_m[located.on_border] = 0.0
        away_m[away_m > radius_m] = np.inf
        return away_m

    def _bounding(self, located: Located) -> list[tuple[int, Flags]]:
        """Return each layer whose edges are borders to some points, and to which."""
        bare = located.special == NO_ROW
        open_land = bare & (located.general == NO_ROW)
        uppers = [
            (place, open_land & ((located.layer == 0) | (located.layer >= place)))
            for place in range(3, len(self.layers))
        ]
        # general grids have most borders: what they leave is a short way to look for others
        every = [(1, bare & ~located.on_border), (0, ~located.on_border), *uppers]
        return [(place, wanted) for place, wanted in every if wanted.any()]


def _nowhere(count: int) -> Located:
    special, general, microgrid, upper = (np.full(count, NO_ROW, dtype=np.int32) for _ in range(4))
    status, on_border = np.zeros(count, dtype=np.uint8), np.zeros(count, dtype=np.bool_)
    return Located(status, on_border, special, general, microgrid, upper, np.zeros(count, dtype=np.int8))


def _part(located: Located, part: slice) -> Located:
    return Located(**{field.name: getattr(located, field.name)[part] for field in fields(Located)})


def _is_of(name: str, place: int) -> bool:
    layer, _, array = name.partition(".")
    return layer == str(place) and array in ARRAYS
