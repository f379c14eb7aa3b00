"""The invented city: any size, the same from the same seed, nested and matched by construction.

Cells lie like bricks; three meet at a node, and every wiggly line is read by both of its sides:

    n5 ~~~~ n4 ~~~~ n3          each row is shifted by half a cell,
    |                |          so a cell has six sides: two below (0, 1), east (2), two above (3, 4), west (5)
    |       C        |
    |                |
    n0 ~~~~ n1 ~~~~ n2
"""

import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.lattice import is_on_lattice
from geo.rings import rings_of
from importers.sample import sample_levels, write_sample
from importers.sample.curve import curve
from importers.sample.lines import EDGE_SLOPE, SPOKE_SLOPE
from importers.sample.mesh import build_mesh
from importers.sample.naming import numeral
from importers.sample.partition import extent

LEVELS = ("city", "county", "town", "community", "grid", "microgrid")
SEAMLESS = LEVELS[:-1]
SEEDS = st.integers(min_value=0, max_value=2**64)
FORMS = {
    "city": r"519800",
    "county": r"5198(0[1-9]|[1-9]\d)",
    "town": r"\d{6}[0-3]\d\d",
    "community": r"\d{9}[02]\d\d",
    "grid": r"\d{12}0\d\d",
    "microgrid": r"\d{15}0[1-6]",
}
TURN = np.array([[0.98, 0.199], [-0.199, 0.98]])
"""The rows of the city rise 11.5 degrees towards the east."""


@cache
def levels(grids=600, seed=1):
    return sample_levels(grids, seed)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample")
    return out, write_sample(out, 600, 1)


def features_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def border(geoms):
    """Return the directed lattice edges of some areas that no opposite edge cancels."""
    rings = rings_of(geoms, lattice=True)
    ends = np.concatenate([rings.xy, rings.xy[rings.next_vertex()]], axis=1)
    edges = Counter(map(tuple, ends.tolist()))
    assert max(edges.values()) == 1, "an edge is walked twice in one direction"
    return {edge for edge in edges if (*edge[2:], *edge[:2]) not in edges}


def doubled_cells(geoms):
    """Return twice the area of some geometries in lattice cells, exactly."""
    rings = rings_of(geoms, lattice=True)
    xy = (rings.xy - rings.xy[0]).astype(object)
    follow = xy[rings.next_vertex()]
    return int((xy[:, 0] * follow[:, 1] - follow[:, 0] * xy[:, 1]).sum())


def assert_nested(city):
    for upper, lower in pairwise(SEAMLESS):
        children = city[lower]
        for code, geom in zip(city[upper].codes, city[upper].geoms, strict=True):
            own = children.geoms[children.parents == code]
            parent = np.array([geom], dtype=object)
            assert border(own) == border(parent), f"{upper} {code} has other vertices than its children"
            assert doubled_cells(own) == doubled_cells(parent)


def assert_special_grids_stay_apart(city):
    special = city["special"]
    first, second = shapely.STRtree(special.geoms).query(special.geoms, predicate="intersects")
    assert (first == second).all()
    assert sum(code[9:12] == "000" for code in special.codes) == 1


class TestBoundaries:
    def test_every_level_is_a_valid_coverage_on_the_lattice(self):
        for level in LEVELS:
            geoms = levels()[level].geoms
            assert shapely.is_valid(geoms).all(), level
            assert shapely.coverage_is_valid(geoms), level
            assert is_on_lattice(geoms), level

    def test_a_parent_has_exactly_its_childrens_outer_edges_and_area(self):
        assert_nested(levels())

    def test_the_union_of_children_is_the_parent(self):
        city = levels()
        for upper, lower in pairwise(SEAMLESS):
            children = city[lower]
            for code, geom in zip(city[upper].codes, city[upper].geoms, strict=True):
                union = shapely.coverage_union_all(children.geoms[children.parents == code])
                assert shapely.equals_exact(union, geom, normalize=True)

    @settings(deadline=None, max_examples=8)
    @given(seed=SEEDS, grids=st.integers(min_value=200, max_value=400))
    def test_every_seed_and_size_gives_a_nested_city(self, seed, grids):
        city = sample_levels(grids, seed)
        assert len(city["grid"]) == grids
        assert_nested(city)
        for level in LEVELS:
            assert shapely.is_valid(city[level].geoms).all()
            assert shapely.coverage_is_valid(city[level].geoms)
        assert_special_grids_stay_apart(city)

    def test_a_grid_has_about_fifty_vertices(self):
        counts = shapely.get_num_coordinates(levels()["grid"].geoms) - 1
        assert 45 < counts.mean() < 55
        assert (counts.min(), counts.max()) == (41, 60)

    def test_a_grid_is_two_to_four_hundred_metres_across_and_no_two_are_alike(self):
        bounds = shapely.bounds(levels()["grid"].geoms)
        across_m = np.sqrt((bounds[:, 2] - bounds[:, 0]) * 96_300 * (bounds[:, 3] - bounds[:, 1]) * 110_860)
        assert 200 < np.percentile(across_m, 5) < np.percentile(across_m, 95) < 500
        areas = shapely.area(levels()["grid"].geoms)
        assert areas.max() > 1.8 * areas.min()

    def test_microgrids_fill_a_divided_grid_and_leave_room_in_others(self, sample):
        out, _ = sample
        divided = {f["properties"]["code"]: f["properties"]["divided"] for f in features_of(out / "grids.geojson")}
        grids, micro = levels()["grid"], levels()["microgrid"]
        filled = Counter()
        for code, geom in zip(grids.codes, grids.geoms, strict=True):
            own = micro.geoms[micro.parents == code]
            parent = np.array([geom], dtype=object)
            if len(own):
                filled[doubled_cells(own) == doubled_cells(parent)] += 1
                assert shapely.covers(geom, own).all()
            assert divided[code] == (len(own) > 0 and border(own) == border(parent))
        assert filled == {True: 30, False: 30}

    def test_one_town_is_enclosed_by_another(self, sample):
        _, summary = sample
        towns = levels()["town"]
        by_code = dict(zip(towns.codes, towns.geoms, strict=True))
        outer, inner = by_code[summary.enclosing_town], by_code[summary.enclosed_town]
        assert [code for code, geom in by_code.items() if len(getattr(geom, "interiors", ()))] == [
            summary.enclosing_town
        ]
        assert shapely.equals_exact(shapely.Polygon(outer.interiors[0]), inner, normalize=True)

    def test_one_community_is_in_two_pieces(self, sample):
        _, summary = sample
        for level in LEVELS:
            split = [
                code
                for code, geom in zip(levels()[level].codes, levels()[level].geoms, strict=True)
                if geom.geom_type != "Polygon"
            ]
            assert split == ([summary.exclave] if level == "community" else [])

    def test_the_city_has_no_hole(self):
        assert not levels()["city"].geoms[0].interiors


class TestCodes:
    @pytest.mark.parametrize("grids", [200, 600, 5000])
    def test_every_code_has_its_form_and_starts_with_its_parents(self, grids):
        city = levels(grids)
        for level, form in FORMS.items():
            areas = city[level]
            assert all(re.fullmatch(form, code) for code in areas.codes), level
            assert len(set(areas.codes)) == len(areas)
            assert list(areas.codes) == sorted(areas.codes)
            stem = "5198" if level == "county" else ""
            assert all(code.startswith(stem or parent) for code, parent in zip(areas.codes, areas.parents, strict=True))

    @pytest.mark.parametrize("grids", [200, 5000])
    def test_every_parent_is_there_and_names_are_unique_within_it(self, grids):
        city = levels(grids)
        for upper, lower in pairwise(LEVELS):
            assert set(city[lower].parents) <= set(city[upper].codes)
            assert len(set(zip(city[lower].parents, city[lower].names, strict=True))) == len(city[lower])
        special = city["special"]
        assert len(set(zip(special.parents, special.names, strict=True))) == len(special)

    def test_grids_count_west_to_east_and_north_to_south_along_the_citys_rows(self):
        grids = levels()["grid"]
        centre_m = (shapely.get_coordinates(shapely.centroid(grids.geoms)) - (104.3, 30.2)) * (96_300, 110_860)
        along_m, up_m = TURN @ centre_m.T
        for community in set(grids.parents):
            own = grids.parents == community
            east_m, north_m = np.diff(along_m[own]), np.diff(up_m[own])
            same_row = np.abs(north_m) < 150
            assert (east_m[same_row] > 150).all()
            assert (north_m[~same_row] < -150).all()

    def test_numerals_are_chinese(self):
        assert [numeral(n) for n in (1, 10, 11, 20, 99)] == ["一", "十", "十一", "二十", "九十九"]


class TestSpecialGrids:
    def test_none_meets_another_and_the_code_says_so(self):
        special = levels(5000)["special"]
        assert_special_grids_stay_apart(levels(5000))
        assert all(re.fullmatch(r"\d{12}8\d\d", code) for code in special.codes)

    def test_exactly_one_spans_two_communities_of_its_town(self, sample):
        _, summary = sample
        special, communities = levels()["special"], levels()["community"]
        tree = shapely.STRtree(communities.geoms)
        for code, parent, geom in zip(special.codes, special.parents, special.geoms, strict=True):
            met = communities.take(tree.query(geom, predicate="intersects"))
            if code == summary.spanning_special:
                assert (len(met), set(met.parents), code[9:]) == (2, {parent}, "000800")
            else:
                assert list(met.codes) == [parent]
                assert code.startswith(parent)

    def test_some_span_two_grids_and_the_others_lie_strictly_inside_one(self):
        special, grids = levels()["special"], levels()["grid"]
        tree = shapely.STRtree(grids.geoms)
        met = [grids.take(tree.query(geom, predicate="intersects")) for geom in special.geoms]
        assert Counter(len(own) for own in met) == {1: len(special) - 6, 2: 6}
        for geom, own in zip(special.geoms, met, strict=True):
            assert len(own) == 2 or own.geoms[0].contains_properly(geom)
            assert shapely.union_all(own.geoms).contains_properly(geom)

    def test_schools_hospitals_and_markets_are_there(self, sample):
        out, _ = sample
        found = [feature["properties"] for feature in features_of(out / "special.geojson")]
        assert {row["kind"] for row in found} == {"special"}
        assert {row["category"] for row in found} == {"school", "hospital", "market"}


class TestGround:
    @settings(deadline=None, max_examples=10)
    @given(seed=SEEDS, grids=st.sampled_from([200, 1000, 20_000]))
    def test_angles_are_wider_than_the_lines_swing(self, seed, grids):
        # Two diamonds at a node stay apart when the angle between their middles exceeds both half angles.
        mesh = build_mesh(*extent(grids), seed)
        cells = np.arange(mesh.rows * mesh.columns)
        nodes, centre = mesh.node_m[mesh.cell_nodes(cells)], mesh.centre_m(cells)[:, None]
        following = np.roll(nodes, -1, axis=1)
        swing = np.degrees(np.arctan([EDGE_SLOPE, SPOKE_SLOPE]))
        assert angle_deg(following - nodes, centre - nodes).min() > swing.sum() + 0.5
        assert angle_deg(centre - following, nodes - following).min() > swing.sum() + 0.5
        assert angle_deg(nodes - centre, following - centre).min() > 2 * swing[1] + 0.5

    @pytest.mark.parametrize(("columns", "rows"), [(2, 2), (16, 14), (14, 16), (40, 6), (34, 88)])
    def test_the_curve_visits_every_cell_once_and_steps_to_a_neighbour(self, columns, rows):
        order = curve(columns, rows)
        assert sorted(order) == list(range(columns * rows))
        row, column = np.divmod(order, columns)
        assert (np.abs(np.diff(row)) + np.abs(np.diff(column)) == 1).all()


def angle_deg(a, b):
    return np.degrees(np.arctan2(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0], (a * b).sum(axis=-1)))
