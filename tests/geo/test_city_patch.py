"""A city that is patched, again and again, answers as one that is made from scratch."""

import json
import os

import numpy as np
import pytest
import shapely
from hypothesis import event, given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay
from shapely import box

from geo.areas import texts
from geo.lattice import degrees
from geo.levels import DEFAULT
from geo.locate.city_patch import Changes, city_patch, patched
from geo.locate.patches import ArrayPatch, applied, joined, patch_arrays, patch_of
from geo.locate.ready import ReadyCity
from geo.locate.records import Team
from geo.rings import rings_of
from geo.stored import StoredAreas

WHOLE = bool(os.environ.get("GRIDWARDEN_SOAK"))
ORIGIN = np.array([1_038_000_000, 300_000_000])
SIDE = 4_000
LAYERS = {"town": 1, "community": 2, "grid": 4, "special": 2, "microgrid": 2}
"""What is painted, and in how many colours at most."""
KIND = {"special": "special"}


def stored(drawn):
    """Return stored areas from {id: (level, kind, parent's id, name, shape in lattice steps)}, by their codes."""
    codes = {area_id: f"{name}-{area_id:03}" for area_id, (_, _, _, name, _) in drawn.items()}
    ids = sorted(drawn, key=codes.get)
    levels, kinds, parents, names, shapes = zip(*(drawn[area_id] for area_id in ids), strict=True) if ids else [()] * 5
    geoms = np.empty(len(ids), dtype=object)
    geoms[:] = [shapely.transform(shape, lambda xy: degrees(np.rint(xy) + ORIGIN)) for shape in shapes]
    flags, empty = np.zeros(len(ids), dtype=bool), texts([""] * len(ids))
    return StoredAreas(
        np.array(ids, dtype=np.int64), texts(levels), texts([codes[each] for each in ids]), empty, texts(names),
        texts(kinds), empty, np.array(parents, dtype=np.int64), flags, flags, empty, geoms,
    )  # fmt: skip


def changes(before, after, teams_before, teams_after):
    """Return what a publication changed: areas that differ, those that ended, teams that differ."""
    differ = [area_id for area_id in after if area_id not in before or not same(before[area_id], after[area_id])]
    appeared = set(after) - set(before)
    differ += [area_id for area_id, area in after.items() if area[2] in appeared and area_id not in differ]
    now = stored(after)
    ended = np.array(sorted(set(before) - set(after)), dtype=np.int64)
    other = {each: teams_after.get(each) for each in {*teams_before, *teams_after}
             if teams_before.get(each) != teams_after.get(each)}  # fmt: skip
    return Changes(now.take(np.isin(now.ids, differ)), ended, other)


def same(one, other):
    return one[:4] == other[:4] and shapely.equals_exact(one[4], other[4])


def lattice_points(areas):
    rings = rings_of(areas.geoms, lattice=True)
    a, b = rings.xy, rings.xy[rings.next_vertex()]
    step = np.gcd.reduce(b - a, axis=1)[:, None]
    return np.concatenate([a, a + (b - a) // step * (step // 2), a + 1])


def assert_answers_alike(mine, scratch, points, radius_m=3.0):
    (x, y), ours, theirs = points.T, mine.index, scratch.index
    found, expected = ours.locate(x, y), theirs.locate(x, y)
    assert found.status.tolist() == expected.status.tolist()
    assert found.on_border.tolist() == expected.on_border.tolist()
    for column in ("special", "general", "microgrid", "upper"):
        assert ids(mine, getattr(found, column)) == ids(scratch, getattr(expected, column))
    assert ours.border_m(x, y, found, radius_m).tolist() == theirs.border_m(x, y, expected, radius_m).tolist()
    for point in points[:: max(1, len(points) // 12)].tolist():
        for accuracy_m in (0.0, 0.5):
            told = scratch.answer(tuple(point), accuracy_m, radius_m).document()
            assert mine.answer(tuple(point), accuracy_m, radius_m).document() == told
            assert json.loads(mine.text(tuple(point), accuracy_m, radius_m) + b"}") == told


def ids(city, rows):
    return [int(city.tables.ids[row]) if row >= 0 else int(row) for row in rows.tolist()]


@st.composite
def histories(draw):
    """Draw a triangulation, and states of a city: each layer paints triangles, and some are painted over each time."""
    corner = st.integers(1, SIDE - 1)
    inner = draw(st.lists(st.tuples(corner, corner), min_size=12, max_size=40, unique=True))
    xy = np.array([(0, 0), (SIDE, 0), (SIDE, SIDE), (0, SIDE), *inner])
    corners = Delaunay(xy).simplices
    triangles = shapely.orient_polygons(shapely.polygons(xy[corners]))
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    paint = {layer: dice.integers(0, colors + 1, len(corners)) for layer, colors in LAYERS.items()}
    states = []
    for _ in range(draw(st.integers(2, 5))):
        states.append((areas_of(paint, triangles, dice), teams_of(dice)))
        for layer in dice.choice(list(LAYERS), 2):
            some = dice.integers(0, len(corners), draw(st.sampled_from([1, 1, 2, 20])))
            paint[layer][some] = dice.integers(0, LAYERS[layer] + 1)
    probes = dice.integers(-3, SIDE + 4, (60, 2))
    return states, np.concatenate([probes, xy]) + ORIGIN


def areas_of(paint, triangles, dice):
    drawn, first = {}, 1
    for layer, colors in LAYERS.items():
        for color in range(1, colors + 1):
            shape = shapely.union_all(triangles[paint[layer] == color])
            parent = int(dice.integers(0, first))
            if shape.area > 0:
                level = "grid" if layer == "special" else layer
                name = "新" if dice.random() < 0.1 else "旧"
                drawn[first + color - 1] = (level, KIND.get(layer, "general"), parent, name, shape)
        first += colors
    return drawn


def teams_of(dice):
    return {int(each): Team(name=f"第{dice.integers(3)}队") for each in dice.integers(1, sum(LAYERS.values()) + 1, 3)}


@pytest.mark.slow
@settings(deadline=None, max_examples=200 if WHOLE else 10)
@given(histories())
def test_a_patched_city_answers_as_one_from_scratch(history):
    states, points = history
    drawn, teams = states[0]
    base = ReadyCity.of(stored(drawn), teams, DEFAULT, roomy=True)
    mine, whole = base, {}
    for after, teams_after in states[1:]:
        step = city_patch(mine, changes(drawn, after, teams, teams_after))
        drawn, teams = after, teams_after
        if step is None:
            event("from scratch")
            base = mine = ReadyCity.of(stored(drawn), teams, DEFAULT, roomy=True)
            whole = {}
            continue
        event("a layer anew" if any(name.endswith("top") and each.whole for name, each in step.items()) else "cells")
        mine, whole = patched(mine, step), joined(whole, step)
        areas = stored(drawn)
        where = np.concatenate([points, lattice_points(areas)])
        scratch = ReadyCity.of(areas, teams, DEFAULT)
        assert_answers_alike(mine, scratch, where)
    # all steps at once, out of plain arrays, are the same as one after the other
    once = applied(base.arrays(), patch_of(patch_arrays(whole)))
    for name, array in mine.arrays().items():
        np.testing.assert_array_equal(once[name], array)


#  400 +-----+-----+-----+-----+
#      |     |     |     |     |     sixteen grids; the border between the two in the south-west moves
#      +-----+-----+-----+-----+
#    0 +-----+-----+-----+-----+
#      0    100
def squares(moved=0):
    drawn = {1: ("town", "general", 0, "镇", box(0, 0, 400, 400))}
    for k in range(16):
        west, south = k % 4 * 100, k // 4 * 100
        shape = box(west, south, west + 100, south + 100)
        if k < 2:
            shape = box(0, 0, 100 + moved, 100) if k == 0 else box(100 + moved, 0, 200, 100)
        drawn[2 + k] = ("grid", "general", 1, f"{k}", shape)
    return drawn


EVERYWHERE = np.array([(x, y) for x in range(-3, 404, 7) for y in range(-3, 404, 7)]) + ORIGIN


@pytest.fixture(scope="module")
def squared():
    return ReadyCity.of(stored(squares()), {}, DEFAULT, roomy=True)


def test_a_border_that_moves_touches_only_the_cells_around(squared):
    step = city_patch(squared, changes(squares(), squares(moved=20), {}, {}))
    assert not step["index/1.top"].whole
    assert 0 < len(step["index/1.top"].at) < len(squared.index.layers[1].cells.top) / 4
    assert not any(name.startswith(("index/0", "index/2", "index/3")) for name in step)
    assert_answers_alike(patched(squared, step), ReadyCity.of(stored(squares(20)), {}, DEFAULT), EVERYWHERE)


def test_a_name_or_a_team_that_changes_touches_no_cell(squared):
    after = {**squares(), 5: (*squares()[5][:3], "改名", squares()[5][4])}
    team = {7: Team(name="新队")}
    step = city_patch(squared, changes(squares(), after, {}, team))
    assert not any(name.startswith("index") for name in step)
    assert_answers_alike(patched(squared, step), ReadyCity.of(stored(after), team, DEFAULT), EVERYWHERE)


def test_an_area_that_comes_back_has_its_row_again(squared):
    without = {area_id: area for area_id, area in squares().items() if area_id != 9}
    gone = patched(squared, city_patch(squared, changes(squares(), without, {}, {})))
    assert_answers_alike(gone, ReadyCity.of(stored(without), {}, DEFAULT), EVERYWHERE)
    back = patched(gone, city_patch(gone, changes(without, squares(), {}, {})))
    assert back.tables.ids.tolist() == squared.tables.ids.tolist()
    assert_answers_alike(back, squared, EVERYWHERE)


def test_land_beyond_the_layer_makes_that_layer_anew(squared):
    after = {**squares(), 30: ("grid", "general", 1, "外", box(400, 0, 900, 100))}
    step = city_patch(squared, changes(squares(), after, {}, {}))
    assert step["index/1.top"].whole
    assert_answers_alike(patched(squared, step), ReadyCity.of(stored(after), {}, DEFAULT), EVERYWHERE)


def test_a_level_that_was_not_there_is_not_patched(squared):
    after = {**squares(), 30: ("county", "general", 0, "县", box(0, 0, 400, 400))}
    assert city_patch(squared, changes(squares(), after, {}, {})) is None


def test_an_edge_that_is_not_there_is_not_patched(squared):
    span = squared.shapes.wkb.span
    other = ArrayPatch(np.array([1]), span[[2]], span[:0])
    broken = patched(squared, {"shapes/wkb.span": other})
    assert city_patch(broken, changes(squares(), squares(moved=20), {}, {})) is None
