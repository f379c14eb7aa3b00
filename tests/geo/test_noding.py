"""Vertices that lie on edges become nodes of them, the same way for every ring."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.chains import edges_of, expanded
from geo.clusters import Scale
from geo.noding import Refined, refine

Points = list[tuple[float, float]]


def nodes(xy: Points, ends: list[tuple[int, int]], tolerance_m: float, stored: str = "") -> list[list[int]]:
    """Return the nodes of each edge; ``stored`` names fixed vertices by digit."""
    points = np.array(xy, dtype=float)
    fixed = np.array([str(row) in stored for row in range(len(xy))])
    table = np.array(sorted(ends), dtype=np.int64)
    known = fixed[table].all(axis=1)
    refined = refine(points, Scale(*np.ones((2, len(xy)))), table, fixed, known, tolerance_m)
    return [refined.node[a:b].tolist() for a, b in zip(refined.start, refined.start[1:], strict=False)]


#  vertices are numbered from west to east
#  0 ---- 1 ---- 2 ---- 3     1 and 2 a little beside the edge 0-3
BESIDE: Points = [(0, 0), (3, 0.4), (6, -0.4), (10, 0)]


def test_vertices_beside_an_edge_become_its_nodes_in_order():
    assert nodes(BESIDE, [(0, 3), (1, 2)], 0.5) == [[1, 2], []]


def test_beyond_the_tolerance_they_do_not():
    assert nodes(BESIDE, [(0, 3), (1, 2)], 0.3) == [[], []]


def test_a_vertex_that_no_edge_uses_is_not_looked_at():
    assert nodes(BESIDE, [(0, 3)], 0.5) == [[]]


def test_a_vertex_beyond_the_ends_is_no_node():
    assert nodes([(0, 0), (10, 0), (10.2, 0.1), (12, 5)], [(0, 1), (2, 3)], 0.5) == [[], []]


def test_what_a_moved_piece_comes_near_becomes_a_node_in_the_next_round():
    #  2 lies 0.7 off the edge 0-3, but 0.35 off the piece 1-3
    assert nodes([(0, 0), (4, 0.5), (5, 0.7), (10, 0)], [(0, 3), (1, 2)], 0.5) == [[1, 2], []]


def test_stored_vertices_leave_stored_edges_alone():
    assert nodes(BESIDE, [(0, 3), (1, 2)], 0.5, stored="0123") == [[], []]


def test_a_new_vertex_becomes_a_node_of_a_stored_edge_and_takes_along_what_it_passes():
    #  stored 2 lies 0.1 above the stored edge 0-3; new 1 pulls the edge up by 0.4, over 2
    assert nodes([(0, 0), (4, 0.4), (5, 0.1), (10, 0)], [(0, 3), (1, 2)], 0.5, stored="023") == [[1, 2], []]


def test_a_new_vertex_on_a_stored_edge_leaves_a_stored_neighbour_line_alone():
    assert nodes([(0, 0), (4, 0.0), (5, 0.3), (10, 0)], [(0, 3), (1, 2)], 0.5, stored="023") == [[1], []]


def test_two_edges_never_take_each_others_far_ends():
    #  1 and 2 lie near each other and each on the edge from 0 to the other
    corners = [(0, 0), (1.48, 0.62), (1.6, 0)]
    assert nodes(corners, [(0, 1), (0, 2), (1, 2)], 0.61) in (
        [[], [1], []],
        [[2], [], []],
        [[], [], []],
    )


def test_rings_take_nodes_in_their_own_direction():
    vertex = np.array([0, 3, 4, 3, 0, 5])
    start = np.array([0, 3, 6])
    following = np.array([1, 2, 0, 4, 5, 3])
    edges = edges_of(vertex, following, 6)
    node_start = np.zeros(len(edges.ends) + 1, dtype=np.int64)
    node_start[np.flatnonzero((edges.ends == [0, 3]).all(axis=1))[0] + 1 :] = 2
    chains = expanded(vertex, start, edges, node_start, np.array([1, 2]))
    assert chains.vertex.tolist() == [0, 1, 2, 3, 4, 3, 2, 1, 0, 5]
    assert chains.start.tolist() == [0, 5, 10]
    assert chains.origin.tolist() == [0, 0, 0, 1, 2, 3, 3, 3, 4, 5]
    assert np.flatnonzero(chains.is_node).tolist() == [1, 2, 6, 7]


def test_vertices_that_became_one_are_not_repeated():
    vertex = np.array([7, 7, 3, 4, 7])
    edges = edges_of(vertex, np.array([1, 2, 3, 4, 0]), 8)
    none = np.zeros(len(edges.ends) + 1, dtype=np.int64)
    assert expanded(vertex, np.array([0, 5]), edges, none, none[:0]).vertex.tolist() == [7, 3, 4]


crowd = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=4, max_size=60, unique=True)


@settings(deadline=None, max_examples=150)
@given(crowd, st.randoms(), st.booleans())
def test_it_ends_and_leaves_nothing_on_an_edge_even_among_stored_vertices(xy, random, dense):
    #  with dense, everything lies within one tolerance of everything: only stored vertices can lie like that
    xy = sorted(xy)
    points = np.array(xy, dtype=float)
    pairs = {tuple(sorted(random.sample(range(len(xy)), 2))) for _ in range(len(xy))}
    ends = np.array(sorted(pairs), dtype=np.int64)
    fixed, tolerance_m = np.full(len(xy), dense), 30.0 if dense else 0.99

    def found(edges: np.ndarray) -> Refined:
        known = np.zeros(len(edges), dtype=bool)
        return refine(points, Scale(*np.ones((2, len(xy)))), edges, fixed, known, tolerance_m)

    refined = found(ends)
    for edge, (a, b) in enumerate(ends):
        chain = np.array([a, *refined.node[refined.start[edge] : refined.start[edge + 1]], b])
        assert len(chain) <= 4 * len(xy)
        assert (chain[1:] != chain[:-1]).all()
        pieces = np.sort(np.column_stack([chain[:-1], chain[1:]]), axis=1)
        assert not len(found(np.unique(pieces, axis=0)).node)
