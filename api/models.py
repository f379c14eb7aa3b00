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


class ShownGrid(Model):
    """A grid by code and name."""

    code: str
    name: str


class FoundPlace(Model):
    """A place that words may mean."""

    kind: Literal["area", "residence", "estate", "facility"]
    name: str
    code: str | None
    level: str | None = Field(description="辖区的层级 / of an area")
    label: str = Field(description="上级辖区，由大到小 / the areas above it, the largest first")
    point: Point | None
    grid: ShownGrid | None
    score: float = Field(description="0–1")
    matched: str = Field(description="文字中对上的部分 / the part of the text that matched")


class SearchPage(Stamp):
    """Places that words may mean, the likeliest first."""

    items: list[FoundPlace]


class AddressRead(Model):
    """What was made of an address."""

    text: str
    matched: str | None
    score: float


class LocatedAddress(Located):
    """Which grid and which team an address belongs to, or what it may mean."""

    status: Literal["found", "gap", "outside", "conflict", "ambiguous", "not_found"]  # type: ignore[assignment]
    point: Point | None  # type: ignore[assignment]
    address: AddressRead
    area: Link | None = Field(description="not_found：地址说到的最小辖区 / the smallest area that the address names")
    candidates: list[FoundPlace]


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


class AreaVersion(Area):
    """One version of an area; ``plan`` and ``title`` are of the publication that made it."""

    plan: int | None
    title: str


class AreaHistory(Stamp):
    """Every version of an area until a moment, the oldest first."""

    code: str
    items: list[AreaVersion]


class NamedArea(Model):
    """An area as it was called at the time."""

    code: str | None
    name: str | None


class Descent(Model):
    """Land that went from one area to another; null for land that nobody had, or that nobody has since."""

    generation: int = Field(description="几代之隔，1 为直接 / how many generations away, 1 for direct")
    edition: int
    at: str
    plan: int | None
    operation: str
    from_: NamedArea | None = Field(alias="from")
    to: NamedArea | None
    area_m2: float
    share_of_from: float | None = Field(description="占原辖区，0–1 / of the former area, 0–1")
    share_of_to: float | None = Field(description="占新辖区，0–1 / of the new area, 0–1")
    households: int | None


class AreaLineage(Stamp):
    """Where an area came from and what became of it."""

    code: str
    name: str
    level: str
    from_: list[Descent] = Field(alias="from")
    to: list[Descent]
    complete: bool = Field(description="false：还有更远的世代未列出 / false where further generations are left out")


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
    """The service can answer; ``stale`` says that it answers from memory, which may not be the present edition."""

    status: Literal["ok", "stale"]
    edition: int
    in_memory: int | None = Field(description="内存中的期号 / edition in memory; null until the first is there")
    stale: bool
    accounts: bool | None = Field(
        description="有没有账号；没有时人人都可以做任何事 / without accounts everybody may do everything"
    )
    database: Database | None
    versions: Versions
