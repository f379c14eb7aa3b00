"""Errors over HTTP: RFC 9457 problem documents, and the only table from error to status."""

from collections.abc import Mapping
from logging import getLogger
from reprlib import Repr
from typing import Any, Final, cast
from uuid import uuid4

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from api.language import language_of
from geo.crs import missing_crs
from geo.errors import (
    BadInput,
    Conflict,
    GeoError,
    NotFound,
    Refused,
    TooLarge,
    TooOften,
    TooSlow,
    Unavailable,
    Unidentified,
)
from geo.messages import MESSAGES, Language, sentence

LOG: Final = getLogger("gridwarden.http")
MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:gridwarden:problem:"
UNFORESEEN: Final = "gridwarden.unforeseen"
"""Where the number of such an answer stands in the scope."""
SHOWN: Final = 60
"""How many characters of a wrong parameter are repeated."""

STATUS: Final[Mapping[type[GeoError], int]] = {
    BadInput: 422,
    NotFound: 404,
    Conflict: 409,
    Unidentified: 401,
    Refused: 403,
    TooLarge: 413,
    TooSlow: 408,
    TooOften: 429,
    Unavailable: 503,
}
"""The status of each class of errors, and of those derived from it."""

_TITLES: Final[Mapping[int, str]] = {
    422: "problem-bad-input",
    404: "problem-not-found",
    409: "problem-conflict",
    401: "problem-unidentified",
    403: "problem-refused",
    405: "problem-refused",
    413: "problem-too-large",
    408: "problem-too-slow",
    429: "problem-too-often",
    503: "problem-unavailable",
    500: "problem-internal",
}

_BRIEF: Final = Repr()

_PARAMETER_KINDS: Final[Mapping[str, str]] = {
    "missing": "parameter-missing",
    "float_parsing": "parameter-not-a-number",
    "finite_number": "parameter-not-a-number",
    "int_parsing": "parameter-not-an-integer",
    "int_parsing_size": "parameter-not-an-integer",
    "greater_than_equal": "parameter-out-of-range",
    "less_than_equal": "parameter-out-of-range",
    "literal_error": "parameter-not-one-of",
}
"""From what pydantic finds wrong with a parameter to our sentences; anything else is malformed."""


def status_of(kind: type[GeoError]) -> int:
    """Return the status of a class of errors: its own, or that of the nearest class above it in the table."""
    return next(STATUS[each] for each in kind.__mro__ if each in STATUS)


def problem(status: int, refusals: list[GeoError], lang: Language) -> JSONResponse:
    """Return the problem document of one or several refusals; the first is the main one.

    Parameters
    ----------
    status
        The HTTP status.
    refusals
        At least one. Where there are more, all stand under ``errors``.
    lang
        Language of ``title`` and ``detail``; ``zh`` and ``en`` are always there.
    """
    details = [detail(refusal) for refusal in refusals]
    document: dict[str, object] = {
        "type": details[0]["type"],
        "title": sentence(_TITLES[status], lang),
        "status": status,
        "detail": details[0][lang],
        **{name: details[0][name] for name in ("zh", "en", "place")},
    }
    if len(details) > 1:
        document["errors"] = details
    headers = {"Content-Language": lang, "Vary": "Accept-Language"}
    if status in (429, 503):
        headers["Retry-After"] = str(refusals[0].facts.get("wait_s", 1))
    if status in (408, 413):
        # what is still to come of the body is not waited for
        headers["Connection"] = "close"
    return JSONResponse(document, status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every refusal of an app answer as a problem document."""
    app.add_exception_handler(GeoError, _refused)
    app.add_exception_handler(RequestValidationError, _wrong_parameters)
    app.add_exception_handler(HTTPException, _wrong_address)
    app.add_exception_handler(Exception, _unforeseen)


def detail(refusal: GeoError) -> dict[str, Any]:
    """Return what a problem document says of one refusal."""
    facts = {lang: _shown_facts(refusal, lang) for lang in ("zh", "en")}
    return {
        "type": TYPE_PREFIX + refusal.kind,
        "zh": sentence(refusal.kind, "zh", **facts["zh"]),
        "en": sentence(refusal.kind, "en", **facts["en"]),
        "place": {name: _plain(value) for name, value in refusal.place.items()},
    }


def _shown_facts(refusal: GeoError, lang: Any) -> dict[str, object]:
    """Return the facts that may leave the machine: what a server says names hosts, users, folders and tables."""
    if _is_of_server(refusal):
        return {**refusal.facts, "reason": sentence("reason-in-log", lang)}
    return refusal.facts


def _is_of_server(refusal: GeoError) -> bool:
    return (isinstance(refusal, Unavailable) or refusal.kind == "database-refused") and "reason" in refusal.facts


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str | None) else str(value)


def _refused(request: Request, failure: Exception) -> JSONResponse:
    refusal = cast(GeoError, failure)
    if isinstance(refusal, Unavailable) or _is_of_server(refusal):
        LOG.error("%s: %s", refusal.kind, refusal.facts.get("reason", refusal.text("en")))
    return problem(status_of(type(refusal)), [refusal], language_of(request))


def _unforeseen(request: Request, failure: Exception) -> JSONResponse:
    """Answer what nobody foresaw, under a number by which the log, written further out, knows it."""
    number = request.scope[UNFORESEEN] = uuid4().hex[:12]
    return problem(500, [Unavailable("internal-error", number=number)], language_of(request))


def _wrong_parameters(request: Request, failure: Exception) -> JSONResponse:
    found = cast(RequestValidationError, failure).errors()
    return problem(422, [_wrong_parameter(each) for each in found], language_of(request))


def _wrong_parameter(found: Mapping[str, Any]) -> GeoError:
    if found["type"] == "json_invalid":
        return BadInput("body-not-json")
    name = str(found["loc"][-1])
    kind = _PARAMETER_KINDS.get(found["type"], "parameter-malformed")
    if (name, kind) == ("crs", "parameter-missing"):
        listing = missing_crs(None)
        return BadInput(listing.kind, place={"field": name}, **listing.facts)
    limits = found.get("ctx", {})
    bounds = [f"{sign} {limits[key]:g}" for key, sign in (("ge", "≥"), ("le", "≤")) if key in limits]
    facts = {"given": _shown(found["input"]), "known": limits.get("expected"), "bound": ", ".join(bounds)}
    wanted = {key: value for key, value in facts.items() if f"{{{key}}}" in MESSAGES[kind].zh}
    return BadInput(kind, place={"field": name}, name=name, **wanted)


def _wrong_address(request: Request, failure: Exception) -> JSONResponse:
    found = cast(HTTPException, failure)
    path, lang = request.url.path[:SHOWN], language_of(request)
    if found.status_code == 405:
        allowed = (found.headers or {}).get("Allow", "GET")
        answer = problem(405, [Refused("method-not-allowed", path=path, method=request.method, allowed=allowed)], lang)
        answer.headers["Allow"] = allowed
        return answer
    if found.status_code == 400:
        return problem(422, [BadInput("body-not-json")], lang)
    return problem(404, [NotFound("page-unknown", path=path)], lang)


def _shown(given: object) -> str:
    """Return the beginning of what was given, without writing out all of it."""
    return (given if isinstance(given, str) else _BRIEF.repr(given))[:SHOWN]
