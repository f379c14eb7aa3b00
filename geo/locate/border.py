"""The border rule: which area claims a point, exactly, also on edges, vertices and triple points.

On a border the answer is the area of the first sector met turning counter-clockwise from due east; east
itself counts as just north of east; uncovered sectors are skipped, so an outer border and a gap's rim are
inside. Every layer is read in the same sector. All arithmetic is on lattice integers, without rounding.

The winding number with half-open edges (Sunday 2001, "Inclusion of a point in a polygon") is the one of a
point moved east by a little and north by far less: it reads the first sector. Every border that the turning
ray then passes adds one where the interior begins and takes one where it ends.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cmp_to_key
from math import gcd
from typing import Literal

import numpy as np
import numpy.typing as npt

from geo.lattice import Cells, orientation
from geo.rings import Index, Rings

Ray = tuple[int, int]
Rows = tuple[int, ...]
Mask = npt.NDArray[np.bool_]
Status = Literal["found", "gap", "outside", "conflict"]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Directed edges of many areas, interior on the left.

    Attributes
    ----------
    a, b
        Start and end on the lattice, int64, shape (e, 2).
    area
        The row of each edge's area, shape (e,).
    """

    a: Cells
    b: Cells
    area: Index


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What covers the nearest surroundings of a point.

    Attributes
    ----------
    rays
        Directions of the borders that start at the point, counter-clockwise from due east (which itself comes
        last), shape (r,). Divided by their greatest common divisor.
    covers
        Whether area k covers sector i, shape (s, n). Sector 0 lies just north of due east, sector i follows
        ray i - 1.
    """

    rays: tuple[Ray, ...]
    covers: Mask


class Layer(IntEnum):
    """What an area is to the rule; the levels above the grids are ``UPPER``."""

    UPPER = 0
    GENERAL = 1
    SPECIAL = 2
    MICROGRID = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims a point, as rows of the areas that were asked.

    Attributes
    ----------
    status
        ``found``, ``gap`` (areas but no grid), ``outside`` or ``conflict`` (several areas of one layer).
    on_border
        Whether the point lies on a border of the effective partition: special grids, else general grids, else
        the deepest level there is. A general border underneath a special grid is none.
    specials, generals, microgrids
        The areas of each layer that cover the chosen sector.
    uppers
        The areas above the grids that cover the chosen sector.
    deepest
        Without a grid: those of the uppers that belong to the deepest level; else empty.
    touching
        All areas that are effective in some sector, the chosen ones included.
    """

    status: Status
    on_border: bool
    specials: Rows = ()
    generals: Rows = ()
    microgrids: Rows = ()
    uppers: Rows = ()
    deepest: Rows = ()
    touching: Rows = ()


def edges_of(rings: Rings) -> Edges:
    """Return the directed edges of rings that lie on the lattice."""
    return Edges(rings.xy, rings.xy[rings.next_vertex()], rings.area[rings.ring_of_vertex()])


def sector_cover(point: Ray, edges: Edges, count: int) -> Around:
    """Tell for every sector around a point which areas cover it.

    Parameters
    ----------
    point
        Lattice integers (x, y).
    edges
        The edges of all areas, on the lattice.
    count
        Number of areas.
    """
    winding = _clear_crossings(point, edges, count)
    turns: dict[Ray, Counter[int]] = {}
    for row, crossing, rays in _close_edges(point, edges):
        winding[row] += crossing
        for ray, change in rays:
            turns.setdefault(ray, Counter())[row] += change
    rays_in_order = tuple(sorted(turns, key=cmp_to_key(_turn)))
    sectors = [winding > 0]
    for ray in rays_in_order:
        if not _is_east(ray):
            for row, change in turns[ray].items():
                winding[row] += change
            sectors.append(winding > 0)
    return Around(rays_in_order, np.array(sectors))


def first_covered(around: Around, among: Mask | None = None) -> tuple[int, Rows] | None:
    """Return the first covered sector and the areas that cover it, or None where no sector is covered.

    Parameters
    ----------
    around
        The surroundings of the point.
    among
        The areas that count, shape (n,); all by default.
    """
    covers = around.covers if among is None else around.covers & among
    sectors = np.flatnonzero(covers.any(axis=1))
    if not len(sectors):
        return None
    return int(sectors[0]), _rows(covers[sectors[0]])


def claim(around: Around, layers: npt.ArrayLike, depths: npt.ArrayLike) -> Claim:
    """Apply the border rule to all layers at once.

    Parameters
    ----------
    around
        The surroundings of the point.
    layers
        The :class:`Layer` of each area, shape (n,).
    depths
        How deep the level of each area lies, shape (n,); the largest areas have the smallest number.
    """
    layer, depth = np.asarray(layers, dtype=np.int64), np.asarray(depths, dtype=np.int64)
    effective = [_effective(cover, layer, depth) for cover in around.covers]
    grids = first_covered(around, (layer == Layer.GENERAL) | (layer == Layer.SPECIAL))
    chosen = grids if grids is not None else _deepest(around, layer, depth)
    if chosen is None:
        return Claim("outside", on_border=False)
    cover = around.covers[chosen[0]]
    uppers, generals, specials, microgrids = (_rows(cover & (layer == kind)) for kind in Layer)
    deepest = () if grids is not None else chosen[1]
    ambiguous = any(len(rows) > 1 for rows in (specials, generals, microgrids, deepest))
    plain: Status = "gap" if grids is None else "found"
    return Claim(
        status="conflict" if ambiguous else plain,
        on_border=len(set(effective)) > 1,
        specials=specials,
        generals=generals,
        microgrids=microgrids,
        uppers=uppers,
        deepest=deepest,
        touching=tuple(sorted({row for rows in effective for row in rows})),
    )


def _clear_crossings(point: Ray, edges: Edges, count: int) -> Index:
    """Return the winding numbers, shape (count,), by the edges that lie east of the point as a whole."""
    px, py = point
    ahead = (edges.a[:, 0] > px) & (edges.b[:, 0] > px)
    start_low, end_low = edges.a[:, 1] <= py, edges.b[:, 1] <= py
    winding = np.bincount(edges.area[ahead & start_low & ~end_low], minlength=count)
    winding -= np.bincount(edges.area[ahead & ~start_low & end_low], minlength=count)
    return winding.astype(np.int64)


def _close_edges(point: Ray, edges: Edges) -> Iterator[tuple[int, int, list[tuple[Ray, int]]]]:
    """Yield row, crossing and rays of the edges whose box holds the point: few, so Python's integers do."""
    px, py = point
    low, high = np.minimum(edges.a, edges.b), np.maximum(edges.a, edges.b)
    close = ((low <= point) & (high >= point)).all(axis=1)
    for (ax, ay), (bx, by), row in zip(
        edges.a[close].tolist(), edges.b[close].tolist(), edges.area[close].tolist(), strict=True
    ):
        side = orientation(ax, ay, bx, by, px, py)
        if side == 0:
            ends = ((_reduced(bx - px, by - py), 1), (_reduced(ax - px, ay - py), -1))
            yield row, 0, [(ray, change) for ray, change in ends if ray != (0, 0)]
        else:
            upward, downward = ay <= py < by and side > 0, by <= py < ay and side < 0
            yield row, int(upward) - int(downward), []


def _reduced(dx: int, dy: int) -> Ray:
    common = gcd(dx, dy) or 1
    return dx // common, dy // common


def _is_east(ray: Ray) -> bool:
    return ray[1] == 0 and ray[0] > 0


def _turn(first: Ray, second: Ray) -> int:
    """Compare two directions by their angle in (0, 360] degrees from due east."""
    half = _lower_half(first) - _lower_half(second)
    return half or -orientation(0, 0, *first, *second)


def _lower_half(ray: Ray) -> int:
    return int(ray[1] < 0 or _is_east(ray))


def _effective(cover: Mask, layer: Index, depth: Index) -> Rows:
    for kind in (Layer.SPECIAL, Layer.GENERAL):
        grids = _rows(cover & (layer == kind))
        if grids:
            return grids
    uppers = cover & (layer == Layer.UPPER)
    return _rows(uppers & (depth == depth[uppers].max())) if uppers.any() else ()


def _deepest(around: Around, layer: Index, depth: Index) -> tuple[int, Rows] | None:
    uppers = around.covers.any(axis=0) & (layer == Layer.UPPER)
    if not uppers.any():
        return None
    return first_covered(around, uppers & (depth == depth[uppers].max()))


def _rows(mask: Mask) -> Rows:
    return tuple(np.flatnonzero(mask).tolist())
