"""The operation that makes several areas of one: split, along a line or as polygons."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from geo.adjust.drawing import line_edges
from geo.adjust.drawn import led, shaped
from geo.adjust.extending import extended
from geo.adjust.lines import Mask
from geo.adjust.operations import Split
from geo.adjust.placing import holders, place_in
from geo.adjust.scene import Step
from geo.adjust.sheet import Sheet
from geo.adjust.state import Area, State
from geo.areas import Geometries
from geo.errors import BadInput
from geo.lattice import snap


def split(state: State, operation: Split) -> Step:
    """分: divide an area. One part keeps id and code, the others are new areas."""
    area = shaped(state, operation.code)
    sheet, parts = _cut_by_line(state, area, operation) if operation.parts is None else _cut_out(state, area, operation)
    shapes = _shapes(sheet, parts)
    kept = _kept(state, area, shapes, operation)
    west = shapely.get_x(shapely.centroid(shapes))
    fresh = [at for at in np.argsort(west, kind="stable").tolist() if at != kept]
    made = _made(state, area, shapes[fresh], operation)
    after = np.column_stack([parts[kept], *(parts[at] for at in fresh)])
    step = sheet.settle(after, fresh={one.id: at + 1 for at, one in enumerate(made)})
    codes = {one.id: one.code for one in made}
    codes.update(_children_follow(state, area, made))
    return replace(step, codes=codes)


def _cut_by_line(state: State, area: Area, operation: Split) -> tuple[Sheet, list[Mask]]:
    """Return the parts that a line divides an area into; parts that it does not touch stay with the first one."""
    tolerance_m = state.scene.tolerance_m
    lines = extended(operation.line, area.geom, tolerance_m)
    edges = line_edges(lines, state.edges_near(area.kind, [*lines, area.geom], tolerance_m), tolerance_m)
    sheet = Sheet.of(state, [area], edges)
    parts = _without_slivers(
        sheet, [_only(sheet, at) for at in np.flatnonzero(sheet.members[:, 0]).tolist()], tolerance_m
    )
    cut = _divided(sheet, parts)
    if len(cut) < 2:
        spot = place_in(operation.line)
        raise BadInput("split-line-misses", place={"code": area.code, **spot}, code=area.code, **spot)
    return sheet, cut


def _cut_out(state: State, area: Area, operation: Split) -> tuple[Sheet, list[Mask]]:
    """Return the parts that polygons divide an area into; what none of them covers is a part of its own."""
    polygons = list(operation.parts or ())
    drawn = led(state, area.kind, polygons, others=[area.geom])
    sheet = Sheet.of(state, [area], drawn, polygons=len(polygons))
    own, tolerance_m = sheet.members[:, 0], state.scene.tolerance_m
    wide = sheet.widths_m() >= tolerance_m
    twice = own & wide & (sheet.drawn.sum(axis=1) > 1)
    if twice.any():
        raise BadInput("split-parts-overlap", place={"code": area.code, **sheet.spot(twice)}, code=area.code)
    parts = []
    for at, polygon in enumerate(polygons):
        part = own & sheet.drawn[:, at] & ~sheet.drawn[:, :at].any(axis=1)
        if not (part & wide).any():
            raise BadInput("split-part-outside", place={"code": area.code, **place_in(polygon)}, code=area.code)
        parts.append(part)
    rest = own & ~sheet.drawn.any(axis=1)
    parts = _without_slivers(sheet, [*parts, *sheet.clusters(rest)], tolerance_m, whole=len(parts))
    left = [part for part in parts[len(polygons) :]]
    parts = [*parts[: len(polygons)], *([np.any(left, axis=0)] if left else [])]
    if len(parts) < 2:
        raise BadInput("split-one-part", place={"code": area.code}, code=area.code)
    return sheet, parts


def _only(sheet: Sheet, face: int) -> Mask:
    mask = np.zeros(len(sheet.faces), dtype=bool)
    mask[face] = True
    return mask


def _without_slivers(sheet: Sheet, parts: list[Mask], tolerance_m: float, *, whole: int = 0) -> list[Mask]:
    """Give parts narrower than the tolerance to the one they share the longest border with; the first few stay."""
    narrow = sheet.widths_m() < tolerance_m
    slivers = [at for at, part in enumerate(parts) if at >= whole and not (part & ~narrow).any()]
    kept = [part.copy() for at, part in enumerate(parts) if at not in slivers]
    for at in slivers:
        shared_m = [sheet.shared_m(parts[at], part) for part in kept]
        if kept and max(shared_m) > 0:
            kept[int(np.argmax(shared_m))] |= parts[at]
    return kept


def _divided(sheet: Sheet, parts: list[Mask]) -> list[Mask]:
    """Return the parts that border on others; those that do not are pieces that the line left alone."""
    touching = [any(sheet.shared_m(part, other) > 0 for other in parts if other is not part) for part in parts]
    cut = [part for part, touches in zip(parts, touching, strict=True) if touches]
    alone = [part for part, touches in zip(parts, touching, strict=True) if not touches]
    if cut and alone:
        cut[0] = np.any([cut[0], *alone], axis=0)
    return cut


def _shapes(sheet: Sheet, parts: Sequence[Mask]) -> Geometries:
    shapes = np.empty(len(parts), dtype=object)
    shapes[:] = [sheet.lonlat(part) for part in parts]
    return shapes


def _kept(state: State, area: Area, shapes: Geometries, operation: Split) -> int:
    """Return the part that keeps id and code."""
    if operation.keep is not None:
        held = int(holders(snap(np.array([operation.keep])), shapes)[0])
        if held < 0:
            lon, lat = operation.keep
            raise BadInput("split-keep-outside", place={"code": area.code, "lon": lon, "lat": lat}, code=area.code)
        return held
    homes = state.scene.households
    placed = homes.area_ids == 0
    row = holders(homes.xy[placed], shapes)
    count = np.bincount(row[row >= 0], weights=homes.households[placed][row >= 0], minlength=len(shapes))
    return int(np.lexsort((shapely.get_x(shapely.centroid(shapes)), -shapely.area(shapes), -count))[0])


def _made(state: State, area: Area, shapes: Geometries, operation: Split) -> list[Area]:
    """Return the new areas, without boundaries, in the state."""
    names = operation.names or tuple(f"{area.name}-{at + 2}" for at in range(len(shapes)))
    codes: Sequence[str] = operation.codes or ()
    for given in (names, codes):
        if given and len(given) != len(shapes):
            raise BadInput(
                "split-wrong-count", place={"code": area.code}, code=area.code, parts=len(shapes), given=len(given)
            )
    own = [state.take_code(code) for code in codes] or _next_codes(state, area, shapes)
    made = []
    for code, name in zip(own, names, strict=True):
        fresh = replace(area, id=state.next_id(), code=code, name=name, local_code="", digest=None, geom=None)
        state.put(fresh)
        made.append(fresh)
    return made


def _next_codes(state: State, area: Area, shapes: Geometries) -> list[str]:
    return [state.code_for(state.parent(area), area.level, area.kind, area.name, like=area.code) for _ in shapes]


def _children_follow(state: State, area: Area, made: Sequence[Area]) -> dict[int, str]:
    """Give the children to the part that holds most of them; return the codes that this changed."""
    children = [one for one in state.of_parent(area.id) if one.kind == "general" and one.geom is not None]
    homes = [state.areas[one.id] for one in (area, *made)]
    given: dict[int, str] = {}
    for child in children:
        shares = shapely.area(shapely.intersection(child.geom, np.array([one.geom for one in homes], dtype=object)))
        home = homes[int(np.argmax(shares))]
        if home.id != area.id:
            state.put(replace(child, parent_id=home.id))
            given.update(state.follow_parent(state.areas[child.id]))
    return given
