"""What is stored around the areas that a file brings, and how the two settle on common borders."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo.areas import Geometries
from geo.matching import match, snapped
from geo.store.areas import StoredAreas, load_areas
from importers.incoming import Incoming

MARGIN_DEG = 1e-5
"""About 1 m around a file's box: wider than any tolerance of matching that makes sense."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """Stored areas near a file.

    Attributes
    ----------
    present
        Areas of every level, of the general layer or, for special grids, of both layers.
    previous
        Row in ``present`` of the area that each incoming row replaces, shape (n,); -1 for new ones.
    same_boundary
        Whether the file's boundary is the very one that the stored version came from, shape (n,).
    """

    present: StoredAreas
    previous: npt.NDArray[np.int64]
    same_boundary: Mask


def load_surroundings(connection: Connection, at: datetime, incoming: Incoming) -> StoredAreas:
    """Read the areas near the incoming ones, and those that bear one of their codes wherever they lie."""
    west, south, east, north = shapely.total_bounds(incoming.geoms)
    near = load_areas(
        connection,
        at,
        bounds=(west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG),
    )
    named = load_areas(connection, at, codes=[code for code in incoming.codes if code])
    return together(near, named.take(~np.isin(named.ids, near.ids)))


def together(first: StoredAreas, second: StoredAreas) -> StoredAreas:
    """Return the rows of both."""
    return StoredAreas(
        **{
            name: np.concatenate([getattr(first, name), getattr(second, name)])
            for name in StoredAreas.__dataclass_fields__
        }
    )


def compare(present: StoredAreas, incoming: Incoming, level: str) -> Surroundings:
    """Find which stored area each incoming one replaces: by code, and without a code by its source boundary."""
    own = np.flatnonzero((present.levels == level) & (present.kinds == incoming.kinds[0])).tolist()
    by_code = {present.codes[row]: row for row in own}
    by_digest = {present.digests[row]: row for row in own if present.digests[row] is not None}
    previous = np.array(
        [
            by_code.get(code, -1) if code else by_digest.get(digest, -1)
            for code, digest in zip(incoming.codes, incoming.digests, strict=True)
        ],
        dtype=np.int64,
    )
    same = np.array(
        [row >= 0 and present.digests[row] == digest for row, digest in zip(previous, incoming.digests, strict=True)],
        dtype=bool,
    )
    return Surroundings(present, previous, same)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Boundaries after matching and snapping.

    Attributes
    ----------
    geoms
        Of the incoming areas, shape (n,); None where nothing was left of one.
    moved_m
        Largest displacement of each, shape (n,).
    noded
        Rows of the stored areas that received a node, shape (k,).
    noded_geoms
        Their new boundaries, shape (k,).
    nodes
        Nodes inserted in all.
    """

    geoms: Geometries
    moved_m: npt.NDArray[np.float64]
    noded: npt.NDArray[np.int64]
    noded_geoms: Geometries
    nodes: int


def settle(incoming: Incoming, around: Surroundings, leaving: Mask, tolerance_m: float) -> Settled:
    """Match the incoming boundaries with the stored ones of every level, then round them to the lattice.

    Parameters
    ----------
    leaving
        Stored areas that end with this import, shape (len(present),).
    tolerance_m
        Distance within which two borders are the same line.
    """
    present = around.present
    replaced = np.zeros(len(present), dtype=bool)
    replaced[around.previous[(around.previous >= 0) & ~around.same_boundary]] = True
    # special grids lie over the general ones: the two layers have borders of their own
    layer = present.kinds == incoming.kinds[0]
    stays = np.flatnonzero(layer & ~replaced & ~leaving & ~shapely.is_missing(present.geoms))
    fresh = np.flatnonzero(~around.same_boundary)
    shapes = np.concatenate([present.geoms[stays], incoming.geoms[fresh]])
    stored = np.arange(len(shapes)) < len(stays)
    matched = match(shapes, stored=stored, tolerance_m=tolerance_m)
    geoms = incoming.geoms.copy()
    moved_m = np.zeros(len(incoming))
    geoms[fresh] = snapped(matched.geoms[len(stays) :])
    moved_m[fresh] = matched.moved_m[len(stays) :]
    changed = np.flatnonzero(matched.changed[: len(stays)])
    after = present.geoms.copy()
    after[stays[changed]] = matched.geoms[changed]
    known = np.flatnonzero(around.same_boundary)
    geoms[known] = after[around.previous[known]]
    return Settled(geoms, moved_m, stays[changed], matched.geoms[changed], matched.nodes)
