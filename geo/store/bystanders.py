"""Who and what lies where a plan changes something, for :func:`geo.impact.impact`."""

from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, text

from geo.areas import texts
from geo.exchange import changed_boundaries, exchanged, layers_of
from geo.impact import WANTED
from geo.impact_records import Bystanders, Facilities, Residences
from geo.store.areas import Bounds
from geo.store.overlays import load_overlay
from geo.store.sql import statement
from geo.stored import StoredAreas

OVERLAYS: Final = ("estate", "circle")
"""The overlays that borders of grids should not cut: 小区, 便民生活圈."""
_NOWHERE: Final = (0.0, 0.0, 0.0, 0.0)


def load_bystanders(connection: Connection, at: datetime, before: StoredAreas, after: StoredAreas) -> Bystanders:
    """Read who and what lies in the areas that differ between two states, as of a moment.

    Parameters
    ----------
    before, after
        As for :func:`geo.impact.impact`.
    """
    bounds = _extent(before, after)
    ids = before.ids[before.ids > 0].tolist()
    return Bystanders(
        _residences(connection, at, ids, bounds),
        _facilities(connection, at, bounds),
        _teams(connection, at, sorted({*ids, *after.ids[after.ids > 0].tolist()})),
        {layer: load_overlay(connection, at, layer, bounds) for layer in OVERLAYS},
    )


def _extent(before: StoredAreas, after: StoredAreas) -> Bounds:
    """Return the box of all grids whose boundary differs, and of the land that changes hands at other levels.

    An area above the grids may be huge where only a small piece of it changes.
    """
    shapes = [np.empty(0, dtype=object)]
    for level, _, old, new in layers_of(before, after):
        if level in WANTED:
            shapes += [state.geoms for state in changed_boundaries(old, new)]
        else:
            shapes.append(exchanged(old, new).geoms)
    chosen = np.concatenate(shapes)
    chosen = chosen[~shapely.is_missing(chosen)]
    if not len(chosen):
        return _NOWHERE
    west, south, east, north = shapely.total_bounds(chosen).tolist()
    return west, south, east, north


def _residences(connection: Connection, at: datetime, ids: list[int], bounds: Bounds) -> Residences:
    west, south, east, north = bounds
    rows = connection.execute(
        statement("residences_near"),
        {"at": at, "ids": ids, "west": west, "south": south, "east": east, "north": north},
    ).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7

    def numbers(place: int, missing: int) -> npt.NDArray[np.int64]:
        return np.array([missing if value is None else value for value in columns[place]], dtype=np.int64)

    lonlat = np.array([columns[5], columns[6]], dtype=np.float64).T.reshape(-1, 2)
    named = [texts(["" if value is None else value for value in columns[place]]) for place in (0, 1)]
    return Residences(named[0], named[1], numbers(2, 0), numbers(3, -1), numbers(4, 0), lonlat)


def _facilities(connection: Connection, at: datetime, bounds: Bounds) -> Facilities:
    west, south, east, north = bounds
    rows = connection.execute(
        text(
            "SELECT name, category, ST_X(geom), ST_Y(geom) FROM facility WHERE valid @> CAST(:at AS timestamptz) "
            "AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490) ORDER BY category, name, id"
        ),
        {"at": at, "west": west, "south": south, "east": east, "north": north},
    ).all()
    names, categories, lons, lats = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Facilities(texts(names), texts(categories), np.column_stack([lons, lats]).astype(np.float64))


def _teams(connection: Connection, at: datetime, ids: list[int]) -> dict[int, str]:
    rows = connection.execute(
        text("SELECT area_id, name FROM team WHERE valid @> CAST(:at AS timestamptz) AND area_id = ANY(:ids)"),
        {"at": at, "ids": ids},
    )
    return {area_id: name for area_id, name in rows}
