"""Where land and households went between two states of the areas, whoever drew them: the lineage of an import."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np
import shapely

from geo.adjust import NOBODY, Descent
from geo.adjust.placing import holders
from geo.adjust.scene import Households
from geo.areas import Geometries
from geo.differences import TOLERANCE_M
from geo.exchange import Exchange, Index, exchanged, layers_of
from geo.measure import Floats, area_m2, width_m
from geo.stored import StoredAreas

People = Mapping[tuple[int, int], int]
_SOLE: Final = 0
"""An import is one operation: its descents count no others."""


def succession(before: StoredAreas, after: StoredAreas, households: Households) -> tuple[Descent, ...]:
    """Return where the land of every area went that gave some, or got some; sorted.

    Shares of an area before sum to 1. Land that nobody had has no line: what the shares of an area after lack of 1 was
    nobody's, and the first areas of a level have no lines at all. A piece narrower than
    :data:`geo.differences.TOLERANCE_M` is the same border digitised again and passes no land, unless someone lives
    there.

    Parameters
    ----------
    before, after
        Both states: at least all areas that differ; with their neighbours, households on borders and land of several
        areas are told right. Areas are told apart by id.
    households
        At least those within the areas that differ.
    """
    rows: list[Descent] = []
    for _, _, old, new in layers_of(before, after):
        if len(old):
            rows += _Layer(old, new, households).descents()
    return tuple(sorted(rows, key=lambda one: (one.from_id, one.to_id)))


class _Layer:
    """One level and kind."""

    def __init__(self, old: StoredAreas, new: StoredAreas, households: Households) -> None:
        self.old, self.new = old, new
        self.staying = frozenset(new.ids.tolist())
        self.land = _to_nobody_only(exchanged(old, new), new)
        self.wide_m2 = _wide_m2(self.land.geoms)
        self.homes = households
        self.people = _people(old, new, households) if self._moves_anything() else {}

    def descents(self) -> list[Descent]:
        """Return the lines of the areas that gave or got land, or ended."""
        flows = self._flows()
        getting = {to for given in flows.values() for to in given} | self._getting_from_nobody()
        known = dict(zip(self.old.ids.tolist(), self.old.geoms, strict=True))
        moving = flows.keys() | getting | (known.keys() - self.staying)
        involved = [own for own, geom in known.items() if geom is not None and own in moving]
        size_of = _sizes(self.old, involved)
        size_after = _sizes(self.new, [*involved, *getting])
        found: list[Descent] = []
        for own in involved:
            found += self._lines(own, flows.get(own, {}), size_of[own], size_after)
        return found

    def _moves_anything(self) -> bool:
        return bool(len(self.land)) or bool(set(self.old.ids.tolist()) - self.staying)

    def _flows(self) -> dict[int, dict[int, float]]:
        """Return the m² that each area gave to each other one."""
        flows: dict[int, dict[int, float]] = defaultdict(dict)
        narrow: dict[int, dict[int, float]] = defaultdict(dict)
        land = self.land
        pairs = zip(land.from_ids.tolist(), land.to_ids.tolist(), strict=True)
        for (giver, taker), wide, whole in zip(pairs, self.wide_m2.tolist(), land.area_m2.tolist(), strict=True):
            size_m2 = whole if self.people.get((giver, taker)) else wide
            if giver != NOBODY and size_m2 > 0:
                flows[giver][taker] = size_m2
            elif giver != NOBODY and whole > 0 and giver not in self.staying:
                narrow[giver][taker] = whole
        # an area that ended and was nowhere wider: somebody has its land all the same
        return {**narrow, **flows}

    def _getting_from_nobody(self) -> set[int]:
        fresh = (self.land.from_ids == NOBODY) & (self.wide_m2 > 0)
        return set(self.land.to_ids[fresh].tolist())

    def _lines(
        self, own: int, given: Mapping[int, float], whole_m2: float, size_after: Mapping[int, float]
    ) -> list[Descent]:
        """Return where the land of one area went."""
        taken = dict(given)
        stays = own in self.staying
        if stays:
            taken[own] = max(whole_m2 - sum(given.values()), 0.0)
        total_m2 = sum(taken.values())
        if not total_m2:
            taken, total_m2 = {NOBODY: 1.0}, 1.0
        heir = own if stays else max(taken, key=lambda to: taken[to])
        lines = []
        for to, part in taken.items():
            size_m2 = whole_m2 * part / total_m2
            after_m2 = size_after.get(to, 0.0)
            share_of_to = min(size_m2 / after_m2, 1.0) if after_m2 else 0.0
            people = self.people.get((own, to), 0)
            people += self._others(own, taken) if to == heir else 0
            lines.append(Descent(own, to, _SOLE, size_m2, part / total_m2, share_of_to, people))
        return lines

    def _others(self, own: int, taken: Mapping[int, float]) -> int:
        """Return the households of an area that have no position, or went where none of its land did."""
        registered = int(self.homes.households[self.homes.area_ids == own].sum())
        return registered + sum(many for (giver, to), many in self.people.items() if giver == own and to not in taken)


def _to_nobody_only(land: Exchange, after: StoredAreas) -> Exchange:
    """Return an exchange without land that was given up, but that others had already and still have."""
    rows = np.flatnonzero(land.to_ids == NOBODY)
    if not len(rows):
        return land
    geoms = land.geoms.copy()
    row, other = shapely.STRtree(after.geoms).query(geoms[rows], predicate="intersects")
    for one in np.unique(row).tolist():
        geoms[rows[one]] = shapely.difference(geoms[rows[one]], shapely.union_all(after.geoms[other[row == one]]))
    return Exchange(land.from_ids, land.to_ids, geoms, area_m2(geoms))


def _wide_m2(geoms: Geometries) -> Floats:
    """Return the m² of the polygons of each geometry that are no sliver, shape (n,)."""
    parts, row = shapely.get_parts(geoms, return_index=True)
    flat = shapely.get_dimensions(parts) == 2
    parts, row = parts[flat], row[flat]
    wide = width_m(parts) >= TOLERANCE_M
    return np.bincount(row[wide], weights=area_m2(parts[wide]), minlength=len(geoms)).astype(np.float64)


def _sizes(areas: StoredAreas, ids: list[int]) -> dict[int, float]:
    rows = np.flatnonzero(np.isin(areas.ids, np.array(ids, dtype=np.int64)))
    return dict(zip(areas.ids[rows].tolist(), area_m2(areas.geoms[rows]).tolist(), strict=True))


def _people(old: StoredAreas, new: StoredAreas, homes: Households) -> People:
    """Count households with a position by the areas that hold them before and after."""
    placed = np.flatnonzero(homes.area_ids == 0)
    given, taken = (_holding(areas, homes.xy[placed]) for areas in (old, new))
    count: Counter[tuple[int, int]] = Counter()
    for own, to, many in zip(given, taken, homes.households[placed].tolist(), strict=True):
        if own != NOBODY:
            count[own, to] += many
    return count


def _holding(areas: StoredAreas, xy: Index) -> list[int]:
    ids = np.append(areas.ids, NOBODY)
    found: list[int] = ids[holders(xy, areas.geoms)].tolist()
    return found
