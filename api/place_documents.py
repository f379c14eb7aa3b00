"""What the editor asks about places: their past, and the residences in a box."""

from typing import Any, Final

from api.geojson import CRS
from api.view import View
from geo.errors import TooLarge
from geo.store.areas import Bounds
from geo.store.places import areas_over, residences_in

MOST_VERSIONS: Final = 200
MOST_RESIDENCES: Final = 5_000


def place_history(view: View, level: str, lon: float, lat: float) -> dict[str, Any]:
    """Return which areas covered a point (EPSG:4490) up to the moment asked for, the newest first.

    Raises
    ------
    BadInput
        ``unknown-level``.
    """
    rows = areas_over(view.connection, view.at, view.settings.hierarchy.require(level), lon, lat, limit=MOST_VERSIONS)
    items = [
        {
            **{"code": row.code, "name": row.name, "kind": row.kind, "edition": row.edition},
            "from": view.moment_text(row.valid_from),
            "to": row.valid_to and view.moment_text(row.valid_to),
        }
        for row in rows
    ]
    return {"items": items, **view.stamp()}


def residence_features(view: View, bounds: Bounds) -> dict[str, Any]:
    """Return the residences in a box as GeoJSON points; of people only how many households there are.

    Raises
    ------
    TooLarge
        ``residences-too-many``.
    """
    rows = residences_in(view.connection, view.at, bounds, limit=MOST_RESIDENCES + 1)
    if len(rows) > MOST_RESIDENCES:
        raise TooLarge("residences-too-many", most=MOST_RESIDENCES)
    features = [
        {
            "type": "Feature",
            "id": row.id,
            "geometry": {"type": "Point", "coordinates": [row.lon, row.lat]},
            "properties": {
                name: getattr(row, name) for name in ("id", "address", "estate", "building", "unit", "households")
            },
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "crs": CRS, "features": features, **view.stamp()}
