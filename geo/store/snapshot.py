"""From the tables to the city of one edition, held ready; which parts of an older one still serve."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection

from geo.levels import Hierarchy
from geo.locate.city import CityIndex
from geo.locate.ready import ReadyCity
from geo.store.areas import load_areas
from geo.store.editions import moment_of, present, present_edition
from geo.store.locating import TeamView
from geo.store.sql import statement
from geo.store.teams import teams_of


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The city as of one edition, 0 before the first."""

    edition: int
    city: ReadyCity


def build_snapshot(
    connection: Connection, view: TeamView, hierarchy: Hierarchy, older: Snapshot | None = None
) -> Snapshot:
    """Build the snapshot of the present edition.

    Parameters
    ----------
    connection
        One that sees one state of the database all the time.
    view
        What answers show of teams.
    older
        A snapshot of an earlier edition: layers of which nothing has changed are taken from it.
    """
    edition = present_edition(connection)
    at = moment_of(connection, edition) if edition else present(connection).at
    changed = _changed_layers(connection, older.edition if older else 0)
    teams = {area_id: view(team) for area_id, team in teams_of(connection, at, None).items()}
    if older is not None and not changed:
        city = older.city
        return Snapshot(edition, replace(city, tables=city.tables.with_teams(teams), phrases={}))
    areas = load_areas(connection, at)
    kept = older.city.index.named(hierarchy) if older else {}
    unchanged = {name: layer for name, layer in kept.items() if name not in changed}
    index = CityIndex.of(areas, hierarchy, unchanged)
    return Snapshot(edition, ReadyCity.of(areas, teams, hierarchy, index))


def build_past(connection: Connection, edition: int, view: TeamView, hierarchy: Hierarchy) -> Snapshot:
    """Build the snapshot of an edition that was published, present or past.

    Raises
    ------
    NotFound
        For an edition that does not exist.
    """
    at = moment_of(connection, edition)
    teams = {area_id: view(team) for area_id, team in teams_of(connection, at, None).items()}
    return Snapshot(edition, ReadyCity.of(load_areas(connection, at), teams, hierarchy))


def _changed_layers(connection: Connection, edition: int) -> frozenset[tuple[str, str]]:
    """Return level and kind of every area that was opened or ended after an edition."""
    rows = connection.execute(statement("layers_changed"), {"edition": edition})
    return frozenset((row.level, row.kind) for row in rows)
