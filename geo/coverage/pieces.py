"""From pieces of the plane to findings: measured, and the overlap, gap and outside pieces themselves."""

from collections.abc import Sequence

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from geo.areas import Geometries
from geo.coverage.arrangement import Faces, gather, polygonal_parts
from geo.coverage.everyone import Everyone
from geo.coverage.flat import Index, Mask
from geo.coverage.metric import Metric
from geo.findings import Finding, make_findings

_ALL = 1 - 1e-9
"""A share above this is the whole, but for rounding."""


def measured(
    kind: str, codes: Sequence[tuple[str, ...]], geoms: Geometries, metric: Metric, tolerance_m: float
) -> list[Finding]:
    """Build findings of polygonal pieces; the width is that of the widest part."""
    if not len(geoms):
        return []
    parts, row = shapely.get_parts(geoms, return_index=True)
    width_m = np.zeros(len(geoms))
    np.maximum.at(width_m, row, metric.width_m(parts))
    area_m2 = np.bincount(row, weights=metric.area_m2(parts), minlength=len(geoms))
    return make_findings(
        kind, codes, geoms, cell=metric.cell, area_m2=area_m2, width_m=width_m, tolerance_m=tolerance_m
    )


def overlaps(
    faces: Faces, everyone: Everyone, twins: set[tuple[int, int]], metric: Metric, tolerance_m: float
) -> list[Finding]:
    """Return one finding for each pair of areas that share interior: the whole shared piece.

    Parameters
    ----------
    twins
        Pairs of rows with the same boundary: they are duplicates.
    """
    crowded = faces.polygons[faces.cover > 1]
    if not len(crowded):
        return []
    left, right = _pairs_sharing(crowded, everyone)
    if twins:
        pairs = zip(left.tolist(), right.tolist(), strict=True)
        apart = np.array([pair not in twins for pair in pairs], dtype=bool)
        left, right = left[apart], right[apart]
    codes, geoms = everyone.level.codes, everyone.level.geoms
    shared = shapely.intersection(geoms[left], geoms[right])
    pieces, pair = gather(*polygonal_parts(shared, metric.cell**2))
    named = [_sorted(codes[left[i]], codes[right[i]]) for i in pair]
    return measured("overlap", named, pieces, metric, tolerance_m)


def _sorted(*codes: str) -> tuple[str, ...]:
    return tuple(sorted(str(code) for code in codes))


def _pairs_sharing(faces: Geometries, everyone: Everyone) -> tuple[Index, Index]:
    """Return pairs of areas (rows, left < right) that both reach into one of the faces."""
    face, row = everyone.reaching_into(faces)
    near, at = np.unique(row, return_inverse=True)
    touches = csr_array((np.ones(len(face), dtype=np.int32), (at, face)), shape=(len(near), len(faces)))
    geoms = everyone.level.geoms[near]
    left, right = shapely.STRtree(geoms).query(geoms)
    once = left < right
    left, right = left[once], right[once]
    common = touches[left].multiply(touches[right]).sum(axis=1)
    shared: Mask = np.asarray(common).ravel() > 0
    return near[left[shared]], near[right[shared]]


def gaps(faces: Faces, everyone: Everyone, open_face: Mask, metric: Metric, tolerance_m: float) -> list[Finding]:
    """Return one finding for each connected piece that no area of the level covers.

    A parent that nothing covers is one gap, however many parts it has.

    Parameters
    ----------
    open_face
        Faces outside every parent that count as gaps all the same, shape (f,).
    """
    parents, bare = everyone.parents, faces.cover == 0
    within = bare[faces.parent_face]
    face = np.concatenate([faces.parent_face[within], np.flatnonzero(bare & open_face)])
    parent = np.concatenate([faces.parent_row[within], np.full(len(face) - within.sum(), -1)])
    pieces, owner = _connected(faces.polygons[face], parent)
    touched = np.unique(owner[owner >= 0])
    bare_area = np.bincount(owner[owner >= 0], weights=shapely.area(pieces[owner >= 0]), minlength=len(parents))
    wholly = touched[bare_area[touched] > _ALL * shapely.area(parents.geoms[touched])]
    full = np.isin(owner, wholly)
    pieces = np.concatenate([pieces[~full], parents.geoms[wholly]])
    owner = np.concatenate([owner[~full], wholly])
    named: list[tuple[str, ...]] = [(str(parents.codes[row]),) if row >= 0 else () for row in owner]
    loose = np.flatnonzero(owner < 0)
    for index, codes in zip(loose, _around(pieces[loose], everyone, metric.cell), strict=True):
        named[index] = codes
    return measured("gap", named, pieces, metric, tolerance_m)


def _around(pieces: Geometries, everyone: Everyone, reach: float) -> list[tuple[str, ...]]:
    """Return the sorted codes of the areas that touch each piece."""
    named: list[set[str]] = [set() for _ in pieces]
    piece, row = everyone.tree.query(pieces, predicate="dwithin", distance=reach)
    own = row < everyone.children
    for index, code in zip(piece[own].tolist(), everyone.level.codes[row[own]], strict=True):
        named[index].add(str(code))
    return [tuple(sorted(codes)) for codes in named]


def _connected(polygons: Geometries, owner: Index) -> tuple[Geometries, Index]:
    """Unite faces of one owner that share an edge; return the pieces and their owners."""
    if not len(polygons):
        return polygons, owner
    left, right = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    same = (owner[left] == owner[right]) & (left != right)
    links = coo_array((np.ones(same.sum()), (left[same], right[same])), shape=(len(polygons),) * 2)
    _, group = connected_components(links, directed=False)
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    alone = sizes[group] == 1
    pieces, owners = [polygons[alone]], [owner[alone]]
    for index in np.split(order, np.cumsum(sizes)[:-1]):
        if len(index) > 1:
            parts = shapely.get_parts(shapely.union_all(polygons[index]))
            pieces.append(parts)
            owners.append(np.full(len(parts), owner[index[0]]))
    return np.concatenate(pieces), np.concatenate(owners)


def outside_parents(faces: Faces, everyone: Everyone, metric: Metric, tolerance_m: float) -> list[Finding]:
    """Return one finding for each child that reaches beyond its parent: all that lies beyond."""
    beyond = faces.surplus > 0
    suspects, owner = faces.polygons[faces.surplus_face[beyond]], faces.surplus_group[beyond]
    if not len(suspects):
        return []
    level, parents, group = everyone.level, everyone.parents, everyone.group
    face, row = everyone.reaching_into(suspects)
    rows = np.unique(row[group[row] == owner[face]])
    beyond_parent = shapely.difference(level.geoms[rows], parents.geoms[group[rows]])
    pieces, index = gather(*polygonal_parts(beyond_parent, metric.cell**2))
    named = [(str(level.codes[row]), str(parents.codes[group[row]])) for row in rows[index]]
    return measured("outside_parent", named, pieces, metric, tolerance_m)
