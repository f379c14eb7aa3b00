"""Base maps: drawn pictures come out where they lie; nothing else is ever read or asked."""

import socket
import sqlite3
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds

from geo.errors import BadInput
from geo.mercator import Tile, world
from importers.base_maps import look_at, read_tile

#  red   | green        an image of 0.02° around 104.28 E, 30.18 N: the west is red, the east green
WEST, SOUTH, EAST, NORTH = 104.27, 30.17, 104.29, 30.19
RED, GREEN = (200, 10, 10), (10, 200, 10)


def image(path, *, crs="EPSG:4490", kind="uint8", bands=3):
    colours = np.zeros((bands, 100, 100), dtype=kind)
    for band in range(bands):
        colours[band, :, :50], colours[band, :, 50:] = RED[band % 3], GREEN[band % 3]
    place = {} if crs is None else {"crs": crs, "transform": from_bounds(WEST, SOUTH, EAST, NORTH, 100, 100)}
    with rasterio.open(path, "w", driver="GTiff", width=100, height=100, count=bands, dtype=kind, **place) as file:
        file.write(colours)
    return path


def pixels(picture):
    with warnings.catch_warnings(), MemoryFile(getattr(picture, "body", picture)) as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open() as opened:
            return opened.read()


def tile_at(lon, lat, zoom):
    ((x, y),) = (world(np.array([[lon, lat]])) * 2**zoom).astype(int).tolist()
    return Tile(zoom, x, y)


def place_in(tile, lon, lat):
    ((x, y),) = world(np.array([[lon, lat]])) * 2**tile.zoom
    return int((y - tile.y) * 256), int((x - tile.x) * 256)


PNG = bytes.fromhex("89504e470d0a1a0a") + b"a picture"


class TestGeoTiff:
    def test_a_pixel_has_the_colour_of_its_place(self, tmp_path):
        path = image(tmp_path / "a.tif")
        for lon, colour in ((104.275, RED), (104.285, GREEN)):
            tile = tile_at(lon, 30.18, 16)
            row, column = place_in(tile, lon, 30.18)
            seen = pixels(read_tile("geotiff", path, tile))[:, row, column].tolist()
            assert seen == [*colour, 255]

    def test_beside_the_image_it_is_clear_and_far_away_there_is_nothing(self, tmp_path):
        path = image(tmp_path / "a.tif")
        tile = tile_at(WEST, 30.18, 13)
        row, column = place_in(tile, WEST - 0.002, 30.18)
        assert pixels(read_tile("geotiff", path, tile))[3, row, column] == 0
        assert read_tile("geotiff", path, tile_at(100, 20, 13)) is None

    def test_a_grey_image_is_grey(self, tmp_path):
        tile = tile_at(104.275, 30.18, 16)
        row, column = place_in(tile, 104.275, 30.18)
        seen = pixels(read_tile("geotiff", image(tmp_path / "a.tif", bands=1), tile))[:, row, column].tolist()
        assert seen == [200, 200, 200, 255]

    def test_it_says_what_it_covers(self, tmp_path):
        found = look_at(image(tmp_path / "a.tif"))
        assert found.kind == "geotiff"
        assert found.bounds == pytest.approx((WEST, SOUTH, EAST, NORTH), abs=1e-6)
        # 100 pixels of 0.0002°: zoom 13 has 0.00017° a pixel
        assert found.max_zoom == 13

    @pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
    @pytest.mark.parametrize(
        ("options", "kind"), [({"crs": None}, "basemap-not-placed"), ({"kind": "uint16"}, "basemap-not-bytes")]
    )
    def test_what_cannot_be_shown_is_said(self, tmp_path, options, kind):
        with pytest.raises(BadInput) as refusal:
            look_at(image(tmp_path / "a.tif", **options))
        assert refusal.value.kind == kind

    def test_a_raster_that_points_at_other_files_is_none(self, tmp_path):
        image(tmp_path / "a.tif")
        path = tmp_path / "b.tif"
        path.write_text(
            '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
            '<SourceFilename relativeToVRT="1">a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'
        )
        with pytest.raises(BadInput) as refusal:
            look_at(path)
        assert refusal.value.kind == "basemap-unreadable"


@pytest.fixture
def mbtiles(tmp_path):
    path = tmp_path / "a.mbtiles"
    tile = tile_at(104.28, 30.18, 14)
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)")
        file.execute("INSERT INTO metadata VALUES ('format', 'png'), ('bounds', '104.2,30.1,104.3,30.2')")
        file.execute("INSERT INTO tiles VALUES (14, ?, ?, ?)", (tile.x, 2**14 - 1 - tile.y, PNG))
    file.close()
    return path


def test_mbtiles_count_rows_from_the_south(mbtiles):
    found, tile = look_at(mbtiles), tile_at(104.28, 30.18, 14)
    assert (found.kind, found.min_zoom, found.max_zoom, found.bounds) == ("mbtiles", 14, 14, (104.2, 30.1, 104.3, 30.2))
    picture = read_tile("mbtiles", mbtiles, tile)
    assert (picture.body, picture.media_type) == (PNG, "image/png")
    assert read_tile("mbtiles", mbtiles, Tile(14, tile.x, tile.y + 1)) is None


def test_a_folder_gives_its_tiles_and_follows_no_link_out_of_it(tmp_path):
    (tmp_path / "map" / "3" / "5").mkdir(parents=True)
    (tmp_path / "map" / "3" / "5" / "2.png").write_bytes(PNG)
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "map" / "3" / "5" / "4.png").symlink_to(tmp_path / "secret.png")
    assert look_at(tmp_path / "map").kind == "folder"
    assert read_tile("folder", tmp_path / "map", Tile(3, 5, 2)).body == PNG
    assert read_tile("folder", tmp_path / "map", Tile(3, 5, 4)) is None


@pytest.fixture(scope="module")
def service():
    """Run a service of maps that remembers what it was asked."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            moved = "/moved/" in self.path
            self.send_response(302 if moved else 200)
            if moved:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(
                b"<html>" if "/page/" in self.path else PNG + b"x" * (5 << 20 if "/huge/" in self.path else 0)
            )

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class TestOverHttp:
    @pytest.fixture(scope="class")
    @classmethod
    def client(cls, served, city_url):
        with served(city_url) as found:
            yield found

    def add(self, gridwarden, name, place, *more):
        code, _, err = gridwarden("basemap", "add", place, "--name", name, "--source", "市测绘院<script>", *more)
        assert code == 0, err

    def test_there_is_none_until_the_operator_gives_one(self, client, gridwarden, tmp_path):
        assert client.get("/basemap").json() == {"items": []}
        self.add(gridwarden, "aerial", image(tmp_path / "a.tif"), "--approval", "川S(2025)001号")
        (told,) = client.get("/basemap").json()["items"]
        assert (told["name"], told["source"], told["approval"]) == ("aerial", "市测绘院<script>", "川S(2025)001号")
        assert set(told) == {"name", "title", "kind", "source", "approval", "min_zoom", "max_zoom", "bounds"}
        tile = tile_at(104.275, 30.18, 13)
        answer = client.get(f"/basemap/aerial/{tile.zoom}/{tile.x}/{tile.y}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        assert pixels(answer.content).shape == (4, 256, 256)
        assert client.get(f"/basemap/aerial/{tile.zoom}/1/1").status_code == 404
        assert gridwarden("basemap", "list", "--json")[0] == 0
        assert gridwarden("basemap", "remove", "aerial")[0] == 0
        assert client.get("/basemap").json() == {"items": []}

    def test_a_service_is_asked_with_the_operators_key_which_nobody_sees(self, client, gridwarden, service):
        place = f"http://127.0.0.1:{service.server_port}/t/{{z}}/{{y}}/{{x}}?tk={{key}}"
        self.add(gridwarden, "sky", place, "--key", "se/cret", "--max-zoom", "18")
        answer = client.get("/basemap/sky/3/5/2")
        assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")
        assert service.asked[-1] == "/t/3/2/5?tk=se%2Fcret"
        assert "cret" not in client.get("/basemap").text
        count = len(service.asked)
        assert client.get("/basemap/sky/3/8/2").status_code == 404
        assert client.get("/basemap/sky/19/5/2").status_code == 404
        assert len(service.asked) == count

    @pytest.mark.parametrize("way", ["moved", "page", "huge"])
    def test_what_is_no_picture_is_not_passed_on(self, client, gridwarden, service, way):
        self.add(gridwarden, way, f"http://127.0.0.1:{service.server_port}/{way}/{{z}}/{{x}}/{{y}}")
        answer = client.get(f"/basemap/{way}/3/5/2")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:gridwarden:problem:basemap-service-down")
        assert "/elsewhere" not in service.asked

    def test_a_service_that_is_down_is_said(self, client, gridwarden):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.add(gridwarden, "down", f"http://127.0.0.1:{port}/{{z}}/{{x}}/{{y}}")
        assert client.get("/basemap/down/3/5/2").status_code == 503

    @pytest.mark.parametrize(
        "place",
        ["http://{key}.example/{z}/{x}/{y}", "http://map.example/{z}/{x}", "http://map.example/{z}/{x}/{y}/{q}"],
    )
    def test_an_address_that_a_reader_could_bend_is_refused(self, gridwarden, place):
        code, _, err = gridwarden("basemap", "add", place, "--name", "bent", "--source", "x", "--key", "k")
        assert (code, "{z}" in err) == (2, True)
