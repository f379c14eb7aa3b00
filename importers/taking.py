"""From the rows of a file to areas in stored coordinates: what is refused, mended, matched and converted."""

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, texts
from geo.crs import Crs, stored_geometries
from geo.errors import BadInput, GeoError
from geo.matching import match
from geo.measure import area_m2
from importers.boundary_file import BoundaryFile
from importers.boundary_rows import BoundaryRows, CheckedRows
from importers.geometry_rows import checked_rows
from importers.import_report import ImportReport, RepairNote
from importers.import_request import ImportRequest
from importers.incoming import Incoming, digests_of


def take_rows(request: ImportRequest, file: BoundaryFile, crs: Crs) -> tuple[Incoming, ImportReport]:
    """Take the good rows of a file, in EPSG:4490 degrees, matched among themselves but not yet snapped.

    Borders are matched in the file's own CRS, where its edges are straight, and only then converted.

    Raises
    ------
    BadInput
        ``rows-refused`` where a row is refused and ``skip_bad_rows`` was not asked for; ``no-rows-left``.
    """
    checked = checked_rows(file, make_valid=request.make_valid)
    report = _report(request, file, crs)
    report.refusals = [(one.row, one.code, one.error) for one in checked.refusals]
    report.remarks = [*file.remarks]
    rows = _with_codes(checked.rows, request, report)
    require_no_refusals(report, request)
    if not len(rows):
        raise BadInput("no-rows-left", place={"file": file.name})
    digests = digests_of(rows.geoms, [file.crs_text, str(request.tolerance_m)])
    own, moved_m, vanished = _in_stored_coordinates(rows.geoms, crs, request.tolerance_m)
    report.repairs = _repairs(checked, crs)
    report.area_before_m2 = float(area_m2(own).sum())
    _refuse_vanished(rows, vanished, request, report)
    report.moved_m = float(moved_m.max(initial=0.0))
    report.moved_code = str(rows.codes[int(moved_m.argmax())]) if report.moved_m else ""
    kept = np.flatnonzero(~vanished)
    return _incoming(rows, own, digests, request).take(kept), report


def require_no_refusals(report: ImportReport, request: ImportRequest) -> None:
    """Stop where rows are refused, unless they may be skipped: the first reasons are told with the count."""
    if report.refusals and not request.skip_bad_rows:
        row, code, error = report.refusals[0]
        raise RowsRefused(report, place={"file": report.file, "row": row, "code": code, **error.place})


class RowsRefused(BadInput):
    """Rows of a file cannot come in; ``report`` lists them with their reasons."""

    def __init__(self, report: ImportReport, *, place: dict[str, object]) -> None:
        self.report = report
        super().__init__("rows-refused", place=place, count=len({row for row, _, _ in report.refusals}))


def _report(request: ImportRequest, file: BoundaryFile, crs: Crs) -> ImportReport:
    return ImportReport(
        file=file.name,
        format=file.format,
        sha256=file.sha256,
        layer=file.layer,
        encoding=f"{file.encoding.name} ({file.encoding.origin})",
        crs=crs.title if len(crs.name) > 40 else crs.name,
        crs_note=crs.remark,
        level=request.level,
        kind=request.kind or "general",
        tolerance_m=request.tolerance_m,
    )


def _with_codes(rows: BoundaryRows, request: ImportRequest, report: ImportReport) -> BoundaryRows:
    if request.assign_codes:
        return rows
    missing = rows.codes == ""
    report.refusals += [
        (int(row), "", BadInput("no-code", place={"file": report.file, "row": int(row)}))
        for row in rows.numbers[missing]
    ]
    return rows.take(~missing)


def _in_stored_coordinates(
    geoms: Geometries, crs: Crs, tolerance_m: float
) -> tuple[Geometries, npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    nothing = np.zeros(len(geoms), dtype=bool)
    if crs.is_stored:
        return geoms, np.zeros(len(geoms)), nothing
    scale = None
    if crs.kind == "projected":
        centre = np.array([[geom.centroid.x, geom.centroid.y] for geom in geoms[:1]])
        scale = float(np.mean([along.mean() for along in crs.metres_per_unit(centre)]))
    matched = match(geoms, tolerance_m=tolerance_m, metres_per_unit=scale)
    return stored_geometries(matched.geoms, crs), matched.moved_m, shapely.is_missing(matched.geoms)


def _refuse_vanished(
    rows: BoundaryRows, vanished: npt.NDArray[np.bool_], request: ImportRequest, report: ImportReport
) -> None:
    report.refusals += [
        (int(rows.numbers[place]), str(rows.codes[place]), vanished_error(report, int(rows.numbers[place])))
        for place in np.flatnonzero(vanished)
    ]
    require_no_refusals(report, request)


def vanished_error(report: ImportReport, row: int) -> GeoError:
    """Return the refusal of a row of which matching left nothing."""
    return BadInput("area-vanished", place={"file": report.file, "row": row}, tolerance_m=report.tolerance_m)


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
    rows: BoundaryRows, geoms: Geometries, digests: npt.NDArray[np.object_], request: ImportRequest
) -> Incoming:
    parents = rows.parent_texts if request.derive_parents else rows.parents
    return Incoming(
        rows=rows.numbers,
        codes=rows.codes,
        local_codes=rows.local_codes,
        names=rows.names,
        kinds=texts([_kind(rows, request)] * len(rows)),
        categories=np.where(rows.categories == "", request.category or "", rows.categories),
        parent_texts=parents,
        not_subdivided=rows.not_subdivided,
        fully_divided=rows.fully_divided,
        geoms=geoms,
        digests=digests,
    )


def _kind(rows: BoundaryRows, request: ImportRequest) -> str:
    """Return the one kind of an import: as asked for, else as every row says, else general."""
    if request.kind:
        return request.kind
    said = {kind for kind in rows.kinds if kind in ("general", "special")}
    if len(said) > 1:
        raise BadInput("mixed-kinds")
    return said.pop() if said else "general"
