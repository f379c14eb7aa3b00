"""Which parent holds a child: by largest share, where neither a code nor a field says it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries

Index = npt.NDArray[np.int64]


class Holders(NamedTuple):
    """The holder of each child.

    Attributes
    ----------
    parent
        Row of the parent that holds the largest share, shape (n,); -1 where none touches its interior.
    share
        That share of the child's own area in [0, 1], shape (n,).
    """

    parent: Index
    share: npt.NDArray[np.float64]


def largest_share(children: Geometries, parents: Geometries) -> Holders:
    """Find the parent that holds the largest share of each child.

    Shares are ratios of planar areas in the units given, so degrees serve as well as metres. Equal shares go to the
    first parent.

    Parameters
    ----------
    children, parents
        Polygons and MultiPolygons, shapes (n,) and (m,); None is held by nobody and holds nobody.
    """
    holder = np.full(len(children), -1, dtype=np.int64)
    share = np.zeros(len(children))
    if not len(parents) or not len(children):
        return Holders(holder, share)
    shapely.prepare(parents)
    # asked by parent: GEOS prepares the geometry that asks, and a parent has many children
    parent, child = shapely.STRtree(shapely.point_on_surface(children)).query(parents, predicate="contains_properly")
    whole = shapely.covers(parents[parent], children[child])
    # from the last to the first, so that the first parent stays
    parent, child = parent[whole][::-1], child[whole][::-1]
    holder[child] = parent
    share[child] = 1.0
    rest = np.flatnonzero((holder < 0) & ~shapely.is_missing(children))
    where, parent = shapely.STRtree(parents).query(children[rest], predicate="intersects")
    child = rest[where]
    common = shapely.area(shapely.intersection(children[child], parents[parent]))
    order = np.lexsort((parent, -common, child))
    child, parent, common = child[order], parent[order], common[order]
    best = np.unique(child, return_index=True)[1]
    best = best[common[best] > 0]
    holder[child[best]] = parent[best]
    own = shapely.area(children[child[best]])
    share[child[best]] = np.minimum(common[best] / np.where(own > 0, own, 1.0), 1.0)
    return Holders(holder, share)
