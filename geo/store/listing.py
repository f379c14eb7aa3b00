"""Lists of areas and teams, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection

from geo.errors import NotFound
from geo.store.areas import Bounds
from geo.store.sql import statement
from geo.store.teams import Member, Team


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """One area as of one moment; ``geom`` is MultiPolygon in EPSG:4490, or None where it was not asked for."""

    code: str
    local_code: str | None
    name: str
    level: str
    kind: str
    category: str | None
    parent: str | None
    area_m2: float | None
    not_subdivided: bool
    fully_divided: bool
    noded: bool
    edition: int
    valid_from: datetime
    valid_to: datetime | None
    id: int
    geom: shapely.Geometry | None


@dataclass(frozen=True, slots=True)
class TeamRecord:
    """One team as of one moment, with the area it looks after."""

    code: str
    level: str
    area_name: str
    team: Team
    edition: int
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class AreaFilter:
    """Which areas to list; None takes all."""

    code: str | None = None
    level: str | None = None
    kind: str | None = None
    parent: str | None = None
    within: str | None = None
    bounds: Bounds | None = None


def list_areas(
    connection: Connection,
    at: datetime,
    wanted: AreaFilter,
    *,
    after: str = "",
    limit: int,
    shapes: bool = False,
) -> list[AreaRecord]:
    """Return one page of areas, sorted by code.

    Parameters
    ----------
    after
        Code of the last area of the page before.
    limit
        Areas at most.
    shapes
        Whether to read boundaries.
    """
    west, south, east, north = wanted.bounds or (None, None, None, None)
    rows: Sequence[Any] = connection.execute(
        statement("areas_list"),
        {
            "at": at,
            "code": wanted.code,
            "level": wanted.level,
            "kind": wanted.kind,
            "parent": wanted.parent,
            "within": wanted.within,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "after": after,
            "limit": limit,
            "shapes": shapes,
        },
    ).all()
    return [AreaRecord(*(*values, shapely.from_wkb(wkb))) for *values, wkb in rows]


def one_area(connection: Connection, at: datetime, code: str, *, shapes: bool = False) -> AreaRecord:
    """Return one area.

    Raises
    ------
    NotFound
        Where no area has that code at that moment.
    """
    found: Sequence[AreaRecord] = list_areas(connection, at, AreaFilter(code=code), limit=1, shapes=shapes)
    if not found:
        raise NotFound("unknown-area", place={"code": code}, code=code)
    return found[0]


def list_teams(
    connection: Connection, at: datetime, *, area: str | None = None, after: str = "", limit: int
) -> list[TeamRecord]:
    """Return one page of teams, sorted by the code of the area that each looks after.

    Parameters
    ----------
    area
        Code of the only area wanted; None takes all.
    after
        The area's code of the last team of the page before.
    limit
        Teams at most.
    """
    rows = connection.execute(statement("teams_list"), {"at": at, "area": area, "after": after, "limit": limit})
    return [
        TeamRecord(
            row.code,
            row.level,
            row.area_name,
            Team(row.name, tuple(Member(**member) for member in row.members)),
            row.edition,
            row.valid_from,
            row.valid_to,
        )
        for row in rows
    ]
