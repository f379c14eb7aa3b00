"""Rings that run along or touch themselves, taken apart. A vertex is written as its two digits, x and y."""

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from geo.folds import unfolded

GRID = np.array([(x, y) for x in range(10) for y in range(10)], dtype=float)


def places(ring: str) -> list[tuple[int, int]]:
    return [(int(one[0]), int(one[1])) for one in ring.split()]


def unfold(*rings: str) -> object:
    """Unfold rings, the interior on their left."""
    tail, head = [], []
    for ring in map(places, rings):
        numbers = [10 * x + y for x, y in ring]
        tail += numbers
        head += numbers[1:] + numbers[:1]
    return unfolded(GRID, np.array(tail, dtype=np.int64), np.array(head, dtype=np.int64))


def drawn(shell: str, *holes: str) -> Polygon:
    return Polygon(places(shell), [places(hole) for hole in holes])


def same(one: object, other: object) -> bool:
    return one.is_valid and shapely.normalize(one) == shapely.normalize(other)


SHELL = "00 60 64 04"


def test_a_simple_ring_stays():
    assert same(unfold(SHELL), drawn(SHELL))
    assert same(unfold(SHELL, "11 12 22 21"), drawn(SHELL, "11 12 22 21"))


def test_a_hair_cancels():
    #  04---34---64
    #  |    32    |     the hair 34-32-34
    #  00--------60
    assert same(unfold("00 60 64 34 32 34 04"), drawn("00 60 64 34 04"))


def test_there_and_back_again_is_nothing():
    assert unfold("00 60") is None
    assert unfold("00 30 60 30") is None
    assert unfold() is None


def test_a_ring_that_turned_over_encloses_nothing():
    assert unfold("00 04 64 60") is None


def test_a_neck_becomes_two_parts():
    #  04     64
    #  | \ 32/ |
    #  00     60
    assert same(unfold("00 32 60 64 32 04"), MultiPolygon([drawn("00 32 04"), drawn("60 64 32")]))


def test_a_ring_that_comes_back_to_itself_from_inside_gets_a_hole():
    #  04----34----64
    #  |    /  \    |
    #  |  22 - 42   |
    #  00----------60
    assert same(unfold("00 60 64 34 42 22 34 04"), drawn("00 60 64 34 04", "34 42 22"))


def test_a_hole_that_touches_its_shell_stays_a_hole():
    assert same(unfold("00 60 64 34 04", "34 42 22"), drawn("00 60 64 34 04", "34 42 22"))


def test_a_hole_that_touches_its_shell_twice_cuts_the_area_in_two():
    shape = unfold("00 30 60 64 34 04", "34 42 30 22")
    assert same(shape, MultiPolygon([drawn("00 30 22 34 04"), drawn("30 60 64 34 42")]))


def test_a_hole_grown_together_with_its_shell_opens_it():
    #  the hole 20 22 42 40 lies on the shell's edge 20-40
    assert same(unfold("00 20 40 60 64 04", "20 22 42 40"), drawn("00 20 22 42 40 60 64 04"))


def test_parts_grown_together_become_one():
    assert same(unfold("00 30 34 04", "30 60 64 34"), drawn("00 30 60 64 34 04"))


def test_two_holes_that_touch_stay_two():
    holes = ["11 13 32", "32 53 51"]
    assert same(unfold(SHELL, *holes), drawn(SHELL, *holes))


def test_a_hole_goes_to_the_shell_around_it():
    #  a frame, and in its hole an island that has a hole of its own
    frame, frame_hole, island, island_hole = "00 90 99 09", "11 18 88 81", "22 72 77 27", "33 36 66 63"
    shape = unfold(frame, frame_hole, island, island_hole)
    assert same(shape, MultiPolygon([drawn(frame, frame_hole), drawn(island, island_hole)]))
