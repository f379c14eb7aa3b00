"""The areas that a file brings, as columns, on their way into the store."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """Areas of one level from one file; row ``i`` of every column is one area.

    Attributes
    ----------
    rows
        Row number in the file, as its owner counts; 0 for areas derived from others.
    codes
        Code, ``""`` while it is still to be assigned.
    local_codes, names, kinds, categories
        What the file says; kinds are ``general`` or ``special``.
    parent_texts
        What the file says of the parent: a code, a local code or a name; ``""`` where it says nothing.
    not_subdivided, fully_divided
        Marks of the design: no children expected; children cover it wholly.
    geoms
        Boundaries in EPSG:4490 degrees.
    digests
        SHA-256 of the boundary as the file gives it and of the settings that decide what becomes of it.
    silent
        Names of the columns of which the file says nothing at all: stored areas keep what they have.
    """

    rows: npt.NDArray[np.int64]
    codes: Texts
    local_codes: Texts
    names: Texts
    kinds: Texts
    categories: Texts
    parent_texts: Texts
    not_subdivided: npt.NDArray[np.bool_]
    fully_divided: npt.NDArray[np.bool_]
    geoms: Geometries
    digests: npt.NDArray[np.object_]
    silent: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def kind(self) -> str:
        """The one kind of all of them."""
        return str(self.kinds[0]) if len(self) else "general"

    def take(self, rows: npt.ArrayLike) -> Self:
        """Return some rows, by index or mask."""
        index = np.asarray(rows)
        columns = [field.name for field in fields(self) if field.name != "silent"]
        return replace(self, **{name: getattr(self, name)[index] for name in columns})

    def with_geoms(self, geoms: Geometries) -> Self:
        """Return the same areas with other boundaries."""
        return replace(self, geoms=geoms)

    def with_codes(self, codes: Texts) -> Self:
        """Return the same areas with other codes."""
        return replace(self, codes=codes)


def digests_of(geoms: Geometries, settings: Sequence[str]) -> npt.NDArray[np.object_]:
    """Return the SHA-256 of each boundary together with the settings, shape (n,)."""
    head = hashlib.sha256("\n".join(settings).encode())
    digests = np.empty(len(geoms), dtype=object)
    for row, wkb in enumerate(shapely.to_wkb(geoms)):
        one = head.copy()
        one.update(wkb)
        digests[row] = one.digest()
    return digests
