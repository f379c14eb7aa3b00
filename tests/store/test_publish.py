"""Publishing: one transaction, or nothing; the edition last; two at once never both."""

import threading
from datetime import timedelta

import numpy as np
import psycopg
import pytest
import shapely
from sqlalchemy import text

from geo.areas import texts
from geo.errors import Conflict
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.publish import NewVersions, Signature, close_areas, open_versions, publication
from geo.stored import StoredAreas

SIGNATURE = Signature("boundaries", "first", "tests")


@pytest.fixture
def url(cluster, clone):
    with clone() as name:
        yield cluster.url("app", name)


def versions(*rows):
    """Return versions from rows of id, level, code, parent's id and boundary."""
    ids, levels, codes, parents, shapes = zip(*rows, strict=True)
    geoms = np.array(shapes, dtype=object)
    nothing, no = np.full(len(rows), None, dtype=object), np.zeros(len(rows), dtype=bool)
    areas = StoredAreas(
        ids=np.array(ids),
        levels=texts(levels),
        codes=texts(codes),
        local_codes=nothing,
        names=texts(codes),
        kinds=texts(["general"] * len(rows)),
        categories=nothing,
        parent_ids=np.array(parents),
        not_subdivided=no,
        fully_divided=no,
        digests=nothing,
        geoms=geoms,
    )
    return NewVersions(areas, np.ones(len(rows)), no)


TOWN = (-1, "town", "511402001", 0, shapely.box(104, 30, 104.01, 30.01))
PARTS = shapely.multipolygons([shapely.box(104, 30, 104.005, 30.01), shapely.box(104.006, 30, 104.01, 30.01)])
GRID = (-2, "grid", "511402001001001", -1, PARTS)


def publish(url, *rows):
    with connect(url) as connection, publication(connection, SIGNATURE) as opened:
        open_versions(connection, opened, versions(*rows))
    return opened


def stored(url):
    with connect(url) as connection:
        return load_areas(connection, present(connection).at)


def test_new_areas_may_be_children_of_new_areas_in_any_order(url):
    publish(url, GRID, TOWN)
    areas = stored(url)
    assert areas.codes.tolist() == ["511402001", "511402001001001"]
    assert areas.parent_ids.tolist() == [0, areas.ids[0]]


def test_boundaries_come_back_to_the_last_bit_as_multipolygons(url):
    publish(url, TOWN, GRID)
    areas = stored(url)
    assert [shape.geom_type for shape in areas.geoms] == ["MultiPolygon", "MultiPolygon"]
    assert shapely.equals_identical(areas.geoms[1], PARTS)
    assert shapely.equals_identical(shapely.get_geometry(areas.geoms[0], 0), TOWN[-1])


def test_a_version_ends_when_the_next_begins_and_nothing_is_overwritten(url):
    first = publish(url, TOWN)
    area_id = int(stored(url).ids[0])
    second = publish(url, (area_id, "town", "511402001", 0, shapely.box(104, 30, 104.02, 30.01)))
    with connect(url) as connection:
        rows = connection.execute(
            text("SELECT edition, lower(valid), upper(valid) FROM area_version ORDER BY id")
        ).all()
        assert [tuple(row) for row in rows] == [(1, first.at, second.at), (2, second.at, None)]
        assert load_areas(connection, first.at).geoms[0].bounds[2] == 104.01
        assert load_areas(connection, second.at).geoms[0].bounds[2] == 104.02
        assert len(load_areas(connection, first.at - timedelta(microseconds=1))) == 0


def test_an_error_in_the_midst_leaves_nothing(url):
    with connect(url) as connection:
        with pytest.raises(RuntimeError), publication(connection, SIGNATURE) as opened:
            open_versions(connection, opened, versions(TOWN))
            raise RuntimeError
        assert (present(connection).edition, connection.scalar(text("SELECT count(*) FROM area"))) == (0, 0)


def test_an_area_that_ends_has_no_version_afterwards(url):
    publish(url, TOWN)
    with connect(url) as connection, publication(connection, SIGNATURE) as opened:
        close_areas(connection, opened, [1])
    assert len(stored(url)) == 0


def test_what_was_prepared_on_another_edition_is_refused(url):
    publish(url, TOWN)
    with (
        connect(url) as connection,
        pytest.raises(Conflict) as caught,
        publication(connection, SIGNATURE, expected=0),
    ):
        pass
    assert caught.value.kind == "edition-moved"


def test_of_two_that_race_one_is_published_and_the_other_is_told(url):
    start, outcomes = threading.Barrier(2), []

    def race(code):
        with connect(url) as connection:
            start.wait()
            try:
                with publication(connection, SIGNATURE, expected=0) as opened:
                    open_versions(connection, opened, versions((-1, "town", code, 0, TOWN[-1])))
                outcomes.append(code)
            except Conflict as refusal:
                outcomes.append(refusal.kind)

    racers = [threading.Thread(target=race, args=(code,)) for code in ("511402001", "511402002")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes)[1] == "edition-moved"
    assert stored(url).codes.tolist() == sorted(outcomes)[:1]


def test_a_clock_set_back_lets_no_version_end_before_it_began(url):
    publish(url, TOWN)
    with psycopg.connect(url, options="-c search_path=gridwarden,public") as connection:
        connection.execute(
            "INSERT INTO edition (id, published_at, kind, title, actor, approval) "
            "VALUES (99, now() + interval '1 hour', 'teams', 'from the future', 'tests', 'none')"
        )
        ahead = connection.execute("SELECT published_at FROM edition WHERE id = 99").fetchone()[0]
    assert publish(url, (1, "town", "511402001", 0, PARTS)).at == ahead + timedelta(microseconds=1)


def test_listeners_hear_the_edition_when_it_is_committed(url):
    with psycopg.connect(url, autocommit=True) as listener:
        listener.execute("LISTEN gridwarden_edition")
        publish(url, TOWN)
        assert [note.payload for note in listener.notifies(timeout=5, stop_after=1)] == ["1"]


def test_every_coordinate_of_the_sample_city_is_canonical_on_the_lattice(city_url):
    with psycopg.connect(city_url) as connection:
        rows = connection.execute(
            "SELECT ST_AsBinary(geom) FROM gridwarden.area_version UNION ALL "
            "SELECT ST_AsBinary(geom) FROM gridwarden.residence WHERE geom IS NOT NULL"
        ).fetchall()
    xy = shapely.get_coordinates(shapely.from_wkb([wkb for (wkb,) in rows]))
    assert len(xy) > 10_000
    assert (xy == np.rint(xy * 1e7) / 1e7).all()
