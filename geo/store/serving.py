"""Whom circles serve: shares of areas, households that nothing reaches, and what a draft would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geo.areas import Geometries
from geo.circles.making import Walks
from geo.circles.profiles import Profile
from geo.errors import NotFound
from geo.measure import area_m2
from geo.serving import Homes, Share, reached, residents_of, shares
from geo.store.areas import load_areas
from geo.store.circle_refresh import network_near
from geo.store.circles import Circle, CircleFilter, Place, held_basis, load_circles, load_places
from geo.store.listing import AreaFilter, AreaRecord, list_areas, one_area
from geo.store.sql import statement
from geo.stored import StoredAreas

_EVERY: Final = 10_000_000
_GLOBE: Final = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class AskedService:
    """Whose service is asked about: circles of a category and tier, in an area and all below it, or everywhere."""

    profile: str
    tier: str
    category: str
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """What stored circles rest on.

    Attributes
    ----------
    edition
        The edition that they were held against.
    stale
        Whether streets or facilities were published since.
    estimated
        Whether some are estimated as the crow flies.
    """

    edition: int
    stale: bool
    estimated: bool


@dataclass(frozen=True, slots=True)
class UnservedHome:
    """A residence that no circle reaches; degrees EPSG:4490; ``grid`` is the code of the grid it lies in, or None."""

    address: str
    households: int
    lon: float
    lat: float
    grid: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a draft of new and closed facilities changes for one tier."""

    tier: str
    households: int
    before: int
    after: int
    gained: int
    lost: int


def basis_of(connection: Connection, profile: str) -> Basis | None:
    """Return what the circles of a profile rest on, None where they were never made."""
    held = held_basis(connection, profile)
    if held is None:
        return None
    stale, estimated = connection.execute(
        text(
            "SELECT EXISTS (SELECT FROM edition WHERE id > :edition AND kind IN ('streets', 'facilities')), "
            "EXISTS (SELECT FROM circle WHERE profile = :profile AND means = 'radius' AND upper_inf(valid))"
        ),
        {"edition": held[1], "profile": profile},
    ).one()
    return Basis(held[1], stale, estimated)


def service_shares(
    connection: Connection, at: datetime, asked: AskedService, level: str
) -> list[tuple[AreaRecord, Share]]:
    """Return how much of each general area of a level the circles cover, by code.

    Raises
    ------
    NotFound
        For an unknown area.
    """
    areas = _areas(connection, at, asked.within, level)
    shapes = _shapes(areas)
    homes = load_homes(connection, at, shapes)
    return list(
        zip(
            areas,
            shares(shapes, _land(connection, at, asked), homes, _unplaced(connection, at, areas, homes)),
            strict=True,
        )
    )


def unserved_homes(connection: Connection, at: datetime, asked: AskedService) -> list[UnservedHome]:
    """Return the residences that no circle of the category and tier reaches, by grid and address.

    Raises
    ------
    NotFound
        For an unknown area.
    """
    grids = _areas(connection, at, asked.within, "grid")
    shapes = _shapes(grids)
    homes = load_homes(connection, at, shapes)
    within = np.zeros(len(homes), dtype=np.bool_)
    grid_of: dict[int, str] = {}
    for grid, rows in zip(grids, residents_of(shapes, homes), strict=True):
        within[rows] = True
        for row in rows.tolist():
            grid_of.setdefault(row, grid.code)
    if asked.within is None:
        within = homes.placed()
    left = np.flatnonzero(within & ~reached(homes, _land(connection, at, asked)))
    found = [
        UnservedHome(
            homes.addresses[row], int(homes.households[row]), homes.points[row].x, homes.points[row].y, grid_of.get(row)
        )
        for row in left.tolist()
    ]
    return sorted(found, key=lambda one: (one.grid or "", one.address, one.lon, one.lat))


def serving_facilities(connection: Connection, at: datetime, profile: str, code: str) -> list[tuple[Circle, float]]:
    """Return the circles that cover some of an area, and their shares of it, by category, name and limit.

    Raises
    ------
    NotFound
        For an unknown area.
    """
    shape = one_area(connection, at, code, shapes=True).geom
    if shape is None:
        return []
    near = load_circles(connection, at, CircleFilter(profile, bounds=shape.bounds))
    if not near:
        return []
    parts = shapely.intersection(np.array([one.geom for one in near], dtype=object), shape)
    land = np.array([_land_of(one) for one in parts], dtype=object)
    whole = float(area_m2(np.array([shape], dtype=object))[0])
    return [(one, min(size / whole, 1.0)) for one, size in zip(near, area_m2(land).tolist(), strict=True) if size > 0]


def draft_effects(
    connection: Connection,
    at: datetime,
    profile: Profile,
    asked: AskedService,
    opened: Sequence[Place],
    closed: Sequence[str],
) -> tuple[list[Effect], list[Place]]:
    """Return what new and closed facilities of a category would change for households, tier by tier.

    Parameters
    ----------
    opened
        Facilities that are not there yet.
    closed
        Names of present facilities of the category.

    Returns
    -------
    tuple
        Effects, and the new facilities that no street leads to.

    Raises
    ------
    NotFound
        ``unknown-facility``, and for an unknown area.
    """
    present = load_places(connection, at, asked.category)
    for name in closed:
        if name not in {place.name for place in present}:
            raise NotFound("unknown-facility", name=name, category=asked.category)
    walks = Walks(network_near(connection, at, profile, opened), profile) if opened else None
    drawn = [walks.around_one(np.array([place.lon, place.lat])) for place in opened] if walks else []
    shapes = _shapes(_areas(connection, at, asked.within, "grid"))
    homes = load_homes(connection, at, shapes)
    counted = homes.placed()
    if asked.within is not None:
        counted = np.zeros(len(homes), dtype=np.bool_)
        for rows in residents_of(shapes, homes):
            counted[rows] = True
    effects = []
    for row, tier in enumerate(profile.tiers):
        held = load_circles(connection, at, CircleFilter(profile.name, tier.name, asked.category))
        before = reached(homes, _geoms(held)) & counted
        kept = _geoms([one for one in held if one.name not in closed])
        after = reached(homes, [*kept, *(one.shapes[row] for one in drawn if one.shapes)]) & counted
        effects.append(_effect(tier.name, homes, counted, before, after))
    return effects, [place for place, one in zip(opened, drawn, strict=True) if not one.shapes]


def load_homes(connection: Connection, at: datetime, shapes: Geometries) -> Homes:
    """Return the residences in the box around areas, and those without a position."""
    known = shapes[~shapely.is_missing(shapes)]
    west, south, east, north = shapely.total_bounds(known).tolist() if len(known) else _GLOBE
    rows = connection.execute(
        statement("homes_at"), {"at": at, "west": west, "south": south, "east": east, "north": north}
    ).all()
    addresses, points = np.empty((2, len(rows)), dtype=object)
    addresses[:] = [row.address for row in rows]
    points[:] = [None if row.wkb is None else shapely.from_wkb(row.wkb) for row in rows]
    return Homes(
        np.array([row.id for row in rows], dtype=np.int64),
        addresses,
        np.array([row.households for row in rows], dtype=np.int64),
        points,
        np.array([row.area_id for row in rows], dtype=np.int64),
    )


def _effect(tier: str, homes: Homes, counted: Any, before: Any, after: Any) -> Effect:
    def households(which: Any) -> int:
        return int(homes.households[which].sum())

    return Effect(
        tier,
        households(counted),
        households(before),
        households(after),
        households(after & ~before),
        households(before & ~after),
    )


def _areas(connection: Connection, at: datetime, within: str | None, level: str) -> list[AreaRecord]:
    if within is not None:
        one_area(connection, at, within)
    found = list_areas(
        connection, at, AreaFilter(level=level, kind="general", within=within), limit=_EVERY, shapes=True
    )
    return [area for area in found if area.geom is not None]


def _shapes(areas: Sequence[AreaRecord]) -> Geometries:
    shapes = np.empty(len(areas), dtype=object)
    shapes[:] = [area.geom for area in areas]
    return shapes


def _land(connection: Connection, at: datetime, asked: AskedService) -> list[shapely.Geometry]:
    return _geoms(load_circles(connection, at, CircleFilter(asked.profile, asked.tier, asked.category)))


def _geoms(circles: Sequence[Circle]) -> list[shapely.Geometry]:
    return [one.geom for one in circles if one.geom is not None]


def _land_of(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.MultiPolygon(list(shapely.get_parts(parts[shapely.get_dimensions(parts) == 2])))


def _unplaced(connection: Connection, at: datetime, areas: Sequence[AreaRecord], homes: Homes) -> list[int]:
    """Return the households of each area whose residences have a grid and no position."""
    loose = np.flatnonzero(~homes.placed() & (homes.area_ids > 0))
    total = dict.fromkeys((area.id for area in areas), 0)
    if len(loose):
        parent_of = _parents(load_areas(connection, at, shapes=False))
        for row in loose.tolist():
            place: int | None = int(homes.area_ids[row])
            while place and place not in total:
                place = parent_of.get(place)
            if place:
                total[place] += int(homes.households[row])
    return list(total.values())


def _parents(stored: StoredAreas) -> dict[int, int]:
    return dict(zip(stored.ids.tolist(), stored.parent_ids.tolist(), strict=True))
