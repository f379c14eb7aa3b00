"""How incoming and stored boundaries settle on common borders, on the lattice."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.lattice import snap
from geo.matching import match, snapped
from geo.stored import StoredAreas
from importers.layer import Layer

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """Boundaries after matching and snapping.

    Attributes
    ----------
    geoms
        Of the incoming areas, shape (n,); None where nothing was left of one.
    moved_m
        Largest displacement of each, shape (n,).
    stored_geoms
        Of all areas that were there, with the nodes they received, shape (len(present),).
    noded
        Which of these received a node, shape (len(present),).
    nodes
        Nodes inserted in all.
    """

    geoms: Geometries
    moved_m: npt.NDArray[np.float64]
    stored_geoms: Geometries
    noded: Mask
    nodes: int


def settle(layer: Layer, present: StoredAreas, leaving: Mask, tolerance_m: float) -> Settled:
    """Match incoming boundaries with the stored ones of every level, then round them to the lattice.

    A boundary that the file gives as it did before stays as it is stored, and may only receive nodes. A stored one
    that nodes would fold, as where a new vertex lies within the tolerance of both sides of a spike, receives none: the
    check tells where the new boundary does not fit it.

    Parameters
    ----------
    leaving
        Stored areas that end with this import, shape (len(present),).
    tolerance_m
        Distance within which two borders are the same line.
    """
    replaced = np.zeros(len(present), dtype=bool)
    replaced[layer.previous[(layer.previous >= 0) & ~layer.same_boundary]] = True
    # special grids lie over the general ones: the two layers have borders of their own
    own_layer = present.kinds == layer.areas.kind
    stays = np.flatnonzero(own_layer & ~replaced & ~leaving & ~shapely.is_missing(present.geoms))
    fresh = np.flatnonzero(~layer.same_boundary)
    moved_m = np.zeros(len(layer))
    geoms, after, noded = layer.areas.geoms.copy(), present.geoms.copy(), np.zeros(len(present), dtype=bool)
    nodes = 0
    if len(fresh):
        stored = np.arange(len(stays) + len(fresh)) < len(stays)
        shapes = np.concatenate([present.geoms[stays], geoms[fresh]])
        matched = match(shapes, stored=stored, tolerance_m=tolerance_m)
        geoms[fresh] = snapped(matched.geoms[~stored])
        moved_m[fresh] = matched.moved_m[~stored]
        changed = np.flatnonzero(matched.changed[stored])
        received = snapped(matched.geoms[changed])
        whole = ~_lacking(present.geoms[stays[changed]], received)
        rows = stays[changed[whole]]
        after[rows], noded[rows] = received[whole], True
        nodes = matched.nodes
    known = np.flatnonzero(layer.same_boundary)
    geoms[known] = after[layer.previous[known]]
    return Settled(geoms, moved_m, after, noded, nodes)


def _lacking(before: Geometries, after: Geometries) -> Mask:
    """Tell which boundaries on the lattice lack a vertex that they had, shape (n,)."""
    had, has = _vertices(before), _vertices(after)
    lacking = np.zeros(len(before), dtype=bool)
    lacking[had["row"][~np.isin(had, has)]] = True
    return lacking


def _vertices(geoms: Geometries) -> npt.NDArray[np.void]:
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    vertices = np.empty(len(row), dtype=[("row", np.int64), ("x", np.int64), ("y", np.int64)])
    vertices["row"], (vertices["x"], vertices["y"]) = row, snap(xy).T
    return vertices
