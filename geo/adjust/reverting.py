"""The operation that takes back what an edition changed."""

from dataclasses import replace

import numpy as np
import shapely

from geo.adjust.drawn import led, require_something
from geo.adjust.operations import Revert
from geo.adjust.scene import Step
from geo.adjust.sheet import Sheet
from geo.adjust.state import Area, State, rows_of
from geo.errors import BadInput, Conflict
from geo.lattice import CELL_M

REACH_M = 1.5 * CELL_M
"""Borders as they were run through the nodes that they got since; nothing else is moved onto anything."""


def revert(state: State, operation: Revert) -> Step:
    """Make every area that an edition changed as it was before; what it created ends."""
    former = state.scene.former.get(operation.edition)
    if former is None:
        raise BadInput("revert-unknown-edition", place={"edition": operation.edition}, edition=operation.edition)
    if former.changed_since:
        since = sorted(one.code for one in rows_of(state.scene.areas) if one.id in former.changed_since)
        listed = ", ".join(since) or ", ".join(map(str, former.changed_since))
        raise Conflict(
            "revert-changed-since", place={"edition": operation.edition}, edition=operation.edition, codes=listed
        )
    before = {area.id: area for area in rows_of(former.before)}
    ending = [state.areas[one] for one in former.created if one in state.areas]
    step = Step("")
    for area in before.values():
        held = state.areas.get(area.id)
        state.put(replace(area, geom=None if held is None else held.geom, digest=None if held is None else held.digest))
        state.touch([area.id])
    layers = {(one.level, one.kind) for one in (*before.values(), *ending)}
    order = state.scene.hierarchy.levels.index
    for level, kind in sorted(layers, key=lambda one: (order(one[0]), one[1])):
        own = [one for one in before.values() if (one.level, one.kind) == (level, kind)]
        gone = [one for one in ending if (one.level, one.kind) == (level, kind)]
        step = _together(step, _redrawn(state, own, gone))
    for area in ending:
        state.end(area)
    back = {one.id: one.code for one in before.values() if state.before.get(one.id, one).code != one.code}
    return replace(step, codes=back)


def _redrawn(state: State, areas: list[Area], ending: list[Area]) -> Step:
    """Give areas of one level and kind their former boundaries; what ends has nothing."""
    shapes = [one for one in areas if one.geom is not None]
    present = [state.areas[one.id].geom for one in shapes] + [one.geom for one in ending]
    present = [geom for geom in present if geom is not None]
    near = shapely.union_all([shapely.box(*shapely.bounds(one)) for one in [*present, *(one.geom for one in shapes)]])
    level, kind = (areas or ending)[0].level, (areas or ending)[0].kind
    peers = [one for one in state.peers(level, kind, near) if one.geom is not None]
    drawn = led(state, kind, [one.geom for one in shapes], others=present, reach_m=REACH_M) if shapes else None
    sheet = Sheet.of(state, peers, drawn, polygons=len(shapes))
    back = [one.id for one in shapes if one.id not in sheet.ids]
    after = np.column_stack([sheet.members, np.zeros((len(sheet.faces), len(back)), dtype=bool)])
    columns = {own: at for at, own in enumerate([*sheet.ids, *back])}
    for one in ending:
        after[:, columns[one.id]] = False
    for at, one in enumerate(shapes):
        after[:, columns[one.id]] = sheet.drawn[:, at]
    vanishing = after[:, : len(sheet.ids)].copy()
    vanishing[:, [columns[one.id] for one in ending]] = True
    require_something(state, sheet, vanishing)
    return sheet.settle(after, fresh={own: columns[own] for own in back})


def _together(one: Step, other: Step) -> Step:
    def joined(first: object, second: object) -> object:
        geoms = [geom for geom in (first, second) if geom is not None]
        return shapely.union_all(geoms) if geoms else None

    return replace(
        one,
        gained_m2={**one.gained_m2, **other.gained_m2},
        lost_m2={**one.lost_m2, **other.lost_m2},
        overlap=joined(one.overlap, other.overlap),
        gap=joined(one.gap, other.gap),
    )
