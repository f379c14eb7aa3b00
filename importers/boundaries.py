"""Importing boundaries: from a file to a set of versions ready to be published, with a report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from geo.crs import Crs, parse_crs
from geo.errors import BadInput, GeoError
from geo.exceptions import site_day
from geo.measure import area_m2
from geo.store.editions import present
from geo.store.findings import accepted_findings
from geo.store.publish import NewVersions, Publication, close_areas, open_versions
from geo.stored import StoredAreas, together
from importers.boundary_file import BoundaryFile, read_boundaries
from importers.import_checks import checked
from importers.import_report import Counts, ImportReport
from importers.import_request import ImportRequest
from importers.incoming import Incoming
from importers.layering import Fit, fit
from importers.shift import looks_shifted
from importers.surroundings import Surroundings
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
    """An import that is ready: publish it, or let it be.

    Attributes
    ----------
    edition
        Of the state that it was prepared on.
    versions, retired
        What it opens, and the ids of the areas that it ends.
    before, after
        All areas around it, as they are and as they are to be.
    """

    edition: int
    versions: NewVersions
    retired: list[int]
    before: StoredAreas
    after: StoredAreas
    report: ImportReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(len(self.versions) or self.retired)

    def write(self, connection: Connection, opened: Publication) -> dict[int, int]:
        """Write the versions inside a publication; return the ids of new areas by the negative ones they came with."""
        close_areas(connection, opened, self.retired)
        return open_versions(connection, opened, self.versions)


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
    moment = present(connection)
    progress("read")
    file = _read(request)
    crs = parse_crs(file.crs_text)
    progress("check-rows")
    incoming, report = take_rows(request, file, crs)
    progress("load")
    around = Surroundings.load(connection, moment.at, incoming, request)
    progress("match")
    fitted = fit(around, incoming, request, report)
    progress("check-coverage")
    today = site_day(moment.at, request.zone)
    fitted, report.findings, report.standing = checked(fitted, accepted_findings(connection, today))
    report.remarks += _doubts(fitted, incoming, crs)
    retired = around.present.ids[fitted.retiring].tolist()
    own_m2 = area_m2(fitted.own.areas.geoms)
    versions = _versions(fitted, own_m2)
    report.counts = _counts(fitted, report)
    report.area_after_m2 = float(own_m2.sum())
    return Prepared(moment.edition, versions, retired, around.present, fitted.after(), report)


def _doubts(fitted: Fit, incoming: Incoming, crs: Crs) -> list[GeoError]:
    given = incoming.take(np.searchsorted(incoming.rows, fitted.own.rows))
    shift = looks_shifted(fitted.own.with_areas(given), fitted.around, crs)
    return [shift] if shift else []


def _versions(fitted: Fit, own_m2: npt.NDArray[np.float64]) -> NewVersions:
    """Return every version that the import opens, those of neighbours that received a node included."""
    neighbours = fitted.before().take(fitted.neighbours())
    parts = [neighbours]
    noded = [np.ones(len(neighbours), dtype=bool)]
    sizes_m2 = [area_m2(neighbours.geoms)]
    for layer, changes in zip(fitted.layers, fitted.changes, strict=True):
        opened = changes.any()
        parts.append(layer.take(opened).as_stored())
        noded.append(changes.only_noded()[opened])
        sizes_m2.append((own_m2 if layer is fitted.own else area_m2(layer.areas.geoms))[opened])
    return NewVersions(together(*parts), np.concatenate(sizes_m2), np.concatenate(noded))


def _counts(fitted: Fit, report: ImportReport) -> Counts:
    changes = fitted.changes[-1]
    return Counts(
        read=report.rows,
        new=int(changes.new.sum()),
        redrawn=int(changes.redrawn.sum()),
        renamed=int((changes.renamed & ~changes.redrawn).sum()),
        unchanged=int((~(changes.any() & ~changes.only_noded())).sum()),
        retired=int(fitted.retiring.sum()),
        noded=int(fitted.neighbours().sum() + sum(each.only_noded().sum() for each in fitted.changes)),
        refused=len(report.refused_rows()),
        derived=sum(int(each.any().sum()) for each in fitted.changes[:-1]),
    )


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
