"""What tiles show, out of the store: shapes of areas, households, facilities and accepted findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from geo.levels import Hierarchy
from geo.mercator import BUFFER, DEEPEST, EXTENT, Tile
from geo.store.sql import statement
from geo.store.tile_shapes import zooms_of

SINGLE_ZOOM: Final = 16
"""From here on each residence is a point of its own; before, they are summed in squares."""
POINT_ZOOMS: Final = {"residences": 13, "facilities": 10, "findings": 6}
"""From where on layers that are no areas are drawn."""
_SQUARES: Final = 32
"""Squares along a tile that residences are summed in."""


class Touched(NamedTuple):
    """Where tiles of a layer look otherwise: at the zoom of their shapes, in tiles of the deepest zoom."""

    layer: str
    zoom: int
    west: float
    north: float
    east: float
    south: float


@dataclass(frozen=True, slots=True)
class Held:
    """A moment and the edition that held then."""

    at: datetime
    edition: int


def shapes_in(
    connection: Connection, held: Held, layer: str, tile: Tile, hierarchy: Hierarchy
) -> tuple[int, Sequence[Any]]:
    """Return the zoom of the shapes that a tile shows of a layer of areas, and these: rows of ``tile_in.sql``."""
    zoom = next(each for each in zooms_of(layer, hierarchy) if each >= tile.zoom)
    deep = 1 << DEEPEST
    west, north, east, south = (deep * edge for edge in tile.square())
    asked = {"layer": layer, "zoom": zoom, "west": west, "north": north, "east": east, "south": south}
    rows = connection.execute(statement("tile_in"), {**asked, "edition": held.edition, "at": held.at}).all()
    return zoom, rows


def touched_since(connection: Connection, edition: int) -> list[Touched]:
    """Return where tiles of areas look otherwise than as of an earlier edition."""
    return [Touched(*row) for row in connection.execute(statement("tiles_touched"), {"since": edition})]


def kinds_since(connection: Connection, edition: int) -> frozenset[str]:
    """Return what was published after an edition: boundaries, residences, facilities and others."""
    rows = connection.scalars(text("SELECT DISTINCT kind FROM edition WHERE id > :since"), {"since": edition})
    return frozenset(rows)


def points_in(connection: Connection, held: Held, layer: str, tile: Tile, today: date) -> bytes:
    """Return the tile of a layer that is no areas, ready to be sent.

    Parameters
    ----------
    today
        The site's, for findings: exceptions end with a day.
    """
    name = layer if layer != "residences" or tile.zoom >= SINGLE_ZOOM else "households"
    asked = {"at": held.at, "z": tile.zoom, "x": tile.x, "y": tile.y, "extent": EXTENT}
    more: dict[str, dict[str, Any]] = {
        "households": {"squares": _SQUARES},
        "findings": {"today": today, "buffer": BUFFER},
    }
    found = connection.scalar(statement(f"tile_{name}"), {**asked, **more.get(name, {"buffer": BUFFER})})
    return bytes(found or b"")


def bounds_at(connection: Connection, at: datetime) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north of all areas in degrees, None without any."""
    row = connection.execute(statement("tile_bounds"), {"at": at}).one()
    return None if row[0] is None else (row[0], row[1], row[2], row[3])
