"""What an import changes: new areas, redrawn and renamed ones, areas that only received a node."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geo.exchange import same_boundaries
from geo.stored import StoredAreas
from importers.layer import Layer

Mask = npt.NDArray[np.bool_]

COMPARED = (
    "codes",
    "names",
    "kinds",
    "local_codes",
    "categories",
    "not_subdivided",
    "fully_divided",
    "parent_ids",
)
"""Every column of a version but its boundary."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """The areas of a layer by what becomes of them, masks of shape (n,).

    ``redrawn`` and ``renamed`` may both hold; ``renamed`` stands for every attribute but the boundary. ``noded`` are
    areas whose boundary the file gives as before, but with new nodes of their neighbours.
    """

    new: Mask
    redrawn: Mask
    renamed: Mask
    noded: Mask

    def any(self) -> Mask:
        """Return the rows that need a version."""
        return self.new | self.redrawn | self.renamed | self.noded

    def only_noded(self) -> Mask:
        """Return the rows whose version says nothing but its nodes."""
        return self.noded & ~self.renamed


def changes_of(layer: Layer, present: StoredAreas) -> Changes:
    """Compare areas with settled boundaries with the stored ones that they replace."""
    new = layer.previous < 0
    old = np.flatnonzero(~new)
    moved, renamed = np.zeros(len(layer), dtype=bool), np.zeros(len(layer), dtype=bool)
    before, after = present.take(layer.previous[old]), layer.take(old).as_stored()
    moved[old] = ~same_boundaries(after.geoms, before.geoms)
    for column in COMPARED:
        renamed[old] |= getattr(after, column) != getattr(before, column)
    return Changes(new, moved & ~layer.same_boundary, renamed, moved & layer.same_boundary)
