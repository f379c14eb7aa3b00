"""What a publication locks, so that nobody else changes it meanwhile."""

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.adjust.outline import levels_kept
from geo.store.drafting import Worked
from geo.store.sql import statement
from geo.stored import together


def locks_of(connection: Connection, worked: Worked) -> list[int]:
    """Return the rows of ``coverage_lock`` that publishing needs, sorted: all that the database's trigger will take.

    The areas that change, end or receive nodes, and the parents of those that change. Parents of areas that receive
    nodes only where the outline of their level moves: otherwise publications beside one another do not wait.
    """
    adjusted, before = worked.adjusted, worked.seen.scene.areas
    moved = np.array([*adjusted.changed, *adjusted.ended, *adjusted.created], dtype=np.int64)
    noded = np.array(adjusted.noded, dtype=np.int64)
    touched = np.concatenate([moved, noded])
    kept = levels_kept(before, adjusted.after, touched.tolist())
    states = together(*(areas.take(np.isin(areas.ids, touched)) for areas in (before, adjusted.after)))
    through = np.isin(states.ids, noded)
    parents = states.parent_ids[~(through & np.isin(states.levels, list(kept)))]
    asked = states.take([shape is not None for shape in states.geoms])
    wests, souths, easts, norths = shapely.bounds(asked.geoms).reshape(-1, 4).T.tolist()
    rows = connection.execute(
        statement("plan_locks"),
        {
            "levels": asked.levels.tolist(),
            "kinds": asked.kinds.tolist(),
            "noded": np.isin(asked.ids, noded).tolist(),
            "parents": asked.parent_ids.tolist(),
            "wests": wests,
            "souths": souths,
            "easts": easts,
            "norths": norths,
        },
    )
    known = np.concatenate([touched, parents])
    return sorted({*known[known > 0].tolist(), *(row.id for row in rows)})
