"""The JSON of answers, as the documentation shows it; a test holds the answers against these models."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """What is not declared here is not in an answer."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """A refusal (RFC 9457)."""

    type: str = Field(description="Stable: urn:gridwarden:problem:KIND")
    title: str
    status: int
    detail: str = Field(description="按 Accept-Language，默认中文 / by Accept-Language, Chinese by default")
    zh: str
    en: str
    place: dict[str, Any] = Field(description="在输入中的位置 / where in the input, such as {field: lon}")
    errors: list[dict[str, Any]] = Field(default=[], description="不止一处时的全部 / all of them, where several")


class Member(Model):
    """One person of a team; name and phone are masked by default, and absent where contacts are not shown."""

    name: str | None = None
    role: Literal["grid_worker", "community_worker", "police_officer", "other"]
    role_text: str | None
    phone: str | None = None


class Team(Model):
    """A service team."""

    name: str
    members: list[Member]


class Link(Model):
    """One area of a chain."""

    level: str
    code: str
    name: str


class Grid(Model):
    """A grid or microgrid in an answer."""

    code: str
    local_code: str | None
    name: str
    kind: Literal["general", "special"]
    category: str | None


class Match(Grid):
    """One of several areas that claim a point."""

    level: str


class Responsible(Link):
    """The smallest covering area that has a team, and why it is named."""

    team: Team | None
    reason: str


class Neighbour(Model):
    """Another area within the accuracy."""

    code: str
    name: str
    distance_m: float


class Point(Model):
    """The point as it was asked for."""

    lon: float
    lat: float
    crs: str


class Stamp(Model):
    """What every answer carries."""

    edition: int
    at: str = Field(description="RFC 3339")


class Located(Stamp):
    """Which grid and which team covers a point."""

    status: Literal["found", "gap", "outside", "conflict"]
    certain: bool
    on_border: bool
    grid: Grid | None
    host_grid: Grid | None
    microgrid: Grid | None
    chain: list[Link]
    team: Team | None
    responsible: Responsible | None
    border_distance_m: float | None
    neighbours: list[Neighbour]
    matches: list[Match]
    circles: list[dict[str, Any]]
    point: Point
    stale: bool


class Area(Model):
    """One area as of one moment; ``edition`` is the one that made this version of it."""

    code: str
    local_code: str | None
    name: str
    level: str
    kind: Literal["general", "special"]
    category: str | None
    parent: str | None
    area_m2: float | None
    not_subdivided: bool
    fully_divided: bool
    noded: bool
    edition: int
    valid_from: str
    valid_to: str | None


class AreaPage(Stamp):
    """One page of areas; ``next`` is the address of the next page."""

    items: list[Area]
    next: str | None


class OneArea(Area):
    """One area, and the moment it was asked for."""

    at: str


class TeamOfArea(Team):
    """A team and the area it looks after."""

    area: Link
    edition: int
    valid_from: str
    valid_to: str | None


class TeamPage(Stamp):
    """One page of teams."""

    items: list[TeamOfArea]
    next: str | None


class Edition(Model):
    """One publication."""

    edition: int
    published_at: str
    kind: str
    title: str


class EditionPage(Model):
    """One page of editions, the newest first."""

    items: list[Edition]
    next: str | None


class Versions(Model):
    """What this service is made of."""

    gridwarden: str
    python: str


class Database(Model):
    """The database behind it."""

    postgresql: str
    postgis: str
    schema_: str = Field(alias="schema")


class Health(Model):
    """The service can answer."""

    status: Literal["ok"]
    edition: int
    database: Database
    versions: Versions
