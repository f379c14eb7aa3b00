"""Operations that move whole areas or pieces to others: merge, retire, transfer."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.adjust.drawn import led, require_alike, require_distinct, require_something, shaped
from geo.adjust.lines import Mask
from geo.adjust.operations import Merge, Retire, Transfer
from geo.adjust.placing import households_of, place_in
from geo.adjust.scene import NOBODY, Gap, Step
from geo.adjust.sheet import Sheet
from geo.adjust.state import Area, State
from geo.errors import BadInput, Conflict
from geo.measure import area_m2


def merge(state: State, operation: Merge) -> Step:
    """合: make several areas one, which keeps id and code of one of them."""
    if len(set(operation.codes)) < len(operation.codes):
        code = next(code for code in operation.codes if operation.codes.count(code) > 1)
        raise BadInput("merge-with-itself", place={"code": code}, code=code)
    codes = tuple(dict.fromkeys((*operation.codes, *filter(None, [operation.into]))))
    if len(codes) < 2:
        raise BadInput("merge-needs-two", place={"code": codes[0]}, code=codes[0])
    areas = [shaped(state, code) for code in codes]
    require_alike(areas)
    into = _survivor(state, areas) if operation.into is None else state.named(operation.into)
    step = _joined(state, areas, into, multipart=operation.multipart)
    if operation.name is not None:
        state.put(replace(state.areas[into.id], name=operation.name))
    return step


def retire(state: State, operation: Retire) -> Step:
    """撤: end an area, for the good of an heir or of nobody."""
    area = shaped(state, operation.code)
    if operation.heir is not None:
        heir = shaped(state, operation.heir)
        if heir.id == area.id:
            raise BadInput("merge-with-itself", place={"code": area.code}, code=area.code)
        require_alike([area, heir])
        return _joined(state, [heir, area], heir, multipart=False)
    children = [one.code for one in state.of_parent(area.id) if one.kind == area.kind]
    if children:
        listed = ", ".join(children)
        raise Conflict("retire-has-children", place={"code": area.code}, code=area.code, children=listed)
    if not (operation.accept_gap or state.is_sparse(area)):
        raise Conflict("retire-leaves-gap", place={"code": area.code, **place_in(area.geom)}, code=area.code)
    sheet = Sheet.of(state, state.peers(area.level, area.kind, area.geom))
    after = sheet.members.copy()
    after[:, sheet.ids.index(area.id)] = False
    step = sheet.settle(after)
    parent = state.parent(area)
    if step.gap is not None and not state.is_sparse(area):
        state.gaps.append(Gap(step.gap, "" if parent is None else parent.code))
    state.flows.setdefault((area.id, NOBODY), state.index)
    state.end(area)
    return step


def transfer(state: State, operation: Transfer) -> Step:
    """调: move a piece of one area, or children with their land, to another."""
    source, target = shaped(state, operation.source), shaped(state, operation.target)
    if source.id == target.id:
        raise BadInput("merge-with-itself", place={"code": source.code}, code=source.code)
    require_alike([source, target])
    if operation.areas is not None:
        return _transfer_children(state, source, target, operation.areas)
    drawn = led(state, source.kind, [operation.geometry], others=[source.geom])
    sheet = Sheet.of(state, [source, target], drawn, polygons=1)
    piece = sheet.drawn[:, 0] & sheet.members[:, 0]
    if not piece.any():
        spot = place_in(operation.geometry)
        raise BadInput("transfer-misses", place={"code": source.code, **spot}, code=source.code)
    return _moved(state, sheet, piece)


def _transfer_children(state: State, source: Area, target: Area, codes: Sequence[str]) -> Step:
    require_distinct(codes)
    children = [shaped(state, code) for code in codes]
    for child in children:
        if child.parent_id != source.id:
            raise BadInput("not-a-child", place={"code": child.code}, code=child.code, parent=source.code)
    sheet = Sheet.of(state, [source, target, *children])
    step = _moved(state, sheet, sheet.members[:, 2:].any(axis=1) & sheet.members[:, 0])
    given = {}
    for child in children:
        state.put(replace(state.areas[child.id], parent_id=target.id))
        given.update(state.follow_parent(state.areas[child.id]))
    return replace(step, codes=given)


def _moved(state: State, sheet: Sheet, piece: Mask) -> Step:
    """Give a piece of the first area of a sheet to the second."""
    after = sheet.members.copy()
    after[piece, 0], after[piece, 1] = False, True
    require_something(state, sheet, after)
    source, target = (state.areas[at] for at in sheet.ids[:2])
    _require_touching(sheet, after[:, 1], sheet.members[:, 1], source.code, target.code)
    return sheet.settle(after)


def _survivor(state: State, areas: Sequence[Area]) -> Area:
    """Return the area with most households, then the largest, then the one with the lowest code."""
    counts = households_of(state.scene.households, list(areas)).tolist()
    size_m2 = area_m2(np.array([*(one.geom for one in areas), None], dtype=object)[:-1]).tolist()
    ranked = sorted(zip(counts, size_m2, areas, strict=True), key=lambda one: (-one[0], -one[1], one[2].code))
    return ranked[0][2]


def _joined(state: State, areas: Sequence[Area], into: Area, *, multipart: bool) -> Step:
    """Give all the land of some areas, and what lies below them, to one of them."""
    sheet = Sheet.of(state, areas)
    own = sheet.ids.index(into.id)
    after = np.zeros_like(sheet.members)
    after[:, own] = sheet.members.any(axis=1)
    if not multipart:
        others = ", ".join(one.code for one in areas if one.id != into.id)
        _require_touching(sheet, after[:, own], sheet.members[:, own], others, into.code)
    step = sheet.settle(after)
    grown = replace(
        state.areas[into.id],
        not_subdivided=all(one.not_subdivided for one in areas),
        fully_divided=all(one.fully_divided for one in areas),
    )
    state.put(grown)
    given: dict[int, str] = {}
    for area in areas:
        if area.id != into.id:
            children = state.of_parent(area.id)
            state.end(area)
            # where both overlapped, nothing may have gone over
            state.flows.setdefault((area.id, into.id), state.index)
            for child in children:
                state.put(replace(child, parent_id=into.id))
                given.update(state.follow_parent(state.areas[child.id]))
    return replace(step, codes=given)


def _require_touching(sheet: Sheet, after: Mask, before: Mask, code: str, target: str) -> None:
    """Refuse that an area gets a piece that it does not touch along a line."""
    for piece in sheet.clusters(after):
        if not (piece & before).any():
            spot = sheet.spot(piece)
            place = {"code": target, **spot}
            raise Conflict("areas-do-not-touch", place=place, code=code, target=target, **spot)
