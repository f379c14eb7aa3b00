"""Locating in PostGIS: the database gives candidates, :mod:`geo.locate` decides."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.lattice import SCALE, snap_one
from geo.levels import DEFAULT, Hierarchy
from geo.locate.answer import LOWEST, answer, lowest_first, search_box
from geo.locate.records import Answer, AreaRecord, Candidate
from geo.locate.records import Team as PublicTeam
from geo.locate.tables import records_of
from geo.store.areas import Bounds, load_areas
from geo.store.circles import circles_around
from geo.store.teams import Team, teams_of
from geo.stored import StoredAreas, together

RADIUS_M: Final = 500.0
"""How far a border is looked for: further away, ``border_distance_m`` is null."""

TeamView = Callable[[Team], PublicTeam]
"""What a caller may see of a team."""

MOST_LEVELS: Final = 12


@dataclass(frozen=True, slots=True)
class Question:
    """One point, in stored coordinates.

    Attributes
    ----------
    lon, lat
        Degrees, EPSG:4490; rounded to the lattice before anything is asked.
    accuracy_m
        How far the true point may lie from it.
    radius_m
        How far borders are looked for.
    """

    lon: float
    lat: float
    accuracy_m: float = 0.0
    radius_m: float = RADIUS_M

    def point(self) -> tuple[int, int]:
        """Return the lattice integers."""
        return snap_one(self.lon), snap_one(self.lat)

    def box(self) -> Bounds:
        """Return the box in which anything may matter."""
        return search_box(self.point(), max(self.accuracy_m, self.radius_m))


class Loaded:
    """Areas and teams of one moment, held in memory: many points are answered without asking the database again."""

    def __init__(self, stored: StoredAreas, teams: Mapping[int, Team], view: TeamView) -> None:
        self.areas = stored
        self.records = _records(stored, teams, view)
        self.tree = shapely.STRtree(stored.geoms)

    @classmethod
    def within(cls, connection: Connection, at: datetime, bounds: Bounds | None, view: TeamView) -> "Loaded":
        """Read all areas whose box meets the bounds, their ancestors, and their teams."""
        near = load_areas(connection, at, bounds=bounds)
        stored = with_ancestors(connection, at, near)
        return cls(stored, teams_of(connection, at, stored.ids.tolist()), view)

    def answer(self, question: Question, hierarchy: Hierarchy = DEFAULT) -> Answer:
        """Answer one point."""
        rows = self.tree.query(shapely.box(*question.box()))
        return _answer(question, self.areas.take(np.sort(rows)), self.records, hierarchy)


def locate(
    connection: Connection, at: datetime, question: Question, view: TeamView, hierarchy: Hierarchy = DEFAULT
) -> Answer:
    """Answer one point from the database."""

    def ask(lowest: bool) -> Answer:
        near = load_areas(connection, at, levels=LOWEST if lowest else None, bounds=question.box())
        return _answer(question, near, _known(connection, at, near, view), hierarchy)

    lon, lat = (cell / SCALE for cell in question.point())
    return replace(lowest_first(ask), circles=circles_around(connection, at, lon, lat))


def _known(connection: Connection, at: datetime, near: StoredAreas, view: TeamView) -> dict[int, AreaRecord]:
    every = with_ancestors(connection, at, near)
    return _records(every, teams_of(connection, at, every.ids.tolist()), view)


def known_areas(connection: Connection, at: datetime, ids: Sequence[int], view: TeamView) -> dict[int, AreaRecord]:
    """Return what answers say of some areas and of all above them, by id."""
    return _known(connection, at, load_areas(connection, at, ids=ids, shapes=False), view)


def with_ancestors(connection: Connection, at: datetime, areas: StoredAreas) -> StoredAreas:
    """Add the parents of areas, their parents and so on, without boundaries."""
    every, newest = areas, areas
    for _ in range(MOST_LEVELS):
        missing = np.setdiff1d(newest.parent_ids[newest.parent_ids > 0], every.ids)
        if not len(missing):
            break
        newest = load_areas(connection, at, ids=missing.tolist(), shapes=False)
        every = together(every, newest)
    return every


def _records(stored: StoredAreas, teams: Mapping[int, Team], view: TeamView) -> dict[int, AreaRecord]:
    seen = {area_id: view(team) for area_id, team in teams.items()}
    return {record.id: record for record in records_of(stored, seen)}


def _answer(question: Question, near: StoredAreas, records: Mapping[int, AreaRecord], hierarchy: Hierarchy) -> Answer:
    candidates: Sequence[Candidate] = [
        Candidate(records[area_id], geom)
        for area_id, geom in zip(near.ids.tolist(), near.geoms, strict=True)
        if geom is not None
    ]
    return answer(
        question.point(),
        candidates,
        records,
        accuracy_m=question.accuracy_m,
        radius_m=question.radius_m,
        hierarchy=hierarchy,
    )


def full_view(team: Team) -> PublicTeam:
    """Show everything: for the operator at the command line, who can read the database anyway."""
    return PublicTeam(
        name=team.name,
        members=tuple(
            {"name": one.name, "role": one.role, "role_text": one.role_text, "phone": one.phone} for one in team.members
        ),
    )


def masked_view(team: Team) -> PublicTeam:
    """Show surnames and the ends of telephone numbers: enough to recognise a colleague, not to call a stranger."""
    seen = full_view(team)
    return replace(
        seen,
        members=tuple(
            {**member, "name": _masked_name(member["name"]), "phone": _masked_phone(member["phone"])}
            for member in seen.members
        ),
    )


def hidden_view(team: Team) -> PublicTeam:
    """Show the roles of a team and nobody's name or number."""
    return PublicTeam(
        name=team.name, members=tuple({"role": one.role, "role_text": one.role_text} for one in team.members)
    )


VIEWS: Final[Mapping[str, TeamView]] = {"masked": masked_view, "full": full_view, "none": hidden_view}
"""What may be shown of people, by the name of the option."""


def _masked_name(name: object) -> str | None:
    return None if not name else f"{str(name)[0]}**"


def _masked_phone(phone: object) -> str | None:
    digits = str(phone or "")
    return None if len(digits) < 7 else f"{digits[:3]}****{digits[-4:]}"
