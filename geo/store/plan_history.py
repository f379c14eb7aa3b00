"""What a published plan did, read back from the history: as its draft was worked out, but as it came about."""

from datetime import timedelta

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.adjust import NOBODY, Adjusted, Descent, Scene
from geo.levels import Hierarchy
from geo.store.areas import Bounds, load_areas
from geo.store.drafting import Worked
from geo.store.editions import Present, moment_of
from geo.store.lineage import lineage_in
from geo.store.plans import Draft
from geo.store.scenes import Seen
from geo.store.sql import statement
from geo.stored import StoredAreas, together

_MARGIN_DEG = 1e-5


def read_back(connection: Connection, edition: int, draft: Draft, hierarchy: Hierarchy) -> tuple[Present, Worked]:
    """Return the moment just before an edition, and what it did to the areas of that moment."""
    published = moment_of(connection, edition)
    just_before = published - timedelta(microseconds=1)
    rows = connection.execute(statement("edition_areas"), {"edition": edition, "at": published}).all()
    box = _bounds([shapely.box(row.west, row.south, row.east, row.north) for row in rows if row.west is not None])
    ids = [row.area_id for row in rows]
    before = _around(load_areas(connection, just_before, ids=ids), load_areas(connection, just_before, bounds=box))
    after = _around(load_areas(connection, published, ids=ids), load_areas(connection, published, bounds=box))
    told = {name: tuple(row.area_id for row in rows if row.role == name) for name in _ROLES}
    steps = [str(one["op"]) for one in draft.operations]
    lineage = tuple(
        Descent(
            from_id=one.from_id or NOBODY,
            to_id=one.to_id or NOBODY,
            operation=steps.index(one.operation) if one.operation in steps else 0,
            area_m2=one.area_m2,
            share_of_from=one.share_of_from or 0.0,
            share_of_to=one.share_of_to or 0.0,
            households=one.households or 0,
        )
        for one in lineage_in(connection, edition)
    )
    adjusted = Adjusted(after, **told, lineage=lineage, steps=(), accepted_gaps=())
    worked = Worked(Seen(Scene(before, hierarchy), draft.seen), adjusted, (), frozenset())
    return Present(just_before, edition - 1, None), worked


_ROLES = ("changed", "noded", "ended", "created")


def _around(own: StoredAreas, near: StoredAreas) -> StoredAreas:
    areas = together(own, near.take(~np.isin(near.ids, own.ids)))
    return areas.take(np.argsort(areas.codes, kind="stable"))


def _bounds(boxes: list[shapely.Geometry]) -> Bounds:
    west, south, east, north = shapely.total_bounds(np.array(boxes, dtype=object)).tolist()
    return west - _MARGIN_DEG, south - _MARGIN_DEG, east + _MARGIN_DEG, north + _MARGIN_DEG
