"""The map of areas: what is where, and which team looks after it."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely

from geo.errors import NotFound, TooLarge
from geo.levels import DEFAULT
from geo.messages import Language
from maps.drawing import Drawing, drawing
from maps.layers import MapLayer, layer_data
from maps.offline import OfflineMap, OfflinePage, template_text
from maps.words import WORDS, word

MOST_AREAS: Final = 5_000


def area_map(
    layers: Sequence[MapLayer],
    *,
    title: str,
    source: str,
    date_text: str,
    lang: Language = "zh",
    attribution: str = "",
    review_number: str = "",
) -> str:
    """Return a map page that needs no other file and no network.

    Parameters
    ----------
    layers
        In any order; drawn from the largest level to the smallest, special grids on top.
    title, source, date_text
        Plain text: what is shown, where it comes from, and its date and edition.
    lang
        Language of the page's own words.
    attribution, review_number
        Plain text: whom to name, and the 审图号 of the base data; left out when empty.

    Returns
    -------
    str
        HTML, to be kept as UTF-8. Equal input gives an equal page.

    Raises
    ------
    NotFound
        ``map-empty``: no area has a boundary.
    TooLarge
        ``map-too-many-areas``: more than :data:`MOST_AREAS`.
    Unavailable
        ``bundle-missing``: Leaflet has not been built into ``maps/bundle``.
    """
    given = sum(len(layer.areas) for layer in layers)
    if given > MOST_AREAS:
        raise TooLarge("map-too-many-areas", count=given, limit=MOST_AREAS)
    drawn = [layer for layer in map(_with_boundary, _in_order(layers)) if layer.areas]
    if not drawn:
        raise NotFound("map-empty", count=given)
    drawings = [drawing(_geoms(layer)) for layer in drawn]
    notes = [(word("source", lang), source), (word("date", lang), date_text), ("", attribution)]
    notes += [(word("review_number", lang), review_number)] if review_number else []
    notes += _remarks(drawn, drawings, given, lang)
    page = OfflinePage(
        title=title,
        lang=lang,
        styles=[template_text("area_map.css")],
        scripts=[template_text("area_map.js"), template_text("area_labels.js")],
        facts=[*((layer.name, f"{len(layer.areas):,}") for layer in drawn), ("", date_text)],
        notes=[(label, text) for label, text in notes if text],
    )
    return _page(page, drawn, drawings, lang)


def _in_order(layers: Sequence[MapLayer]) -> list[MapLayer]:
    return sorted(
        layers, key=lambda layer: (layer.kind == "special", DEFAULT.levels.index(DEFAULT.require(layer.level)))
    )


def _with_boundary(layer: MapLayer) -> MapLayer:
    kept = [area for area in layer.areas if area.geometry is not None and not area.geometry.is_empty]
    return MapLayer(layer.name, layer.level, layer.kind, kept)


def _geoms(layer: MapLayer) -> Any:
    geoms = np.empty(len(layer.areas), dtype=object)
    geoms[:] = [area.geometry for area in layer.areas]
    return geoms


def _remarks(
    layers: Sequence[MapLayer], drawings: Sequence[Drawing], given: int, lang: Language
) -> list[tuple[str, str]]:
    """Say what the page does not show as it is stored."""
    remarks = [word("projection", lang)]
    remarks += [
        word("simplified", lang, name=layer.name, tolerance_m=f"{drawn.tolerance_m:g}")
        for layer, drawn in zip(layers, drawings, strict=True)
        if drawn.tolerance_m
    ]
    missing = given - sum(len(layer.areas) for layer in layers)
    if missing:
        remarks.append(word("not_drawn", lang, count=missing))
    return [("", remark) for remark in [*remarks, "Leaflet 1.9.4"]]


def _page(page: OfflinePage, layers: Sequence[MapLayer], drawings: Sequence[Drawing], lang: Language) -> str:
    west, south, east, north = shapely.total_bounds(np.concatenate([drawn.geoms for drawn in drawings])).tolist()
    bounds = [[south, west], [north, east]]
    page_map = OfflineMap(page, bounds, min_zoom=3, max_zoom=20)
    data = {
        "words": WORDS[lang],
        "bounds": bounds,
        "layers": [layer_data(layer, drawn, lang) for layer, drawn in zip(layers, drawings, strict=True)],
    }
    return page_map.html("gridwarden.drawAreas", data)
