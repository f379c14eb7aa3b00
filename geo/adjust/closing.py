"""What is seen to after the last operation: homes of special grids, and that everything lies in its parent."""

from dataclasses import replace

import shapely

from geo.adjust.placing import CELL2_DEG2, boundaries, lowest_home, place_in, sticking_out
from geo.adjust.state import Area, State
from geo.errors import Conflict


def rehome_specials(state: State) -> dict[int, str]:
    """Give special grids the lowest parent that contains them, where they or areas above were given another boundary.

    Returns the codes that this changed, by id.
    """
    above = state.scene.hierarchy.above("grid")
    both = [areas[one] for areas in (state.before, state.areas) for one in state.touched if one in areas]
    tree = shapely.STRtree(boundaries(one for one in both if one.level in above))
    given: dict[int, str] = {}
    for area in [one for one in state.areas.values() if one.kind == "special" and one.geom is not None]:
        if area.id in state.touched or len(tree.query(area.geom)):
            home = lowest_home(state, area)
            if home is not None and home.id != area.parent_id:
                state.put(replace(area, parent_id=home.id))
                given.update(state.follow_parent(state.areas[area.id]))
    return given


def require_parents(state: State) -> None:
    """Refuse areas that lie beyond their parent, as far as they did not before.

    Raises
    ------
    Conflict
        ``children-stranded`` with their list where the parent was changed; ``beyond-parent`` where the area was.
    """
    touched = {one for one in state.touched if one in state.areas}
    stranded: dict[int, list[Area]] = {}
    # by operation: a split leaves children across the border of two parents
    for area in sorted(state.areas.values(), key=lambda one: one.code):
        parent = state.parent(area)
        if parent is None or not touched.intersection((area.id, parent.id)):
            continue
        beyond = sticking_out(area.geom, parent.geom)
        if beyond is None or shapely.area(beyond) <= _before(state, area) + CELL2_DEG2:
            continue
        if state.touched.get(area.id, -1) >= state.touched.get(parent.id, -1):
            place = {"code": area.code, "operation": state.touched[area.id], **place_in(beyond)}
            raise Conflict("beyond-parent", place=place, code=area.code, parent=parent.code)
        stranded.setdefault(state.touched[parent.id], []).append(area)
    for index, children in sorted(stranded.items()):
        raise _stranding(state, index, children)


def _before(state: State, area: Area) -> float:
    """Return how much of an area lay beyond its parent before, in square degrees."""
    old = state.before.get(area.id)
    parent = None if old is None else state.before.get(old.parent_id)
    beyond = None if old is None or parent is None else sticking_out(old.geom, parent.geom)
    return 0.0 if beyond is None else float(shapely.area(beyond))


def _stranding(state: State, index: int, children: list[Area]) -> Conflict:
    parent = state.areas[children[0].parent_id]
    beyond = sticking_out(children[0].geom, parent.geom)
    place = {"code": parent.code, "operation": index, **place_in(beyond)}
    listed = ", ".join(one.code for one in children)
    return Conflict("children-stranded", place=place, parent=parent.code, children=listed)
