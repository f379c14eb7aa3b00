"""Codes for areas whose file has none."""

from collections.abc import Collection
from typing import Final

import numpy as np
import shapely

from geo.areas import Texts
from geo.codes import assign_codes
from importers.incoming import Incoming
from importers.surroundings import Surroundings

SUFFIXES: Final = {
    "town": (("街道", "subdistrict"), ("街道办事处", "subdistrict"), ("乡", "township")),
    "community": (("村", "village"), ("村委会", "village")),
}
"""What the end of a name says about its range of numbers; every other town is 镇, every other community 居委会."""
OTHERS: Final = {"town": "town", "community": "neighbourhood"}


def assigned_codes(
    incoming: Incoming, around: Surroundings, parent_codes: Texts, level: str, taken: Collection[str]
) -> Texts:
    """Return a code for every area: its own, that of the stored area it came from, or the next free one.

    Parameters
    ----------
    incoming
        With settled boundaries; rows without a code have ``""``, and all of them have a parent.
    parent_codes
        Code of each parent, shape (n,).
    taken
        Every code that was ever used: none is given twice.

    Raises
    ------
    BadInput, Conflict
        Where the parent's code is outside the scheme, or its numbers are used up.
    """
    codes = incoming.codes.copy()
    known = np.flatnonzero((codes == "") & (around.previous >= 0))
    codes[known] = around.present.codes[around.previous[known]]
    open_rows = np.flatnonzero(codes == "")
    if not len(open_rows):
        return codes
    inner = shapely.point_on_surface(incoming.geoms[open_rows])
    lonlat = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    kinds = [_numbers_of(level, incoming.names[row], incoming.kinds[row]) for row in open_rows]
    codes[open_rows] = assign_codes(
        parent_codes[open_rows].tolist(), lonlat, {*taken, *codes.tolist()}, level=level, kinds=kinds
    )
    return codes


def _numbers_of(level: str, name: str, kind: str) -> str:
    found = [numbers for suffix, numbers in SUFFIXES.get(level, ()) if name.endswith(suffix)]
    return found[0] if found else OTHERS.get(level, kind)
