"""Operations that change no boundary: rename, recode, reparent."""

from dataclasses import replace

from geo.adjust.drawn import require_above, require_distinct
from geo.adjust.operations import Recode, Rename, Reparent
from geo.adjust.scene import Step
from geo.adjust.state import Area, State
from geo.errors import BadInput


def rename(state: State, operation: Rename) -> Step:
    """Give an area another name, local code or category."""
    area = state.named(operation.code)
    given = (operation.name, operation.local_code, operation.category)
    if all(one is None for one in given) or operation.name == "":
        raise BadInput("rename-nothing", place={"code": area.code}, code=area.code)
    now = (area.name, area.local_code, area.category)
    name, local_code, category = (old if new is None else new for new, old in zip(given, now, strict=True))
    state.put(replace(area, name=name, local_code=local_code, category=category))
    return Step("")


def recode(state: State, operation: Recode) -> Step:
    """Give an area another code; the codes of what lies below follow where they would contradict it."""
    area = state.named(operation.code)
    state.put(replace(area, code=state.take_code(operation.to)))
    given = {area.id: operation.to}
    for child in state.of_parent(area.id):
        given.update(state.follow_parent(child))
    return Step("", codes=given)


def reparent(state: State, operation: Reparent) -> Step:
    """Give areas another parent."""
    require_distinct(operation.codes)
    parent = state.named(operation.parent)
    given: dict[int, str] = {}
    for code in operation.codes:
        area = state.named(code)
        _require_no_cycle(state, area, parent)
        require_above(state, parent, area.level)
        state.put(replace(area, parent_id=parent.id))
        state.touch([area.id])
        given.update(state.follow_parent(state.areas[area.id]))
    return Step("", codes=given)


def _require_no_cycle(state: State, area: Area, parent: Area) -> None:
    above: Area | None = parent
    while above is not None:
        if above.id == area.id:
            raise BadInput("reparent-cycle", place={"code": area.code}, code=area.code, parent=parent.code)
        above = state.parent(above)
