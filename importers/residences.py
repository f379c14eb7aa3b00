"""Residence ledgers: buildings and addresses with their households, by grid or by point."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from geo.crs import Crs
from geo.errors import BadInput, GeoError
from importers.cell_text import folded, whole_number
from importers.directory import AreaDirectory
from importers.ledger_areas import AreaReader
from importers.ledger_columns import fields_of
from importers.ledger_points import Points, read_points
from importers.people import Person, mentions
from importers.sheets import Row, SetAside, Table

_ADDRESS_FIELDS: Final = ("address", "estate", "building", "unit")
_REASON_OF: Final = {
    "unreadable": "ledger-count-unreadable",
    "negative": "ledger-count-negative",
    "fraction": "ledger-count-fraction",
    "too-large": "ledger-count-too-large",
}


@dataclass(frozen=True, slots=True)
class Residence:
    """A building or address with the people who live there.

    Attributes
    ----------
    row
        Row of the ledger.
    address, estate, building, unit
        Texts, ``""`` where the ledger has none.
    households, residents
        Counts; residents may be unknown.
    leader
        The 楼栋长: personal data.
    grid_code
        Code of the grid, or None where only the point is known.
    lon, lat
        Degrees, EPSG:4490, not snapped; None where only the grid is known.
    """

    row: int
    address: str
    estate: str
    building: str
    unit: str
    households: int
    residents: int | None
    leader: Person | None = field(repr=False)
    grid_code: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class ResidenceTotal:
    """What the residences of one grid add up to; residents only of those where they are known."""

    residences: int
    households: int
    residents: int


@dataclass(frozen=True, slots=True)
class ResidenceLedger:
    """What a residence ledger says; ``refused`` has every row that was not taken, with row, column and reason."""

    residences: tuple[Residence, ...]
    refused: tuple[SetAside, ...]
    dropped: tuple[SetAside, ...]
    remarks: tuple[GeoError, ...]

    def totals(self) -> dict[str | None, ResidenceTotal]:
        """Return the sums by grid code; under None those that only have a point."""
        found: dict[str | None, ResidenceTotal] = {}
        for item in self.residences:
            known = found.get(item.grid_code, ResidenceTotal(0, 0, 0))
            found[item.grid_code] = ResidenceTotal(
                known.residences + 1,
                known.households + item.households,
                known.residents + (item.residents or 0),
            )
        return found


def read_residences(table: Table, directory: AreaDirectory, crs: Crs | None) -> ResidenceLedger:
    """Read a residence ledger.

    A row needs households and a grid, a point, or both; both are kept, and whether they agree is for the caller to
    check.

    Parameters
    ----------
    table
        The ledger.
    directory
        The areas it may speak of.
    crs
        System of its points; None where it has none.

    Raises
    ------
    BadInput
        ``ledger-column-missing``; the refusal of :func:`geo.crs.missing_crs` for points without a system.
    """
    columns = fields_of(table.columns)
    areas = AreaReader(table, directory, "grid")
    if "households" not in columns:
        raise BadInput("ledger-column-missing", place={"file": table.file}, wanted="户数 / households")
    if not areas.has_columns and not {"lon", "lat"} <= columns.keys():
        wanted = "网格编码、网格，或经度和纬度 / grid_code, grid, or lon and lat"
        raise BadInput("ledger-column-missing", place={"file": table.file}, wanted=wanted)
    reader = _ResidenceReader(table, columns, areas, read_points(table, columns, crs))
    for row in table.rows:
        reader.take(row)
    return ResidenceLedger(
        tuple(reader.residences), tuple(reader.refused), table.dropped, (*table.remarks, *reader.remarks)
    )


@dataclass(slots=True)
class _ResidenceReader:
    """Collects residences row by row."""

    table: Table
    columns: Mapping[str, str]
    areas: AreaReader
    points: Points
    residences: list[Residence] = field(default_factory=list)
    refused: list[SetAside] = field(default_factory=list)
    remarks: list[GeoError] = field(default_factory=list)
    _first_rows: dict[tuple[object, ...], int] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """Add a row's residence, or set the row aside."""
        try:
            self.residences.append(self._residence(row))
        except GeoError as error:
            self.refused.append(SetAside(row.number, error))

    def _residence(self, row: Row) -> Residence:
        households = self._count(row, "households")
        if households is None:
            raise self._refusal("ledger-count-missing", row, "households")
        residents = self._count(row, "residents")
        if row.number in self.points.refused:
            raise self.points.refused[row.number]
        point = self.points.found.get(row.number)
        grid = self._grid(row, point is not None)
        self._refuse_repeated(row, grid, point)
        lon, lat = point or (None, None)
        address, estate, building, unit = (self._text(row, name) for name in _ADDRESS_FIELDS)
        return Residence(
            row.number, address, estate, building, unit, households, residents, self._leader(row), grid, lon, lat
        )

    def _grid(self, row: Row, has_point: bool) -> str | None:
        if self.areas.has_columns and self.areas.is_named(row):
            return self.areas.area_of(row)
        if has_point:
            return None
        raise self._refusal("ledger-no-grid-no-point", row, "grid")

    def _count(self, row: Row, name: str) -> int | None:
        text = self._text(row, name)
        if not text:
            return None
        value = whole_number(text)
        if isinstance(value, int):
            return value
        raise self._refusal(_REASON_OF[value], row, name)

    def _refuse_repeated(self, row: Row, grid: str | None, point: tuple[float, float] | None) -> None:
        """Refuse an address that stood in the same grid before; without a grid, at the same point."""
        parts = tuple(folded(self._text(row, name)) for name in _ADDRESS_FIELDS)
        if not any(parts):
            return
        first = self._first_rows.setdefault((grid or point, *parts), row.number)
        if first != row.number:
            column = next(self.columns[name] for name in _ADDRESS_FIELDS if self._text(row, name))
            place = {"file": self.table.file, "row": row.number, "field": column}
            raise BadInput("ledger-address-repeated", place=place, row=row.number, earlier=first)

    def _leader(self, row: Row) -> Person | None:
        found = mentions(self._text(row, "leader"), self._text(row, "leader_phone"))
        if not found:
            return None
        if found[0].doubt is not None:
            name = "leader_phone" if "leader_phone" in self.columns else "leader"
            self.remarks.append(self._refusal(found[0].doubt, row, name))
        return found[0].person(f"row {row.number}")

    def _text(self, row: Row, name: str) -> str:
        return row.cells.get(self.columns.get(name, ""), "")

    def _refusal(self, kind: str, row: Row, name: str) -> BadInput:
        column = self.columns.get(name, name)
        place = {"file": self.table.file, "row": row.number, "field": column}
        return BadInput(kind, place=place, row=row.number, column=column)
