"""The JSON of many points, as the documentation shows it; a test holds requests and answers against these models."""

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from api.models import Located, Model

_POINT: Final = {"id": "R-1", "lon": 104.2826, "lat": 30.1834}
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "application/json": {"crs": "gcj02", "points": [_POINT, {**_POINT, "id": "R-2", "at": "2999-01-01"}]},
    "application/x-ndjson": {"value": '{"lon": 104.2826, "lat": 30.1834, "crs": "gcj02"}\n'},
    "text/csv": {"value": "id,lon,lat,crs\nR-1,104.2826,30.1834,gcj02\n"},
}


class AskedPoint(BaseModel):
    """One of many points; other members are ignored."""

    id: Any = Field(default=None, description="原样返回 / comes back as it is")
    lon: float | str
    lat: float | str
    crs: str | None = Field(default=None, description="这个点自己的坐标系 / of this point")
    at: str | None = Field(default=None, description="这个点自己的时刻 / of this point")
    accuracy: float | None = Field(default=None, description="米 / m")


class AskedPoints(BaseModel):
    """Many points, and what holds for those that do not say otherwise; it goes before the query."""

    crs: str | None = None
    accuracy: float | None = None
    at: str | None = None
    points: list[AskedPoint]


def schema_of_points() -> dict[str, Any]:
    """Return the schema of a JSON body in one piece."""
    schema = AskedPoints.model_json_schema()
    schema["properties"]["points"]["items"] = schema.pop("$defs")["AskedPoint"]
    return schema


class RowError(Model):
    """Why one point was not placed; ``place`` has its row, counted from 1."""

    type: str
    zh: str
    en: str
    place: dict[str, Any]


class NotLocated(Model):
    """A point that was not placed."""

    id: Any = None
    status: Literal["error"]
    error: RowError
    edition: int


class LocatedOne(Located):
    """One of many answers: as for one point, with its id where it has one."""

    id: Any = None


class LocatedMany(Model):
    """The answers, in the order of the points."""

    edition: int
    at: str = Field(description="RFC 3339")
    stale: bool
    answers: list[LocatedOne | NotLocated]
