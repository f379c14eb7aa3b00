"""Cuts across faces that many areas border on, so that each can have the part along its own border."""

from typing import Final, NamedTuple

import numpy as np
import shapely

from geo.repair.network import Directed, enclosed
from geo.repair.noding import Floats

OUTSIDE: Final = -2
"""Beyond every parent: nobody's."""
UNSETTLED: Final = -3
"""Part of a defect itself; less, by the number of that part, to tell parts from each other."""
MOST_CUTS: Final = 24
TRIED: Final = 8
"""How many of the nearest vertices a cut is tried to."""


class Outline(NamedTuple):
    """Vertices of parents, and vertices that lie on their edges but are none of theirs."""

    corners: set[int]
    nodes: set[int]


Parts = list[tuple[shapely.Geometry, list[Directed]]]


def cut(xy: Floats, polygon: shapely.Geometry, sides: dict[Directed, int], outline: Outline, cell: float) -> Parts:
    """Cut a face from each vertex where the neighbour changes to the nearest vertex of each other neighbour.

    Cuts run between vertices that are there: none is invented. Faces with two neighbours stay whole.

    Parameters
    ----------
    xy
        Vertices, shape (v, 2).
    sides
        The directed pieces around the face, the face on their left, and who is on the other side of each: an area's
        row, or :data:`OUTSIDE`, or :data:`UNSETTLED` or less.
    outline
        Of the parents: borders may end at its corners, so cuts start there as well, and not at its nodes.
    cell
        Cuts stay this far from other vertices, in CRS units.

    Returns
    -------
    list
        Polygons and the directed pieces around each.
    """
    if outline.corners.isdisjoint(at for edge in sides for at in edge):
        sides = {edge: max(owner, UNSETTLED) for edge, owner in sides.items()}
    if len(set(sides.values())) < 3:
        return [(polygon, list(sides))]
    beside: dict[int, set[int]] = {}
    for (a, b), owner in sides.items():
        for vertex in (a, b):
            beside.setdefault(vertex, set()).update(() if owner == UNSETTLED else (owner,))
    sources = [
        at for at, owners in beside.items() if (len(owners) > 1 and at not in outline.nodes) or at in outline.corners
    ]
    chosen = _choose(xy, polygon, beside, sorted(sources), set(sides), outline.nodes, cell)
    if not chosen:
        return [(polygon, list(sides))]
    rim = {(min(edge), max(edge)) for edge in sides}
    faces, left = enclosed(xy, sorted(rim | set(chosen)))
    inside = shapely.contains(polygon, shapely.point_on_surface(faces))
    parts: dict[int, list[Directed]] = {int(at): [] for at in np.flatnonzero(inside)}
    for edge, face in left.items():
        if face in parts:
            parts[face].append(edge)
    return [(faces[at], edges) for at, edges in parts.items()]


def _choose(
    xy: Floats,
    polygon: shapely.Geometry,
    beside: dict[int, set[int]],
    sources: list[int],
    rim: set[Directed],
    barred: set[int],
    cell: float,
) -> list[Directed]:
    """Return cuts, the shortest first, that do not cross each other."""
    vertices = np.array(sorted(beside))
    shapely.prepare(polygon)
    wanted: set[tuple[float, int, int]] = set()
    for at in sources:
        for owner in {owner for owners in beside.values() for owner in owners} - beside[at] - {OUTSIDE}:
            others = np.array(
                [other for other in vertices.tolist() if owner in beside[other] and other not in barred], dtype=np.int64
            )
            away = np.hypot(*(xy[others] - xy[at]).T)
            for index in np.argsort(away, kind="stable")[:TRIED].tolist():
                other = int(others[index])
                if _is_free(xy, polygon, (at, other), vertices, rim, cell):
                    wanted.add((float(away[index]), min(at, other), max(at, other)))
                    break
    chosen: list[Directed] = []
    lines: list[shapely.Geometry] = []
    for _, low, high in sorted(wanted):
        line = shapely.LineString(xy[[low, high]])
        if len(chosen) < MOST_CUTS and not shapely.crosses(line, lines).any():
            chosen.append((low, high))
            lines.append(line)
    return chosen


def _is_free(
    xy: Floats, polygon: shapely.Geometry, ends: Directed, vertices: np.ndarray, rim: set[Directed], cell: float
) -> bool:
    """Tell whether a cut runs inside the face and near no other vertex."""
    if ends in rim or ends[::-1] in rim:
        return False
    line = shapely.LineString(xy[list(ends)])
    if not shapely.covers(polygon, line):
        return False
    others = vertices[(vertices != ends[0]) & (vertices != ends[1])]
    return not shapely.dwithin(line, shapely.points(xy[others]), cell).any()
