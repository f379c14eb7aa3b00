"""Areas of one level on their way in, each with its place among the stored ones."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts, texts
from geo.exchange import same_boundaries
from geo.stored import StoredAreas
from importers.incoming import Incoming
from importers.surroundings import Surroundings

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Areas of one level and kind; row ``i`` of every column is one area.

    Attributes
    ----------
    level
        Their level.
    areas
        What they are to be.
    previous
        Row in ``Surroundings.present`` of the area that each replaces, shape (n,); -1 for none.
    same_boundary
        Whether the boundary given is the very one that the stored version came from, shape (n,).
    ids
        Id of each, shape (n,); negative while an area is new.
    parents
        Id of each parent, shape (n,); negative where that is new itself, 0 for none.
    """

    level: str
    areas: Incoming
    previous: Index
    same_boundary: Mask
    ids: Index
    parents: Index

    def __len__(self) -> int:
        return len(self.areas)

    @property
    def rows(self) -> Index:
        """Row numbers in the file."""
        return self.areas.rows

    @property
    def codes(self) -> Texts:
        """Codes."""
        return self.areas.codes

    def take(self, rows: npt.ArrayLike) -> Self:
        """Return some areas, by index or mask."""
        index = np.asarray(rows)
        return replace(
            self,
            areas=self.areas.take(index),
            previous=self.previous[index],
            same_boundary=self.same_boundary[index],
            ids=self.ids[index],
            parents=self.parents[index],
        )

    def with_areas(self, areas: Incoming) -> Self:
        """Return the same layer with other columns."""
        return replace(self, areas=areas)

    def with_geoms(self, geoms: Geometries) -> Self:
        """Return the same areas with other boundaries."""
        return replace(self, areas=self.areas.with_geoms(geoms))

    def with_parents(self, parents: Index) -> Self:
        """Return the same areas with other parents."""
        return replace(self, parents=parents)

    def as_stored(self) -> StoredAreas:
        """Return them as the store would."""
        areas = self.areas
        return StoredAreas(
            ids=self.ids,
            levels=texts([self.level] * len(self)),
            codes=areas.codes,
            local_codes=_or_none(areas.local_codes),
            names=areas.names,
            kinds=areas.kinds,
            categories=_or_none(areas.categories),
            parent_ids=self.parents,
            not_subdivided=areas.not_subdivided,
            fully_divided=areas.fully_divided,
            digests=areas.digests,
            geoms=areas.geoms,
        )


def placed(incoming: Incoming, around: Surroundings, level: str) -> Layer:
    """Find the stored area that each incoming one replaces: by code; without one by boundary, local code or name.

    Columns of which the file says nothing are taken from the area replaced.
    """
    present = around.present
    own = around.of_level(level, incoming.kind)
    previous = _looked_up(incoming.codes, present.codes[own], own)
    for name in ("digests", "local_codes", "names"):
        open_rows = np.flatnonzero((previous < 0) & (incoming.codes == ""))
        free = np.setdiff1d(own, previous)
        found = _looked_up(getattr(incoming, name)[open_rows], getattr(present, name)[free], free)
        previous[open_rows] = _overlapping(incoming.geoms[open_rows], found, present)
    ids = _revived(-1 - np.arange(len(incoming)), incoming, around)
    ids[previous >= 0] = present.ids[previous[previous >= 0]]
    layer = Layer(level, incoming, previous, np.zeros(len(incoming), dtype=bool), ids, np.zeros_like(previous))
    return replace(layer, areas=_filled(layer, present), same_boundary=_same(layer, present))


def _looked_up(wanted: npt.NDArray[np.object_], column: npt.NDArray[np.object_], rows: Index) -> Index:
    """Return the row that bears each value, -1 for none; a value that occurs twice on either side tells nothing."""
    often = Counter(column)
    known = {value: row for value, row in zip(column, rows.tolist(), strict=True) if value and often[value] == 1}
    asked = Counter(wanted)
    return np.array([known.get(value, -1) if asked[value] == 1 else -1 for value in wanted], dtype=np.int64)


def _overlapping(geoms: Geometries, found: Index, present: StoredAreas) -> Index:
    """Keep what was found only where it covers half of the area: many communities have a 第一网格."""
    rows = np.flatnonzero(found >= 0)
    shared = shapely.area(shapely.intersection(geoms[rows], present.geoms[found[rows]]))
    kept = np.full(len(found), -1, dtype=np.int64)
    most = rows[shared >= shapely.area(geoms[rows]) / 2]
    kept[most] = found[most]
    return kept


def _revived(ids: Index, incoming: Incoming, around: Surroundings) -> Index:
    """Give an area that ended its id again where the very same boundary comes back under the very same code."""
    for row, (code, digest) in enumerate(zip(incoming.codes, incoming.digests, strict=True)):
        ended = around.ended.get(code)
        if ended is not None and ended.whole and ended.digest == digest:
            ids[row] = ended.area_id
    return ids


def _filled(layer: Layer, present: StoredAreas) -> Incoming:
    known = np.flatnonzero(layer.previous >= 0)
    columns = {}
    for name in layer.areas.silent:
        column = getattr(layer.areas, name).copy()
        stored = getattr(present, name)[layer.previous[known]]
        column[known] = stored if column.dtype == bool else [value or "" for value in stored]
        columns[name] = column
    return replace(layer.areas, **columns)


def _same(layer: Layer, present: StoredAreas) -> Mask:
    """Tell which boundaries are the stored ones: by where they came from, or vertex by vertex."""
    same = np.zeros(len(layer), dtype=bool)
    known = np.flatnonzero(layer.previous >= 0)
    if not len(known):
        return same
    before = layer.previous[known]
    digests = zip(present.digests[before], layer.areas.digests[known], strict=True)
    same[known] = [stored is not None and stored == given for stored, given in digests]
    rest = known[~same[known]]
    same[rest] = same_boundaries(layer.areas.geoms[rest], present.geoms[layer.previous[rest]])
    return same


def _or_none(column: Texts) -> npt.NDArray[np.object_]:
    return np.array([value or None for value in column], dtype=object)
