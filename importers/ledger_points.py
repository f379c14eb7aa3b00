"""Points in ledgers: from longitude and latitude columns to stored coordinates, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.crs import Crs, missing_crs, suspicious_numbers
from geo.errors import BadInput, GeoError
from importers.cell_text import decimal_number
from importers.sheets import Row, Table

_CHINA_LON_DEG: Final = (73.0, 136.0)
_CHINA_LAT_DEG: Final = (3.0, 54.0)
_EXPLAINED_ROWS: Final = 1000
"""Telling why a point is wrong takes a conversion; beyond this many the reason is only that it is."""


@dataclass(frozen=True, slots=True)
class Points:
    """The points of a table by row number: stored coordinates (lon, lat; degrees, EPSG:4490), or why there are none.

    A row with two blank cells is in neither.
    """

    found: Mapping[int, tuple[float, float]]
    refused: Mapping[int, GeoError]


def read_points(table: Table, columns: Mapping[str, str], crs: Crs | None) -> Points:
    """Read the points of a table.

    Parameters
    ----------
    table
        The ledger.
    columns
        Field to column, of which ``lon`` and ``lat`` are read; without both there are no points.
    crs
        The system of the numbers.

    Raises
    ------
    BadInput
        The refusal of :func:`geo.crs.missing_crs` where there are points and no ``crs``.
    """
    if "lon" not in columns or "lat" not in columns:
        return Points({}, {})
    numbers: list[int] = []
    xy: list[tuple[float, float]] = []
    refused: dict[int, GeoError] = {}
    for row in table.rows:
        try:
            point = _point(table, row, columns["lon"], columns["lat"])
        except BadInput as error:
            refused[row.number] = error
            continue
        if point is not None:
            numbers.append(row.number)
            xy.append(point)
    if not xy:
        return Points({}, refused)
    points = np.array(xy, dtype=np.float64)
    if crs is None:
        low, high = points.min(axis=0), points.max(axis=0)
        raise missing_crs((float(low[0]), float(low[1]), float(high[0]), float(high[1])))
    return _converted(table, columns["lon"], numbers, points, crs, refused)


def _point(table: Table, row: Row, lon: str, lat: str) -> tuple[float, float] | None:
    texts = [row.cells.get(lon, ""), row.cells.get(lat, "")]
    if not any(texts):
        return None
    values = [decimal_number(text) for text in texts]
    for column, value in zip((lon, lat), values, strict=True):
        if value is None:
            raise _refusal("ledger-point-unreadable", table, row.number, column)
    return values[0] or 0.0, values[1] or 0.0


def _converted(
    table: Table,
    column: str,
    numbers: Sequence[int],
    points: npt.NDArray[np.float64],
    crs: Crs,
    refused: dict[int, GeoError],
) -> Points:
    stored = crs.converted(points)
    wrong = ~((np.abs(stored[:, 0]) <= 180) & (np.abs(stored[:, 1]) <= 90))
    doubtful = wrong | _look_misplaced(points, stored, crs)
    for count, index in enumerate(np.flatnonzero(doubtful).tolist()):
        x, y = points[index].tolist()
        reason = suspicious_numbers((x, y, x, y), crs) if count < _EXPLAINED_ROWS else None
        if reason is not None:
            place = {"file": table.file, "row": numbers[index], "field": column}
            refused[numbers[index]] = BadInput(reason.kind, place=place, **reason.facts)
        elif wrong[index] or count >= _EXPLAINED_ROWS:
            refused[numbers[index]] = _refusal("ledger-point-out-of-range", table, numbers[index], column)
    pairs = zip(numbers, stored.tolist(), strict=True)
    return Points({number: (lon, lat) for number, (lon, lat) in pairs if number not in refused}, refused)


def _look_misplaced(
    points: npt.NDArray[np.float64], stored: npt.NDArray[np.float64], crs: Crs
) -> npt.NDArray[np.bool_]:
    """Return which points look as if their axes were swapped, or lie away from where a projection is used."""
    x, y = points[:, 0], points[:, 1]
    if crs.kind != "projected":
        return _within(x, _CHINA_LAT_DEG) & _within(y, _CHINA_LON_DEG)
    if crs.home is None:
        return np.zeros(len(points), dtype=bool)
    west, south, east, north = crs.home
    return ~(_within(stored[:, 0], (west, east)) & _within(stored[:, 1], (south, north)))


def _within(values: npt.NDArray[np.float64], bounds: tuple[float, float]) -> npt.NDArray[np.bool_]:
    return (values >= bounds[0]) & (values <= bounds[1])


def _refusal(kind: str, table: Table, row: int, column: str) -> BadInput:
    return BadInput(kind, place={"file": table.file, "row": row, "field": column}, row=row, column=column)
