"""Operations that draw boundaries: create, redraw, patch."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely

from geo.adjust.drawing import Edges, metres_per_cell, polygon_edges, require_sound
from geo.adjust.lines import Mask
from geo.adjust.operations import Create, Patch, Redraw
from geo.adjust.placing import boundaries, lowest_home, place_in, sticking_out
from geo.adjust.scene import Step
from geo.adjust.sheet import Sheet
from geo.adjust.state import Area, State
from geo.areas import Geometries
from geo.errors import BadInput, Conflict
from geo.lattice import CELL_DEG
from geo.matching import match


def create(state: State, operation: Create) -> Step:
    """建: make a new area, of land that nobody has or that its neighbours give up."""
    level = state.scene.hierarchy.require(operation.level)
    if operation.kind == "special" and level != "grid":
        raise BadInput("special-level", place={"field": "kind"}, level=level)
    parent = None if operation.parent is None else state.named(operation.parent)
    if parent is not None:
        require_above(state, parent, level)
    drawn = led(state, operation.kind, [operation.geometry])
    peers = state.peers(level, operation.kind, operation.geometry)
    sheet = Sheet.of(state, peers, drawn, polygons=1)
    own = state.next_id()
    code = "" if operation.code is None else state.take_code(operation.code)
    made = Area(
        own, level, code, operation.local_code, operation.name, operation.kind, operation.category,
        0 if parent is None else parent.id, operation.not_subdivided, operation.fully_divided, None, None,
    )  # fmt: skip
    state.put(made)
    after = np.column_stack([sheet.members, sheet.drawn[:, 0]])
    if operation.neighbours == "follow":
        after[sheet.drawn[:, 0], :-1] = False
    require_something(state, sheet, after[:, :-1])
    if not sheet.drawn.any():
        raise BadInput("drawn-empty")
    step = sheet.settle(after, fresh={own: len(peers)})
    return replace(step, codes=_finished(state, own))


def redraw(state: State, operation: Redraw) -> Step:
    """改: give an area another boundary; the neighbours follow: they take what it gives up, and give what it takes."""
    area = shaped(state, operation.code)
    near = shapely.union(shapely.box(*shapely.bounds(area.geom)), shapely.box(*shapely.bounds(operation.geometry)))
    sheet = Sheet.of(
        state,
        state.peers(area.level, area.kind, near),
        led(state, area.kind, [operation.geometry], others=[area.geom]),
        polygons=1,
    )
    own = sheet.ids.index(area.id)
    after = sheet.members.copy()
    after[:, own] = sheet.drawn[:, 0]
    if operation.neighbours == "follow":
        gained = sheet.drawn[:, 0] & ~sheet.members[:, own]
        after[np.ix_(gained, np.arange(len(sheet.ids)) != own)] = False
        _hand_on(state, sheet, after, own)
    require_something(state, sheet, after)
    return sheet.settle(after)


def patch(state: State, operation: Patch) -> Step:
    """Give several areas of one level another boundary at once; whoever is not named is left as it is."""
    areas = [shaped(state, one.code) for one in operation.boundaries]
    require_distinct([one.code for one in operation.boundaries])
    require_alike(areas)
    shapes = [one.geometry for one in operation.boundaries]
    return redrawn_together(state, areas, shapes, state.scene.tolerance_m)


def redrawn_together(state: State, areas: Sequence[Area], shapes: Sequence[Any], reach_m: float) -> Step:
    """Give areas of one level and kind other boundaries; lines within reach of stored ones follow them."""
    level, kind = areas[0].level, areas[0].kind
    near = shapely.union_all([shapely.box(*shapely.bounds(one)) for one in [*shapes, *boundaries(areas)]])
    others = [one.geom for one in areas]
    drawn = led(state, kind, shapes, others=others, reach_m=reach_m)
    sheet = Sheet.of(state, state.peers(level, kind, near), drawn, polygons=len(shapes))
    after = sheet.members.copy()
    for at, area in enumerate(areas):
        after[:, sheet.ids.index(area.id)] = sheet.drawn[:, at]
    require_something(state, sheet, after)
    return sheet.settle(after)


def led(
    state: State, kind: str, shapes: Sequence[Any], *, others: Sequence[Any] = (), reach_m: float | None = None
) -> Edges:
    """Return the edges of drawn polygons, led over the borders of a layer, and over each other if there are several.

    Parameters
    ----------
    others
        Boundaries that are to be replaced: what they have in common with the drawn ones may lie beyond these.
    reach_m
        Lines within this distance of borders follow them; by default the tolerance.
    """
    reach_m = state.scene.tolerance_m if reach_m is None else reach_m
    for shape in shapes:
        require_sound(shape)
    geoms = _column(shapes)
    if len(geoms) > 1:
        geoms = match(geoms, tolerance_m=reach_m).geoms
        if shapely.is_missing(geoms).any():
            raise BadInput("drawn-empty")
    return polygon_edges(geoms, state.edges_near(kind, [*geoms, *others], reach_m), reach_m)


def shaped(state: State, code: str) -> Area:
    """Return an area that must have a boundary.

    Raises
    ------
    Conflict
        ``area-without-boundary``.
    """
    area = state.named(code)
    if area.geom is None:
        raise Conflict("area-without-boundary", place={"code": code}, code=code)
    return area


def require_above(state: State, parent: Area, level: str) -> None:
    """Refuse a parent that is not of a level above.

    Raises
    ------
    BadInput
        ``parent-not-above``.
    """
    if parent.kind != "general" or parent.level not in state.scene.hierarchy.above(level):
        raise BadInput("parent-not-above", place={"code": parent.code}, parent=parent.code, level=level)


def require_distinct(codes: Sequence[str]) -> None:
    """Refuse a list of codes that names an area twice.

    Raises
    ------
    BadInput
        ``code-named-twice``.
    """
    twice = next((code for at, code in enumerate(codes) if code in codes[:at]), None)
    if twice is not None:
        raise BadInput("code-named-twice", place={"code": twice}, code=twice)


def require_alike(areas: Sequence[Area]) -> None:
    """Refuse areas of several levels, or general and special ones together.

    Raises
    ------
    BadInput
        ``areas-of-several-levels``.
    """
    other = next((one for one in areas if (one.level, one.kind) != (areas[0].level, areas[0].kind)), None)
    if other is not None:
        raise BadInput("areas-of-several-levels", place={"code": other.code}, one=areas[0].code, other=other.code)


def require_something(state: State, sheet: Sheet, after: Mask) -> None:
    """Refuse that an area is left with nothing.

    Raises
    ------
    Conflict
        ``area-would-vanish``.
    """
    for at in np.flatnonzero(sheet.members.any(axis=0) & ~after.any(axis=0)).tolist():
        area = state.areas[sheet.ids[at]]
        raise Conflict("area-would-vanish", place={"code": area.code, **place_in(area.geom)}, code=area.code)


def _finished(state: State, own: int) -> dict[int, str]:
    """Give a new area its parent, code and name, as far as they are not given; return the code that was made."""
    area = state.areas[own]
    if area.parent_id == 0:
        home = lowest_home(state, area)
        area = replace(area, parent_id=0 if home is None else home.id)
    code = area.code or state.code_for(state.parent(area), area.level, area.kind, area.name)
    state.put(replace(area, code=code, name=area.name or code))
    return {own: code}


def _hand_on(state: State, sheet: Sheet, after: Mask, own: int) -> None:
    """Give what an area gives up to the neighbour with the longest border to it, piece by piece."""
    area = state.areas[sheet.ids[own]]
    left = sheet.members[:, own] & ~after.any(axis=1)
    for piece in sheet.clusters(left):
        place = sheet.lonlat(piece)
        lengths_m = {at: sheet.shared_m(piece, after[:, at] & ~left) for at in range(len(sheet.ids)) if at != own}
        heirs = sorted((at for at, shared_m in lengths_m.items() if shared_m > 0), key=lambda at: -lengths_m[at])
        heir = next((at for at in heirs if _may_hold(state, sheet.ids[at], place)), None)
        if heir is not None:
            after[piece, heir] = True
        elif not state.is_sparse(area) and state.parent(area) is not None:
            spot = sheet.spot(piece)
            raise Conflict("nobody-follows", place={"code": area.code, **spot}, code=area.code, **spot)


def _may_hold(state: State, heir_id: int, place: Any) -> bool:
    heir = state.areas[heir_id]
    parent = state.parent(heir)
    return not state.is_sparse(heir) and (parent is None or sticking_out(place, parent.geom) is None)


def _column(shapes: Sequence[Any]) -> Geometries:
    column = np.empty(len(shapes), dtype=object)
    column[:] = list(shapes)
    return column


def displaced_m(before: Any, after: Any) -> float:
    """Return how far a border was moved at most: from vertices that only one line has to the other line, in m."""
    if before is None or after is None:
        return 0.0
    old, new = (np.unique(shapely.get_coordinates(one), axis=0) for one in (before, after))
    metres = metres_per_cell(float(old[0, 1])) / CELL_DEG
    lines = [shapely.transform(one, lambda xy: (xy - old[0]) * metres).boundary for one in (before, after)]
    points = [shapely.points((one - old[0]) * metres) for one in (old, new)]
    known = [{tuple(xy) for xy in one.tolist()} for one in (old, new)]
    apart = [0.0]
    for side, (xy, other) in enumerate(((old, known[1]), (new, known[0]))):
        lone = [at for at, one in enumerate(xy.tolist()) if tuple(one) not in other]
        if lone:
            apart.append(float(shapely.distance(points[side][lone], lines[1 - side]).max()))
    return max(apart)
