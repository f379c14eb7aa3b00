"""Importing facilities: from a ledger, a layer or OpenStreetMap to what the store takes, with a report."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from geo.crs import parse_crs
from geo.errors import BadInput
from geo.lattice import degrees, snap
from geo.store.editions import present
from geo.store.facilities import Facility, StoredFacility, load_facilities, write_facilities
from geo.store.publish import Publication
from importers import facilities as facility_ledger
from importers.facility_layer import read_layer_facilities
from importers.facility_osm import read_osm_facilities
from importers.ledger_import import LedgerReport, ledger_opened, ledger_table
from importers.limits import Limits
from importers.osm_file import is_osm_file
from importers.source import is_layer_file


@dataclass(frozen=True, slots=True)
class PreparedFacilities:
    """Facilities that are new or different, and the ids of those that end, ready to be published."""

    edition: int
    facilities: list[Facility]
    ended: Sequence[int]
    report: LedgerReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(self.facilities or self.ended)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the facilities inside a publication."""
        write_facilities(connection, opened, self.facilities, self.ended)


def prepare_facilities(
    connection: Connection,
    path: Path,
    *,
    crs: str | None,
    sheet: str | None,
    encoding: str | None,
    skip_bad_rows: bool,
    layer: str | None = None,
    category: str | None = None,
    retire_missing: bool = False,
) -> PreparedFacilities:
    """Read facilities and compare them with what is stored.

    The same category and name is the same facility; where several bear one name, each is known by its place, too.

    Parameters
    ----------
    layer, category
        For layers: which of several, and the category of all rows where there is no field for it.
    retire_missing
        End the facilities of the file's categories that are not in it.

    Raises
    ------
    GeoError
        For a file that holds no facilities, or points without a CRS; all rows or none, unless ``skip_bad_rows``.
    """
    sha256, ledger = _read(connection, path, crs, sheet, encoding, layer, category)
    held = present(connection)
    report = LedgerReport(
        path.name,
        sha256,
        "facilities",
        totals={"-": dict(Counter(one.category for one in ledger.facilities))},
        refused=ledger.refused,
        dropped=ledger.dropped,
        remarks=ledger.remarks,
    )
    report.require_whole(skip_bad_rows)
    stored = load_facilities(connection, held.at)
    wanted = list(dict.fromkeys(map(_facility, ledger.facilities)))
    known = {one.facility for one in stored}
    fresh = [one for one in wanted if one not in known]
    ended = _ended(stored, wanted, retire_missing=retire_missing)
    report.taken, report.unchanged = len(fresh), len(wanted) - len(fresh)
    return PreparedFacilities(held.edition, fresh, ended, report)


def _read(
    connection: Connection,
    path: Path,
    crs: str | None,
    sheet: str | None,
    encoding: str | None,
    layer: str | None,
    category: str | None,
) -> tuple[str, facility_ledger.FacilityLedger]:
    if is_osm_file(path):
        if crs is not None or layer is not None:
            raise BadInput("osm-has-its-crs", place={"file": path.name}, name=path.name)
        sha256, found = read_osm_facilities(path, Limits())
        return sha256, facility_ledger.FacilityLedger(tuple(found), (), (), ())
    if is_layer_file(path):
        return read_layer_facilities(path, layer=layer, crs=crs, encoding=encoding, category=category, limits=Limits())
    system = parse_crs(crs) if crs else None
    _, _, directory, _ = ledger_opened(connection)
    table, sha256 = ledger_table(path, sheet, encoding)
    return sha256, facility_ledger.read_facilities(table, directory, system)


def _ended(stored: Sequence[StoredFacility], wanted: Sequence[Facility], *, retire_missing: bool) -> list[int]:
    """Return the ids of those that stand in the file otherwise, and with ``retire_missing`` of those that do not."""
    same, names = set(wanted), {(one.category, one.name) for one in wanted}
    categories = {one.category for one in wanted} if retire_missing else set()
    return [
        one.id
        for one in stored
        if one.facility not in same
        and ((one.facility.category, one.facility.name) in names or one.facility.category in categories)
    ]


def _facility(one: facility_ledger.Facility) -> Facility:
    lon, lat = degrees(snap([one.lon, one.lat])).tolist()
    return Facility(one.name, one.category, one.address or None, lon, lat)
