"""The lineage of an import: where the land and the households of the areas went that it redraws or ends."""

from datetime import datetime
from typing import Final

import numpy as np
from sqlalchemy import Connection

from geo.adjust import Descent
from geo.exchange import Index, changed_boundaries
from geo.store.scenes import load_households
from geo.stored import StoredAreas
from geo.succession import succession

OPERATION: Final = "import"
"""What lineage calls the operation."""


def import_lineage(
    connection: Connection, at: datetime, before: StoredAreas, after: StoredAreas, noded: Index
) -> tuple[Descent, ...]:
    """Return the lineage of an import: see :func:`geo.succession.succession`.

    Parameters
    ----------
    at
        The moment of ``before``.
    before, after
        All areas around the import, as they are and as they are to be.
    noded
        Ids of areas that merely receive nodes: they keep their land.
    """
    old, _ = changed_boundaries(before, after)
    ids = np.setdiff1d(old.ids, noded)
    if not len(ids):
        return ()
    return succession(before, after, load_households(connection, at, ids.tolist()))
