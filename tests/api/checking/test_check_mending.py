"""``gridwarden check --propose`` and ``--apply-slivers`` as a user runs them."""

import json
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely
from shapely import Polygon, box

DATA = Path(__file__).parents[4] / "shared" / "data"

#          104.00   104.01      104.02
#  30.01   [  W        ][       E  ]
#  30.005  [  W        ]( )     E  ]    a gap at the border: 30 cm deep, or 300 m
#  30.00   [  W        ][       E  ]
W = Polygon([(104, 30), (104.01, 30), (104.01, 30.004), (104.01, 30.006), (104.01, 30.01), (104, 30.01)])
BOTH = box(104, 30, 104.02, 30.01)


def east(deep):
    """Return E, whose border stands back from W by some degrees."""
    west = [(104.01, 30.01), (104.01, 30.006), (104.01 + deep, 30.005), (104.01, 30.004), (104.01, 30)]
    return Polygon([(104.02, 30), (104.02, 30.01), *west])


SLIVER, WIDE = east(0.000003), east(0.003)
FAR = box(104.05, 30, 104.06, 30.01)


def coded(**shapes):
    return [({"code": code, "note": f"about {code}", "households": 7}, shape) for code, shape in shapes.items()]


def read(path, **given):
    with np.errstate(invalid="ignore"):
        return geopandas.read_parquet(path) if path.suffix == ".parquet" else geopandas.read_file(path, **given)


def left_in(gridwarden, path, *arguments):
    """Return the kinds that a check finds in a file."""
    _, out, _ = gridwarden("check", path, *arguments, "--json")
    return json.loads(out)["counts"]


def test_proposals_are_a_layer_that_says_who_gains_and_how_far_borders_move(gridwarden, written, tmp_path):
    out = tmp_path / "proposals.gpkg"
    code, printed, _ = gridwarden("check", written(*coded(W=W, E=WIDE)), "--propose", out, lang="en")
    assert code == 1
    title, best, place = printed.splitlines()[-3:]
    assert title == "proposals: 2, for 1 of 1 findings; the best for each"
    assert best.startswith("    1. gap: E, W, 32,085.6 m², ")
    assert " → proposal 1: E gains 32,085.6 m²; borders move by at most 289.44 m  " in best
    assert place == f"Written to {out}"
    assert [tuple(layer) for layer in pyogrio.list_layers(out)] == [
        ("proposals", "MultiPolygon"),
        ("boundaries", "MultiPolygon"),
        ("about", None),
    ]
    proposals = geopandas.read_file(out, layer="proposals")
    assert proposals.crs.to_epsg() == 4326
    assert proposals[["proposal", "rank", "areas", "loses"]].values.tolist() == [[1, 1, "E", ""], [2, 2, "W", ""]]
    gap = Polygon([(104.01, 30.004), (104.013, 30.005), (104.01, 30.006)])
    assert all(shape.equals(gap) for shape in proposals.geometry)
    [gained] = [float(text.removeprefix("E ")) for text in proposals.gains[:1]]
    assert gained == pytest.approx(proposals.moved_m2[0], abs=1e-4)
    assert proposals.displacement_m[0] == pytest.approx(289.4, abs=0.1)
    boundaries = geopandas.read_file(out, layer="boundaries")
    assert boundaries[["proposal", "rank", "code", "role"]].values.tolist() == [
        [1, 1, "E", "area"],
        [2, 2, "W", "area"],
    ]
    assert boundaries.geometry[0].equals(box(104.01, 30, 104.02, 30.01))


def test_proposals_stand_in_the_report_of_every_format(gridwarden, written, tmp_path):
    path, out = written(*coded(W=W, E=WIDE)), tmp_path / "proposals.gpkg"
    _, printed, err = gridwarden("check", path, "--propose", out, "--json")
    document = json.loads(printed)
    assert [(one["rank"], list(one["gains"]), one["areas"]) for one in document["proposals"]] == [
        (1, ["E"], ["E"]),
        (2, ["W"], ["W"]),
    ]
    assert document["proposals"][0]["findings"] == [document["findings"][0]["id"]]
    assert document["unsettled"] == []
    assert err.splitlines()[-1] == f"已写入 {out}"
    gridwarden("check", path, "--propose", out, "--out", tmp_path / "report.html")
    assert "调整方案 2 个" in (tmp_path / "report.html").read_text("utf-8")


#      |B|
#  A  A|X|A  A      bars that cross: whoever loses X falls to pieces
#      |B|
def test_findings_without_a_proposal_are_told(gridwarden, written, tmp_path):
    path = written(*coded(A=box(104, 30.004, 104.01, 30.006), B=box(104.004, 30, 104.006, 30.01)))
    code, printed, _ = gridwarden("check", path, "--propose", tmp_path / "p.gpkg", lang="en")
    assert code == 1
    assert "proposals: 0, for 0 of 1 findings; the best for each" in printed
    assert "1 have no proposal" in printed
    assert pyogrio.read_info(tmp_path / "p.gpkg", layer="proposals")["features"] == 0


def test_a_clean_file_has_nothing_to_propose_and_nothing_to_settle(gridwarden, written, tmp_path):
    path, copy = written(*coded(W=W, F=FAR)), tmp_path / "copy.geojson"
    code, printed, _ = gridwarden("check", path, "--propose", tmp_path / "p.gpkg", "--apply-slivers", copy, lang="en")
    assert code == 0
    assert "slivers: 0 of 0 settled; 0 areas changed, 0.00 m² changed hands" in printed
    assert "no findings left in the copy" in printed
    assert [shape.wkb for shape in read(copy).geometry] == [W.wkb, FAR.wkb]


@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
def test_a_mended_copy_keeps_all_rows_and_fields_and_every_bit_elsewhere(gridwarden, written, tmp_path, extension):
    odd = box(104.05 + 1 / 3e7, 30, 104.06, 30.01 + 1e-12)
    path, copy = written(*coded(F=odd, W=W, N=None, E=SLIVER)), tmp_path / f"copy.{extension}"
    code, printed, _ = gridwarden("check", path, "--apply-slivers", copy, lang="en")
    assert code == 1
    assert "slivers: 1 of 1 settled; 1 areas changed, 32.09 m² changed hands" in printed
    before, after = read(path), read(copy)
    assert after.drop(columns="geometry").values.tolist() == before.drop(columns="geometry").values.tolist()
    assert after.columns.tolist() == before.columns.tolist()
    assert after.crs.to_epsg() == 4326
    assert after.geometry[2] is None
    assert sorted(shapely.get_coordinates(after.geometry[0]).tolist()) == sorted(map(list, odd.exterior.coords))
    assert shapely.union_all(after.geometry[[1, 3]]).equals(BOTH)
    assert left_in(gridwarden, copy) == {"invalid_geometry": 1}


@pytest.mark.parametrize("west", [1e-6, 0.1, 7.0, 104.0])
@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
def test_what_stays_is_the_same_to_the_last_bit_wherever_it_lies(gridwarden, written, tmp_path, west, extension):
    dice = np.random.default_rng(1)
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    xy = np.column_stack([west * (1 + 0.01 * np.cos(angle)), 30 + 0.01 * np.sin(angle)]) + dice.uniform(
        0, 1e-9, (200, 2)
    )
    xy[::2] = np.nextafter(np.round(xy[::2], 9), 0)
    path, copy = written(*coded(A=Polygon(xy), W=W, E=SLIVER)), tmp_path / f"copy.{extension}"
    gridwarden("check", path, "--apply-slivers", copy)
    assert set(map(tuple, shapely.get_coordinates(read(copy).geometry[0]).tolist())) == set(map(tuple, xy.tolist()))


def test_wide_pieces_stay_in_a_mended_copy(gridwarden, written, tmp_path):
    path, copy = written(*coded(W=W, E=WIDE)), tmp_path / "copy.gpkg"
    _, printed, _ = gridwarden("check", path, "--apply-slivers", copy, lang="en")
    assert "findings left in the copy: 1, 0 of which are slivers" in printed
    assert [shape.equals(one) for shape, one in zip(read(copy).geometry, (W, WIDE), strict=True)] == [True, True]
    assert left_in(gridwarden, copy) == {"gap": 1}
    _, printed, _ = gridwarden("check", path, "--apply-slivers", copy, "--tolerance", 300, lang="en")
    assert "no findings left in the copy" in printed
    assert left_in(gridwarden, copy) == {}


#  [ W ][ E ]      the ring of P has no vertex where W and E meet
#  [   P    ]
def test_parents_that_need_nodes_are_written_beside_the_copy(gridwarden, written, tmp_path):
    shapes = {"W": box(104, 30, 104.01, 30.01), "E": box(104.01, 30, 104.02, 30.01)}
    path, parents = written(*coded(**shapes)), written(*coded(P=BOTH), name="parents.geojson")
    copy, beside = tmp_path / "copy.gpkg", tmp_path / "copy-parents.gpkg"
    code, printed, _ = gridwarden("check", path, "--parents", parents, "--apply-slivers", copy, lang="en")
    assert code == 1
    assert printed.splitlines()[-4:] == [
        "1 parents received nodes",
        "no findings left in the copy",
        f"Written to {copy}",
        f"Written to {beside}",
    ]
    assert read(beside).note.tolist() == ["about P"]
    assert left_in(gridwarden, copy, "--parents", beside) == {}
    assert set(pairwise(shapely.get_coordinates(read(beside).geometry[0])[:, 0].tolist())) >= {(104.0, 104.0)}


#  [ A ][ not subdivided ]     A reaches 20 cm into Q, which is to stay empty
def test_a_parent_without_children_on_purpose_stays_empty(gridwarden, written, tmp_path):
    a = Polygon([(104, 30), (104.01, 30), (104.010002, 30.005), (104.01, 30.01), (104, 30.01)])
    p = ({"code": "P", "not_subdivided": False}, box(104, 30, 104.01, 30.01))
    q = ({"code": "Q", "not_subdivided": True}, box(104.01, 30, 104.02, 30.01))
    parents, copy = written(p, q, name="parents.geojson"), tmp_path / "copy.geojson"
    path = written(({"code": "A", "parent": "P"}, a))
    assert gridwarden("check", path, "--parents", parents, "--apply-slivers", copy)[0] == 1
    assert left_in(gridwarden, copy, "--parents", parents) == {}
    assert read(copy).geometry[0].equals(box(104, 30, 104.01, 30.01))


#  [ G1 ][ G2 ]     the special grids S and T lie over both and overlap by 30 cm; what lies between them and G is no gap
def test_special_grids_are_mended_among_themselves(gridwarden, written, tmp_path):
    s, t = box(104.002, 30.002, 104.005, 30.005), box(104.004997, 30.002, 104.008, 30.005)
    path = written(
        ({"code": "G1", "kind": "general"}, W),
        ({"code": "G2", "kind": "general"}, SLIVER),
        ({"code": "S", "kind": "special"}, s),
        ({"code": "T", "kind": "special"}, t),
    )
    copy = tmp_path / "copy.gpkg"
    _, printed, _ = gridwarden("check", path, "--apply-slivers", copy, lang="en")
    assert "slivers: 2 of 2 settled; 3 areas changed" in printed
    assert left_in(gridwarden, copy) == {}
    assert shapely.union_all(read(copy).geometry[2:]).equals(shapely.union_all([s, t]))


@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
@pytest.mark.parametrize("above", [False, True])
def test_bad_input_is_mended_as_far_as_it_goes_and_never_lost(gridwarden, written, tmp_path, odd, above, extension):
    shape, counts = odd
    west, east = (shapely.transform(one, lambda xy: np.round(xy - [0.01, 0], 7)) for one in (W, SLIVER))
    path = written(*coded(W=west, E=east, X=shape, Z=FAR))
    copy, proposals = tmp_path / f"copy.{extension}", tmp_path / "p.gpkg"
    parents = coded(P=box(103.99, 30, 104.02, 30.01), Q=FAR)
    options = ["--parents", written(*parents, name="parents.geojson")] if above else []
    code, _, err = gridwarden("check", path, *options, "--propose", proposals, "--apply-slivers", copy, lang="en")
    if code == 2:
        # a Shapefile holds geometries of one type
        assert extension == "shp"
        assert err.startswith("Error: ")
        return
    assert (code, err) == (1, "")
    assert pyogrio.list_layers(proposals)[:, 0].tolist() == ["proposals", "boundaries", "about"]
    assert read(copy).code.tolist() == ["W", "E", "X", "Z"]
    beside = tmp_path / f"copy-parents.{extension}"
    options = ["--parents", beside if beside.exists() else options[1]] if above else []
    before, after = left_in(gridwarden, path, *options), left_in(gridwarden, copy, *options)
    assert all(number <= before.get(kind, 0) for kind, number in after.items())
    if not above and not counts.keys() & {"overlap", "duplicate"}:
        # a ring that was not closed is closed in the copy
        assert {**counts, **after} == counts


def test_a_single_area_and_none_at_all(gridwarden, written, tmp_path):
    options = ["--propose", tmp_path / "p.gpkg", "--apply-slivers", tmp_path / "copy.gpkg"]
    assert gridwarden("check", written(*coded(W=W)), *options)[0] == 0
    code, _, err = gridwarden("check", written(), *options)
    assert (code, err[:3]) == (2, "错误：")


def test_two_rows_of_one_code_are_not_mended_by_guess(gridwarden, written, tmp_path):
    path = written(({"code": "W"}, W), ({"code": "E"}, SLIVER), ({"code": "E"}, FAR))
    _, printed, _ = gridwarden("check", path, "--apply-slivers", tmp_path / "copy.gpkg", lang="en")
    assert "slivers: 0 of 1 settled" in printed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--apply-slivers", "{folder}/grids.geojson"], "不能覆盖"),
        (["--apply-slivers", "{folder}/link.geojson"], "不能覆盖"),
        (["--propose", "{folder}/p.gpkg", "--apply-slivers", "{folder}/p.gpkg"], "两次"),
        (["--propose", "{folder}/p.gpkg", "--out", "{folder}/p.gpkg"], "两次"),
        (["--propose", "{folder}/p.geojson"], "--propose p.gpkg"),
        (["--propose", "{folder}/none/p.gpkg"], "none"),
        (["--apply-slivers", "{folder}/none/copy.gpkg"], "none"),
        (["--apply-slivers", "{folder}/copy.kml"], ".kml"),
        (["--apply-slivers", "{folder}/folder.gpkg"], "folder.gpkg"),
        (["--propose", "{folder}/folder.gpkg"], "folder.gpkg"),
    ],
    ids=lambda value: " ".join(value).replace("{folder}/", "") if isinstance(value, list) else "",
)
def test_places_that_cannot_be_written_to_are_refused(gridwarden, written, tmp_path, options, said):
    path = written(*coded(W=W, E=SLIVER))
    (tmp_path / "link.geojson").symlink_to(path)
    (tmp_path / "folder.gpkg").mkdir()
    before = path.read_bytes()
    code, out, err = gridwarden("check", path, *(text.format(folder=tmp_path) for text in options))
    assert (code, out) == (2, "")
    assert said in err
    assert path.read_bytes() == before
    assert not (tmp_path / "p.gpkg").exists()


def test_an_older_copy_is_replaced(gridwarden, written, tmp_path):
    copy = tmp_path / "copy.geojson"
    copy.write_text("old")
    gridwarden("check", written(*coded(W=W, E=SLIVER)), "--apply-slivers", copy)
    assert len(read(copy)) == 2


@pytest.mark.real_data
@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared/data")
def test_a_real_shapefile_keeps_its_fields_and_all_that_is_no_sliver(gridwarden, tmp_path):
    path = DATA / "us-maup/denver/DenverCo_precincts2020_orig/DenverCo_precincts2020_orig.shp"
    copy = tmp_path / "copy.shp"
    _, printed, _ = gridwarden("check", path, "--apply-slivers", copy, lang="en")
    assert "slivers: 54 of 54 settled; 27 areas changed, 17.52 m² changed hands" in printed
    before, after = read(path), read(copy)
    assert before.drop(columns="geometry").equals(after.drop(columns="geometry"))
    same = [one.wkb == other.wkb for one, other in zip(before.geometry, after.geometry, strict=True)]
    assert np.count_nonzero(same) == 329
    assert left_in(gridwarden, copy) == {"gap": 9, "multipart": 1}
