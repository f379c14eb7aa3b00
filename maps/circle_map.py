"""The map of circles: what a category of facilities reaches, whom it does not, and the shares by area."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geo.errors import NotFound, TooLarge
from geo.messages import Language
from maps.drawing import DECIMALS
from maps.offline import OfflineMap, OfflinePage, template_text
from maps.words import word

MOST_SHAPES: Final = 5_000
"""Circles and areas that one page may hold."""
MOST_POINTS: Final = 20_000
"""Residences drawn at most; the table counts all."""


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A facility, or a residence that nothing reaches; degrees EPSG:4490; ``lines`` are shown beside it."""

    lon: float
    lat: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShareTable:
    """A table by area: one row an area, under a heading."""

    title: str
    heading: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class CircleScene:
    """What the map shows.

    Attributes
    ----------
    areas
        Boundaries, drawn as lines; EPSG:4490.
    circles
        Shapes of circles, each with ``"walked"`` or ``"radius"`` (estimated, drawn otherwise).
    places, left
        Facilities, and the residences that no circle reaches.
    tables
        Shown in the page's corner.
    """

    areas: Sequence[Any]
    circles: Sequence[tuple[Any, str]]
    places: Sequence[MapPoint]
    left: Sequence[MapPoint]
    tables: Sequence[ShareTable]


def circle_map(
    scene: CircleScene,
    *,
    title: str,
    source: str,
    date_text: str,
    facts: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
    lang: Language = "zh",
) -> str:
    """Return a map page that needs no other file and no network.

    Parameters
    ----------
    title, source, date_text, facts, notes
        Plain text: what is shown, where it comes from, its date and edition, figures above and remarks below the map.

    Returns
    -------
    str
        HTML, to be kept as UTF-8. Equal input gives an equal page.

    Raises
    ------
    NotFound
        ``map-empty``: nothing has a place.
    TooLarge
        ``map-too-many-areas``: more than :data:`MOST_SHAPES`.
    Unavailable
        ``bundle-missing``.
    """
    shapes = [*scene.areas, *(shape for shape, _ in scene.circles)]
    if len(shapes) > MOST_SHAPES:
        raise TooLarge("map-too-many-areas", count=len(shapes), limit=MOST_SHAPES)
    if not shapes:
        raise NotFound("map-empty", count=0)
    remarks = [(word("source", lang), source), (word("date", lang), date_text)]
    remarks += [("", text) for text in (*notes, word("projection", lang), "Leaflet 1.9.4")]
    page = OfflinePage(
        title=title,
        lang=lang,
        styles=[template_text("area_map.css"), template_text("circle_map.css")],
        scripts=[template_text("area_map.js"), template_text("circle_map.js")],
        facts=[*facts, ("", date_text)],
        notes=[(label, text) for label, text in remarks if text],
    )
    west, south, east, north = shapely.total_bounds(np.array(shapes, dtype=object)).tolist()
    bounds = [[south, west], [north, east]]
    return OfflineMap(page, bounds, min_zoom=3, max_zoom=20).html("gridwarden.drawCircles", _data(scene, bounds, lang))


def _data(scene: CircleScene, bounds: list[list[float]], lang: Language) -> dict[str, Any]:
    return {
        "bounds": bounds,
        "words": {
            "layers": [word(key, lang) for key in ("circle_areas", "circle_reach", "circle_left", "circle_places")],
            "zoom_in": word("zoom_in", lang),
            "zoom_out": word("zoom_out", lang),
        },
        "areas": _features([(shape, {}) for shape in scene.areas]),
        "circles": _features([(shape, {"means": means}) for shape, means in scene.circles]),
        "places": [_point(one) for one in scene.places],
        "left": [_point(one) for one in scene.left[:MOST_POINTS]],
        "tables": [
            {"title": table.title, "heading": list(table.heading), "rows": [list(row) for row in table.rows]}
            for table in scene.tables
        ],
    }


def _features(shapes: Sequence[tuple[Any, dict[str, str]]]) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shapely.transform(shape, lambda xy: np.round(xy, DECIMALS))),
            "properties": properties,
        }
        for shape, properties in shapes
    ]
    return {"type": "FeatureCollection", "features": features}


def _point(one: MapPoint) -> dict[str, Any]:
    return {"point": [round(one.lon, DECIMALS), round(one.lat, DECIMALS)], "lines": list(one.lines)}
