"""The faces that findings are made of, who may have them, and which belong together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.areas import Geometries
from geo.coverage.everyone import Everyone
from geo.findings import Finding
from geo.repair.cuts import OUTSIDE, UNSETTLED, Outline, cut
from geo.repair.network import AROUND_CELLS, Directed, Network

NEAR_CELLS: Final = 2.0
"""A face whose inner point is this near a finding belongs to it."""
NOBODY: Final = -1
BESIDE_CELLS: Final = 8.0
"""Edges are changed this near the findings that are settled, and nowhere else."""
Link = tuple[int, int]
ALIGNED_M: Final = 1e6
"""Weighs more than any border: faces beside one edge of a parent go to the same area."""


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face that does not belong to exactly one area that may have it.

    Attributes
    ----------
    polygon
        In CRS units.
    edges
        Directed pieces of edges around it, the face on their left, and their lengths in m.
    covering
        Rows of the areas that cover it now.
    allowed
        Whether an area may have it: by its parent's row, -1 for none; None where nobody may.
    """

    polygon: shapely.Geometry
    edges: dict[Directed, float]
    covering: frozenset[int]
    allowed: frozenset[int] | None


class Rim(NamedTuple):
    """A face before it was cut, and who is on the other side of each directed piece around it, as for a cut."""

    polygon: shapely.Geometry
    sides: dict[Directed, int]


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Findings that touch along edges, and are settled together.

    Attributes
    ----------
    findings
        Worst first.
    rims
        What has to change hands, before it was cut.
    faces
        The same, cut.
    sides
        For each face, the length in m that it shares with each area that keeps what it has there.
    shared
        For each pair of faces that touch, the length in m.
    unit_of
        The unit of each face: faces along one edge of a parent go to one area together, or its ring would need a node.
    """

    findings: tuple[Finding, ...]
    rims: tuple[Rim, ...]
    faces: tuple[Face, ...]
    sides: tuple[dict[int, float], ...]
    shared: dict[tuple[int, int], float]
    unit_of: tuple[int, ...]


def clusters(
    everyone: Everyone, net: Network, findings: Sequence[Finding], cell: float, metres: float
) -> list[Cluster]:
    """Sort out the faces around findings.

    Parameters
    ----------
    cell
        Side of a lattice cell in CRS units.
    metres
        m per CRS unit, roughly: lengths are compared with each other only.
    """
    zones = np.array([finding.geometry for finding in findings], dtype=object)
    spots = shapely.point_on_surface(net.faces)
    zone, face = shapely.STRtree(spots).query(zones, predicate="dwithin", distance=NEAR_CELLS * cell)
    judged = _Judge(everyone, net, cell)
    # noding can close a wedge that was open at one end: no finding tells of it
    specks = np.array([at for at in range(len(spots)) if judged.is_speck(at)], dtype=np.int64)
    if len(specks):
        nearest = shapely.STRtree(zones).nearest(spots[specks])
        zone, face = np.concatenate([zone, nearest]), np.concatenate([face, specks])
    gaps = np.array([finding.kind == "gap" for finding in findings], dtype=bool)
    in_gap = set(face[gaps[zone]].tolist())
    wrong = [at for at in np.unique(face).tolist() if judged.is_wrong(at, at in in_gap)]
    number = {at: index for index, at in enumerate(wrong)}
    around = _around(net, number)
    touching = _touching(net, around, number)
    touched = [
        (number[at], len(wrong) + own) for own, at in zip(zone.tolist(), face.tolist(), strict=True) if at in number
    ]
    links = _with_strays([*touching, *touched], net, wrong, zones, cell)
    group = _connected(links, len(wrong) + len(findings))
    found: list[Cluster] = []
    for members in group:
        own = [findings[at - len(wrong)] for at in members if at >= len(wrong)]
        mine = [wrong[at] for at in members if at < len(wrong)]
        if own:
            found.append(_cluster(judged, net, mine, around, own, cell, metres))
    return found


@dataclass(frozen=True, eq=False)
class _Judge:
    """Says what is right."""

    everyone: Everyone
    net: Network
    cell: float

    def split(self, rows: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
        """Return the areas and the parents among rows."""
        children = self.everyone.children
        return frozenset(row for row in rows if row < children), frozenset(
            row - children for row in rows if row >= children
        )

    def allowed(self, face: int, in_gap: bool = False) -> frozenset[int] | None:
        """Return the parents whose children may have a face; -1 stands for areas without one, None for nobody."""
        parents = self.split(self.net.covering[face])[1]
        if not self.everyone.has_parents:
            return frozenset({NOBODY})
        if parents:
            return parents
        # beside a parent without a boundary nobody knows what lies outside
        return frozenset({NOBODY}) if self.everyone.unproved or in_gap else None

    def is_wrong(self, face: int, in_gap: bool) -> bool:
        """Tell whether a face has to change hands."""
        areas, allowed = self.split(self.net.covering[face])[0], self.allowed(face, in_gap)
        if not areas:
            return in_gap or bool(allowed and NOBODY not in allowed) or self.is_speck(face)
        return len(areas) > 1 or allowed is None or int(self.everyone.group[next(iter(areas))]) not in allowed

    def is_speck(self, face: int) -> bool:
        """Tell whether a face is nobody's and so narrow that it comes from noding."""
        polygon = self.net.faces[face]
        bare = not self.everyone.has_parents and not self.net.covering[face]
        return bare and bool(2 * polygon.area < NEAR_CELLS * self.cell * polygon.length)

    @cached_property
    def outline(self) -> Outline:
        """The vertices of parents, and the nodes on their edges."""
        corners = {at for chain in self.net.outlines for at in (chain[0], chain[-1])}
        return Outline(corners, {at for chain in self.net.outlines for at in chain[1:-1]} - corners)

    def along_outlines(self) -> Iterator[tuple[Directed, Directed]]:
        """Yield pairs of directed pieces that meet at a node of a parent's edge: nobody's border should end there."""
        for chain in self.net.outlines:
            for before, at, after in zip(chain[:-2], chain[1:-1], chain[2:], strict=True):
                if at in self.outline.nodes:
                    yield (before, at), (at, after)
                    yield (after, at), (at, before)

    def side(self, edge: Directed, active: set[int]) -> int:
        """Return who is on the left of a directed piece, whose right is an active face."""
        face = self.net.left.get(edge)
        if face in active:
            return UNSETTLED - int(face or 0)
        owner = self.owner(edge)
        if owner is not None:
            return owner
        return UNSETTLED if self.net.label(edge) else OUTSIDE

    def owner(self, edge: Directed) -> int | None:
        """Return the only area on the left of a directed piece, whose right is a face; None if there is not one."""
        areas = self.split(self.net.label(edge))[0]
        return next(iter(areas)) if len(areas) == 1 else None


def _around(net: Network, wanted: dict[int, int]) -> dict[int, list[Directed]]:
    around: dict[int, list[Directed]] = {face: [] for face in wanted}
    for edge, face in net.left.items():
        if face in wanted:
            around[face].append(edge)
    return around


def _touching(net: Network, around: dict[int, list[Directed]], number: dict[int, int]) -> list[tuple[int, int]]:
    """Return pairs of faces that have an edge in common, or a node on an edge of a parent."""
    nodes = {at for chain in net.outlines for at in chain[1:-1]}
    found = []
    first: dict[int, int] = {}
    for face, edges in around.items():
        for edge in edges:
            if edge[0] in nodes:
                found.append((number[first.setdefault(edge[0], face)], number[face]))
            other = net.left.get(edge[::-1])
            if other in number and other != face:
                found.append((number[face], number[other]))
    return found


def _with_strays(links: list[Link], net: Network, wrong: list[int], zones: Geometries, cell: float) -> list[Link]:
    """Link findings that could only be settled with a node beside another one.

    Two borders that cross at an acute angle make an overlap and a gap, and the node where they cross moves far along
    them when it is rounded: what lies on both its sides is settled together.
    """
    tree = shapely.STRtree(shapely.points(net.nodes.xy))
    face, at = tree.query(net.faces[wrong], predicate="dwithin", distance=AROUND_CELLS * cell)
    zone, beside = tree.query(zones, predicate="dwithin", distance=BESIDE_CELLS * cell)
    count, size = len(wrong) + len(zones), max(len(net.nodes.xy), 1)
    while True:
        label = _labels(links, count)
        own = label[len(wrong) + zone] * size + beside
        stray = ~np.isin(label[face] * size + at, own)
        if not stray.any():
            return links
        first = dict(zip(beside.tolist(), zone.tolist(), strict=True))
        found = [
            (one, len(wrong) + first[node])
            for one, node in zip(face[stray].tolist(), at[stray].tolist(), strict=True)
            if node in first
        ]
        if not found:
            return links
        face, at = face[~stray], at[~stray]
        links = [*links, *found]


def _labels(links: Sequence[Link], count: int) -> np.ndarray:
    """Return for each number that of its group."""
    left, right = np.array(links, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1])


def _connected(links: Sequence[tuple[int, int]], count: int) -> list[list[int]]:
    """Return the groups of linked numbers, ascending."""
    if not count:
        return []
    group = _labels(links, count)
    order = np.argsort(group, kind="stable")
    return [part.tolist() for part in np.split(order, np.cumsum(np.bincount(group))[:-1])]


def _cluster(
    judged: _Judge,
    net: Network,
    members: list[int],
    around: dict[int, list[Directed]],
    findings: list[Finding],
    cell: float,
    metres: float,
) -> Cluster:
    faces: list[Face] = []
    rims: list[Rim] = []
    active = set(members)
    for at in members:
        sides = {edge: judged.side(edge[::-1], active) for edge in around[at]}
        rims.append(Rim(net.faces[at], sides))
        areas = judged.split(net.covering[at])[0]
        allowed = judged.allowed(at, in_gap=not areas)
        for polygon, edges in cut(net.xy, net.faces[at], sides, judged.outline, cell):
            lengths = {(a, b): float(np.hypot(*(net.xy[a] - net.xy[b]))) * metres for a, b in edges}
            faces.append(Face(polygon, lengths, areas, allowed))
    return _fitted(judged, tuple(findings), tuple(rims), tuple(faces))


def _fitted(judged: _Judge, findings: tuple[Finding, ...], rims: tuple[Rim, ...], faces: tuple[Face, ...]) -> Cluster:
    """Measure along which borders faces touch areas and each other."""
    left = {edge: at for at, face in enumerate(faces) for edge in face.edges}
    borders = [(at, edge[::-1], faces[at].edges[edge]) for edge, at in left.items()]
    aligned: list[tuple[int, int]] = []
    for one, following in judged.along_outlines():
        if one in left and following in left:
            aligned.append((left[one], left[following]))
        pairs = ((one, following), (following, one))
        borders.extend((left[edge], beyond, ALIGNED_M) for edge, beyond in pairs if edge in left and beyond not in left)
    shared: dict[tuple[int, int], float] = {}
    held: tuple[dict[int, float], ...] = tuple({} for _ in faces)
    for at, beyond, length_m in borders:
        other, owner = left.get(beyond), judged.owner(beyond)
        if other is not None and other != at:
            shared[at, other] = shared.get((at, other), 0.0) + length_m
        elif other is None and owner is not None:
            held[at][owner] = held[at].get(owner, 0.0) + length_m
    unit_of = np.zeros(len(faces), dtype=np.int64)
    for unit, members in enumerate(_connected(aligned, len(faces))):
        unit_of[members] = unit
    return Cluster(findings, rims, faces, held, shared, tuple(unit_of.tolist()))
