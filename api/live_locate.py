"""``GET /api/v1/locate`` from memory: what the documented route would answer now, without a database.

What has to be refused, and what asks about the past, is passed on to that route.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Final
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.asked_moment import moment_text
from api.errors import problem
from api.language import language_of
from api.live import Live, Standing
from api.points import LONGEST_M, stored_point
from api.settings import Settings
from geo.crs import parse_crs
from geo.errors import GeoError, Unavailable
from geo.store.locating import RADIUS_M, Question
from geo.store.snapshot import Snapshot

PATH: Final = "/api/v1/locate"
PRESENT: Final = frozenset({"lon", "lat", "crs", "accuracy", "radius", "min_edition", "lang"})
"""Parameters of a question about the present."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about the present: as it was asked, and in stored coordinates."""

    shown: Mapping[str, object]
    question: Question
    min_edition: int


class FromMemory:
    """Middleware that answers where a point lies now, once a city is in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        answer = await self._answer(scope) if _is_question(scope) else None
        await (answer or self.app)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        asked = question_of(scope["query_string"])
        if asked is None:
            return None
        state = scope["app"].state
        live: Live = state.live
        try:
            standing = await live.at_least(asked.min_edition)
        except Unavailable as refusal:
            return problem(503, [refusal], language_of(Request(scope)))
        if standing.snapshot is None:
            return None
        tag = etag(standing, state.settings)
        if tag in Headers(scope=scope).get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag})
        body = document(standing.snapshot, standing.stale, state.settings, asked)
        return Response(body, media_type="application/json", headers={"ETag": tag})


def question_of(query: bytes) -> Asked | None:
    """Read a question; None where something is wrong with it, or it asks about the past."""
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    given = dict(pairs)
    if len(given) != len(pairs) or not {"lon", "lat", "crs"} <= given.keys() <= PRESENT:
        return None
    try:
        lon, lat = float(given["lon"]), float(given["lat"])
        accuracy_m, radius_m = float(given.get("accuracy", 0.0)), float(given.get("radius", RADIUS_M))
        min_edition = int(given.get("min_edition", 0))
        if not (isfinite(lon) and isfinite(lat) and 0 <= accuracy_m <= LONGEST_M and 0 <= radius_m <= LONGEST_M):
            return None
        question = Question(*stored_point(lon, lat, parse_crs(given["crs"])), accuracy_m=accuracy_m, radius_m=radius_m)
    except (ValueError, GeoError):
        return None
    return Asked({"lon": lon, "lat": lat, "crs": given["crs"]}, question, min_edition)


def document(snapshot: Snapshot, stale: bool, settings: Settings, asked: Asked) -> bytes:
    """Return the JSON of an answer."""
    question = asked.question
    rest = {
        "point": asked.shown,
        "edition": snapshot.edition,
        "at": moment_text(datetime.now(UTC), settings),
        "stale": stale,
    }
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    found = snapshot.city.text(question.point(), question.accuracy_m, question.radius_m)
    return b"".join((found, b",", text[1:].encode()))


def etag(standing: Standing, settings: Settings) -> str:
    """Return the tag of all answers about the present: it changes with the edition, and with what callers may see."""
    return f'W/"e{standing.edition}-{settings.contacts}{"-stale" if standing.stale else ""}"'


def _is_question(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "GET"
