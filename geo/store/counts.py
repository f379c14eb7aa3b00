"""Counts for overviews: areas of each level, households of each grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geo.store.areas import Bounds
from geo.store.sql import statement


@dataclass(frozen=True, slots=True)
class People:
    """What the residences of one area add up to; ``residents`` is None where any of them leaves it out."""

    households: int
    residents: int | None


def count_areas(connection: Connection, at: datetime, *, within: str | None = None) -> dict[tuple[str, str], int]:
    """Return the number of areas by level and kind: of all, or of one area (by its code) and those below it."""
    rows = connection.execute(statement("area_counts"), {"at": at, "within": within})
    return {(level, kind): count for level, kind, count in rows}


def people_of(connection: Connection, at: datetime, ids: Sequence[int]) -> dict[int, People]:
    """Return households and residents by area id; areas without residences are left out.

    Parameters
    ----------
    ids
        Areas of one level and kind: where areas overlap, a residence would count in one of them only.
    """
    rows = connection.execute(statement("households_at"), {"at": at, "ids": list(ids)})
    return {
        area_id: People(int(households), None if residents is None else int(residents))
        for area_id, households, residents in rows
    }


def count_in(connection: Connection, at: datetime, bounds: Bounds) -> int:
    """Return the number of areas whose box meets the bounds (west, south, east, north; degrees)."""
    west, south, east, north = bounds
    found = connection.scalar(
        text(
            "SELECT count(*) FROM area_version WHERE valid @> CAST(:at AS timestamptz) "
            "AND geom && ST_MakeEnvelope(:west, :south, :east, :north, 4490)"
        ),
        {"at": at, "west": west, "south": south, "east": east, "north": north},
    )
    return int(found or 0)
