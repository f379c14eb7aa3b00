"""Teams in the store: who is responsible for an area, as of a moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geo.store.publish import Publication
from geo.store.sql import statement


@dataclass(frozen=True, slots=True)
class Member:
    """One person in a team. ``name`` and ``phone`` are personal data: None once erased."""

    name: str | None
    role: str
    role_text: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Team:
    """The team of one area."""

    name: str
    members: tuple[Member, ...]


def teams_of(
    connection: Connection,
    at: datetime,
    ids: Sequence[int] | None,
    *,
    after: int = 0,
    limit: int | None = None,
) -> dict[int, Team]:
    """Return the teams of areas by area id, in the order of ids; all teams where ``ids`` is None."""
    rows = connection.execute(
        statement("teams_at"),
        {"at": at, "ids": None if ids is None else list(ids), "after": after, "limit": limit},
    )
    return {area_id: Team(name, tuple(Member(**member) for member in members)) for area_id, name, members in rows}


def write_teams(connection: Connection, opened: Publication, teams: Mapping[int, Team]) -> None:
    """Close the present teams of the areas given and open new ones.

    The same name and phone is one person; without a phone, only within one team.

    Parameters
    ----------
    teams
        By area id.
    """
    connection.execute(
        text("UPDATE team SET valid = tstzrange(lower(valid), :at) WHERE area_id = ANY(:ids) AND upper_inf(valid)"),
        {"at": opened.at, "ids": list(teams)},
    )
    people = {area_id: people_ids(connection, team.members) for area_id, team in teams.items()}
    for area_id, team in teams.items():
        team_id = connection.scalar(
            text(
                "INSERT INTO team (area_id, name, edition, valid) "
                "VALUES (:area, :name, :edition, tstzrange(:at, NULL)) RETURNING id"
            ),
            {"area": area_id, "name": team.name, "edition": opened.edition, "at": opened.at},
        )
        if team.members:
            connection.execute(
                text(
                    "INSERT INTO team_member (team_id, place, person_id, role, role_text) "
                    "VALUES (:team, :place, :person, :role, :role_text)"
                ),
                [
                    {
                        "team": team_id,
                        "place": place,
                        "person": people[area_id][member],
                        "role": member.role,
                        "role_text": member.role_text,
                    }
                    for place, member in enumerate(team.members)
                ],
            )


def people_ids(connection: Connection, members: Sequence[Member]) -> dict[Member, int]:
    """Return the id of every person named, creating those that are not there yet.

    The same name and phone is one person wherever it stands; without a phone, only within one call.
    """
    found = connection.execute(
        text("SELECT name, phone, min(id) FROM person WHERE phone = ANY(:phones) AND NOT erased GROUP BY name, phone"),
        {"phones": sorted({member.phone for member in members if member.phone})},
    )
    known: dict[tuple[str | None, str | None], int] = {(name, phone): number for name, phone, number in found}
    for member in members:
        who = (member.name, member.phone)
        if who not in known:
            known[who] = connection.execute(
                text("INSERT INTO person (name, phone) VALUES (:name, :phone) RETURNING id"),
                {"name": member.name, "phone": member.phone},
            ).scalar_one()
    return {member: known[member.name, member.phone] for member in members}
