"""What is written reads back the same, to the last bit, and a half-written file is never left."""

import json
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, box

import importers.writing
from geo.areas import Areas, areas
from geo.errors import BadInput
from importers.boundary_file import read_boundaries
from importers.writing import write_boundaries

EVERY = [".geojson", ".json", ".gpkg", ".shp", ".parquet", ".geoparquet"]

#  one piece            two pieces
#  [ 1 ][   2   ]  . .  [ 2 ]
SINGLE, DOUBLE = box(103.8, 30, 103.9, 30.1), MultiPolygon([box(103.9, 30, 104, 30.1), box(104.2, 30, 104.3, 30.1)])


def grids(*shapes: shapely.Geometry) -> Areas:
    count = len(shapes)
    return areas(
        "grid",
        [f"51140200200100{row}" for row in range(count)],
        shapes,
        names=["<script>甲</script>", "“乙”'\"", "丙"][:count],
        parents=["511402002001"] * count,
    )


@pytest.mark.parametrize("extension", EVERY)
def test_what_is_written_reads_back(tmp_path, extension):
    path = tmp_path / f"网格{extension}"
    write_boundaries(path, grids(SINGLE, DOUBLE), {"kind": ["general", "special"], "local_code": ["1", ""]})
    file = read_boundaries(path)
    assert file.rows.codes.tolist() == ["511402002001000", "511402002001001"]
    assert file.rows.names.tolist() == ["<script>甲</script>", "“乙”'\""]
    assert file.rows.parents.tolist() == ["511402002001"] * 2
    assert (file.rows.kinds.tolist(), file.rows.local_codes.tolist()) == (["general", "special"], ["1", ""])
    assert shapely.equals(file.rows.geoms, [SINGLE, DOUBLE]).all()
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith(".")] == []


@pytest.mark.parametrize("extension", EVERY)
def test_other_programs_know_the_coordinate_system(tmp_path, extension):
    path = tmp_path / f"a{extension}"
    write_boundaries(path, grids(SINGLE))
    table = geopandas.read_parquet(path) if "parquet" in extension else geopandas.read_file(path)
    assert (table.crs.to_epsg(), table["code"].tolist()) == (4490, ["511402002001000"])


@pytest.mark.parametrize("extension", EVERY)
def test_lattice_coordinates_come_back_to_the_last_bit(tmp_path, extension):
    #  The canonical double of the lattice is k / 1e7; a zigzag of 20,000 of them, at random, goes out and comes back.
    random = np.random.default_rng(20_000)
    x = np.sort(random.integers(1_035_000_000, 1_045_000_000, 20_000))
    y = random.integers(295_000_000, 305_000_000, 20_000)
    ring = shapely.Polygon(np.c_[x, y] / 1e7)
    write_boundaries(tmp_path / f"a{extension}", grids(ring))
    back = read_boundaries(tmp_path / f"a{extension}").rows.geoms[0]
    assert set(map(tuple, shapely.get_coordinates(back))) == set(map(tuple, shapely.get_coordinates(ring)))


def test_a_geojson_has_at_most_seven_decimals(tmp_path):
    write_boundaries(tmp_path / "a.geojson", grids(box(1038464354 / 1e7, 300782570 / 1e7, 104.0, 30.2)))
    numbers = json.loads((tmp_path / "a.geojson").read_text())["features"][0]["geometry"]["coordinates"][0]
    assert [103.8464354, 30.078257] in numbers


@pytest.mark.parametrize(("encoding", "codec"), [("UTF-8", "utf-8"), ("GBK", "gb18030")])
def test_a_shapefile_says_its_encoding_and_its_system(tmp_path, encoding, codec):
    path = tmp_path / "a.shp"
    write_boundaries(path, grids(SINGLE), encoding=encoding)
    assert path.with_suffix(".cpg").read_text() == encoding
    assert path.with_suffix(".prj").read_text().startswith('GEOGCS["GCS_China_Geodetic_Coordinate_System_2000"')
    file = read_boundaries(path)
    assert (file.encoding.name, file.rows.names.tolist()) == (codec, ["<script>甲</script>"])


@pytest.mark.parametrize("extension", EVERY)
def test_a_row_without_boundary_is_kept(tmp_path, extension):
    unknown = areas("grid", ["1", "2"], [SINGLE, None])
    write_boundaries(tmp_path / f"a{extension}", unknown)
    file = read_boundaries(tmp_path / f"a{extension}")
    assert (file.rows.codes.tolist(), file.rows.geoms[1]) == (["1", "2"], None)


@pytest.mark.parametrize("extension", EVERY)
def test_an_older_file_is_replaced(tmp_path, extension):
    path = tmp_path / f"a{extension}"
    write_boundaries(path, grids(SINGLE, DOUBLE))
    write_boundaries(path, grids(SINGLE))
    assert len(read_boundaries(path).rows) == 1


@pytest.mark.parametrize("extension", [".geojson", ".gpkg", ".shp", ".parquet"])
def test_a_failure_leaves_what_was_there(tmp_path, extension, monkeypatch):
    path = tmp_path / f"a{extension}"
    write_boundaries(path, grids(SINGLE))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(draft: Path, *_: object) -> None:
        draft.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(importers.writing, "_write_with_gdal", full)
    monkeypatch.setattr(importers.writing, "_write_parquet", full)
    with pytest.raises(BadInput) as refused:
        write_boundaries(path, grids(DOUBLE))
    assert (refused.value.kind, refused.value.facts["reason"]) == ("cannot-write", "No space left on device")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_an_unknown_format_and_a_missing_folder_are_said(tmp_path):
    for path, kind in ((tmp_path / "a.dwg", "unknown-output-format"), (tmp_path / "no/a.gpkg", "no-such-folder")):
        with pytest.raises(BadInput) as refused:
            write_boundaries(path, grids(SINGLE))
        assert refused.value.kind == kind
