"""Which land passes from which area to which, between two states of one layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import CELL_M
from geo.measure import Floats, area_m2, metres_per_degree, width_m
from geo.stored import StoredAreas

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NOBODY: Final = 0
"""The id of whoever has land that no area of the layer has."""
LEAST_WIDTH_M: Final = 2 * CELL_M
"""A new node moves a line by half a cell; nobody gains or loses land by that."""


@dataclass(frozen=True, slots=True, eq=False)
class Exchange:
    """Land that passes between areas; row ``i`` of every column is one pair.

    Attributes
    ----------
    from_ids, to_ids
        Ids of the areas, :data:`NOBODY` where none gives or takes the land, shape (p,).
    geoms
        MultiPolygon, EPSG:4490 degrees, shape (p,).
    area_m2
        m², shape (p,).
    """

    from_ids: Index
    to_ids: Index
    geoms: Geometries
    area_m2: Floats

    def __len__(self) -> int:
        return len(self.from_ids)


def layers_of(before: StoredAreas, after: StoredAreas) -> Iterator[tuple[str, str, StoredAreas, StoredAreas]]:
    """Yield level, kind and the areas of both states, for every level and kind that either of them has."""
    seen = dict.fromkeys([*zip(before.levels, before.kinds, strict=True), *zip(after.levels, after.kinds, strict=True)])
    for level, kind in seen:
        own = [state.take((state.levels == level) & (state.kinds == kind)) for state in (before, after)]
        yield level, kind, own[0], own[1]


def exchanged(before: StoredAreas, after: StoredAreas) -> Exchange:
    """Return which land passes from which area to which.

    Areas are told apart by id. Pieces narrower than :data:`LEAST_WIDTH_M` are left out.

    Parameters
    ----------
    before, after
        One layer: areas of one level and kind.
    """
    old, new = changed_boundaries(before, after)
    gained = _solid(_without(new, before))
    lost = _solid(_without(old, after))
    taker, giver = _meeting(gained, lost)
    pieces = _solid(shapely.intersection(gained[taker], lost[giver]))
    fresh = _solid(shapely.difference(gained, _joined(lost[giver], taker, len(gained))))
    left = _solid(shapely.difference(lost, _joined(gained[taker], giver, len(lost))))
    from_ids = np.concatenate([old.ids[giver], np.full(len(fresh), NOBODY), old.ids])
    to_ids = np.concatenate([new.ids[taker], new.ids, np.full(len(left), NOBODY)])
    geoms = np.concatenate([pieces, fresh, left])
    solid = np.flatnonzero(~shapely.is_empty(geoms) & ~shapely.is_missing(geoms))
    solid = solid[np.lexsort([to_ids[solid], from_ids[solid]])]
    return Exchange(from_ids[solid], to_ids[solid], geoms[solid], area_m2(geoms[solid]))


def changed_boundaries(before: StoredAreas, after: StoredAreas) -> tuple[StoredAreas, StoredAreas]:
    """Return the areas that have another boundary, or are in one state only."""
    _, first, second = np.intersect1d(before.ids, after.ids, assume_unique=True, return_indices=True)
    same = same_boundaries(before.geoms[first], after.geoms[second])
    old = before.take(np.delete(np.arange(len(before)), first[same]))
    return old, after.take(np.delete(np.arange(len(after)), second[same]))


def same_boundaries(left: Geometries, right: Geometries) -> Mask:
    """Tell which boundaries have the same vertices, wherever their rings begin; two unknown ones are the same."""
    same = shapely.equals_identical(left, right) | (shapely.is_missing(left) & shapely.is_missing(right))
    rest = np.flatnonzero(~same & (shapely.get_num_coordinates(left) == shapely.get_num_coordinates(right)))
    same[rest] = shapely.equals_identical(_normal(left[rest]), _normal(right[rest]))
    return np.asarray(same, dtype=bool)


def displacements_m(old: Geometries, new: Geometries) -> Floats:
    """Return how far each border moved at most: from any vertex of either to the line of the other, in m, shape (n,).

    Parameters
    ----------
    old, new
        Polygons and MultiPolygons, EPSG:4490 degrees; where either is None the distance is infinite.
    """
    moved_m = np.full(len(old), np.inf)
    rows = np.flatnonzero(~shapely.is_missing(old) & ~shapely.is_missing(new))
    if not len(rows):
        return moved_m
    bounds = shapely.bounds(old[rows])
    along_m = np.column_stack(metres_per_degree((bounds[:, 1] + bounds[:, 3]) / 2))
    first, second = (shapely.boundary(_scaled(geoms[rows], along_m)) for geoms in (old, new))
    moved_m[rows] = np.maximum(_farthest_m(first, second), _farthest_m(second, first))
    return moved_m


def _farthest_m(lines: Geometries, others: Geometries) -> Floats:
    """Return the greatest distance of a vertex of each line from the other line."""
    xy, row = shapely.get_coordinates(lines, return_index=True)
    shapely.prepare(others)
    apart = shapely.distance(shapely.points(xy), others[row])
    farthest = np.zeros(len(lines))
    np.maximum.at(farthest, row, apart)
    return farthest


def _scaled(geoms: Geometries, along_m: Floats) -> Geometries:
    copies = shapely.transform(geoms, lambda xy: xy)
    xy, row = shapely.get_coordinates(copies, return_index=True)
    scaled: Geometries = shapely.set_coordinates(copies, xy * along_m[row])
    return scaled


def _normal(geoms: Geometries) -> Geometries:
    """Return boundaries with their rings and pieces in one order, a single piece as a polygon."""
    shapes = geoms.copy()
    one = shapely.get_num_geometries(shapes) == 1
    shapes[one] = shapely.get_geometry(shapes[one], 0)
    return np.asarray(shapely.normalize(shapes), dtype=object)


def _without(areas: StoredAreas, other: StoredAreas) -> Geometries:
    """Return what each area has and the same area of the other state has not."""
    row_of = {one: row for row, one in enumerate(other.ids.tolist())}
    rows = [row_of.get(one, -1) for one in areas.ids.tolist()]
    theirs = np.full(len(areas), shapely.Polygon(), dtype=object)
    there = np.array(rows, dtype=np.int64) >= 0
    theirs[there] = other.geoms[np.array(rows, dtype=np.int64)[there]]
    theirs[shapely.is_missing(theirs)] = shapely.Polygon()
    own = areas.geoms.copy()
    own[shapely.is_missing(own)] = shapely.Polygon()
    return np.asarray(shapely.difference(own, theirs), dtype=object)


def _meeting(gained: Geometries, lost: Geometries) -> tuple[Index, Index]:
    if not len(gained) or not len(lost):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    taker, giver = shapely.STRtree(lost).query(gained, predicate="intersects")
    return taker, giver


def _joined(geoms: Geometries, owner: Index, count: int) -> Geometries:
    """Return the union of the geometries of each owner, empty where it has none."""
    joined = np.full(count, shapely.Polygon(), dtype=object)
    order = np.argsort(owner, kind="stable")
    owners, starts = np.unique(owner[order], return_index=True)
    for one, own in zip(owners.tolist(), np.split(geoms[order], starts[1:]), strict=False):
        joined[one] = shapely.union_all(own)
    return joined


def _solid(geoms: Any) -> Geometries:
    """Return the polygons of each geometry that are wide enough, as one MultiPolygon; empty where there are none."""
    parts, row = shapely.get_parts(np.asarray(geoms, dtype=object), return_index=True)
    while (shapely.get_num_geometries(parts) > 1).any() or (shapely.get_type_id(parts) > 3).any():
        parts, within = shapely.get_parts(parts, return_index=True)
        row = row[within]
    wide = np.flatnonzero((shapely.get_dimensions(parts) == 2) & ~shapely.is_empty(parts))
    wide = wide[width_m(parts[wide]) >= LEAST_WIDTH_M]
    solid = np.full(len(geoms), shapely.Polygon(), dtype=object)
    owners, index = np.unique(row[wide], return_inverse=True)
    if len(owners):
        solid[owners] = shapely.multipolygons(parts[wide], indices=index)
    return solid
