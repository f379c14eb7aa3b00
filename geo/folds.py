"""Folds: rings that run along or touch themselves, taken apart into simple rings; no vertex is invented."""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


def unfolded(xy: Floats, tail: Index, head: Index) -> Any:
    """Return the area that directed edges enclose, None where it is nothing.

    Edges that run there and back cancel: hairs, collapsed holes, holes grown together with their shell, parts grown
    together with each other. What touches itself at a vertex is cut there: a neck becomes two parts, a ring that
    touches its shell a hole.

    Parameters
    ----------
    xy
        All vertices, shape (v, 2).
    tail, head
        Ends of the edges of all rings of one area, the interior on their left, shape (e,). Edges cross nowhere.
    """
    tail, head = _uncancelled(tail, head, len(xy))
    if not len(tail):
        return None
    used = np.unique(tail)
    first = np.searchsorted(tail, np.append(used, len(xy)))
    points = xy[used] - xy[used[0]]
    vertex, start = _loops(points, np.searchsorted(used, tail), np.searchsorted(used, head), first)
    ring = np.repeat(np.arange(len(start) - 1), np.diff(start))
    loops = shapely.linearrings(xy[used[vertex]], indices=ring) if len(ring) else np.empty(0, dtype=object)
    return _assembled(loops)


def polygonal(shape: Any) -> Any:
    """Return the polygons of a geometry as one Polygon or MultiPolygon, None where it has none."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]
    deeper = [part for part in shapely.get_parts(shape) if part.geom_type in ("MultiPolygon", "GeometryCollection")]
    for part in deeper:
        inner = polygonal(part)
        parts.extend(shapely.get_parts(inner) if inner is not None else [])
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def _uncancelled(tail: Index, head: Index, count: int) -> tuple[Index, Index]:
    keys, edge = np.unique(np.minimum(tail, head) * count + np.maximum(tail, head), return_inverse=True)
    net = np.bincount(edge, weights=np.sign(head - tail), minlength=len(keys)).astype(np.int64)
    low, high = keys // count, keys % count
    times = np.abs(net)
    tail = np.repeat(np.where(net > 0, low, high), times)
    head = np.repeat(np.where(net > 0, high, low), times)
    order = np.lexsort((head, tail))
    return tail[order], head[order]


def _assembled(loops: npt.NDArray[np.object_]) -> Any:
    """Give each hole (clockwise) to the smallest shell around it; a hole without a shell encloses nothing."""
    is_shell = shapely.is_ccw(loops)
    shells = shapely.polygons(loops[is_shell])
    holes = loops[~is_shell]
    if not len(shells):
        return None
    filled = shapely.polygons(holes)
    hole, shell = shapely.STRtree(shells).query(shapely.point_on_surface(filled), predicate="within")
    # an island in the hole may hold that point too: it is smaller than the hole
    around = shapely.area(shells[shell]) > shapely.area(filled[hole])
    hole, shell = hole[around], shell[around]
    order = np.lexsort((shapely.area(shells[shell]), hole))
    hole, shell = hole[order], shell[order]
    smallest = np.unique(hole, return_index=True)[1]
    hole, shell = hole[smallest], shell[smallest]
    # shells first: the first ring of each polygon is its shell
    rings = np.concatenate([loops[is_shell], holes[hole]])
    polygon = np.concatenate([np.arange(len(shells)), shell])
    by_polygon = np.argsort(polygon, kind="stable")
    whole = shapely.polygons(rings[by_polygon], indices=polygon[by_polygon])
    return whole[0] if len(whole) == 1 else shapely.multipolygons(whole)


@numba.njit(cache=True)
def _turned_to(xy: Any, head: Any, first: Any, used: Any, u: int, v: int) -> int:  # pragma: no cover - compiled
    """Return the unused edge out of v that is met first turning clockwise from v-u, -1 where none is left."""
    back = np.arctan2(xy[u, 1] - xy[v, 1], xy[u, 0] - xy[v, 0])
    best, best_angle = -1, np.inf
    for edge in range(first[v], first[v + 1]):
        if used[edge]:
            continue
        w = head[edge]
        angle = (back - np.arctan2(xy[w, 1] - xy[v, 1], xy[w, 0] - xy[v, 0])) % (2 * np.pi)
        if angle <= 0.0:
            angle = 2 * np.pi
        if angle < best_angle:
            best, best_angle = edge, angle
    return best


@numba.njit(cache=True)
def _loops(xy: Any, tail: Any, head: Any, first: Any) -> Any:  # pragma: no cover - compiled
    """Walk along the interior and cut a loop off wherever the walk comes back to a vertex."""
    out, out_start = np.empty(len(tail), dtype=np.int64), [0]
    n = 0
    used = np.zeros(len(tail), dtype=np.bool_)
    walk = np.empty(len(tail) + 1, dtype=np.int64)
    place = np.full(len(xy), -1, dtype=np.int64)
    for begin in range(len(tail)):
        edge, depth = begin, 0
        while edge >= 0 and not used[edge]:
            used[edge] = True
            walk[depth] = tail[edge]
            place[tail[edge]] = depth
            depth += 1
            v = head[edge]
            if place[v] >= 0:
                low = place[v]
                for k in range(low, depth):
                    out[n] = walk[k]
                    n += 1
                    place[walk[k]] = -1
                out_start.append(n)
                depth = low
            edge = _turned_to(xy, head, first, used, tail[edge], v)
        for k in range(depth):
            place[walk[k]] = -1
    return out[:n].copy(), np.array(out_start)
