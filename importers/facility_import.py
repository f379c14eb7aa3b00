"""Importing ledgers of facilities: from a table to what the store takes, with a report."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from geo.crs import parse_crs
from geo.lattice import degrees, snap
from geo.store.facilities import Facility, load_facilities, write_facilities
from geo.store.publish import Publication
from importers import facilities as facility_ledger
from importers.ledger_import import LedgerReport, ledger_opened, ledger_report, ledger_table


@dataclass(frozen=True, slots=True)
class PreparedFacilities:
    """Facilities that are new or different, ready to be published."""

    edition: int
    facilities: list[Facility]
    report: LedgerReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(self.facilities)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the facilities inside a publication."""
        write_facilities(connection, opened, self.facilities)


def prepare_facilities(
    connection: Connection,
    path: Path,
    *,
    crs: str | None,
    sheet: str | None,
    encoding: str | None,
    skip_bad_rows: bool,
) -> PreparedFacilities:
    """Read a ledger of facilities and compare it with what is stored; the same category and name is the same place.

    Raises
    ------
    GeoError
        For a file that is no such ledger, or points without a CRS; all rows or none, unless ``skip_bad_rows``.
    """
    system = parse_crs(crs) if crs else None
    edition, now, directory, _ = ledger_opened(connection)
    table, sha256 = ledger_table(path, sheet, encoding)
    ledger = facility_ledger.read_facilities(table, directory, system)
    totals = {"-": dict(Counter(one.category for one in ledger.facilities))}
    report = ledger_report(table, sha256, "facilities", ledger, totals)
    report.require_whole(skip_bad_rows)
    stored = set(load_facilities(connection, now))
    wanted = [_facility(one) for one in ledger.facilities]
    fresh = [one for one in wanted if one not in stored]
    report.taken, report.unchanged = len(fresh), len(wanted) - len(fresh)
    return PreparedFacilities(edition, fresh, report)


def _facility(one: facility_ledger.Facility) -> Facility:
    lon, lat = degrees(snap([one.lon, one.lat])).tolist()
    return Facility(one.name, one.category, one.address or None, lon, lat)
