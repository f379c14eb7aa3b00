"""Drawn lines led over the borders that are there, so that what follows a border shares it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.adjust.lines import Index, distinct, keys
from geo.errors import BadInput
from geo.lattice import CELL_DEG, SCALE, Cells
from geo.measure import metres_per_degree
from geo.rings import rings_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Directed edges on the lattice.

    Attributes
    ----------
    a, b
        Start and end, shape (e, 2); of rings, the interior lies on the left.
    owner
        The number of the shape that each belongs to, shape (e,).
    """

    a: Cells
    b: Cells
    owner: Index

    @classmethod
    def none(cls) -> "Edges":
        """Return no edges."""
        nothing = np.empty((0, 2), dtype=np.int64)
        return cls(nothing, nothing, np.empty(0, dtype=np.int64))

    @classmethod
    def of_areas(cls, geoms: Any) -> "Edges":
        """Return the edges of stored boundaries, shape (n,); the owner is the row."""
        rings = rings_of(np.asarray(geoms, dtype=object), lattice=True)
        return cls(rings.xy, rings.xy[rings.next_vertex()], rings.area[rings.ring_of_vertex()])

    def within(self, low: Cells, high: Cells) -> "Edges":
        """Return the edges whose box meets a box, shape (2,) each end of it."""
        meets = (np.maximum(self.a, self.b) >= low) & (np.minimum(self.a, self.b) <= high)
        chosen = meets.all(axis=1)
        return Edges(self.a[chosen], self.b[chosen], self.owner[chosen])


def metres_per_cell(lat: float) -> Floats:
    """Return the m of a cell, east and north, shape (2,)."""
    lon_m, lat_m = metres_per_degree(np.array([lat]))
    return np.array([float(lon_m[0]), float(lat_m[0])]) * CELL_DEG


def require_sound(shape: Any) -> None:
    """Refuse a drawn polygon that is none.

    Raises
    ------
    BadInput
        ``drawn-invalid``, with the place.
    """
    if not np.isfinite(shapely.get_coordinates(shape)).all() or shape.is_empty:
        raise BadInput("drawn-empty")
    if not shapely.is_valid(shape):
        reason, _, place = shapely.is_valid_reason(shape).partition("[")
        lon, lat = (float(value) for value in place.rstrip("]").split()[:2])
        raise BadInput("drawn-invalid", place={"lon": lon, "lat": lat}, detail=reason, lon=lon, lat=lat)


def polygon_edges(shapes: Any, stored: Edges, tolerance_m: float) -> Edges:
    """Return the edges of drawn polygons, led over stored ones.

    Parameters
    ----------
    shapes
        Valid Polygons and MultiPolygons, degrees, shape (n,); the owner of an edge is the row.
    stored
        Edges near them: vertices within the tolerance move onto them, and edges run through their vertices.
    tolerance_m
        Distance in m.
    """
    rings = rings_of(np.asarray(shapes, dtype=object))
    ahead = rings.next_vertex()
    return led_over(
        rings.xy,
        np.column_stack([np.arange(len(ahead)), ahead]),
        rings.area[rings.ring_of_vertex()],
        stored,
        tolerance_m,
    )


def line_edges(lines: Any, stored: Edges, tolerance_m: float) -> Edges:
    """Return the edges of drawn lines (LineStrings, degrees, shape (n,)), led over stored ones; owners are rows."""
    xy, row = shapely.get_coordinates(lines, return_index=True)
    first = np.flatnonzero(row[1:] == row[:-1])
    return led_over(xy, np.column_stack([first, first + 1]), row[first].astype(np.int64), stored, tolerance_m)


def led_over(lonlat: Floats, ends: Index, owner: Index, stored: Edges, tolerance_m: float) -> Edges:
    """Lead edges over stored ones.

    Vertices within the tolerance of a stored vertex become it; those within the tolerance of a stored edge move to
    their foot on it. Then edges run through the stored vertices within the tolerance of them.

    Parameters
    ----------
    lonlat
        Vertices, degrees, shape (v, 2).
    ends, owner
        Both vertices of each edge, shape (e, 2), and what it belongs to.
    """
    metres = metres_per_cell(float(lonlat[:, 1].mean()))
    origin = np.rint(lonlat[0] * SCALE).astype(np.int64)
    drawn = lonlat * SCALE - origin
    corners = distinct(np.concatenate([stored.a, stored.b]))[0] if len(stored.a) else np.empty((0, 2), dtype=np.int64)
    moved = _moved(drawn * metres, corners - origin, (stored.a - origin, stored.b - origin), metres, tolerance_m)
    a, b = moved[ends[:, 0]], moved[ends[:, 1]]
    # what a drawn line visits by itself it must not run through before: it would turn back
    passing = corners[~np.isin(keys(corners), keys(moved + origin))]
    line, corner = _passed(a * metres, b * metres, (passing - origin) * metres, tolerance_m)
    a, b, owner = _inserted(a + origin, b + origin, owner, line, passing[corner])
    real = (a != b).any(axis=1)
    return Edges(a[real], b[real], owner[real])


def _moved(drawn_m: Floats, corners: Cells, edges: tuple[Cells, Cells], metres: Floats, tolerance_m: float) -> Cells:
    """Return where each drawn vertex goes, in cells from the origin, shape (v, 2)."""
    moved = np.rint(drawn_m / metres).astype(np.int64)
    if not len(corners):
        return moved
    points = shapely.points(drawn_m)
    on = shapely.STRtree(shapely.points(corners * metres)).query_nearest(
        points, max_distance=tolerance_m, all_matches=False
    )
    moved[on[0]] = corners[on[1]]
    rest = np.setdiff1d(np.arange(len(points)), on[0])
    start, end = edges[0] * metres, edges[1] * metres
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    vertex, edge = shapely.STRtree(lines).query_nearest(points[rest], max_distance=tolerance_m, all_matches=False)
    at, vertex = drawn_m[rest[vertex]], rest[vertex]
    along = end[edge] - start[edge]
    share = ((at - start[edge]) * along).sum(axis=1) / (along * along).sum(axis=1)
    foot = start[edge] + np.clip(share, 0, 1)[:, None] * along
    moved[vertex] = np.rint(foot / metres).astype(np.int64)
    return moved


def _passed(a_m: Floats, b_m: Floats, corners_m: Floats, tolerance_m: float) -> tuple[Index, Index]:
    """Return the stored vertices that each edge is to run through, in order: rows of edge and vertex."""
    empty = np.empty(0, dtype=np.int64)
    if not len(corners_m):
        return empty, empty
    lines = shapely.linestrings(np.stack([a_m, b_m], axis=1))
    line, corner = shapely.STRtree(shapely.points(corners_m)).query(lines, predicate="dwithin", distance=tolerance_m)
    along, off, back = b_m[line] - a_m[line], corners_m[corner] - a_m[line], corners_m[corner] - b_m[line]
    whole = np.hypot(*along.T)
    share = (along * off).sum(axis=1)
    from_ends = np.stack([np.hypot(*off.T), np.hypot(*back.T)])
    taken = (share > 0) & (share < whole * whole) & (from_ends.max(axis=0) < whole) & (from_ends.min(axis=0) > 0)
    order = np.flatnonzero(taken)
    order = order[np.lexsort((share[order], line[order]))]
    return line[order].astype(np.int64), corner[order].astype(np.int64)


def _inserted(a: Cells, b: Cells, owner: Index, line: Index, points: Cells) -> tuple[Cells, Cells, Index]:
    """Cut edges at points in order along them."""
    last = np.flatnonzero(np.append(line[1:] != line[:-1], True)[: len(line)]) if len(line) else line
    first = np.flatnonzero(np.append(True, line[1:] != line[:-1])[: len(line)]) if len(line) else line
    start = np.concatenate([a, points])
    end = np.concatenate([b, points])
    end_of_edge = b.copy()
    if len(line):
        following = np.roll(points, -1, axis=0)
        following[last] = b[line[last]]
        end_of_edge[line[first]] = points[first]
        end = np.concatenate([end_of_edge, following])
    return start, end, np.concatenate([owner, owner[line]])
