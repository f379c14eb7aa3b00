"""The two maps of a plan's sheet: drawn to scale as lines on paper, before and after, in one frame."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.differences import Differences
from geo.levels import DEFAULT
from geo.measure import metres_per_degree
from geo.stored import StoredAreas
from maps.palette import fill

Bounds = tuple[float, float, float, float]

SCALES: Final = (500, 1000, 2000, 2500, 5000, 10_000, 15_000, 20_000, 25_000, 50_000, 75_000)
"""The scales that are used, as denominators; beyond them round hundreds of thousands."""
_MARGIN: Final = 1.12
_LETTER_MM: Final = 1.75
"""Width of a digit of a label."""
_GROUND: Final = "#f6f5f1"
_QUIET: Final = frozenset({"noded", "redigitised"})
"""Changes that the map does not show as such."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of paper that shows a piece of land; north is up.

    Attributes
    ----------
    width_mm, height_mm
        Of the paper.
    denominator
        Of the scale.
    middle
        Longitude and latitude in the middle, degrees EPSG:4490.
    per_degree_mm
        mm on paper of one degree of longitude and of latitude.
    """

    width_mm: float
    height_mm: float
    denominator: int
    middle: tuple[float, float]
    per_degree_mm: tuple[float, float]

    @classmethod
    def around(cls, bounds: Bounds, width_mm: float, height_mm: float) -> "Frame":
        """Return the frame with the largest usual scale that shows the bounds (degrees) whole."""
        west, south, east, north = bounds
        middle = ((west + east) / 2, (south + north) / 2)
        lon_m, lat_m = (float(length) for length in metres_per_degree(middle[1]))
        across_m, along_m = (east - west) * lon_m * _MARGIN, (north - south) * lat_m * _MARGIN
        needed = max(across_m * 1000 / width_mm, along_m * 1000 / height_mm)
        denominator = next((scale for scale in SCALES if scale >= needed), -int(-needed // 100_000) * 100_000)
        return cls(width_mm, height_mm, denominator, middle, (lon_m * 1000 / denominator, lat_m * 1000 / denominator))

    def bounds(self) -> Bounds:
        """Return west, south, east, north of what is shown, in degrees."""
        half_lon, half_lat = self.width_mm / 2 / self.per_degree_mm[0], self.height_mm / 2 / self.per_degree_mm[1]
        lon, lat = self.middle
        return lon - half_lon, lat - half_lat, lon + half_lon, lat + half_lat

    def on_paper(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return mm from the upper left corner of degrees, shape (n, 2)."""
        across = self.width_mm / 2 + (xy[:, 0] - self.middle[0]) * self.per_degree_mm[0]
        down = self.height_mm / 2 - (xy[:, 1] - self.middle[1]) * self.per_degree_mm[1]
        return np.column_stack([across, down])

    def scale_bar(self) -> tuple[float, int]:
        """Return a bar of about a quarter of the width: its length in mm, and what it stands for in m."""
        wanted_m = self.width_mm / 4 * self.denominator / 1000
        step = 10 ** int(np.floor(np.log10(wanted_m)))
        length_m = max(round(factor * step) for factor in (1, 2, 5) if factor * step <= wanted_m)
        return length_m * 1000 / self.denominator, length_m


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or area on paper: an SVG path in mm, what it is, and its fill."""

    path: str
    look: str
    fill: str = "none"


@dataclass(frozen=True, slots=True)
class Label:
    """A code on paper, in mm from the upper left corner."""

    across: float
    down: float
    text: str
    look: str


@dataclass(frozen=True, slots=True)
class SheetMap:
    """One of the two maps."""

    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class SheetMaps:
    """Both maps, and what they have in common; ``prefix`` is what every short code leaves out."""

    frame: Frame
    before: SheetMap
    after: SheetMap
    prefix: str


def sheet_maps(
    before: StoredAreas, after: StoredAreas, found: Differences, width_mm: float, height_mm: float
) -> SheetMaps:
    """Draw both states.

    Parameters
    ----------
    found
        What differs between them.
    width_mm, height_mm
        Of each map.
    """
    changed = {id_of for row in found.rows if not _QUIET.issuperset(row.changes) for id_of in _ids(row, before, after)}
    frame = Frame.around(_extent(before, after, changed), width_mm, height_mm)
    old, new = (_near(areas, frame) for areas in (before, after))
    finest = _finest(old, new, changed)
    prefix = _prefix([code for state in (old, new) for code in _named(state, changed, finest)])
    fills = {one: fill(place) for place, one in enumerate(sorted(changed, key=lambda one: (one < 0, abs(one))))}
    pieces = np.empty(len(found.pieces), dtype=object)
    pieces[:] = [piece.geometry for piece in found.pieces]
    former = [Shape(path, "former") for path in _paths(_moved(old, new), frame)]
    handed = [Shape(path, "handed", "url(#handed)") for path in _paths(pieces, frame)]
    first, second = (_state(state, changed, fills, frame, prefix, finest) for state in (old, new))
    return SheetMaps(frame, first, SheetMap((*second.shapes, *handed, *former), second.labels), prefix)


def _ids(row: Any, before: StoredAreas, after: StoredAreas) -> set[int]:
    ids = set()
    for state, areas in ((row.before, before), (row.after, after)):
        if state is not None:
            own = (areas.codes == state.code) & (areas.levels == row.level) & (areas.kinds == row.kind)
            ids.update(areas.ids[own].tolist())
    return ids


def _extent(before: StoredAreas, after: StoredAreas, changed: set[int]) -> Bounds:
    """Return the box of what changes at the finest level that changes: the levels above show in part."""
    for shown in (changed, {*before.ids.tolist(), *after.ids.tolist()}):
        parts = [areas.take(np.isin(areas.ids, list(shown))) for areas in (before, after)]
        finest = _finest(parts[0], parts[1], shown)
        chosen = [part.geoms[[_depth(level) >= finest for level in part.levels]] for part in parts]
        west, south, east, north = shapely.total_bounds(np.concatenate(chosen)).tolist()
        if np.isfinite([west, south, east, north]).all():
            return west, south, east, north
    return 0.0, 0.0, 0.001, 0.001


def _depth(level: str) -> int:
    return DEFAULT.levels.index(level) if level in DEFAULT.levels else len(DEFAULT.levels)


def _near(areas: StoredAreas, frame: Frame) -> StoredAreas:
    """Return the areas that the frame shows a part of."""
    west, south, east, north = frame.bounds()
    return areas.take(np.flatnonzero(shapely.intersects(areas.geoms, shapely.box(west, south, east, north))))


def _finest(old: StoredAreas, new: StoredAreas, changed: set[int]) -> int:
    """Return the depth of the level that is coloured: the finest that changes, but no microgrids."""
    shown = [_depth(level) for areas in (old, new) for level in areas.levels[np.isin(areas.ids, list(changed))]]
    return min(max(shown, default=0), _depth("grid"))


def _named(areas: StoredAreas, changed: set[int], finest: int) -> list[str]:
    own = areas.take(np.isin(areas.ids, list(changed)))
    return [str(code) for code, level in zip(own.codes, own.levels, strict=True) if _depth(level) >= finest]


def _prefix(codes: list[str]) -> str:
    """Return what all codes begin with, leaving the last three characters of each."""
    if not codes:
        return ""
    first, last = min(codes), max(codes)
    same = next((place for place, letter in enumerate(first) if last[place : place + 1] != letter), len(first))
    return first[: min(same, min(map(len, codes)) - 3)] if min(map(len, codes)) > 3 else ""


def _moved(old: StoredAreas, new: StoredAreas) -> Geometries:
    """Return the former borders that are borders no more."""
    grids = [areas.geoms[(areas.kinds == "general")] for areas in (old, new)]
    lines = [shapely.union_all(shapely.boundary(geoms)) for geoms in grids]
    gone = np.empty(1, dtype=object)
    gone[0] = shapely.difference(lines[0], lines[1])
    return gone


def _state(
    areas: StoredAreas, changed: set[int], fills: Mapping[int, str], frame: Frame, prefix: str, finest: int
) -> SheetMap:
    """Draw one state: what is coloured, then the lines of finer and of larger levels, then special grids."""
    shapes, labels = [], []
    inner = shapely.clip_by_rect(areas.geoms, *frame.bounds())
    paths = _paths(areas.geoms, frame)
    for row in sorted(range(len(areas)), key=lambda row: _order(areas, row, finest)):
        one, special = int(areas.ids[row]), areas.kinds[row] == "special"
        below = finest - _depth(areas.levels[row])
        look = "special" if special else f"level{min(max(below, -1), 3)}"
        shown = f"{look} changed" if one in changed else look
        shapes.append(Shape(paths[row], shown, _filling(one, fills, special=special, below=below)))
        if below == 0 or (below < 0 and one in changed):
            labels += _label(inner[row], str(areas.codes[row]), frame, prefix, named=one in changed)
    return SheetMap(tuple(shapes), tuple(labels))


def _order(areas: StoredAreas, row: int, finest: int) -> tuple[int, int]:
    """Return when an area is drawn; a fill would cover lines that were drawn before."""
    if areas.kinds[row] == "special":
        return 3, 0
    below = finest - _depth(areas.levels[row])
    return (0, 0) if below == 0 else (1, below) if below < 0 else (2, below)


def _filling(one: int, fills: Mapping[int, str], *, special: bool, below: int) -> str:
    """Return the fill of an area; one above or below the coloured level is a line only."""
    if special:
        return "url(#special)"
    if below:
        return fills.get(one, "none") if below < 0 else "none"
    return fills.get(one, _GROUND)


def _label(shape: Any, code: str, frame: Frame, prefix: str, *, named: bool) -> list[Label]:
    """Return the code of an area where it has most room; of an area that does not change only where there is enough."""
    parts = [part for part in shapely.get_parts([shape]).tolist() if shapely.get_dimensions(part) == 2]
    if not parts:
        return []
    scaled = shapely.transform(max(parts, key=lambda part: float(part.area)), frame.on_paper)
    place = shapely.maximum_inscribed_circle(scaled, 0.2)
    text = code.removeprefix(prefix) or code
    across, down = shapely.get_coordinates(place)[0].tolist()
    if not named and shapely.length(place) < len(text) * _LETTER_MM / 2:
        return []
    return [Label(round(across, 2), round(down, 2), text, "changed" if named else "quiet")]


def _paths(geoms: Sequence[Any] | Geometries, frame: Frame) -> list[str]:
    """Return each geometry, as far as it is near the frame, as an SVG path in mm."""
    west, south, east, north = frame.bounds()
    # Cut beyond the frame: the cut itself must not show.
    beyond = ((east - west) * 0.05, (north - south) * 0.05)
    cut = shapely.clip_by_rect(
        np.asarray(geoms, dtype=object), west - beyond[0], south - beyond[1], east + beyond[0], north + beyond[1]
    )
    return ["".join(_line(line, frame) for line in _lines(shape)) for shape in cut]


def _lines(shape: Any) -> list[Any]:
    found = []
    for part in shapely.get_parts([shape]).tolist():
        if part.geom_type in ("MultiPolygon", "MultiLineString", "GeometryCollection"):
            found += _lines(part)
        elif part.geom_type == "Polygon":
            found += shapely.get_rings(part).tolist()
        elif part.geom_type in ("LineString", "LinearRing"):
            found.append(part)
    return found


def _line(line: Any, frame: Frame) -> str:
    points = frame.on_paper(shapely.get_coordinates(line))
    return "M" + "L".join(f"{across:.2f} {down:.2f}" for across, down in points.tolist())
