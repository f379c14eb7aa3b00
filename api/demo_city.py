"""The sample city in a database: written, imported by the same functions as the commands, and skipped where it is."""

from collections.abc import Callable
from hashlib import file_digest
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Connection

from geo.circles.profiles import SEED as SEED_PROFILE
from geo.errors import Conflict
from geo.levels import Hierarchy
from geo.store.circle_refresh import refresh
from geo.store.editions import present_edition, recorded_inputs
from importers.acceptance import Acceptance
from importers.boundaries import prepare
from importers.facility_import import prepare_facilities
from importers.import_request import ImportRequest
from importers.ledger_import import prepare_residences, prepare_teams
from importers.publishing import publish_boundaries, publish_ledger
from importers.sample import write_sample
from importers.street_import import prepare_streets

Tell = Callable[[str], None]
"""Called with the name of each file that is about to be imported."""

SEED: Final = 1
ACTOR: Final = "demo"
_BOUNDARIES: Final[tuple[tuple[str, str, Literal["general", "special"]], ...]] = (
    ("city", "city", "general"),
    ("counties", "county", "general"),
    ("towns", "town", "general"),
    ("communities", "community", "general"),
    ("grids", "grid", "general"),
    ("microgrids", "microgrid", "general"),
    ("special", "grid", "special"),
)
TEAMS, RESIDENCES, FACILITIES, STREETS = "teams.csv", "residences.csv", "facilities.csv", "streets"


def written_city(home: Path, grids: int) -> Path:
    """Return the folder of the sample city below a home, written where it is missing."""
    folder = home / f"sample-{grids}"
    if not folder.is_dir():
        # Under its name only when whole.
        partial = home / f"sample-{grids}.partial"
        write_sample(partial, grids, SEED)
        partial.rename(folder)
    return folder


def require_same_city(connection: Connection, folder: Path, home: Path, grids: int) -> None:
    """Refuse a database that holds something else than this city.

    Raises
    ------
    Conflict
        ``demo-other-city``.
    """
    if present_edition(connection) and _digest(_boundary_file(folder, "city")) not in recorded_inputs(connection):
        raise Conflict("demo-other-city", home=home, grids=grids)


def load_city(connection: Connection, folder: Path, hierarchy: Hierarchy, tell: Tell) -> None:
    """Import and publish every file of the city that no edition was made from yet.

    Parameters
    ----------
    connection
        Without an open transaction.
    folder
        As ``gridwarden sample`` writes it.
    """
    known = recorded_inputs(connection)
    connection.rollback()
    for stem, level, kind in _BOUNDARIES:
        file = _boundary_file(folder, stem)
        if _digest(file) not in known:
            tell(file.name)
            request = ImportRequest(path=file, level=level, kind=kind, hierarchy=hierarchy)
            _load_boundaries(connection, request)
    if _digest(folder / TEAMS) not in known:
        tell(TEAMS)
        _load_teams(connection, folder / TEAMS)
    if _digest(folder / RESIDENCES) not in known:
        tell(RESIDENCES)
        _load_residences(connection, folder / RESIDENCES)


def load_circles(connection: Connection, folder: Path, tell: Tell) -> None:
    """Import the streets and facilities of the city that no edition was made from yet, and make the circles.

    Parameters
    ----------
    connection
        Without an open transaction.
    """
    known = recorded_inputs(connection)
    connection.rollback()
    streets = _boundary_file(folder, STREETS)
    if streets.exists() and _digest(streets) not in known:
        tell(streets.name)
        prepared = prepare_streets(connection, streets, layer=None, crs=None, encoding=None, add=False)
        connection.rollback()
        publish_ledger(connection, prepared, streets.name, ACTOR)
    if _digest(folder / FACILITIES) not in known:
        tell(FACILITIES)
        facilities = prepare_facilities(
            connection, folder / FACILITIES, crs="cgcs2000", sheet=None, encoding=None, skip_bad_rows=False
        )
        connection.rollback()
        publish_ledger(connection, facilities, FACILITIES, ACTOR)
    refresh(connection, SEED_PROFILE, actor=ACTOR, title=SEED_PROFILE.name, advance=lambda done, total: None)


def _load_boundaries(connection: Connection, request: ImportRequest) -> None:
    prepared = prepare(connection, request, lambda stage: None)
    connection.rollback()
    publish_boundaries(connection, prepared, Acceptance(), request.path.name, ACTOR)


def _load_teams(connection: Connection, file: Path) -> None:
    prepared = prepare_teams(connection, file, sheet=None, encoding=None, skip_bad_rows=False)
    connection.rollback()
    publish_ledger(connection, prepared, file.name, ACTOR)


def _load_residences(connection: Connection, file: Path) -> None:
    prepared = prepare_residences(connection, file, crs="cgcs2000", sheet=None, encoding=None, skip_bad_rows=False)
    connection.rollback()
    publish_ledger(connection, prepared, file.name, ACTOR)


def _boundary_file(folder: Path, stem: str) -> Path:
    """Return the boundaries of one level: GeoJSON, and GeoParquet in a very large city."""
    lines = folder / f"{stem}.geojson"
    return lines if lines.exists() else folder / f"{stem}.parquet"


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
