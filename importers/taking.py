"""From the rows of a file to areas in stored coordinates: what is refused, mended, matched and converted."""

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, texts
from geo.crs import Crs, stored_geometries
from geo.errors import BadInput
from geo.matching import match
from geo.measure import area_m2
from importers.boundary_file import BoundaryFile
from importers.boundary_rows import BoundaryRows, CheckedRows
from importers.geometry_rows import checked_rows
from importers.import_report import ImportReport, RepairNote
from importers.import_request import ImportRequest
from importers.incoming import Incoming, digests_of

KINDS: Final = ("general", "special")
SPECIAL_LEVEL: Final = "grid"
"""The one level that has special areas; elsewhere a field named so means something else."""


def take_rows(request: ImportRequest, file: BoundaryFile, crs: Crs) -> tuple[Incoming, ImportReport]:
    """Take the good rows of a file, in EPSG:4490 degrees, matched among themselves but not yet snapped.

    Borders are matched in the file's own CRS, where its edges are straight, and only then converted.

    Returns
    -------
    tuple
        The areas, and the report so far: it holds the refusals, which stop nothing yet.

    Raises
    ------
    BadInput
        ``mixed-kinds``, ``special-level``, ``no-rows-left``.
    """
    checked = checked_rows(file, make_valid=request.make_valid)
    report = _report(request, file, crs)
    report.refusals = [(one.row, one.code, one.error) for one in checked.refusals]
    report.remarks = [*file.remarks]
    report.kind = _kind(checked.rows, request)
    rows = _of_kind(checked.rows, report) if request.level == SPECIAL_LEVEL else checked.rows
    if not len(rows):
        report.require_whole(request.skip_bad_rows)
        raise BadInput("no-rows-left", place={"file": file.name})
    digests = digests_of(rows.geoms, [file.crs_text, str(request.tolerance_m)])
    geoms, moved_m = _in_stored_coordinates(rows.geoms, crs, request.tolerance_m)
    report.repairs = _repairs(checked, crs)
    report.area_before_m2 = float(area_m2(geoms).sum())
    report.note_moved(moved_m, rows.codes)
    incoming = _incoming(rows, geoms, digests, request, file, report.kind)
    return report.without_vanished(incoming, geoms), report


def _report(request: ImportRequest, file: BoundaryFile, crs: Crs) -> ImportReport:
    return ImportReport(
        file=file.name,
        format=file.format,
        sha256=file.sha256,
        layer=file.layer,
        encoding=file.encoding,
        crs=crs.title if len(crs.name) > 40 else crs.name,
        crs_note=crs.remark,
        level=request.level,
        kind=request.kind or "general",
        tolerance_m=request.tolerance_m,
        rows=len(file.rows),
    )


def _kind(rows: BoundaryRows, request: ImportRequest) -> str:
    """Return the one kind of an import: as asked for, else as every row says, else general."""
    said = set(rows.kinds) & set(KINDS)
    if request.kind is None and len(said) > 1:
        raise BadInput("mixed-kinds")
    kind = request.kind or (said.pop() if said else "general")
    if kind == "special" and request.level != SPECIAL_LEVEL:
        raise BadInput("special-level", level=request.level)
    return kind


def _of_kind(rows: BoundaryRows, report: ImportReport) -> BoundaryRows:
    """Refuse rows whose kind is another, or no kind at all."""
    sound = np.array([kind in ("", report.kind) for kind in rows.kinds], dtype=bool)
    for place in np.flatnonzero(~sound).tolist():
        said = rows.kinds[place]
        error = "other-kind" if said in KINDS else "unknown-kind"
        report.refuse(int(rows.numbers[place]), rows.codes[place], error, given=said, wanted=report.kind)
    return rows.take(sound)


def _in_stored_coordinates(
    geoms: Geometries, crs: Crs, tolerance_m: float
) -> tuple[Geometries, npt.NDArray[np.float64]]:
    """Return boundaries in EPSG:4490, None where matching left nothing, and how far in m matching moved each."""
    if crs.is_stored:
        return geoms, np.zeros(len(geoms))
    scale = None
    if crs.kind == "projected":
        west, south, east, north = shapely.total_bounds(geoms)
        along = crs.metres_per_unit(np.array([[(west + east) / 2, (south + north) / 2]]))
        scale = float(np.mean([each.mean() for each in along]))
    matched = match(geoms, tolerance_m=tolerance_m, metres_per_unit=scale)
    return stored_geometries(matched.geoms, crs), matched.moved_m


def _repairs(checked: CheckedRows, crs: Crs) -> list[RepairNote]:
    if not checked.repairs:
        return []
    after = np.empty(len(checked.repairs), dtype=object)
    after[:] = [repair.after for repair in checked.repairs]
    # the drawn rings cannot be measured on the ellipsoid while they cross themselves: scale the planar difference
    after_m2 = area_m2(stored_geometries(after, crs))
    return [
        RepairNote(
            repair.row,
            repair.code,
            repair.reason,
            (repair.area_after - abs(repair.area_before)) * (size_m2 / repair.area_after if repair.area_after else 0.0),
        )
        for repair, size_m2 in zip(checked.repairs, after_m2.tolist(), strict=True)
    ]


def _incoming(
    rows: BoundaryRows,
    geoms: Geometries,
    digests: npt.NDArray[np.object_],
    request: ImportRequest,
    file: BoundaryFile,
    kind: str,
) -> Incoming:
    return Incoming(
        rows=rows.numbers,
        codes=rows.codes,
        local_codes=rows.local_codes,
        names=rows.names,
        kinds=texts([kind] * len(rows)),
        categories=np.where(rows.categories == "", request.category or "", rows.categories),
        parent_texts=rows.parent_texts if request.derive_parents else rows.parents,
        not_subdivided=rows.not_subdivided,
        fully_divided=rows.fully_divided,
        geoms=geoms,
        digests=digests,
        silent=_silent(request, file),
    )


def _silent(request: ImportRequest, file: BoundaryFile) -> frozenset[str]:
    """Return the columns of which neither the file nor the request says anything."""
    said = {
        "names": file.used.name,
        "local_codes": file.used.local_code or (file.used.code if request.assign_codes else None),
        "categories": file.used.category or request.category,
        "not_subdivided": file.used.not_subdivided,
        "fully_divided": file.used.fully_divided,
    }
    return frozenset(column for column, source in said.items() if source is None)
