"""Words over HTTP and on the command line: places as documents, and an address as an answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from api.live import Standing
from geo.addresses.choosing import Candidate, Place
from geo.addresses.outcome import Outcome
from geo.addresses.spelling import LONGEST_TEXT
from geo.crs import Crs
from geo.errors import BadInput
from geo.lattice import snap_one
from geo.levels import Hierarchy
from geo.locate.records import Answer, AreaRecord
from geo.measure import distance_m
from geo.store.addressing import LocateAt, shown_points
from geo.store.locating import Question, TeamView, locate

_NEAR: Final = 0.1
"""What a place right beside the caller gains, as a share of the score."""
_NEAR_M: Final = 1000.0
_MOST_CANDIDATES: Final = 20

_NOTHING: Final[dict[str, Any]] = Answer(status="outside", certain=False, on_border=False).document()


def said_words(text: str, field: str) -> str:
    """Return words that can be looked for.

    Raises
    ------
    BadInput
        ``search-empty``, ``search-too-long``.
    """
    if not text.strip():
        raise BadInput("search-empty", place={"field": field})
    if len(text) > LONGEST_TEXT:
        raise BadInput("search-too-long", place={"field": field}, chars=len(text), most=LONGEST_TEXT)
    return text


def locating(
    connection: Connection,
    at: datetime,
    edition: int,
    standing: Standing | None,
    view: TeamView,
    hierarchy: Hierarchy,
    question: Question | None = None,
) -> LocateAt:
    """Return who locates the points of places: memory where it holds the edition that is asked for, else PostGIS.

    Parameters
    ----------
    question
        Whose accuracy and radius are asked for; none by default.
    """
    accuracy_m, radius_m = (question.accuracy_m, question.radius_m) if question else (0.0, 0.0)
    snapshot = None if standing is None else standing.snapshot
    if snapshot is not None and snapshot.edition == edition:
        city = snapshot.city
        return lambda lon, lat: city.answer((snap_one(lon), snap_one(lat)), accuracy_m, radius_m)
    return lambda lon, lat: locate(connection, at, Question(lon, lat, accuracy_m, radius_m), view, hierarchy)


def nearest_first(
    connection: Connection, at: datetime, found: Sequence[Candidate], near: tuple[float, float]
) -> list[Candidate]:
    """Return candidates with those near to the caller (degrees, EPSG:4490) before others that are as likely."""
    some = found[: 3 * _MOST_CANDIDATES]
    points = shown_points(connection, at, [one.place for one in some])

    def gain(one: Candidate) -> float:
        point = points.get(one.place)
        away_m = float("inf") if point is None else float(distance_m(*near, *point))
        return one.score * (1 + _NEAR / (1 + away_m / _NEAR_M))

    return sorted(some, key=gain, reverse=True)


def place_documents(
    connection: Connection, at: datetime, found: Sequence[Candidate], locate_at: LocateAt, crs: Crs, most: int
) -> list[dict[str, Any]]:
    """Return the likeliest places as they stand in JSON."""
    shown = found[:most]
    points = shown_points(connection, at, [one.place for one in shown])
    return [_document(one, points.get(one.place), locate_at, crs) for one in shown]


def _document(one: Candidate, point: tuple[float, float] | None, locate_at: LocateAt, crs: Crs) -> dict[str, Any]:
    answer = None if point is None else locate_at(*point)
    place = one.place
    grid = answer.grid if answer and not place.is_above_grids else None
    return {
        "kind": place.kind,
        "name": place.name,
        "code": place.code,
        "level": place.level,
        "label": _label(place, answer),
        "point": None if point is None else point_document(point, crs),
        "grid": grid and {"code": grid.code, "name": grid.name},
        "score": one.score,
        "matched": one.matched,
    }


def _label(place: Place, answer: Answer | None) -> str:
    """Return the areas above a place, the largest first."""
    names: list[str] = []
    for area in answer.chain if answer else ():
        if area.code == place.code:
            break
        names.append(area.name)
    return " ".join(names)


def point_document(point: tuple[float, float], crs: Crs) -> dict[str, Any]:
    """Return a stored point in a caller's system."""
    lon, lat = point if crs.is_stored else crs.from_stored([point])[0].tolist()
    decimals = 3 if crs.kind == "projected" else 7
    return {"lon": round(lon, decimals), "lat": round(lat, decimals), "crs": crs.name}


def outcome_document(
    connection: Connection, at: datetime, outcome: Outcome, text: str, locate_at: LocateAt, crs: Crs
) -> dict[str, Any]:
    """Return what becomes of an address as it stands in JSON: what ``locate`` says of a point, and the address."""
    answer = outcome.answer
    document = dict(_NOTHING if answer is None else answer.document())
    if answer is None:
        document |= {
            "status": outcome.status,
            "chain": [area.link() for area in outcome.chain],
            "responsible": outcome.responsible and outcome.responsible.document(),
        }
    else:
        document["certain"] = outcome.certain
    best = outcome.candidates[0] if outcome.candidates else None
    most = 1 if answer is not None else _MOST_CANDIDATES
    return {
        **document,
        "point": None if outcome.point is None else point_document(outcome.point, crs),
        "address": {"text": text, "matched": best.matched if best else None, "score": best.score if best else 0.0},
        "area": _link(outcome.area),
        "candidates": place_documents(connection, at, outcome.candidates, locate_at, crs, most),
    }


def _link(area: AreaRecord | None) -> dict[str, object] | None:
    return None if area is None else area.link()
