"""Assignments of faces tried out: what breaks a promise is dropped, the rest is ranked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from geo.areas import Geometries
from geo.coverage.everyone import Everyone
from geo.coverage.metric import Metric
from geo.repair.applying import Proposal, is_sound, node_rings
from geo.repair.changes import Move, Nodes, reshape_whole
from geo.repair.choices import assignments
from geo.repair.defects import NOBODY, Cluster
from geo.repair.displacement import border_m, changed_edges, displacement_m, metres_per_unit
from geo.repair.middle import halves
from geo.repair.network import AROUND_CELLS, Network
from geo.repair.noding import Floats, Index

MOST_LOST: Final = 0.9
"""An area that would lose this share of itself counts as swallowed."""
MOST_BESIDE_CELLS: Final = 9.9
"""No edge further than this from the findings that are settled comes or goes."""
AWAY_WEIGHT: Final = 5.0
"""How many m of border a m of displacement weighs, when proposals are ranked."""
SAME_LENGTH_M: Final = 0.1
"""Proposals whose weights differ by less rank by the change of shares."""


class _Candidate(NamedTuple):
    """A proposal that holds, and how it ranks: less is better."""

    rank: tuple[int, int, float]
    proposal: Proposal


@dataclass(frozen=True, eq=False)
class Trial:
    """Where assignments are tried.

    Attributes
    ----------
    everyone, net, metric, lattice
        What they are made of.
    barred
        Rows of everyone that nobody may change: their boundary is no valid polygon, or another area has their code.
    """

    everyone: Everyone
    net: Network
    metric: Metric
    lattice: bool
    barred: frozenset[int]

    @cached_property
    def _node_tree(self) -> shapely.STRtree:
        return shapely.STRtree(shapely.points(self.net.nodes.xy))

    def proposals(self, cluster: Cluster, most: int) -> list[Proposal]:
        """Return the proposals for one cluster, the best first."""
        place = _place(cluster)
        around = AROUND_CELLS * self.metric.cell
        rows = np.unique(self.everyone.tree.query(place, predicate="dwithin", distance=around)[1])
        rows = rows[rows < self.everyone.children]
        codes = [str(code) for code in self.everyone.level.codes[rows]]
        if not self.barred.isdisjoint(rows.tolist()):
            return []
        nodes = self.net.nodes
        near = np.zeros(len(nodes.xy), dtype=bool)
        near[self._node_tree.query(place, predicate="dwithin", distance=around)[1]] = True
        metres = metres_per_unit(self.metric, shapely.box(*shapely.total_bounds(place)))
        options = [self._moves(cluster, assigned) for assigned in assignments(cluster, self.everyone.group)]
        halved = self._halved(cluster)
        held = [
            self._try(cluster, moves, codes, rows, nodes.take(near), metres)
            for moves in (*options, *([halved] if halved else ()))
        ]
        ranked = sorted((one for one in held if one is not None), key=lambda candidate: candidate.rank)
        different: dict[tuple[tuple[str, bytes], ...], Proposal] = {}
        for one in ranked:
            different.setdefault(_result_of(one.proposal), one.proposal)
        return [replace(one, rank=index) for index, one in enumerate(list(different.values())[:most], start=1)]

    def _try(
        self, cluster: Cluster, moves: list[Move], codes: list[str], rows: Index, nodes: Nodes, metres: Floats
    ) -> _Candidate | None:
        """Return the proposal that some moves make, None where it breaks a promise."""
        before = self.everyone.level.geoms[rows]
        families = self.everyone.group[rows].tolist()
        outcome, scraps = reshape_whole(before, codes, families, nodes, moves)
        changed = np.flatnonzero(outcome.changed)
        was, now = before[changed], outcome.geoms[changed]
        if not (all(map(is_sound, was, now)) and self._stays_near(cluster, was, now)):
            return None
        noded = self._noded_parents(nodes.take(outcome.kept))
        gains, loses = self._shares([*moves, *scraps])
        own_m2 = dict(zip(codes, self.metric.area_m2(before), strict=True))
        swallowed = any(area_m2 > MOST_LOST * own_m2[code] for code, area_m2 in loses.items())
        if swallowed or noded is None or not (len(changed) or noded):
            return None
        away_m = displacement_m(was, now, metres)
        proposal = Proposal(
            tuple(finding.id for finding in cluster.findings),
            0,
            gains,
            loses,
            away_m,
            {codes[at]: outcome.geoms[at] for at in changed.tolist()},
            noded,
            _held([*moves, *scraps], was, now),
            nodes,
            tuple(moves),
            dict(zip(codes, families, strict=True)),
            AROUND_CELLS * self.metric.cell,
        )
        longer_m = border_m(now, metres) - border_m(was, metres)
        cost = round((longer_m + AWAY_WEIGHT * away_m) / SAME_LENGTH_M)
        share = max((area_m2 / own_m2[code] for code, area_m2 in (*gains.items(), *loses.items())), default=0.0)
        return _Candidate((int(outcome.kept.sum()), cost, share), proposal)

    def _stays_near(self, cluster: Cluster, was: Geometries, now: Geometries) -> bool:
        """Tell whether every edge that comes or goes lies beside a finding."""
        zones = shapely.union_all([finding.geometry for finding in cluster.findings])
        lines = shapely.linestrings(np.concatenate([np.zeros((0, 2, 2)), *map(changed_edges, was, now)]))
        shapely.prepare(zones)
        return bool(shapely.dwithin(lines, zones, MOST_BESIDE_CELLS * self.metric.cell).all())

    def _noded_parents(self, nodes: Nodes) -> dict[str, Any] | None:
        """Return the boundaries of parents with nodes, None where one of them may not be changed."""
        if not len(nodes.xy):
            return {}
        parents = self.everyone.parents
        rows = np.unique(self.everyone.tree.query(shapely.points(nodes.xy), "dwithin", distance=self.metric.cell)[1])
        rows = rows[rows >= self.everyone.children]
        if not self.barred.isdisjoint(rows.tolist()):
            return None
        return node_rings(parents.take(rows - self.everyone.children), nodes)

    def _moves(self, cluster: Cluster, assigned: tuple[int, ...]) -> list[Move]:
        codes = self.everyone.codes
        found = []
        for face, row in zip(cluster.faces, assigned, strict=True):
            gainer = "" if row == NOBODY or row in face.covering else codes[row]
            losers = tuple(sorted(codes[other] for other in face.covering if other != row))
            found.append(Move(face.polygon, gainer, losers))
        return found

    def _halved(self, cluster: Cluster) -> list[Move]:
        """Divide a gap along its middle, where at least three siblings and nothing else surround it."""
        if len(cluster.rims) != 1 or any(face.covering for face in cluster.faces):
            return []
        polygon, sides = cluster.rims[0]
        around = set(sides.values())
        if len(around) < 3 or min(around) < 0 or len({int(self.everyone.group[row]) for row in around}) > 1:
            return []
        border = [sum(held.get(row, 0.0) for held in cluster.sides) for row in around]
        # what one area surrounds, or is surrounded by, is that area's
        if len(polygon.interiors) or max(border) >= sum(border) / 2:
            return []
        codes = self.everyone.codes
        return [Move(piece, codes[row], ()) for piece, row in halves(self.net.xy, polygon, sides, lattice=self.lattice)]

    def _shares(self, moves: Sequence[Move]) -> tuple[dict[str, float], dict[str, float]]:
        """Return the m² that areas gain and lose, the largest first."""
        gains: dict[str, float] = {}
        loses: dict[str, float] = {}
        for move, area_m2 in zip(moves, self.metric.area_m2(_column([move.face for move in moves])), strict=True):
            if move.gainer:
                gains[move.gainer] = gains.get(move.gainer, 0.0) + float(area_m2)
            for code in move.losers:
                loses[code] = loses.get(code, 0.0) + float(area_m2)
        return _largest_first(gains), _largest_first(loses)


def _largest_first(shares: Mapping[str, float]) -> dict[str, float]:
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def _held(moves: Sequence[Move], was: Geometries, now: Geometries) -> shapely.Geometry:
    """Return what changes hands, or else the vertices that come or go."""
    faces = [move.face for move in moves if move.gainer or move.losers]
    if faces:
        return shapely.union_all(faces)
    before, after = ({tuple(xy) for xy in shapely.get_coordinates(shapes).tolist()} for shapes in (was, now))
    return shapely.MultiPoint(sorted(before ^ after))


def _result_of(proposal: Proposal) -> tuple[tuple[str, bytes], ...]:
    """Return the boundaries that a proposal makes, in a form that can be compared."""
    return tuple(
        (code, shapely.to_wkb(shapely.normalize(shape))) for code, shape in sorted(proposal.geometries.items())
    )


def _place(cluster: Cluster) -> Geometries:
    """Return where a cluster is: its findings and its faces."""
    return _column([finding.geometry for finding in cluster.findings] + [face.polygon for face in cluster.faces])


def _column(values: Sequence[Any]) -> Geometries:
    column = np.full(len(values), None, dtype=object)
    column[:] = list(values)
    return column
