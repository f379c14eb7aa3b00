"""A boundary file checked for overlaps, gaps and everything else, in its own coordinates and without a database."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final

import numpy as np
import pyogrio
import pyproj
import pyproj.exceptions
import shapely

from geo.check_report import CheckInput, CheckReport, Role
from geo.coverage import CheckResult, Metric, Terms
from geo.coverage.terms import TOLERANCE_M
from geo.coverage.validity import NO_BOUNDARY
from geo.coverage.whole import check_by
from geo.crs import Crs, parse_crs
from geo.errors import BadInput, GeoError
from geo.findings import Finding, worst_first
from geo.lattice import is_on_lattice
from importers.boundary_file import BoundaryFile
from importers.check_metric import Converted, metric_of
from importers.check_parents import moved, read_parents, with_known_parents
from importers.check_rows import UNCLOSED, RowsToCheck, read_for_check, rows_to_check

STAGES: Final = {
    "read": ("读取", "reading"),
    "check": ("检查", "checking"),
    "propose": ("拟订方案", "proposing"),
    "settle": ("消除碎屑", "settling slivers"),
    "write": ("写出", "writing"),
}
CHILD_SIGN, PARENT_SIGN = "#", "parent#"


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to check, and how.

    Attributes
    ----------
    path, layer
        The file, and its layer where there are several.
    crs
        Overrides what the file declares. Of the parents' file it is taken only where that declares nothing.
    parents
        File of the areas that should be covered.
    code_field, parent_field
        Fields by name; found by the names that planners use when not given.
    encoding
        Of a DBF's texts.
    tolerance_m
        Width below which a piece is a sliver.
    """

    path: Path
    layer: str | None = None
    crs: str | None = None
    parents: Path | None = None
    code_field: str | None = None
    parent_field: str | None = None
    encoding: str | None = None
    tolerance_m: float = TOLERANCE_M

    def command(self) -> str:
        """Return the command line that repeats the check."""
        given = {
            "--layer": self.layer,
            "--crs": self.crs,
            "--parents": self.parents.name if self.parents else None,
            "--code-field": self.code_field,
            "--parent-field": self.parent_field,
            "--encoding": self.encoding,
            "--tolerance": f"{self.tolerance_m:g}",
        }
        options = [word for name, value in given.items() if value is not None for word in (name, value)]
        return shlex.join(["gridwarden", "check", self.path.name, *options])


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A file that was checked, with all that it was checked by.

    Attributes
    ----------
    request
        What was asked for.
    file, above
        The file, and that of the parents; None without.
    children, parents
        Their rows, in the CRS of the file; None without parents.
    terms
        Of the check.
    report
        What came of it.
    """

    request: CheckRequest
    file: BoundaryFile
    above: BoundaryFile | None
    children: RowsToCheck
    parents: RowsToCheck | None
    terms: Terms
    report: CheckReport


def check_file(request: CheckRequest, advance: Callable[[str], None] = lambda stage: None) -> CheckReport:
    """Read a file, and its parents if they are given, and find every defect.

    Parameters
    ----------
    request, advance
        As for :func:`examine_file`.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read whole or whose CRS is unknown; single rows are findings, never errors.
    """
    return examine_file(request, advance).report


def examine_file(request: CheckRequest, advance: Callable[[str], None] = lambda stage: None) -> Examined:
    """Check a file, and keep what it was checked by, so that it can be mended.

    Parameters
    ----------
    request
        What to check.
    advance
        Told each stage, a key of :data:`STAGES`, as it begins.

    Raises
    ------
    BadInput, NotFound, TooLarge
        As :func:`check_file`.
    """
    advance("read")
    file = read_for_check(
        request.path,
        layer=request.layer,
        crs_text=request.crs,
        encoding=request.encoding,
        code_field=request.code_field,
        parent_field=request.parent_field,
    )
    crs, children = parse_crs(file.crs_text), rows_to_check(file, CHILD_SIGN)
    inputs, remarks = [_input(file, "areas")], list(children.remarks)
    above: BoundaryFile | None = None
    parents: RowsToCheck | None = None
    if request.parents is not None:
        above, parents, children, told = _with_parents(request, request.parents, file, children)
        inputs.append(_input(above, "parents"))
        remarks += told
    advance("check")
    terms, told = _terms(file, crs, children, parents, request.tolerance_m)
    report = CheckReport(
        result=judged(children, parents, terms),
        crs=crs_name(crs),
        areas=children.areas,
        parents=None if parents is None else parents.areas,
        inputs=tuple(inputs),
        versions=versions(),
        command=request.command(),
        remarks=(*remarks, *told),
    )
    return Examined(request, file, above, children, parents, terms, report)


def _with_parents(
    request: CheckRequest, path: Path, file: BoundaryFile, children: RowsToCheck
) -> tuple[BoundaryFile, RowsToCheck, RowsToCheck, list[GeoError]]:
    """Read the parents, in the CRS of the children; return their file, them, the children, and what was assumed."""
    above = read_parents(
        path,
        crs_text=request.crs,
        encoding=request.encoding,
        code_field=request.code_field,
        parent_field=request.parent_field,
    )
    parents = rows_to_check(above, PARENT_SIGN)
    remarks = list(parents.remarks)
    crs, there = parse_crs(file.crs_text), parse_crs(above.crs_text)
    if crs_name(there) != crs_name(crs):
        parents = moved(parents, there, crs)
        facts = {"name": above.name, "other": crs_title(there), "crs": crs_title(crs)}
        remarks.append(BadInput("parents-converted", place={"file": above.name}, **facts))
    if request.parent_field is None:
        children, told = with_known_parents(children, parents, file, above)
        remarks += told
    return above, parents, children, remarks


def crs_name(crs: Crs) -> str:
    """Return ``EPSG:n`` where a CRS is registered, ``gcj02`` or ``bd09``, else the text that was given."""
    if crs.kind == "offset":
        return "gcj02" if crs.title == "GCJ-02" else "bd09"
    known = {"cgcs2000": "EPSG:4490", "wgs84": "EPSG:4326"}.get(crs.name.lower())
    if known:
        return known
    try:
        authority = pyproj.CRS.from_user_input(crs.name).to_authority()
    except pyproj.exceptions.CRSError:
        return crs.name
    return crs.name if authority is None else ":".join(authority)


def crs_title(crs: Crs) -> str:
    """Return a CRS as people know it: its name, and its number if it has one."""
    name = crs_name(crs)
    return f"{crs.title} ({name})" if name.startswith("EPSG:") else crs.title


def versions() -> dict[str, str]:
    """Return the versions of the programs that a result depends on."""
    return {
        "gridwarden": version("gridwarden"),
        "python": python_version(),
        "numpy": np.__version__,
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "pyproj": pyproj.__version__,
        "proj": pyproj.proj_version_str,
        "pyogrio": pyogrio.__version__,
        "gdal": pyogrio.__gdal_version_string__,
    }


def _input(file: BoundaryFile, role: Role) -> CheckInput:
    crs = crs_title(parse_crs(file.crs_text))
    return CheckInput(file.name, file.sha256, role, file.format, file.layer, crs, len(file.rows))


def _terms(
    file: BoundaryFile, crs: Crs, children: RowsToCheck, parents: RowsToCheck | None, tolerance_m: float
) -> tuple[Terms, list[GeoError]]:
    """Return what the check goes by, and what of that has to be said."""
    metric = metric_of(crs, file.bounds)
    remarks: list[GeoError] = []
    if isinstance(metric, Converted):
        remarks.append(BadInput("measured-through-conversion", crs=crs_title(crs)))
    lattice = crs.is_stored and _stands_on_lattice(children) and (parents is None or _stands_on_lattice(parents))
    terms = Terms(tolerance_m=tolerance_m, lattice=lattice, metric=metric)
    if parents is not None:
        codes, marks = parents.areas.codes, parents.rows
        terms = replace(
            terms, not_subdivided=tuple(codes[marks.not_subdivided]), divided=tuple(codes[marks.fully_divided])
        )
    if children.areas.level == "microgrid":
        terms = replace(terms, sparse=True)
        remarks.append(BadInput("microgrids-sparse"))
    special = children.special
    if special.any():
        remarks.append(BadInput("specials-apart", count=int(special.sum())))
    return terms, remarks


def judged(children: RowsToCheck, parents: RowsToCheck | None, terms: Terms) -> CheckResult:
    """Check general grids as the seamless layer that they are, and special grids for themselves."""
    level, special, above = children.areas, children.special, None if parents is None else parents.areas
    if special.any():
        # The parent of a special grid is the lowest area that holds it, so it may be of any level.
        named = set(level.parents[special])
        own = check_by(replace(terms, sparse=True, divided=()), level.take(special), above, named)
        result = own if special.all() else check_by(terms, level.take(~special), above).joined([own])
    else:
        result = check_by(terms, level, above)
    return _with_own_findings(result, [children, *([] if parents is None else [parents])], terms.metric)


def _stands_on_lattice(own: RowsToCheck) -> bool:
    """Tell whether these are stored coordinates; mending invalid boundaries may lead off the lattice."""
    geoms = own.areas.geoms
    finite = bool(np.isfinite(shapely.get_coordinates(geoms)).all())
    return finite and bool(shapely.is_valid(geoms[~shapely.is_missing(geoms)]).all()) and is_on_lattice(geoms)


def _with_own_findings(result: CheckResult, read: list[RowsToCheck], metric: Metric) -> CheckResult:
    """Add what only the reader knows: why a row without a boundary has none."""
    explained: set[str] = set()
    for own in read:
        lost = {row for row, reason in own.defects.items() if reason != UNCLOSED}
        others = set(np.flatnonzero(shapely.is_missing(own.areas.geoms)).tolist()) - lost
        codes = own.areas.codes
        explained |= {str(codes[row]) for row in lost} - {str(codes[row]) for row in others}
    kept: list[Finding] = [
        finding
        for finding in result.findings
        if not (finding.detail == NO_BOUNDARY and explained.issuperset(finding.codes))
    ]
    found = [finding for own in read for finding in own.findings(metric)]
    return replace(result, findings=tuple(worst_first([*kept, *found])))
