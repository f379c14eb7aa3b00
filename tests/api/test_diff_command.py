"""``gridwarden diff`` as a user runs it: two editions, two files, and a file against what is stored."""

import json
import re
import shutil
from copy import deepcopy

import pytest
import shapely
from playwright.sync_api import sync_playwright

OFFLINE = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking"
COMMUNITY = "519801001001"


@pytest.fixture
def exported(gridwarden, tmp_path):
    """The grids of one community as ``export`` writes them, and a way to write them changed."""
    path = tmp_path / "grids.geojson"
    gridwarden("export", "--out", path, "--within", COMMUNITY)
    collection = json.loads(path.read_text("utf-8"))

    def changed(change):
        copy = deepcopy(collection)
        change({one["properties"]["code"][-3:]: one for one in copy["features"]}, copy["features"])
        other = tmp_path / "changed.geojson"
        other.write_text(json.dumps(copy, ensure_ascii=False), "utf-8")
        return other

    return path, changed


@pytest.fixture
def differing(gridwarden):
    """Return a way to compare: exit code and JSON document."""

    def run(*arguments):
        exit_code, out, err = gridwarden("diff", *arguments, "--json")
        assert err == ""
        return exit_code, json.loads(out)

    return run


def told(document):
    return {one["code"][-3:]: one["changes"] for one in document["differences"]}


def shape_of(feature):
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def moved(feature, shared, east):
    """Move some vertices of a feature to the east, in degrees."""
    for ring in feature["geometry"]["coordinates"]:
        ring[:] = [[lon + east, lat] if (lon, lat) in shared else [lon, lat] for lon, lat in ring]


def inner_vertices(features, first, second):
    """Return the vertices of a common border but its ends."""
    line = shapely.line_merge(shape_of(features[first]).intersection(shape_of(features[second])))
    return set(map(tuple, shapely.get_coordinates(line)[1:-1].tolist()))


def test_an_edition_does_not_differ_from_itself(differing):
    exit_code, document = differing("edition:9", "@now")
    assert (exit_code, document["counts"], document["differences"]) == (0, {}, [])
    assert document["unchanged"] == 343


def test_two_editions_tell_what_was_created(differing):
    exit_code, document = differing("edition:4", "edition:5")
    assert (exit_code, document["counts"]) == (1, {"created": 200})
    assert (document["old"]["edition"], document["new"]["edition"]) == (4, 5)
    assert {one["level"] for one in document["differences"]} == {"grid"}


def test_a_comparison_can_be_turned_round(differing):
    _, document = differing("edition:7", "edition:6", "--level", "grid")
    assert (document["counts"], {one["kind"] for one in document["differences"]}) == ({"retired": 32}, {"special"})


def test_a_comparison_can_stay_within_an_area(differing):
    _, document = differing("edition:4", "edition:5", "--within", COMMUNITY)
    assert document["counts"] == {"created": 11}
    assert differing("edition:4", "@now", "--within", COMMUNITY, "--kind", "special")[1]["counts"] == {"created": 3}


@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
def test_an_export_does_not_differ_from_what_is_stored(gridwarden, differing, tmp_path, extension):
    path = tmp_path / f"grids.{extension}"
    gridwarden("export", "--out", path, "--level", "grid")
    for sides in ((path, "@now"), ("edition:9", path), (path, path)):
        exit_code, document = differing(*sides)
        assert (exit_code, document["counts"], document["unchanged"]) == (0, {}, 200)


def test_a_file_of_one_community_says_nothing_of_the_others(exported, differing):
    path, _ = exported
    exit_code, document = differing("@now", path)
    assert (exit_code, document["unchanged"]) == (0, 11)


def test_redrawn_redigitised_renamed_recoded_and_reparented_are_told_apart(exported, differing):
    path, changed = exported

    def change(grid, features):
        far, near = inner_vertices(grid, "006", "007"), inner_vertices(grid, "010", "011")
        for code in ("006", "007"):
            moved(grid[code], far, 1e-4)
        for code in ("010", "011"):
            moved(grid[code], near, 5e-6)
        grid["003"]["properties"]["name"] = "新名"
        grid["004"]["properties"]["code"] = COMMUNITY + "777"
        grid["005"]["properties"]["parent"] = "519801001002"

    exit_code, document = differing("@now", changed(change))
    assert exit_code == 1
    assert told(document) == {
        **{"003": ["renamed"], "777": ["recoded"], "005": ["reparented"]},
        **{"006": ["redrawn"], "007": ["redrawn"], "010": ["redigitised"], "011": ["redigitised"]},
    }
    found = {one["code"][-3:]: one for one in document["differences"]}
    assert found["006"]["moved_m"] == pytest.approx(9.6, abs=0.7)
    assert 0 < found["010"]["moved_m"] < 1
    assert found["777"]["before"]["code"] == COMMUNITY + "004"
    assert (found["005"]["before"]["parent"], found["005"]["after"]["parent"]) == (COMMUNITY, "519801001002")
    # from the file's side the same, turned round
    assert told(differing(path.parent / "changed.geojson", "@now")[1])["004"] == ["recoded"]


def test_a_merger_is_a_redraw_and_a_retirement_with_m2(exported, differing):
    def change(grid, features):
        united = shapely.union(shape_of(grid["001"]), shape_of(grid["002"]))
        grid["001"]["geometry"] = json.loads(shapely.to_geojson(united))
        features.remove(grid["002"])

    _, changed = exported
    _, document = differing("@now", changed(change))
    assert told(document) == {"001": ["redrawn"], "002": ["retired"]}
    redrawn, retired = document["differences"]
    assert redrawn["gained_m2"] == pytest.approx(retired["before"]["area_m2"], rel=1e-9)
    assert [(one["from"][-3:], one["to"][-3:]) for one in document["pieces"]] == [("002", "001")]


def test_what_a_file_says_nothing_of_is_no_difference(exported, differing):
    def change(grid, features):
        for one in features:
            one["properties"] = {"code": one["properties"]["code"]}

    _, changed = exported
    assert differing(changed(change), "@now")[0] == 0
    assert differing("@now", changed(change))[0] == 0


def test_files_are_compared_without_any_database(exported, differing, monkeypatch):
    path, changed = exported
    other = changed(lambda grid, features: features.remove(grid["001"]))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nowhere.invalid/none")
    assert told(differing(path, other)[1]) == {"001": ["retired"]}


def test_an_invalid_boundary_is_mended_and_said_so(exported, differing):
    def change(grid, features):
        ring = grid["001"]["geometry"]["coordinates"][0]
        ring[2], ring[-3] = ring[-3], ring[2]

    _, changed = exported
    _, document = differing("@now", changed(change))
    assert [one["kind"] for one in document["remarks"]] == ["diff-mended"]
    assert "001" in told(document)


def test_the_geojson_has_areas_and_pieces(gridwarden, exported, tmp_path):
    _, changed = exported
    out = tmp_path / "changes.geojson"
    other = changed(lambda grid, features: features.remove(grid["001"]))
    exit_code, said, _ = gridwarden("diff", "@now", other, "--out", out)
    assert (exit_code, str(out) in said) == (1, True)
    features = json.loads(out.read_text("utf-8"))["features"]
    assert [one["properties"]["feature"] for one in features] == ["area", "piece"]
    area, piece = map(shape_of, features)
    assert area.equals(piece)


def test_the_table_is_aligned_and_names_the_changes(gridwarden, exported):
    _, changed = exported
    other = changed(lambda grid, features: features.remove(grid["001"]))
    exit_code, out, _ = gridwarden("diff", "@now", other)
    assert exit_code == 1
    assert re.search(r"撤销 1", out.splitlines()[0])
    assert re.search(rf"^  撤销 +{COMMUNITY}001 +第一网格 +[0-9,.]+$", out, re.MULTILINE)


def test_the_page_shows_before_and_after_and_asks_no_host(gridwarden, exported, tmp_path):
    _, changed = exported
    out = tmp_path / "changes.html"

    def change(grid, features):
        grid["003"]["properties"]["name"] = "<script>alert(1)</script>{{7*7}}"
        features.remove(grid["001"])

    gridwarden("diff", "@now", changed(change), "--out", out)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=OFFLINE.split())
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        asked, complaints = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(out.as_uri())
        after = page.locator(".leaflet-gw-state-pane path").count()
        page.get_by_label("之前").check()
        before = page.locator(".leaflet-gw-state-pane path").count()
        page.locator("tr[data-row]").first.click()
        rows = page.locator("tr[data-row]").all_inner_texts()
        browser.close()
    # the grid that is gone, the one renamed, and their neighbours
    assert (before, after) == (7, 6)
    assert (asked, complaints) == ([out.as_uri()], [])
    assert len(rows) == 2
    assert "<script>alert(1)</script>{{7*7}}" in "".join(rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.gpkg", "@now"), "nowhere.gpkg"),
        (("edition:99", "@now"), "99"),
        (("@2001-01-01", "@now"), "2001-01-01"),
        (("@yesterday", "@now"), "yesterday"),
        (("edition:3", "@now", "--level", "street"), "street"),
        (("edition:3", "@now", "--within", "7"), "7"),
        (("@now", "@now", "--format", "html"), "--out"),
    ],
)
def test_what_cannot_be_compared_is_said(gridwarden, arguments, said):
    exit_code, out, err = gridwarden("diff", *arguments)
    assert (exit_code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_a_file_whose_level_nobody_can_tell_is_refused(gridwarden, exported):
    def change(grid, features):
        for number, one in enumerate(features):
            one["properties"] = {"code": f"x{number}"}

    _, changed = exported
    exit_code, _, err = gridwarden("diff", changed(change), "@now")
    assert exit_code == 2
    assert "--level" in err
