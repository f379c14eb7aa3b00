"""Publishing plans: side by side where they do not meet, refused with a reason where they clash, never in half."""

import contextlib

import numpy as np
import psycopg
import pytest
import shapely
from shapely.geometry import mapping
from sqlalchemy import text

from geo.adjust import operation_of
from geo.errors import Conflict, NotFound
from geo.levels import DEFAULT
from geo.store import plan_publishing
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.drafting import work_out
from geo.store.editions import moment_of, present, present_edition
from geo.store.lineage import areas_with_code, lineage_in, lineage_of, versions_of
from geo.store.plan_locks import locks_of
from geo.store.plan_publishing import PlanDefects, publish_plan
from geo.store.plans import (
    Acting,
    NewDraft,
    NewPlan,
    add_draft,
    change_state,
    create_plan,
    list_events,
    one_plan,
    postpone,
)

ME, CHECKER = Acting("author"), Acting("checker")


class Desk:
    """Someone who drafts and publishes in a database of one's own."""

    def __init__(self, connection):
        self.connection = connection

    def areas(self, at=None, **wanted):
        with self.connection.begin():
            return load_areas(self.connection, at or present(self.connection).at, **wanted)

    def grids(self, community):
        """Return the general grids of the n-th community."""
        codes = self.areas(levels=["community"], shapes=False).ids[community]
        found = self.areas(parents=[int(codes)])
        return found.take(found.kinds == "general")

    def drafted(self, *records, title="a plan", approve=True):
        with self.connection.begin():
            now = present(self.connection)
            worked = work_out(self.connection, now.at, [operation_of(record) for record in records], DEFAULT)
            plan = create_plan(self.connection, NewPlan(title), ME)
            draft = NewDraft(records, now.edition, worked.versions_seen(), "0", {"codes": worked.new_codes()})
            add_draft(self.connection, plan, draft, ME)
            change_state(self.connection, one_plan(self.connection, plan.id), "submit", ME)
            if approve:
                change_state(self.connection, one_plan(self.connection, plan.id), "approve", CHECKER)
        return plan.id

    def publish(self, *records, **more):
        return publish_plan(self.connection, self.drafted(*records, **more), ME, DEFAULT)

    def events(self, plan):
        with self.connection.begin():
            return list_events(self.connection, one_plan(self.connection, plan))


@pytest.fixture
def desk(cluster, clone, city_template):
    with clone(city_template) as name, connect(cluster.url("app", name)) as connection:
        yield Desk(connection)


@pytest.fixture
def other(desk):
    """Open a second connection to the same database."""
    with connect(desk.connection.engine.url.render_as_string(hide_password=False)) as connection:
        yield Desk(connection)


def split_of(grids, row):
    west, south, east, north = shapely.bounds(grids.geoms[row])
    x = (west + east) / 2
    line = mapping(shapely.LineString([(x, south - 1e-4), (x + 1e-5, north + 1e-4)]))
    return {"op": "split", "code": grids.codes[row], "line": line}


def rename_of(grids, row, name):
    return {"op": "rename", "code": grids.codes[row], "name": name}


class TestOne:
    def test_it_is_there_from_its_moment_on_and_not_before(self, desk):
        grids = desk.grids(0)
        before = len(desk.areas())
        opened = desk.publish(split_of(grids, 2), title="分一个网格")
        assert len(desk.areas(opened.at)) == before + 1
        with desk.connection.begin():
            assert moment_of(desk.connection, opened.edition) == opened.at
            assert len(load_areas(desk.connection, moment_of(desk.connection, opened.edition - 1))) == before

    def test_it_leaves_lineage_with_shares_that_sum_to_one(self, desk):
        grids = desk.grids(0)
        opened = desk.publish(split_of(grids, 2))
        with desk.connection.begin():
            records = lineage_in(desk.connection, opened.edition)
            same = lineage_of(desk.connection, int(grids.ids[2]))
        assert [one.from_id for one in records] == [int(grids.ids[2])] * 2
        assert sum(one.share_of_from for one in records) == pytest.approx(1)
        assert same == records
        assert {one.to_code for one in records} - {grids.codes[2]} != set()

    def test_the_versions_of_an_area_follow_one_another(self, desk):
        grids = desk.grids(0)
        for name in ("第一", "第二"):
            desk.publish(rename_of(grids, 0, name), title=name)
        with desk.connection.begin():
            first, *later = versions_of(desk.connection, int(grids.ids[0]))
            assert areas_with_code(desk.connection, grids.codes[0]) == [int(grids.ids[0])]
        assert [(one.name, one.title) for one in later] == [("第一", "第一"), ("第二", "第二")]
        assert [one.valid_to for one in (first, *later)] == [*(one.valid_from for one in later), None]

    def test_a_revert_brings_back_what_was(self, desk):
        grids = desk.grids(0)
        opened = desk.publish({"op": "retire", "code": grids.codes[0], "heir": neighbour_of(grids, 0)})
        assert grids.codes[0] not in desk.areas().codes
        desk.publish({"op": "revert", "edition": opened.edition})
        now = desk.areas(ids=grids.ids.tolist())
        assert now.codes.tolist() == grids.codes.tolist()
        assert shapely.equals(now.geoms, grids.geoms).all()

    def test_a_gap_that_was_meant_is_accepted_in_the_same_publication(self, desk):
        grids = desk.grids(0)
        opened = desk.publish({"op": "retire", "code": grids.codes[0], "accept_gap": True})
        with desk.connection.begin():
            rows = desk.connection.execute(
                text("SELECT kind, cardinality(area_ids), accepted_by FROM accepted_finding WHERE edition = :edition"),
                {"edition": opened.edition},
            ).all()
        assert rows == [("gap", 1, "checker")]


def neighbour_of(grids, row):
    lengths = shapely.length(shapely.intersection(grids.geoms, grids.geoms[row]))
    lengths[row] = 0
    return grids.codes[int(np.argmax(lengths))]


class TestRefused:
    def test_what_another_publication_changed_names_it_and_the_place(self, desk):
        grids = desk.grids(0)
        late = desk.drafted(split_of(grids, 2))
        first = desk.drafted(rename_of(grids, 2, "别名"), title="先到的方案")
        opened = publish_plan(desk.connection, first, ME, DEFAULT)
        with pytest.raises(Conflict) as caught:
            publish_plan(desk.connection, late, ME, DEFAULT)
        assert caught.value.kind == "plan-clash"
        assert caught.value.facts["title"] == "先到的方案"
        assert (caught.value.facts["other"], caught.value.facts["edition"]) == (first, opened.edition)
        assert shapely.Point(caught.value.place["lon"], caught.value.place["lat"]).within(grids.geoms[2])
        last = desk.events(late)[-1]
        assert (last.event, last.details["kind"], last.details["place"]["code"]) == (
            "refused",
            "plan-clash",
            grids.codes[2],
        )

    def test_an_area_that_ended_meanwhile_is_a_clash_too(self, desk):
        grids = desk.grids(0)
        late = desk.drafted(rename_of(grids, 0, "别名"))
        desk.publish({"op": "retire", "code": grids.codes[0], "heir": neighbour_of(grids, 0)})
        with pytest.raises(Conflict) as caught:
            publish_plan(desk.connection, late, ME, DEFAULT)
        assert (caught.value.kind, caught.value.place["code"]) == ("plan-clash", grids.codes[0])

    def test_mere_nodes_are_no_clash(self, desk):
        grids = desk.grids(0)
        neighbour = grids.codes.tolist().index(neighbour_of(grids, 2))
        late = desk.drafted(rename_of(grids, neighbour, "别名"))
        opened = desk.publish(split_of(grids, 2))
        with desk.connection.begin():
            noded = desk.connection.scalars(
                text("SELECT area_id FROM area_version WHERE edition = :edition AND noded"), {"edition": opened.edition}
            ).all()
        assert noded
        publish_plan(desk.connection, late, ME, DEFAULT)

    def test_the_code_that_was_approved_and_is_taken_meanwhile(self, desk):
        grids = desk.grids(0)
        late = desk.drafted(split_of(grids, 2))
        desk.publish(split_of(grids, 3))
        with pytest.raises(Conflict) as caught:
            publish_plan(desk.connection, late, ME, DEFAULT)
        assert caught.value.kind == "plan-codes-moved"

    def test_what_is_not_approved_or_published_already(self, desk):
        grids = desk.grids(0)
        submitted = desk.drafted(rename_of(grids, 0, "别名"), approve=False)
        done = desk.drafted(rename_of(grids, 1, "别名"))
        publish_plan(desk.connection, done, ME, DEFAULT)
        for plan in (submitted, done):
            with pytest.raises(Conflict) as caught:
                publish_plan(desk.connection, plan, ME, DEFAULT)
            assert caught.value.kind == "plan-wrong-state"

    def test_a_plan_that_nobody_made(self, desk):
        with pytest.raises(NotFound, match="4711"):
            publish_plan(desk.connection, 4711, ME, DEFAULT)

    def test_a_plan_before_its_moment(self, desk):
        plan = desk.drafted(rename_of(desk.grids(0), 0, "别名"))
        with desk.connection.begin():
            now = present(desk.connection).at
            postpone(desk.connection, one_plan(desk.connection, plan), now.replace(year=now.year + 1), ME)
        with pytest.raises(Conflict) as caught:
            publish_plan(desk.connection, plan, ME, DEFAULT)
        assert caught.value.kind == "plan-too-early"
        publish_plan(desk.connection, plan, ME, DEFAULT, now=now.replace(year=now.year + 2))

    def test_defects_that_the_plan_would_make(self, desk):
        grids = desk.grids(0)
        half = shapely.intersection(grids.geoms[0], shapely.box(*shapely.bounds(grids.geoms[0])[:2], 180, 90))
        west, south, east, north = shapely.bounds(half)
        half = shapely.intersection(half, shapely.box(west, south, (west + east) / 2, north))
        plan = desk.drafted({"op": "redraw", "code": grids.codes[0], "geometry": mapping(half), "neighbours": "keep"})
        with pytest.raises(PlanDefects) as caught:
            publish_plan(desk.connection, plan, ME, DEFAULT)
        assert {one.kind for one in caught.value.findings} == {"gap"}
        assert {"code", "lon", "lat"} <= caught.value.place.keys()
        assert desk.events(plan)[-1].details["kind"] == "plan-defects"

    def test_nothing_of_a_refused_plan_is_left(self, desk, monkeypatch):
        plan = desk.drafted(split_of(desk.grids(0), 2))
        counts = (
            "SELECT (SELECT count(*) FROM area), (SELECT count(*) FROM area_version), (SELECT max(id) FROM edition)"
        )

        def counted():
            with desk.connection.begin():
                return desk.connection.execute(text(counts)).all()

        def broken(*_, **__):
            raise Conflict("plan-busy", plan=plan, attempts=0)

        before = counted()
        monkeypatch.setattr(plan_publishing, "write_lineage", broken)
        with pytest.raises(Conflict):
            publish_plan(desk.connection, plan, ME, DEFAULT)
        assert counted() == before


class TestSideBySide:
    def test_while_one_is_held_open_another_community_is_published_within_a_second(self, desk, other, monkeypatch):
        held, free = desk.drafted(split_of(desk.grids(0), 2)), desk.drafted(split_of(desk.grids(9), 2))
        sealed, editions = plan_publishing.seal, []

        def hold(connection, signature):
            if not editions:
                editions.append(0)
                # written and checked, not numbered: here the first one stands still
                with other.connection.begin():
                    other.connection.execute(text("SET lock_timeout = '1s'"))
                editions[0] = publish_plan(other.connection, free, ME, DEFAULT).edition
            return sealed(connection, signature)

        monkeypatch.setattr(plan_publishing, "seal", hold)
        last = publish_plan(desk.connection, held, ME, DEFAULT)
        assert last.edition == editions[0] + 1
        with desk.connection.begin():
            assert moment_of(desk.connection, editions[0]) < last.at
            assert present_edition(desk.connection) == last.edition

    def test_the_same_community_waits(self, desk, other, monkeypatch):
        grids = desk.grids(0)
        held, waiting = desk.drafted(split_of(grids, 2)), desk.drafted(rename_of(grids, 5, "别名"))
        sealed, said = plan_publishing.seal, []

        def hold(connection, signature):
            if not said:
                said.append("")
                with other.connection.begin():
                    other.connection.execute(text("SET lock_timeout = '200ms'"))
                with contextlib.suppress(Exception):
                    publish_plan(other.connection, waiting, ME, DEFAULT)
                    said[0] = "published"
            return sealed(connection, signature)

        monkeypatch.setattr(plan_publishing, "seal", hold)
        publish_plan(desk.connection, held, ME, DEFAULT)
        assert said == [""]
        publish_plan(desk.connection, waiting, ME, DEFAULT)

    def test_whoever_loses_tries_again(self, desk, monkeypatch):
        plan = desk.drafted(rename_of(desk.grids(0), 0, "别名"))
        checked, attempts = plan_publishing.check_coverage, []

        def lose(connection):
            attempts.append(1)
            if len(attempts) < 3:
                state = "40P01" if len(attempts) == 1 else "40001"
                # bound as a literal: DO takes no parameters
                connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '{state}'; END $$")
            checked(connection)

        monkeypatch.setattr(plan_publishing, "check_coverage", lose)
        publish_plan(desk.connection, plan, ME, DEFAULT)
        assert len(attempts) == 3

    def test_whoever_always_loses_is_told(self, desk, monkeypatch):
        plan = desk.drafted(rename_of(desk.grids(0), 0, "别名"))

        def lose(connection):
            connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$")

        monkeypatch.setattr(plan_publishing, "check_coverage", lose)
        with pytest.raises(Conflict) as caught:
            publish_plan(desk.connection, plan, ME, DEFAULT, attempts=2)
        assert caught.value.kind == "plan-busy"


@pytest.fixture
def locked(desk, monkeypatch):
    """Return a way to publish that tells which rows were locked at once, and which in all."""
    url = desk.connection.engine.url.set(drivername="postgresql", username="gridwarden_owner")

    def turns():
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return dict(connection.execute("SELECT id, turn FROM gridwarden.coverage_lock").fetchall())

    def publish(*records):
        at_once = []
        monkeypatch.setattr(plan_publishing, "locks_of", lambda *given: at_once.append(locks_of(*given)) or at_once[-1])
        before = turns()
        desk.publish(*records)
        return set(at_once[-1]), {row for row, turn in turns().items() if turn != before.get(row)}

    return publish


class TestLocks:
    """They are taken at once and in their order: whoever took more of them later could wait in a circle."""

    def test_a_split_anywhere_needs_none_later(self, desk, locked):
        outline, of_the_city = shapely.boundary(desk.areas(levels=["city"]).geoms[0]), set()
        for community in range(0, 18, 3):
            grids = desk.grids(community)
            row = int(np.argmax(shapely.intersects(grids.geoms, outline)))
            at_once, in_all = locked(split_of(grids, row))
            assert in_all == at_once
            of_the_city.add(1 in at_once)
        assert of_the_city == {True, False}

    def test_nor_does_a_gap_that_is_accepted_nor_what_is_done_beside_it(self, desk, locked):
        grids = desk.grids(0)
        for records in (
            [{"op": "retire", "code": grids.codes[0], "heir": neighbour_of(grids, 0)}],
            [{"op": "retire", "code": grids.codes[3], "accept_gap": True}],
            [split_of(grids, 2)],
        ):
            at_once, in_all = locked(*records)
            assert in_all <= at_once

    def test_nor_do_special_grids(self, desk, locked):
        grid = desk.grids(4)
        x, y = grid.geoms[1].representative_point().coords[0]
        place = mapping(shapely.intersection(shapely.box(x, y, x + 2e-4, y + 2e-4), grid.geoms[1]))
        made = {"op": "create", "level": "grid", "kind": "special", "category": "market", "name": "新市场"}
        at_once, in_all = locked({**made, "geometry": place, "parent": desk.areas(levels=["community"]).codes[4]})
        assert in_all <= at_once
        assert min(at_once) < 0
