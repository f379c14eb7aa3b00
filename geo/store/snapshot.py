"""From the tables to the city of one edition, held ready; what later editions changed of it."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from geo.levels import Hierarchy
from geo.locate.city_patch import Changes
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
    connection: Connection, view: TeamView, hierarchy: Hierarchy, edition: int | None = None, *, roomy: bool = False
) -> Snapshot:
    """Build the snapshot of an edition.

    Parameters
    ----------
    connection
        One that sees one state of the database all the time.
    view
        What answers show of teams.
    edition
        One that was published; the present one if None.
    roomy
        So that it can be patched, see :mod:`geo.locate.city_patch`.

    Raises
    ------
    NotFound
        For an edition that does not exist.
    """
    wanted = present_edition(connection) if edition is None else edition
    at = moment_of(connection, wanted) if wanted else present(connection).at
    teams = {area_id: view(team) for area_id, team in teams_of(connection, at, None).items()}
    return Snapshot(wanted, ReadyCity.of(load_areas(connection, at), teams, hierarchy, roomy=roomy))


def changes_since(connection: Connection, edition: int, view: TeamView) -> Changes:
    """Return what the present edition has otherwise than an earlier one.

    Parameters
    ----------
    connection, view
        As for :func:`build_snapshot`.
    edition
        At least the first.
    """
    at = moment_of(connection, present_edition(connection))
    ids = list(connection.execute(statement("areas_changed"), {"edition": edition}).scalars())
    areas = load_areas(connection, at, ids=ids)
    led = list(connection.execute(statement("teams_changed"), {"edition": edition}).scalars())
    teams = teams_of(connection, at, led)
    seen = {area_id: view(teams[area_id]) if area_id in teams else None for area_id in led}
    return Changes(areas, np.setdiff1d(np.array(ids, dtype=np.int64), areas.ids), seen)
