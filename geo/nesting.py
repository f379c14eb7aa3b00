"""Which parent holds a child: by largest share, where neither a code nor a field says it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries

Index = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_NOISE: Final = 3e-4
"""How far a child may reach over a border, of a parent's usual width, before shares are computed: steers only speed."""
_FEW: Final = 1000
"""So many children are computed at once sooner than the parents are prepared."""


@dataclass(frozen=True, eq=False)
class Holders:
    """The holder of each child.

    Attributes
    ----------
    parent
        Row of the parent that holds the largest share, shape (n,); -1 where none touches its interior.
    children, parents
        What was asked for.
    """

    parent: Index
    children: Geometries
    parents: Geometries

    @cached_property
    def share(self) -> Floats:
        """The largest share of each child's own area in [0, 1], shape (n,); computed when asked for."""
        share = np.zeros(len(self.parent))
        held = np.flatnonzero(self.parent >= 0)
        own = shapely.area(self.children[held])
        common = shapely.area(shapely.intersection(self.children[held], self.parents[self.parent[held]]))
        share[held] = np.minimum(common / np.where(own > 0, own, 1.0), 1.0)
        return share


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
    if not len(parents) or not len(children):
        return Holders(holder, children, parents)
    for find in (_holding_all, _holding_nearly_all, _holding_most):
        rest = np.flatnonzero((holder < 0) & ~shapely.is_missing(children))
        holder[rest] = find(children[rest], parents)
    return Holders(holder, children, parents)


def point_holder(children: Geometries, parents: Geometries) -> Index:
    """Return the one parent inside which an inner point of each child lies, -1 where none or several do.

    A child that reaches beyond this parent may have more of itself elsewhere: whoever asks has to look.
    """
    holder = np.full(len(children), -1, dtype=np.int64)
    parent, child = _holding_a_point(children, parents)
    lone = np.bincount(child, minlength=len(children))[child] == 1
    holder[child[lone]] = parent[lone]
    return holder


def _holding_a_point(children: Geometries, parents: Geometries) -> tuple[Index, Index]:
    """Return pairs of parent and child where the parent's inside holds an inner point of the child."""
    shapely.prepare(parents)
    # asked by parent: GEOS prepares the geometry that asks, and a parent has many children
    parent, child = shapely.STRtree(shapely.point_on_surface(children)).query(parents, predicate="contains_properly")
    return parent, child


def _holding_all(children: Geometries, parents: Geometries) -> Index:
    """Return the first parent that covers each child, -1 where none does."""
    holder = np.full(len(children), -1, dtype=np.int64)
    parent, child = _holding_a_point(children, parents)
    whole = shapely.covers(parents[parent], children[child])
    # from the last to the first, so that the first parent stays
    holder[child[whole][::-1]] = parent[whole][::-1]
    return holder


def _holding_nearly_all(children: Geometries, parents: Geometries) -> Index:
    """Return the parent that surely holds the largest share though borders differ by noise, -1 where that is not sure.

    A child that a slightly grown parent covers lacks at most what the parent grew by; of a slightly shrunken parent
    that it does not meet, it holds at most what that one shrank by. No intersection need be computed.
    """
    holder = np.full(len(children), -1, dtype=np.int64)
    if len(children) < _FEW:
        return holder
    size = np.nan_to_num(shapely.area(parents))
    reach = _NOISE * float(np.sqrt(np.median(size)))
    shrunk = shapely.buffer(parents, -reach, quad_segs=1, join_style="mitre")
    grown = shapely.buffer(parents, reach, quad_segs=1, join_style="mitre")
    boxes = shapely.STRtree(children)
    parent, child = boxes.query(shrunk, predicate="intersects")
    lone = np.bincount(child, minlength=len(children))[child] == 1
    parent, child = parent[lone], child[lone]
    shapely.prepare(grown)
    within = shapely.covers(grown[parent], children[child])
    parent, child = parent[within], child[within]
    rim = size - np.nan_to_num(shapely.area(shrunk))
    others = np.full(len(children), -1, dtype=np.int64)
    others[child] = parent
    other, near = boxes.query(parents)
    most = np.zeros(len(children))
    foreign = others[near] != other
    np.maximum.at(most, near[foreign], rim[other[foreign]])
    least = shapely.area(children[child]) - (shapely.area(grown[parent]) - size[parent])
    sure = least > most[child]
    holder[child[sure]] = parent[sure]
    return holder


def _holding_most(children: Geometries, parents: Geometries) -> Index:
    """Return the parent that holds most of each child, -1 where none touches its interior."""
    holder = np.full(len(children), -1, dtype=np.int64)
    child, parent = shapely.STRtree(parents).query(children, predicate="intersects")
    common = shapely.area(shapely.intersection(children[child], parents[parent]))
    order = np.lexsort((parent, -common, child))
    child, parent, common = child[order], parent[order], common[order]
    best = np.unique(child, return_index=True)[1]
    best = best[common[best] > 0]
    holder[child[best]] = parent[best]
    return holder
