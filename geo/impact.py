"""What a plan changes for people: who gets another grid, which grids grow too large, which teams are left without one.

Areas are told apart by id, so a new code or name moves nobody. Each layer (a level's general areas, or the special
grids) is looked at for itself: a home in a market keeps its special grid while the general grid under it changes.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import shapely

from geo.coverage.remarks import GRID_HOUSEHOLDS, MICROGRID_HOUSEHOLDS, split_estates
from geo.exchange import NOBODY, exchanged, layers_of
from geo.impact_records import (
    Bystanders,
    Cut,
    GridSize,
    Handover,
    Impact,
    Index,
    MovedPlace,
    MovedResidence,
    Residences,
    Unplaced,
)
from geo.placing import ancestors, by_code, holders, hosts
from geo.stored import StoredAreas

WANTED: Final = {"grid": GRID_HOUSEHOLDS, "microgrid": MICROGRID_HOUSEHOLDS}
"""Least and most households, both included, by level."""


def impact(before: StoredAreas, after: StoredAreas, bystanders: Bystanders) -> Impact:
    """Say what becomes different for people when areas change.

    A residence on a common border belongs where the ledger puts it, else to the area with the smaller code; one without
    a position belongs where the ledger puts it. Where that area is divided it is ``unplaced``, and counts with the area
    that keeps the id.

    Parameters
    ----------
    before, after
        The same neighbourhood, any levels and kinds, with ids; an area of a negative id is new. Areas that are equal
        in both cost little.
    bystanders
        Who and what lies there.
    """
    layers = [_Layer(level, kind, old, new, bystanders) for level, kind, old, new in layers_of(before, after)]
    heirs = _heirs(layers, after)
    for layer in layers:
        layer.place(before, after, heirs)
    grids = [layer for layer in layers if (layer.level, layer.kind) == ("grid", "general")]
    return Impact(
        tuple(row for layer in layers for row in layer.handovers()),
        tuple(row for layer in layers for row in layer.moved()),
        tuple(row for layer in layers if layer.kind == "general" for row in layer.facilities()),
        tuple(_specials(before, after, grids)),
        tuple(row for layer in layers if layer.level in WANTED and layer.kind == "general" for row in layer.sizes()),
        tuple(_teams_left(before, after, bystanders.teams)),
        tuple(_without_team(before, after, bystanders.teams)),
        tuple(cut for layer in grids for cut in layer.cuts()),
        tuple(_unplaced(before, after, bystanders.residences, heirs)),
    )


class _Layer:
    """One layer: its land that changes hands, and who lies in which of its areas before and after."""

    def __init__(self, level: str, kind: str, before: StoredAreas, after: StoredAreas, bystanders: Bystanders) -> None:
        self.level, self.kind, self.before, self.after = level, kind, by_code(before), by_code(after)
        self.people, self.places, self.overlays = bystanders.residences, bystanders.facilities, bystanders.overlays
        self.land = exchanged(before, after)
        self.old_codes = dict(zip(before.ids.tolist(), before.codes.tolist(), strict=True))
        self.new_codes = dict(zip(after.ids.tolist(), after.codes.tolist(), strict=True))
        self.was: Index = np.zeros(len(self.people), dtype=np.int64)
        self.will: Index = np.zeros(len(self.people), dtype=np.int64)

    def place(self, before: StoredAreas, after: StoredAreas, heirs: Mapping[int, Index]) -> None:
        """Find the area of every residence, before and after."""
        people = self.people
        settled = np.array([_heir(one, heirs) for one in people.area_ids.tolist()], dtype=np.int64)
        self.was = holders(people.lonlat, self.before, people.area_ids)
        self.will = holders(people.lonlat, self.after, settled)
        bare = np.isnan(people.lonlat).any(axis=1)
        self.was[bare] = ancestors(people.area_ids[bare], before, self.before)
        self.will[bare] = ancestors(settled[bare], after, self.after)

    def handovers(self) -> list[Handover]:
        """Return every pair of areas between which land or people move."""
        rows = np.flatnonzero(self.was != self.will)
        pairs = {
            pair: row
            for row, pair in enumerate(zip(self.land.from_ids.tolist(), self.land.to_ids.tolist(), strict=True))
        }
        moving = _grouped(self.was[rows], self.will[rows], rows)
        return sorted(
            (
                Handover(
                    self.level,
                    self.kind,
                    self.old_codes.get(giver, ""),
                    self.new_codes.get(taker, ""),
                    float(self.land.area_m2[pairs[giver, taker]]) if (giver, taker) in pairs else 0.0,
                    *self._counted(moving.get((giver, taker), _NONE)),
                )
                for giver, taker in pairs.keys() | moving.keys()
            ),
            key=lambda one: (one.from_code, one.to_code),
        )

    def _counted(self, rows: Index) -> tuple[int, int, int | None]:
        residents = self.people.residents[rows]
        known = None if (residents < 0).any() else int(residents.sum())
        return len(rows), int(self.people.households[rows].sum()), known

    def moved(self) -> list[MovedResidence]:
        """Return the residences that change area, by address."""
        people = self.people
        found = []
        for row in np.flatnonzero(self.was != self.will).tolist():
            placed = bool(np.isfinite(people.lonlat[row]).all())
            lon, lat = people.lonlat[row].tolist() if placed else (None, None)
            residents = int(people.residents[row])
            found.append(
                MovedResidence(
                    str(people.addresses[row]),
                    str(people.estates[row]),
                    int(people.households[row]),
                    None if residents < 0 else residents,
                    lon,
                    lat,
                    self.level,
                    self.kind,
                    self.old_codes.get(int(self.was[row]), ""),
                    self.new_codes.get(int(self.will[row]), ""),
                )
            )
        return sorted(found, key=lambda one: (one.address, one.from_code, one.to_code))

    def facilities(self) -> list[MovedPlace]:
        """Return the facilities that come to lie in another area."""
        places, nowhere = self.places, np.zeros(len(self.places), dtype=np.int64)
        was, will = (holders(places.lonlat, areas, nowhere) for areas in (self.before, self.after))
        return [
            MovedPlace(
                str(places.names[row]),
                str(places.categories[row]),
                "",
                self.level,
                self.old_codes.get(int(was[row]), ""),
                self.new_codes.get(int(will[row]), ""),
            )
            for row in np.flatnonzero(was != will).tolist()
        ]

    def sizes(self) -> list[GridSize]:
        """Return the households of every area whose land or whose people change."""
        people = self.people
        old, new = _sums(self.was, people.households), _sums(self.will, people.households)
        touched = {*self.land.from_ids.tolist(), *self.land.to_ids.tolist()} - {NOBODY}
        touched |= {one for one in self.old_codes.keys() | self.new_codes.keys() if old.get(one) != new.get(one)}
        names = dict(zip(self.before.ids.tolist(), self.before.names.tolist(), strict=True))
        names |= dict(zip(self.after.ids.tolist(), self.after.names.tolist(), strict=True))
        codes = {**self.old_codes, **self.new_codes}
        least, most = WANTED[self.level]
        return [
            GridSize(
                self.level,
                codes[one],
                names[one],
                old.get(one, 0) if one in self.old_codes else None,
                new.get(one, 0) if one in self.new_codes else None,
                least,
                most,
            )
            for one in sorted(touched, key=lambda one: (codes[one], one))
        ]

    def cuts(self) -> list[Cut]:
        """Return the polygons of overlays that more areas share than before, near the land that changes hands."""
        found = []
        old, new = (areas.as_areas(self.level, areas) for areas in (self.before, self.after))
        old, new = (areas.take(~shapely.is_missing(areas.geoms)) for areas in (old, new))
        for layer, polygons in self.overlays.items():
            near = np.unique(shapely.STRtree(polygons.geoms).query(self.land.geoms, predicate="intersects")[1])
            parts = {shapely.to_wkb(one.geometry): len(one.codes) for one in split_estates(old, polygons.take(near))}
            found += [
                Cut(layer, one.detail, one.codes)
                for one in split_estates(new, polygons.take(near))
                if len(one.codes) > parts.get(shapely.to_wkb(one.geometry), 1)
            ]
        return sorted(found, key=lambda one: (one.layer, one.name, one.codes))


_NONE: Final = np.zeros(0, dtype=np.int64)


def _heirs(layers: Sequence[_Layer], after: StoredAreas) -> dict[int, Index]:
    """Return who has land that an area loses, itself included where it remains, by the id of each that loses any."""
    remaining = set(after.ids.tolist())
    heirs: dict[int, Index] = {}
    for layer in layers:
        for one in set(layer.land.from_ids.tolist()) - {NOBODY}:
            takers = set(layer.land.to_ids[layer.land.from_ids == one].tolist()) - {NOBODY}
            heirs[one] = np.array(sorted(takers | ({one} & remaining)), dtype=np.int64)
    return heirs


def _heir(one: int, heirs: Mapping[int, Index]) -> int:
    """Return the area that a residence known by its area only belongs to afterwards."""
    takers = heirs.get(one)
    if takers is None or one in takers:
        return one
    return int(takers[0]) if len(takers) == 1 else NOBODY


def _grouped(first: Index, second: Index, rows: Index) -> dict[tuple[int, int], Index]:
    """Return the rows of each pair."""
    if not len(rows):
        return {}
    order = np.lexsort([second, first])
    pairs, starts = np.unique(np.column_stack([first, second])[order], axis=0, return_index=True)
    return dict(zip(map(tuple, pairs.tolist()), np.split(rows[order], starts[1:]), strict=True))


def _sums(ids: Index, households: Index) -> dict[int, int]:
    held, place = np.unique(ids, return_inverse=True)
    sums = np.bincount(place, weights=households, minlength=len(held)) if len(held) else held
    return {one: int(total) for one, total in zip(held.tolist(), sums.tolist(), strict=True) if one != NOBODY}


def _specials(before: StoredAreas, after: StoredAreas, grids: Sequence[_Layer]) -> list[MovedPlace]:
    """Return the special grids that come to lie under another parent, or mostly in another general grid."""
    old, new = (state.take(state.kinds == "special") for state in (before, after))
    _, first, second = np.intersect1d(old.ids, new.ids, return_indices=True)
    old, new = old.take(first), new.take(second)
    level_of = dict(zip(after.ids.tolist(), after.levels.tolist(), strict=True))
    parents = (old.parent_codes(before), new.parent_codes(after))
    changed = np.flatnonzero(old.parent_ids != new.parent_ids).tolist()
    found = [
        _moved_special(new, row, level_of.get(int(new.parent_ids[row]), ""), parents[0][row], parents[1][row])
        for row in changed
    ]
    for layer in grids:
        was, will = hosts(old.geoms, layer.before), hosts(new.geoms, layer.after)
        found += [
            _moved_special(
                new,
                row,
                layer.level,
                layer.old_codes.get(int(was[row]), ""),
                layer.new_codes.get(int(will[row]), ""),
            )
            for row in np.flatnonzero(was != will).tolist()
        ]
    return sorted(found, key=lambda one: (one.code, one.level))


def _moved_special(areas: StoredAreas, row: int, level: str, from_code: str, to_code: str) -> MovedPlace:
    category = str(areas.categories[row] or "")
    return MovedPlace(str(areas.names[row]), category, str(areas.codes[row]), level, from_code, to_code)


def _teams_left(before: StoredAreas, after: StoredAreas, teams: Mapping[int, str]) -> list[tuple[str, str]]:
    remaining = set(after.ids.tolist())
    return sorted(
        (str(code), teams[one])
        for one, code in zip(before.ids.tolist(), before.codes, strict=True)
        if one in teams and one not in remaining
    )


def _without_team(before: StoredAreas, after: StoredAreas, teams: Mapping[int, str]) -> list[str]:
    known = {*before.ids.tolist(), *teams}
    return sorted(
        str(code)
        for one, level, code in zip(after.ids.tolist(), after.levels, after.codes, strict=True)
        if level == "grid" and one not in known
    )


def _unplaced(
    before: StoredAreas, after: StoredAreas, people: Residences, heirs: Mapping[int, Index]
) -> list[Unplaced]:
    old_codes = dict(zip(before.ids.tolist(), before.codes.tolist(), strict=True))
    new_codes = dict(zip(after.ids.tolist(), after.codes.tolist(), strict=True))
    divided = [one for one, takers in heirs.items() if len(takers) != 1]
    rows = np.flatnonzero(np.isnan(people.lonlat).any(axis=1) & np.isin(people.area_ids, divided))
    found = []
    for row in rows.tolist():
        area_id, residents = int(people.area_ids[row]), int(people.residents[row])
        found.append(
            Unplaced(
                str(people.addresses[row]),
                int(people.households[row]),
                None if residents < 0 else residents,
                old_codes.get(area_id, ""),
                tuple(sorted(new_codes[one] for one in heirs[area_id].tolist())),
            )
        )
    return sorted(found, key=lambda one: (one.code, one.address))
