"""Tiles as maps get them: no seams, exactly what changed, past editions, names as text."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import psycopg
import pytest
import shapely

from geo.levels import DEFAULT
from geo.mercator import Tile, units_at, world
from geo.simplify import simplify
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.tile_shapes import zooms_of

sys.path.insert(0, str(Path(__file__).parent))
from tile_reading import decoded, edges, twice_area

HALF_A_PIXEL = 8
LAYERS = ("county", "town", "community", "grid")


@pytest.fixture(scope="module")
def client(served, city_url):
    with served(city_url) as found:
        yield found


@pytest.fixture(scope="module")
def layers(client):
    return {each["name"]: each for each in client.get("/tiles").json()["layers"]}


def tiles_over(bounds, zoom):
    """Return the tiles that a box in degrees meets."""
    (west, south), (east, north) = world(np.array(bounds, dtype=float).reshape(2, 2)) * 2**zoom
    return [Tile(zoom, x, y) for x in range(int(west), int(east) + 1) for y in range(int(north), int(south) + 1)]


def asked(client, layer, tile, **more):
    answer = client.get(f"/tiles/{layer}/{tile.zoom}/{tile.x}/{tile.y}.mvt", **more)
    assert answer.status_code in (200, 304), answer.text
    return answer


def shape_of(client, code):
    return shapely.geometry.shape(client.get(f"/api/v1/areas/{code}", params={"format": "geojson"}).json()["geometry"])


def on_map(shape, tile):
    """Return a shape in the units of a tile."""
    corner = np.array([tile.x, tile.y]) * 4096
    return shapely.transform(shape, lambda lonlat: world(lonlat) * units_at(tile.zoom) - corner)


@pytest.fixture(scope="module")
def outline(client):
    return shape_of(client, "519800").boundary


class TestSeams:
    @pytest.mark.parametrize("layer", LAYERS)
    @pytest.mark.parametrize("further", [0, 1, 3])
    def test_every_border_inside_the_city_is_drawn_once_from_either_side(self, client, layers, outline, layer, further):
        zoom = layers[layer]["min_zoom"] + further
        inner = 0
        for tile in tiles_over(client.get("/tiles").json()["bounds"], zoom)[:12]:
            found = decoded(asked(client, layer, tile).content).get(layer, [])
            drawn = Counter(edges(found))
            border = on_map(outline, tile)
            for (a, b), count in drawn.items():
                assert count == 1
                if (b, a) in drawn:
                    inner += 1
                elif all(0 <= place <= 4096 for place in (*a, *b)):
                    assert shapely.distance(shapely.LineString([a, b]).centroid, border) <= HALF_A_PIXEL + 2, (
                        tile,
                        a,
                        b,
                    )
        assert inner or layer == "county"

    def test_a_tile_inside_the_city_is_covered_exactly_once(self, client):
        middle = shape_of(client, "519801001").representative_point()
        (tile,) = tiles_over([middle.x, middle.y] * 2, 16)
        for layer in ("community", "grid"):
            rings = [ring for each in decoded(asked(client, layer, tile).content)[layer] for ring in each["rings"]]
            assert sum(twice_area(ring) for ring in rings) == 2 * (4096 + 2 * 128) ** 2

    def test_at_the_deepest_zoom_every_vertex_is_there(self, client):
        code = "519801001001001"
        shape = shape_of(client, code)
        wanted = {
            tuple(xy) for xy in np.floor(world(shapely.get_coordinates(shape)) * units_at(16)).astype(int).tolist()
        }
        found = set()
        for tile in tiles_over(shape.bounds, 16):
            for each in decoded(asked(client, "grid", tile).content).get("grid", []):
                if each["code"] == code:
                    found |= {(x + tile.x * 4096, y + tile.y * 4096) for ring in each["rings"] for x, y in ring}
        assert wanted <= found


def test_a_name_stands_in_one_tile_inside_its_area(client):
    bounds = client.get("/tiles").json()["bounds"]
    seen = Counter()
    for tile in tiles_over(bounds, 14):
        for each in decoded(asked(client, "community", tile).content).get("label", []):
            seen[each["code"]] += 1
            (((x, y),),) = each["rings"]
            assert shapely.distance(on_map(shape_of(client, each["code"]), tile), shapely.Point(x, y)) <= 1
    assert set(seen.values()) == {1}
    assert len(seen) == 18


def test_features_say_what_they_are(client):
    shape = shape_of(client, "519801001001001")
    middle = shape.representative_point()
    (tile,) = tiles_over([middle.x, middle.y] * 2, 16)
    (one,) = [
        each for each in decoded(asked(client, "grid", tile).content)["grid"] if each["code"] == "519801001001001"
    ]
    assert {key: one[key] for key in ("name", "level", "kind", "parent")} == {
        **{"name": "第一网格", "level": "grid", "kind": "general", "parent": "519801001001"}
    }
    assert "category" not in one


def test_below_the_least_zoom_and_beyond_the_city_a_tile_is_empty(client, layers):
    assert asked(client, "grid", Tile(layers["grid"]["min_zoom"] - 1, 0, 0)).content == b""
    assert asked(client, "grid", Tile(14, 1, 1)).content == b""


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/tiles/nothing/14/1/1.mvt", "unknown-map-layer"),
        ("/tiles/grid/3/8/1.mvt", "unknown-tile"),
        ("/tiles/grid/17/1/1.mvt", "unknown-tile"),
        ("/tiles/grid/14/1/1.mvt?edition=999", "unknown-edition"),
    ],
)
def test_what_there_is_not_is_said(client, address, kind):
    answer = client.get(address)
    assert (answer.status_code, answer.json()["type"]) == (404, f"urn:gridwarden:problem:{kind}")


def test_households_are_summed_and_single_ones_name_no_person(client):
    bounds = client.get("/tiles").json()["bounds"]
    total = 0
    for tile in tiles_over(bounds, 13):
        for each in decoded(asked(client, "residences", tile).content).get("residences", []):
            total += each["households"]
    singles = {}
    for tile in tiles_over(bounds, 16):
        for each in decoded(asked(client, "residences", tile).content).get("residences", []):
            assert set(each) <= {"id", "kind", "rings", "households", "count", "estate", "building", "unit"}
            singles[each["id"]] = each["households"]
    assert sum(singles.values()) == total > 1000


@pytest.fixture(scope="module")
def changing(served, cluster, clone, city_template):
    """Serve a city that may be changed; yield a client, and the database as the app and as its owner."""
    with clone(city_template) as name, served(cluster.url("app", name)) as found:
        yield found, cluster.url("app", name), cluster.url("owner", name)


def publish(client, *operations):
    body = {"title": "试一试", "actor": "张三", "crs": "cgcs2000", "operations": operations}
    begun = client.post("/api/v1/plans", json=body)
    assert begun.status_code == 201, begun.text
    plan = begun.json()["plan"]
    for step, who in (("submit", {"actor": "张三", "acknowledge_unplaced": True}), ("approve", {"actor": "李四"})):
        assert client.post(f"/api/v1/plans/{plan}/{step}", json=who).status_code == 200
    done = client.post(f"/api/v1/plans/{plan}/publish", json={"actor": "张三"})
    assert done.status_code == 200, done.text
    return done.json()["edition"]


def childless(client):
    """Return the general grids of the city that have nothing below them, by code."""
    pages = [client.get("/api/v1/areas", params={"limit": 1000, "format": "geojson"}).json()["features"]]
    features = [each for page in pages for each in page]
    parents = {each["properties"]["parent"] for each in features}
    return {
        each["properties"]["code"]: each
        for each in features
        if (each["properties"]["level"], each["properties"]["kind"]) == ("grid", "general")
        and each["properties"]["code"] not in parents
    }


def bumped(client):
    """Return a grid's code, its shape, and the same with a little of a neighbour's land."""
    grids = childless(client)
    for code, each in grids.items():
        old, parent = shapely.geometry.shape(each["geometry"]), each["properties"]["parent"]
        for other, beside in grids.items():
            border = shapely.geometry.shape(beside["geometry"]).intersection(old)
            if other != code and beside["properties"]["parent"] == parent and border.length > 2e-3:
                longest = max(shapely.get_parts(shapely.line_merge(border)), key=lambda part: part.length)
                bump = longest.interpolate(0.5, normalized=True).buffer(8e-5, quad_segs=2)
                return code, old, old.union(bump.intersection(old.union(shapely.geometry.shape(beside["geometry"]))))
    raise AssertionError("no two grids without anything below them are neighbours")


def labels_in(body):
    return [(each["id"], each["rings"]) for each in decoded(body).get("label", [])]


def kept_shapes(owner):
    with psycopg.connect(owner) as database:
        rows = database.execute(
            "SELECT area_id, zoom, rings FROM gridwarden.tile_shape WHERE layer = 'grid' AND last_edition IS NULL"
        ).fetchall()
    return {(area, zoom): bytes(rings) for area, zoom, rings in rows}


def fresh_shapes(url):
    """Return the shapes that all grids of the present have when they are made at once."""
    with connect(url) as connection, connection.begin():
        areas = load_areas(connection, present(connection).at, levels=["grid"], kind="general")
    made = simplify(areas.geoms, zooms_of("grid", DEFAULT))
    ids = areas.ids.tolist()
    return {
        (area, zoom): shape for zoom, shapes in made.items() for area, shape in zip(ids, shapes, strict=True) if shape
    }


def test_a_publication_changes_exactly_the_tiles_that_it_touches(changing):
    client, url, owner = changing
    described = client.get("/tiles").json()
    tiles = [tile for zoom in (12, 14, 15) for tile in tiles_over(described["bounds"], zoom)]
    before = {tile: asked(client, "grid", tile) for tile in tiles}
    above = {tile: asked(client, "community", tile) for tile in tiles}
    code, old, new = bumped(client)
    edition = publish(client, {"op": "redraw", "code": code, "geometry": shapely.geometry.mapping(new)})
    assert edition == described["edition"] + 1

    moved = shapely.transform(old.symmetric_difference(shape_of(client, code)), world)
    touched = 0
    for tile, answer in before.items():
        now = asked(client, "grid", tile, headers={"If-None-Match": answer.headers["etag"]})
        meets = shapely.box(*tile.square()).intersects(moved.buffer(HALF_A_PIXEL / units_at(tile.zoom)))
        if tile.zoom == 15:
            assert meets <= (now.status_code == 200)
        if now.status_code == 200:
            touched += 1
            assert meets or labels_in(now.content) != labels_in(answer.content), tile
        assert asked(client, "grid", tile, params={"edition": described["edition"]}).content == answer.content
    assert 3 <= touched <= 10 < len(tiles)
    for tile, answer in above.items():
        assert asked(client, "community", tile, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert kept_shapes(owner) == fresh_shapes(url)


def test_a_name_that_means_something_to_browsers_is_text_and_shows_without_a_new_shape(changing):
    client, _, owner = changing
    code = next(iter(childless(client)))
    middle = shape_of(client, code).representative_point()
    (tile,) = tiles_over([middle.x, middle.y] * 2, 16)
    before, shapes = asked(client, "grid", tile), kept_shapes(owner)
    publish(client, {"op": "rename", "code": code, "name": "<script>alert(1)</script>"})
    found = {each["code"]: each["name"] for each in decoded(asked(client, "grid", tile).content)["grid"]}
    assert found[code] == "<script>alert(1)</script>"
    assert before.headers["etag"] != asked(client, "grid", tile).headers["etag"]
    assert kept_shapes(owner) == shapes
