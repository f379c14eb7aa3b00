"""Proposals for mending findings: ranked, ready to be applied, never applied by themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from geo.areas import Areas, Geometries, among
from geo.coverage import ELLIPSOIDAL, Metric
from geo.coverage.everyone import Everyone, gather_everyone
from geo.errors import Conflict
from geo.findings import Finding
from geo.messages import Language, sentence
from geo.repair.changes import Move, Nodes, Outcome, parts_of, reshape, reshape_whole
from geo.repair.choices import assignments
from geo.repair.defects import NOBODY, Cluster, clusters
from geo.repair.displacement import border_m, displacement_m, metres_per_unit
from geo.repair.middle import halves
from geo.repair.network import AROUND_CELLS, Network, network
from geo.repair.noding import Floats, Index

MENDED: Final = frozenset({"overlap", "gap", "outside_parent", "unmatched_edge"})
"""The kinds that there are proposals for."""
MOST: Final = 3
"""How many proposals there are for one defect, if not told otherwise."""
MOST_LOST: Final = 0.9
"""An area that would lose this share of itself counts as swallowed."""
AWAY_WEIGHT: Final = 5.0
"""How many m of border a m of displacement weighs, when proposals are ranked."""
SAME_LENGTH_M: Final = 0.1
"""Proposals whose weights differ by less rank by the change of shares."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """One way to mend one defect, or several that touch along edges.

    Attributes
    ----------
    findings
        Ids of what it settles, the worst first.
    rank
        1 for the best.
    gains, loses
        m² by code; an area that is only noded is in neither.
    displacement_m
        How far a border moves at most.
    geometries
        The changed boundaries by code: what a ``patch`` takes. They are right while no other proposal is applied.
    noded_parents
        Boundaries of parents that have to receive nodes, by code: empty if there was a way without. A node lies on
        the parent's line but for rounding to the lattice.
    nodes, moves
        The same as a change that can be joined with others.
    families
        Every area that has one of the edges concerned, changed or not: by code the number of its parent.
    """

    findings: tuple[str, ...]
    rank: int
    gains: Mapping[str, float]
    loses: Mapping[str, float]
    displacement_m: float
    geometries: Mapping[str, Any]
    noded_parents: Mapping[str, Any]
    nodes: Nodes
    moves: tuple[Move, ...]
    families: Mapping[str, int]

    @property
    def moved_m2(self) -> float:
        """How many m² change hands."""
        return max(sum(self.gains.values()), sum(self.loses.values()))

    def text(self, lang: Language = "zh") -> str:
        """Return one sentence: who gains, who loses, how far borders move."""
        parts = [
            sentence(kind, lang, code=code, area_m2=f"{area_m2:,.1f}")
            for kind, shares in (("proposal-gain", self.gains), ("proposal-loss", self.loses))
            for code, area_m2 in shares.items()
        ]
        if not parts:
            parts = [sentence("proposal-noded", lang, count=len(self.geometries))]
        shares = ("，" if lang == "zh" else ", ").join(parts)
        return sentence("proposal-line", lang, rank=self.rank, shares=shares, distance_m=f"{self.displacement_m:,.2f}")


def propose(
    level: Areas,
    parents: Areas | None,
    findings: Sequence[Finding],
    *,
    lattice: bool,
    metric: Metric = ELLIPSOIDAL,
    enclave_width_m: float | None = None,
    most: int = MOST,
) -> list[Proposal]:
    """Propose how to mend overlaps, gaps, pieces outside a parent and unmatched edges.

    A proposal moves no outline: a parent's line stays where it is. None is offered that would split an area, swallow
    it or leave it invalid; so a defect may have none. Where parents of areas are not given, whatever encloses a gap
    may have it.

    Parameters
    ----------
    level, parents
        As they were checked. Boundaries that are no valid polygons are taken as the check takes them.
    findings
        What the check found, or some of it: other defects stay as they are.
    lattice
        The coordinates lie on the lattice, and so does what is proposed.
    metric
        Of the CRS.
    enclave_width_m
        Gaps at least this wide are real enclaves: there are no proposals for them. Meant for checks without parents.
    most
        How many proposals to offer for one defect.

    Returns
    -------
    list of Proposal
        In the order of the findings; of one defect the best first: no nodes on parents' rings, then the
        shortest borders afterwards (a gap goes to whom it shares the longest border with) and the least displacement,
        weighed together, then the smallest change of an area's share.
    """
    wanted = [one for one in findings if _is_wanted(one, enclave_width_m)]
    if not wanted:
        return []
    everyone = gather_everyone(level, parents, metric, lattice=lattice)
    zones = np.array([finding.geometry for finding in wanted], dtype=object)
    net = network(everyone, zones, metric.cell, lattice=lattice)
    order = {finding.id: place for place, finding in enumerate(findings)}
    metres = metres_per_unit(metric, shapely.box(*shapely.total_bounds(zones)))
    found = clusters(everyone, net, wanted, metric.cell, float(metres[1]))
    found.sort(key=lambda cluster: min(order[finding.id] for finding in cluster.findings))
    bench = _Bench(everyone, net, metric, lattice)
    return [proposal for cluster in found for proposal in bench.proposals(cluster, most)]


def apply(level: Areas, proposals: Sequence[Proposal]) -> Areas:
    """Return the areas after proposals, at most one for each defect.

    Boundaries that no proposal changes are the same objects as before.

    Raises
    ------
    Conflict
        ``proposals-clash`` with the code of an area that would vanish, fall to pieces or become invalid: proposals
        exclude each other, or the boundary is not the one they were made for.
    """
    if not proposals:
        return level
    outcome, _, rows = _outcome(level, proposals)
    before = level.geoms[rows]
    for at in np.flatnonzero(outcome.changed):
        if not _is_sound(before[at], outcome.geoms[at]):
            code = str(level.codes[rows[at]])
            raise Conflict("proposals-clash", place={"code": code}, code=code)
    geoms = level.geoms.copy()
    geoms[rows] = outcome.geoms
    return replace(level, geoms=geoms)


def node_parents(parents: Areas, level: Areas, proposals: Sequence[Proposal]) -> Areas:
    """Return the parents after proposals: those that need it with nodes where their children meet them.

    Parameters
    ----------
    parents, level
        As they were before the proposals.
    """
    if not proposals:
        return parents
    nodes = _outcome(level, proposals)[1]
    geoms = parents.geoms.copy()
    row_of = {str(code): row for row, code in enumerate(parents.codes)}
    for code, shape in node_rings(parents, nodes).items():
        geoms[row_of[code]] = shape
    return replace(parents, geoms=geoms)


def node_rings(parents: Areas, nodes: Nodes) -> dict[str, Any]:
    """Return the boundaries that get one of some nodes, by code."""
    fixed = replace(nodes, spare=np.zeros_like(nodes.spare), outer=np.zeros_like(nodes.outer))
    outcome = reshape(parents.geoms, [str(code) for code in parents.codes], fixed, ())
    return {str(parents.codes[row]): outcome.geoms[row] for row in np.flatnonzero(outcome.changed).tolist()}


def _outcome(level: Areas, proposals: Sequence[Proposal]) -> tuple[Outcome, Nodes, Index]:
    """Apply proposals; return what comes out, the nodes that parents need, and the rows of the areas concerned."""
    families = {code: family for proposal in proposals for code, family in proposal.families.items()}
    rows = np.flatnonzero(among(level.codes, families))
    codes = [str(code) for code in level.codes[rows]]
    nodes = Nodes.joined([proposal.nodes for proposal in proposals])
    moves = [move for proposal in proposals for move in proposal.moves]
    outcome, _ = reshape_whole(level.geoms[rows], codes, [families[code] for code in codes], nodes, moves)
    return outcome, nodes.take(outcome.kept), rows


def _is_wanted(finding: Finding, enclave_width_m: float | None) -> bool:
    enclave = enclave_width_m is not None and finding.kind == "gap" and finding.width_m >= enclave_width_m
    return finding.kind in MENDED and finding.geometry is not None and not enclave


def _is_sound(before: Any, after: Any) -> bool:
    """Tell whether a boundary is valid and in no more parts than before."""
    parts = parts_of(np.array([before, after], dtype=object))
    return bool(0 < parts[1] <= parts[0] and shapely.is_valid(after))


class _Candidate(NamedTuple):
    """A proposal that holds, and how it ranks: less is better."""

    rank: tuple[int, int, float]
    proposal: Proposal


@dataclass(frozen=True, slots=True, eq=False)
class _Bench:
    """Where assignments are tried."""

    everyone: Everyone
    net: Network
    metric: Metric
    lattice: bool

    def proposals(self, cluster: Cluster, most: int) -> list[Proposal]:
        """Return the proposals for one cluster, the best first."""
        place = _place(cluster)
        around = AROUND_CELLS * self.metric.cell
        rows = np.unique(self.everyone.tree.query(place, predicate="dwithin", distance=around)[1])
        rows = rows[rows < self.everyone.children]
        codes = [str(code) for code in self.everyone.level.codes[rows]]
        if len(set(codes)) < len(codes):
            return []
        nodes = self.net.nodes
        near = np.zeros(len(nodes.xy), dtype=bool)
        points = shapely.points(nodes.xy)
        near[shapely.STRtree(points).query(place, predicate="dwithin", distance=around)[1]] = True
        metres = metres_per_unit(self.metric, shapely.box(*shapely.total_bounds(place)))
        options = [self._moves(cluster, assigned) for assigned in assignments(cluster, self.everyone.group)]
        halved = self._halved(cluster)
        held = [
            self._try(cluster, moves, codes, rows, nodes.take(near), metres)
            for moves in (*options, *([halved] if halved else ()))
        ]
        ranked = sorted((one for one in held if one is not None), key=lambda candidate: candidate.rank)
        return [replace(one.proposal, rank=index) for index, one in enumerate(ranked[:most], start=1)]

    def _try(
        self,
        cluster: Cluster,
        moves: list[Move],
        codes: list[str],
        rows: Index,
        nodes: Nodes,
        metres: Floats,
    ) -> _Candidate | None:
        """Return the proposal that some moves make, None where it breaks a promise."""
        before = self.everyone.level.geoms[rows]
        families = self.everyone.group[rows].tolist()
        outcome, more = reshape_whole(before, codes, families, nodes, moves)
        moves = [*moves, *more]
        changed = np.flatnonzero(outcome.changed)
        if not all(_is_sound(before[at], outcome.geoms[at]) for at in changed):
            return None
        noded = self._noded_parents(nodes.take(outcome.kept)) if outcome.kept.any() else {}
        gains, loses = self._shares(moves)
        own_m2 = dict(zip(codes, self.metric.area_m2(before).tolist(), strict=True))
        if any(area_m2 > MOST_LOST * own_m2[code] for code, area_m2 in loses.items()):
            return None
        was, now = before[changed], outcome.geoms[changed]
        share = max(
            (area_m2 / own_m2[code] for shares in (gains, loses) for code, area_m2 in shares.items()), default=0.0
        )
        longer_m = border_m(now, metres) - border_m(was, metres)
        away_m = displacement_m(was, now, metres)
        proposal = Proposal(
            tuple(finding.id for finding in cluster.findings),
            0,
            gains,
            loses,
            away_m,
            {codes[at]: outcome.geoms[at] for at in changed.tolist()},
            noded,
            nodes,
            tuple(moves),
            dict(zip(codes, families, strict=True)),
        )
        cost = round((longer_m + AWAY_WEIGHT * away_m) / SAME_LENGTH_M)
        return _Candidate((int(outcome.kept.sum()), cost, share), proposal)

    def _noded_parents(self, nodes: Nodes) -> dict[str, Any]:
        """Return the boundaries of parents with nodes."""
        parents = self.everyone.parents
        rows = np.unique(self.everyone.tree.query(shapely.points(nodes.xy), "dwithin", distance=self.metric.cell)[1])
        rows = rows[rows >= self.everyone.children] - self.everyone.children
        return node_rings(parents.take(rows), nodes)

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
        return tuple(dict(sorted(one.items(), key=lambda item: (-item[1], item[0]))) for one in (gains, loses))  # type: ignore[return-value]


def _place(cluster: Cluster) -> Geometries:
    """Return where a cluster is: its findings and its faces."""
    return _column([finding.geometry for finding in cluster.findings] + [face.polygon for face in cluster.faces])


def _column(values: Sequence[Any]) -> Geometries:
    column = np.full(len(values), None, dtype=object)
    column[:] = list(values)
    return column
