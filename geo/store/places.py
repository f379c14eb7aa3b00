"""What lies at a place: which areas covered it over time, and who lives in a box."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from geo.store.areas import Bounds
from geo.store.sql import statement


def areas_over(
    connection: Connection, at: datetime, level: str, lon: float, lat: float, *, limit: int
) -> Sequence[Any]:
    """Return the versions of areas that covered a point (EPSG:4490) until a moment, the newest first.

    Rows of ``place_history.sql``; on a border those of all its sides.
    """
    asked = {"at": at, "level": level, "lon": lon, "lat": lat, "limit": limit}
    return connection.execute(statement("place_history"), asked).all()


def residences_in(connection: Connection, at: datetime, bounds: Bounds, *, limit: int) -> Sequence[Any]:
    """Return residences in a box: rows of ``residences_in.sql``."""
    edges = dict(zip(("west", "south", "east", "north"), bounds, strict=True))
    return connection.execute(statement("residences_in"), {"at": at, **edges, "limit": limit}).all()
