"""Defects planted in a city: what a check is to find."""

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas
from geo.lattice import degrees, snap

METRE_DEG: Final = 1 / 111_000


def planted(grids: Areas, share: float, seed: int = 1) -> Areas:
    """Return grids of which a share is moved, loses or gains a vertex, has a spike, or is missing."""
    dice = np.random.default_rng(seed)
    shapes, gone = grids.geoms.copy(), []
    for turn, row in enumerate(dice.choice(len(grids), int(len(grids) * share), replace=False)):
        if turn % 5 == 4:
            gone.append(row)
            continue
        shape = shapely.Polygon(_spoilt(shapely.get_coordinates(shapes[row]), turn % 5, dice))
        shapes[row] = shape if shape.is_valid else shapes[row]
    return replace(grids, geoms=shapes).take(np.setdiff1d(np.arange(len(grids)), gone))


def _spoilt(corners: npt.NDArray[np.float64], how: int, dice: np.random.Generator) -> npt.NDArray[np.float64]:
    """Return a ring with its third corner spoilt, 2 cm to 100 m wide, on the lattice."""
    aside = np.array([10 ** dice.uniform(-1.7, 2) * METRE_DEG, 0])
    third = {
        0: [corners[2] + aside, corners[3]],
        1: [corners[2]],
        2: [corners[2], (corners[2] + corners[3]) / 2, corners[3]],
        3: [corners[2], corners[2] + aside + [0, -100 * METRE_DEG], corners[2] + aside, corners[3]],
    }[how]
    return degrees(snap(np.concatenate([corners[:2], third, corners[4:]])))


def redrawn(grids: Areas, row: int) -> Areas:
    """Return one grid grown by a metre on all sides, on the lattice."""
    changed = grids.take([row])
    changed.geoms[0] = shapely.transform(shapely.buffer(changed.geoms[0], METRE_DEG), lambda xy: degrees(snap(xy)))
    return changed
