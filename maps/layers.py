"""What is laid on an area map: layers of areas with their teams, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import shapely

from geo.levels import level_name
from geo.messages import Language
from maps.drawing import Drawing
from maps.palette import colours, fill, neighbours
from maps.words import word

Style = Literal["cover", "inset", "special"]


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a team.

    ``role`` is shown as it stands, such as ``"全科网格员"``. A ``name`` or ``phone`` of ``None`` is one that the reader
    may not see and is said to be hidden; ``""`` is one that nobody has entered.
    """

    role: str
    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Team:
    """A team and its members, in the order in which they are shown."""

    name: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MapArea:
    """One area on the map.

    Attributes
    ----------
    code, name
        As they are shown; any text.
    geometry
        shapely Polygon or MultiPolygon, EPSG:4490 degrees; ``None`` is counted as not drawn.
    chain
        The areas above it, from the largest: ``(level, code, name)``.
    team
        Its own team, or ``None``.
    local_code, category
        Shown where they are not empty.
    households, residents
        Counts, or ``None`` where unknown.
    """

    code: str
    name: str
    geometry: Any
    chain: tuple[tuple[str, str, str], ...] = ()
    team: Team | None = None
    local_code: str = ""
    category: str = ""
    households: int | None = None
    residents: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class MapLayer:
    """The areas of one level and kind, under a name that the legend and the layer switch show."""

    name: str
    level: str
    kind: Literal["general", "special"]
    areas: Sequence[MapArea]


def layer_data(layer: MapLayer, drawn: Drawing, lang: Language) -> dict[str, Any]:
    """Return what ``area_map.js`` needs of a layer: names, drawing style, and GeoJSON with plain texts.

    Parameters
    ----------
    layer
        Only areas with a boundary.
    drawn
        Their boundaries, row by row.
    lang
        Language of the labels beside the facts.
    """
    numbers = colours(len(layer.areas), neighbours(drawn.geoms))
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(geom),
            "properties": {**_texts(area, lang), "fill": fill(int(number)), "label": label},
        }
        for area, geom, number, label in zip(layer.areas, drawn.geoms, numbers, drawn.labels.tolist(), strict=True)
    ]
    return {
        "name": layer.name,
        "levelName": word("special", lang) if layer.kind == "special" else level_name(layer.level, lang),
        "style": _style(layer),
        "areas": {"type": "FeatureCollection", "features": features},
    }


def _style(layer: MapLayer) -> Style:
    # Microgrids divide only some grids: the grids below must keep their colours.
    if layer.kind == "special":
        return "special"
    return "inset" if layer.level == "microgrid" else "cover"


def _texts(area: MapArea, lang: Language) -> dict[str, Any]:
    facts = {
        "code": area.code,
        "local_code": area.local_code,
        "category": area.category,
        "households": "" if area.households is None else f"{area.households:,}",
        "residents": "" if area.residents is None else f"{area.residents:,}",
    }
    return {
        "code": area.code,
        "name": area.name,
        "chain": [{"level": level_name(level, lang), "code": code, "name": name} for level, code, name in area.chain],
        "facts": [[word(key, lang), text] for key, text in facts.items() if text],
        "team": _team(area.team, word("hidden", lang)),
    }


def _team(team: Team | None, hidden: str) -> dict[str, Any] | None:
    if team is None:
        return None
    members = [
        {
            "role": member.role,
            "name": hidden if member.name is None else member.name,
            "phone": hidden if member.phone is None else member.phone,
        }
        for member in team.members
    ]
    return {"name": team.name, "members": members}
