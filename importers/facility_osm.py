"""Facilities out of an OpenStreetMap extract: points, and areas by their entrance or a point inside."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import osmium
import shapely

from geo.lattice import snap
from importers.facilities import Facility
from importers.limits import Limits
from importers.osm_file import judged_osm_file, osm_places

_CATEGORIES: Final[Mapping[str, Mapping[str, str]]] = {
    "amenity": {
        "clinic": "clinic",
        "doctors": "clinic",
        "hospital": "hospital",
        "school": "school",
        "kindergarten": "kindergarten",
        "childcare": "kindergarten",
        "marketplace": "market",
        "community_centre": "neighbourhood_centre",
        "social_centre": "neighbourhood_centre",
        "townhall": "party_centre",
        "nursing_home": "elderly_care",
        "pharmacy": "pharmacy",
        "police": "police_station",
        "library": "culture",
        "arts_centre": "culture",
        "post_office": "post",
        "parcel_locker": "post",
    },
    "healthcare": {"clinic": "clinic", "doctor": "clinic", "centre": "clinic", "hospital": "hospital"},
    "social_facility": {"nursing_home": "elderly_care", "assisted_living": "elderly_care", "day_care": "elderly_care"},
    "leisure": {"park": "park", "sports_centre": "sports", "fitness_station": "sports"},
    "shop": {"supermarket": "shop", "convenience": "shop", "greengrocer": "market"},
}
_ENTRANCES: Final = ("main", "yes")


def read_osm_facilities(path: Path, limits: Limits) -> tuple[str, list[Facility]]:
    """Read the places that serve people from an extract.

    Returns
    -------
    tuple
        The SHA-256 of the file, and the facilities, by their numbers in OpenStreetMap.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read whole.
    """
    digest = judged_osm_file(path, limits)
    entrances: dict[tuple[int, int], int] = {}
    found: list[Facility] = []
    shape_of = osmium.geom.WKBFactory()
    with osm_places(path, "entrance", *_CATEGORIES) as objects:
        for one in objects:
            if one.is_node() and one.tags.get("entrance") in _ENTRANCES:
                place = (one.location.x, one.location.y)
                entrances[place] = _ENTRANCES.index(one.tags["entrance"])
            category = _category(one.tags)
            if category is None:
                continue
            if one.is_node():
                found.append(_facility(one, f"n{one.id}", category, one.location.lon, one.location.lat))
            elif one.is_area():
                shape = shapely.from_wkb(shape_of.create_multipolygon(one), on_invalid="ignore")
                if shape is not None:
                    number = f"{'w' if one.from_way() else 'r'}{one.orig_id()}"
                    found.append(_facility(one, number, category, *_entered(shape, entrances)))
    return digest, found


def _category(tags: Any) -> str | None:
    if any(tag.k in ("disused", "abandoned", "construction") and tag.v == "yes" for tag in tags):
        return None
    return next((words[tags[key]] for key, words in _CATEGORIES.items() if tags.get(key) in words), None)


def _facility(one: Any, number: str, category: str, lon: float, lat: float) -> Facility:
    tags = one.tags
    name = tags.get("name:zh") or tags.get("name") or f"{category} {number}"
    street, house = tags.get("addr:street", ""), tags.get("addr:housenumber", "")
    row = int(number[1:])
    return Facility(row, name[:200], category, category, f"{street} {house}".strip()[:200], lon, lat, None)


def _entered(shape: shapely.Geometry, entrances: Mapping[tuple[int, int], int]) -> tuple[float, float]:
    """Return where an area is entered: its main entrance, any entrance, else a point inside."""
    xy = shapely.get_coordinates(shape)
    cells = map(tuple, snap(xy).tolist())
    ranked = [(entrances[place], row) for row, place in enumerate(cells) if place in entrances]
    if ranked:
        lon, lat = xy[min(ranked)[1]].tolist()
        return lon, lat
    inside = shapely.point_on_surface(shape)
    return inside.x, inside.y
