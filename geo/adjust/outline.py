"""Whether adjustments leave the common outline of a level as it was, corner by corner."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import snap
from geo.stored import StoredAreas


def levels_kept(before: StoredAreas, after: StoredAreas, touched: Collection[int]) -> frozenset[str]:
    """Return the levels on which some general areas have, all together, the outline that they had.

    Edges that two areas share cancel; where the rest is the same before and after, land and corners only changed
    hands among these areas, and no other area need know of it.

    Parameters
    ----------
    before, after
        States that hold the areas; boundaries on the lattice.
    touched
        Ids of the areas whose boundaries may differ.
    """
    ids = np.array(list(touched), dtype=np.int64)
    sides = [areas.take(np.isin(areas.ids, ids) & (areas.kinds == "general")) for areas in (before, after)]
    levels = {str(level) for side in sides for level in side.levels}
    return frozenset(level for level in levels if _same_outline(*(side.geoms[side.levels == level] for side in sides)))


def _same_outline(one: Geometries, other: Geometries) -> bool:
    return np.array_equal(outline_edges(one), outline_edges(other))


def outline_edges(geoms: Geometries) -> npt.NDArray[np.int64]:
    """Return the edges that are left where opposite ones cancel, shape (e, 5): x, y and x, y in cells, how often."""
    polygons = shapely.orient_polygons(shapely.get_parts(geoms))
    rings = shapely.get_rings(polygons)
    cells, ring = shapely.get_coordinates(rings, return_index=True)
    xy = snap(cells)
    inner = ring[1:] == ring[:-1]
    tail, head = xy[:-1][inner], xy[1:][inner]
    turned = (tail[:, 0] > head[:, 0]) | ((tail[:, 0] == head[:, 0]) & (tail[:, 1] > head[:, 1]))
    edges = np.where(turned[:, None], np.hstack([head, tail]), np.hstack([tail, head]))
    distinct, row = np.unique(edges, axis=0, return_inverse=True)
    net = np.bincount(row.ravel(), weights=np.where(turned, -1, 1), minlength=len(distinct)).astype(np.int64)
    return np.column_stack([distinct, net])[net != 0].reshape(-1, 5)
