"""``GET /api/v1/locate`` from memory: what the documented route would answer now, without a database.

It stands before the web framework and reads the common shape of a question by itself, because most of the time of a
request is otherwise spent there. What has to be refused, and what asks about the past, is passed on to the route.
"""

import json
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from starlette.datastructures import State
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.asked_moment import moment_text
from api.errors import problem
from api.identity import principal_in
from api.language import language_of
from api.live import Live, Standing
from api.points import LONGEST_M, stored_point
from api.settings import Settings
from geo.circle_cover import NO_CIRCLES, CircleCover
from geo.crs import parse_crs
from geo.errors import GeoError, Unavailable
from geo.lattice import SCALE
from geo.store.access_book import AccessBook
from geo.store.locating import RADIUS_M, Question
from geo.store.snapshot import Snapshot

PATH: Final = "/api/v1/locate"
PRESENT: Final = frozenset({"lon", "lat", "crs", "accuracy", "radius", "min_edition", "lang"})
"""Parameters of a question about the present."""
_NEEDED: Final = frozenset({"lon", "lat", "crs"})


class Asked(NamedTuple):
    """A question about the present: as it was asked, and in stored coordinates."""

    lon: float
    lat: float
    crs: str
    question: Question
    min_edition: int


class FromMemory:
    """What stands before an app and answers where a point lies now, once a city is in memory.

    Parameters
    ----------
    app
        Who gets what is not answered here.
    state
        Has the app's ``live`` and ``settings``.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        is_question = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "GET"
        asked = question_of(scope["query_string"]) if is_question else None
        who = principal_in(scope)
        # whoever sees more of people than memory holds is answered by the route, and whoever may not ask at all
        if asked is None or not (who.is_free or (who.may_somewhere("locate") and not who.may_somewhere("contacts"))):
            return await self.app(scope, receive, send)
        live: Live = self.state.live
        standing = live.standing
        if standing.edition < asked.min_edition:
            try:
                standing = await live.at_least(asked.min_edition)
            except Unavailable as refusal:
                return await problem(503, [refusal], language_of(Request(scope)))(scope, receive, send)
        if standing.snapshot is None:
            return await self.app(scope, receive, send)
        settings: Settings = self.state.settings
        tag = etag(standing, settings)
        if _has(scope, tag):
            await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", tag)]})
            return await send({"type": "http.response.body", "body": b""})
        body = document(standing.snapshot, standing.stale, settings, asked, standing.circles)
        confined = who.confined("locate")
        if confined is not None and not _lies_inside(body, self.state.access.book, confined):
            return await self.app(scope, receive, send)
        length = b"%d" % len(body)
        headers = [(b"etag", tag), (b"content-length", length), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        return await send({"type": "http.response.body", "body": body})


def _lies_inside(body: bytes, book: AccessBook, areas: frozenset[int]) -> bool:
    """Tell whether an answer is about one of some areas, or about no area at all."""
    found = json.loads(body)
    codes = {book.codes.get(area) for area in areas}
    named = [*found["chain"], *found["matches"], *([found["grid"]] if found["grid"] else [])]
    return found["status"] == "outside" or any(one["code"] in codes for one in named)


def question_of(query: bytes) -> Asked | None:
    """Read a question; None where something is wrong with it, or it asks about the past."""
    given = _parameters(query.decode("latin-1"))
    if given is None or not _NEEDED <= given.keys() <= PRESENT:
        return None
    try:
        lon, lat = float(given["lon"]), float(given["lat"])
        accuracy_m, radius_m = float(given.get("accuracy", 0.0)), float(given.get("radius", RADIUS_M))
        min_edition = int(given.get("min_edition", 0))
        if not (isfinite(lon) and isfinite(lat) and 0 <= accuracy_m <= LONGEST_M and 0 <= radius_m <= LONGEST_M):
            return None
        question = Question(*stored_point(lon, lat, parse_crs(given["crs"])), accuracy_m, radius_m)
    except (ValueError, GeoError):
        return None
    return Asked(lon, lat, given["crs"], question, min_edition)


def document(
    snapshot: Snapshot, stale: bool, settings: Settings, asked: Asked, circles: CircleCover = NO_CIRCLES
) -> bytes:
    """Return the JSON of an answer."""
    question = asked.question
    found = snapshot.city.text(question.point(), question.accuracy_m, question.radius_m)
    if circles.documents:
        lon, lat = (cell / SCALE for cell in question.point())
        # in a text of somebody's the quotes would be escaped
        found = found.replace(b'"circles":[]', b'"circles":' + circles.text(lon, lat), 1)
    rest = (
        f',"point":{{"lon":{asked.lon!r},"lat":{asked.lat!r},"crs":{_quoted(asked.crs)}}},"edition":{snapshot.edition},'
        f'"at":"{moment_text(datetime.now(UTC), settings)}","stale":{"true" if stale else "false"}}}'
    )
    return found + rest.encode()


def etag(standing: Standing, settings: Settings) -> bytes:
    """Return the tag of all answers about the present: it changes with the edition, and with what callers may see."""
    return f'W/"e{standing.edition}-{settings.contacts}{"-stale" if standing.stale else ""}"'.encode()


def _parameters(query: str) -> dict[str, str] | None:
    """Return the parameters, None where one is given twice."""
    plain = "%" not in query and "+" not in query
    pairs = [pair.split("=") for pair in query.split("&")] if plain else []
    if not all(len(pair) == 2 for pair in pairs) or not plain:
        pairs = [list(pair) for pair in parse_qsl(query, keep_blank_values=True)]
    given = {name: value for name, value in pairs}
    return given if len(given) == len(pairs) else None


@lru_cache(maxsize=64)
def _quoted(crs: str) -> str:
    return json.dumps(crs, ensure_ascii=False)


def _has(scope: Scope, tag: bytes) -> bool:
    """Tell whether the caller has the answer already."""
    return any(name == b"if-none-match" and tag in value for name, value in scope["headers"])
