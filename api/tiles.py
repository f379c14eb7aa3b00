"""Tiles as they are served: made once, kept in memory, and dropped where a publication touched them."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine

from api.settings import Settings
from geo.errors import NotFound
from geo.exceptions import site_day
from geo.levels import Hierarchy, level_name
from geo.mercator import BUFFER, DEEPEST, EXTENT, Tile
from geo.store.connect import connect, reading
from geo.store.editions import moment_of, present, present_edition
from geo.store.tile_shapes import SPECIAL, made_until, make_shapes, min_zooms
from geo.store.tiles import (
    POINT_ZOOMS,
    Held,
    Touched,
    bounds_at,
    kinds_since,
    points_in,
    shapes_in,
    touched_since,
)
from maps.vector_tile import POINT, POLYGON, Drawn, layer, point, polygons

MOST_BYTES: Final = 64 << 20
"""Kept in memory, in each worker."""
_MANY: Final = 5_000
"""Touched places from which on everything is dropped: looking for each takes longer than making it again."""
_TITLES: Final = {
    SPECIAL: ("专属网格", "special grids"),
    "residences": ("户数", "households"),
    "facilities": ("服务设施", "facilities"),
    "findings": ("已接受的问题", "accepted findings"),
}
_COLUMNS: Final = ("code", "local_code", "name", "level", "kind", "category", "parent")


class Made(NamedTuple):
    """A tile as it is sent; the tag is of its content."""

    body: bytes
    tag: str


class Wanted(NamedTuple):
    """Which tile of which layer; ``edition`` is None for the present one."""

    layer: str
    tile: Tile
    edition: int | None


@dataclass(slots=True)
class TileStore:
    """The tiles of one process.

    Attributes
    ----------
    edition
        The one that the kept tiles are of.
    """

    settings: Settings
    engine: Engine
    edition: int = 0
    _kept: OrderedDict[Wanted, Made] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _lock: Lock = field(default_factory=Lock)
    _making: Lock = field(default_factory=Lock)

    def tile(self, wanted: Wanted) -> Made:
        """Return a tile, from memory where it is still good.

        Raises
        ------
        NotFound
            ``unknown-tile``, ``unknown-map-layer``, ``unknown-edition``.
        """
        least = self._least_zoom(wanted.layer)
        if not wanted.tile.exists or wanted.tile.zoom > DEEPEST:
            raise NotFound("unknown-tile", zoom=wanted.tile.zoom, x=wanted.tile.x, y=wanted.tile.y, deepest=DEEPEST)
        self._require_shapes()
        with reading(self.engine) as connection:
            newest = present_edition(connection)
            self._follow(connection, newest)
            found = self._kept.get(wanted)
            if found is not None:
                return found
            body = self._made(connection, wanted, newest) if wanted.tile.zoom >= least else b""
        return self._keep(wanted, newest, Made(body, f'"{sha256(body).hexdigest()[:24]}"'))

    def _require_shapes(self) -> None:
        """Make the shapes of editions that have none yet, one request for all that wait."""
        if self._lacks_shapes():
            with self._making:
                if self._lacks_shapes():
                    # not one of the service's own connections: the first edition of a large city takes a while
                    with connect(self.settings.url()) as connection:
                        make_shapes(connection, self.settings.hierarchy)

    def _lacks_shapes(self) -> bool:
        with reading(self.engine) as connection:
            return made_until(connection) < present_edition(connection)

    def description(self) -> dict[str, object]:
        """Return which layers there are."""
        with reading(self.engine) as connection:
            now = present(connection)
            bounds = bounds_at(connection, now.at)
        layers = [_layer_document(name, least) for name, least in layer_zooms(self.settings.hierarchy).items()]
        return {"edition": now.edition, "bounds": bounds, "layers": layers}

    def _least_zoom(self, name: str) -> int:
        zooms = layer_zooms(self.settings.hierarchy)
        if name not in zooms:
            raise NotFound("unknown-map-layer", layer=name, known=", ".join(zooms))
        return zooms[name]

    def _made(self, connection: Connection, wanted: Wanted, newest: int) -> bytes:
        if wanted.edition is None:
            held = Held(present(connection).at, newest)
        else:
            held = Held(moment_of(connection, wanted.edition), wanted.edition)
        if wanted.layer in POINT_ZOOMS:
            today = site_day(held.at, self.settings.zone)
            return points_in(connection, held, wanted.layer, wanted.tile, today)
        zoom, rows = shapes_in(connection, held, wanted.layer, wanted.tile, self.settings.hierarchy)
        return area_tile(wanted.layer, wanted.tile, zoom, rows)

    def _keep(self, wanted: Wanted, edition: int, made: Made) -> Made:
        # findings are accepted between editions
        if wanted.layer == "findings":
            return made
        with self._lock:
            if edition == self.edition and wanted not in self._kept:
                self._kept[wanted] = made
                self._bytes += len(made.body)
            while self._bytes > MOST_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.body)
        return made

    def _follow(self, connection: Connection, newest: int) -> None:
        """Drop what newer editions touched; all of it where an older one was restored."""
        with self._lock:
            if newest == self.edition:
                return
            since = min(self.edition, newest)
            touched = touched_since(connection, since) if since else []
            gone = set(self._kept)
            if since and newest > since and len(touched) <= _MANY:
                published = kinds_since(connection, since)
                gone = _touched_keys(self._kept, touched) | {one for one in self._kept if one.layer in published}
            for wanted in gone:
                self._bytes -= len(self._kept.pop(wanted).body)
            self.edition = newest


def layer_zooms(hierarchy: Hierarchy) -> dict[str, int]:
    """Return all layers with the zoom from which on there is something."""
    return {**min_zooms(hierarchy), **POINT_ZOOMS}


def area_tile(name: str, tile: Tile, zoom: int, rows: Sequence[Any]) -> bytes:
    """Return a tile of areas: their land, and a point for each name.

    Parameters
    ----------
    zoom, rows
        As :func:`geo.store.tiles.shapes_in` returns them.
    """
    told = [{column: getattr(row, column) or "" for column in _COLUMNS} for row in rows]
    commands = polygons([bytes(row.rings) for row in rows], zoom, tile)
    places = [point((row.label_x, row.label_y), tile) for row in rows]
    land = [
        Drawn(row.area_id, POLYGON, drawn, one) for row, drawn, one in zip(rows, commands, told, strict=True) if drawn
    ]
    names = [Drawn(row.area_id, POINT, place, one) for row, place, one in zip(rows, places, told, strict=True) if place]
    return layer(name, land) + layer("label", names)


def _touched_keys(kept: Iterable[Wanted], touched: Sequence[Touched]) -> set[Wanted]:
    """Return the tiles of the present edition that lie where something looks otherwise."""
    found = set()
    for wanted in kept:
        if wanted.edition is None:
            west, north, east, south = (edge * (1 << DEEPEST) for edge in wanted.tile.square())
            if any(
                each.layer == wanted.layer
                and each.zoom - 1 <= wanted.tile.zoom <= each.zoom
                and (each.west <= east and each.east >= west and each.north <= south and each.south >= north)
                for each in touched
            ):
                found.add(wanted)
    return found


def _layer_document(name: str, least: int) -> dict[str, object]:
    title, title_en = _TITLES.get(name, (level_name(name, "zh"), level_name(name, "en")))
    sizes = {"extent": EXTENT, "buffer": BUFFER}
    return {"name": name, "title": title, "title_en": title_en, "min_zoom": least, "max_zoom": DEEPEST, **sizes}
