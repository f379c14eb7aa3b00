"""Circles of real towns, held to shortest paths of NetworkX over projected lines."""

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import networkx
import numpy as np
import osmium
import pyproj
import pytest
import shapely

from geo.circles import SEED, circles_of
from geo.streets import network_of
from importers.facility_osm import read_osm_facilities
from importers.limits import Limits
from importers.street_osm import read_osm_streets

DATA = Path(__file__).parents[3] / "shared" / "data" / "osm"
TOWNS = ("Helsinki", "heidelberg", "beijing-tsinghua-2017")
EVERY = 1 if os.environ.get("GRIDWARDEN_SOAK") else 20
FAR = 1e9

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.soak,
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="needs ../shared/data/osm"),
]


@dataclass
class Town:
    """A town as NetworkX sees it: metres of a transverse Mercator projection, and no code of ours but the network."""

    name: str

    def __post_init__(self):
        file = DATA / f"{self.name}.osm.pbf"
        self.network = network_of(read_osm_streets(file, Limits()).edges)
        found = read_osm_facilities(file, Limits())[1][::EVERY]
        self.facilities = np.array([(one.lon, one.lat) for one in found])
        middle = self.facilities.mean(axis=0)
        self._to_metres = pyproj.Transformer.from_crs(
            "EPSG:4326", f"+proj=tmerc +lon_0={middle[0]} +lat_0={middle[1]} +ellps=WGS84", always_xy=True
        )
        self.lines = self.metres(self.network.shapes())
        self.tree = shapely.STRtree(self.lines)
        self.long = shapely.length(self.lines)
        self.cost = self.long * np.where(self.network.steps, SEED.stairs_factor, 1.0)
        climb = SEED.slope_factor * self.long * np.where(self.network.steps, 0.0, self.network.inclines.clip(-0.5, 0.5))
        self.forward, self.backward = self.cost + climb.clip(0), self.cost + (-climb).clip(0)
        self.graph = networkx.MultiDiGraph()
        for edge, (a, b) in enumerate(zip(self.network.edge_from.tolist(), self.network.edge_to.tolist(), strict=True)):
            self.graph.add_edge(a, b, weight=self.forward[edge])
            self.graph.add_edge(b, a, weight=self.backward[edge])

    def metres(self, shapes):
        return shapely.transform(
            shapes, lambda xy: np.column_stack(self._to_metres.transform(xy[:, 0], xy[:, 1])), include_z=False
        )

    def degrees(self, points):
        xy = shapely.get_coordinates(points)
        return np.column_stack(self._to_metres.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))

    def along(self, barrier, count):
        """Return places on the streets beside a barrier."""
        within = shapely.clip_by_rect(barrier, *shapely.total_bounds(self.lines))
        spread = shapely.line_interpolate_point(
            shapely.linestrings(shapely.get_coordinates(within)), np.linspace(0.1, 0.9, count), normalized=True
        )
        edge, share, away_m = self.place_on(spread)
        on_street = shapely.line_interpolate_point(self.lines[edge], share, normalized=True)
        return on_street[away_m < 200]

    def place_on(self, points):
        """Return the nearest edge of points, the share of its length, and the distance in m."""
        (_, edge), away_m = self.tree.query_nearest(points, all_matches=False, return_distance=True)
        return edge, shapely.line_locate_point(self.lines[edge], points) / self.long[edge], away_m

    def walked_m(self, entrance, points):
        """Return how far it is from an entrance to each point: its street by NetworkX, then straight."""
        (edge,), (share,), _ = self.place_on(self.metres(np.array([shapely.Point(entrance)])))
        nodes = np.full(len(self.network.nodes), FAR)
        for node, begun in (
            (self.network.edge_from[edge], share * self.backward[edge]),
            (self.network.edge_to[edge], (1 - share) * self.forward[edge]),
        ):
            limit_m = SEED.tiers[-1].limit_m + SEED.depth_m
            reached = networkx.single_source_dijkstra_path_length(self.graph, int(node), cutoff=limit_m)
            for other, cost in reached.items():
                nodes[other] = min(nodes[other], begun + cost)
        to, place, away_m = self.place_on(points)
        walked = np.minimum(
            nodes[self.network.edge_from[to]] + place * self.forward[to],
            nodes[self.network.edge_to[to]] + (1 - place) * self.backward[to],
        )
        ahead = place - share
        direct = np.where(ahead >= 0, ahead * self.forward[to], -ahead * self.backward[to])
        walked = np.where(to == edge, np.minimum(walked, direct), walked)
        return np.where(away_m <= SEED.depth_m, walked + away_m, FAR)


@cache
def town(name):
    return Town(name)


@cache
def residences(name):
    """Return a point of every building and address, degrees."""
    places = []
    with_places = osmium.FileProcessor(str(DATA / f"{name}.osm.pbf")).with_locations()
    for one in with_places.with_filter(osmium.filter.KeyFilter("building", "addr:housenumber")):
        if one.is_node():
            places.append((one.location.lon, one.location.lat))
        elif one.is_way():
            corners = [(node.lon, node.lat) for node in one.nodes if node.location.valid()]
            if corners:
                places.append(tuple(np.mean(corners, axis=0)))
    return np.array(places)


@cache
def barriers(name, key, value):
    """Return the lines of a river or a railway, metres."""
    lines = []
    for one in osmium.FileProcessor(str(DATA / f"{name}.osm.pbf")).with_locations():
        if one.is_way() and one.tags.get(key) == value and "tunnel" not in one.tags:
            corners = [(node.lon, node.lat) for node in one.nodes if node.location.valid()]
            if len(corners) > 1:
                lines.append(shapely.LineString(corners))
    return shapely.union_all(town(name).metres(np.array(lines, dtype=object)))


@cache
def compared(name):
    """Return for every facility and tier: as the crow flies, walked by NetworkX, inside ours, and the limit."""
    place = town(name)
    lonlat = residences(name)
    points = place.metres(shapely.points(lonlat))
    made = circles_of(place.network, place.facilities, SEED)
    rows = []
    for row in np.flatnonzero(made.reasons == ""):
        begin = place.metres(np.array([shapely.Point(made.entrances[row])]))[0]
        crow_m, walked_m = shapely.distance(points, begin), place.walked_m(made.entrances[row], points)
        for tier, shape in zip(SEED.tiers, made.shapes[row], strict=True):
            inside = shapely.intersects_xy(shape, lonlat[:, 0], lonlat[:, 1])
            rows.append((begin, crow_m, walked_m, inside, tier.limit_m))
    return points, rows


@pytest.mark.parametrize("name", TOWNS)
def test_points_are_inside_where_their_way_is_within_the_limit_and_the_depth_and_nowhere_else(name):
    _, rows = compared(name)
    near, wrong = 0, 0
    for _, crow_m, walked_m, inside, limit_m in rows:
        # Points that no straight line reaches would only flatter the figure.
        candidate = crow_m <= limit_m + SEED.depth_m
        assert not inside[crow_m > limit_m + SEED.depth_m + 1].any()
        near += candidate.sum()
        wrong += (inside != (walked_m <= limit_m + SEED.depth_m))[candidate].sum()
    assert near > 50
    assert wrong <= 0.01 * near, f"{wrong} of {near}"


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("beijing-tsinghua-2017", "waterway", "river"),
        ("heidelberg", "railway", "rail"),
        ("beijing-tsinghua-2017", "railway", "rail"),
    ],
)
def test_what_lies_beyond_a_river_or_a_railway_is_outside_though_it_is_near_as_the_crow_flies(name, key, value):
    place, barrier = town(name), barriers(name, key, value)
    shapely.prepare(barrier)
    begins = place.along(barrier, 8)
    made = circles_of(place.network, place.degrees(begins), SEED)
    limit_m, dice = SEED.tiers[0].limit_m, np.random.default_rng(1)
    beyond, held = 0, 0
    for row in np.flatnonzero(made.reasons == ""):
        begin = place.metres(np.array([shapely.Point(made.entrances[row])]))
        around = shapely.get_coordinates(begin) + dice.uniform(-limit_m, limit_m, (400, 2))
        points = shapely.points(around)
        ways = shapely.linestrings(
            np.stack([np.broadcast_to(shapely.get_coordinates(begin), (400, 2)), around], axis=1)
        )
        in_ring = shapely.distance(points, begin) <= limit_m
        lived_in = place.place_on(points)[2] <= SEED.depth_m
        cut_off = place.walked_m(made.entrances[row], points) > limit_m + SEED.depth_m
        across = in_ring & lived_in & cut_off & shapely.intersects(barrier, ways)
        lonlat = place.degrees(points)
        beyond += across.sum()
        held += shapely.intersects_xy(made.shapes[row, 0], lonlat[:, 0], lonlat[:, 1])[across].sum()
    assert beyond > 50
    assert held <= 0.01 * beyond, f"{held} of {beyond}"


@pytest.mark.parametrize("name", TOWNS)
def test_circles_of_real_towns_are_valid_and_their_facilities_are_refused_only_far_from_streets(name):
    place = town(name)
    made = circles_of(place.network, place.facilities, SEED)
    walked = made.reasons == ""
    assert shapely.is_valid(made.shapes[walked].ravel()).all()
    away_m = place.place_on(place.metres(shapely.points(place.facilities)))[2]
    assert (away_m[~walked] > SEED.snap_m).all()
    assert (away_m[walked] <= SEED.snap_m).all()
