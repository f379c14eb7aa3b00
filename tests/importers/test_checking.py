"""A boundary file checked in its own coordinates: how it is read, measured, and set against its parents."""

import json
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from geo.areas import areas
from geo.coverage import check
from geo.crs import parse_crs
from geo.lattice import degrees
from importers.checking import CheckRequest, check_file
from importers.findings_writing import MOST_LISTED, json_text, text_lines
from importers.writing import write_boundaries

#  30.01  [  A  ][  C  ]
#  30.00  [  A  ][  C  ]
#         104.00 104.01 104.02
A, C = box(104, 30, 104.01, 30.01), box(104.01, 30, 104.02, 30.01)
BOTH = shapely.coverage_union_all([A, C])
B = box(104.009, 30, 104.02, 30.01)
OVERLAP_M2 = 106_952.1


def in_crs(shape, name):
    return shapely.transform(shape, parse_crs(name).from_stored)


@pytest.fixture
def written(tmp_path):
    """Return a way to write areas by code, in any CRS and format."""

    def write(name="grids.gpkg", crs="EPSG:4490", parents=None, attributes=None, **shapes):
        level = areas("grid", list(shapes), list(shapes.values()), parents=parents)
        write_boundaries(tmp_path / name, level, attributes, crs_text=crs)
        return tmp_path / name

    return write


def checked(path, **given):
    return check_file(CheckRequest(path, **given))


def told(report):
    return [(finding.kind, finding.codes) for finding in report.result.findings]


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:4523", "EPSG:4544", "EPSG:3857", "EPSG:32648"])
def test_the_square_metres_are_the_same_in_every_crs(written, crs):
    report = checked(written(crs=crs, A=in_crs(A, crs), B=in_crs(B, crs)))
    [overlap] = [finding for finding in report.result.findings if finding.kind == "overlap"]
    assert overlap.area_m2 == pytest.approx(OVERLAP_M2, rel=0.005)
    assert overlap.width_m == pytest.approx(88.76, rel=0.005)
    assert report.crs == crs
    assert report.places[0] == pytest.approx([104.0095, 30.005], abs=1e-4)
    measured = [remark.kind for remark in report.remarks]
    assert measured == (["measured-through-conversion"] if crs == "EPSG:3857" else [])


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_shifted_degrees_are_measured_after_conversion_and_stay_as_they_are(tmp_path, crs):
    shapes = {"A": in_crs(A, crs), "B": in_crs(B, crs)}
    path = tmp_path / "shifted.geojson"
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(shape)}
        for code, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    report = checked(path, crs=crs)
    overlap = report.result.findings[0]
    assert (report.crs, overlap.kind) == (crs, "overlap")
    assert overlap.area_m2 == pytest.approx(OVERLAP_M2, rel=1e-4)
    assert report.places[0] == pytest.approx([104.0095, 30.005], abs=1e-5)
    assert overlap.geometry.bounds[0] == pytest.approx(shapes["B"].bounds[0], abs=1e-9)
    assert [remark.kind for remark in report.remarks] == ["measured-through-conversion"]


def test_feet_are_no_metres(written):
    feet = 1200 / 3937
    side = 1000 / feet
    x, y = 3_150_000, 1_690_000
    report = checked(
        written(
            name="feet.gpkg",
            crs="EPSG:2232",
            A=box(x, y, x + side, y + side),
            B=box(x + side / 2, y, x + 2 * side, y + side),
        )
    )
    [overlap] = [finding for finding in report.result.findings if finding.kind == "overlap"]
    assert overlap.area_m2 == pytest.approx(500_000, rel=1e-9)


#  the same file in another's hands: what was exported must be found again, by the same ids
@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
def test_an_export_has_the_finding_ids_of_the_stored_areas(tmp_path, extension):
    level = areas("grid", ["A", "B", "D"], [A, B, box(104, 30.01, 104.02, 30.02)], parents=["P"] * 3)
    above = areas("community", ["P"], [box(104, 30, 104.02, 30.03)])
    stored = check(level, above, lattice=True)
    write_boundaries(tmp_path / f"grids.{extension}", level)
    write_boundaries(tmp_path / f"communities.{extension}", above)
    report = checked(tmp_path / f"grids.{extension}", parents=tmp_path / f"communities.{extension}")
    assert {finding.kind for finding in stored.findings} >= {"overlap", "gap"}
    assert [finding.id for finding in report.result.findings] == [finding.id for finding in stored.findings]


@settings(deadline=None, max_examples=20)
@given(cells=st.lists(st.integers(1, 10**6), min_size=4, max_size=8), seed=st.integers(0, 2**32 - 1))
def test_the_ids_of_any_export_do_not_depend_on_the_order_of_rows(tmp_path_factory, cells, seed):
    left = np.cumsum([0, *cells])
    shapes = [box(*degrees([1_040_000_000 + int(x), 300_000_000, 1_040_000_000 + int(x) + 700_000, 300_100_000]))
              for x in left]  # fmt: skip
    codes = [f"a{row}" for row in range(len(shapes))]
    order = np.random.default_rng(seed).permutation(len(shapes))
    level = areas("grid", codes, shapes)
    path = tmp_path_factory.mktemp("export") / "grids.gpkg"
    write_boundaries(path, level.take(order))
    stored = check(level, lattice=True)
    assert [one.id for one in checked(path).result.findings] == [one.id for one in stored.findings]


def test_an_invalid_boundary_on_the_lattice_is_checked_all_the_same(written):
    bow = shapely.Polygon([(104.01, 30), (104.02, 30.01), (104.02, 30), (104.01, 30.0099999)])
    assert ("invalid_geometry", ("X",)) in told(checked(written(A=A, X=bow)))


def test_parents_in_another_crs_are_converted_and_that_is_said(written):
    parents = written(name="parents.gpkg", crs="EPSG:4523", P=in_crs(BOTH, "EPSG:4523"))
    report = checked(written(A=A, C=C), parents=parents)
    assert all(finding.sliver for finding in report.result.findings)
    assert sum(finding.area_m2 for finding in report.result.findings) < 1
    assert report.result.covered_m2 == pytest.approx(report.result.declared_m2, rel=1e-6)
    assert [remark.kind for remark in report.remarks] == ["parents-converted"]
    assert [one.role for one in report.inputs] == ["areas", "parents"]


def test_the_given_crs_is_taken_for_parents_that_declare_none(tmp_path, written):
    shift = in_crs(BOTH, "gcj02")
    path = tmp_path / "parents.geojson"
    feature = {"type": "Feature", "properties": {"code": "P"}, "geometry": shapely.geometry.mapping(shift)}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    children = tmp_path / "children.geojson"
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(in_crs(shape, "gcj02"))}
        for code, shape in {"A": A, "C": C}.items()
    ]
    children.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert checked(children, crs="gcj02", parents=path).result.verdict == "covered"
    stored = checked(children, crs="gcj02", parents=written(name="stored.gpkg", P=BOTH))
    assert stored.result.covered_m2 == pytest.approx(stored.result.declared_m2, rel=1e-6)


def test_parents_that_no_row_names_are_found_by_largest_share_and_that_is_said(written):
    parents = written(name="parents.gpkg", P=A, Q=C)
    report = checked(written(parents=["510000", "510000"], A=A, C=C), parents=parents)
    assert (report.result.verdict, told(report)) == ("covered", [])
    assert [remark.kind for remark in report.remarks] == ["parents-not-named"]
    given = checked(written(parents=["510000", "510000"], A=A, C=C), parents=parents, parent_field="parent")
    assert [finding.kind for finding in given.result.findings] == ["orphan", "orphan"]


def test_a_parent_without_boundary_is_unproved_by_name(written):
    parents = written(name="parents.gpkg", P=BOTH, Q=None)
    report = checked(written(A=A, C=C), parents=parents)
    assert (report.result.verdict, report.result.unproved) == ("unproved", ("Q",))
    assert report.headline("zh").startswith("无法确认")
    assert any("Q" in note for note in report.notes("zh"))


def test_a_parent_that_is_not_subdivided_on_purpose_is_no_gap(written):
    parents = written(name="parents.gpkg", attributes={"not_subdivided": np.array([False, True])}, P=A, Q=C)
    assert checked(written(A=A), parents=parents).result.verdict == "covered"
    bare = written(name="bare.gpkg", P=A, Q=C)
    assert told(checked(written(A=A), parents=bare)) == [("gap", ("Q",))]


#  S and T lie over A and C, and share a corner of land
def test_special_grids_lie_over_general_ones_and_overlap_only_each_other(written):
    special = {"S": box(104.008, 30.004, 104.012, 30.006), "T": box(104.011, 30.004, 104.013, 30.006)}
    kinds = {"kind": ["general", "general", "special", "special"]}
    report = checked(written(attributes=kinds, A=A, C=C, **special))
    assert told(report) == [("overlap", ("S", "T"))]
    assert report.result.areas == 4
    alone = checked(written(name="special.gpkg", attributes={"kind": ["special", "special"]}, **special))
    assert told(alone) == [("overlap", ("S", "T"))]
    within = checked(
        written(name="special.gpkg", attributes={"kind": ["special", "special"]}, **special),
        parents=written(name="parents.gpkg", P=BOTH),
    )
    assert told(within) == [("overlap", ("S", "T"))]


def test_the_invented_city_is_covered_at_every_level(city_folder):
    names = ["city", "counties", "towns", "communities", "grids", "microgrids"]
    for above, below in pairwise(names):
        report = checked(city_folder / f"{below}.geojson", parents=city_folder / f"{above}.geojson")
        assert report.result.verdict == "covered", below
    special = checked(city_folder / "special.geojson")
    assert special.result.verdict == "covered"
    assert [remark.kind for remark in special.remarks] == ["specials-apart"]


def test_long_lists_are_cut_in_the_text_and_whole_in_the_document(written):
    shapes = {f"a{row:02}": box(104 + row / 100, 30, 104.0101 + row / 100, 30.01) for row in range(30)}
    report = checked(written(**shapes))
    lines = text_lines(report, "zh")
    assert sum("、" in line and line.startswith("  ") for line in lines) == MOST_LISTED
    assert lines[-1].strip() == "另有 9 处未列出，用 --format json 或 gpkg 看全部"
    assert len(json.loads(json_text(report))["findings"]) == 29


def test_findings_of_a_kind_stand_with_the_worst_first(written):
    small, large = box(103.9999, 30, 104.0001, 30.01), box(104.015, 29, 105, 31)
    lines = text_lines(checked(written(A=A, C=C, S=small, L=large)), "en")
    listed = [line for line in lines if line.startswith("    ")]
    assert [line.split("  ")[2].split(". ")[-1] for line in listed[:2]] == ["C, L", "A, S"]


def test_the_command_line_repeats_the_check(written):
    path = written(A=A)
    report = checked(path, crs="EPSG:4490", code_field="code", tolerance_m=0.5)
    assert report.command == "gridwarden check grids.gpkg --crs EPSG:4490 --code-field code --tolerance 0.5"
