"""What is stored around the areas that a file brings."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo.areas import among
from geo.levels import Hierarchy
from geo.store.areas import Bounds, Ended, codes_ever_used, ended_codes, load_areas
from geo.store.levels import present_levels
from geo.stored import StoredAreas, together
from importers.import_request import ImportRequest
from importers.incoming import Incoming

MARGIN_DEG = 1e-5
"""About 1 m around a file's box: wider than any tolerance of matching that makes sense."""

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The stored hierarchy around a file.

    Attributes
    ----------
    present
        Areas of every level near the file, and wherever one bears a code that the file names. All children of the
        areas that may be parents are there too: what one of them leaves open is a gap.
    upper
        The levels above the file's that have areas, the nearest first.
    hierarchy
        All levels.
    ended
        Codes of the file that were in use once, and who bore them.
    codes_taken
        Every code that was ever used; empty where no code is to be assigned.
    """

    present: StoredAreas
    upper: tuple[str, ...]
    hierarchy: Hierarchy
    ended: dict[str, Ended]
    codes_taken: frozenset[str]

    @classmethod
    def load(cls, connection: Connection, at: datetime, incoming: Incoming, request: ImportRequest) -> Self:
        """Read what is stored around incoming areas."""
        levels = present_levels(connection, at)
        upper = tuple(level for level in request.hierarchy.above(request.level) if level in levels)
        codes = [code for code in incoming.codes if code]
        present = load_areas(connection, at, bounds=_box(incoming))
        present = _added(present, load_areas(connection, at, codes=[*codes, *set(incoming.parent_texts)]))
        if upper:
            families = (present.levels == upper[0]) | among(present.codes, codes)
            present = _added(present, load_areas(connection, at, parents=present.ids[families].tolist()))
        else:
            # at the top, what the level encloses is a gap: only the whole of it tells
            present = _added(present, load_areas(connection, at, levels=[request.level]))
        if request.retire_missing:
            # what ends may have children far from the file
            own = present.ids[present.levels == request.level]
            present = _added(present, load_areas(connection, at, parents=own.tolist()))
        taken = codes_ever_used(connection) if request.assign_codes else frozenset()
        present = _with_ancestors(connection, at, present)
        return cls(present, upper, request.hierarchy, ended_codes(connection, codes), taken)

    def of_level(self, level: str, kind: str = "general") -> Index:
        """Return the rows of ``present`` of one level and kind."""
        return np.flatnonzero((self.present.levels == level) & (self.present.kinds == kind))

    def above(self) -> Index:
        """Return the rows of ``present`` of all levels above the file's."""
        return np.flatnonzero(among(self.present.levels, self.upper))


def _box(incoming: Incoming) -> Bounds:
    west, south, east, north = shapely.total_bounds(incoming.geoms).tolist()
    return west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG


def _added(first: StoredAreas, second: StoredAreas) -> StoredAreas:
    return together(first, second.take(~np.isin(second.ids, first.ids)))


def _with_ancestors(connection: Connection, at: datetime, present: StoredAreas) -> StoredAreas:
    while len(missing := np.setdiff1d(present.parent_ids[present.parent_ids > 0], present.ids)):
        found = load_areas(connection, at, ids=missing.tolist())
        if not len(found):
            break
        present = together(present, found)
    return present
