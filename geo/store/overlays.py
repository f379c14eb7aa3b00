"""Overlays out of the store: named polygons outside coverage, such as residential estates."""

from datetime import datetime

import shapely
from sqlalchemy import Connection

from geo.areas import Areas, areas, texts
from geo.store.areas import Bounds
from geo.store.sql import statement


def load_overlay(connection: Connection, at: datetime, layer: str, bounds: Bounds) -> Areas:
    """Read the polygons of an overlay as of a moment, those whose box meets the bounds, by name.

    Parameters
    ----------
    layer
        Such as ``estate`` (小区).
    bounds
        West, south, east, north in degrees, EPSG:4490.
    """
    west, south, east, north = bounds
    rows = connection.execute(
        statement("overlays_at"),
        {"at": at, "layer": layer, "west": west, "south": south, "east": east, "north": north},
    ).all()
    geoms = [shapely.from_wkb(row.wkb) for row in rows]
    return areas(layer, [row.code for row in rows], geoms, names=texts([row.name for row in rows]))
