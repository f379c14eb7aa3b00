"""Codes for areas whose file has none."""

from collections.abc import Collection

import numpy as np
import shapely

from geo.areas import Texts
from geo.codes import assign_codes, numbers_of
from geo.stored import StoredAreas
from importers.layer import Layer


def assigned_codes(layer: Layer, present: StoredAreas, parent_codes: Texts, taken: Collection[str]) -> Texts:
    """Return a code for every area: its own, that of the stored area it replaces, or the next free one.

    Parameters
    ----------
    layer
        With settled boundaries; rows without a code have ``""``.
    parent_codes
        Code of each parent, shape (n,).
    taken
        Every code that was ever used: none is given twice.

    Raises
    ------
    BadInput, Conflict
        Where the parent's code is outside the scheme, or its numbers are used up.
    """
    areas = layer.areas
    codes = areas.codes.copy()
    known = np.flatnonzero((codes == "") & (layer.previous >= 0))
    codes[known] = present.codes[layer.previous[known]]
    open_rows = np.flatnonzero(codes == "")
    if not len(open_rows):
        return codes
    inner = shapely.point_on_surface(areas.geoms[open_rows])
    lonlat = np.column_stack([shapely.get_x(inner), shapely.get_y(inner)])
    kinds = [numbers_of(layer.level, areas.names[row], areas.kind) for row in open_rows]
    codes[open_rows] = assign_codes(
        parent_codes[open_rows].tolist(), lonlat, {*taken, *codes.tolist()}, level=layer.level, kinds=kinds
    )
    return codes
