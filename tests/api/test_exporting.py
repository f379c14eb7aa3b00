"""``gridwarden export`` as a user runs it: what goes out comes in again unchanged."""

import json

import pyogrio
import pytest
import shapely

from geo.lattice import is_on_lattice
from geo.store.connect import connect
from geo.store.editions import present_edition


@pytest.mark.parametrize("kind", ["general", "special"])
@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
def test_importing_an_export_changes_nothing(gridwarden, city_url, tmp_path, extension, kind):
    path = tmp_path / f"grids.{extension}"
    exit_code, out, _ = gridwarden("export", "--out", path, "--level", "grid", "--kind", kind, "--json")
    assert exit_code == 0
    assert json.loads(out)["areas"] == {"general": 200, "special": 32}[kind]
    exit_code, out, _ = gridwarden("import", path, "--level", "grid", "--publish", "--json")
    assert exit_code == 0
    report = json.loads(out)
    assert (report["edition"], report["counts"]["unchanged"]) == (None, {"general": 200, "special": 32}[kind])
    with connect(city_url) as connection:
        assert present_edition(connection) == 9


@pytest.mark.parametrize("encoding", ["GBK", "gbk", "UTF-8"])
def test_a_shapefile_comes_back_whole_in_either_encoding(gridwarden, tmp_path, encoding):
    path = tmp_path / "communities.shp"
    exit_code, _, _ = gridwarden("export", "--out", path, "--level", "community", "--encoding", encoding)
    assert exit_code == 0
    assert path.with_suffix(".cpg").read_text("ascii").strip() == {"gbk": "GBK", "GBK": "GBK"}.get(encoding, "UTF-8")
    expected = "梅坪社区".encode(encoding)
    assert expected in path.with_suffix(".dbf").read_bytes()
    _, out, _ = gridwarden("import", path, "--level", "community", "--json")
    assert json.loads(out)["counts"]["unchanged"] == 18


@pytest.mark.slow
@pytest.mark.parametrize("extension", ["geojson", "gpkg", "shp", "parquet"])
def test_an_edition_in_a_new_database_is_that_edition(gridwarden, cluster, clone, monkeypatch, tmp_path, extension):
    """Every level and kind goes out, into an empty database, and is compared with the files."""
    levels = [("city", "general"), ("county", "general"), ("town", "general"), ("community", "general")]
    levels += [("grid", "general"), ("microgrid", "general"), ("grid", "special")]
    files = []
    for number, (level, kind) in enumerate(levels):
        files.append(tmp_path / f"{number}-{level}.{extension}")
        encoding = ("--encoding", "GBK") if extension == "shp" else ()
        assert (
            gridwarden("export", "--out", files[-1], "--level", level, "--kind", kind, "--edition", 7, *encoding)[0]
            == 0
        )
    with clone() as name:
        monkeypatch.setenv("DATABASE_URL", cluster.url("app", name))
        for (level, kind), file in zip(levels, files, strict=True):
            assert gridwarden("import", file, "--level", level, "--kind", kind, "--publish")[0] == 0
        for (level, kind), file in zip(levels, files, strict=True):
            exit_code, out, _ = gridwarden("diff", file, "@now", "--level", level, "--kind", kind, "--json")
            found = json.loads(out)
            assert (exit_code, found["counts"], found["unchanged"]) == (0, {}, found["old"]["areas"])


@pytest.mark.parametrize("extension", ["geojson", "gpkg"])
def test_an_export_has_the_parent_and_stands_on_the_lattice(gridwarden, tmp_path, extension):
    path = tmp_path / f"grids.{extension}"
    gridwarden("export", "--out", path, "--within", "519801")
    meta, _, wkb, columns = pyogrio.raw.read(path)
    fields = dict(zip(meta["fields"].tolist(), columns, strict=True))
    assert list(fields) == [
        *("code", "name", "parent", "level", "local_code", "kind", "category", "not_subdivided", "fully_divided")
    ]
    assert all(code.startswith(parent) for code, parent in zip(fields["code"], fields["parent"], strict=True))
    assert {len(parent) for parent in fields["parent"]} == {12}
    assert {code[:6] for code in fields["code"]} == {"519801"}
    assert is_on_lattice(shapely.from_wkb(wkb))


def test_an_area_in_two_pieces_keeps_both(gridwarden, tmp_path):
    path = tmp_path / "communities.geojson"
    gridwarden("export", "--out", path, "--level", "community")
    features = json.loads(path.read_text("utf-8"))["features"]
    types = [feature["geometry"]["type"] for feature in features]
    assert (types.count("Polygon"), types.count("MultiPolygon")) == (17, 1)


def test_an_edition_is_exported_as_it_was(gridwarden, tmp_path):
    exit_code, out, _ = gridwarden("export", "--out", tmp_path / "a.gpkg", "--edition", 3, "--json")
    assert exit_code == 0
    assert [json.loads(out)[name] for name in ("level", "areas", "edition")] == ["town", 5, 3]


def test_special_grids_left_out_are_mentioned(gridwarden, tmp_path):
    _, out, _ = gridwarden("export", "--out", tmp_path / "a.geojson")
    assert "32" in out
    assert "--kind special" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--level", "province"), "--level"),
        (("--level", "street"), "street"),
        (("--within", "7"), "7"),
        (("--edition", "99"), "99"),
    ],
)
def test_what_is_not_there_is_said_and_no_file_appears(gridwarden, tmp_path, arguments, said):
    exit_code, _, err = gridwarden("export", "--out", tmp_path / "a.geojson", *arguments)
    assert exit_code == 2
    assert said in err
    assert not list(tmp_path.iterdir())


def test_an_unknown_extension_is_refused_with_the_known_ones(gridwarden, tmp_path):
    exit_code, _, err = gridwarden("export", "--out", tmp_path / "a.dwg")
    assert exit_code == 2
    assert ".gpkg" in err
