import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from maps.palette import PALETTE, colours, fill, neighbours

#  2  [ C ][ D ]
#  1  [ A ][ B ]
#     0    1    2
A, B, C, D = box(0, 0, 1, 1), box(1, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)


def pairs(*geoms):
    return {tuple(row) for row in neighbours(geoms).tolist()}


def test_areas_with_a_common_border_are_neighbours():
    assert pairs(A, B) == {(0, 1)}


def test_areas_across_a_crossing_are_no_neighbours():
    assert pairs(A, B, C, D) == {(0, 1), (0, 2), (1, 3), (2, 3)}


def test_four_areas_around_a_crossing_need_two_colours():
    assert colours(4, neighbours([A, B, C, D])).tolist() in ([0, 1, 1, 0], [1, 0, 0, 1])


def test_overlapping_areas_are_neighbours():
    assert pairs(A, box(0.5, 0.5, 1.5, 1.5)) == {(0, 1)}
    assert pairs(box(0, 0, 4, 4), box(1, 1, 2, 2)) == {(0, 1)}


def test_borders_of_different_lengths_still_touch():
    #  [    ][ 1 ]
    #  [ 0  ][ 2 ]    the west side has no vertex where 1 and 2 meet
    assert pairs(box(0, 0, 1, 2), box(1, 1, 2, 2), box(1, 0, 2, 1)) == {(0, 1), (0, 2), (1, 2)}


def test_an_area_in_several_pieces_borders_on_what_each_piece_touches():
    split = shapely.union_all([A, box(5, 0, 6, 1)])
    assert pairs(split, B, box(6, 0, 7, 1)) == {(0, 1), (0, 2)}


def test_no_areas_and_one_area_need_no_pairs():
    assert pairs() == set()
    assert pairs(A) == set()
    assert colours(0, []).tolist() == []
    assert colours(1, []).tolist() == [0]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(2, 120))
def test_neighbours_never_share_a_colour_and_six_colours_are_enough(seed, count):
    points = np.random.default_rng(seed).uniform(0, 1, (count, 2))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points)))
    near = neighbours(cells)
    given_colours = colours(len(cells), near)
    assert (given_colours[near[:, 0]] != given_colours[near[:, 1]]).all()
    assert given_colours.max() < 6 <= len(PALETTE)
    shared = shapely.length(shapely.intersection(cells[near[:, 0]], cells[near[:, 1]]))
    assert (shared > 0).all()


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9), st.data())
def test_any_graph_gets_different_colours_at_both_ends_of_every_pair(count, data):
    index = st.integers(0, count - 1)
    edges = [(i, j) for i, j in data.draw(st.lists(st.tuples(index, index), max_size=40)) if i != j]
    given_colours = colours(count, edges)
    assert all(given_colours[i] != given_colours[j] for i, j in edges)


def test_the_palette_begins_again_after_its_last_colour():
    assert fill(len(PALETTE)) == PALETTE[0]


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def test_dark_text_is_readable_on_every_fill():
    # WCAG 2.2: a contrast of at least 4.5 for the ink of the labels, #10171f
    ink = linear("#10171f") @ [0.2126, 0.7152, 0.0722]
    contrasts = [(linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05) / (ink + 0.05) for colour in PALETTE]
    assert min(contrasts) > 7


# Full deuteranopia and protanopia in linear RGB: Machado, Oliveira & Fernandes, IEEE TVCG 15 (2009), severity 1.0.
SIGHT = {
    "normal": np.eye(3),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}


def lab(rgb):
    xyz = np.clip(rgb, 0, 1) @ np.array([[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]])
    f = np.cbrt(np.maximum(xyz / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_first_six_colours_stay_apart_for_colour_blind_eyes():
    for matrix in SIGHT.values():
        seen = [lab(matrix @ linear(colour)) for colour in PALETTE[:6]]
        apart = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
        assert min(apart) > 10
