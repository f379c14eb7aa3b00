"""``gridwarden check`` as a user runs it: any file, no database."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from shapely import box

from geo.coverage import Planar

DATA = Path(__file__).parents[4] / "shared" / "data"
US_FEET = Planar(1200 / 3937)
real_data = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data"),
]

#  30.01  [  A  ][  C  ]      B is C and a strip of A; D lies around A
#  30.00  [  A  ][  C  ]      and leaves one lattice cell free on its right
#         104.00 104.01 104.02
A, C = box(104, 30, 104.01, 30.01), box(104.01, 30, 104.02, 30.01)
BOTH = shapely.coverage_union_all([A, C])
OVER_A = box(104.009, 30, 104.02, 30.01)


def around(north):
    """Return the area around A up to a latitude, with A's corners in its hole and a strip of one cell left free."""
    hole = [(104, 30), (104.01, 30), (104.0100001, 30), (104.0100001, north), (104.01, north), (104, north)]
    return shapely.Polygon(box(103.99, 29.99, 104.03, 30.02).exterior, [hole])


AROUND = around(30.01)
HOLE = box(104.012, 30.002, 104.018, 30.008)


def coded(**shapes):
    return [({"code": code}, shape) for code, shape in shapes.items()]


def document(gridwarden, *arguments):
    code, out, err = gridwarden("check", *arguments, "--json")
    found = json.loads(out)
    assert code == (0 if found["verdict"] == "covered" else 1)
    return found, err


def test_a_clean_file_ends_with_0_and_says_that_the_outer_border_was_not_checked(gridwarden, written):
    path = written(*coded(A=A, C=C))
    code, out, _ = gridwarden("check", path)
    assert code == 0
    assert out.splitlines()[0] == "未发现问题；辖区 2 个；没有问题；外边界未检查"
    code, out, _ = gridwarden("check", path, lang="en")
    assert out.splitlines()[0] == "nothing wrong found; areas: 2; no findings; outer coverage not checked"


def test_a_file_that_covers_its_parents_is_covered(gridwarden, written):
    parents = written(*coded(P=BOTH), name="parents.geojson")
    code, out, _ = gridwarden("check", written(*coded(A=A, C=C)), "--parents", parents)
    assert code == 0
    assert out.splitlines()[0] == "通过；辖区 2 个；没有问题"


def test_a_finding_ends_with_1_and_stands_with_codes_size_and_place(gridwarden, written):
    code, out, _ = gridwarden("check", written(*coded(A=A, B=OVER_A)))
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == "有问题；辖区 2 个；问题 1 处（重叠 1）；外边界未检查"
    assert "重叠 1 处，106,952.1 平方米" in lines
    assert lines[-1].startswith("    1. A、B  106,952.1 平方米，宽 88.76 米  104.009500,30.005000  ")


def test_the_json_document_has_the_form_of_the_contract(gridwarden, written):
    found, err = document(gridwarden, written(*coded(A=A, B=OVER_A)))
    assert list(found) == [
        *("format", "verdict", "areas", "findings", "counts", "crs", "tolerance_m", "covered_m2", "declared_m2"),
        *("inputs", "versions"),
    ]
    assert (found["format"], found["verdict"], found["areas"]) == ("gridwarden-findings/1", "defects", 2)
    assert (found["counts"], found["crs"], found["tolerance_m"]) == ({"overlap": 1}, "EPSG:4326", 1.0)
    [finding] = found["findings"]
    assert list(finding) == ["id", "kind", "blocking", "sliver", "codes", "area_m2", "width_m", "geometry"]
    assert shapely.geometry.shape(finding["geometry"]).equals(box(104.009, 30, 104.01, 30.01))
    assert found["inputs"][0]["name"] == "grids.geojson"
    assert len(found["inputs"][0]["sha256"]) == 64
    assert {"gridwarden", "geos", "proj", "gdal"} <= found["versions"].keys()
    assert "外边界未检查" in err


#  the hole in D is one lattice cell wider than A: a strip of 1,108 m × 1 cm on its right
def test_specks_are_one_line_and_what_is_a_square_metre_or_more_is_listed(gridwarden, written):
    _, out, _ = gridwarden("check", written(*coded(A=A, D=AROUND)), lang="en")
    assert out.splitlines()[-1].startswith("    1. A, D  10.7 m², 0.0096 m wide  104.010000,30.005000  ")
    low = coded(A=box(104, 30, 104.01, 30.0005), D=around(30.0005))
    _, out, _ = gridwarden("check", written(*low), lang="en")
    assert out.splitlines()[-1].strip() == (
        "and 1 specks (below 1 m of width and 1 m²): 0.5348 m² together, at most 0.0096 m wide"
    )


def test_the_tolerance_says_what_a_sliver_is(gridwarden, written):
    path = written(*coded(A=A, B=OVER_A))
    assert not document(gridwarden, path)[0]["findings"][0]["sliver"]
    assert document(gridwarden, path, "--tolerance", 200)[0]["findings"][0]["sliver"]


@pytest.mark.parametrize("extension", ["txt", "json", "html", "gpkg"])
def test_the_extension_of_out_says_the_format_and_nothing_else_is_left(gridwarden, written, tmp_path, extension):
    path = written(*coded(A=A, B=OVER_A))
    out = tmp_path / "out" / f"report.{extension}"
    out.parent.mkdir()
    code, printed, _ = gridwarden("check", path, "--out", out)
    assert code == 1
    assert printed.splitlines()[0].startswith("有问题")
    assert list(out.parent.iterdir()) == [out]
    start = {"txt": "有问题".encode(), "json": b"{", "html": b"<!DOCTYPE html>", "gpkg": b"SQLite format 3"}[extension]
    assert out.read_bytes().startswith(start)


@pytest.mark.parametrize("form", ["html", "gpkg"])
def test_a_page_and_a_geopackage_need_a_file(gridwarden, written, form):
    code, out, err = gridwarden("check", written(*coded(A=A)), "--format", form)
    assert (code, out) == (2, "")
    assert f"grids.{form}" in err


def test_the_geopackage_has_one_layer_a_kind_and_how_it_was_made(gridwarden, written, tmp_path):
    out = tmp_path / "findings.gpkg"
    gridwarden("check", written(*coded(A=A, B=OVER_A, N=None, D=AROUND)), "--out", out)
    assert [tuple(layer) for layer in pyogrio.list_layers(out)] == [
        *(("overlap", "MultiPolygon"), ("invalid_geometry", "Unknown"), ("about", None))
    ]
    overlaps = geopandas.read_file(out, layer="overlap")
    assert overlaps.crs.to_epsg() == 4326
    assert overlaps.codes.tolist() == ["B, D", "A, B"]
    assert overlaps.area_m2.tolist() == sorted(overlaps.area_m2, reverse=True)
    _, _, _, (keys, values) = pyogrio.raw.read(out, layer="about", read_geometry=False)
    about = dict(zip(keys.tolist(), values.tolist(), strict=True))
    assert about["command"] == "gridwarden check grids.geojson --tolerance 1"
    assert len(about["sha256 areas grids.geojson"]) == 64


@pytest.mark.parametrize("form", ["txt", "json", "html", "gpkg"])
def test_bad_input_becomes_a_finding_in_every_format(gridwarden, written, tmp_path, odd, form):
    shape, counts = odd
    path = written(*coded(A=A, X=shape, Z=box(104.05, 30, 104.06, 30.01)))
    out = tmp_path / f"report.{form}"
    code, printed, err = gridwarden("check", path, "--out", out)
    assert (code, err) == (1 if counts else 0, "")
    assert printed.startswith("有问题" if counts else "未发现问题")
    if form == "json":
        found = json.loads(out.read_text("utf-8"))
        assert found["counts"] == counts
        assert all("X" in finding["codes"] for finding in found["findings"])


def test_a_single_area_is_fine(gridwarden, written):
    assert document(gridwarden, written(*coded(A=A)))[0]["verdict"] == "covered"


def test_a_file_without_areas_is_an_error(gridwarden, written):
    code, out, err = gridwarden("check", written())
    assert (code, out) == (2, "")
    assert err.startswith("错误：")


def test_rows_without_code_are_called_by_their_number(gridwarden, written):
    path = written(({"name": "a"}, A), ({"name": "b"}, OVER_A))
    found, err = document(gridwarden, path)
    assert found["findings"][0]["codes"] == ["#1", "#2"]
    assert "--code-field" in err


def test_each_row_of_a_doubled_code_is_told(gridwarden, written):
    found, _ = document(gridwarden, written(({"code": "A"}, A), ({"code": "A"}, C)))
    assert [(one["kind"], one["codes"]) for one in found["findings"]] == [("duplicate", ["A"])]


def test_the_field_says_which_parent_a_child_has(gridwarden, written):
    halves = written(*coded(P=A, Q=C), name="parents.geojson")
    children = written(({"code": "A", "up": "Q"}, A), ({"code": "C", "up": "Q"}, C))
    found, _ = document(gridwarden, children, "--parents", halves)
    assert found["findings"] == []
    found, _ = document(gridwarden, children, "--parents", halves, "--parent-field", "up")
    assert [(one["kind"], one["codes"]) for one in found["findings"]] == [("outside_parent", ["A", "Q"])]


def test_hostile_text_does_not_break_any_format(gridwarden, written, tmp_path):
    nasty = "</script><img src=x>{{7*7}}\u2028"
    path = written(({"code": nasty}, A), ({"code": "B"}, OVER_A))
    for form in ("txt", "json", "html", "gpkg"):
        assert gridwarden("check", path, "--out", tmp_path / f"r.{form}")[0] == 1
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "<img src=x>" not in page
    assert "{{7*7}}" in page


def test_a_second_run_gives_the_same_bytes(gridwarden, written, tmp_path):
    path = written(*coded(A=A, B=OVER_A))
    for form in ("txt", "json", "html"):
        pages = []
        for name in ("one", "two"):
            gridwarden("check", path, "--out", tmp_path / f"{name}.{form}")
            pages.append((tmp_path / f"{name}.{form}").read_bytes())
        assert pages[0] == pages[1]


def above_a_metre(found, kind):
    sizes = [one["area_m2"] for one in found["findings"] if one["kind"] == kind and one["area_m2"] > 1]
    return len(sizes), sum(sizes)


def denver(name):
    return DATA / "us-maup" / "denver" / f"DenverCo_{name}" / f"DenverCo_{name}.shp"


class TestRealFiles:
    pytestmark = real_data

    def test_providence(self, gridwarden):
        found, _ = document(gridwarden, DATA / "us-maup/providence/precincts/precincts.shp")
        assert above_a_metre(found, "overlap") == (1, pytest.approx(3.36, rel=0.005))
        assert above_a_metre(found, "gap") == (3, pytest.approx(98_023, rel=0.005))
        assert found["counts"]["overlap"] == 2

    def test_denver(self, gridwarden):
        found, _ = document(gridwarden, denver("precincts2020_orig"), "--code-field", "PRECID")
        assert found["crs"] == "EPSG:2232"
        assert above_a_metre(found, "overlap") == (1, pytest.approx(13.0, rel=0.005))
        holes = [one["geometry"] for one in found["findings"] if one["kind"] == "gap" and one["area_m2"] > 1]
        # One enclave has a precinct of Denver inside, which is covered: the hole's outline counts here.
        filled = np.array([shapely.Polygon(shapely.geometry.shape(hole).exterior) for hole in holes])
        assert (len(filled), US_FEET.area_m2(filled).sum()) == (10, pytest.approx(3_136_182, rel=0.005))

    @pytest.mark.parametrize(
        "path",
        [
            denver("blocks"),
            denver("precincts2018_repaired"),
            denver("precincts2020_repaired"),
            DATA / "us-delaware-precincts/DE_precincts.shp",
        ],
        ids=lambda path: path.stem,
    )
    def test_files_without_overlaps(self, gridwarden, path):
        found, _ = document(gridwarden, path)
        assert "overlap" not in found["counts"]

    def test_blocks_that_straddle_precincts(self, gridwarden):
        parents = denver("precincts2020_repaired")
        found, _ = document(gridwarden, denver("blocks"), "--code-field", "GEOID20", "--parents", parents)
        blocks = geopandas.read_file(denver("blocks"), columns=["GEOID20"])
        whole_m2 = dict(zip(blocks.GEOID20, US_FEET.area_m2(blocks.geometry.values), strict=True))
        outside = [one for one in found["findings"] if one["kind"] == "outside_parent"]
        assert sum(one["area_m2"] > 1e-4 * whole_m2[one["codes"][0]] for one in outside) == 3213
        assert sum(one["area_m2"] for one in found["findings"] if one["kind"] == "gap") < 1

    @pytest.fixture
    def meishan(self, tmp_path):
        """Write counties of Meishan, the same with one from another source, and the city."""
        columns = ["district_adcode", "city_adcode"]
        own, other = (
            geopandas.read_file(DATA / "cn-admin" / f"{name}_sichuan_district.geojson", columns=columns)
            for name in ("amap_wgs84", "tianditu_cgcs2000")
        )
        own = own[own.city_adcode == "511400"]
        mixed = own.copy()
        foreign = other[other.district_adcode == "511403"].geometry.iloc[0]
        mixed.loc[mixed.district_adcode == "511403", "geometry"] = foreign
        city = own.dissolve("city_adcode").reset_index()[["city_adcode", "geometry"]]
        for name, frame in {"own": own, "mixed": mixed, "city": city}.items():
            frame.to_file(tmp_path / f"{name}.gpkg")
        return tmp_path

    def test_a_county_from_another_source(self, gridwarden, meishan):
        found, _ = document(gridwarden, meishan / "mixed.gpkg", "--code-field", "district_adcode")
        assert above_a_metre(found, "overlap") == (2, pytest.approx(8.15e6, rel=0.005))

    def test_enclaves_are_holes_without_the_city_and_nothing_with_it(self, gridwarden, meishan):
        arguments = [meishan / "own.gpkg", "--code-field", "district_adcode"]
        found, _ = document(gridwarden, *arguments)
        assert {kind: n for kind, n in found["counts"].items() if kind != "multipart"} == {"gap": 3}
        city = ["--parents", meishan / "city.gpkg", "--parent-field", "city_adcode"]
        found, _ = document(gridwarden, *arguments, *city)
        assert (found["verdict"], set(found["counts"])) == ("covered", {"multipart"})

    @pytest.mark.slow
    def test_noise_does_not_drown_the_defects_of_the_lsoas(self, gridwarden):
        path = DATA / "uk-census/lsoa11_ew.parquet"
        _, out, _ = gridwarden("check", path, "--code-field", "LSOA11CD", lang="en")
        blocks = {text.splitlines()[0].partition(":")[0]: text.splitlines()[1:] for text in out.split("\n\n")[1:]}
        assert list(blocks)[:2] == ["gaps", "overlaps"]
        gaps, overlaps = blocks["gaps"], blocks["overlaps"]
        assert ["176,081.8 m²" in gaps[0], "7,564.2 m²" in gaps[1]] == [True, True]
        assert [len(gaps), len(overlaps), len(blocks["unmatched edges"])] == [4, 5, 1]
        assert all("specks" in lines[-1] for lines in (gaps, overlaps))
