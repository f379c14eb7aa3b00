"""``gridwarden audit`` and ``gridwarden findings`` as people run them, with defects planted into the invented city."""

import json
import sys
from datetime import date, timedelta

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy import text

from api.command import main
from geo.coverage import ELLIPSOIDAL
from geo.levels import DEFAULT
from geo.store.areas import load_areas
from geo.store.auditing import AuditRequest, run_audit
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.publish import Signature, close_areas, publication

COUNTY, COMMUNITY, GRID = "519801", "519801001002", "519801001001001"
CITY_M2 = 18_967_147


class City:
    """The invented city in a database of its own."""

    def __init__(self, url, folder, run):
        self.url, self.folder, self.run = url, folder, run

    def audit(self, *arguments):
        code, out, _ = self.run("audit", "--json", *arguments)
        document = json.loads(out)
        assert code == (0 if document["verdict"] == "covered" else 1)
        return document

    def defects(self, *arguments):
        return sorted(
            (one["kind"], tuple(one["codes"])) for one in self.audit(*arguments)["findings"] if one["blocking"]
        )

    def retire(self, *, level, where):
        """Publish the end of some areas."""
        with connect(self.url) as connection:
            found = load_areas(connection, present(connection).at, levels=[level], shapes=False)
            parents = found.parent_codes(load_areas(connection, present(connection).at, shapes=False))
            connection.rollback()
            rows = zip(found.ids.tolist(), found.codes, parents, strict=True)
            gone = [area for area, code, parent in rows if where(code, parent)]
            with publication(connection, Signature("boundaries", "planted", "test")) as opened:
                close_areas(connection, opened, gone)
        return len(gone)

    def redraw(self, code, shape, *, recode=None):
        """Publish another boundary of an area, with whatever findings that makes, by SQL."""
        planted = Signature("boundaries", "planted", "test")
        with connect(self.url) as connection, publication(connection, planted) as opened:
            (old,) = connection.execute(
                text("SELECT * FROM area_version WHERE code = :code AND upper_inf(valid)"), {"code": code}
            ).mappings()
            close_areas(connection, opened, [old["area_id"]])
            whole = shape and shapely.set_srid(shapely.multipolygons([shape]), 4490)
            wkb = shapely.to_wkb(whole, hex=True, include_srid=True)
            connection.execute(
                text(
                    "INSERT INTO area_version (area_id, code, name, kind, parent_id, geom, edition, valid) VALUES "
                    "(:area_id, :code, :name, :kind, :parent_id, CAST(:wkb AS geometry), :opened, "
                    "tstzrange(:at, NULL))"
                ),
                {**old, "code": recode or code, "wkb": wkb, "opened": opened.edition, "at": opened.at},
            )

    def boundary(self, code):
        with connect(self.url) as connection:
            found = load_areas(connection, present(connection).at, codes=[code])
        return shapely.get_geometry(found.geoms[0], 0)

    def edition(self):
        with connect(self.url) as connection:
            return present(connection).edition


def runner(monkeypatch, capsys):
    """Return a way to run the command in this process: exit code, stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["gridwarden", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    return run


@pytest.fixture
def city(cluster, clone, city_template, tmp_path, monkeypatch, capsys):
    with clone(city_template) as name:
        url = cluster.url("app", name)
        monkeypatch.setenv("DATABASE_URL", url)
        yield City(url, tmp_path, runner(monkeypatch, capsys))


def dented(shape):
    """Take away the corner between the first two edges: a triangle of lattice points."""
    a, b, c = (shape.exterior.coords[row] for row in (0, 1, 2))
    return shapely.Polygon([a, *shape.exterior.coords[2:]]), shapely.Polygon([a, b, c])


class TestTheWholeCity:
    def test_it_is_covered_and_the_first_line_says_by_what(self, gridwarden):
        exit_code, out, _ = gridwarden("audit")
        assert exit_code == 0
        first, *rest = out.splitlines()
        assert "第 9 期" in first
        assert "通过" in first
        assert "全科网格 200" in first
        assert "专属网格 32" in first
        assert "应覆盖 18,967,147 平方米，已覆盖 18,967,147 平方米" in first
        assert "例外 0 项有效" in first
        assert "没有无法确认的" in first
        counties = [line for line in rest if line.startswith("51980")]
        assert [line[:6] for line in counties] == ["519801", "519802"]
        assert "全科网格 82" in counties[0]

    def test_the_document_keeps_the_contract_and_never_adds_special_grids(self, gridwarden):
        document = json.loads(gridwarden("audit", "--json")[1])
        assert document["format"] == "gridwarden-findings/1"
        assert document["areas"] == 1 + 2 + 5 + 18 + 200 + 85
        kinds = {(one["level"], one["kind"]): one["count"] for one in document["areas_by_kind"]}
        assert (kinds["grid", "general"], kinds["grid", "special"]) == (200, 32)
        assert (document["verdict"], document["edition"], document["crs"]) == ("covered", 9, "EPSG:4490")
        assert round(document["covered_m2"]) == round(document["declared_m2"]) == CITY_M2
        assert sum(row["declared_m2"] for row in document["counties"]) == pytest.approx(
            document["declared_m2"], rel=1e-6
        )
        assert len(document["inputs"][0]["sha256"]) == 64

    def test_the_remarks_are_those_that_the_city_was_made_with(self, gridwarden):
        document = json.loads(gridwarden("audit", "--json")[1])
        assert document["counts"]["multipart"] == 1
        sizes = [one["codes"] for one in document["findings"] if one["kind"] == "size"]
        assert sizes == [["519802001003010"], ["519801002002007"]]
        assert set(document["counts"]) == {"multipart", "size", "team"}

    @pytest.mark.parametrize("extension", ["html", "gpkg", "json", "txt"])
    def test_it_is_written_in_every_format(self, gridwarden, tmp_path, extension):
        path = tmp_path / f"audit.{extension}"
        exit_code, out, _ = gridwarden("audit", "--out", path)
        assert exit_code == 0
        assert "第 9 期" in out
        if extension == "gpkg":
            assert {"team", "about"} <= set(pyogrio.list_layers(path)[:, 0])
        else:
            assert "519801" in path.read_text("utf-8")

    def test_a_past_edition_is_audited_as_it_was(self, gridwarden):
        """Only towns were published then: each is one gap of its full extent, since there were no grids."""
        exit_code, out, _ = gridwarden("audit", "--edition", 3, "--json")
        document = json.loads(out)
        assert exit_code == 1
        assert (document["verdict"], document["counts"]) == ("defects", {"gap": 5})
        assert document["covered_m2"] == 0
        assert gridwarden("audit", "--edition", 3, "--level", "town")[0] == 0

    def test_with_nothing_to_compare_with_nothing_is_proved(self, gridwarden):
        exit_code, out, _ = gridwarden("audit", "--level", "city", "--json")
        document = json.loads(out)
        assert (exit_code, document["verdict"], document["unproved"]) == (1, "unproved", ["519800"])

    def test_an_area_and_all_below(self, gridwarden):
        document = json.loads(gridwarden("audit", "--within", COUNTY, "--json")[1])
        assert (document["verdict"], document["areas"]) == ("covered", 2 + 7 + 82 + 34)
        assert [row["code"] for row in document["counties"]] == [COUNTY]
        whole = {one["id"]: one for one in json.loads(gridwarden("audit", "--json")[1])["findings"]}
        assert {one["id"] for one in document["findings"]} == {
            name for name, one in whole.items() if one["codes"][0].startswith(COUNTY)
        }

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--level", "street"), "street"),
            (("--within", "7"), "7"),
            (("--level", "county", "--within", COUNTY), COUNTY),
            (("--format", "html"), "--out"),
            (("--edition", "99"), "99"),
        ],
    )
    def test_what_cannot_be_asked_is_said(self, gridwarden, arguments, said):
        exit_code, _, err = gridwarden("audit", *arguments)
        assert exit_code == 2
        assert said in err


class TestPlantedDefects:
    def test_a_community_without_grids_is_one_gap_of_its_full_extent(self, city):
        assert city.retire(level="grid", where=lambda code, parent: parent == COMMUNITY) > 5
        document = city.audit()
        (gap,) = [one for one in document["findings"] if one["kind"] == "gap"]
        whole_m2 = ELLIPSOIDAL.area_m2(np.array([city.boundary(COMMUNITY)], dtype=object))[0]
        assert gap["codes"] == [COMMUNITY]
        assert gap["area_m2"] == pytest.approx(whole_m2, abs=1)
        assert document["declared_m2"] - document["covered_m2"] == pytest.approx(whole_m2, abs=1)
        verdicts = {row["code"]: (row["verdict"], row["defects"] > 0) for row in document["counties"]}
        assert verdicts == {"519801": ("defects", True), "519802": ("covered", False)}
        assert city.audit("--within", "519802")["verdict"] == "covered"
        assert city.audit("--edition", 9)["verdict"] == "covered"

    def test_an_edge_town_that_is_missing_is_a_gap_of_its_county(self, city):
        city.retire(level="town", where=lambda code, parent: code == "519802100")
        assert ("gap", ("519802",)) in city.defects("--level", "town")
        assert city.defects("--within", COUNTY) == []

    def test_a_parent_without_boundary_leaves_the_verdict_unproved_by_name(self, city):
        city.redraw(COMMUNITY, None)
        document = city.audit("--level", "grid")
        assert (document["verdict"], document["unproved"]) == ("unproved", [COMMUNITY])
        assert {row["code"]: row["verdict"] for row in document["counties"]} == {
            "519801": "unproved",
            "519802": "covered",
        }
        assert COMMUNITY in city.run("audit", "--level", "grid")[1].splitlines()[0]
        whole = city.audit()
        assert whole["unproved"] == [COMMUNITY]
        assert [(one["kind"], one["codes"]) for one in whole["findings"] if one["blocking"]] == [
            ("gap", [COMMUNITY[:9]])
        ]

    def test_exactly_the_planted_gap_and_overlap_are_found(self, city):
        whole = city.boundary(GRID)
        smaller, _ = dented(whole)
        city.redraw(GRID, smaller)
        found = city.defects("--level", "grid")
        lost_m2, got_m2 = whole.difference(smaller).area, smaller.difference(whole).area
        kinds = {kind for kind, _ in found}
        assert kinds <= {"gap", "overlap", "outside_parent"}
        assert ("gap" in kinds) == (lost_m2 > 0)
        assert ("overlap" in kinds or "outside_parent" in kinds) == (got_m2 > 0)
        assert all(GRID in codes or codes == (GRID[:12],) for _, codes in found)
        assert city.defects("--level", "grid", "--within", GRID[:12]) == found
        assert city.defects("--level", "grid", "--within", "519802") == []

    def test_another_person_finds_the_same_ids_in_the_exported_files(self, city):
        city.redraw(GRID, dented(city.boundary(GRID))[0])
        city.retire(level="grid", where=lambda code, parent: parent == COMMUNITY)
        grids, communities = city.folder / "grids.gpkg", city.folder / "communities.gpkg"
        for path, level in ((grids, "grid"), (communities, "community")):
            assert city.run("export", "--out", path, "--level", level)[0] == 0
        code, out, _ = city.run("check", grids, "--parents", communities, "--json")
        assert code == 1
        own = [one for one in city.audit("--level", "grid")["findings"] if one["blocking"]]
        assert {one["id"] for one in json.loads(out)["findings"]} == {one["id"] for one in own}
        assert len(own) >= 2


class TestExceptions:
    def test_a_finding_accepted_by_an_import_is_listed_and_no_defect(self, city):
        grids = city.folder / "grids.geojson"
        city.run("export", "--out", grids, "--level", "grid", "--within", COMMUNITY)
        document = json.loads(grids.read_text("utf-8"))
        document["features"] = document["features"][1:]
        grids.write_text(json.dumps(document), "utf-8")
        arguments = ("import", grids, "--level", "grid", "--retire-missing", "--publish")
        code, out, err = city.run(*arguments, "--accept", "gap", "--reason", "水库", "--as", "张工")
        assert code == 0, out + err
        audited = city.audit()
        assert (audited["verdict"], audited["exceptions_in_force"]) == ("covered", 1)
        (exception,) = audited["exceptions"]
        assert (exception["kind"], exception["reason"], exception["accepted_by"]) == ("gap", "水库", "张工")
        assert audited["covered_m2"] < audited["declared_m2"]
        assert audited["counties"][0]["exceptions"] == 1

    def test_accept_list_grow_expire_revoke(self, city):
        city.retire(level="grid", where=lambda code, parent: code == GRID)
        (finding,) = [one for one in city.audit()["findings"] if one["kind"] == "gap"]
        until = date.today() + timedelta(days=30)
        code, out, _ = city.run(
            "findings", "accept", finding["id"], "--reason", "河道", "--as", "李工", "--until", until, "--json"
        )
        assert code == 0
        (record,) = json.loads(out)
        assert (record["codes"], record["until"]) == ([GRID[:12]], until.isoformat())
        first = city.run("audit")[1].splitlines()[0]
        assert "例外 1 项有效（本次对应 1 处）" in first
        assert city.audit("--at", city.audit()["at"])["verdict"] == "covered"
        assert city.audit()["counties"][0]["verdict"] == "covered"

        with connect(city.url) as connection:
            now = present(connection)
            for day, verdict in ((until, "covered"), (until + timedelta(days=1), "defects")):
                request = AuditRequest(now.at, day, now.edition)
                assert run_audit(connection, request, DEFAULT).check.verdict == verdict

        city.retire(level="grid", where=lambda code, parent: code in {GRID, f"{GRID[:-1]}2"})
        (grown,) = [one for one in city.audit()["findings"] if one["kind"] == "gap"]
        assert grown["area_m2"] > finding["area_m2"]
        assert city.audit("--edition", city.edition() - 1)["verdict"] == "defects"  # accepted only afterwards

        assert "河道" in city.run("findings", "list")[1]
        code, out, _ = city.run("findings", "revoke", record["exception"], "--reason", "已补划", "--json")
        assert (code, json.loads(out)) == (0, {"revoked": [record["exception"]]})
        assert city.run("findings", "list")[0] == 1
        assert "已撤销" in city.run("findings", "list", "--all")[1]
        assert city.run("findings", "revoke", record["exception"], "--reason", "再次")[0] == 1

    def test_an_exception_goes_with_its_areas_when_these_get_another_code(self, city):
        city.retire(level="grid", where=lambda code, parent: code == GRID)
        city.run("findings", "accept", "--kind", "gap", "--reason", "河道")
        community, recoded = GRID[:12], f"{GRID[:9]}099"
        city.redraw(community, city.boundary(community), recode=recoded)
        audited = city.audit()
        assert "gap" not in {one["kind"] for one in audited["findings"] if one["blocking"]}
        assert [(one["kind"], one["codes"]) for one in audited["exceptions"]] == [("gap", [recoded])]
        assert recoded in city.run("findings", "list")[1]

    def test_a_baseline_accepts_everything_that_blocks_as_one_list(self, city):
        city.retire(level="grid", where=lambda code, parent: parent == COMMUNITY or code == "519802001001001")
        code, out, _ = city.run("findings", "accept", "--baseline", "2026 年清单", "--reason", "首次导入", "--json")
        assert code == 0
        assert {record["baseline"] for record in json.loads(out)} == {"2026 年清单"}
        audited = city.audit()
        assert audited["verdict"] == "covered"
        assert len(audited["exceptions"]) == len(json.loads(out)) >= 2
        assert {one["blocking"] for one in audited["findings"]} == {False}

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("accept", "0123456789abcdef", "--reason", "x"), "0123456789abcdef"),
            (("accept", "--reason", "x"), "--baseline"),
            (("accept", "--kind", "hole", "--reason", "x"), "hole"),
            (("accept", "--kind", "gap", "--reason", " "), "--reason"),
            (("accept", "--kind", "gap", "--reason", "x", "--until", "2020-01-01"), "2020-01-01"),
            (("revoke", "77", "--reason", "x"), "77"),
        ],
    )
    def test_what_cannot_be_accepted_is_said(self, gridwarden, arguments, said):
        exit_code, _, err = gridwarden("findings", *arguments)
        assert exit_code == 2
        assert said in err


class TestWithLittle:
    @pytest.fixture
    def empty(self, cluster, clone, monkeypatch, capsys, tmp_path):
        with clone() as name:
            url = cluster.url("app", name)
            monkeypatch.setenv("DATABASE_URL", url)
            yield City(url, tmp_path, runner(monkeypatch, capsys))

    @pytest.mark.parametrize("arguments", [(), ("--level", "grid"), ("--level", "city")])
    def test_with_no_area_at_all_nothing_is_proved(self, empty, arguments):
        document = empty.audit(*arguments)
        assert (document["verdict"], document["areas"], document["findings"]) == ("unproved", 0, [])
        assert empty.run("audit", *arguments, "--out", empty.folder / "audit.html")[0] == 1

    def test_grids_without_anything_above_are_unproved(self, empty):
        #  [ A ][ B ]
        squares = {f"51140200100100{n}": shapely.box(104 + n / 100, 30, 104 + (n + 1) / 100, 30.01) for n in (1, 2)}
        features = [
            {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(shape)}
            for code, shape in squares.items()
        ]
        path = empty.folder / "grids.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        assert empty.run("import", path, "--level", "grid", "--publish")[0] == 0
        document = empty.audit()
        assert (document["verdict"], document["unproved"]) == ("unproved", sorted(squares))
        assert document["counts"] == {"team": 2}
        assert "户数" in empty.run("audit")[1]
        assert empty.audit("--within", "511402001001001")["verdict"] == "unproved"
