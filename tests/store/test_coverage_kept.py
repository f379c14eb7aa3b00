"""The database keeps coverage by itself: SQL by hand, as the app's role, at every isolation level, two sessions racing.

The town of the tests, in units of 0.01 degrees; grids stand in communities:

    2 +-----+-----+-----+
      |     |     |     |
      |  A  |  B  |  C  |
      |     |     |     |
    0 +-----+-----+-----+
      0     2     4     6
      [ west      ][east]
"""

import threading
from contextlib import contextmanager

import psycopg
import pytest
import shapely

from geo.lattice import CELL_DEG

LEVELS = ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")
UNIT, LON, LAT = 0.01, 104.0, 30.0
REFUSED = psycopg.errors.ExclusionViolation
LOST = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)


def box(west, south, east, north):
    """Return a drawn box on the map; corners are lattice points."""
    corners = [(west, south), (east, south), (east, north), (west, north)]
    return shapely.Polygon([(round(LON + x * UNIT, 7), round(LAT + y * UNIT, 7)) for x, y in corners])


A, B, C = box(0, 0, 2, 2), box(2, 0, 4, 2), box(4, 0, 6, 2)
WEST, EAST, TOWN = box(0, 0, 4, 2), box(4, 0, 6, 2), box(0, 0, 6, 2)


class Hand:
    """Someone at ``psql`` with the rights of the app: publishes row by row."""

    def __init__(self, url, level="READ COMMITTED"):
        self.connection = psycopg.connect(url, options="-c search_path=gridwarden,public")
        self.connection.isolation_level = psycopg.IsolationLevel[level.replace(" ", "_")]

    def run(self, sql, *values):
        return self.connection.execute(sql, values or None)

    def area(self, level):
        return self.run("INSERT INTO area (level) VALUES (%s) RETURNING id", level).fetchone()[0]

    def edition(self):
        return self.run(
            "INSERT INTO edition (id, published_at, kind, title, actor, approval) SELECT edition + 1, "
            "greatest(clock_timestamp(), (SELECT max(published_at) + interval '1 microsecond' FROM edition)), "
            "'boundaries', 'by hand', 'tests', 'none' FROM edition_now RETURNING id"
        ).fetchone()[0]

    def provisional(self, area, shape, parent=None, code=None, *, kind="general", noded=False):
        """Close an area's version and open another, numbered later."""
        self.close(area)
        self.run(
            "INSERT INTO area_version (area_id, code, name, parent_id, geom, kind, noded, edition, valid) VALUES "
            "(%s, %s, %s, %s, ST_Multi(ST_GeomFromWKB(%s, 4490)), %s, %s, 0, tstzrange(not_yet(), NULL))",
            *(area, code or f"a{area}", "", parent, shapely.to_wkb(shape), kind, noded),
        )

    def close(self, area):
        self.run(
            "UPDATE area_version SET valid = tstzrange(lower(valid), not_yet()) "
            "WHERE area_id = %s AND upper_inf(valid)",
            area,
        )

    def check(self):
        self.run("SET CONSTRAINTS coverage_is_kept IMMEDIATE")

    def commit(self):
        """Number what was written, and commit."""
        self.check()
        self.run("SELECT pg_advisory_xact_lock(hashtext('gridwarden.publish'))")
        number = self.edition()
        moment = "(SELECT published_at FROM edition WHERE id = %s)"
        self.run(
            f"UPDATE area_version SET valid = tstzrange(lower(valid), {moment}) "
            "WHERE upper(valid) = not_yet() AND NOT upper_inf(valid)",
            number,
        )
        self.run(
            f"UPDATE area_version SET edition = %s, valid = tstzrange({moment}, NULL) WHERE edition = 0", number, number
        )
        self.run("UPDATE edition_now SET edition = %s", number)
        self.connection.commit()

    def publish(self, *versions, **options):
        for version in versions:
            self.provisional(*version, **options)
        self.commit()


class Town:
    """The drawn town in a database of its own."""

    def __init__(self, url, owner):
        self.url, self.owner, self.hands = url, owner, []
        hand = self.hand()
        self.town, self.west, self.east = hand.area("town"), hand.area("community"), hand.area("community")
        self.a, self.b, self.c = hand.area("grid"), hand.area("grid"), hand.area("grid")
        hand.publish(
            (self.town, TOWN),
            (self.west, WEST, self.town),
            (self.east, EAST, self.town),
            (self.a, A, self.west),
            (self.b, B, self.west),
            (self.c, C, self.east),
        )

    def hand(self, level="READ COMMITTED"):
        self.hands.append(Hand(self.url, level))
        return self.hands[-1]

    def overlaps(self):
        """Return all pairs of present areas of one level and kind that overlap by more than a cell."""
        with psycopg.connect(self.owner) as connection:
            rows = connection.execute(
                "SELECT ST_AsBinary(v.geom), a.level, v.kind, v.area_id FROM gridwarden.area_version v "
                "JOIN gridwarden.area a ON a.id = v.area_id WHERE upper_inf(v.valid)"
            ).fetchall()
        shapes = [(shapely.from_wkb(wkb), (level, kind), area) for wkb, level, kind, area in rows]
        return [
            (one[2], other[2])
            for row, one in enumerate(shapes)
            for other in shapes[:row]
            if one[1] == other[1] and shapely.area(shapely.intersection(one[0], other[0])) > CELL_DEG**2
        ]

    def accept(self, kind, ids, shape, until=None):
        """Accept a finding by hand."""
        with psycopg.connect(self.url, options="-c search_path=gridwarden,public") as connection:
            connection.execute(
                "INSERT INTO accepted_finding (finding_id, kind, codes, geom, area_m2, reason, accepted_by, "
                "accepted_at, until, edition, area_ids) VALUES ('x', %s, '{}', ST_GeomFromWKB(%s, 4490), 1, 'why', "
                "'someone', now(), %s, 1, %s)",
                [kind, shapely.to_wkb(shape), until, sorted(ids)],
            )


@pytest.fixture
def town(cluster, clone):
    with clone() as name:
        town = Town(cluster.url("app", name), cluster.url("owner", name))
        yield town
        for hand in town.hands:
            hand.connection.close()


@contextmanager
def refused(word):
    with pytest.raises(REFUSED) as caught:
        yield
    assert word in str(caught.value).splitlines()[0]


class TestAlone:
    def test_land_may_pass_from_one_to_the_other(self, town):
        town.hand().publish((town.a, box(0, 0, 3, 2), town.west), (town.b, box(3, 0, 4, 2), town.west))
        assert town.overlaps() == []

    def test_a_sibling_is_not_overlapped(self, town):
        with refused("overlap"):
            town.hand().publish((town.a, box(0, 0, 3, 2), town.west))

    def test_the_refusal_names_both_and_the_place(self, town):
        with pytest.raises(REFUSED) as caught:
            town.hand().publish((town.a, box(0, 0, 3, 2), town.west))
        assert f"(a{town.a} and a{town.b}) at 104.025" in str(caught.value)

    def test_nor_is_an_area_of_the_level_under_another_parent(self, town):
        with refused("beyond its parent"):
            town.hand().publish((town.b, box(2, 0, 5, 2), town.west))

    def test_a_new_area_cannot_lie_over_others(self, town):
        hand = town.hand()
        with refused("overlap"):
            hand.publish((hand.area("grid"), box(1, 0.5, 1.5, 1), town.west))

    def test_nor_the_same_boundary_twice(self, town):
        hand = town.hand()
        with refused("overlap"):
            hand.publish((hand.area("grid"), A, town.west))

    def test_a_parent_cannot_strand_its_children(self, town):
        with refused("beyond its parent"):
            town.hand().publish((town.east, box(4, 0, 5, 2), town.town))

    def test_another_parent_must_hold_the_area(self, town):
        with refused("beyond its parent"):
            town.hand().publish((town.a, A, town.east))

    def test_a_gap_is_not_for_the_database_to_refuse(self, town):
        town.hand().publish((town.a, box(0, 0, 1, 2), town.west))

    def test_a_name_may_change_whatever_the_boundary(self, town):
        town.hand().publish((town.a, A, town.west, "another"))

    def test_an_overlap_of_one_cell_is_rounding(self, town):
        corner = [(LON, LAT), (LON + 0.02, LAT), (LON + 0.02 + 1e-7, LAT + 1e-7), (LON + 0.02, LAT + 2e-7)]
        shape = shapely.Polygon([*corner, (LON + 0.02, LAT + 0.02), (LON, LAT + 0.02)])
        town.hand().publish((town.a, shape, town.west))

    @pytest.mark.parametrize("level", LEVELS)
    def test_constraints_made_immediate_are_no_way_around(self, town, level):
        hand = town.hand(level)
        hand.check()
        with refused("overlap"):
            hand.provisional(hand.area("grid"), box(1, 0, 2, 2), town.west)

    def test_what_is_written_after_a_check_is_checked_too(self, town):
        hand = town.hand()
        hand.provisional(town.a, A, town.west, "renamed")
        hand.check()
        with refused("overlap"):
            hand.provisional(hand.area("grid"), box(1, 0, 2, 2), town.west)

    def test_ended_areas_are_in_nobodys_way(self, town):
        hand = town.hand()
        hand.close(town.a)
        hand.publish((hand.area("grid"), A, town.west))
        assert town.overlaps() == []


class TestSpecialGrids:
    def test_they_lie_over_general_ones(self, town):
        hand = town.hand()
        hand.publish((hand.area("grid"), box(1, 0, 3, 1), town.west), kind="special")

    def test_but_not_over_each_other(self, town):
        hand = town.hand()
        hand.publish((hand.area("grid"), box(1, 0, 3, 1), town.west), kind="special")
        with refused("overlap"):
            hand.publish((hand.area("grid"), box(2, 0, 5, 1), town.town), kind="special")

    def test_nor_beyond_their_parents(self, town):
        hand = town.hand()
        with refused("beyond its parent"):
            hand.publish((hand.area("grid"), box(3, 0, 5, 1), town.west), kind="special")

    def test_but_for_a_square_metre_of_digitising(self, town):
        hand = town.hand()
        hand.publish((hand.area("grid"), box(3, 0, 4.00001, 0.05), town.west), kind="special")


class TestMereNodes:
    def noded(self, town):
        """Return A and B with a node on their common border, half a cell off the straight line."""
        node = (LON + 0.02 + 1e-7, LAT + 0.01)
        west = shapely.Polygon([(LON, LAT), (LON + 0.02, LAT), node, (LON + 0.02, LAT + 0.02), (LON, LAT + 0.02)])
        east = shapely.Polygon(
            [(LON + 0.02, LAT), (LON + 0.04, LAT), (LON + 0.04, LAT + 0.02), (LON + 0.02, LAT + 0.02), node]
        )
        return (town.a, west, town.west), (town.b, east, town.west)

    def test_both_sides_get_them_and_no_parent_is_locked(self, town):
        hand, other = town.hand(), town.hand()
        for version in self.noded(town):
            hand.provisional(*version, noded=True)
        hand.check()
        other.run("SET lock_timeout = '2s'")
        other.publish((town.west, WEST, town.town, "renamed"))
        hand.commit()
        assert town.overlaps() == []

    def test_one_side_alone_is_an_overlap(self, town):
        with refused("overlap"):
            town.hand().publish(self.noded(town)[0], noded=True)

    def test_a_redrawn_area_is_not_said_to_be_noded(self, town):
        hand = town.hand()
        with pytest.raises(psycopg.errors.CheckViolation, match="nodes only"):
            hand.publish((town.a, box(0, 0, 1, 2), town.west), noded=True)


class TestExceptions:
    def test_an_accepted_overlap_is_stored(self, town):
        town.accept("overlap", [town.a, town.b], box(2, 0, 3, 2))
        town.hand().publish((town.a, box(0, 0, 3, 2), town.west))
        assert town.overlaps() == [(town.a, town.b)]

    @pytest.mark.parametrize(
        "accepted",
        [
            ("overlap", ("a", "b"), box(2, 0, 3, 1.99), None),
            ("overlap", ("a", "c"), box(2, 0, 3, 2), None),
            ("gap", ("a", "b"), box(2, 0, 3, 2), None),
            ("overlap", ("a", "b"), box(2, 0, 3, 2), "2020-01-01"),
        ],
        ids=["smaller", "of others", "of another kind", "expired"],
    )
    def test_but_not_by_an_exception_that_does_not_hold_it(self, town, accepted):
        kind, names, shape, until = accepted
        town.accept(kind, [getattr(town, name) for name in names], shape, until)
        with refused("overlap"):
            town.hand().publish((town.a, box(0, 0, 3, 2), town.west))

    def test_what_stands_may_stay_and_shrink_when_its_exception_is_over(self, town):
        town.accept("overlap", [town.a, town.b], box(2, 0, 3, 2))
        town.hand().publish((town.a, box(0, 0, 3, 2), town.west))
        with psycopg.connect(town.owner) as owner:
            owner.execute("UPDATE gridwarden.accepted_finding SET until = '2020-01-01'")
        town.hand().publish((town.a, box(0, 0, 2.5, 2), town.west))
        with refused("overlap"):
            town.hand().publish((town.a, box(0, 0, 2.6, 2), town.west))

    def test_an_accepted_piece_beyond_the_parent_is_stored(self, town):
        town.accept("outside_parent", [town.a, town.west], box(-1, 0, 0, 2))
        town.hand().publish((town.a, box(-1, 0, 2, 2), town.west))
        with refused("beyond its parent"):
            town.hand().publish((town.a, box(-1, 0, 2, 2.5), town.west))


class TestRacing:
    """Two sessions write what each may write alone, and overlap together."""

    @pytest.mark.parametrize("level", LEVELS)
    def test_two_new_areas_on_the_same_free_land(self, town, level):
        town.hand().publish((town.a, box(0, 0, 1, 2), town.west))
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(first.area("grid"), box(1, 0, 1.6, 2), town.west)),
            (second, lambda: second.provisional(second.area("grid"), box(1.4, 0, 2, 2), town.west)),
        )
        assert town.overlaps() == []

    @pytest.mark.parametrize("level", LEVELS)
    def test_two_neighbours_growing_into_the_same_free_land(self, town, level):
        town.hand().publish((town.a, box(0, 0, 1, 2), town.west))
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(town.a, box(0, 0, 1.6, 2), town.west)),
            (second, lambda: second.provisional(town.b, box(1.4, 0, 4, 2), town.west)),
        )
        assert town.overlaps() == []

    @pytest.mark.parametrize("level", LEVELS)
    def test_a_child_that_grows_while_its_parent_shrinks(self, town, level):
        town.hand().publish((town.a, box(0, 0, 1, 2), town.west), (town.b, box(1, 0, 2, 2), town.west))
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(town.b, B.union(box(1, 0, 2, 2)), town.west)),
            (second, lambda: second.provisional(town.west, box(0, 0, 2, 2), town.town)),
        )
        with psycopg.connect(town.owner) as connection:
            beyond = connection.execute(
                "SELECT ST_Area(ST_Difference(v.geom, p.geom)) FROM gridwarden.area_version v "
                "JOIN gridwarden.area_version p ON p.area_id = v.parent_id AND upper_inf(p.valid) "
                "WHERE upper_inf(v.valid)"
            ).fetchall()
        assert max(beyond) == (0.0,)

    @pytest.mark.parametrize("level", LEVELS)
    def test_two_roots_on_the_same_land(self, town, level):
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(first.area("town"), box(6, 0, 8, 2))),
            (second, lambda: second.provisional(second.area("town"), box(7, 0, 9, 2))),
        )
        assert town.overlaps() == []

    @pytest.mark.parametrize("level", LEVELS)
    def test_two_special_grids_in_different_communities(self, town, level):
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(first.area("grid"), box(1, 0, 3, 1), town.west, kind="special")),
            (second, lambda: second.provisional(second.area("grid"), box(2, 0, 5, 1), town.town, kind="special")),
        )
        assert town.overlaps() == []

    @pytest.mark.parametrize("level", LEVELS)
    def test_one_beyond_its_parent_by_an_exception_and_one_under_the_other_parent(self, town, level):
        town.hand().publish((town.c, box(5, 0, 6, 2), town.east))
        town.accept("outside_parent", [town.b, town.west], box(4, 0, 5, 2))
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(town.b, box(2, 0, 4.6, 2), town.west)),
            (second, lambda: second.provisional(town.c, box(4.4, 0, 6, 2), town.east)),
        )
        assert town.overlaps() == []

    @pytest.mark.parametrize("level", LEVELS)
    def test_a_child_of_the_town_and_a_child_of_a_community(self, town, level):
        town.hand().publish((town.c, box(5, 0, 6, 2), town.east))
        first, second = town.hand(level), town.hand(level)
        race(
            (first, lambda: first.provisional(first.area("grid"), box(4, 0, 4.6, 2), town.town)),
            (second, lambda: second.provisional(town.c, box(4.4, 0, 6, 2), town.east)),
        )
        assert town.overlaps() == []

    def test_different_communities_do_not_wait_for_each_other(self, town):
        first, second = town.hand(), town.hand()
        second.run("SET lock_timeout = '2s'")
        first.provisional(town.a, box(0, 0, 1, 2), town.west)
        first.check()
        second.publish((town.c, box(5, 0, 6, 2), town.east))
        first.commit()
        assert town.hand().run("SELECT edition FROM edition_now").fetchone() == (3,)


def race(*sides):
    """Let two sessions begin, write, and then commit at the same time; exactly one of them is stored."""
    outcomes = []
    barrier = threading.Barrier(len(sides))

    def run(hand, write):
        # the snapshot of the stricter levels is taken here, before the other one commits
        hand.run("SELECT edition FROM edition_now")
        barrier.wait()
        try:
            write()
            barrier.wait()
            hand.commit()
            outcomes.append("stored")
        except (REFUSED, *LOST) as failure:
            outcomes.append(type(failure).__name__)
        finally:
            hand.connection.close()

    threads = [threading.Thread(target=run, args=side) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("stored") == 1, outcomes
