"""Defects planted in the invented city, at every level: all are found, at their places, and nothing else."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

from geo.coverage import Terms, check_hierarchy
from geo.lattice import degrees, snap
from importers.sample import sample_levels

LEVELS = ("city", "county", "town", "community", "grid")
CELL, CELL2 = 1e-7, 1e-14
M = 1 / 111_000
"""Degrees of about a metre."""
DEFACED = ("grow", "shrink", "move_vertex", "drop_vertex", "add_node", "punch", "spike", "shift")
widths = st.floats(np.log10(0.02), np.log10(100)).map(lambda power: 10.0**power)
plants = st.tuples(
    st.sampled_from((*DEFACED, "remove", "copy", "empty", "forget")),
    st.sampled_from(LEVELS[2:]),
    st.integers(0, 199),
    widths,
)


@cache
def city():
    levels = sample_levels(200)
    return {level: levels[level] for level in LEVELS}


def defaced(shape, how, width_m):
    """Return a boundary with a defect of some width, or itself where that leaves no valid polygon."""
    width, corners = width_m * M, shapely.get_coordinates(shapely.get_parts(shape)[0].exterior)
    if how in ("grow", "shrink"):
        made = shapely.buffer(shape, width if how == "grow" else -width, join_style="mitre")
    elif how == "shift":
        made = translate(shape, width, width / 3)
    elif how == "punch":
        made = shapely.difference(shape, shapely.buffer(shapely.point_on_surface(shape), width, quad_segs=1))
    elif shape.geom_type != "Polygon" or shape.interiors:
        made = shape
    else:
        aside = corners[2] + [width, 0]
        made = shapely.Polygon(
            {
                "move_vertex": [*corners[:2], corners[2] + [width, -width / 3], *corners[3:]],
                "drop_vertex": [*corners[:3], *corners[4:]],
                "add_node": [*corners[:3], (corners[2] + corners[3]) / 2, *corners[3:]],
                "spike": [*corners[:3], np.add(aside, [0, -100 * M]), aside, *corners[3:]],
            }[how]
        )
    made = shapely.transform(made, lambda xy: degrees(snap(xy)))
    return made if made.is_valid and shapely.get_dimensions(made) == 2 and not made.is_empty else shape


class Planted:
    """The city with defects, and what was done to it."""

    def __init__(self, wishes):
        self.levels = dict(city())
        self.touched, self.copied, self.removed, self.forgotten = set(), set(), set(), set()
        for how, level, row, width_m in wishes:
            self.plant(how, level, row % len(city()[level]), width_m)

    def plant(self, how, level, row, width_m):
        code, areas = city()[level].codes[row], self.levels[level]
        at = np.flatnonzero(areas.codes == code)
        if how == "empty":
            below = LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]
            gone = self.levels[below].parents == code
            self.removed |= set(self.levels[below].codes[gone])
            self.levels[below] = self.levels[below].take(~gone)
        elif not len(at) or code in self.forgotten:
            return
        elif how == "remove":
            self.removed.add(code)
            self.levels[level] = areas.take(areas.codes != code)
        elif how == "copy" and level == "grid":
            self.copied.add(code)
            self.levels[level] = areas.take([*range(len(areas)), at[0]])
        elif how == "forget" and level != "grid":
            self.forgotten.add(code)
            self.redraw(level, at, None)
        elif how in DEFACED:
            self.redraw(level, at, defaced(areas.geoms[at[0]], how, width_m))
            self.touched.add(code)

    def redraw(self, level, at, shape):
        shapes = self.levels[level].geoms.copy()
        shapes[at] = shape
        self.levels[level] = replace(self.levels[level], geoms=shapes)


def pieces(geom):
    """Return the polygons in a geometry that exceed a few lattice cells."""
    parts = shapely.get_parts(shapely.get_parts(geom))
    return [part for part in parts if part.geom_type == "Polygon" and part.area > 3 * CELL2]


def holes(geom):
    """Return what a geometry encloses and does not hold."""
    rings = [ring for part in shapely.get_parts(geom) for ring in part.interiors]
    return pieces(shapely.difference(shapely.union_all(shapely.polygons(rings)), geom)) if rings else []


def expected(level, parents):
    """Find overlaps, gaps and pieces outside a parent the plain way: kind and codes, and where."""
    found = {}
    one, other = shapely.STRtree(level.geoms).query(level.geoms)
    for left, right in zip(one[one < other], other[one < other], strict=True):
        codes = tuple(sorted((level.codes[left], level.codes[right])))
        found["overlap", codes] = pieces(shapely.intersection(level.geoms[left], level.geoms[right]))
    shape_of = dict(zip(parents.codes, parents.geoms, strict=True))
    for code, parent, shape in zip(level.codes, level.parents, level.geoms, strict=True):
        if shape_of.get(parent) is not None:
            found["outside_parent", (code, parent)] = pieces(shapely.difference(shape, shape_of[parent]))
    union = shapely.union_all(level.geoms)
    for code, shape in shape_of.items():
        found["gap", (code,)] = pieces(shapely.difference(shape, union))
    for hole in holes(shapely.union_all([union, *shape_of.values()])):
        around = level.take(shapely.dwithin(level.geoms, hole, CELL))
        # where nobody knows a parent's boundary, what its children enclose is theirs
        if any(parent in shape_of and shape_of[parent] is None for parent in around.parents):
            found.setdefault(("gap", tuple(sorted(around.codes))), []).extend(pieces(hole))
    return {key: shapely.union_all(parts) for key, parts in found.items() if parts}


def found_in(findings):
    """Return where overlaps, gaps and pieces outside a parent were found, by kind and codes."""
    found = {}
    for one in findings:
        if one.kind in ("overlap", "gap", "outside_parent"):
            found.setdefault((one.kind, one.codes), []).extend(pieces(one.geometry))
    return {key: shapely.union_all(parts) for key, parts in found.items() if parts}


def require_only_what_was_planted(planted, level, findings):
    """Hold findings that no plain arithmetic tells against what was done."""
    areas = planted.levels[level]
    for one in findings:
        if one.kind == "unmatched_edge" or one.detail == "spike":
            assert not planted.touched.isdisjoint(one.codes), one
        elif one.kind == "multipart":
            assert areas.geoms[areas.codes == one.codes[0]][0].geom_type == "MultiPolygon"
        else:
            assert one.kind in ("overlap", "gap", "outside_parent", "duplicate", "orphan", "invalid_geometry"), one
    told = {detail: {f.codes[0] for f in findings if f.detail == detail} for detail in ("same code", "no boundary")}
    told["no parent"] = {f.codes[0] for f in findings if f.detail == "no parent"}
    lost = set(areas.codes[np.isin(list(areas.parents), list(planted.removed))])
    assert told == {
        "same code": planted.copied.intersection(areas.codes),
        "no boundary": planted.forgotten.intersection(areas.codes),
        "no parent": lost,
    }


def require_named(planted, level, findings):
    """Hold every redrawn area against what was found: it or its parent is named, or nobody knows the parent."""
    before, named = city()[level], {code for one in findings for code in one.codes}
    shape_of = dict(zip(before.codes, before.geoms, strict=True))
    areas = planted.levels[level]
    for code, parent, shape in zip(areas.codes, areas.parents, areas.geoms, strict=True):
        same = shape is None or shape.equals_exact(shape_of[code], normalize=True)
        assert same or parent in planted.forgotten or not named.isdisjoint([code, parent])


def require_found(wishes):
    planted = Planted(wishes)
    results = check_hierarchy(planted.levels, terms=Terms(lattice=True))
    for upper, level in pairwise(LEVELS):
        areas, above = planted.levels[level], planted.levels[upper]
        once = areas.take(np.unique(list(areas.codes), return_index=True)[1])
        truth, found = expected(once, above), found_in(results[level].findings)
        assert found.keys() == truth.keys()
        for key, place in truth.items():
            off = shapely.symmetric_difference(found[key], place).area
            assert off <= max(0.01 * place.area, 3 * CELL2), key
        require_only_what_was_planted(planted, level, results[level].findings)
        require_named(planted, level, results[level].findings)
        assert set(results[level].unproved) == planted.forgotten.intersection(above.codes)


def test_the_city_as_it_is_has_remarks_at_most():
    for result in check_hierarchy(city(), terms=Terms(lattice=True)).values():
        assert (result.verdict, set(result.counts) - {"multipart"}) == ("covered", set())


@pytest.mark.parametrize("width_m", [0.02, 0.3, 4, 100])
@pytest.mark.parametrize("how", DEFACED)
def test_each_defect_of_each_width_is_found(how, width_m):
    require_found([(how, "grid", 17, width_m), (how, "community", 5, width_m), (how, "town", 2, width_m)])


@given(st.lists(plants, min_size=1, max_size=5))
@example([("remove", "grid", 0, 1.0), ("copy", "grid", 90, 1.0)])
@example([("empty", "community", 3, 1.0)])
@example([("remove", "town", 0, 1.0)])
@example([("forget", "community", 3, 1.0), ("forget", "town", 1, 1.0)])
@example([("shrink", "community", 2, 1.0), ("forget", "town", 0, 1.0)])
@example([("shrink", "community", 0, 1.0), ("forget", "town", 0, 1.0)])
@settings(max_examples=15, deadline=None)
def test_random_defects_are_found_and_nothing_else(wishes):
    require_found(wishes)
