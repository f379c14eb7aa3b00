"""The invented city's files and ledgers: people who add up to their grids, bytes that only the seed decides."""

import csv
import json
import re
from collections import Counter
from functools import cache

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadInput
from geo.lattice import is_on_lattice, snap
from importers.sample import sample_levels, write_sample
from importers.sample.naming import phones

LEVELS = ("city", "county", "town", "community", "grid", "microgrid")
SEEDS = st.integers(min_value=0, max_value=2**64)
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


def assert_residences_lie_inside(out, grids):
    by_code = dict(zip(grids.codes, grids.geoms, strict=True))
    rows = rows_of(out / "residences.csv")
    homes = np.array([by_code[row["网格编码"]] for row in rows], dtype=object)
    points = shapely.points([(float(row["经度"]), float(row["纬度"])) for row in rows])
    assert shapely.contains_properly(homes, points).all()
    assert is_on_lattice(points)


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
