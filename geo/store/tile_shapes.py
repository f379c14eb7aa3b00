"""Shapes for tiles: made edition by edition from what each changed, so that a past one can be shown as well."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, text

from geo.areas import Geometries
from geo.levels import Hierarchy
from geo.mercator import DEEPEST, units_at, world
from geo.simplify import simplify
from geo.store.binary_copy import bigints, blobs, copy_rows, doubles, texts
from geo.store.editions import moment_of, present_edition
from geo.store.sql import statement

SPECIAL: Final = "special"
MOST_LEVELS_ZOOM: Final = 14
"""From where on the lowest level is drawn; every level above it is drawn two zooms earlier."""
_CELL_DEG: Final = 2e-7
_MANY: Final = 2_000
"""Changed areas from which on the whole layer is made anew: asking for each one's surroundings takes longer."""


class Shape(NamedTuple):
    """What is stored of an area at one zoom."""

    rings: bytes
    label: tuple[float, float]


def min_zooms(hierarchy: Hierarchy) -> dict[str, int]:
    """Return from which zoom on each layer of areas is drawn, the largest areas first."""
    levels = hierarchy.levels
    zooms = {level: max(2, MOST_LEVELS_ZOOM - 2 * (len(levels) - 1 - row)) for row, level in enumerate(levels)}
    return {**zooms, SPECIAL: min(12, zooms[levels[-1]])}


def zooms_of(layer: str, hierarchy: Hierarchy) -> tuple[int, ...]:
    """Return the zooms that shapes of a layer are kept for: each serves the one before it, too."""
    return tuple(range(min_zooms(hierarchy)[layer], DEEPEST + 1, 2))


def made_until(connection: Connection) -> int:
    """Return the edition up to which shapes are made."""
    return int(connection.scalar(text("SELECT edition FROM tile_state")) or 0)


def make_shapes(connection: Connection, hierarchy: Hierarchy) -> int:
    """Make the shapes of every edition that has none yet, one after the other; return the last one.

    Parameters
    ----------
    connection
        Without an open transaction: each edition is one. Whoever else is at it is waited for.
    """
    while True:
        with connection.begin():
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridwarden.tiles'))"))
            edition = made_until(connection) + 1
            if edition > present_edition(connection):
                return edition - 1
            _advance(connection, edition, hierarchy)
            connection.execute(text("UPDATE tile_state SET edition = :edition"), {"edition": edition})


def _advance(connection: Connection, edition: int, hierarchy: Hierarchy) -> None:
    """Make the shapes of an edition from those of the one before."""
    at = moment_of(connection, edition)
    layers: dict[str, list[Any]] = {}
    for row in connection.execute(statement("tile_changes"), {"edition": edition}):
        layers.setdefault(SPECIAL if row.kind == SPECIAL else row.level, []).append(row)
    for layer, changes in layers.items():
        if layer in min_zooms(hierarchy):
            _redraw(connection, edition, at, layer, changes, zooms_of(layer, hierarchy))


def _redraw(
    connection: Connection, edition: int, at: datetime, layer: str, changes: Sequence[Any], zooms: tuple[int, ...]
) -> None:
    ids, geoms, wanted = _surroundings(connection, at, layer, changes)
    made = simplify(geoms, zooms)
    labels = _labels(geoms)
    shapes: dict[tuple[int, int], Shape] = {}
    for zoom, rings in made.items():
        for row in np.flatnonzero(wanted).tolist():
            if rings[row]:
                shapes[int(ids[row]), zoom] = Shape(rings[row], labels[row])
    gone = {int(row.area_id) for row in changes}
    _replace(connection, edition, layer, shapes, sorted(gone | set(ids[wanted].tolist())))


def _surroundings(
    connection: Connection, at: datetime, layer: str, changes: Sequence[Any]
) -> tuple[npt.NDArray[np.int64], Geometries, npt.NDArray[np.bool_]]:
    """Return ids and boundaries around what changed, and which of them may look otherwise.

    Those that touch a change may: a border's end is where other areas meet it. Their neighbours are needed to see that.
    """
    if len(changes) > _MANY:
        world_box = np.array([[-180.0, -90.0, 180.0, 90.0]])
        ids, geoms = _near(connection, at, layer, [], world_box)
        return ids, geoms, np.ones(len(ids), dtype=bool)
    boxes = np.array([[row.west, row.south, row.east, row.north] for row in changes if row.west is not None])
    touched, shapes = _near(connection, at, layer, sorted({row.area_id for row in changes}), boxes)
    ids, geoms = _near(connection, at, layer, touched.tolist(), shapely.bounds(shapes))
    return ids, geoms, np.isin(ids, touched)


def _near(
    connection: Connection, at: datetime, layer: str, ids: Sequence[int], boxes: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int64], Geometries]:
    special = layer == SPECIAL
    low, high = boxes.reshape(-1, 4)[:, :2] - _CELL_DEG, boxes.reshape(-1, 4)[:, 2:] + _CELL_DEG
    asked = {"level": None if special else layer, "kind": SPECIAL if special else "general", "ids": list(ids)}
    lows = {"wests": low[:, 0].tolist(), "souths": low[:, 1].tolist()}
    highs = {"easts": high[:, 0].tolist(), "norths": high[:, 1].tolist()}
    found = connection.execute(statement("tile_near"), {"at": at, **asked, **lows, **highs}).all()
    wkb = np.array([row.wkb for row in found], dtype=object)
    return np.array([row.area_id for row in found], dtype=np.int64), np.asarray(shapely.from_wkb(wkb), dtype=object)


def _labels(geoms: Geometries) -> list[tuple[float, float]]:
    """Return a place for the name of each area, on the unit square: inside its largest part."""
    parts, row = shapely.get_parts(geoms, return_index=True)
    order = np.lexsort([-shapely.area(parts), row])
    largest = parts[order][np.unique(row[order], return_index=True)[1]]
    places = world(shapely.get_coordinates(shapely.point_on_surface(largest)))
    return [(x, y) for x, y in places.tolist()]


def _replace(
    connection: Connection, edition: int, layer: str, shapes: Mapping[tuple[int, int], Shape], ids: Sequence[int]
) -> None:
    """Write the shapes that differ from those of the edition before, and end the others."""
    rows = connection.execute(
        text(
            "SELECT id, area_id, zoom, rings, label_x, label_y FROM tile_shape "
            "WHERE area_id = ANY(:ids) AND layer = :layer AND last_edition IS NULL"
        ),
        {"ids": list(ids), "layer": layer},
    )
    kept, ended = set(), []
    for row in rows:
        if shapes.get((row.area_id, row.zoom)) == (bytes(row.rings), (row.label_x, row.label_y)):
            kept.add((row.area_id, row.zoom))
        else:
            ended.append(row.id)
    connection.execute(
        text("UPDATE tile_shape SET last_edition = :last WHERE id = ANY(:ids)"), {"last": edition - 1, "ids": ended}
    )
    _write(connection, edition, layer, {key: shape for key, shape in shapes.items() if key not in kept})


def _write(connection: Connection, edition: int, layer: str, shapes: Mapping[tuple[int, int], Shape]) -> None:
    if not shapes:
        return
    x, y = zip(*(shape.label for shape in shapes.values()), strict=True)
    columns = {
        "area_id": bigints(area for area, _ in shapes),
        "layer": repeat(next(texts([layer]))),
        "zoom": (struct.pack(">ih", 2, zoom) for _, zoom in shapes),
        "box": blobs(_boxes(shapes)),
        "label_x": doubles(x),
        "label_y": doubles(y),
        "rings": blobs(shape.rings for shape in shapes.values()),
        "first_edition": repeat(next(bigints([edition]))),
    }
    copy_rows(connection, "tile_shape", columns)


def _boxes(shapes: Mapping[tuple[int, int], Shape]) -> Iterator[bytes]:
    """Encode the box of each shape and its label, in tiles of the deepest zoom."""
    deep = 1 << DEEPEST
    for (_, zoom), shape in shapes.items():
        head = np.frombuffer(shape.rings, "<i4")
        xy = head[1 + head[0] :].reshape(-1, 2) * (deep / units_at(zoom))
        x, y = (deep * place for place in shape.label)
        (west, north), (east, south) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        box = shapely.box(min(west, x), min(north, y), max(east, x), max(south, y))
        yield shapely.to_wkb(box, byte_order=1)
