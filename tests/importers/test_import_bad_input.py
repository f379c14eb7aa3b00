"""Bad input: a clear error, exit code 2, and nothing changed."""

import json
import struct
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely
from shapely import box

TOWN = {"511402001": box(0, 0, 4, 3)}
GOOD = {"511402001001001": box(0, 0, 2, 3), "511402001001002": box(2, 0, 4, 3)}
FIRST, SECOND = GOOD
BOW_TIE = shapely.Polygon([(2, 0), (4, 3), (4, 0), (2, 3)])


@pytest.fixture
def town(door):
    door.take(door.draw("town", TOWN), "town")
    return door


def refused(door, file, *words, level="grid"):
    """Return the refusal of an import that must change nothing."""
    before = door.state()
    said = door.run("import", file, "--level", level, "--publish", "--json", *words)
    assert said.exit_code == 2, said.output
    assert door.state() == before
    return said


def row_refusals(door, rows, *words, **columns):
    said = refused(door, door.draw("bad", rows, **columns), *words)
    assert said.refusal.kind == "rows-refused"
    return [(one["row"], one["code"], one["type"]) for one in said.report["refusals"]]


class TestFiles:
    def test_that_are_missing_or_folders(self, town):
        assert refused(town, town.folder / "none.geojson").refusal.kind == "no-such-file"
        assert refused(town, town.folder).refusal.kind == "is-a-directory"

    @pytest.mark.parametrize(
        "path", ["/vsicurl/http://127.0.0.1:9/grids.geojson", "/vsizip/a.zip", "http://127.0.0.1:9/a.geojson"]
    )
    def test_that_are_not_here(self, town, path):
        assert refused(town, path).refusal.kind == "not-a-local-file"

    def test_that_point_to_other_files(self, town):
        vrt = town.folder / "grids.vrt"
        vrt.write_text(
            "<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
            "</OGRVRTDataSource>"
        )
        assert refused(town, vrt).refusal.kind == "unknown-format"
        disguised = town.folder / "grids.geojson"
        disguised.write_bytes(vrt.read_bytes())
        assert refused(town, disguised).refusal.kind in ("content-differs", "unreadable-file")

    def test_without_any_area(self, town):
        file = town.folder / "empty.gpkg"
        nothing, codes = np.empty(0, dtype=object), [np.empty(0, dtype=object)]
        pyogrio.raw.write(file, nothing, codes, ["code"], geometry_type="Polygon", crs="EPSG:4490")
        assert refused(town, file).refusal.kind == "empty-layer"

    def test_that_end_too_early(self, town):
        file = town.draw("grids", GOOD)
        file.write_bytes(file.read_bytes()[:-40])
        assert refused(town, file).refusal.kind in ("truncated-file", "unreadable-file")

    def test_that_unpack_to_a_bomb(self, town):
        bomb = town.folder / "bomb.zip"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("grids.geojson", b" " * (40 << 20))
        assert refused(town, bomb).refusal.kind == "archive-ratio"

    def test_that_unpack_elsewhere(self, town):
        archive = town.folder / "up.zip"
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr("../grids.geojson", town.draw("grids", GOOD).read_bytes())
        assert refused(town, archive).refusal.kind == "archive-unsafe-name"


class TestOptions:
    def test_unknown_levels_name_the_known_ones(self, town):
        refusal = refused(town, town.draw("grids", GOOD), level="block").refusal
        assert (refusal.kind, "microgrid" in refusal.text("en")) == ("unknown-level", True)

    @pytest.mark.parametrize("option", ["--code-field", "--name-field", "--parent-field", "--derive-parents"])
    def test_unknown_fields_name_those_of_the_file(self, town, option):
        refusal = refused(town, town.draw("grids", GOOD), option, "wgbh").refusal
        assert (refusal.kind, "code" in refusal.text("en")) == ("unknown-code-field", True)

    def test_parents_cannot_be_derived_above_the_top(self, town):
        refusal = refused(town, town.draw("province", TOWN), "--derive-parents", "code", level="province").refusal
        assert refusal.kind == "derive-needs-level"

    @pytest.mark.parametrize(
        ("crs", "kind"),
        [
            ("EPSG:4610", "crs-datum-needs-parameters"),
            ("EPSG:4214", "crs-datum-needs-parameters"),
            ("mars2000", "unknown-crs"),
        ],
    )
    def test_systems_of_other_datums_are_refused(self, town, crs, kind):
        refusal = refused(town, town.draw("grids", GOOD), "--crs", crs).refusal
        assert refusal.kind
        assert crs.removeprefix("EPSG:") in refusal.text("en")


class TestRows:
    def test_with_the_same_code_are_all_refused(self, town):
        file = town.draw("bad", GOOD)
        text = file.read_text("utf-8").replace(SECOND, FIRST)
        file.write_text(text, "utf-8")
        said = refused(town, file)
        assert [(one["row"], one["type"]) for one in said.report["refusals"]] == [
            (1, "duplicate-code"),
            (2, "duplicate-code"),
        ]

    @pytest.mark.parametrize(
        ("drawn", "kind"),
        [
            (None, "no-geometry"),
            ({"type": "Polygon", "coordinates": []}, "empty-geometry"),
            (BOW_TIE, "self-intersection"),
            (shapely.LineString([(0, 0), (1, 1)]), "not-a-polygon"),
            (shapely.Point(1, 1), "not-a-polygon"),
        ],
    )
    def test_that_are_no_boundaries(self, town, drawn, kind):
        assert row_refusals(town, GOOD | {SECOND: drawn}) == [(2, SECOND, kind)]

    def test_that_cross_themselves_say_where(self, town):
        said = refused(town, town.draw("bad", GOOD | {SECOND: BOW_TIE}))
        place = said.report["refusals"][0]["place"]
        assert (float(place["x"]), float(place["y"])) == pytest.approx((104.003, 30.0015))
        assert "104.003" in said.report["refusals"][0]["zh"]

    def test_with_odd_numbers(self, town):
        file = town.folder / "odd.gpkg"
        xy = shapely.get_coordinates(GOOD[FIRST]) / 1000 + [104, 30]
        for value, kind in (
            (np.nan, "coordinates-not-finite"),
            (np.inf, "coordinates-not-finite"),
            (91.0, "beyond-degrees"),
        ):
            bad = xy.copy()
            bad[1, 1] = value
            wkb = np.array([_polygon_wkb(bad), _polygon_wkb(xy), _polygon_wkb(xy + np.array([0.004, 0]))], dtype=object)
            file.unlink(missing_ok=True)
            pyogrio.raw.write(
                file, wkb, [np.array(["1", "2", "3"], dtype=object)], ["code"], geometry_type="Polygon", crs="EPSG:4490"
            )
            said = refused(town, file)
            assert (1, kind) in [(one["row"], one["type"]) for one in said.report["refusals"]]

    def test_in_metres_declared_as_degrees(self, town):
        features = [
            {
                "type": "Feature",
                "properties": {"code": FIRST},
                "geometry": box(388780, 3329349, 389780, 3330349).__geo_interface__,
            }
        ]
        file = town.folder / "metres.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        refusal = refused(town, file).refusal
        assert refusal.kind not in ("rows-refused",)
        assert "388780" in refusal.text("en").replace(",", "").replace(" ", "")

    def test_with_a_ring_of_a_million_vertices(self, town):
        turn = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
        ring = shapely.Polygon(np.column_stack([1 + np.cos(turn), 1 + np.sin(turn)]))
        assert row_refusals(town, {FIRST: ring}) == [(1, FIRST, "ring-too-long")]

    def test_with_kinds_that_nobody_knows(self, town):
        assert row_refusals(town, GOOD, kind={FIRST: "全科", SECOND: "什么"}) == [(2, SECOND, "unknown-kind")]

    def test_of_both_kinds(self, town):
        kinds = {FIRST: "全科网格", SECOND: "专属网格"}
        assert refused(town, town.draw("bad", GOOD, kind=kinds)).refusal.kind == "mixed-kinds"
        assert row_refusals(town, GOOD, "--kind", "general", kind=kinds) == [(2, SECOND, "other-kind")]

    def test_of_which_matching_leaves_nothing(self, town):
        hair = {FIRST: box(0, 0, 2, 3), SECOND: box(2, 0, 2.0005, 3)}
        assert row_refusals(town, hair) == [(2, SECOND, "area-vanished")]

    def test_are_told_all_at_once_with_the_count(self, town):
        said = refused(town, town.draw("bad", {FIRST: None, SECOND: BOW_TIE, "511402001": box(0, 0, 1, 1)}))
        assert [one["type"] for one in said.report["refusals"]] == [
            "no-geometry",
            "self-intersection",
            "code-other-level",
        ]
        assert said.refusal.text("en").startswith("3 rows cannot come in")

    def test_come_in_without_the_bad_ones_where_that_is_asked_for(self, town):
        file = town.draw("bad", GOOD | {"511402001001003": None})
        report = town.take(file, "grid", "--skip-bad-rows")
        assert (report["counts"]["new"], report["counts"]["refused"]) == (2, 1)
        assert town.take(file, "grid", "--skip-bad-rows")["counts"]["unchanged"] == 2

    def test_that_are_all_bad_leave_nothing_to_import(self, town):
        assert refused(town, town.draw("bad", {FIRST: None}), "--skip-bad-rows").refusal.kind == "no-rows-left"

    def test_are_mended_where_that_is_asked_for_with_the_change_of_area(self, town):
        loop = shapely.Polygon([(2, 0), (4, 0), (4, 3), (2, 3), (2, 2), (3, 2), (2, 2), (2, 1)])
        file = town.draw("bad", GOOD | {SECOND: loop})
        report = town.take(file, "grid", "--make-valid")
        assert [(one["row"], one["code"]) for one in report["repairs"]] == [(2, SECOND)]
        assert town.take(file, "grid", "--make-valid")["counts"]["unchanged"] == 2


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "'; DROP TABLE area; --", '"东门"', "东门\\网格%s{x}"])
def test_names_are_text_whatever_they_look_like(town, name):
    town.take(town.draw("grids", GOOD, name={FIRST: name}), "grid")
    assert town.ask("SELECT name FROM area_version WHERE code = %s", FIRST) == [(name,)]


def _polygon_wkb(xy):
    return struct.pack("<BIII", 1, 3, 1, len(xy)) + xy.astype("<f8").tobytes()
