"""What an import changes: new areas, redrawn and renamed ones, neighbours that received a node, and retired ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.measure import area_m2
from geo.store.areas import StoredAreas
from geo.store.publish import NewVersions, as_multipolygons
from importers.incoming import Incoming

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NO_PARENT: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The rows of one set of incoming areas by what becomes of them, masks of shape (n,).

    ``redrawn`` and ``renamed`` may both hold; ``renamed`` stands for every attribute but the boundary.
    """

    new: Mask
    redrawn: Mask
    renamed: Mask

    def any(self) -> Mask:
        """Return the rows that need a version."""
        return self.new | self.redrawn | self.renamed


def compare_rows(incoming: Incoming, present: StoredAreas, previous: Index, parent_ids: Index) -> Changes:
    """Compare incoming areas with the stored ones that they replace.

    Parameters
    ----------
    incoming
        With settled boundaries.
    previous
        Row in ``present`` of the replaced area, -1 for new ones.
    parent_ids
        Id of the parent, ``NO_PARENT``, or at most -2 for a parent that is new itself.
    """
    new = previous < 0
    old = np.flatnonzero(~new)
    redrawn = np.zeros(len(incoming), dtype=bool)
    renamed = np.zeros(len(incoming), dtype=bool)
    if len(old):
        before = present.take(previous[old])
        redrawn[old] = ~same_boundaries(incoming.geoms[old], before.geoms)
        now = incoming.take(old)
        renamed[old] = (
            (now.codes != before.codes)
            | (now.names != before.names)
            | (now.kinds != before.kinds)
            | (_blank(now.local_codes) != _blank(before.local_codes))
            | (_blank(now.categories) != _blank(before.categories))
            | (now.not_subdivided != before.not_subdivided)
            | (now.fully_divided != before.fully_divided)
            | (np.maximum(parent_ids[old], 0) != before.parent_ids)
        )
    return Changes(new, redrawn, renamed)


def same_boundaries(left: Geometries, right: Geometries) -> Mask:
    """Tell which boundaries have the same vertices, wherever their rings begin."""
    same = shapely.equals_identical(
        shapely.normalize(as_multipolygons(left)), shapely.normalize(as_multipolygons(right))
    )
    return np.asarray(same | (shapely.is_missing(left) & shapely.is_missing(right)))


def _blank(column: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    return np.array([value or "" for value in column], dtype=object)


def versions_of(incoming: Incoming, level: str, ids: Index, parent_refs: Index) -> NewVersions:
    """Return the versions that incoming areas open; ``ids`` is 0 for new areas."""
    return NewVersions(
        ids=ids,
        levels=[level] * len(incoming),
        codes=incoming.codes.tolist(),
        local_codes=[code or None for code in incoming.local_codes],
        names=incoming.names.tolist(),
        kinds=incoming.kinds.tolist(),
        categories=[category or None for category in incoming.categories],
        parents=parent_refs,
        geoms=incoming.geoms,
        area_m2=area_m2(incoming.geoms),
        not_subdivided=incoming.not_subdivided.tolist(),
        fully_divided=incoming.fully_divided.tolist(),
        noded=[False] * len(incoming),
        digests=incoming.digests.tolist(),
    )


def noded_versions(stored: StoredAreas, geoms: Geometries) -> NewVersions:
    """Return the versions of stored areas that only received nodes."""
    return NewVersions(
        ids=stored.ids,
        levels=stored.levels.tolist(),
        codes=stored.codes.tolist(),
        local_codes=stored.local_codes.tolist(),
        names=stored.names.tolist(),
        kinds=stored.kinds.tolist(),
        categories=stored.categories.tolist(),
        parents=np.where(stored.parent_ids > 0, stored.parent_ids, NO_PARENT),
        geoms=geoms,
        area_m2=area_m2(geoms),
        not_subdivided=stored.not_subdivided.tolist(),
        fully_divided=stored.fully_divided.tolist(),
        noded=[True] * len(stored),
        digests=stored.digests.tolist(),
    )


def joined(parts: Sequence[NewVersions]) -> NewVersions:
    """Put sets of versions into one; references to new parents must point into the first."""

    def column(name: str) -> Any:
        values = [getattr(part, name) for part in parts]
        if isinstance(values[0], np.ndarray):
            return np.concatenate(values)
        return [value for own in values for value in own]

    return NewVersions(*(column(name) for name in NewVersions.__dataclass_fields__))
