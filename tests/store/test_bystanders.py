"""Who and what lies in areas that change, read from the invented city and held against its own counts."""

import numpy as np
import pytest
import shapely

from geo.impact import impact
from geo.measure import area_m2
from geo.store.areas import load_areas
from geo.store.bystanders import load_bystanders
from geo.store.connect import connect
from geo.store.counts import people_of
from geo.store.editions import present
from geo.store.facilities import load_facilities
from geo.stored import StoredAreas


@pytest.fixture(scope="module")
def connection(city_url):
    with connect(city_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def now(connection):
    return present(connection).at


@pytest.fixture(scope="module")
def community(connection, now) -> StoredAreas:
    """The grids of one community."""
    (parent,) = load_areas(connection, now, codes=["519801001001"]).ids.tolist()
    return load_areas(connection, now, parents=[parent], kind="general")


def merged(grids: StoredAreas) -> StoredAreas:
    """Return the grids with the first two made one, under the first one's id."""
    geoms = grids.geoms.copy()
    geoms[0] = shapely.MultiPolygon(shapely.get_parts([shapely.union_all(geoms[:2])]).tolist())
    return grids.with_geoms(geoms).take(np.delete(np.arange(len(grids)), 1))


def test_a_merger_hands_over_exactly_the_people_of_the_grid_that_ends(connection, now, community):
    people = people_of(connection, now, community.ids.tolist())
    into, ended = community.ids[:2].tolist()
    after = merged(community)
    found = impact(community, after, load_bystanders(connection, now, community, after))
    (pair,) = found.handovers
    assert (pair.from_code, pair.to_code) == (community.codes[1], community.codes[0])
    assert (pair.households, pair.residents) == (people[ended].households, people[ended].residents)
    assert pair.area_m2 == pytest.approx(float(area_m2(community.geoms[1:2])[0]), rel=1e-9)
    assert [(one.code, one.before, one.after) for one in found.sizes] == [
        (community.codes[0], people[into].households, people[into].households + people[ended].households),
        (community.codes[1], people[ended].households, None),
    ]
    assert [code for code, _ in found.teams_left] == [community.codes[1]]


def test_only_the_neighbourhood_is_read(connection, now, community):
    after = merged(community)
    found = load_bystanders(connection, now, community, after)
    west, south, east, north = shapely.total_bounds(community.geoms[:2])
    every = [one.facility for one in load_facilities(connection, now)]
    assert len(found.facilities) == sum(west <= one.lon <= east and south <= one.lat <= north for one in every)
    assert 0 < len(found.residences) < 2844
    assert set(found.teams) == set(community.ids.tolist())


def test_nothing_is_read_where_nothing_changes(connection, now, community):
    found = load_bystanders(connection, now, community, community)
    assert (len(found.residences), len(found.facilities)) == (0, 0)
    assert found.residences.lonlat.shape == found.facilities.lonlat.shape == (0, 2)
