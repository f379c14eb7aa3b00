"""The plane cut along the loud edges: faces over which the number of covering areas is constant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.coverage.everyone import Everyone
from geo.coverage.flat import Flat, Floats, Index, Mask, covers

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """Faces, each enclosed by loud edges; what is enclosed by none lies outside every area and parent.

    Attributes
    ----------
    polygons
        Shape (f,), in CRS units.
    cover
        How many areas of the level cover each face, shape (f,).
    shelter
        How many parents cover it, shape (f,).
    parent_face, parent_row
        Pairs: which parents (rows among the parents) cover which face.
    surplus_face, surplus_group, surplus
        For pairs of face and parent: how many children of that parent cover the face, less one where the parent
        covers it. Anything but 0 is a defect.
    """

    polygons: Geometries
    cover: Counts
    shelter: Counts
    parent_face: Index
    parent_row: Index
    surplus_face: Index
    surplus_group: Index
    surplus: Counts


def chains(flat: Flat, half_edges: Index) -> Geometries:
    """Return half-edges (ascending) as lines, consecutive ones joined."""
    if not len(half_edges):
        return np.zeros(0, dtype=object)
    breaks = np.flatnonzero(np.diff(half_edges) != 1)
    first = np.concatenate([[0], breaks + 1])
    last = np.concatenate([breaks, [len(half_edges) - 1]])
    sizes = half_edges[last] - half_edges[first] + 2
    line = np.repeat(np.arange(len(sizes)), sizes)
    within = np.arange(len(line)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    vertex = np.repeat(half_edges[first], sizes) + within
    return np.asarray(shapely.linestrings(flat.xy[vertex], indices=line), dtype=object)


def faces_between(lines: Geometries, smallest: float) -> Geometries:
    """Node lines where they meet, and return the faces larger than an area in CRS units²."""
    noded = shapely.get_parts(shapely.unary_union(lines))
    faces = shapely.get_parts(shapely.polygonize(noded))
    return np.asarray(faces[shapely.area(faces) > smallest], dtype=object)


def count_cover(polygons: Geometries, everyone: Everyone) -> Faces:
    """Count what covers each face, by one point inside it."""
    points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    group, children = everyone.group, everyone.children
    face, row = _covering(points, everyone)
    child = row < children
    parent_face, parent_row = face[~child], row[~child] - children
    signed = np.where(child, 1, -1)
    grouped = group[row] >= 0
    groups = max(int(group.max(initial=-1)) + 1, 1)
    keys = face[grouped] * groups + group[row[grouped]]
    pairs, inverse = np.unique(keys, return_inverse=True)
    surplus = np.bincount(inverse, weights=signed[grouped], minlength=len(pairs)).astype(np.int64)
    return Faces(
        polygons,
        np.bincount(face[child], minlength=len(points)),
        np.bincount(parent_face, minlength=len(points)),
        parent_face,
        parent_row,
        pairs // groups,
        pairs % groups,
        surplus,
    )


def _covering(points: Floats, everyone: Everyone) -> tuple[Index, Index]:
    """Return pairs (point, row) of all areas that cover points."""
    point, row = everyone.tree.query(shapely.points(points))
    flat = everyone.flat
    inside = covers(flat.xy, flat.start, flat.first_ring, points, point, row)
    return point[inside], row[inside]


def polygonal_parts(geoms: Geometries, smallest: float) -> tuple[Geometries, Index]:
    """Return the polygons in geometries that are larger than an area in CRS units², and their rows."""
    parts, row = shapely.get_parts(geoms, return_index=True)
    if (shapely.get_type_id(parts) > 3).any():
        inner, part = shapely.get_parts(parts, return_index=True)
        parts, row = inner, row[part]
    keep: Mask = (shapely.get_dimensions(parts) == 2) & (shapely.area(parts) > smallest)
    return np.asarray(parts[keep], dtype=object), row[keep]


def gather(parts: Geometries, row: Index) -> tuple[Geometries, Index]:
    """Join parts of one row (ascending) into one polygon or multipolygon; return them and their rows."""
    rows, first, index, sizes = np.unique(row, return_index=True, return_inverse=True, return_counts=True)
    joined = np.full(len(rows), None, dtype=object)
    if len(rows):
        joined[:] = shapely.multipolygons(parts, indices=index)
        joined[sizes == 1] = parts[first[sizes == 1]]
    return joined, rows
