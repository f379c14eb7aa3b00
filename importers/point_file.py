"""Locating every point of a table: the rows stay as they are, the answers stand in columns beside them."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection

from geo.crs import Crs, missing_crs
from geo.errors import BadInput, Conflict
from geo.levels import DEFAULT, Hierarchy
from geo.messages import Language
from geo.store.locating import full_view
from geo.store.snapshot import Snapshot, build_snapshot
from importers.point_added import ColumnLocating
from importers.point_addresses import AddressReader
from importers.point_cities import Cities, Present
from importers.point_csv import CsvSource, kept_text, plain_text
from importers.point_locating import PointReport
from importers.point_parquet import ParquetSink, ParquetSource
from importers.point_places import PlaceReader
from importers.point_rows import EditionCalendar
from importers.point_table import READABLE
from importers.point_units import Mark, PointSink, PointSource
from importers.point_work import Work, fingerprint, working
from importers.point_workbook import WorkbookSink, WorkbookSource

FORMATS: Final = (*READABLE, ".parquet", ".xlsx")
_PARQUET, _XLSX = ".parquet", ".xlsx"

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows there are."""


@dataclass(frozen=True, slots=True)
class PointRequest:
    """What to locate.

    Attributes
    ----------
    source, target
        The table read, and the one written; the extensions say in which formats.
    crs
        The system of the points; None where a column ``crs`` says it row by row.
    at
        The moment of rows without one of their own.
    now
        The present, to judge moments by.
    zone
        The zone of moments without an offset.
    lon, lat
        Headings of the columns; None finds them.
    address
        Heading of the column of addresses; without one words are not read.
    encoding
        Of a CSV table; None detects it.
    force
        Whether a file that is there may be replaced.
    """

    source: Path
    target: Path
    crs: Crs | None
    at: datetime
    now: datetime
    zone: str = "Asia/Shanghai"
    lon: str | None = None
    lat: str | None = None
    address: str | None = None
    encoding: str | None = None
    force: bool = False
    hierarchy: Hierarchy = DEFAULT
    lang: Language = "zh"


def locate_file(
    connection: Connection, request: PointRequest, progress: Progress, present: Present | None = None
) -> PointReport:
    """Write a table with the answer for every row beside it.

    Rows are read, answered and written in parts, so that a table of any length needs the same memory. The file appears
    when it is whole. Where the process is killed, the same call goes on behind the last part that was saved, and
    writes the same bytes; another file, option or edition begins anew.

    Parameters
    ----------
    present
        Where the present city comes from; without, it is built.

    Raises
    ------
    BadInput
        Another format, no columns of points, a missing ``crs``, the target is the source, broken text.
    NotFound
        No such file.
    TooLarge
        What would take more memory than a table may.
    Conflict
        ``points-output-exists`` without ``force``; ``points-being-written``.
    """
    _require_free(request)
    source = _opened(request)
    if request.crs is None and source.columns.crs is None and source.columns.lon is not None:
        raise missing_crs(None)
    calendar = EditionCalendar.of(connection, request.now, request.zone)
    edition = calendar.at(request.at)
    now = request.now
    with working(request.target, _facts(request, calendar, edition)) as work:
        if work.saved:
            # moments in the rows are judged as they were at the beginning
            now = datetime.fromisoformat(work.saved["now"])
            calendar = EditionCalendar.of(connection, now, request.zone)
        connection.rollback()
        reader = PlaceReader(request.crs, edition, calendar)
        cities = Cities(connection, calendar.published, request.hierarchy, present or _built(request), work.folder)
        addresses = AddressReader(connection, calendar.published, cities.of, request.lang) if request.address else None
        locating = ColumnLocating(reader, cities.of, request.lang, addresses)
        with closing(_sink(request, source, work)) as sink:
            _write(source, sink, locating, work, progress, now)
            work.finish(sink.finish())
    resumed = int(work.saved["tally"]["rows"]) if work.saved else 0
    return locating.tally.report(edition, resumed, begun_anew=work.other)


def _write(
    source: PointSource, sink: PointSink, locating: ColumnLocating, work: Work, progress: Progress, now: datetime
) -> None:
    """Write all rows, and save every now and then how far that is."""
    saved: Mapping[str, Any] = work.saved or {}
    tally = locating.tally
    if saved:
        tally.restore(saved["tally"])
    marked = tally.rows
    for unit in source.units(saved.get("source")):
        sink.write(unit, locating.added(unit.given))
        if tally.rows - marked >= sink.rows_between_marks:
            marked = tally.rows
            work.save({"source": unit.mark, "sink": sink.mark(), "tally": tally.document(), "now": now.isoformat()})
        progress(tally.rows, source.row_count)


def _opened(request: PointRequest) -> PointSource:
    """Open the table in the format that its extension says."""
    suffix, path = request.source.suffix.lower(), request.source
    if suffix == _PARQUET:
        return ParquetSource(path, request.lon, request.lat, request.address)
    if suffix == _XLSX:
        return WorkbookSource(path, request.lon, request.lat, request.address)
    return CsvSource(path, request.encoding, request.lon, request.lat, request.address)


def _sink(request: PointRequest, source: PointSource, work: Work) -> PointSink:
    """Open what is written, where it was left."""
    mark: Mark | None = work.saved["sink"] if work.saved else None
    suffix, draft = request.target.suffix.lower(), work.folder / f"draft{request.target.suffix.lower()}"
    if suffix == _PARQUET:
        return ParquetSink(draft, source.schema, mark, source if isinstance(source, ParquetSource) else None)
    if suffix == _XLSX:
        return WorkbookSink(draft, source, mark)
    if isinstance(source, CsvSource):
        return kept_text(draft, source, mark)
    return plain_text(draft, source, "\t" if suffix == ".tsv" else ",", mark)


def _built(request: PointRequest) -> Present:
    def build(connection: Connection) -> Snapshot:
        return build_snapshot(connection, full_view, request.hierarchy)

    return build


def _facts(request: PointRequest, calendar: EditionCalendar, edition: int) -> dict[str, Any]:
    """Return all that the bytes of the result depend on."""
    published = calendar.published.get(edition)
    return {
        "input": fingerprint(request.source),
        "formats": [request.source.suffix.lower(), request.target.suffix.lower()],
        "edition": [edition, None if published is None else published.isoformat()],
        "crs": None if request.crs is None else request.crs.name,
        "columns": [request.lon, request.lat, request.address],
        "encoding": request.encoding,
        "zone": request.zone,
        "levels": list(request.hierarchy.levels),
        "lang": request.lang,
        "arrow": pa.__version__,
    }


def _require_free(request: PointRequest) -> None:
    source, target = request.source, request.target
    for path in (source, target):
        require_known_format(path)
    if not target.exists():
        return
    if source.exists() and source.samefile(target):
        raise BadInput("points-output-is-input", place={"file": target.name})
    if not request.force:
        raise Conflict("points-output-exists", place={"file": target.name}, name=target.name)


def require_known_format(path: Path) -> None:
    """Refuse a path whose extension names a format that is not read or written.

    Raises
    ------
    BadInput
        ``points-format``.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS and not path.is_dir():
        known = ", ".join(FORMATS)
        raise BadInput("points-format", place={"file": path.name}, format=suffix or path.name, known=known)
