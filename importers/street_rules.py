"""What may be walked on: the tags of OpenStreetMap, and the words that planners' layers use for the same."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import radians, tan
from typing import Final

from importers.cell_text import folded

Tags = Mapping[str, str]

_WALKED_WORDS: Final = """
footway path pedestrian steps living_street residential service unclassified tertiary tertiary_link secondary
secondary_link primary primary_link trunk trunk_link track road corridor platform cycleway bridleway crossing
access_ramp
"""
WALKED: Final = frozenset(_WALKED_WORDS.split())
MOTORWAYS: Final = frozenset({"motorway", "motorway_link"})
_CLOSED: Final = frozenset(["no", "private", "agricultural", "forestry", "military", "emergency"])
_OPEN: Final = frozenset(["yes", "designated", "permissive", "destination", "official", "customers", "permit"])
_SHUT_BARRIERS: Final = frozenset(
    ["wall", "fence", "city_wall", "hedge", "retaining_wall", "ditch", "block_wall", "guard_rail", "debris"]
)
_YES: Final = frozenset(["yes", "t", "true", "1", "是"])

_CLASS_WORDS: Final[dict[str, str]] = {
    "motorway": "高速公路 高速 expressway freeway",
    "trunk": "快速路 城市快速路 国道",
    "primary": "主干路 主干道 主路 省道",
    "secondary": "次干路 次干道 县道",
    "tertiary": "乡道 村道",
    "residential": "支路 街巷 小区道路 居住区道路 街 路 street",
    "service": "内部道路 院内道路 车行道",
    "footway": "人行道 步道 人行步道 绿道 人行天桥 人行地道 sidewalk",
    "path": "小路 小径 巷 巷道",
    "pedestrian": "步行街",
    "steps": "台阶 梯道 楼梯 梯步 stairs stairway",
}
_CLASS_OF: Final = {word: name for name, words in _CLASS_WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class Walk:
    """How a way is walked: its class, whether it is a stairway, its layer, and rise over run (0 where unknown)."""

    way_class: str
    steps: bool
    layer: int
    incline: float


def walk_of(tags: Tags) -> Walk | str:
    """Return how a way is walked, or why it is not.

    Returns
    -------
    Walk or str
        ``"motorway"``, ``"access"`` (nobody may, or not on foot), or ``"class"`` (no way for people, or not built yet).
    """
    way_class = class_of(tags)
    if way_class in MOTORWAYS or (tags.get("motorroad") == "yes" and tags.get("foot") not in _OPEN):
        return "motorway"
    if way_class not in WALKED:
        return "class"
    if not _may_walk(tags):
        return "access"
    return Walk(way_class, way_class == "steps", layer_of(tags), incline_of(tags.get("incline", "")))


def class_of(tags: Tags) -> str:
    """Return the class of a way in OpenStreetMap's words."""
    given = tags.get("highway", "")
    if not given and "platform" in (tags.get("railway"), tags.get("public_transport")):
        return "platform"
    word = folded(given)
    return _CLASS_OF.get(word, word)


def layer_of(tags: Tags) -> int:
    """Return the layer of a way: what it says, else 1 for a bridge and -1 for a tunnel."""
    given = re.fullmatch(r"[+-]?\d{1,2}", tags.get("layer", "").strip())
    if given is not None and int(given[0]):
        return int(given[0])
    if _is_marked(tags.get("bridge", "")):
        return 1
    return -1 if _is_marked(tags.get("tunnel", "")) else 0


def incline_of(text: str) -> float:
    """Return rise over run of ``"8%"`` or ``"5°"``; 0 where there is no figure, or one beyond 100 %."""
    found = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?)\s*(%|°)\s*", text)
    if found is None:
        return 0.0
    rise = float(found[1])
    ratio = rise / 100 if found[2] == "%" else tan(radians(max(-80.0, min(80.0, rise))))
    return ratio if abs(ratio) <= 1 else 0.0


def is_shut(tags: Tags) -> bool:
    """Tell whether nobody passes a point: a wall across the way, or a gate that is locked or private."""
    barrier = tags.get("barrier", "")
    if not barrier or tags.get("foot") in _OPEN:
        return False
    if barrier in _SHUT_BARRIERS:
        return True
    return tags.get("locked") == "yes" or tags.get("foot") in _CLOSED or tags.get("access") in _CLOSED


def _may_walk(tags: Tags) -> bool:
    foot = tags.get("foot", "")
    if foot:
        return foot not in _CLOSED and foot != "use_sidepath"
    return tags.get("access", "") not in _CLOSED


def _is_marked(text: str) -> bool:
    """Tell whether a mark is set: any word but a no, as bridges are of many kinds."""
    word = folded(text)
    return bool(word) and (word in _YES or word not in ("no", "f", "false", "0", "否"))
