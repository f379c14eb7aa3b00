"""Where land and households went, from the state before all operations to the state after them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely

from geo.adjust.lines import Mask
from geo.adjust.placing import boundaries, holders
from geo.adjust.scene import NOBODY, Descent
from geo.adjust.state import Area, State, multi
from geo.lattice import CELL_M, Cells, snap
from geo.measure import area_m2, width_m

NOISE_M: Final = 2 * CELL_M
"""Narrower pieces come from borders that merely received nodes."""


def lineage(state: State) -> tuple[Descent, ...]:
    """Return where the land of every area went that gave some, or got some.

    Land counts as gone over where one area no longer has it and another has it anew; shares of an area before sum to 1.
    """
    involved = sorted({one for pair in state.flows for one in pair if one in state.before})
    people = _people(state, involved)
    rows: list[Descent] = []
    for own in involved:
        rows.extend(_descents(state, own, people))
    return tuple(sorted(rows, key=lambda one: (one.from_id, one.to_id)))


def _descents(state: State, own: int, people: Counter[tuple[int, int]]) -> Iterator[Descent]:
    """Yield where the land of one area went."""
    before, now = state.before[own], state.areas.get(own)
    if before.geom is None:
        return
    whole_m2 = _size_m2(before.geom)
    lost = before.geom if now is None or now.geom is None else shapely.difference(before.geom, now.geom)
    taken = {to: size_m2 for to in _reached(state, own) if (size_m2 := _taken_m2(state, lost, to)) > 0}
    if NOBODY in _reached(state, own):
        left = _left(state, lost, [to for to in _reached(state, own) if to != NOBODY])
        taken.update({NOBODY: left} if left > 0 else {})
    if now is not None:
        taken[own] = max(whole_m2 - sum(taken.values()), 0.0)
    elif not taken:
        # both had the same land: nothing went over but the name
        taken = dict.fromkeys((to for to in _reached(state, own) if to != NOBODY), 1.0) or {NOBODY: 1.0}
    total = sum(taken.values()) or 1.0
    registered = _registered(state, own)
    heir = own if now is not None else max(taken, key=lambda to: taken[to])
    for to, size_m2 in taken.items():
        share = size_m2 / total
        after = state.areas.get(to)
        size = whole_m2 * share
        yield Descent(
            from_id=own,
            to_id=to,
            operation=_operation(state, own, to),
            area_m2=size,
            share_of_from=share,
            share_of_to=0.0 if after is None else min(size / _size_m2(after.geom), 1.0),
            households=people[own, to] + (registered if to == heir else 0),
        )


def _reached(state: State, own: int) -> list[int]:
    """Return the areas that land of one may have come to, itself left out."""
    reached, front = {own}, [own]
    while front:
        giver = front.pop()
        fresh = {to for start, to in state.flows if start == giver} - reached
        reached |= fresh
        front.extend(fresh - {NOBODY})
    return sorted(one for one in reached - {own} if one == NOBODY or one in state.areas)


def _taken_m2(state: State, lost: Any, to: int) -> float:
    if to == NOBODY:
        return 0.0
    return _wide_m2(shapely.intersection(lost, _gained(state, to)))


def _gained(state: State, to: int) -> Any:
    """Return the land that an area has and did not have before."""
    old, now = state.before.get(to), state.areas[to]
    return now.geom if old is None or old.geom is None else shapely.difference(now.geom, old.geom)


def _left(state: State, lost: Any, takers: list[int]) -> float:
    level = {(state.areas[one].level, state.areas[one].kind) for one in takers}
    holding = [one.geom for one in state.areas.values() if (one.level, one.kind) in level and one.geom is not None]
    return _wide_m2(shapely.difference(lost, shapely.union_all(holding)) if holding else lost)


def _wide_m2(shape: Any) -> float:
    """Return the m² of the parts of a shape that are no noise."""
    flat = multi(shape)
    if flat is None:
        return 0.0
    parts = shapely.get_parts(flat)
    return float(area_m2(parts[width_m(parts) > NOISE_M]).sum())


def _size_m2(geom: Any) -> float:
    column = np.empty(1, dtype=object)
    column[0] = geom
    return float(area_m2(column)[0])


def _operation(state: State, own: int, to: int) -> int:
    if (own, to) in state.flows:
        return state.flows[own, to]
    return max(index for pair, index in state.flows.items() if to in pair or own in pair)


def _registered(state: State, own: int) -> int:
    homes = state.scene.households
    return int(homes.households[homes.area_ids == own].sum())


def _people(state: State, involved: list[int]) -> Counter[tuple[int, int]]:
    """Count households with a position by the areas that hold them before and after."""
    homes = state.scene.households
    count: Counter[tuple[int, int]] = Counter()
    for level, kind in {(state.before[one].level, state.before[one].kind) for one in involved}:
        given = [one for one in map(state.before.__getitem__, involved) if (one.level, one.kind) == (level, kind)]
        placed = np.flatnonzero((homes.area_ids == 0) & _near(given, homes.xy))
        old, now = (_holder(areas, given, homes.xy[placed]) for areas in (state.before, state.areas))
        for own, to, many in zip(old, now, homes.households[placed].tolist(), strict=True):
            count[own, to] += many
    return count


def _near(areas: list[Area], xy: Cells) -> Mask:
    """Tell which points lie in the box of some areas, shape (n,)."""
    bounds = snap(shapely.total_bounds(boundaries(areas)))
    return np.asarray(((xy >= bounds[:2]) & (xy <= bounds[2:])).all(axis=1))


def _holder(areas: dict[int, Area], alike: list[Area], xy: Cells) -> list[int]:
    """Return the id of the area of the same level and kind that holds each point, NOBODY where none does."""
    peers = [one for one in areas.values() if (one.level, one.kind) == (alike[0].level, alike[0].kind)]
    ids = np.array([one.id for one in peers] + [NOBODY], dtype=np.int64)
    return [int(one) for one in ids[holders(xy, boundaries(peers))]]
