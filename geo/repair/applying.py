"""A proposal, and what comes of applying several together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely

from geo.areas import Areas, among
from geo.errors import Conflict
from geo.findings import area_text
from geo.messages import Language, sentence
from geo.repair.changes import Move, Nodes, Outcome, parts_of, reshape, reshape_whole
from geo.repair.noding import Index


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
    place
        What changes hands, as polygons; where only nodes come or go, the nodes, as points.
    nodes, moves
        The same as a change that can be joined with others.
    families
        Every area that has one of the edges concerned, changed or not: by code the number of its parent.
    slack
        How far noding may have shifted lines, in CRS units.
    """

    findings: tuple[str, ...]
    rank: int
    gains: Mapping[str, float]
    loses: Mapping[str, float]
    displacement_m: float
    geometries: Mapping[str, Any]
    noded_parents: Mapping[str, Any]
    place: Any
    nodes: Nodes
    moves: tuple[Move, ...]
    families: Mapping[str, int]
    slack: float

    @property
    def moved_m2(self) -> float:
        """How many m² change hands."""
        return max(sum(self.gains.values()), sum(self.loses.values()))

    def text(self, lang: Language = "zh") -> str:
        """Return one sentence: who gains, who loses, how far borders move."""
        parts = [
            sentence(kind, lang, code=code, area_m2=area_text(area_m2))
            for kind, shares in (("proposal-gain", self.gains), ("proposal-loss", self.loses))
            for code, area_m2 in shares.items()
        ]
        if not parts:
            parts = [sentence("proposal-noded", lang, count=len(self.geometries) + len(self.noded_parents))]
        shares = ("，" if lang == "zh" else ", ").join(parts)
        return sentence("proposal-line", lang, rank=self.rank, shares=shares, distance_m=f"{self.displacement_m:,.2f}")


def apply(level: Areas, proposals: Sequence[Proposal]) -> Areas:
    """Return the areas after proposals, at most one for each defect.

    Boundaries that no proposal changes are the same objects as before.

    Raises
    ------
    Conflict
        ``proposals-clash`` with the code of an area: two proposals settle one defect, or the area would vanish, fall
        to pieces or become invalid, or its boundary is not the one they were made for.
    """
    if not proposals:
        return level
    _require_one_each(proposals)
    _require_unchanged(level, proposals)
    outcome, _, rows = _outcome(level, proposals)
    before = level.geoms[rows]
    for at in np.flatnonzero(outcome.changed):
        if not is_sound(before[at], outcome.geoms[at]):
            raise _clash(str(level.codes[rows[at]]))
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


def _clash(code: str) -> Conflict:
    return Conflict("proposals-clash", place={"code": code}, code=code)


def _require_one_each(proposals: Sequence[Proposal]) -> None:
    settled: set[str] = set()
    for proposal in proposals:
        if not settled.isdisjoint(proposal.findings):
            raise _clash(min(proposal.families))
        settled.update(proposal.findings)


def _require_unchanged(level: Areas, proposals: Sequence[Proposal]) -> None:
    """Hold that who is to give up a face still covers it, and that who is to get it does not."""
    row_of = {str(code): row for row, code in enumerate(level.codes)}
    for slack, move in ((proposal.slack, move) for proposal in proposals for move in proposal.moves):
        spot = shapely.point_on_surface(move.face)
        for code in filter(None, (*move.losers, move.gainer)):
            if code not in row_of:
                raise _clash(code)
            shape = level.geoms[row_of[code]]
            # noding shifts lines a little: there nothing is sure
            away = shapely.distance(shape if code != move.gainer else shape.boundary, spot)
            wrong = code != move.gainer or bool(shapely.contains(shape, spot))
            if wrong and away > slack:
                raise _clash(code)


def is_sound(before: Any, after: Any) -> bool:
    """Tell whether a boundary is valid and in no more parts than before."""
    parts = parts_of(np.array([before, after], dtype=object))
    return bool(0 < parts[1] <= parts[0] and shapely.is_valid(after))
