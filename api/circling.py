"""Circles and whom they serve, as documents: the same at the command line and over HTTP."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Connection

from api.geojson import CRS
from geo.circles.profiles import Profile
from geo.errors import NotFound
from geo.store.circles import Circle, CircleFilter, Place, load_circles, load_places
from geo.store.serving import (
    AskedService,
    Basis,
    UnservedHome,
    basis_of,
    draft_effects,
    service_shares,
    serving_facilities,
    unserved_homes,
)


def facilities_document(connection: Connection, at: datetime, category: str | None) -> dict[str, Any]:
    """Return the facilities as of a moment."""
    return {"items": [_place(place) for place in load_places(connection, at, category)]}


def circles_document(
    connection: Connection, at: datetime, wanted: CircleFilter, *, shapes: bool = False
) -> dict[str, Any]:
    """Return circles: those of some facilities, those that cover a point, or all of a category and tier."""
    found = load_circles(connection, at, wanted)
    basis = basis_of(connection, wanted.profile) if wanted.profile else None
    head = {"basis": _basis(basis)}
    if not shapes:
        return {**head, "items": [circle_document(one) for one in found]}
    features = [_feature(one.geom, circle_document(one)) for one in found]
    return {"type": "FeatureCollection", "crs": CRS, **head, "features": features}


def shares_document(connection: Connection, at: datetime, asked: AskedService, level: str) -> dict[str, Any]:
    """Return how much of each area of a level the circles of a category and tier cover."""
    basis = basis_of(connection, asked.profile)
    # nothing is not the same as nobody: without circles there are no shares
    rows = service_shares(connection, at, asked, level) if basis else []
    return {
        **_asked(asked),
        "level": level,
        "basis": _basis(basis),
        "items": [{"code": area.code, "name": area.name, **share.document()} for area, share in rows],
    }


def unserved_document(
    connection: Connection, at: datetime, asked: AskedService, *, shapes: bool = False
) -> dict[str, Any]:
    """Return the residences that no circle of a category and tier reaches."""
    basis = basis_of(connection, asked.profile)
    found = unserved_homes(connection, at, asked) if basis else []
    head = {**_asked(asked), "basis": _basis(basis), "households": sum(one.households for one in found)}
    if not shapes:
        return {**head, "items": [{**_home(one), "lon": one.lon, "lat": one.lat} for one in found]}
    features = [_feature(shapely.Point(one.lon, one.lat), _home(one)) for one in found]
    return {"type": "FeatureCollection", "crs": CRS, **head, "features": features}


def serving_document(
    connection: Connection, at: datetime, profile: str, code: str, *, shapes: bool = False
) -> dict[str, Any]:
    """Return the facilities whose circles cover some of an area, with their shares of its m²."""
    basis = basis_of(connection, profile)
    rows = serving_facilities(connection, at, profile, code)
    items = [{**circle_document(one), "share_of_area": round(share, 4)} for one, share in rows]
    head = {"area": code, "basis": _basis(basis)}
    if not shapes:
        return {**head, "items": items}
    features = [_feature(one.geom, item) for (one, _), item in zip(rows, items, strict=True)]
    return {"type": "FeatureCollection", "crs": CRS, **head, "features": features}


def draft_document(
    connection: Connection,
    at: datetime,
    profile: Profile,
    asked: AskedService,
    opened: Sequence[Place],
    closed: Sequence[str],
) -> dict[str, Any]:
    """Return what new and closed facilities would change."""
    basis = basis_of(connection, asked.profile)
    if basis is None:
        raise NotFound("circles-not-made", profile=asked.profile)
    effects, refused = draft_effects(connection, at, profile, asked, opened, closed)
    return {
        "profile": asked.profile,
        "category": asked.category,
        "within": asked.within,
        "basis": _basis(basis),
        "refused": [place.name for place in refused],
        "items": [
            {
                "tier": one.tier,
                "households": one.households,
                "before": one.before,
                "after": one.after,
                "gained": one.gained,
                "lost": one.lost,
            }
            for one in effects
        ],
    }


def circle_document(one: Circle) -> dict[str, Any]:
    """Return one circle without its shape."""
    return {
        "facility": one.facility,
        "name": one.name,
        "category": one.category,
        "profile": one.profile,
        "tier": one.tier,
        "limit_m": one.limit_m,
        "means": one.means,
        "reason": one.reason,
        "snapped_m": None if one.snapped_m is None else round(one.snapped_m, 1),
        "area_m2": None if one.area_m2 is None else round(one.area_m2, 1),
    }


def _asked(asked: AskedService) -> dict[str, Any]:
    return {"profile": asked.profile, "tier": asked.tier, "category": asked.category, "within": asked.within}


def _basis(basis: Basis | None) -> dict[str, Any] | None:
    if basis is None:
        return None
    return {"edition": basis.edition, "stale": basis.stale, "estimated": basis.estimated}


def _place(place: Place) -> dict[str, Any]:
    return {
        "facility": place.id,
        "name": place.name,
        "category": place.category,
        "address": place.address,
        "lon": place.lon,
        "lat": place.lat,
    }


def _home(one: UnservedHome) -> dict[str, Any]:
    return {"grid": one.grid, "address": one.address, "households": one.households}


def _feature(geom: shapely.Geometry | None, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = None if geom is None else shapely.geometry.mapping(geom)
    return {"type": "Feature", "geometry": geometry, "properties": properties}
