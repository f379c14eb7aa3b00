"""Importing boundaries: from a file to a set of versions ready to be published, with a report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from geo.crs import parse_crs
from geo.errors import BadInput
from geo.store.editions import present
from geo.store.publish import NewVersions, Publication, close_areas, open_versions
from importers.boundary_file import BoundaryFile, read_boundaries
from importers.import_checks import found_in, shift_against_parents
from importers.import_report import ImportReport
from importers.import_request import ImportRequest
from importers.layering import Layering, layer_changes
from importers.taking import take_rows

Progress = Callable[[str], None]

STAGES: Final[dict[str, tuple[str, str]]] = {
    "read": ("读取文件", "reading the file"),
    "check-rows": ("检查各行、转换坐标", "checking rows, converting coordinates"),
    "load": ("读取相邻区域", "reading the neighbours"),
    "match": ("匹配边界", "matching borders"),
    "check-coverage": ("检查覆盖", "checking coverage"),
    "publish": ("写入并发布", "writing and publishing"),
}
"""The stages of an import in order, as people call them."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """An import that is ready: publish it, or let it be."""

    edition: int
    versions: NewVersions
    retired: list[int]
    report: ImportReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(len(self.versions.ids) or self.retired)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the versions inside a publication."""
        close_areas(connection, opened, self.retired)
        open_versions(connection, opened, self.versions)


def prepare(connection: Connection, request: ImportRequest, progress: Progress) -> Prepared:
    """Read, check, match and compare a file; nothing is written.

    Parameters
    ----------
    progress
        Called with the name of each stage as it begins.

    Raises
    ------
    GeoError
        For a file, option or row that cannot be taken; all rows or none, unless ``skip_bad_rows``.
    """
    request.hierarchy.require(request.level)
    if request.derive_parents and not request.hierarchy.above(request.level):
        raise BadInput("derive-needs-level", level=request.level)
    held = present(connection)
    edition, now = held.edition, held.at
    progress("read")
    file = _read(request)
    crs = parse_crs(file.crs_text)
    progress("check-rows")
    incoming, report = take_rows(request, file, crs)
    progress("load")
    layering = Layering.around(connection, now, incoming, request)
    shift = shift_against_parents(incoming, layering, crs)
    progress("match")
    result = layer_changes(layering, incoming, request, report)
    progress("check-coverage")
    report.findings = found_in(result, layering)
    report.remarks.extend([shift] if shift else [])
    return Prepared(edition, result.versions, result.retired, report)


def _read(request: ImportRequest) -> BoundaryFile:
    return read_boundaries(
        request.path,
        layer=request.layer,
        encoding=request.encoding,
        code_field=request.code_field,
        name_field=request.name_field,
        parent_field=request.parent_field,
        parent_text_field=request.derive_parents,
        crs_text=request.crs,
        assign_codes=request.assign_codes,
    )
