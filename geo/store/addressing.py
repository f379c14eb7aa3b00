"""From words to an answer: the places that they may mean are located, and where all agree there is one answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import shapely
from sqlalchemy import Connection, text

from geo.addresses.choosing import Candidate, Place
from geo.addresses.outcome import Outcome
from geo.areas import Geometries
from geo.locate.records import Answer, Responsible
from geo.store.areas import load_areas
from geo.store.finding import Found
from geo.store.locating import TeamView, known_areas

LocateAt = Callable[[float, float], Answer]
"""From longitude and latitude (degrees, EPSG:4490) to the answer there."""

_OFFERED: Final = 0.5
"""Places below this are not named at all."""
_SHARE: Final = 0.01
"""A piece of less than this share of a place counts for nothing: boundaries were drawn by several hands."""
_MOST: Final = 60

Point = tuple[float, float]


def answer_address(connection: Connection, at: datetime, found: Found, locate_at: LocateAt, view: TeamView) -> Outcome:
    """Say what becomes of an address.

    It is located where all places that it is likely to mean have the same answer; a place with an extent only where
    all of it has. An address that names an area and nothing in it that is known is not found, but the area is told.
    """
    if found.likely:
        return _located(connection, at, found, found.likely, locate_at)
    offered = [one for one in found.candidates if one.score >= _OFFERED and not one.place.is_above_grids]
    if offered:
        return Outcome(status="ambiguous", candidates=tuple(offered))
    if len(found.areas) > 1:
        return Outcome(status="ambiguous", candidates=tuple(found.areas))
    if found.areas:
        outcome = _located(connection, at, found, found.areas, locate_at)
        return outcome if outcome.status == "located" else _named(connection, at, found.areas[0], view)
    return Outcome(status="not_found")


def _located(
    connection: Connection, at: datetime, found: Found, likely: Sequence[Candidate], locate_at: LocateAt
) -> Outcome:
    answers: dict[tuple[object, ...], tuple[Answer, Point]] = {}
    for one in likely[:_MOST]:
        for point in points_of(connection, at, one.place):
            answer = locate_at(*point)
            answers.setdefault(_told(answer), (answer, point))
    if len(answers) != 1:
        return Outcome(status="ambiguous", candidates=tuple(likely))
    answer, point = next(iter(answers.values()))
    if _elsewhere(found.asked.province, answer):
        return Outcome(status="ambiguous", candidates=tuple(likely))
    certain = likely[0].exact and answer.certain
    return Outcome(status="located", answer=answer, point=point, certain=certain, candidates=tuple(likely))


def _told(answer: Answer) -> tuple[object, ...]:
    """Return what an answer says of a place, whichever of its points was asked for."""
    grid, matches = answer.grid, tuple(area.id for area in answer.matches)
    return answer.status, grid and grid.id, tuple(area.id for area in answer.chain), matches


def _elsewhere(province: str, answer: Answer) -> bool:
    codes = [area.code for area in answer.chain if area.code.isdecimal()]
    return bool(province and codes) and not codes[0].startswith(province)


def _named(connection: Connection, at: datetime, one: Candidate, view: TeamView) -> Outcome:
    """Tell the area that an address names, those above it, and who is responsible there."""
    records = known_areas(connection, at, [one.place.id], view)
    upwards = [records[one.place.id]]
    while (parent := records.get(upwards[-1].parent_id or 0)) is not None:
        upwards.append(parent)
    own = next((area for area in upwards if area.team is not None), None)
    responsible = Responsible(own, f"named_area_covered_by_{own.level}") if own else None
    chain = tuple(reversed(upwards))
    return Outcome(status="not_found", area=upwards[0], chain=chain, responsible=responsible, candidates=(one,))


def points_of(connection: Connection, at: datetime, place: Place) -> list[Point]:
    """Return points of a place, one in each piece of it that may have an answer of its own.

    None are returned for a large area that holds several grids: no point speaks for all of it.
    """
    if place.lon is not None and place.lat is not None:
        return [(place.lon, place.lat)]
    shape, level = _shape(connection, at, place)
    if shape is None or shape.is_empty:
        return []
    grids = load_areas(connection, at, levels=["grid"], bounds=_bounds(shape))
    general, special = (grids.geoms[grids.kinds == kind] for kind in ("general", "special"))
    if level in ("grid", "microgrid"):
        rest = shapely.difference(shape, shapely.union_all(special))
        return [_inner(rest if rest.area > _SHARE * shape.area else shape)]
    pieces = _pieces(shape, general, special)
    if place.is_above_grids and len(pieces) > 1:
        return []
    return [_inner(piece) for piece in pieces]


def _pieces(shape: shapely.Geometry, general: Geometries, special: Geometries) -> list[shapely.Geometry]:
    """Part a shape by the grids that cover it, and by what none covers; leave out slivers."""
    over = shapely.union_all(special)
    under = shapely.difference(shape, over)
    bare = shapely.difference(under, shapely.union_all(general))
    pieces = [*shapely.intersection(special, shape), *shapely.intersection(general, under), bare]
    return [piece for piece in pieces if piece.area > _SHARE * shape.area]


def _shape(connection: Connection, at: datetime, place: Place) -> tuple[shapely.Geometry | None, str | None]:
    """Return the shape of a place and its level, of a residence without position those of its grid."""
    if place.area_id is not None:
        areas = load_areas(connection, at, ids=[place.area_id])
        return (areas.geoms[0], areas.levels[0]) if len(areas) else (None, None)
    wkb = connection.scalar(text("SELECT ST_AsBinary(geom) FROM overlay WHERE id = :id"), {"id": place.id})
    return (None if wkb is None else shapely.from_wkb(wkb)), None


def _bounds(shape: shapely.Geometry) -> tuple[float, float, float, float]:
    west, south, east, north = shape.bounds
    return west, south, east, north


def _inner(shape: shapely.Geometry) -> Point:
    point = shape.representative_point()
    return float(point.x), float(point.y)


def shown_points(connection: Connection, at: datetime, places: Sequence[Place]) -> Mapping[Place, Point]:
    """Return one point inside each place, to show it on a map; those without a shape are left out."""
    found: dict[Place, Point] = {}
    lying: dict[int, list[Place]] = {}
    for place in places:
        if place.lon is not None and place.lat is not None:
            found[place] = (place.lon, place.lat)
        elif place.area_id is not None:
            lying.setdefault(place.area_id, []).append(place)
        elif (shape := _shape(connection, at, place)[0]) is not None:
            found[place] = _inner(shape)
    if lying:
        stored = load_areas(connection, at, ids=list(lying))
        for area_id, geom in zip(stored.ids.tolist(), stored.geoms, strict=True):
            if geom is not None:
                found |= dict.fromkeys(lying[area_id], _inner(geom))
    return found
