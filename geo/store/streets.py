"""Streets in the store: walkable edges, each a version of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geo.store.areas import Bounds
from geo.store.publish import Publication
from geo.store.sql import statement
from geo.streets import Index, StreetLines, joined

_ROWS_AT_ONCE: Final = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class StoredStreets:
    """Edges out of the store, with the ids of their versions, shape (n,)."""

    ids: Index
    lines: StreetLines


def load_streets(connection: Connection, at: datetime, bounds: Bounds | None = None) -> StoredStreets:
    """Return the walkable edges as of a moment, all or those whose box meets the bounds (degrees, EPSG:4490)."""
    west, south, east, north = bounds or (None, None, None, None)
    result = connection.execute(
        statement("streets_at"),
        {"at": at, "west": west, "south": south, "east": east, "north": north},
        # a large network comes by parts, so that its rows are never all in memory as Python objects
        execution_options={"yield_per": _ROWS_AT_ONCE},
    )
    parts = [_part(rows) for rows in result.partitions()] or [_part([])]
    return StoredStreets(np.concatenate([part.ids for part in parts]), joined(*(part.lines for part in parts)))


def _part(rows: Sequence[Any]) -> StoredStreets:
    wkb = np.empty(len(rows), dtype=object)
    wkb[:] = [row.wkb for row in rows]
    lines = StreetLines.of(
        shapely.from_wkb(wkb),
        way_ids=[row.way_id for row in rows],
        classes=[intern(row[2]) for row in rows],
        steps=[row.steps for row in rows],
        layers=[row.layer for row in rows],
        inclines=[row.incline for row in rows],
    )
    return StoredStreets(np.array([row.id for row in rows], dtype=np.int64), lines)


def has_streets(connection: Connection, at: datetime) -> bool:
    """Tell whether any street is stored as of a moment."""
    found = connection.scalar(
        text("SELECT EXISTS (SELECT FROM street WHERE valid @> CAST(:at AS timestamptz))"), {"at": at}
    )
    return bool(found)


def write_streets(connection: Connection, opened: Publication, fresh: StreetLines, ended: Sequence[int]) -> None:
    """Open versions of edges, and end others by their ids."""
    connection.execute(
        text("UPDATE street SET valid = tstzrange(lower(valid), :at) WHERE id = ANY(:ids)"),
        {"at": opened.at, "ids": list(ended)},
    )
    for begin in range(0, len(fresh), _ROWS_AT_ONCE):
        part = fresh.take(np.arange(begin, min(begin + _ROWS_AT_ONCE, len(fresh))))
        connection.execute(
            statement("streets_open"),
            {
                "way_ids": part.way_ids.tolist(),
                "classes": part.classes.tolist(),
                "steps": part.steps.tolist(),
                "layers": part.layers.tolist(),
                "inclines": part.inclines.tolist(),
                "shapes": shapely.to_wkb(part.shapes()).tolist(),
                "edition": opened.edition,
                "at": opened.at,
            },
        )
