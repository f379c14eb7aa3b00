"""The files of the index: each publication adds what it changed, and whoever reads them answers as from scratch."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from api.desk import Desk
from api.planning import add_operations, approve_plan, begin_plan, submit_plan
from api.settings import Settings
from geo.lattice import snap
from geo.levels import DEFAULT
from geo.store.areas import load_areas
from geo.store.connect import connect, open_engine, reading
from geo.store.editions import present
from geo.store.index_file import open_index
from geo.store.locating import masked_view
from geo.store.plan_publishing import publish_plan
from geo.store.plans import Acting, NewPlan
from geo.store.publish import Signature, publication
from geo.store.shared_index import SharedIndex
from geo.store.snapshot import build_snapshot
from geo.store.teams import Member, Team, write_teams


@pytest.fixture
def url(cluster, clone, city_template):
    with clone(city_template) as name:
        yield cluster.url("app", name)


@pytest.fixture
def connection(url):
    with connect(url) as opened:
        yield opened


@pytest.fixture
def shared(tmp_path):
    return SharedIndex(tmp_path, masked_view, "masked", DEFAULT)


def taken_in(shared, url, older=None):
    engine = open_engine(url, pool_size=1)
    try:
        with reading(engine) as connection:
            return shared.present(connection, older)
    finally:
        engine.dispose()


def scratch(url):
    engine = open_engine(url, pool_size=1)
    try:
        with reading(engine) as connection:
            return build_snapshot(connection, masked_view, DEFAULT)
    finally:
        engine.dispose()


def grids(connection):
    """Return the general grids without microgrids."""
    with connection.begin():
        at = present(connection).at
        found = load_areas(connection, at, levels=["grid"], kind="general")
        divided = load_areas(connection, at, levels=["microgrid"]).parent_ids
    return found.take(~np.isin(found.ids, divided))


def carry_out(connection, url, *operations):
    """Publish a plan of some adjustments."""
    desk = Desk(connection, Settings(home=".", database_url=url), Acting("test"))
    plan, _ = begin_plan(desk, NewPlan("调整"))
    drafted = add_operations(desk, plan.id, list(operations))
    assert not drafted.worked.stopping()
    submit_plan(desk, plan.id)
    approve_plan(replace(desk, acting=Acting("another")), plan.id)
    return publish_plan(connection, plan.id, desk.acting, DEFAULT).edition


def publish_team(connection, area_id, name):
    with publication(connection, Signature("teams", name, "test")) as opened:
        write_teams(connection, opened, {area_id: Team(name, (Member("甲", "grid_worker", None, None),))})
    return opened.edition


def split_of(areas, row):
    """Return the operation that splits a grid along a meridian."""
    west, south, east, north = shapely.bounds(areas.geoms[row]).tolist()
    middle = (west + east) / 2
    line = {"type": "LineString", "coordinates": [[middle, south - 1e-4], [middle, north + 1e-4]]}
    return {"op": "split", "code": str(areas.codes[row]), "line": line}


def neighbours(areas):
    """Return two grids of one community that share a border."""
    for one in range(len(areas)):
        for other in np.flatnonzero(areas.parent_ids == areas.parent_ids[one]):
            if other != one and shapely.intersection(areas.geoms[one], areas.geoms[other]).length > 1e-4:
                return one, int(other)
    raise AssertionError("every grid has a neighbour")


def assert_as_from_scratch(mine, url):
    whole = scratch(url)
    assert mine.edition == whole.edition
    boxes = whole.city.shapes.boxes[whole.city.shapes.lowest]
    dice = np.random.default_rng(5)
    some = boxes[dice.integers(0, len(boxes), 300)]
    points = snap(some[:, :2] + dice.random((300, 2)) * (some[:, 2:] - some[:, :2]))
    for point in map(tuple, points.tolist()):
        assert mine.city.answer(point, 5.0, 500.0).document() == whole.city.answer(point, 5.0, 500.0).document()


def test_publications_add_what_they_changed_and_every_process_answers_alike(connection, url, shared, tmp_path):
    first = taken_in(shared, url)
    assert not first.patch
    areas = grids(connection)
    one, other = neighbours(areas)
    newest = first
    for publish in (
        lambda: carry_out(connection, url, split_of(areas, one)),
        lambda: publish_team(connection, int(areas.ids[other]), "新队"),
        lambda: carry_out(connection, url, {"op": "rename", "code": str(areas.codes[other]), "name": "改了名"}),
    ):
        publish()
        newest = taken_in(shared, url, newest)
        assert newest.patch and newest.whole is first.whole
        assert_as_from_scratch(newest, url)
    assert "whole" in open_index(tmp_path / newest.name).facts
    # what the first edition said stands where it stood
    np.testing.assert_array_equal(first.city.index.layers[1].cells.top, first.whole.arrays["index/1.top"])
    # another process, which has nothing yet
    again = taken_in(SharedIndex(tmp_path, masked_view, "masked", DEFAULT), url)
    assert again.patch and again.whole is not first.whole
    assert_as_from_scratch(again, url)


def test_grids_that_are_merged_are_one(connection, url, shared):
    first = taken_in(shared, url)
    areas = grids(connection)
    one, other = neighbours(areas)
    codes = [str(areas.codes[one]), str(areas.codes[other])]
    carry_out(connection, url, {"op": "merge", "codes": codes, "into": codes[0]})
    merged = taken_in(shared, url, first)
    assert merged.patch
    assert_as_from_scratch(merged, url)
    inside = tuple(snap(shapely.get_coordinates(shapely.point_on_surface(areas.geoms[other])))[0].tolist())
    assert merged.city.answer(inside, 0.0, 0.0).grid.code == codes[0]


def test_many_changes_get_a_file_of_their_own_and_others_take_it(connection, url, shared, tmp_path, monkeypatch):
    first = taken_in(shared, url)
    areas = grids(connection)
    carry_out(connection, url, split_of(areas, 0))
    newer = taken_in(shared, url, first)
    assert not newer.is_worn
    assert shared.tidied(newer) is None
    monkeypatch.setattr("geo.store.shared_index.LEAST_WORN_BYTES", 0)
    monkeypatch.setattr("geo.store.shared_index.WORN", 1 << 40)
    assert newer.is_worn
    shared.rewrite(newer)
    whole = shared.tidied(newer)
    assert not whole.patch and not whole.is_worn
    assert_as_from_scratch(whole, url)
    publish_team(connection, int(areas.ids[0]), "再来")
    newest = taken_in(shared, url, whole)
    assert newest.patch and newest.whole is whole.whole
    assert_as_from_scratch(newest, url)
    # who missed that file still reads the changes made of it
    late = taken_in(SharedIndex(tmp_path, masked_view, "masked", DEFAULT), url, newer)
    assert late.whole.facts["made"] == whole.whole.facts["made"]
    assert_as_from_scratch(late, url)


def test_changes_that_find_no_room_are_written_whole(connection, url, shared, monkeypatch):
    monkeypatch.setattr("geo.store.index_file._LEAST_ROOM_BYTES", 8)
    monkeypatch.setattr("geo.store.index_file._ROOM_SHARE", 1 << 40)
    first = taken_in(shared, url)
    carry_out(connection, url, split_of(grids(connection), 0))
    newer = taken_in(shared, url, first)
    assert not newer.patch
    assert_as_from_scratch(newer, url)


@pytest.mark.parametrize("lost", ["the changes", "what was changed"])
def test_files_that_are_damaged_are_made_anew(connection, url, shared, lost):
    first = taken_in(shared, url)
    publish_team(connection, int(grids(connection).ids[0]), "新队")
    newer = taken_in(shared, url, first)
    file = shared.folder / {"the changes": newer.name, "what was changed": newer.whole.path.name}[lost]
    file.write_bytes(file.read_bytes()[:1000])
    again = taken_in(shared, url)
    assert not again.patch
    assert_as_from_scratch(again, url)


def test_older_files_go_but_never_the_one_that_changes_are_of(connection, url, shared):
    newest = first = taken_in(shared, url)
    area_id = int(grids(connection).ids[0])
    for number in range(4):
        publish_team(connection, area_id, f"第{number}队")
        newest = taken_in(shared, url, newest)
    left = {path.name for path in shared.folder.glob("*.index")}
    assert {newest.name, first.name} <= left and len(left) == 3
