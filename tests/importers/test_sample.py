"""The invented city: any size, the same from the same seed, nested and matched by construction.

Cells lie like bricks; three meet at a node, and every wiggly line is read by both of its sides:

    n5 ~~~~ n4 ~~~~ n3          each row is shifted by half a cell,
    |                |          so a cell has six sides: two below (0, 1), east (2), two above (3, 4), west (5)
    |       C        |
    |                |
    n0 ~~~~ n1 ~~~~ n2
"""

import csv
import json
import re
from collections import Counter
from functools import cache
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.lattice import is_on_lattice, snap
from geo.rings import rings_of
from importers.sample import sample_levels, write_sample
from importers.sample.curve import curve
from importers.sample.lines import EDGE_SLOPE, SPOKE_SLOPE
from importers.sample.mesh import build_mesh
from importers.sample.naming import numeral, phones
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
LEDGERS = ("facilities.csv", "residences.csv", "teams.csv")


@cache
def levels(grids=600, seed=1):
    return sample_levels(grids, seed)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample")
    return out, write_sample(out, 600, 1)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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


def assert_residences_lie_inside(out, grids):
    by_code = dict(zip(grids.codes, grids.geoms, strict=True))
    rows = rows_of(out / "residences.csv")
    homes = np.array([by_code[row["网格编码"]] for row in rows], dtype=object)
    points = shapely.points([(float(row["经度"]), float(row["纬度"])) for row in rows])
    assert shapely.contains_properly(homes, points).all()
    assert is_on_lattice(points)


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


class TestPeople:
    def test_every_residence_lies_strictly_inside_its_grid(self, sample):
        out, _ = sample
        assert_residences_lie_inside(out, levels()["grid"])

    @settings(deadline=None, max_examples=4)
    @given(seed=SEEDS)
    def test_so_they_do_for_every_seed(self, seed, tmp_path_factory):
        out = tmp_path_factory.mktemp("seed")
        write_sample(out, 200, seed)
        assert_residences_lie_inside(out, sample_levels(200, seed)["grid"])

    def test_no_residence_lies_in_a_special_grid(self, sample):
        out, _ = sample
        points = shapely.points([(float(r["经度"]), float(r["纬度"])) for r in rows_of(out / "residences.csv")])
        assert not len(shapely.STRtree(points).query(levels()["special"].geoms, predicate="intersects")[0])

    def test_households_add_up_to_their_grid_and_microgrid(self, sample):
        out, summary = sample
        rows = rows_of(out / "residences.csv")
        of_grid = Counter()
        for row in rows:
            of_grid[row["网格编码"]] += int(row["户数"])
        fields = [feature["properties"] for feature in features_of(out / "grids.geojson")]
        assert {row["code"]: row["households"] for row in fields} == of_grid
        assert sum(of_grid.values()) == summary.households
        micro = [feature["properties"] for feature in features_of(out / "microgrids.geojson")]
        points = shapely.points([(float(row["经度"]), float(row["纬度"])) for row in rows])
        area, inside = shapely.STRtree(points).query(levels()["microgrid"].geoms, predicate="contains_properly")
        held = Counter()
        for index, row in zip(area, inside, strict=True):
            held[micro[index]["code"]] += int(rows[row]["户数"])
        assert {row["code"]: row["households"] for row in micro} == held
        assert all(30 <= row["households"] <= 100 for row in micro)

    def test_grids_have_300_to_500_households_and_a_few_are_overloaded(self, sample):
        out, summary = sample
        households = {
            f["properties"]["code"]: f["properties"]["households"] for f in features_of(out / "grids.geojson")
        }
        crowded = {code: count for code, count in households.items() if not 300 <= count <= 500}
        assert 0 < len(crowded) < 0.06 * len(households)
        assert all(600 <= count <= 1224 for count in crowded.values())
        assert households[summary.overload_grid] == max(crowded.values()) == 1224

    def test_addresses_read_like_addresses(self, sample):
        out, _ = sample
        rows = rows_of(out / "residences.csv")
        estate = [row for row in rows if row["小区"]]
        assert all(re.fullmatch(r"\w+[园苑]\d+期\d+栋[12]单元", row["地址"]) for row in estate)
        assert all(row["地址"].startswith(row["小区"]) for row in estate)
        assert all(re.fullmatch(r"\w+[路街]\d+号", row["地址"]) for row in rows if not row["小区"])
        assert len({(row["网格编码"], row["地址"]) for row in rows}) == len(rows)

    def test_some_estates_are_cut_by_a_grid_border_and_none_meets_another(self, sample):
        out, _ = sample
        estates = shapely.polygons(
            [shapely.linearrings(f["geometry"]["coordinates"][0]) for f in features_of(out / "estates.geojson")]
        )
        first, second = shapely.STRtree(estates).query(estates, predicate="intersects")
        assert (first == second).all()
        cut = Counter(shapely.STRtree(levels()["grid"].geoms).query(estates, predicate="intersects")[0].tolist())
        assert 0 < sum(count == 2 for count in cut.values()) < 10
        assert max(cut.values()) == 2

    def test_teams_are_1_1_1_n_with_known_exceptions(self, sample):
        out, _ = sample
        roles = {}
        for row in rows_of(out / "teams.csv"):
            roles.setdefault(row["网格编码"], []).append(row["角色"])
        grids = levels()["grid"].codes
        whole = Counter()
        for code in grids:
            team = Counter(roles.get(code, []))
            assert team["网格员"] == team["社区专职工作者"] <= 1
            whole[team["网格员"] + team["社区专职工作者"] + team["民警"]] += 1
        assert whole == {0: 15, 2: 15, 3: 570}
        assert all(code in roles for level in LEVELS[:4] for code in levels()[level].codes)
        assert any(code not in roles for code in levels()["special"].codes)

    def test_one_person_may_be_in_several_teams_under_one_number(self, sample):
        out, _ = sample
        names, teams = {}, Counter()
        for row in rows_of(out / "teams.csv"):
            names.setdefault(row["电话"], set()).add(row["姓名"])
            teams[row["电话"]] += 1
        assert all(len(own) == 1 for own in names.values())
        assert max(teams.values()) > 5

    def test_telephone_numbers_ring_nowhere_and_never_repeat(self):
        numbers = phones(np.arange(200_000))
        assert len(set(numbers)) == 200_000
        assert all(re.fullmatch(r"154\d{8}", number) for number in numbers)

    def test_facilities_lie_in_the_area_whose_code_they_carry(self, sample):
        out, _ = sample
        city = levels()
        by_code = {
            code: geom
            for level in ("grid", "special")
            for code, geom in zip(city[level].codes, city[level].geoms, strict=True)
        }
        rows = rows_of(out / "facilities.csv")
        for row in rows:
            assert by_code[row["网格编码"]].contains_properly(shapely.Point(float(row["经度"]), float(row["纬度"])))
        assert {row["类别"] for row in rows} == {"邻里中心", "党群服务中心", "卫生服务站", "学校", "市场", "医院"}

    def test_streets_make_one_connected_network(self, sample):
        out, _ = sample
        above = {}

        def root(node):
            while above.setdefault(node, node) != node:
                above[node] = above[above[node]]
                node = above[node]
            return node

        streets = features_of(out / "streets.geojson")
        for street in streets:
            ends = [tuple(snap(street["geometry"]["coordinates"][end]).tolist()) for end in (0, -1)]
            above[root(ends[0])] = root(ends[1])
        assert len({root(node) for node in list(above)}) == 1
        assert len({street["properties"]["code"] for street in streets}) == len(streets)


class TestFiles:
    def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_city(self, sample, tmp_path):
        out, summary = sample
        again = write_sample(tmp_path / "again", 600, 1)
        other = write_sample(tmp_path / "other", 600, 2)
        for name in (*summary.files, "README.md"):
            assert (again.folder / name).read_bytes() == (out / name).read_bytes()
            assert (other.folder / name).read_bytes() != (out / name).read_bytes()

    def test_the_files_hold_what_the_levels_in_memory_hold(self, sample):
        out, _ = sample
        stems = ("city", "counties", "towns", "communities", "grids", "microgrids")
        for level, stem in zip((*LEVELS, "special"), (*stems, "special"), strict=True):
            found, areas = features_of(out / f"{stem}.geojson"), levels()[level]
            assert [f["properties"]["code"] for f in found] == list(areas.codes)
            assert [f["properties"]["name"] for f in found] == list(areas.names)
            assert [f["properties"]["parent"] for f in found] == list(areas.parents)
            shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in found])
            assert shapely.equals_exact(shapes, areas.geoms).all()

    def test_coordinates_are_printed_with_seven_decimals_in_cgcs2000(self, sample):
        out, summary = sample
        for name in summary.files:
            if name.endswith(".geojson"):
                text = (out / name).read_text(encoding="utf-8")
                assert re.search(r"EPSG::4490", text[:300])
                pairs = re.findall(r"\[(-?[\d.]+),(-?[\d.]+)\]", text)
                assert pairs
                assert all(len(number.split(".")[1]) == 7 for pair in pairs for number in pair)

    def test_every_row_of_every_file_says_that_it_is_invented(self, sample):
        out, summary = sample
        for name in summary.files:
            rows = rows_of(out / name) if name in LEDGERS else [f["properties"] for f in features_of(out / name)]
            assert len(rows) == summary.rows[name]
            assert {row.get("来源", row.get("source")) for row in rows} == {"虚构示例 invented sample"}
        assert "虚构" in (out / "README.md").read_text(encoding="utf-8").splitlines()[0]

    def test_beyond_20000_grids_boundaries_are_geoparquet_without_people(self, tmp_path):
        seen = []
        summary = write_sample(tmp_path, 20_001, 3, lambda *step: seen.append(step))
        assert sorted(summary.files) == sorted(
            f"{stem}.parquet" for stem in ("city", "counties", "towns", "communities", "grids", "microgrids", "special")
        )
        file = pq.ParquetFile(tmp_path / "grids.parquet")
        assert file.num_row_groups == 2
        column = json.loads(file.schema_arrow.metadata[b"geo"])["columns"]["geometry"]
        assert column["crs"]["id"] == {"authority": "EPSG", "code": 4490}
        shapes = shapely.from_wkb(file.read(["geometry"])["geometry"].to_numpy())
        assert shapely.coverage_is_valid(shapes)
        assert [step for step in seen if step[0] == "grids.parquet"] == [
            ("grids.parquet", 20_000, 20_001),
            ("grids.parquet", 20_001, 20_001),
        ]

    def test_people_may_be_left_out(self, tmp_path):
        summary = write_sample(tmp_path, 200, people=False)
        assert not set(LEDGERS) & set(summary.files)

    def test_an_earlier_sample_is_replaced(self, tmp_path):
        write_sample(tmp_path, 200, 1)
        write_sample(tmp_path, 200, 2, people=False)
        assert not (tmp_path / "teams.csv").exists()

    def test_a_folder_with_other_files_is_left_alone(self, tmp_path):
        (tmp_path / "real.geojson").write_text("{}")
        with pytest.raises(BadInput) as caught:
            write_sample(tmp_path, 200)
        assert (caught.value.kind, caught.value.facts["file"]) == ("sample-folder-in-use", "real.geojson")
        assert [path.name for path in tmp_path.iterdir()] == ["real.geojson"]

    def test_a_file_is_no_folder(self, tmp_path):
        (tmp_path / "here").write_text("")
        with pytest.raises(BadInput) as caught:
            write_sample(tmp_path / "here", 200)
        assert caught.value.kind == "sample-not-a-folder"

    @pytest.mark.parametrize("grids", [-1, 0, 199, 1_000_001])
    def test_sizes_outside_the_range_are_refused_with_the_range(self, grids, tmp_path):
        with pytest.raises(BadInput) as caught:
            write_sample(tmp_path / "new", grids)
        assert "200" in caught.value.text("zh")
        assert not (tmp_path / "new").exists()


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
