"""Random coverages with planted defects: all are found, at every place, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.areas import areas
from geo.coverage import Standing, Terms, boxes_of_change, check, check_around, concerning
from geo.lattice import degrees, snap

CELL2 = 1e-14
SIDE, BLOCK = 6, 3
STEP = 30_000
"""Cells from corner to corner: about 300 m."""
CHAIN = 4
M = 1 / 111_000
"""Degrees of about a metre."""
PLANTS = ("grow", "shrink", "move_vertex", "drop_vertex", "add_node", "punch", "spike", "remove", "copy")
widths = st.floats(np.log10(0.02), np.log10(100)).map(lambda power: 10.0**power)
plants = st.tuples(st.sampled_from(PLANTS), st.integers(0, SIDE * SIDE - 1), widths)
exact = settings(max_examples=40, deadline=None)


def mesh(seed, side=SIDE):
    """Return side × side matched quadrilaterals with wiggly borders on the lattice, about 300 m wide."""
    dice = np.random.default_rng(seed)
    corner = np.stack(np.meshgrid(*[np.arange(side + 1) * STEP] * 2, indexing="ij"), axis=-1)
    corner += np.array([1_038_000_000, 300_000_000])
    corner += dice.integers(-STEP // 6, STEP // 6, corner.shape)
    along = np.linspace(0, 1, CHAIN + 2)[:, None]

    def chain(a, b):
        line = a[..., None, :] * (1 - along) + b[..., None, :] * along
        line[..., 1:-1, :] += dice.uniform(-STEP / 30, STEP / 30, line[..., 1:-1, :].shape)
        return np.rint(line)

    south, west = chain(corner[:-1], corner[1:]), chain(corner[:, :-1], corner[:, 1:])
    ring = [south[:, :-1, :-1], west[1:, :, :-1], south[:, 1:, :0:-1], west[:-1, :, ::-1]]
    rings = np.concatenate(ring, axis=2).reshape(side * side, -1, 2)
    return np.array([shapely.Polygon(degrees(one)) for one in rings])


def city(seed, side=SIDE, block=BLOCK):
    """Return matched grids, and the communities of block × block grids that they fill."""
    shapes = mesh(seed, side)
    row = np.arange(side * side)
    owner = (row // side // block) * (side // block) + row % side // block
    unions = [shapely.coverage_union_all(shapes[owner == one]) for one in range(owner.max() + 1)]
    names = [f"P{one}" for one in range(len(unions))]
    grids = areas("grid", [f"G{one:03d}" for one in row], shapes, parents=[names[one] for one in owner])
    return grids, areas("community", names, unions)


def defaced(shape, plant, width_m):
    """Return a boundary with a defect of some width, or the boundary itself where that leaves no single polygon."""
    width, corners = width_m * M, shapely.get_coordinates(shape)
    if plant == "grow":
        made = shapely.buffer(shape, width, join_style="mitre")
    elif plant == "shrink":
        made = shapely.buffer(shape, -width, join_style="mitre")
    elif plant == "move_vertex":
        made = shapely.Polygon([*corners[:2], corners[2] + [width, -width / 3], *corners[3:]])
    elif plant == "drop_vertex":
        made = shapely.Polygon(np.delete(corners, 3, axis=0))
    elif plant == "add_node":
        made = shapely.Polygon([*corners[:3], (corners[2] + corners[3]) / 2, *corners[3:]])
    elif plant == "punch":
        made = shapely.difference(shape, shapely.buffer(shape.centroid, width, quad_segs=1))
    else:
        tip = corners[2] + [width, -100 * M]
        made = shapely.Polygon([*corners[:3], tip, corners[2] + [width, 0], *corners[3:]])
    made = shapely.transform(made, lambda xy: degrees(snap(xy)))
    return made if made.is_valid and made.geom_type == "Polygon" and not made.is_empty else shape


def planted(grids, wishes):
    """Return the grids with defects planted."""
    shapes, gone, copies = grids.geoms.copy(), set(), []
    for plant, row, width_m in wishes:
        if plant == "remove":
            gone.add(row)
        elif plant == "copy":
            copies.append(row)
        else:
            shapes[row] = defaced(shapes[row], plant, width_m)
    stays = [row for row in range(len(grids)) if row not in gone]
    return replace(grids, geoms=shapes).take([*stays, *copies])


def pieces(geom):
    """Return the areas (degrees²) of the polygons in a geometry that exceed a few lattice cells."""
    return sorted(
        part.area for part in shapely.get_parts(geom) if part.geom_type == "Polygon" and part.area > 3 * CELL2
    )


def expected(grids, parents):
    """Find overlaps, gaps and pieces outside a parent by brute force."""
    found = {}
    for one in range(len(grids)):
        for other in range(one):
            shared = pieces(shapely.intersection(grids.geoms[one], grids.geoms[other]))
            if shared:
                found["overlap", tuple(sorted((grids.codes[one], grids.codes[other])))] = [sum(shared)]
        parent = parents.geoms[parents.codes == grids.parents[one]][0]
        beyond = pieces(shapely.difference(grids.geoms[one], parent))
        if beyond:
            found["outside_parent", (grids.codes[one], grids.parents[one])] = [sum(beyond)]
    union = shapely.union_all(grids.geoms)
    for code, shape in zip(parents.codes, parents.geoms, strict=True):
        bare = pieces(shapely.difference(shape, union))
        if bare:
            found["gap", (code,)] = bare
    return found


def grouped(findings, kinds):
    """Return the areas (degrees²) of findings by kind and codes, without specks of a few cells.

    A copy overlaps the neighbours with its original: one finding each, for they have the same codes and place.
    """
    found = {}
    for finding in findings:
        if finding.kind in kinds and finding.geometry.area > 3 * CELL2:
            found.setdefault((finding.kind, finding.codes), []).append(finding.geometry.area)
    return {key: sorted(sizes) for key, sizes in found.items()}


def say(result):
    return [(f.id, f.kind, f.codes, round(f.area_m2, 3)) for f in result.findings]


@given(st.integers(0, 999))
@settings(max_examples=10, deadline=None)
def test_a_clean_city_has_no_finding(seed):
    grids, parents = city(seed)
    for lattice in (True, False):
        result = check(grids, parents, lattice=lattice)
        assert (result.findings, result.verdict) == ((), "covered")
        assert result.covered_m2 == result.declared_m2


@pytest.mark.parametrize("lattice", [True, False])
@given(st.integers(0, 99), st.lists(plants, min_size=1, max_size=4))
@exact
def test_every_planted_defect_is_found_and_nothing_else(lattice, seed, wishes):
    clean, parents = city(seed)
    grids = planted(clean, wishes)
    result = check(grids, parents, lattice=lattice)
    once = grids.take(np.unique(list(grids.codes), return_index=True)[1])
    truth, found = expected(once, parents), grouped(result.findings, {"overlap", "gap", "outside_parent"})
    assert found.keys() == truth.keys()
    for key, sizes in truth.items():
        assert found[key] == pytest.approx(sizes, rel=0.01, abs=3 * CELL2), key
    named = {code for finding in result.findings for code in finding.codes}
    for code, parent, shape in zip(grids.codes, grids.parents, grids.geoms, strict=True):
        redrawn = not shape.equals_exact(clean.geoms[clean.codes == code][0], normalize=True)
        assert not redrawn or not named.isdisjoint([code, parent])
    twice = {code for code in grids.codes if list(grids.codes).count(code) > 1}
    assert {f.codes[0] for f in result.findings if f.detail == "same code"} == twice


@given(st.integers(0, 99), st.lists(plants, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_both_roads_and_every_order_give_the_same_findings(seed, wishes, dice):
    grids, parents = city(seed)
    grids = planted(grids, wishes)
    order = list(range(len(grids)))
    dice.shuffle(order)
    stored = check(grids, parents, lattice=True)
    assert say(check(grids.take(order), parents, lattice=True)) == say(stored)
    assert say(check(grids.take(order), parents.take([2, 0, 3, 1]), lattice=False)) == say(stored)


@pytest.mark.parametrize("with_parents", [True, False])
@given(st.integers(0, 99), st.lists(plants, max_size=8), st.lists(plants, min_size=1, max_size=3))
@settings(max_examples=25, deadline=None)
def test_the_local_check_is_the_whole_check_restricted(with_parents, seed, before, change):
    grids, parents = city(seed, side=9)
    parents = parents if with_parents else None
    grids = planted(grids, [wish for wish in before if wish[0] != "remove"])
    rows = sorted({row for plant, row, _ in change if plant != "remove"})
    shapes = grids.geoms.copy()
    for plant, row, width_m in change:
        shapes[row] = defaced(shapes[row], plant, width_m) if plant not in ("remove", "copy") else shapes[row]
    changed = replace(grids, geoms=shapes).take(np.array(rows, dtype=int))
    removed = {grids.codes[row] for plant, row, _ in change if plant == "remove"} - set(changed.codes)
    gone = np.isin(list(grids.codes), [*changed.codes, *removed])
    after = areas(
        "grid",
        [*grids.codes[~gone], *changed.codes],
        [*grids.geoms[~gone], *changed.geoms],
        parents=[*grids.parents[~gone], *changed.parents],
    )
    terms, standing = Terms(lattice=True), Standing.of(grids, parents)
    whole = check(after, parents, lattice=True)
    boxes = boxes_of_change(standing, changed, removed, terms)
    near = concerning(whole.findings, {*changed.codes, *removed}, boxes)
    assert say(check_around(standing, changed, removed, terms=terms)) == say(replace(whole, findings=near))
