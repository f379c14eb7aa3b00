"""From columns of points to columns of places: whatever is plain at once, the rest row by row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from geo.crs import Crs, parse_crs
from geo.errors import GeoError
from geo.zones import look_swapped
from importers.point_rows import EditionCalendar, Given, Place, PointReader

_DECIMAL: Final = r"^-?[0-9]+(\.[0-9]+)?$"
_FAR_DEG: Final = 3.0

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Editions = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class GivenColumns:
    """What rows say, column by column.

    Attributes
    ----------
    lon, lat
        Numbers or texts.
    crs, at
        Texts, or moments; None where the table has no such column.
    flaws
        Rows that cannot be read at all.
    address
        Texts; None where no column of addresses was named.
    """

    lon: pa.Array
    lat: pa.Array
    crs: pa.Array | None = None
    at: pa.Array | None = None
    flaws: Mapping[int, GeoError] = field(default_factory=dict)
    address: pa.Array | None = None

    def __len__(self) -> int:
        return len(self.lon)

    def row(self, row: int) -> Given | GeoError:
        """Return what one row says."""
        if row in self.flaws:
            return self.flaws[row]
        lon, lat = (_plain(column[row].as_py()) for column in (self.lon, self.lat))
        crs, at = ("" if column is None else cell_words(column[row].as_py()) for column in (self.crs, self.at))
        return Given(lon, lat, crs, at)


@dataclass(frozen=True, slots=True, eq=False)
class PlaceColumns:
    """Where and when rows are.

    Attributes
    ----------
    lonlat
        Degrees, EPSG:4490, shape (n, 2); what a refused row has means nothing.
    edition
        That held then, 0 before the first, shape (n,).
    refusals
        Why rows have no place.
    swapped
        How many look as if longitude and latitude were exchanged.
    """

    lonlat: Floats
    edition: Editions
    refusals: dict[int, GeoError]
    swapped: int


class PlaceReader:
    """Reads columns; what it cannot read at once goes to the reader of rows, which knows every spelling and refusal.

    Parameters
    ----------
    crs
        The system of rows that do not name their own.
    edition
        The edition of rows that do not name a moment.
    """

    def __init__(self, crs: Crs | None, edition: int, calendar: EditionCalendar) -> None:
        self._crs, self._edition, self._calendar = crs, edition, calendar
        self._rows = PointReader(crs, edition, calendar.named)

    def read(self, given: GivenColumns) -> PlaceColumns:
        """Return the places of rows."""
        count = len(given)
        x, y = _numbers(given.lon), _numbers(given.lat)
        good = np.isfinite(x) & np.isfinite(y)
        good[list(given.flaws)] = False
        edition = np.full(count, self._edition, dtype=np.int32)
        if given.at is not None:
            good &= self._date(given.at, edition)
        lonlat, swapped = np.zeros((count, 2)), 0
        for crs, rows in self._systems(given, good):
            points = np.column_stack((x[rows], y[rows]))
            found = crs.converted(points)
            fine = (np.abs(found[:, 0]) <= 180) & (np.abs(found[:, 1]) <= 90)
            found[~fine] = 0.0
            fine &= _is_usual(crs, points, found)
            lonlat[rows] = found
            good[rows] &= fine
        rest = np.flatnonzero(~good)
        refusals: dict[int, GeoError] = {}
        places = self._rows.read([given.row(row) for row in rest.tolist()])
        for row, place in zip(rest.tolist(), places, strict=True):
            if isinstance(place, Place):
                lonlat[row], edition[row] = (place.lon, place.lat), place.edition
                swapped += place.looks_swapped
            else:
                refusals[row] = place
                swapped += place.kind == "crs-axes-swapped"
        return PlaceColumns(lonlat, edition, refusals, swapped)

    def _systems(self, given: GivenColumns, good: Flags) -> Iterator[tuple[Crs, Any]]:
        """Yield each system and its rows; rows whose system is not known are not good."""
        if given.crs is None:
            if self._crs is not None:
                whole = good.all()
                yield self._crs, slice(None) if whole else np.flatnonzero(good)
            else:
                good[:] = False
            return
        coded = pc.dictionary_encode(_texts(given.crs))
        systems = [self._system(name) for name in coded.dictionary.to_pylist()]
        indices = coded.indices.to_numpy()
        known: dict[Crs, int] = {}
        numbers = np.array(
            [-1 if one is None else known.setdefault(one, len(known)) for one in systems], dtype=np.int64
        )
        number = np.where(good, numbers[indices], -1) if len(numbers) else np.full(len(good), -1)
        good &= number >= 0
        for crs, place in known.items():
            rows = np.flatnonzero(number == place)
            if len(rows):
                yield crs, rows

    def _system(self, name: str) -> Crs | None:
        if not name:
            return self._crs
        try:
            return parse_crs(name)
        except GeoError:
            return None

    def _date(self, at: pa.Array, edition: Editions) -> Flags:
        """Fill in the editions of moments; return which rows have one that is known to be good."""
        if pa.types.is_timestamp(at.type):
            found = self._calendar.editions(_microseconds(at, self._calendar.zone))
            named = ~at.is_null().to_numpy(zero_copy_only=False)
            edition[named] = found[named]
            return ~named | (found > 0)
        coded = pc.dictionary_encode(_texts(at))
        editions = np.array([self._named(text) for text in coded.dictionary.to_pylist()], dtype=np.int32)
        if len(editions):
            edition[:] = editions[coded.indices.to_numpy()]
        return edition >= 0

    def _named(self, text: str) -> int:
        if not text:
            return self._edition
        try:
            return self._calendar.named(text)[0]
        except GeoError:
            return -1


def _is_usual(crs: Crs, points: Floats, found: Floats) -> Flags:
    """Tell which points are beyond suspicion: the others are looked at one by one."""
    if crs.kind != "projected":
        return ~look_swapped(points)
    west, south, east, north = crs.home or (-180.0, -90.0, 180.0, 90.0)
    width = east - west if east >= west else east - west + 360
    lon, lat = found[:, 0], found[:, 1]
    home = (
        ((lon - west + _FAR_DEG) % 360 <= width + 2 * _FAR_DEG) & (lat >= south - _FAR_DEG) & (lat <= north + _FAR_DEG)
    )
    return home & (np.abs(points).max(axis=1, initial=0.0) > 180)


def _numbers(column: pa.Array) -> Floats:
    """Return the numbers of a column, NaN where it says something else."""
    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        texts = _texts(column)
        plain = pc.match_substring_regex(texts, _DECIMAL)
        return pc.if_else(plain, texts, None).cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.full(len(column), np.nan)


def _texts(column: pa.Array) -> pa.Array:
    """Return a column as texts without outer blanks, empty where there is nothing."""
    kind = column.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        if pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type):
            column = column.cast(pa.string())
        else:
            column = pa.array([cell_words(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(pc.utf8_trim_whitespace(column), "")


def _microseconds(at: pa.Array, zone: str) -> npt.NDArray[np.int64]:
    if at.type.tz is None:
        at = pc.assume_timezone(at, zone, ambiguous="earliest", nonexistent="earliest")
    micro = at.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    return pc.fill_null(micro, 0).to_numpy(zero_copy_only=False)


def _plain(value: Any) -> object:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def cell_words(value: Any) -> str:
    """Return what a cell says as text without outer blanks, empty where there is nothing."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | datetime) else str(value).strip()
