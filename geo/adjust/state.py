"""The state that the operations of one plan work on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.adjust.drawing import Edges
from geo.adjust.lines import through
from geo.adjust.scene import Gap, Scene, Step
from geo.areas import Geometries, texts
from geo.chains import spread
from geo.codes import numbers_of
from geo.errors import BadInput, Conflict, NotFound
from geo.folds import polygonal, unfolded
from geo.lattice import CELL_DEG, CELL_M, SCALE, Cells, degrees
from geo.rings import Rings, geoms_of, rings_of
from geo.stored import StoredAreas


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """One row of :class:`geo.stored.StoredAreas`."""

    id: int
    level: str
    code: str
    local_code: str
    name: str
    kind: str
    category: str
    parent_id: int
    not_subdivided: bool
    fully_divided: bool
    digest: bytes | None
    geom: Any


_COLUMNS = dict(zip((one.name for one in fields(Area)), (one.name for one in fields(StoredAreas)), strict=True))


@dataclass(slots=True, eq=False)
class State:
    """Areas as the operations so far have left them, and what they did.

    Attributes
    ----------
    scene
        What there was before.
    areas
        By id.
    before
        The same before the first operation.
    taken
        Every code that is or was in use.
    touched
        By id, the index of the last operation that gave an area another boundary or parent.
    flows
        Pairs (from, to) of ids between which land went, with the index of the last operation that moved some.
    steps, gaps
        What the operations did, and what they left to nobody on purpose.
    index
        The operation under way.
    """

    scene: Scene
    areas: dict[int, Area]
    before: dict[int, Area]
    taken: set[str]
    touched: dict[int, int] = field(default_factory=dict)
    flows: dict[tuple[int, int], int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    index: int = 0

    @classmethod
    def of(cls, scene: Scene) -> "State":
        """Return the state before the first operation."""
        areas = {area.id: area for area in rows_of(scene.areas)}
        codes = {area.code for area in areas.values()}
        return cls(scene, areas, dict(areas), {*scene.codes_taken, *codes})

    def named(self, code: str) -> Area:
        """Return the area with a code.

        Raises
        ------
        NotFound
            ``area-retired`` or ``area-unknown``.
        """
        found = next((area for area in self.areas.values() if area.code == code), None)
        if found is not None:
            return found
        if code in self.taken:
            raise NotFound("area-retired", place={"code": code}, code=code)
        raise NotFound("area-unknown", place={"code": code}, code=code)

    def of_parent(self, parent_id: int) -> list[Area]:
        """Return the children of an area, by code."""
        return sorted((one for one in self.areas.values() if one.parent_id == parent_id), key=lambda one: one.code)

    def parent(self, area: Area) -> Area | None:
        """Return the parent, None where there is none or it is not in the scene."""
        return self.areas.get(area.parent_id)

    def peers(self, level: str, kind: str, near: Any = None) -> list[Area]:
        """Return the areas of a level and kind by code, only those whose box meets that of ``near`` if it is given."""
        found = [one for one in self.areas.values() if one.level == level and one.kind == kind]
        if near is not None:
            west, south, east, north = shapely.bounds(near)
            found = _meeting(found, np.array([west, south]), np.array([east, north]))
        return sorted(found, key=lambda one: one.code)

    def is_sparse(self, area: Area) -> bool:
        """Tell whether land that the area gives up may be left to nobody."""
        parent = self.parent(area)
        divided = parent is not None and parent.fully_divided
        return area.kind == "special" or (area.level == self.scene.hierarchy.levels[-1] and not divided)

    def put(self, area: Area) -> None:
        """Store an area, a new one or another state of one."""
        self.areas[area.id] = area

    def touch(self, ids: Iterable[int]) -> None:
        """Note that the operation under way gave areas another boundary or parent."""
        self.touched.update(dict.fromkeys(ids, self.index))

    def end(self, area: Area) -> None:
        """End an area; its code is not free for that."""
        del self.areas[area.id]
        self.touched[area.id] = self.index

    def next_id(self) -> int:
        """Return the id of a new area."""
        return min([0, *self.areas, *self.touched]) - 1

    def code_for(self, parent: Area | None, level: str, kind: str, name: str, like: str = "") -> str:
        """Take the next free code under a parent.

        Parameters
        ----------
        like
            A code whose range of numbers the new one is to come from.

        Raises
        ------
        BadInput
            ``code-needed``: the parent's code is outside the scheme.
        """
        scheme = self.scene.scheme
        if parent is None or scheme.level_of(parent.code) is None:
            raise BadInput("code-needed", place={"level": level}, level=level, parent=parent.code if parent else "—")
        kinds = scheme.numbers.get(level, {})
        number = int(like[-scheme.digits[level] :]) if scheme.level_of(like) == level else -1
        ranged = next((one for one, (first, last) in kinds.items() if first <= number <= last), None)
        code = scheme.next_free(parent.code, self.taken, ranged or numbers_of(level, name, kind), level=level)
        self.taken.add(code)
        return code

    def take_code(self, code: str) -> str:
        """Take a code that was never used.

        Raises
        ------
        Conflict
            ``code-taken``.
        """
        if code in self.taken:
            raise Conflict("code-taken", place={"code": code}, code=code)
        self.taken.add(code)
        return code

    def follow_parent(self, area: Area) -> dict[int, str]:
        """Give an area, and then what lies below it, another code where its code contradicts the parent's.

        It keeps its number where that was never used under the parent. Returns the codes that were given, by id.
        """
        scheme, parent = self.scene.scheme, self.parent(area)
        if parent is None or not scheme.contradicts(area.code, parent.code, area.level):
            return {}
        used = set(self.taken)
        code = self.code_for(parent, area.level, area.kind, area.name, like=area.code)
        digits = scheme.digits[area.level]
        same = code[:-digits] + area.code[-digits:]
        if same not in used:
            self.taken.remove(code)
            self.taken.add(same)
            code = same
        self.put(replace(area, code=code))
        given = {area.id: code}
        for child in self.of_parent(area.id):
            given.update(self.follow_parent(child))
        return given

    def edges_near(self, kind: str, shapes: Iterable[Any], reach_m: float) -> Edges:
        """Return the stored edges of a layer, of all levels, near drawn shapes."""
        bounds = np.array([shapely.bounds(one) for one in shapes])
        low, high = np.floor(bounds[:, :2].min(axis=0) * SCALE), np.ceil(bounds[:, 2:].max(axis=0) * SCALE)
        # a degree is shorter the further north: five times is enough below 78 degrees
        reach = 5 * int(np.ceil(reach_m / CELL_M)) + 1
        low, high = low.astype(np.int64) - reach, high.astype(np.int64) + reach
        layer = [one for one in self.areas.values() if one.kind == kind]
        near = _array([one.geom for one in _meeting(layer, low * CELL_DEG, high * CELL_DEG)])
        return Edges.of_areas(near).within(low, high)

    def node(self, kind: str, points: Cells, *, but: Iterable[int]) -> None:
        """Insert points into all borders of a layer, of all levels, that run through them."""
        if not len(points):
            return
        low, high = points.min(axis=0) - 1, points.max(axis=0) + 1
        left_out = set(but)
        layer = [one for one in self.areas.values() if one.kind == kind and one.id not in left_out]
        for area in _meeting(layer, low * CELL_DEG, high * CELL_DEG):
            geom = with_nodes(area.geom, points)
            if geom is not None:
                self.put(replace(area, geom=geom))


def _meeting(areas: list[Area], low: npt.ArrayLike, high: npt.ArrayLike) -> list[Area]:
    """Return the areas whose box meets a box in degrees, shape (2,) each end of it."""
    bounds = shapely.bounds(_array([one.geom for one in areas]))
    # without a boundary there are NaN, which meet nothing
    meets = (bounds[:, :2] <= high).all(axis=1) & (bounds[:, 2:] >= low).all(axis=1)
    return [one for one, near in zip(areas, meets.tolist(), strict=True) if near]


def rows_of(areas: StoredAreas) -> Iterator[Area]:
    """Yield areas one by one."""
    columns = [getattr(areas, _COLUMNS[one.name]).tolist() for one in fields(Area)]
    for values in zip(*columns, strict=True):
        yield Area(*values)


def stored(areas: Iterable[Area]) -> StoredAreas:
    """Return areas as columns, sorted by code."""
    rows = sorted(areas, key=lambda one: (one.code, one.id))

    def column(name: str) -> Any:
        values = [getattr(row, name) for row in rows]
        if name in ("id", "parent_id"):
            return np.array(values, dtype=np.int64)
        if name in ("not_subdivided", "fully_divided"):
            return np.array(values, dtype=bool)
        return _array(values) if name in ("digest", "geom", "local_code", "category") else texts(values)

    return StoredAreas(**{theirs: column(ours) for ours, theirs in _COLUMNS.items()})


def with_nodes(geom: Any, points: Cells) -> Any:
    """Return a boundary with nodes where it runs through points; None where that changes nothing."""
    rings = rings_of(_array([geom]), lattice=True)
    ahead = rings.xy[rings.next_vertex()]
    low, high = points.min(axis=0) - 1, points.max(axis=0) + 1
    meets = ((np.maximum(rings.xy, ahead) >= low) & (np.minimum(rings.xy, ahead) <= high)).all(axis=1)
    edges = np.flatnonzero(meets)
    met = through(rings.xy[edges], ahead[edges], points)
    if not len(met.line):
        return None
    count = np.ones(len(rings.xy), dtype=np.int64)
    np.add.at(count, edges[met.line], 1)
    first = np.cumsum(count) - count
    xy = np.empty((int(count.sum()), 2), dtype=np.int64)
    xy[first] = rings.xy
    xy[spread(first[count > 1] + 1, count[count > 1] - 1)] = points[met.point]
    start = np.append(first, len(xy))[rings.start]
    return whole(Rings(xy, start, rings.polygon, rings.area))


def whole(rings: Rings) -> Any:
    """Return the MultiPolygon of rings on the lattice; rings that touch themselves are taken apart."""
    geom = geoms_of(Rings(degrees(rings.xy), rings.start, rings.polygon, rings.area), 1)[0]
    if not shapely.is_valid(geom):
        ahead = rings.next_vertex()
        number = np.arange(len(rings.xy))
        _, first, same = np.unique(rings.xy, axis=0, return_index=True, return_inverse=True)
        same = first[same]
        geom = unfolded(degrees(rings.xy), same[number], same[ahead])
    return multi(geom)


def multi(geom: Any) -> Any:
    """Return polygons as one MultiPolygon, None where there are none."""
    flat = None if geom is None else polygonal(geom)
    return None if flat is None else shapely.multipolygons(shapely.get_parts(flat))


def _array(values: list[Any]) -> Geometries:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
