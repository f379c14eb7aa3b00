"""Facilities come from layers and OpenStreetMap as they do from ledgers, and end only where somebody says so."""

import json

import osmium
import pytest
import shapely

LON, LAT = 104.0, 30.0


def drawn_osm(path):
    """A clinic as a point, a school as an area with an entrance, a hospital without a name, and a bench."""
    writer = osmium.SimpleWriter(str(path))
    mutable = osmium.osm.mutable
    corners = {1: (0, 0), 2: (0.01, 0), 3: (0.01, 0.01), 4: (0, 0.01)}
    for number, (x, y) in corners.items():
        writer.add_node(
            mutable.Node(id=number, location=(LON + x, LAT + y), tags={"entrance": "main"} if number == 3 else {})
        )
    clinic = {"amenity": "clinic", "name": "画诊所", "addr:street": "画街", "addr:housenumber": "7"}
    writer.add_node(mutable.Node(id=5, location=(LON + 0.02, LAT), tags=clinic))
    writer.add_node(mutable.Node(id=6, location=(LON + 0.03, LAT), tags={"amenity": "hospital"}))
    writer.add_node(mutable.Node(id=7, location=(LON + 0.04, LAT), tags={"amenity": "bench"}))
    writer.add_way(mutable.Way(id=8, nodes=[1, 2, 3, 4, 1], tags={"amenity": "school", "name": "画小学"}))
    writer.close()
    return path


def layer(path, *rows):
    features = [
        {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        for properties, shape in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False), "utf-8")
    return path


def published(door, file, *words):
    said = door.run("import-facilities", file, "--publish", "--json", *words)
    assert said.refusal is None, said.refusal
    return said.report


def stored(door):
    return door.ask(
        "SELECT category, name, address, ST_X(geom), ST_Y(geom) FROM facility WHERE upper_inf(valid) ORDER BY 1, 2"
    )


def test_openstreetmap_gives_points_and_the_entrances_of_areas(door, tmp_path):
    assert published(door, drawn_osm(tmp_path / "drawn.osm.pbf"))["taken"] == 3
    assert stored(door) == [
        ("clinic", "画诊所", "画街 7", LON + 0.02, LAT),
        ("hospital", "hospital n6", None, LON + 0.03, LAT),
        ("school", "画小学", None, LON + 0.01, LAT + 0.01),
    ]
    assert published(door, tmp_path / "drawn.osm.pbf")["taken"] == 0


def test_a_layer_of_points_and_areas_gives_facilities_in_stored_coordinates(door, tmp_path):
    file = layer(
        tmp_path / "drawn.geojson",
        ({"名称": "甲", "类别": "卫生站"}, shapely.Point(LON, LAT)),
        ({"名称": "乙", "类别": "农贸市场"}, shapely.box(LON, LAT, LON + 0.002, LAT + 0.002)),
    )
    assert published(door, file, "--crs", "cgcs2000")["taken"] == 2
    assert stored(door) == [("clinic", "甲", None, LON, LAT), ("market", "乙", None, LON + 0.001, LAT + 0.001)]


def test_a_layer_without_categories_needs_one_for_all(door, tmp_path):
    file = layer(tmp_path / "drawn.geojson", ({"name": "甲"}, shapely.Point(LON, LAT)))
    assert door.run("import-facilities", file).refusal.kind == "ledger-column-missing"
    published(door, file, "--category", "诊所")
    assert [row[:2] for row in stored(door)] == [("clinic", "甲")]


def test_of_several_with_one_name_only_the_one_that_moved_ends(door, tmp_path):
    rows = [({"name": "连锁药房", "category": "pharmacy"}, shapely.Point(LON + step / 100, LAT)) for step in range(3)]
    published(door, layer(tmp_path / "drawn.geojson", *rows))
    moved = [*rows[:2], ({"name": "连锁药房", "category": "pharmacy"}, shapely.Point(LON, LAT + 0.01))]
    assert published(door, layer(tmp_path / "drawn.geojson", *moved))["taken"] == 1
    assert len(stored(door)) == 3
    assert door.ask("SELECT count(*) FROM facility WHERE NOT upper_inf(valid)") == [(1,)]


def test_what_a_file_no_longer_has_ends_only_where_it_is_said_and_only_of_its_categories(door, tmp_path):
    clinic, park = (
        ({"name": "甲", "category": "clinic"}, shapely.Point(LON, LAT)),
        ({"name": "园", "category": "park"}, shapely.Point(LON, LAT)),
    )
    published(door, layer(tmp_path / "drawn.geojson", clinic, park))
    other = layer(tmp_path / "drawn.geojson", ({"name": "乙", "category": "clinic"}, shapely.Point(LON, LAT)))
    published(door, other)
    assert [row[1] for row in stored(door)] == ["乙", "甲", "园"]
    published(door, other, "--retire-missing")
    assert [row[1] for row in stored(door)] == ["乙", "园"]


@pytest.mark.parametrize("content", [b"", b"no pbf at all, but long enough to be looked at"])
def test_a_file_that_is_no_extract_is_refused(door, tmp_path, content):
    (tmp_path / "bad.osm.pbf").write_bytes(content)
    assert door.run("import-facilities", tmp_path / "bad.osm.pbf").refusal.kind in ("osm-empty", "osm-no-pbf")


def test_a_facility_in_the_middle_of_nowhere_has_no_circle_and_one_without_streets_an_estimated_one(door, tmp_path):
    lake = ({"name": "湖心亭", "category": "park"}, shapely.Point(LON + 0.05, LAT))
    shore = ({"name": "湖岸", "category": "park"}, shapely.Point(LON, LAT))
    published(door, layer(tmp_path / "drawn.geojson", lake, shore))
    estimated = door.run("circles", "refresh", "--json").report
    assert estimated["means"] == {"radius": 2}
    streets = layer(tmp_path / "streets.geojson", ({}, shapely.LineString([(LON - 0.01, LAT), (LON + 0.01, LAT)])))
    assert door.run("import-streets", streets, "--publish").exit_code == 0
    walked = door.run("circles", "refresh", "--json").report
    assert (walked["made"], walked["changed"], walked["means"]) == (2, 2, {"walked": 1, "refused": 1})
    assert [one["name"] for one in walked["refused"]] == ["湖心亭"]
    assert "100 米内没有可步行的道路" in door.run("circles", "refresh", "--all").output
    # both streets and circles are gone again once the streets are
    assert door.ask("SELECT means, count(*) FROM circle WHERE upper_inf(valid) GROUP BY 1 ORDER BY 1") == [
        ("refused", 3), ("walked", 3),
    ]  # fmt: skip


def test_facilities_that_lie_on_one_another_are_remarked_on(door, tmp_path):
    same = [({"name": name, "category": "park"}, shapely.Point(LON, LAT)) for name in ("园", "公园")]
    published(door, layer(tmp_path / "drawn.geojson", *same))
    assert len(door.run("circles", "refresh", "--json").report["same_places"]) == 2
