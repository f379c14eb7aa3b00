"""Mending a boundary file: proposals for what a check found, and a copy in which slivers are settled."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from geo.areas import Areas, among
from geo.check_report import CheckReport
from geo.coverage.everyone import gather_everyone
from geo.errors import BadInput
from geo.findings import Finding
from geo.mending_report import Offered, Settlement
from geo.repair import Proposal, apply_slivers, propose
from importers.boundary_copy import write_copy
from importers.checking import CheckRequest, Examined, judged
from importers.writing import require_writable

_OF_SPARSE: Final = frozenset({"overlap", "unmatched_edge"})
"""What can be wrong between areas that need not cover anything."""


ROUNDS: Final = 4
"""How often slivers are settled: settling one can leave another, narrower by far."""
Mask = npt.NDArray[np.bool_]


class _Layer(NamedTuple):
    """Areas that are mended together.

    Attributes
    ----------
    rows
        Their rows in the file.
    level, parents
        The areas, and what they should cover; None for nothing.
    covered
        Which of the file's parents these are.
    findings
        What is wrong with them.
    """

    rows: npt.NDArray[np.int64]
    level: Areas
    parents: Areas | None
    covered: Mask | None
    findings: tuple[Finding, ...]


def require_places(request: CheckRequest, *outputs: Path | None) -> None:
    """Refuse to write over what is read, or twice to one place.

    Raises
    ------
    BadInput
        ``output-is-input`` or ``output-twice``.
    """
    read = {path.resolve() for path in (request.path, request.parents) if path is not None}
    taken: set[Path] = set()
    for path in filter(None, outputs):
        place = path.resolve()
        if place in read or any(place.exists() and one.exists() and place.samefile(one) for one in read):
            raise BadInput("output-is-input", place={"file": path.name}, name=path.name)
        if place in taken:
            raise BadInput("output-twice", place={"file": path.name}, name=path.name)
        taken.add(place)


def with_proposals(examined: Examined) -> CheckReport:
    """Return the report of a check with proposals for its findings."""
    terms, report = examined.terms, examined.report
    proposals: list[Proposal] = []
    for layer in _layers(examined):
        proposals += propose(layer.level, layer.parents, layer.findings, lattice=terms.lattice, metric=terms.metric)
    return replace(report, offered=Offered.of(report.result.findings, proposals))


def parents_beside(path: Path) -> Path:
    """Return where the parents go that belong to a mended copy."""
    return path.with_name(f"{path.stem}-parents{path.suffix}")


def require_room(request: CheckRequest, path: Path) -> None:
    """Refuse a place where no mended copy can stand.

    Raises
    ------
    BadInput
        As :func:`importers.writing.require_writable`.
    """
    require_writable(path)
    if request.parents is not None:
        require_writable(parents_beside(path))


def write_mended(examined: Examined, path: Path) -> Settlement:
    """Write a copy in which only slivers were settled: all rows, all fields; what does not change stays bit for bit.

    Where parents had to receive nodes, a copy of them, in the CRS of the areas, is written to :func:`parents_beside`.

    Raises
    ------
    BadInput
        ``file-changed``, ``unknown-output-format``, ``no-such-folder`` or ``cannot-write``.
    """
    settlement, mended = settled(examined)
    request, crs = examined.request, examined.report.crs
    before, after = examined.children.areas.geoms, mended.children.areas.geoms
    kept = np.array([one is other for one, other in zip(before, after, strict=True)], dtype=bool)
    written = np.where(kept, examined.file.rows.geoms, after)
    write_copy(path, request.path, examined.file, written, crs, layer=request.layer, encoding=request.encoding)
    if settlement.noded_parents and mended.parents and examined.above and request.parents:
        upper, beside = mended.parents.areas.geoms, parents_beside(path)
        write_copy(beside, request.parents, examined.above, upper, crs, encoding=request.encoding)
    return settlement


def settled(examined: Examined) -> tuple[Settlement, Examined]:
    """Settle slivers, again where settling some made others; return what came of it, and the file as it is then."""
    tolerance_m, now = examined.terms.tolerance_m, examined
    applied: list[Proposal] = []
    moved_m = 0.0
    for _ in range(ROUNDS):
        done, now = _settled_once(now, tolerance_m - moved_m)
        applied += done
        moved_m += max((proposal.displacement_m for proposal in done), default=0.0)
        if not done or not any(finding.sliver for finding in now.report.result.findings):
            break
    settlement = Settlement(
        sum(finding.sliver for finding in examined.report.result.findings),
        tuple(applied),
        now.report.result,
        tuple(sorted({code for one in applied for code in one.geometries})),
        tuple(sorted({code for one in applied for code in one.noded_parents})),
        moved_m,
    )
    return settlement, now


def _settled_once(examined: Examined, tolerance_m: float) -> tuple[list[Proposal], Examined]:
    """Settle the slivers that there are; move no border further than a tolerance."""
    terms, children, above = examined.terms, examined.children, examined.parents
    geoms = children.areas.geoms.copy()
    upper = None if above is None else above.areas.geoms.copy()
    applied: list[Proposal] = []
    for layer in _layers(examined):
        done = apply_slivers(
            layer.level,
            layer.parents,
            layer.findings,
            tolerance_m=tolerance_m,
            lattice=terms.lattice,
            metric=terms.metric,
        )
        geoms[layer.rows] = done.level.geoms
        applied += done.applied
        if upper is not None and done.parents is not None:
            upper[layer.covered] = done.parents.geoms
    children = children.with_geoms(geoms)
    above = above.with_geoms(upper) if above is not None and upper is not None else None
    report = replace(examined.report, result=judged(children, above, terms))
    return applied, replace(examined, children=children, parents=above, report=report)


def _layers(examined: Examined) -> Iterator[_Layer]:
    """Yield the seamless layer, and those that lie over it."""
    children, terms, findings = examined.children, examined.terms, examined.report.result.findings
    level, special = children.areas, children.special
    over = np.ones(len(level), dtype=bool) if terms.sparse else special
    if not over.all():
        apart = set(level.codes[over])
        own = tuple(finding for finding in findings if apart.isdisjoint(finding.codes))
        rows = np.flatnonzero(~over)
        covered = _to_be_covered(examined, level.take(rows))
        above = None if covered is None or examined.parents is None else examined.parents.areas.take(covered)
        yield _Layer(rows, level.take(rows), above, covered, own)
    if over.any():
        rows = np.flatnonzero(over)
        codes = set(level.codes[rows])
        own = tuple(one for one in findings if one.kind in _OF_SPARSE and codes.issuperset(one.codes))
        yield _Layer(rows, level.take(rows), None, None, own)


def _to_be_covered(examined: Examined, level: Areas) -> Mask | None:
    """Tell which parents are not left without children on purpose: nobody is to get the ground of those."""
    if examined.parents is None:
        return None
    terms, parents = examined.terms, examined.parents.areas
    everyone = gather_everyone(level, parents, terms.metric, lattice=False)
    group = everyone.group[: everyone.children]
    with_children = set(everyone.parents.codes[group[group >= 0]])
    return ~(among(parents.codes, terms.not_subdivided) & ~among(parents.codes, with_children))
