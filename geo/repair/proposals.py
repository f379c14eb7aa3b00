"""Proposals for mending findings: ranked, ready to be applied, never applied by themselves."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from geo.areas import Areas
from geo.coverage import ELLIPSOIDAL, Metric, check
from geo.coverage.everyone import Everyone, gather_everyone
from geo.errors import Conflict
from geo.findings import Finding
from geo.repair.applying import Proposal, apply, node_parents
from geo.repair.defects import clusters
from geo.repair.displacement import metres_per_unit
from geo.repair.network import AROUND_CELLS, REACH_CELLS, network
from geo.repair.trial import Trial

MENDED: Final = frozenset({"overlap", "gap", "outside_parent", "unmatched_edge"})
"""The kinds that there are proposals for."""
MOST: Final = 3
"""How many proposals there are for one defect, if not told otherwise."""
FINE_REACH_CELLS: Final = 0.1
"""Off the lattice, vertices this near an edge are taken to lie on it; where that leaves borders unmatched, a cell."""


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
    if lattice:
        return _propose(level, parents, wanted, REACH_CELLS, lattice, metric, most)
    offered = _propose(level, parents, wanted, FINE_REACH_CELLS, lattice, metric, most)
    if _leaves_unmatched(level, parents, wanted, offered, metric):
        offered = _propose(level, parents, wanted, REACH_CELLS, lattice, metric, most)
    return offered


def _propose(
    level: Areas,
    parents: Areas | None,
    findings: Sequence[Finding],
    reach_cells: float,
    lattice: bool,
    metric: Metric,
    most: int,
) -> list[Proposal]:
    everyone = gather_everyone(level, parents, metric, lattice=lattice)
    zones = np.array([finding.geometry for finding in findings], dtype=object)
    net = network(everyone, zones, metric.cell, reach_cells=reach_cells, lattice=lattice)
    order = {finding.id: place for place, finding in enumerate(findings)}
    metres = metres_per_unit(metric, shapely.box(*shapely.total_bounds(zones)))
    found = clusters(everyone, net, findings, metric.cell, float(metres[1]))
    found.sort(key=lambda cluster: min(order[finding.id] for finding in cluster.findings))
    trial = Trial(everyone, net, metric, lattice, _barred(everyone, level, parents))
    return [proposal for cluster in found for proposal in trial.proposals(cluster, most)]


def _barred(everyone: Everyone, level: Areas, parents: Areas | None) -> frozenset[int]:
    """Return the rows whose boundary is no valid polygon, or whose code several have."""
    given = []
    for one in (level, parents):
        if one is not None:
            shapes = one.geoms[np.argsort(one.codes, kind="stable")]
            given.append(shapes if one is level else shapes[~shapely.is_missing(shapes)])
    odd = ~shapely.equals_identical(shapely.force_2d(np.concatenate(given)), everyone.geoms)
    times = [Counter(one.codes) for one in (everyone.level, everyone.parents)]
    several = [times[row >= everyone.children][code] > 1 for row, code in enumerate(everyone.codes)]
    return frozenset(np.flatnonzero(odd | np.array(several, dtype=bool)).tolist())


def _leaves_unmatched(
    level: Areas, parents: Areas | None, findings: Sequence[Finding], offered: Sequence[Proposal], metric: Metric
) -> bool:
    """Tell whether borders near findings would still not match after the best proposals."""
    best = [proposal for proposal in offered if proposal.rank == 1]
    try:
        mended = apply(level, best)
    except Conflict:
        return True
    upper = None if parents is None else node_parents(parents, level, best)
    left = check(mended, upper, lattice=False, metric=metric).findings
    lines = np.array([finding.geometry for finding in left if finding.kind == "unmatched_edge"], dtype=object)
    zones = np.array([finding.geometry for finding in findings], dtype=object)
    near = shapely.STRtree(zones).query(lines, predicate="dwithin", distance=AROUND_CELLS * metric.cell)
    return bool(near.size)


def _is_wanted(finding: Finding, enclave_width_m: float | None) -> bool:
    enclave = enclave_width_m is not None and finding.kind == "gap" and finding.width_m >= enclave_width_m
    return finding.kind in MENDED and finding.geometry is not None and not enclave
