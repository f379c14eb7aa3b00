"""From the cells of a row to a place and a moment, or the reason why there is none."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geo.crs import Crs, missing_crs, parse_crs, suspicious_numbers
from geo.errors import BadInput, GeoError
from geo.moments import parse_at
from geo.store.editions import list_editions
from importers.coordinate_text import coordinate
from importers.point_columns import PointColumns
from importers.point_table import Record

_REMEMBERED: Final = 1 << 16
_ALL: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when: degrees (EPSG:4490, not snapped) and the edition that held then, 0 before the first."""

    lon: float
    lat: float
    edition: int
    looks_swapped: bool


class EditionCalendar:
    """Which edition held when: the answers of two moments within one edition are the same."""

    def __init__(self, connection: Connection, now: datetime, zone: str) -> None:
        editions = sorted(list_editions(connection, before=None, limit=_ALL), key=lambda one: one.id)
        self._ids = [one.id for one in editions]
        self.published = {one.id: one.published_at for one in editions}
        self._moments = [one.published_at for one in editions]
        self._now, self._zone = now, zone

    def at(self, moment: datetime) -> int:
        """Return the edition of a moment, 0 before the first."""
        place = bisect_right(self._moments, moment)
        return self._ids[place - 1] if place else 0

    def named(self, text: str) -> int:
        """Return the edition of the moment that a cell names; raises like :func:`geo.moments.parse_at`."""
        first = self._moments[0] if self._moments else None
        return self.at(parse_at(text, now=self._now, zone=self._zone, first=first))


class PointReader:
    """Reads the rows of one table, many at a time.

    Parameters
    ----------
    columns
        Where things stand.
    crs
        The system of rows that do not name their own.
    edition
        The edition of rows that do not name a moment.
    """

    def __init__(
        self, columns: PointColumns, header_cells: int, crs: Crs | None, calendar: EditionCalendar, edition: int
    ) -> None:
        self._columns, self._header_cells = columns, header_cells
        self._crs, self._edition = crs, edition
        # Refusals are remembered too: a wrong name in a million rows is looked up once.
        self._crs_of = lru_cache(_REMEMBERED)(_named_crs)
        self._edition_of = lru_cache(_REMEMBERED)(lambda text: _named_edition(calendar, text))

    def read(self, records: Sequence[Record]) -> list[Place | GeoError]:
        """Return the place of each row, or why it has none."""
        found: list[Place | GeoError] = [BadInput("point-empty")] * len(records)
        numbers: dict[Crs, list[tuple[int, float, float, int]]] = defaultdict(list)
        for row, record in enumerate(records):
            try:
                crs, edition, x, y = self._parsed(record)
            except GeoError as refusal:
                found[row] = refusal
            else:
                numbers[crs].append((row, x, y, edition))
        for crs, points in numbers.items():
            converted = crs.converted(np.array([(x, y) for _, x, y, _ in points], dtype=np.float64))
            for (row, x, y, edition), (lon, lat) in zip(points, converted.tolist(), strict=True):
                found[row] = _placed(crs, (x, y), (lon, lat), edition)
        return found

    def _parsed(self, record: Record) -> tuple[Crs, int, float, float]:
        if any(cell.strip() for cell in record.cells[self._header_cells :]):
            raise BadInput("point-row-too-long", cells=len(record.cells), headings=self._header_cells)
        columns = self._columns
        named_crs, named_at = _cell(record, columns.crs), _cell(record, columns.at)
        crs = self._crs_of(named_crs) if named_crs else self._crs
        edition = self._edition_of(named_at) if named_at else self._edition
        if crs is None:
            raise missing_crs(None)
        if isinstance(crs, GeoError):
            raise crs
        if isinstance(edition, GeoError):
            raise edition
        angle = crs.kind != "projected"
        x = coordinate(_cell(record, columns.lon), "lon", angle=angle)
        y = coordinate(_cell(record, columns.lat), "lat", angle=angle)
        return crs, edition, x, y


def _cell(record: Record, column: int | None) -> str:
    return record.cells[column].strip() if column is not None and column < len(record.cells) else ""


def _named_crs(text: str) -> Crs | GeoError:
    try:
        return parse_crs(text)
    except BadInput as refusal:
        return refusal


def _named_edition(calendar: EditionCalendar, text: str) -> int | GeoError:
    try:
        return calendar.named(text)
    except GeoError as refusal:
        return refusal


def _placed(crs: Crs, given: tuple[float, float], stored: tuple[float, float], edition: int) -> Place | GeoError:
    """Return the place, or why numbers are none: in degrees all that lies on the globe is a place somewhere."""
    (x, y), (lon, lat) = given, stored
    on_globe = abs(lon) <= 180 and abs(lat) <= 90
    flaw = suspicious_numbers((x, y, x, y), crs)
    if on_globe and (flaw is None or crs.kind != "projected"):
        return Place(lon, lat, edition, looks_swapped=flaw is not None and flaw.kind == "crs-axes-swapped")
    return flaw or BadInput("crs-beyond-the-globe", x=x, y=y)
