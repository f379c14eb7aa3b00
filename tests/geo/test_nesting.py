"""Who holds whom, where neither a code nor a field says it."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from geo.nesting import largest_share, point_holder


def column(*shapes: object) -> np.ndarray:
    out = np.empty(len(shapes), dtype=object)
    out[:] = shapes
    return out


#  0         10        20
#  [  west   ][  east   ]
WEST, EAST = box(0, 0, 10, 10), box(10, 0, 20, 10)
PARENTS = column(WEST, EAST)


def test_a_child_inside_is_held_whole():
    held = largest_share(column(box(1, 1, 2, 2), box(12, 0, 20, 10)), PARENTS)
    assert held.parent.tolist() == [0, 1]
    assert held.share.tolist() == [1.0, 1.0]


def test_a_child_across_goes_to_the_larger_share():
    held = largest_share(column(box(7, 0, 11, 1), box(9, 0, 13, 1)), PARENTS)
    assert held.parent.tolist() == [0, 1]
    assert held.share.tolist() == [0.75, 0.75]


def test_the_guess_is_the_only_parent_around_an_inner_point():
    #  one inside, one across with its middle in the east, one in two parents that lie on each other, one beyond
    children = column(box(1, 1, 2, 2), box(9, 0, 13, 1), box(1, 1, 2, 2), box(40, 40, 50, 50))
    assert point_holder(children, PARENTS).tolist() == [0, 1, 0, -1]
    assert point_holder(children, column(WEST, EAST, WEST)).tolist() == [-1, 1, -1, -1]


def test_equal_shares_go_to_the_first():
    child = column(box(9, 0, 11, 1))
    assert largest_share(child, PARENTS).parent.tolist() == [0]
    assert largest_share(child, PARENTS[::-1].copy()).parent.tolist() == [0]
    assert largest_share(child, PARENTS).share.tolist() == [0.5]


def test_two_parents_that_lie_on_each_other_hold_in_order():
    assert largest_share(column(box(1, 1, 2, 2)), column(EAST, WEST, WEST)).parent.tolist() == [1]


def test_touching_from_outside_is_not_holding():
    held = largest_share(column(box(20, 0, 30, 10), box(40, 40, 50, 50)), PARENTS)
    assert held.parent.tolist() == [-1, -1]
    assert held.share.tolist() == [0.0, 0.0]


def test_part_of_a_child_in_no_parent_counts_for_nobody():
    held = largest_share(column(box(19, 0, 29, 10)), PARENTS)
    assert held.parent.tolist() == [1]
    assert np.allclose(held.share, [0.1])


def test_a_child_whose_inner_point_lies_in_the_smaller_share_still_goes_to_the_larger():
    # the widest stretch of the child is in the west, most of its area in the east
    child = MultiPolygon([box(2, 4, 9, 5), box(11, 0, 13, 10)])
    held = largest_share(column(child), PARENTS)
    assert held.parent.tolist() == [1]
    assert np.allclose(held.share, [20 / 27])


def test_a_parent_with_an_enclave_does_not_hold_the_enclave():
    frame = box(0, 0, 9, 9) - box(3, 3, 6, 6)
    held = largest_share(column(box(3, 3, 6, 6), box(0, 0, 2, 2)), column(frame))
    assert held.parent.tolist() == [-1, 0]


def test_missing_and_empty_ones_hold_nobody_and_are_held_by_nobody():
    held = largest_share(column(None, Polygon(), box(1, 1, 2, 2)), column(None, Polygon(), WEST))
    assert held.parent.tolist() == [-1, -1, 2]
    assert held.share.tolist() == [0.0, 0.0, 1.0]


def test_no_children_or_no_parents_are_no_crash():
    assert largest_share(column(), PARENTS).parent.tolist() == []
    assert largest_share(column(WEST), column()).parent.tolist() == [-1]
    assert largest_share(column(), column()).share.tolist() == []


boxes = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 9), st.integers(1, 9)).map(
    lambda b: box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)


@settings(deadline=None, max_examples=80)
@given(st.lists(boxes, min_size=1, max_size=6), st.lists(boxes, min_size=1, max_size=6))
def test_the_holder_is_the_one_that_all_intersections_name(children: list[Polygon], parents: list[Polygon]):
    held = largest_share(column(*children), column(*parents))
    for row, child in enumerate(children):
        common = [shapely.area(child & parent) for parent in parents]
        best = int(np.argmax(common))
        assert held.parent[row] == (best if common[best] > 0 else -1)
        assert np.isclose(held.share[row], common[best] / child.area)


def test_among_many_children_noise_on_borders_and_doubled_parents_change_no_holder():
    #  8 x 8 parents of 10 x 10, two of them laid over others; 40 x 40 children of 2 x 2, each corner off by up to 0.002
    parents = [box(x, y, x + 10, y + 10) for x in range(0, 80, 10) for y in range(0, 80, 10)]
    parents = column(*parents, box(0, 0, 10, 10), box(3, 3, 13, 13))
    dice = np.random.default_rng(7)
    corner = np.array([[0, 0], [2, 0], [2, 2], [0, 2]])
    start = np.array([[x, y] for x in range(0, 80, 2) for y in range(0, 80, 2)])
    children = shapely.polygons(start[:, None, :] + corner + dice.uniform(-0.002, 0.002, (1600, 4, 2)))

    held = largest_share(children, parents)

    common = shapely.area(shapely.intersection(children[:, None], parents[None, :]))
    assert held.parent.tolist() == common.argmax(axis=1).tolist()
    assert np.allclose(held.share, common.max(axis=1) / shapely.area(children))
