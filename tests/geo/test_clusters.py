"""Vertices within a tolerance of each other become one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.clusters import Scale, cluster, distinct


def centres(xy: list[tuple[float, float]], uses: list[int], fixed: list[bool], tolerance_m: float) -> list[int]:
    points = np.array(xy, dtype=float)
    scale = Scale(*np.ones((2, len(xy))))
    return cluster(points, scale, np.array(uses), np.array(fixed), tolerance_m).tolist()


def test_equal_vertices_are_one_and_come_sorted():
    values, vertex = distinct(np.array([[2, 1], [1, 5], [2, 0], [-0.0, 3], [1, 5], [0.0, 3]]))
    assert values.tolist() == [[0, 3], [1, 5], [2, 0], [2, 1]]
    assert vertex.tolist() == [3, 1, 2, 0, 1, 0]


def test_no_vertices_are_no_crash():
    values, vertex = distinct(np.empty((0, 2)))
    assert len(values) == len(vertex) == 0
    none = np.empty(0)
    assert len(cluster(values, Scale(none, none), none.astype(int), none.astype(bool), 1.0)) == 0


def test_the_most_used_vertex_stands_for_its_neighbours():
    assert centres([(0, 0), (0.5, 0), (3, 0)], [1, 4, 1], [False] * 3, 1.0) == [1, 1, 2]


def test_a_stored_vertex_within_the_tolerance_is_preferred_to_a_nearer_new_one():
    line = [(0.0, 0.0), (0.9, 0.0), (1.1, 0.0)]
    assert centres(line, [1, 1, 9], [False] * 3, 1.0) == [0, 2, 2]
    assert centres(line, [1, 1, 9], [True, False, False], 1.0) == [0, 0, 2]


def test_stored_vertices_stay_however_near_they_lie():
    assert centres([(0, 0), (0.1, 0), (0.2, 0)], [1, 1, 1], [True, True, True], 1.0) == [0, 1, 2]


def test_of_two_stored_vertices_the_nearer_is_taken():
    assert centres([(0, 0), (0.3, 0), (0.5, 0)], [1, 1, 1], [True, False, True], 1.0) == [0, 2, 2]


@pytest.mark.parametrize("far", [1e3, 1e9, 1e15])
def test_a_far_vertex_is_no_overflow(far: float):
    assert centres([(0, 0), (1, 0), (far, far)], [1, 2, 1], [False] * 3, 0.5) == [0, 1, 2]


points = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=40, unique=True)


@settings(deadline=None, max_examples=150)
@given(points, st.floats(0.5, 8), st.randoms())
def test_no_vertex_moves_further_than_the_tolerance_and_free_centres_lie_apart(xy, tolerance_m, random):
    xy = sorted(xy)
    fixed = np.array([random.random() < 0.3 for _ in xy])
    centre = np.array(centres(xy, [random.randint(1, 5) for _ in xy], fixed.tolist(), tolerance_m))
    plane = np.array(xy, dtype=float)
    assert (np.hypot(*(plane - plane[centre]).T) <= tolerance_m + 1e-12).all()
    assert (centre[fixed] == np.flatnonzero(fixed)).all()
    assert (centre[centre] == centre).all()
    left = np.unique(centre)
    apart = np.hypot(*(plane[left, None] - plane[None, left]).transpose(2, 0, 1))
    free = ~fixed[left]
    near = (apart <= tolerance_m) & ~np.eye(len(left), dtype=bool)
    assert not near[free].any()


def test_a_million_vertices_in_one_place_and_in_many_take_seconds():
    rng = np.random.default_rng(3)
    for spread in (0.01, 10_000.0):
        xy, vertex = distinct(rng.uniform(0, spread, (1_000_000, 2)))
        scale = Scale(*np.ones((2, len(xy))))
        centre = cluster(xy, scale, np.bincount(vertex), np.zeros(len(xy), dtype=bool), 0.1)
        assert len(np.unique(centre)) == (1 if spread == 0.01 else pytest.approx(1_000_000, rel=0.01))
