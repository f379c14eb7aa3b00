"""What is asked and what is answered, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A point to be located.

    Attributes
    ----------
    lon, lat
        Degrees, or easting and northing of a projected ``crs``.
    id
        Yours; comes back with the answer.
    crs, at
        Where they differ from what the whole request says.
    """

    lon: float
    lat: float
    id: Any = None
    crs: str | None = None
    at: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what the service reads."""
        given = {"id": self.id, "lon": self.lon, "lat": self.lat, "crs": self.crs, "at": self.at}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class Area:
    """One area of a chain."""

    level: str
    code: str
    name: str


@dataclass(frozen=True)
class Grid:
    """A grid or microgrid."""

    code: str
    name: str
    kind: str
    category: str | None = None
    local_code: str | None = None


@dataclass(frozen=True)
class Member:
    """One person of a team; name and phone may be masked or absent."""

    role: str
    role_text: str | None = None
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class Team:
    """A service team."""

    name: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Responsible:
    """The smallest covering area that has a team, and why it is named."""

    level: str
    code: str
    name: str
    reason: str
    team: Team | None = None


@dataclass(frozen=True)
class Neighbour:
    """Another area within the accuracy."""

    code: str
    name: str
    distance_m: float


@dataclass(frozen=True)
class RowError:
    """Why one point of many could not be placed."""

    type: str
    zh: str
    en: str
    place: Json


@dataclass(frozen=True)
class Answer:
    """Which grid and which team covers a point.

    Attributes
    ----------
    status
        ``found``, ``gap``, ``outside``, ``conflict``; of one of many points also ``error``, with ``error``.
    grid
        The special grid if one covers the point, else the general grid.
    border_distance_m
        None where no border is near.
    edition
        The publication that the answer is of.
    stale
        Whether the service could not see its database, and answers from the last edition that it knows.
    raw
        The JSON as it came.
    """

    status: str
    edition: int
    id: Any = None
    certain: bool = False
    on_border: bool = False
    grid: Grid | None = None
    host_grid: Grid | None = None
    microgrid: Grid | None = None
    chain: tuple[Area, ...] = ()
    team: Team | None = None
    responsible: Responsible | None = None
    border_distance_m: float | None = None
    neighbours: tuple[Neighbour, ...] = ()
    at: str = ""
    stale: bool = False
    error: RowError | None = None
    raw: Json = field(default_factory=dict, repr=False, compare=False)


def answer_of(document: Json, *, edition: int = 0, at: str = "", stale: bool = False) -> Answer:
    """Read an answer; what a batch says once for all of its answers is given beside it."""
    return Answer(
        status=document["status"],
        edition=document.get("edition", edition),
        id=document.get("id"),
        certain=document.get("certain", False),
        on_border=document.get("on_border", False),
        grid=_grid(document.get("grid")),
        host_grid=_grid(document.get("host_grid")),
        microgrid=_grid(document.get("microgrid")),
        chain=tuple(Area(one["level"], one["code"], one["name"]) for one in document.get("chain", ())),
        team=_team(document.get("team")),
        responsible=_responsible(document.get("responsible")),
        border_distance_m=document.get("border_distance_m"),
        neighbours=tuple(
            Neighbour(one["code"], one["name"], one["distance_m"]) for one in document.get("neighbours", ())
        ),
        at=document.get("at", at),
        stale=document.get("stale", stale),
        error=_error(document.get("error")),
        raw=document,
    )


def _grid(given: Json | None) -> Grid | None:
    if given is None:
        return None
    return Grid(given["code"], given["name"], given["kind"], given.get("category"), given.get("local_code"))


def _team(given: Json | None) -> Team | None:
    if given is None:
        return None
    people = given.get("members", ())
    return Team(
        given["name"],
        tuple(Member(one["role"], one.get("role_text"), one.get("name"), one.get("phone")) for one in people),
    )


def _responsible(given: Json | None) -> Responsible | None:
    if given is None:
        return None
    return Responsible(given["level"], given["code"], given["name"], given["reason"], _team(given.get("team")))


def _error(given: Json | None) -> RowError | None:
    if given is None:
        return None
    return RowError(given["type"], given["zh"], given["en"], given.get("place") or {})
