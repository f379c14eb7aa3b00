"""Base maps out of files: GeoTIFF (aerial images), MBTiles, folders of tiles; by Web Mercator tiles of 256 pixels."""

import sqlite3
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.io import MemoryFile
from rasterio.transform import from_bounds
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds

from geo.errors import BadInput
from geo.mercator import Tile
from geo.store.areas import Bounds

PIXELS: Final = 256
PICTURES: Final = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
MOST_BYTES: Final = 4 << 20
"""Of one tile."""
_HALF_WORLD_M: Final = 20037508.342789244
_DEEPEST: Final = 22
# One driver, by its name, and no file but the one that was named: a raster may point at others, and at hosts.
_ALONE: Final = {"GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_PAM_ENABLED": "NO"}


@dataclass(frozen=True, slots=True)
class MapFile:
    """What a file says of itself."""

    kind: str
    min_zoom: int
    max_zoom: int
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class Picture:
    """One tile as it is sent."""

    body: bytes
    media_type: str


def look_at(path: Path) -> MapFile:
    """Return what kind of base map a file or folder is, and what it covers.

    Raises
    ------
    BadInput
        ``basemap-unreadable``, ``basemap-not-placed``, ``basemap-not-bytes``.
    """
    if path.is_dir():
        zooms = [int(each.name) for each in path.iterdir() if each.is_dir() and each.name.isdecimal()]
        if not zooms:
            raise BadInput("basemap-unreadable", place={"file": path.name}, name=path.name)
        return MapFile("folder", min(zooms), max(zooms), None)
    if path.suffix.lower() == ".mbtiles":
        return _mbtiles_facts(path)
    return _geotiff_facts(path)


def read_tile(kind: str, path: Path, tile: Tile) -> Picture | None:
    """Return one tile of a base map, None where it has none.

    Raises
    ------
    BadInput
        ``basemap-unreadable``: the file is gone, or no longer what it was.
    """
    readers = {"folder": _folder_tile, "mbtiles": _mbtiles_tile, "geotiff": _geotiff_tile}
    try:
        return readers[kind](path, tile)
    except (OSError, sqlite3.Error, RasterioError) as failure:
        raise BadInput("basemap-unreadable", place={"file": path.name}, name=path.name) from failure


def picture_of(body: bytes) -> Picture | None:
    """Return a picture with its type by its first bytes, None for what is none that browsers show."""
    starts = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
    for start, kind in starts.items():
        if body.startswith(start):
            return Picture(body, PICTURES[kind])
    return Picture(body, PICTURES["webp"]) if body[:4] == b"RIFF" and body[8:12] == b"WEBP" else None


def _folder_tile(path: Path, tile: Tile) -> Picture | None:
    for suffix in PICTURES:
        file = path / str(tile.zoom) / str(tile.x) / f"{tile.y}.{suffix}"
        # a link may lead anywhere
        if file.is_file() and file.resolve().is_relative_to(path.resolve()) and file.stat().st_size <= MOST_BYTES:
            return picture_of(file.read_bytes())
    return None


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _mbtiles_facts(path: Path) -> MapFile:
    try:
        with closing(_opened(path)) as file:
            told = dict(file.execute("SELECT name, value FROM metadata").fetchall())
            low, high = file.execute("SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
            given = [float(edge) for edge in told.get("bounds", "").split(",") if edge.strip()]
    except (sqlite3.Error, ValueError, AttributeError) as failure:
        raise BadInput("basemap-unreadable", place={"file": path.name}, name=path.name) from failure
    if low is None or told.get("format", "png") not in PICTURES:
        raise BadInput("basemap-unreadable", place={"file": path.name}, name=path.name)
    bounds = (given[0], given[1], given[2], given[3]) if len(given) == 4 else None
    return MapFile("mbtiles", int(low), int(high), bounds)


def _mbtiles_tile(path: Path, tile: Tile) -> Picture | None:
    with closing(_opened(path)) as file:
        row = file.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            # rows count from the south there
            (tile.zoom, tile.x, (1 << tile.zoom) - 1 - tile.y),
        ).fetchone()
    return None if row is None else picture_of(bytes(row[0]))


def _geotiff(path: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        return rasterio.open(path, driver="GTiff")


def _geotiff_facts(path: Path) -> MapFile:
    try:
        with rasterio.Env(**_ALONE), _geotiff(path) as raster:
            if raster.crs is None or raster.transform.is_identity:
                raise BadInput("basemap-not-placed", place={"file": path.name}, name=path.name)
            if any(kind != "uint8" for kind in raster.dtypes):
                raise BadInput("basemap-not-bytes", place={"file": path.name}, name=path.name, found=raster.dtypes[0])
            west, south, east, north = transform_bounds(raster.crs, "EPSG:4326", *raster.bounds)
            wide_m = (east - west) / 360 * 2 * _HALF_WORLD_M / raster.width
    except RasterioIOError as failure:
        raise BadInput("basemap-unreadable", place={"file": path.name}, name=path.name) from failure
    # where a pixel of the map is as wide as one of the image
    finest = int(np.ceil(np.log2(2 * _HALF_WORLD_M / PIXELS / wide_m)))
    return MapFile("geotiff", 0, min(max(finest, 1), _DEEPEST), (west, south, east, north))


def _geotiff_tile(path: Path, tile: Tile) -> Picture | None:
    wide_m = 2 * _HALF_WORLD_M / (1 << tile.zoom)
    west, north = -_HALF_WORLD_M + tile.x * wide_m, _HALF_WORLD_M - tile.y * wide_m
    frame = (west, north - wide_m, west + wide_m, north)
    with rasterio.Env(**_ALONE), _geotiff(path) as raster:
        left, bottom, right, top = transform_bounds(raster.crs, "EPSG:3857", *raster.bounds)
        if right <= frame[0] or left >= frame[2] or top <= frame[1] or bottom >= frame[3]:
            return None
        alpha = ColorInterp.alpha in raster.colorinterp
        options = {
            **{"crs": "EPSG:3857", "transform": from_bounds(*frame, PIXELS, PIXELS), "add_alpha": not alpha},
            **{"width": PIXELS, "height": PIXELS, "resampling": Resampling.bilinear},
        }
        if raster.colorinterp[0] == ColorInterp.palette:
            options["resampling"] = Resampling.nearest
        with WarpedVRT(raster, **options) as seen:
            bands = seen.read()
            colours = raster.colormap(1) if raster.colorinterp[0] == ColorInterp.palette else None
    return _png(_four_bands(bands, colours)) if bands[-1].any() else None


def _four_bands(bands: npt.NDArray[np.uint8], colours: Any) -> npt.NDArray[np.uint8]:
    """Return red, green, blue and alpha: the last band is alpha, one alone is grey or a number of a colour."""
    if colours is not None:
        table = np.array([colours.get(number, (0, 0, 0, 0))[:3] for number in range(256)], dtype=np.uint8)
        return np.concatenate([np.moveaxis(table[bands[0]], -1, 0), bands[-1:]])
    shown = bands[:3] if len(bands) >= 4 else np.repeat(bands[:1], 3, axis=0)
    return np.concatenate([shown, bands[-1:]])


def _png(bands: npt.NDArray[np.uint8]) -> Picture:
    with MemoryFile() as memory, warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="PNG", width=PIXELS, height=PIXELS, count=4, dtype="uint8") as picture:
            picture.write(bands)
        return Picture(memory.read(), PICTURES["png"])
