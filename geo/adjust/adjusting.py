"""Operations applied one after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import shapely

from geo.adjust import dividing, drawn, joining, naming, reverting
from geo.adjust.closing import rehome_specials, require_parents
from geo.adjust.lineage import lineage
from geo.adjust.operations import (
    Create,
    Merge,
    Operation,
    Patch,
    Recode,
    Redraw,
    Rename,
    Reparent,
    Retire,
    Revert,
    Split,
    Transfer,
)
from geo.adjust.scene import Adjusted, Scene, Step
from geo.adjust.state import Area, State, stored
from geo.errors import GeoError

_DOING: Final[Mapping[type[Any], Callable[[State, Any], Step]]] = {
    Create: drawn.create,
    Redraw: drawn.redraw,
    Patch: drawn.patch,
    Split: dividing.split,
    Merge: joining.merge,
    Transfer: joining.transfer,
    Retire: joining.retire,
    Reparent: naming.reparent,
    Rename: naming.rename,
    Recode: naming.recode,
    Revert: reverting.revert,
}
_MOVES_BORDERS: Final = (Redraw, Patch, Transfer, Create, Revert)


def adjust(scene: Scene, operations: Sequence[Operation]) -> Adjusted:
    """Apply operations, one after the other.

    What crosses parents is judged after the last one: areas must then lie in their parents, unless they stuck out
    before as well.

    Raises
    ------
    BadInput, Conflict, NotFound
        What cannot be done, with ``operation`` (its index), ``code`` and ``lon``, ``lat`` as place where there are.
    """
    state = State.of(scene)
    for index, operation in enumerate(operations):
        state.index = index
        try:
            state.steps.append(_done(state, operation))
        except GeoError as refusal:
            refusal.place.setdefault("operation", index)
            raise
    _close(state)
    return _adjusted(state)


def _done(state: State, operation: Operation) -> Step:
    before = dict(state.areas)
    step = _DOING[type(operation)](state, operation)
    moved = isinstance(operation, _MOVES_BORDERS)
    changed = {*step.gained_m2, *step.lost_m2} & before.keys() & state.areas.keys() if moved else set()
    distances_m = [drawn.displaced_m(before[one].geom, state.areas[one].geom) for one in changed]
    return replace(step, op=type(operation).__name__.lower(), displacement_m=max(distances_m, default=0.0))


def _close(state: State) -> None:
    given = rehome_specials(state)
    if given and state.steps:
        state.steps[-1] = replace(state.steps[-1], codes={**state.steps[-1].codes, **given})
    require_parents(state)


def _adjusted(state: State) -> Adjusted:
    for own, area in list(state.areas.items()):
        old = state.before.get(own)
        if old is not None and area.geom is not old.geom and _same(area.geom, old.geom):
            state.put(replace(area, geom=old.geom, digest=old.digest))
    present = state.areas.keys() & state.before.keys()
    altered = {one for one in present if not _alike(state.areas[one], state.before[one])}
    noded = {one for one in altered if _merely_noded(state, one)}
    return Adjusted(
        after=stored(state.areas.values()),
        changed=tuple(sorted(altered - noded)),
        noded=tuple(sorted(noded)),
        ended=tuple(sorted(state.before.keys() - state.areas.keys())),
        created=tuple(sorted(state.areas.keys() - state.before.keys())),
        lineage=lineage(state),
        steps=tuple(state.steps),
        accepted_gaps=tuple(state.gaps),
    )


def _same(one: Any, other: Any) -> bool:
    """Tell whether two boundaries have the same rings, wherever these begin."""
    if one is None or other is None:
        return one is other
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), 0.0))


def _alike(one: Area, other: Area) -> bool:
    return one.geom is other.geom and _attributes_equal(one, other)


def _merely_noded(state: State, own: int) -> bool:
    """Tell whether only nodes were put on an area's border: no operation gave it land or took any."""
    one, other = state.areas[own], state.before[own]
    return own not in state.touched and _attributes_equal(one, other)


def _attributes_equal(one: Area, other: Area) -> bool:
    columns = ("code", "local_code", "name", "category", "parent_id", "not_subdivided", "fully_divided", "kind")
    return all(getattr(one, name) == getattr(other, name) for name in columns)
