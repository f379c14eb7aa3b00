"""Boundary files as planners, vendors and strangers send them, through the door that the importer takes."""

import http.server
import json
import os
import shutil
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from shapely import Polygon, box

from geo.errors import GeoError, NotFound, TooLarge
from importers.boundary_file import BoundaryFile, read_boundaries
from importers.drivers import DRIVERS, lock_down
from importers.geometry_rows import checked_rows
from importers.limits import Limits

#        103.8        103.9        104.0
#  30.1    [   东坡区   ][   青神县   ]
#  30.0
WEST, EAST = box(103.8, 30.0, 103.9, 30.1), box(103.9, 30.0, 104.0, 30.1)
CODES, NAMES = ["511402", "511425"], ["东坡区", "青神县"]
ZONE_35 = "EPSG:4523"


@pytest.fixture(scope="module", autouse=True)
def _locked_down() -> None:
    # The files of these tests are written by the same GDAL.
    lock_down()


def frame(crs: Any = 4490, **columns: Any) -> geopandas.GeoDataFrame:
    table = {"编码": CODES, "名称": NAMES} | columns
    table = {field: values for field, values in table.items() if values is not None}
    return geopandas.GeoDataFrame(table, geometry=[WEST, EAST], crs=4490).to_crs(crs)


def written(path: Path, table: geopandas.GeoDataFrame | None = None, **options: Any) -> Path:
    table = frame() if table is None else table
    if path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        drivers = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON", ".kml": "LIBKML"}
        table.to_file(path, driver=drivers[path.suffix], **options)
    return path


def geojson(path: Path, features: list[dict[str, Any]], **members: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features} | members, ensure_ascii=False))
    return path


def feature(shape: Any, **properties: Any) -> dict[str, Any]:
    geometry = shape if shape is None or isinstance(shape, dict) else shapely.geometry.mapping(shape)
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def gbk_shapefile(path: Path, crs: Any = 4490, **columns: Any) -> Path:
    written(path, frame(crs, **columns), encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return path


def refusal(path: Path, **options: Any) -> GeoError:
    with pytest.raises(GeoError) as refused:
        read_boundaries(path, **options)
    assert refused.value.text("zh") and refused.value.text("en")
    assert "gridwarden-" not in refused.value.text("en"), "our private folder is nobody's business"
    return refused.value


def kinds_of_rows(file: BoundaryFile) -> list[tuple[int, str]]:
    return [(one.row, one.error.kind) for one in checked_rows(file).refusals]


# --- every format says the same ---


@pytest.mark.parametrize("extension", [".geojson", ".gpkg", ".shp", ".kml", ".parquet"])
def test_every_format_gives_the_same_rows(tmp_path, extension):
    file = read_boundaries(written(tmp_path / f"区县{extension}"))
    assert file.rows.numbers.tolist() == [1, 2]
    assert file.rows.codes.tolist() == CODES
    assert file.rows.names.tolist() == NAMES
    assert file.rows.parents.tolist() == ["", ""]
    assert shapely.equals(file.rows.geoms, [WEST, EAST]).all()
    assert file.bounds == (103.8, 30.0, 104.0, 30.1)
    assert (file.layer, file.geographic, len(file.sha256)) == ("区县", True, 64)
    assert len(checked_rows(file).rows) == 2


@pytest.mark.parametrize("archive", ["a.zip", "a.shz"])
def test_a_zipped_shapefile_is_read(tmp_path, archive):
    gbk_shapefile(tmp_path / "区县.shp")
    with zipfile.ZipFile(tmp_path / archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in tmp_path.glob("区县.*"):
            packed.write(part, f"资料/{part.name}")
    file = read_boundaries(tmp_path / archive)
    assert (file.format, file.name, file.layer, file.rows.names.tolist()) == ("Shapefile", archive, "区县", NAMES)


def test_a_kmz_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as packed:
        packed.write(written(tmp_path / "doc.kml"), "doc.kml")
        packed.writestr("files/icon.png", b"")
    assert read_boundaries(tmp_path / "a.kmz").rows.names.tolist() == NAMES


def test_of_several_files_in_an_archive_one_is_chosen(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.write(written(tmp_path / "a.geojson"), "北/a.geojson")
        packed.write(written(tmp_path / "b.geojson"), "b.geojson")
    error = refusal(tmp_path / "a.zip")
    assert (error.kind, error.facts["known"]) == ("several-layers", "北/a.geojson, b.geojson")
    assert refusal(tmp_path / "a.zip", layer="c").kind == "unknown-layer"
    assert read_boundaries(tmp_path / "a.zip", layer="a").layer == "a"


def test_of_several_layers_one_is_chosen(tmp_path):
    path = tmp_path / "a.gpkg"
    for layer in ("区县", "街道"):
        written(path, layer=layer)
    error = refusal(path)
    assert (error.kind, error.facts["known"]) == ("several-layers", "区县, 街道")
    assert refusal(path, layer="网格").kind == "unknown-layer"
    assert read_boundaries(path, layer="街道").layer == "街道"


@pytest.mark.parametrize("extension", [".geojson", ".gpkg", ".shp", ".kml", ".parquet"])
def test_a_layer_that_is_not_there_is_refused_even_where_there_is_only_one(tmp_path, extension):
    path = written(tmp_path / f"a{extension}")
    assert refusal(path, layer="b").kind == "unknown-layer"
    assert len(read_boundaries(path, layer="a").rows) == 2


def test_the_folders_of_a_kml_are_read_together(tmp_path):
    polygon = (
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>{x},30,5 {y},30,5 {y},31,5 {x},30,5</coordinates>"
        "</LinearRing></outerBoundaryIs></Polygon>"
    )
    folders = "".join(
        f"<Folder><name>{name}</name><Placemark><name>{name}</name><ExtendedData><Data name='code'><value>{code}"
        f"</value></Data></ExtendedData>{polygon.format(x=104 + code, y=105 + code)}</Placemark></Folder>"
        for code, name in enumerate(("甲", "乙"))
    )
    (tmp_path / "a.kml").write_text(f"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>{folders}</Document></kml>")
    file = read_boundaries(tmp_path / "a.kml")
    assert (file.rows.codes.tolist(), file.rows.names.tolist()) == (["0", "1"], ["甲", "乙"])
    assert not shapely.has_z(file.rows.geoms).any()


# --- coordinate systems ---


@pytest.mark.parametrize(
    ("name", "crs", "taken"),
    [
        ("a.gpkg", 4490, ("EPSG:4490", "file")),
        ("a.gpkg", ZONE_35, (ZONE_35, "file")),
        ("a.parquet", 4490, ("EPSG:4490", "file")),
        ("a.parquet", ZONE_35, (ZONE_35, "file")),
        ("a.geojson", 4490, ("EPSG:4490", "file")),
        ("a.kml", 4326, ("wgs84", "format")),
    ],
)
def test_the_crs_is_what_the_file_declares(tmp_path, name, crs, taken):
    file = read_boundaries(written(tmp_path / name, frame(crs)))
    assert (file.crs_text, file.crs_origin) == taken
    assert file.geographic is (crs != ZONE_35)


def test_a_shapefile_gives_its_prj_as_it_is_written(tmp_path):
    path = written(tmp_path / "a.shp", frame(ZONE_35))
    file = read_boundaries(path)
    assert file.crs_text == path.with_suffix(".prj").read_text()
    assert "CGCS2000" in file.crs_text and not file.geographic


def test_a_geojson_without_crs_counts_as_wgs84_and_says_by_whom(tmp_path):
    path = geojson(tmp_path / "a.json", [feature(WEST, code="1", crs="not a member of the file")])
    file = read_boundaries(path)
    assert (file.crs_text, file.crs_origin) == ("wgs84", "format")
    assert [remark.kind for remark in file.remarks] == ["taken-as-wgs84"]
    told = read_boundaries(path, crs_text="gcj02")
    assert (told.crs_text, told.crs_origin) == ("gcj02", "given")


@pytest.mark.parametrize(
    ("crs", "hint"),
    [(ZONE_35, "EPSG:4523"), ("EPSG:4544", "EPSG:4544"), (4490, "wgs84")],
)
def test_a_shapefile_without_prj_is_refused_with_systems_of_that_size_of_numbers(tmp_path, crs, hint):
    path = gbk_shapefile(tmp_path / "a.shp", crs)
    path.with_suffix(".prj").unlink()
    error = refusal(path)
    assert error.kind.startswith("crs-missing") and hint in error.text("en")
    assert read_boundaries(path, crs_text=str(crs) if crs != 4490 else "cgcs2000").crs_origin == "given"


def test_an_undefined_crs_is_a_missing_crs(tmp_path):
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        path = written(tmp_path / "a.gpkg", frame().set_crs(None, allow_override=True))
    assert refusal(path).kind.startswith("crs-missing")


def test_metres_declared_as_degrees_are_refused(tmp_path):
    path = written(tmp_path / "a.gpkg", frame(ZONE_35).set_crs(4490, allow_override=True))
    assert refusal(path).kind == "crs-metres-as-degrees"


def test_one_row_beyond_90_degrees_is_that_row_and_not_the_file(tmp_path):
    rows = [feature(WEST, code="1"), feature(EAST, code="2"), feature(box(103, 89, 104, 95), code="3")]
    file = read_boundaries(geojson(tmp_path / "a.geojson", rows))
    assert kinds_of_rows(file) == [(3, "beyond-degrees")]
    assert refusal(geojson(tmp_path / "b.geojson", rows[2:])).kind == "crs-latitude-beyond-90"


# --- texts ---


def test_a_gbk_shapefile_without_cpg_shows_its_chinese_names(tmp_path):
    file = read_boundaries(gbk_shapefile(tmp_path / "a.shp"))
    assert file.rows.names.tolist() == NAMES
    assert file.columns == ("编码", "名称")
    assert (file.encoding.name, file.encoding.origin) == ("gb18030", "texts")


def test_a_utf8_shapefile_without_cpg_is_told_from_gbk(tmp_path):
    path = written(tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(".cpg").unlink()
    file = read_boundaries(path)
    assert (file.rows.names.tolist(), file.encoding.name, file.encoding.origin) == (NAMES, "utf-8", "texts")


def test_gbk_that_happens_to_be_utf8_is_still_gbk(tmp_path):
    # D2 BB is 一 in GBK and a Cyrillic letter in UTF-8.
    path = gbk_shapefile(tmp_path / "a.shp", 编码=None, code=CODES, 名称=None, name=["一", "一一"])
    assert read_boundaries(path).rows.names.tolist() == ["一", "一一"]


@pytest.mark.parametrize(
    ("written_as", "cpg", "language", "given", "origin"),
    [
        ("GBK", "936", 0, None, "cpg"),
        ("GBK", "GB2312", 0, None, "cpg"),
        ("UTF-8", "UTF-8\r\n", 0x4D, None, "cpg"),
        ("GBK", None, 0x4D, None, "dbf"),
        ("BIG5", None, 0x4F, None, "dbf"),
        ("GBK", None, 0x57, None, "texts"),
        ("GBK", "UTF-8", 0, "gbk", "given"),
    ],
)
def test_what_was_said_goes_before_cpg_before_the_header_before_the_texts(
    tmp_path, written_as, cpg, language, given, origin
):
    names = ["東坡", "青神"]
    table = frame(编码=None, 名称=None, code=CODES, name=names)
    path = written(tmp_path / "a.shp", table, encoding=written_as)
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    dbf[29] = language
    path.with_suffix(".dbf").write_bytes(dbf)
    file = read_boundaries(path, encoding=given)
    assert (file.rows.names.tolist(), file.encoding.origin) == (names, origin)


def test_a_wrong_encoding_is_said_instead_of_guessed(tmp_path):
    path = gbk_shapefile(tmp_path / "a.shp")
    assert refusal(path, encoding="utf-8").kind == "text-not-in-encoding"
    path.with_suffix(".cpg").write_text("UTF-8")
    error = refusal(path)
    assert (error.kind, error.facts["origin"]) == ("text-not-in-encoding", "cpg")
    assert refusal(path, encoding="klingon").kind == "unknown-encoding"


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_a_character_cut_by_the_end_of_its_field_is_dropped(tmp_path, encoding):
    #  name, 5 bytes wide:   GBK  东 坡 + half of 区      UTF-8  东 + two thirds of 坡
    path = written(
        tmp_path / "a.shp", frame(编码=None, code=CODES, 名称=None, name=["abcde", "abcde"]), encoding=encoding
    )
    path.with_suffix(".cpg").unlink()
    dbf = path.with_suffix(".dbf")
    cut = "东坡区".encode(encoding)[:5]
    dbf.write_bytes(dbf.read_bytes().replace(b"abcde", cut))
    assert read_boundaries(path).rows.names.tolist() == ["东坡" if encoding == "GBK" else "东"] * 2


def test_a_geojson_in_gbk_is_read(tmp_path):
    path = tmp_path / "a.geojson"
    text = json.dumps(
        {"type": "FeatureCollection", "features": [feature(WEST, 编码="1", 名称="东坡区")]}, ensure_ascii=False
    )
    path.write_bytes(text.encode("gbk"))
    file = read_boundaries(path)
    assert (file.rows.names.tolist(), file.encoding.origin) == (["东坡区"], "texts")


def test_script_tags_and_quotes_in_names_are_data(tmp_path):
    names = ["<script>alert('甲')</script>", "\"; DROP TABLE area; --'"]
    file = read_boundaries(written(tmp_path / "a.gpkg", frame(名称=names)))
    assert file.rows.names.tolist() == names
    assert len(checked_rows(file).rows) == 2


def test_control_characters_are_cleaned_from_names_and_refused_in_codes(tmp_path):
    rows = [feature(WEST, code="1", name="东\u0007坡\u202e区"), feature(EAST, code="2\u0000", name="b")]
    file = read_boundaries(geojson(tmp_path / "a.geojson", rows[:1]))
    assert file.rows.names.tolist() == ["东坡区"]
    assert [remark.kind for remark in file.remarks] == ["names-cleaned", "taken-as-wgs84"]
    rows[1]["properties"]["code"] = "2\u0007"
    file = read_boundaries(geojson(tmp_path / "b.geojson", rows))
    assert kinds_of_rows(file) == [(2, "control-characters")]
    assert "\u0007" not in checked_rows(file).refusals[0].error.text("en")


# --- fields ---


def test_codes_become_plain_text():
    from importers.fields import code_text

    values = [511402, 511402.0, "５１１４０２", " 511402\u3000", "511402.0", "511402", np.int64(511402)]
    assert {code_text(value) for value in values} == {"511402"}
    assert [code_text(value) for value in (None, float("nan"), "1.0", "A-1")] == ["", "", "1.0", "A-1"]


def test_codes_kept_as_numbers_in_a_dbf_are_whole(tmp_path):
    path = written(tmp_path / "a.shp", frame(编码=[511402002001003.0, 511425001001001.0]))
    assert read_boundaries(path).rows.codes.tolist() == ["511402002001003", "511425001001001"]


def test_a_code_that_lost_digits_as_a_number_is_refused(tmp_path):
    path = written(tmp_path / "a.parquet", frame(编码=[51140200200100300001.0, 1.0]))
    assert kinds_of_rows(read_boundaries(path)) == [(1, "code-not-exact")]


def test_datav_keeps_the_parent_in_an_object(tmp_path):
    rows = [
        feature(WEST, adcode=511402, name="东坡区", parent={"adcode": 511400}),
        feature(EAST, adcode=511425, parent=None),
    ]
    file = read_boundaries(geojson(tmp_path / "a.json", rows))
    assert file.rows.codes.tolist() == CODES
    assert file.rows.parents.tolist() == ["511400", ""]
    assert file.rows.names.tolist() == ["东坡区", "511425"]


def test_all_fields_of_the_design_are_found(tmp_path):
    columns = {
        "上级编码": [511400.0, None], "Local_Code": ["甲-1", None], "网格类型": ["专属网格", "全科"],
        "category": ["学校", ""],
        "not_subdivided": [True, False], "fully_divided": ["是", "否"], "社区": ["桐花巷社区", " 桐花巷社区 "],
    }  # fmt: skip
    file = read_boundaries(written(tmp_path / "a.gpkg", frame(**columns)), parent_text_field="社区")
    rows = file.rows
    assert rows.parents.tolist() == ["511400", ""]
    assert rows.local_codes.tolist() == ["甲-1", ""]
    assert rows.kinds.tolist() == ["special", "general"]
    assert rows.categories.tolist() == ["学校", ""]
    assert (rows.not_subdivided.tolist(), rows.fully_divided.tolist()) == ([True, False], [True, False])
    assert rows.parent_texts.tolist() == ["桐花巷社区"] * 2


def test_an_unknown_field_is_refused_with_the_fields_there_are(tmp_path):
    path = written(tmp_path / "a.gpkg")
    for option in ("code_field", "name_field", "parent_field", "parent_text_field"):
        error = refusal(path, **{option: "OBJECTID"})
        assert (error.kind, error.facts["fields"], error.place["field"]) == (
            "unknown-code-field",
            "编码, 名称",
            "OBJECTID",
        )


def test_a_file_without_codes_is_refused_unless_codes_are_assigned(tmp_path):
    path = written(tmp_path / "a.gpkg", frame(编码=None))
    assert refusal(path).kind == "no-code-field"
    file = read_boundaries(path, assign_codes=True)
    assert file.rows.codes.tolist() == ["", ""]
    assert len(checked_rows(file).rows) == 2


def test_assigned_codes_keep_the_files_own_as_local_codes(tmp_path):
    file = read_boundaries(written(tmp_path / "a.gpkg"), assign_codes=True)
    assert (file.rows.codes.tolist(), file.rows.local_codes.tolist()) == (["", ""], CODES)


# --- bad rows ---


def test_bad_rows_are_refused_one_by_one(tmp_path):
    rows = [
        feature(WEST, code="1"),
        feature(None, code="2"),
        feature({"type": "Polygon", "coordinates": []}, code="3"),
        feature({"type": "LineString", "coordinates": [[104, 30], [104.1, 30]]}, code="4"),
        feature(Polygon([(104, 30), (106, 32), (106, 30), (104, 32)]), code="5"),
        feature({"type": "Polygon", "coordinates": [[[104, 30], [105, 30], [105, 31], [104, 31]]]}, code="6"),
        feature(EAST, code="7"),
        feature(EAST, code="7"),
        feature(EAST, code=None),
    ]
    file = read_boundaries(geojson(tmp_path / "a.geojson", rows))
    assert kinds_of_rows(file) == [
        (2, "no-geometry"), (3, "empty-geometry"), (4, "not-a-polygon"), (5, "self-intersection"),
        (6, "unclosed-ring"), (7, "duplicate-code"), (8, "duplicate-code"), (9, "empty-code"),
    ]  # fmt: skip


def test_nan_and_infinite_coordinates_are_refused(tmp_path):
    def row(x: float, code: str) -> dict[str, Any]:
        return feature({"type": "Polygon", "coordinates": [[[104, 30], [x, 30], [104, 31], [104, 30]]]}, code=code)

    rows = [row(float("nan"), "1"), row(float("inf"), "2"), feature(WEST, code="3")]
    file = read_boundaries(geojson(tmp_path / "a.geojson", rows))
    assert kinds_of_rows(file) == [(1, "coordinates-not-finite"), (2, "coordinates-not-finite")]
    assert file.bounds == (103.8, 30.0, 104.0, 31.0)


def test_more_vertices_than_the_limit_are_refused(tmp_path):
    error = refusal(written(tmp_path / "a.gpkg"), limits=Limits(vertices=9))
    assert (type(error), error.kind) == (TooLarge, "too-many-vertices")


# --- files that are not what they should be ---


def test_a_missing_file_a_folder_a_pipe_and_an_unknown_format(tmp_path):
    os.mkfifo(tmp_path / "pipe.geojson")
    (tmp_path / "folder.gpkg").mkdir()
    (tmp_path / "a.vrt").write_text("<OGRVRTDataSource/>")
    missing = refusal(tmp_path / "none.geojson")
    assert (type(missing), missing.kind) == (NotFound, "no-such-file")
    assert refusal(tmp_path / "folder.gpkg").kind == "is-a-directory"
    assert refusal(tmp_path / "pipe.geojson").kind == "not-a-regular-file"
    assert refusal(tmp_path / "a.vrt").kind == "unknown-format"
    (tmp_path / "link.geojson").symlink_to(tmp_path / "gone.geojson")
    assert refusal(tmp_path / "link.geojson").kind == "no-such-file"


@pytest.mark.parametrize(
    "path",
    ["/vsicurl/http://127.0.0.1/a.geojson", "/vsizip/a.zip/a.shp", "http://127.0.0.1/a.gpkg", "WFS:http://127.0.0.1/a"],
)
def test_paths_of_hosts_and_virtual_file_systems_are_refused(path):
    assert refusal(Path(path)).kind == "not-a-local-file"


@pytest.mark.parametrize("extension", [".geojson", ".json", ".gpkg", ".shp", ".kml", ".parquet", ".zip"])
def test_a_vrt_under_another_name_is_refused(tmp_path, extension):
    secret = written(tmp_path / "secret.gpkg")
    path = tmp_path / f"a{extension}"
    path.write_text(f'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>')
    assert refusal(path).kind == "content-differs"


def test_json_that_would_make_gdal_run_or_fetch_something_is_refused(tmp_path):
    secret = written(tmp_path / "secret.gpkg")
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {secret}"}))
    assert refusal(path).kind == "unreadable-file"
    path.write_text('{"type": "Topology", "objects": {}, "arcs": []}')
    assert refusal(path).kind == "unreadable-file"


def test_only_the_named_drivers_are_left():
    assert set(pyogrio.list_drivers()) == DRIVERS


@pytest.mark.parametrize("extension", [".geojson", ".gpkg", ".kml", ".parquet"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_cut_off_file_is_refused_whole(tmp_path, extension, kept):
    path = written(tmp_path / f"a{extension}")
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert refusal(path).kind in {"truncated-file", "unreadable-file"}


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("kept", [0.6, 0.95])
def test_a_cut_off_part_of_a_shapefile_is_named(tmp_path, part, kept):
    path = written(tmp_path / "a.shp").with_suffix(part)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    error = refusal(path.with_suffix(".shp"))
    assert (error.kind, error.place["file"]) == ("truncated-file", f"a{part}")


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_missing_part_of_a_shapefile_is_named(tmp_path, part):
    path = written(tmp_path / "a.shp")
    path.with_suffix(part).unlink()
    error = refusal(path)
    assert (error.kind, error.facts["missing"]) == ("shapefile-part-missing", part)


def test_the_parts_of_a_shapefile_are_found_whatever_the_case(tmp_path):
    path = gbk_shapefile(tmp_path / "a.shp")
    for part in (".shp", ".shx", ".dbf", ".prj"):
        path.with_suffix(part).rename(tmp_path / f"A{part.upper()}")
    assert read_boundaries(tmp_path / "A.SHP").rows.names.tolist() == NAMES


@pytest.mark.parametrize("extension", [".geojson", ".gpkg", ".shp", ".parquet"])
def test_an_empty_layer_is_refused(tmp_path, extension):
    assert refusal(written(tmp_path / f"a{extension}", frame().iloc[:0])).kind == "empty-layer"


def test_an_empty_file_is_refused(tmp_path):
    for extension in (".geojson", ".gpkg", ".shp", ".kml", ".parquet", ".zip"):
        (tmp_path / f"a{extension}").touch()
        assert refusal(tmp_path / f"a{extension}").kind == "content-differs"


def test_a_file_above_the_limit_is_refused_unread(tmp_path):
    error = refusal(written(tmp_path / "a.geojson"), limits=Limits(file_bytes=100))
    assert (type(error), error.kind) == (TooLarge, "file-too-large")


def test_a_zip_bomb_and_a_zip_with_paths_outside_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.geojson", b" " * 20_000_000)
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as packed:
        packed.writestr("../../a.geojson", b"{}")
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as packed:
        packed.writestr("readme.txt", b"")
    assert refusal(tmp_path / "bomb.zip").kind == "archive-ratio"
    assert refusal(tmp_path / "out.zip").kind == "archive-unsafe-name"
    assert refusal(tmp_path / "none.zip").kind == "archive-without-boundaries"


def test_plain_parquet_is_refused(tmp_path):
    path = written(tmp_path / "a.parquet")
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    assert refusal(path).kind == "no-geo-metadata"


def test_a_geopackage_with_unwritten_changes_is_not_read_stale(tmp_path):
    path = written(tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg-wal").write_bytes(b"changes")
    assert refusal(path).kind == "file-in-use"


@pytest.mark.parametrize("extension", [".geojson", ".gpkg", ".shp", ".kml", ".parquet", ".zip"])
def test_whatever_is_damaged_the_answer_is_a_refusal_or_rows(tmp_path, extension):
    """Bytes are changed at random; nothing but a refusal with a sentence may come of it."""
    path = tmp_path / f"a{extension}"
    if extension == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.write(written(tmp_path / "in.geojson"), "in.geojson")
    else:
        written(path)
    parts = [part for part in tmp_path.glob("a.*") if part.suffix in {extension, ".dbf", ".shx"}]
    whole = {part: part.read_bytes() for part in parts}
    random = np.random.default_rng(7)
    for _ in range(25):
        for part, data in whole.items():
            damaged = bytearray(data)
            for at in random.integers(0, len(data), random.integers(0, 4)):
                damaged[at] = random.integers(0, 256)
            part.write_bytes(damaged)
        try:
            checked_rows(read_boundaries(path, crs_text="cgcs2000"), make_valid=True)
        except GeoError as error:
            assert error.text("zh")


# --- files that would reach elsewhere ---


@pytest.fixture
def host() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "member",
    [
        '"crs": {"type": "link", "properties": {"href": "URL"}}',
        '"crs": {"type": "url", "properties": {"url": "URL"}}',
        '"\\u0063\\u0072s": {"type": "link", "properties": {"href": "URL"}}',
        "'crs': {'type': 'link', 'properties': {'href': 'URL'}}",
        '"crs" /**/ : {"type": "link", "properties": {"href": "URL"}}',
    ],
)
def test_a_crs_by_link_is_refused_and_not_fetched(tmp_path, host, member):
    url, asked = host
    text = json.dumps({"type": "FeatureCollection", "features": [feature(WEST, code="1")]})
    path = tmp_path / "a.geojson"
    path.write_text("{" + member.replace("URL", url) + ", " + text[1:])
    assert refusal(path).kind == "crs-by-link"
    assert asked == []


def test_gdal_itself_has_no_way_out(tmp_path, host):
    url, asked = host
    crs = {"type": "link", "properties": {"href": url}}
    path = geojson(tmp_path / "a.geojson", [feature(WEST, code="1")], crs=crs)
    pyogrio.read_info(path)
    with pytest.raises(pyogrio.errors.DataSourceError):
        pyogrio.read_info(f"/vsicurl/{url}/a.geojson")
    assert asked == []


def test_links_and_styles_of_a_kml_are_not_fetched(tmp_path, host):
    url, asked = host
    path = written(tmp_path / "a.kml")
    link = f"<NetworkLink><Link><href>{url}/a.kml</href></Link></NetworkLink>"
    text = path.read_text().replace("<Placemark", f"{link}<Placemark", 1)
    path.write_text(text.replace("<Polygon>", f"<styleUrl>{url}/b.kml#c</styleUrl><Polygon>"))
    assert read_boundaries(path).rows.names.tolist() == NAMES
    assert asked == []


def test_a_kml_with_entities_is_refused(tmp_path):
    path = written(tmp_path / "a.kml")
    bomb = '<!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml '
    path.write_text(path.read_text().replace("<kml ", bomb, 1))
    assert refusal(path).kind == "xml-with-entities"


@pytest.mark.parametrize("call", ["ogr_geocode('a')", "load_extension('a')", "readfile('/etc/passwd')"])
def test_a_view_in_a_geopackage_calls_no_functions_of_ours(tmp_path, call):
    path = written(tmp_path / "a.gpkg", layer="a")
    with sqlite3.connect(path) as base:
        base.execute(f"CREATE VIEW b AS SELECT fid, geom, {call} AS code FROM a")
        base.execute("UPDATE gpkg_contents SET table_name = 'b', identifier = 'b'")
        base.execute("UPDATE gpkg_geometry_columns SET table_name = 'b'")
    base.close()
    assert refusal(path).kind == "unreadable-file"


def test_a_sibling_is_not_read(tmp_path):
    path = gbk_shapefile(tmp_path / "a.shp")
    shutil.copy(path.with_suffix(".dbf"), tmp_path / "b.dbf")
    (tmp_path / "a.shp.aux.xml").write_text("<broken")
    (tmp_path / "a.qix").write_bytes(b"broken")
    assert read_boundaries(path).rows.names.tolist() == NAMES


# --- real files ---


@pytest.fixture
def data() -> Path:
    folder = Path(__file__).parents[3] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("../shared/data is not there")
    return folder


CITY = ("city_adcode", "city_name", "province_adcode")
COUNTY = ("district_adcode", "district_name", "city_adcode")
FOUND = (None, None, None)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "fields", "rows", "crs"),
    [
        ("amap_wgs84_sichuan_city.geojson", CITY, 21, ("EPSG:4326", "file")),
        ("amap_wgs84_sichuan_district.geojson", COUNTY, 183, ("EPSG:4326", "file")),
        ("tianditu_cgcs2000_sichuan_city.geojson", CITY, 21, ("EPSG:4490", "file")),
        ("tianditu_cgcs2000_sichuan_district.geojson", COUNTY, 183, ("EPSG:4490", "file")),
        ("datav_gcj02_511000.json", FOUND, 5, ("wgs84", "format")),
        ("datav_gcj02_511300.json", FOUND, 9, ("wgs84", "format")),
        ("datav_gcj02_511400.json", FOUND, 6, ("wgs84", "format")),
        ("cnmaps_gcj02_511400.json", FOUND, 6, ("wgs84", "format")),
    ],
)
def test_the_counties_and_cities_of_sichuan_are_read(data, name, fields, rows, crs):
    code, title, parent = fields
    file = read_boundaries(data / "cn-admin" / name, code_field=code, name_field=title, parent_field=parent)
    assert (len(file.rows), (file.crs_text, file.crs_origin)) == (rows, crs)
    assert len(set(file.rows.codes)) == rows
    assert all(len(code) == 6 for code in file.rows.codes)
    assert len(checked_rows(file, make_valid=True).rows) == rows
    if not name.startswith("cnmaps"):
        assert all(len(parent) == 6 for parent in file.rows.parents)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("us-maup/providence/precincts/precincts.shp", 59),
        ("us-maup/providence/new_precincts/new_precincts.shp", 55),
        ("us-maup/providence/districts/districts.shp", 15),
        ("us-maup/providence/blocks/blocks.shp", 3014),
        ("us-maup/denver/DenverCo_precincts2020_orig/DenverCo_precincts2020_orig.shp", 356),
        ("us-maup/denver/DenverCo_precincts2020_repaired/DenverCo_precincts2020_repaired.shp", 356),
        ("us-maup/denver/DenverCo_precincts2018_orig/DenverCo_precincts2018_orig.shp", 356),
        ("us-maup/denver/DenverCo_precincts2016_orig/DenverCo_precincts2016_orig.shp", 346),
        ("us-maup/denver/DenverCo_blocks/DenverCo_blocks.shp", 10149),
        ("us-delaware-precincts/DE_precincts.shp", 430),
    ],
)
def test_shapefiles_of_the_united_states_are_read(data, name, rows):
    file = read_boundaries(data / name, assign_codes=True)
    assert len(file.rows) == len(checked_rows(file).rows) == rows
    assert file.crs_origin == "file"


@pytest.mark.real_data
def test_the_uk_lower_super_output_areas_are_read(data):
    file = read_boundaries(data / "uk-census" / "lsoa11_ew.parquet", code_field="LSOA11CD", name_field="LSOA11NM")
    assert (len(file.rows), file.rows.names[0], file.crs_text) == (34_753, "Hartlepool 009A", "EPSG:4326")


@pytest.mark.real_data
def test_counties_as_a_gbk_shapefile_in_the_zone_of_meishan_keep_names_and_codes(data, tmp_path):
    counties = geopandas.read_file(data / "cn-admin" / "tianditu_cgcs2000_sichuan_district.geojson")
    meishan = counties[counties.city_adcode == "511400"]
    plain = geopandas.GeoDataFrame(
        {"编码": meishan.district_adcode, "名称": meishan.district_name}, geometry=meishan.geometry, crs=4490
    ).to_crs(ZONE_35)
    path = written(tmp_path / "a.shp", plain, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    file = read_boundaries(path)
    assert file.rows.names.tolist() == meishan.district_name.tolist()
    assert file.rows.codes.tolist() == meishan.district_adcode.tolist()
