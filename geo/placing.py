"""Which area of a layer holds a point, the area below it, or most of another area; areas are told by their ids."""

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.exchange import NOBODY
from geo.stored import StoredAreas

Index = npt.NDArray[np.int64]


def by_code(areas: StoredAreas) -> StoredAreas:
    """Return the same areas sorted by code."""
    return areas.take(np.argsort(areas.codes.astype(str), kind="stable"))


def holders(lonlat: npt.NDArray[np.float64], areas: StoredAreas, named: Index) -> Index:
    """Return the id of the area that holds each point, :data:`NOBODY` where none does, shape (n,)."""
    held = np.zeros(len(lonlat), dtype=np.int64)
    known = np.flatnonzero(~np.isnan(lonlat).any(axis=1))
    point, row = shapely.STRtree(areas.geoms).query(shapely.points(lonlat[known]), predicate="intersects")
    if not len(point):
        return held
    point, ids = known[point], areas.ids[row]
    # Of several, the one that the ledger names comes first, else the one with the smallest code.
    order = np.lexsort([row, ids != named[point], point])
    first = np.unique(point[order], return_index=True)[1]
    held[point[order][first]] = ids[order][first]
    return held


def ancestors(ids: Index, every: StoredAreas, layer: StoredAreas) -> Index:
    """Return the area of a layer that each id is, or lies below; :data:`NOBODY` where there is none, shape (n,)."""
    own, parent_of = set(layer.ids.tolist()), dict(zip(every.ids.tolist(), every.parent_ids.tolist(), strict=True))
    found: dict[int, int] = {}
    for one in set(ids.tolist()):
        above, seen = one, set[int]()
        while above not in own and above in parent_of and above not in seen:
            seen.add(above)
            above = parent_of[above]
        found[one] = above if above in own else NOBODY
    return np.array([found[one] for one in ids.tolist()], dtype=np.int64)


def hosts(geoms: Geometries, layer: StoredAreas) -> Index:
    """Return the id of the area that holds the largest part of each geometry, shape (n,)."""
    found = np.zeros(len(geoms), dtype=np.int64)
    row, area = shapely.STRtree(layer.geoms).query(geoms, predicate="intersects")
    size = shapely.area(shapely.intersection(geoms[row], layer.geoms[area]))
    row, area, size = row[size > 0], area[size > 0], size[size > 0]
    order = np.lexsort([area, -size, row])
    first = np.unique(row[order], return_index=True)[1]
    found[row[order][first]] = layer.ids[area[order][first]]
    return found
