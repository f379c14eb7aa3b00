"""Base maps through our own origin: out of files, or fetched from the service that the operator named."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from geo.errors import BadInput, NotFound, Unavailable
from geo.mercator import Tile
from geo.store.base_maps import BaseMap
from importers.base_maps import MOST_BYTES, Picture, look_at, picture_of, read_tile

SERVICE: Final = "service"
WAIT_S: Final = 10.0
_HOLES: Final = re.compile(r"\{(\w*)\}")
_KNOWN: Final = frozenset({"z", "x", "y", "key"})


def described_base_map(
    place: str,
    name: str,
    title: str | None,
    source: str,
    approval: str | None,
    key: str | None,
    zooms: tuple[int, int] = (0, 18),
) -> BaseMap:
    """Return a base map as it is to be written down, of a file, a folder, or the address of a service.

    Raises
    ------
    BadInput
        ``basemap-address``, or what is wrong with the file.
    """
    if urlsplit(place).scheme in ("http", "https"):
        holes = _HOLES.findall(place)
        wrong = set(holes) - _KNOWN or {"z", "x", "y"} - set(holes) or (key is None and "key" in holes)
        # the host must be as the operator wrote it, whatever is asked for
        if wrong or "{" in urlsplit(place).netloc or not urlsplit(place).hostname:
            raise BadInput("basemap-address", place={"field": "FILE"}, given=place[:80])
        return BaseMap(name, title or name, SERVICE, place, source, approval, key, *zooms)
    path = Path(place).absolute()
    found = look_at(path)
    return BaseMap(
        *(name, title or name, found.kind, str(path), source, approval, None),
        *(found.min_zoom, found.max_zoom, found.bounds),
    )


def base_map_tile(base: BaseMap, tile: Tile) -> Picture:
    """Return one tile of a base map.

    Raises
    ------
    NotFound
        ``basemap-no-tile``.
    Unavailable
        ``basemap-service-down``: the service does not answer, or with something else than a picture.
    """
    inside = tile.exists and base.min_zoom <= tile.zoom <= base.max_zoom
    found = None
    if inside:
        found = _fetched(base, tile) if base.kind == SERVICE else read_tile(base.kind, Path(base.place), tile)
    if found is None:
        raise NotFound("basemap-no-tile", name=base.name, zoom=tile.zoom, x=tile.x, y=tile.y)
    return found


def _fetched(base: BaseMap, tile: Tile) -> Picture | None:
    """Ask the service: its address is the operator's, and only three numbers in it are the reader's."""
    filled = {"z": tile.zoom, "x": tile.x, "y": tile.y, "key": quote(base.key or "", safe="")}
    address = _HOLES.sub(lambda hole: str(filled[hole[1]]), base.place)
    body = b""
    try:
        with httpx.stream("GET", address, timeout=WAIT_S, follow_redirects=False) as answer:
            if answer.status_code in (204, 404):
                return None
            if answer.status_code == 200:
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        break
    except httpx.HTTPError as failure:
        raise Unavailable("basemap-service-down", name=base.name) from failure
    picture = picture_of(body) if len(body) <= MOST_BYTES else None
    if picture is None:
        raise Unavailable("basemap-service-down", name=base.name)
    return picture
