"""What a change leaves behind, told apart from what was there before or was accepted."""

import numpy as np
import shapely
from shapely import box
from shapely.affinity import affine_transform

from geo.areas import texts
from geo.change_check import Changed, check_changed
from geo.findings import make_findings
from geo.lattice import CELL_DEG
from geo.matching import snapped
from geo.stored import StoredAreas

UNIT, ORIGIN = 0.001, (104.0, 30.0)
#   0    1    2    3         community 1 is [0, 3] x [0, 1]; its grids 11, 12 and 13 are the squares
#   [ 11 ][ 12 ][ 13 ]
COMMUNITY, WEST, MIDDLE, EAST = 1, 11, 12, 13
CODES = {
    COMMUNITY: "511402002001",
    WEST: "511402002001001",
    MIDDLE: "511402002001002",
    EAST: "511402002001003",
    14: "511402002001004",
}


def on_map(drawn):
    return affine_transform(drawn, [UNIT, 0, 0, UNIT, *ORIGIN])


def stored(shapes, codes=CODES, parents=None):
    """Return the community and grids by id; every grid is the community's unless said otherwise."""
    ids = np.array(sorted(shapes), dtype=np.int64)
    drawn = np.empty(len(ids), dtype=object)
    drawn[:] = [on_map(shapes[area]) for area in ids.tolist()]
    none = np.zeros(len(ids), dtype=bool)
    names = texts([codes[area] for area in ids.tolist()])
    return StoredAreas(
        ids=ids,
        levels=texts(["community" if area == COMMUNITY else "grid" for area in ids.tolist()]),
        codes=names,
        local_codes=texts([""] * len(ids)),
        names=names,
        kinds=texts(["general"] * len(ids)),
        categories=texts([""] * len(ids)),
        parent_ids=np.array(
            [0 if area == COMMUNITY else (parents or {}).get(area, COMMUNITY) for area in ids.tolist()]
        ),
        not_subdivided=none,
        fully_divided=none,
        digests=np.full(len(ids), None, dtype=object),
        geoms=snapped(drawn),
    )


WHOLE = {COMMUNITY: box(0, 0, 3, 1), WEST: box(0, 0, 1, 1), MIDDLE: box(1, 0, 2, 1), EAST: box(2, 0, 3, 1)}


def changed(*ids, ended=()):
    return Changed(np.array(ids, dtype=np.int64), np.array(ended, dtype=np.int64))


def stopping(before, after, change, accepted=()):
    findings, standing = check_changed(stored(before), stored(after), change, accepted)
    return [(one.kind, one.codes) for one in findings if one.blocking and one.id not in standing]


SEAM = {**WHOLE, COMMUNITY: shapely.Polygon([(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (2, 1), (1, 1), (0, 1)])}


def test_a_change_that_leaves_the_cover_whole_leaves_nothing():
    after = {**SEAM, WEST: shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)])}
    del after[MIDDLE]
    assert stopping(SEAM, after, changed(WEST, ended=[MIDDLE])) == []


def test_land_that_nobody_has_afterwards_is_a_gap_of_the_community():
    after = {**SEAM, MIDDLE: box(1, 0, 2, 0.5)}
    assert ("gap", (CODES[COMMUNITY],)) in stopping(SEAM, after, changed(MIDDLE))


def test_land_that_two_have_is_an_overlap():
    after = {**SEAM, MIDDLE: box(0.5, 0, 2, 1)}
    assert ("overlap", (CODES[WEST], CODES[MIDDLE])) in stopping(SEAM, after, changed(MIDDLE))


HOLED = {area: shape for area, shape in SEAM.items() if area != EAST}
"""Nobody has the east."""


def test_an_old_gap_does_not_stop_a_change_beside_it():
    after = {**HOLED, MIDDLE: box(1, 0, 2, 1), WEST: box(0, 0, 1, 1)}
    assert stopping(HOLED, after, changed(WEST, MIDDLE)) == []


def test_an_old_gap_that_grows_stops_the_change():
    ring = [(0, 0), (1, 0), (1.5, 0), (2, 0), (3, 0), (3, 1), (2, 1), (1.5, 1), (1, 1), (0, 1)]
    after = {**HOLED, COMMUNITY: shapely.Polygon(ring), MIDDLE: box(1, 0, 1.5, 1)}
    assert stopping(HOLED, after, changed(MIDDLE)) == [("gap", (CODES[COMMUNITY],))]


SHRUNK = [(1, 0), (2, 0), (2.5, 0), (2.5, 1), (2, 1), (1, 1)]


def test_an_old_gap_that_shrinks_stops_nothing():
    ring = [(0, 0), (1, 0), (2, 0), (2.5, 0), (3, 0), (3, 1), (2.5, 1), (2, 1), (1, 1), (0, 1)]
    after = {**HOLED, COMMUNITY: shapely.Polygon(ring), MIDDLE: shapely.Polygon(SHRUNK)}
    assert stopping(HOLED, after, changed(MIDDLE)) == []


def test_a_gap_that_was_accepted_stops_nothing():
    gap = snapped(np.array([on_map(box(1, 0.5, 2, 1))], dtype=object))
    accepted = make_findings("gap", [(CODES[COMMUNITY],)], gap, cell=CELL_DEG)
    after = {**SEAM, MIDDLE: box(1, 0, 2, 0.5)}
    left = stopping(SEAM, after, changed(MIDDLE), accepted)
    assert ("gap", (CODES[COMMUNITY],)) not in left


def test_children_that_a_redrawn_parent_leaves_outside_are_found():
    after = {**SEAM, COMMUNITY: shapely.Polygon([(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)])}
    kinds = {kind for kind, _ in stopping(SEAM, after, changed(COMMUNITY))}
    assert "outside_parent" in kinds


def test_a_new_code_makes_no_old_overlap_a_new_one():
    before = stored({**SEAM, MIDDLE: box(0.5, 0, 2, 1)})
    codes = {**CODES, MIDDLE: "511402002001009"}
    after = stored({**SEAM, MIDDLE: box(0.5, 0, 2, 1)}, codes)
    findings, standing = check_changed(before, after, changed(MIDDLE), [])
    assert {one.kind for one in findings if one.blocking} >= {"overlap"}
    assert [one.kind for one in findings if one.blocking and one.id not in standing] == []


def test_a_child_whose_parent_ends_is_an_orphan():
    before = stored({**SEAM, 14: box(5, 0, 6, 1)}, parents={14: COMMUNITY})
    after = stored({**SEAM, 14: box(5, 0, 6, 1)}, parents={14: 99})
    findings, standing = check_changed(before, after, changed(14), [])
    assert ("orphan", (CODES[14],)) in [(one.kind, one.codes) for one in findings if one.id not in standing]
