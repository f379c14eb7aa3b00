"""Areas out of the store, as columns for the core."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, text

from geo.store.sql import array_text, statement
from geo.stored import StoredAreas

Bounds = tuple[float, float, float, float]


def load_areas(
    connection: Connection,
    at: datetime,
    *,
    levels: Sequence[str] | None = None,
    kind: str | None = None,
    codes: Sequence[str] | None = None,
    ids: Sequence[int] | None = None,
    parents: Sequence[int] | None = None,
    bounds: Bounds | None = None,
    shapes: bool = True,
) -> StoredAreas:
    """Read the areas that were valid at a moment.

    Parameters
    ----------
    at
        The moment; pass the present for what holds now.
    levels, kind, codes, ids, parents
        Take only these; ``parents`` are ids of parents.
    bounds
        West, south, east, north in degrees: take only areas whose box meets it.
    shapes
        Whether to read boundaries at all.
    """
    west, south, east, north = bounds or (None, None, None, None)
    rows = connection.execute(
        statement("areas_at"),
        {
            "at": at,
            "levels": None if levels is None else list(levels),
            "kind": kind,
            "codes": None if codes is None else array_text(codes),
            "ids": None if ids is None else list(ids),
            "parents": None if parents is None else list(parents),
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "shapes": shapes,
        },
    ).all()
    return _columns(rows)


def load_versions(connection: Connection, versions: Sequence[int]) -> StoredAreas:
    """Read areas as some of their versions have them, by the ids of these."""
    return _columns(connection.execute(statement("areas_of_versions"), {"versions": list(versions)}).all())


class Ended(NamedTuple):
    """The area that bore a code last; ``whole`` where the area itself ended, not only its code."""

    code: str
    area_id: int
    level: str
    kind: str
    digest: bytes | None
    at: datetime
    whole: bool


def ended_codes(connection: Connection, codes: Sequence[str]) -> dict[str, Ended]:
    """Return who bore the codes that were in use once and are no longer."""
    return {row[0]: Ended(*row) for row in connection.execute(statement("codes_ended"), {"codes": array_text(codes)})}


def codes_ever_used(connection: Connection) -> frozenset[str]:
    """Return every code that an area has or had: a retired code is never given again."""
    return frozenset(code for (code,) in connection.execute(text("SELECT DISTINCT code FROM area_version")))


def _columns(rows: Sequence[Any]) -> StoredAreas:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 13

    def column(place: int) -> npt.NDArray[np.object_]:
        values = np.empty(len(rows), dtype=object)
        values[:] = columns[place]
        return values

    wkb = column(12)
    return StoredAreas(
        ids=column(0).astype(np.int64),
        levels=column(1),
        codes=column(2),
        local_codes=column(3),
        names=column(4),
        kinds=column(5),
        categories=column(6),
        parent_ids=np.array([parent or 0 for parent in columns[7]], dtype=np.int64),
        not_subdivided=column(8).astype(bool),
        fully_divided=column(9).astype(bool),
        digests=column(10),
        geoms=np.asarray(shapely.from_wkb(wkb), dtype=object),
    )
