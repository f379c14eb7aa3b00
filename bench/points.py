"""Points to compare answers at: random, and none so near to a border that rounding decides."""

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries

NEAR_BORDER_DEG = 5e-7
"""About 5 cm: matching may move a border by less than 1 cm, the lattice by another."""


def points_over(geoms: Geometries, count: int, seed: int = 1) -> npt.NDArray[np.float64]:
    """Return lon and lat of random points in the boxes of random areas, most inside some area, shape (count, 2)."""
    dice = np.random.default_rng(seed)
    tree = shapely.STRtree(shapely.boundary(geoms))
    boxes = shapely.bounds(geoms[dice.integers(0, len(geoms), 2 * count)])
    xy = boxes[:, :2] + dice.random((len(boxes), 2)) * (boxes[:, 2:] - boxes[:, :2])
    near = tree.query(shapely.points(xy), predicate="dwithin", distance=NEAR_BORDER_DEG)[0]
    return np.delete(xy, near, axis=0)[:count]
