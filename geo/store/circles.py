"""Circles in the store: what can be walked to from facilities, by profile and tier, each a version of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geo.circle_cover import CircleCover
from geo.store.areas import Bounds
from geo.store.publish import Publication
from geo.store.sql import statement


@dataclass(frozen=True, slots=True)
class Place:
    """A facility of the present or of a moment; degrees EPSG:4490."""

    id: int
    name: str
    category: str
    address: str | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Circle:
    """One circle.

    Attributes
    ----------
    facility, name, category, lon, lat
        The facility it belongs to.
    means
        ``walked``, ``radius`` (estimated, for want of streets) or ``refused``.
    reason
        Why it was refused, a kind of message; None otherwise.
    snapped_m
        From the facility to the street that it was joined to.
    geom
        MultiPolygon, EPSG:4490; None where it was refused.
    """

    facility: int
    name: str
    category: str
    lon: float
    lat: float
    profile: str
    tier: str
    limit_m: float
    means: str
    reason: str | None
    snapped_m: float | None
    area_m2: float | None
    edition: int
    geom: shapely.Geometry | None


@dataclass(frozen=True, slots=True)
class CircleFilter:
    """Which circles; None takes all. A point is degrees EPSG:4490."""

    profile: str | None = None
    tier: str | None = None
    category: str | None = None
    facilities: Sequence[int] | None = None
    name: str | None = None
    point: tuple[float, float] | None = None
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class NewCircle:
    """A circle about to be stored: see :class:`Circle`; the shape as WKB."""

    facility: int
    tier: str
    limit_m: float
    means: str
    reason: str | None
    snapped_m: float | None
    area_m2: float | None
    wkb: bytes | None


def load_places(connection: Connection, at: datetime, category: str | None = None) -> list[Place]:
    """Return the facilities as of a moment, of one category or all, by category and name."""
    rows = connection.execute(
        text(
            "SELECT id, name, category, address, ST_X(geom), ST_Y(geom) FROM facility WHERE valid @> "
            "CAST(:at AS timestamptz) AND (CAST(:category AS text) IS NULL OR category = :category) "
            "ORDER BY category, name, id"
        ),
        {"at": at, "category": category},
    )
    return [Place(*row) for row in rows]


def load_circles(connection: Connection, at: datetime, wanted: CircleFilter) -> list[Circle]:
    """Return circles as of a moment, by category, name and limit."""
    lon, lat = wanted.point or (None, None)
    west, south, east, north = wanted.bounds or (None, None, None, None)
    rows = connection.execute(
        statement("circles_at"),
        {
            "at": at,
            "profile": wanted.profile,
            "tier": wanted.tier,
            "category": wanted.category,
            "name": wanted.name,
            "facilities": None if wanted.facilities is None else list(wanted.facilities),
            **{"lon": lon, "lat": lat, "west": west, "south": south, "east": east, "north": north},
        },
    )
    return [Circle(*(*values, None if wkb is None else shapely.from_wkb(wkb))) for *values, wkb in rows]


def circles_around(connection: Connection, at: datetime, lon: float, lat: float) -> tuple[dict[str, object], ...]:
    """Return what answers about a point say of the circles that cover it (degrees, EPSG:4490)."""
    rows = connection.execute(statement("circles_around"), {"at": at, "lon": lon, "lat": lat}).mappings()
    return tuple(dict(row) for row in rows)


def circle_cover(connection: Connection, edition: int, older: CircleCover) -> CircleCover:
    """Return the circles of an edition for memory; the older ones where nothing changed them since."""
    key, at = connection.execute(
        text(
            "SELECT coalesce(max(id), 0), max(published_at) FROM edition "
            "WHERE kind IN ('circles', 'facilities') AND id <= :edition"
        ),
        {"edition": edition},
    ).one()
    if key == older.key:
        return older
    found = [one for one in load_circles(connection, at, CircleFilter()) if one.geom is not None]
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = [one.geom for one in found]
    return CircleCover.of(key, [_mention(one) for one in found], shapes)


def _mention(one: Circle) -> dict[str, object]:
    return {
        "facility": one.facility,
        "name": one.name,
        "category": one.category,
        "profile": one.profile,
        "tier": one.tier,
        "limit_m": one.limit_m,
        "means": one.means,
    }


def held_basis(connection: Connection, profile: str) -> tuple[str, int] | None:
    """Return the digest of the figures that a profile's circles were made with, and the edition they hold for."""
    row = connection.execute(
        text("SELECT digest, edition FROM circle_basis WHERE profile = :profile"), {"profile": profile}
    ).one_or_none()
    return None if row is None else (row.digest, row.edition)


def stale_facilities(
    connection: Connection, profile: str, edition: int, reach_deg: tuple[float, float], *, whole: bool, networked: bool
) -> list[int]:
    """Return the ids of the present facilities whose circles must be made anew.

    Parameters
    ----------
    edition
        The one that the circles were held for.
    reach_deg
        How far from a facility streets matter, in degrees of longitude and latitude.
    whole
        All of them.
    networked
        Whether there are streets now.
    """
    rows = connection.execute(
        statement("circles_stale"),
        {
            "profile": profile,
            "edition": edition,
            "lon_deg": reach_deg[0],
            "lat_deg": reach_deg[1],
            "whole": whole,
            "networked": networked,
        },
    )
    return [row.id for row in rows]


def orphaned(connection: Connection, profile: str) -> int:
    """Return how many present circles belong to facilities that are there no longer."""
    found = connection.scalar(
        text(
            "SELECT count(*) FROM circle AS c JOIN facility AS f ON f.id = c.facility_id "
            "WHERE c.profile = :profile AND upper_inf(c.valid) AND NOT upper_inf(f.valid)"
        ),
        {"profile": profile},
    )
    return int(found or 0)


def write_circles(
    connection: Connection, opened: Publication, profile: str, facilities: Sequence[int], fresh: Sequence[NewCircle]
) -> None:
    """End the circles of some facilities and of those that are gone, and open others."""
    connection.execute(statement("circles_end"), {"profile": profile, "facilities": list(facilities), "at": opened.at})
    connection.execute(
        statement("circles_open"),
        {
            "facilities": [one.facility for one in fresh],
            "tiers": [one.tier for one in fresh],
            "limits": [one.limit_m for one in fresh],
            "means": [one.means for one in fresh],
            "reasons": [one.reason for one in fresh],
            "snapped": [one.snapped_m for one in fresh],
            "areas": [one.area_m2 for one in fresh],
            "shapes": [one.wkb for one in fresh],
            "profile": profile,
            "edition": opened.edition,
            "at": opened.at,
        },
    )


def hold_basis(connection: Connection, profile: str, digest: str, edition: int) -> None:
    """Write down what a profile's circles were made with, and which edition they hold for."""
    connection.execute(
        text(
            "INSERT INTO circle_basis (profile, digest, edition) VALUES (:profile, :digest, :edition) "
            "ON CONFLICT (profile) DO UPDATE SET digest = excluded.digest, edition = excluded.edition"
        ),
        {"profile": profile, "digest": digest, "edition": edition},
    )
