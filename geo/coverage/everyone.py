"""A level and its parents made ready for the check: sound boundaries, taken apart, each with its parent."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
import shapely

from geo.areas import Areas, Geometries, Texts, areas
from geo.coverage.flat import Flat, Index, Mask, Rows
from geo.coverage.metric import Metric
from geo.coverage.validity import sound
from geo.errors import BadInput
from geo.findings import Finding
from geo.lattice import degrees, snap
from geo.nesting import largest_share

_BLOCK = 1 << 16
"""Vertices compared at once, so that temporary arrays stay in the cache."""


@dataclass(frozen=True, eq=False)
class Everyone:
    """The areas of a level, followed by those of their parents that have a boundary.

    Attributes
    ----------
    level, parents
        Sorted by code, so that nothing depends on the order of the input; boundaries are sound.
    flat
        All of them, the level first.
    group
        For each area its parent's row among the parents, -1 where it has none that can be checked; for each parent
        its own row.
    has_parents
        Whether parents were given at all.
    unproved
        Codes of parents without a boundary.
    invalid
        Findings about boundaries.
    mended
        Areas of the level that have such a finding, shape (n,).
    """

    level: Areas
    parents: Areas
    flat: Flat
    group: Rows
    has_parents: bool
    unproved: frozenset[str]
    invalid: Sequence[Finding]
    mended: Mask

    @property
    def children(self) -> int:
        """How many areas the level has: the first so many rows."""
        return len(self.level)

    @cached_property
    def codes(self) -> Texts:
        """Codes of all rows."""
        return np.concatenate([self.level.codes, self.parents.codes])

    @cached_property
    def geoms(self) -> Geometries:
        """Boundaries of all rows."""
        return np.concatenate([self.level.geoms, self.parents.geoms])

    def reaching_into(self, faces: Geometries) -> tuple[Index, Index]:
        """Return pairs (face, row) of areas of the level that meet faces."""
        face, row = self.tree.query(faces)
        own = row < self.children
        face, row = face[own], row[own]
        shapely.prepare(faces)
        meets = shapely.intersects(faces[face], self.geoms[row])
        return face[meets], row[meets]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Over the boundaries of all rows."""
        return shapely.STRtree(self.geoms)


def gather_everyone(level: Areas, parents: Areas | None, metric: Metric, *, lattice: bool) -> Everyone:
    """Make a level and its parents ready.

    Raises
    ------
    BadInput
        ``not-on-lattice`` where ``lattice`` was promised.
    """
    upper = areas("", [], []) if parents is None else parents
    level, upper = (one.take(np.argsort(one.codes, kind="stable")) for one in (level, upper))
    missing = shapely.is_missing(upper.geoms)
    unproved = frozenset(str(code) for code in upper.codes[missing])
    upper = upper.take(~missing)
    codes = np.concatenate([level.codes, upper.codes])
    received = np.concatenate([level.geoms, upper.geoms])
    geoms, flat, findings, mended = sound(codes, received, metric)
    if lattice:
        _require_lattice(codes, flat, mended)
        _require_lattice(codes, _vertices(received, mended), np.zeros_like(mended))
    own = len(level)
    level = Areas(level.level, level.codes, level.names, level.parents, geoms[:own])
    upper = Areas(upper.level, upper.codes, upper.names, upper.parents, geoms[own:])
    group = np.concatenate([assign_parents(level, upper), np.arange(len(upper), dtype=np.int32)])
    return Everyone(level, upper, flat, group, parents is not None, unproved, findings, mended[:own])


def assign_parents(level: Areas, parents: Areas) -> Rows:
    """Return each area's parent as a row among the parents, -1 where there is none that can be checked.

    Areas that name no parent get the one that holds their largest share.
    """
    bounded = np.flatnonzero(~shapely.is_missing(parents.geoms))
    row_of = {parents.codes[row]: row for row in bounded.tolist()}
    if not row_of:
        return np.full(len(level), -1, dtype=np.int32)
    group = np.fromiter(map(row_of.get, level.parents.tolist(), repeat(-1)), dtype=np.int32, count=len(level))
    unnamed = np.flatnonzero(level.parents == "")
    if len(unnamed):
        group[unnamed] = largest_share(level.geoms[unnamed], parents.geoms).parent
    return group


def _require_lattice(codes: Texts, flat: Flat, excused: Mask) -> None:
    for begin in range(0, len(flat.xy), _BLOCK):
        xy = flat.xy[begin : begin + _BLOCK]
        off = degrees(snap(xy)) != xy
        if not off.any():
            continue
        vertices = begin + np.flatnonzero(off.any(axis=1))
        rows = flat.row[np.searchsorted(flat.start, vertices, side="right") - 1]
        for vertex, row in zip(vertices[~excused[rows]].tolist(), rows[~excused[rows]].tolist(), strict=True):
            lon, lat = flat.xy[vertex].tolist()
            raise BadInput("not-on-lattice", place={"code": codes[row], "lon": lon, "lat": lat}, code=codes[row])


def _vertices(received: Geometries, mended: Mask) -> Flat:
    """Return the finite vertices of boundaries as they were received: what was made of them may leave the lattice."""
    rows = np.flatnonzero(mended)
    xy, row = shapely.get_coordinates(received[rows], return_index=True)
    finite = np.isfinite(xy).all(axis=1)
    xy, row = xy[finite], rows[row[finite]]
    nothing = np.zeros(0, dtype=np.bool_)
    return Flat(xy, np.arange(len(xy) + 1), row.astype(np.int32), nothing, np.zeros(0, dtype=np.int64))
