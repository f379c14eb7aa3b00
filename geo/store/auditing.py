"""Audits of what is published: read as of a moment, level by level, and checked in the core."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo.areas import Areas, areas
from geo.audit import Known, LevelAudit, LevelToAudit, SpecialsToAudit, audit_level, audit_specials
from geo.audit_result import AuditResult, Inventory, conclude
from geo.coverage.remarks import GRID_HOUSEHOLDS, MICROGRID_HOUSEHOLDS, Staff
from geo.errors import BadInput
from geo.levels import Hierarchy
from geo.store.areas import load_areas
from geo.store.counts import people_of
from geo.store.exceptions import list_exceptions
from geo.store.listing import one_area
from geo.store.overlays import load_overlay
from geo.store.sql import statement
from geo.stored import StoredAreas, together

GRID, MICROGRID = "grid", "microgrid"
SPECIALS: Final = "special"
"""The stage in which the special grids are checked."""
ESTATES: Final = "estate"
"""The overlay of residential estates (小区)."""
SPARSE: Final = frozenset({MICROGRID})
WANTED: Final = {GRID: GRID_HOUSEHOLDS, MICROGRID: MICROGRID_HOUSEHOLDS}

Advance = Callable[[str, int, int], None]
"""Told the stage (a level, or :data:`SPECIALS`), how many are done, and how many there are."""
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit.

    Attributes
    ----------
    at, today, edition
        The moment, its day at the site, and the edition that held then.
    level
        The only level to check; None checks every level against its parents.
    within
        Code of an area: only what lies below it; None takes all.
    """

    at: datetime
    today: date
    edition: int
    level: str | None = None
    within: str | None = None


def run_audit(
    connection: Connection,
    request: AuditRequest,
    hierarchy: Hierarchy,
    advance: Advance = lambda stage, done, total: None,
) -> AuditResult:
    """Audit what was published at a moment.

    Parameters
    ----------
    connection
        One that sees one state of the database all the time.
    request
        What to audit.
    hierarchy
        The site's levels.
    advance
        Told each stage as it begins, and the end.

    Raises
    ------
    BadInput
        ``unknown-level``, ``level-not-below``.
    NotFound
        ``unknown-area``.
    """
    return _Audit(connection, request, hierarchy).run(advance)


class _Audit:
    """One audit under way: what all of its levels need."""

    def __init__(self, connection: Connection, request: AuditRequest, hierarchy: Hierarchy) -> None:
        self.connection, self.request, self.hierarchy = connection, request, hierarchy
        self.all = load_areas(connection, request.at, shapes=False)
        row_of = {area_id: row for row, area_id in enumerate(self.all.ids.tolist())}
        parents = np.array([row_of.get(parent, -1) for parent in self.all.parent_ids.tolist()], dtype=np.int64)
        self.inventory = Inventory(self.all.levels, self.all.codes, self.all.names, self.all.kinds, parents)
        self.scope: Mask = np.ones(len(self.all), dtype=np.bool_)
        self.boundary: shapely.Geometry | None = None
        self.top: str | None = None
        if request.within is not None:
            found = one_area(connection, request.at, request.within, shapes=True)
            self.scope, self.boundary, self.top = self.inventory.below(found.code), found.geom, found.level
        self.scope_ids = frozenset(self.all.ids[self.scope].tolist())
        self.levels = self._levels()
        self.digest = sha256()

    def run(self, advance: Advance) -> AuditResult:
        request = self.request
        specials = GRID in self.levels and bool((self._in_scope(GRID) & (self.all.kinds == "special")).any())
        stages = [*self.levels, *([SPECIALS] if specials else [])]
        audits: list[LevelAudit] = []
        ground: tuple[Areas, Areas | None] = (areas("grid", [], []), None)
        for done, stage in enumerate(stages):
            advance(stage, done, len(stages))
            if stage == SPECIALS:
                audits.append(audit_specials(self._specials()))
                continue
            given = self._level(stage)
            audits.append(audit_level(given))
            if stage not in SPARSE or len(stages) == 1:
                ground = (given.areas.take(given.own), given.parents and given.parents.take(given.own_parents))
        advance("", len(stages), len(stages))
        known = list_exceptions(self.connection, at=request.at)
        records = [one for one in known if one.in_force(request.at, request.today)]
        outcome = conclude(audits, self.inventory, self.scope, records, self._tops())
        return AuditResult(
            request.at,
            request.today,
            request.edition,
            request.level,
            request.within,
            tuple(self.levels),
            self.inventory.counts(self.scope),
            outcome.check,
            outcome.exceptions,
            len(records),
            outcome.counties,
            outcome.households_unknown,
            *ground,
            self.digest.hexdigest(),
        )

    def _tops(self) -> list[str]:
        """Return the areas with which nothing is compared where no level has parents."""
        if self.request.within is not None:
            return [self.request.within]
        return self.all.codes[self._in_scope(self.levels[0])].tolist() if self.levels else []

    def _levels(self) -> list[str]:
        """Return the levels to check, the largest first.

        The grids are always among them where anything lies above: without them nothing is covered.
        """
        known = self.hierarchy.levels
        present = set(self.all.levels[self.scope])
        below = known if self.top is None else self.hierarchy.below(self.top)
        if self.request.level is not None:
            if self.hierarchy.require(self.request.level) not in below:
                raise BadInput("level-not-below", level=self.request.level, within=self.request.within, top=self.top)
            return [self.request.level]
        above_grids = self.hierarchy.above(GRID) if GRID in known else ()
        wanted = present | ({GRID} if present.intersection(above_grids) else set())
        return [level for level in known if level in wanted and level in below]

    def _in_scope(self, level: str) -> Mask:
        return self.scope & (self.all.levels == level)

    def _load(self, level: str, kind: str) -> StoredAreas:
        """Read the areas of a level: those in the scope, and those of others that may reach into it."""
        if self.request.within is None:
            found = load_areas(self.connection, self.request.at, levels=[level], kind=kind)
        else:
            own = self.all.ids[self._in_scope(level) & (self.all.kinds == kind)].tolist()
            found = load_areas(self.connection, self.request.at, levels=[level], kind=kind, ids=own)
            if self.boundary is not None:
                west, south, east, north = shapely.bounds(self.boundary).tolist()
                box = (west, south, east, north)
                near = load_areas(self.connection, self.request.at, levels=[level], kind=kind, bounds=box)
                found = together(found, near.take(~np.isin(near.ids, found.ids)))
        self._hash(f"{level} {kind}", found)
        return found

    def _hash(self, what: str, found: StoredAreas) -> None:
        self.digest.update(what.encode())
        parents = found.parent_codes(self.all)
        for code, parent, wkb in zip(found.codes, parents, shapely.to_wkb(found.geoms, byte_order=1), strict=True):
            self.digest.update(f"\x1e{code}\x1f{parent}\x1f".encode() + (wkb or b""))

    def _level(self, level: str) -> LevelToAudit:
        present = set(self.all.levels) if self.request.within is None else {*self.all.levels[self.scope]}
        upper = self.hierarchy.parent_level(level, sorted(present))
        found = self._load(level, "general")
        above = None if upper is None else self._parents(upper, found)
        own = np.isin(found.ids, list(self.scope_ids))
        known = frozenset(self.all.codes[np.isin(self.all.ids, found.parent_ids)].tolist())
        return LevelToAudit(
            areas=found.as_areas(level, self.all),
            own=own,
            parents=None if above is None or upper is None else above.as_areas(upper, self.all),
            own_parents=np.zeros(0, dtype=np.bool_) if above is None else np.isin(above.ids, list(self.scope_ids)),
            known_parents=known,
            sparse=level in SPARSE,
            not_subdivided=frozenset() if above is None else frozenset(above.codes[above.not_subdivided].tolist()),
            divided=frozenset() if above is None else frozenset(above.codes[above.fully_divided].tolist()),
            has_level_below=level != self.levels[-1],
            scope=self.boundary,
            known=self._known(level, found, own),
        )

    def _parents(self, upper: str, children: StoredAreas) -> StoredAreas:
        """Return the general areas of the level above: all in the scope, and the parents of the others read."""
        if self.request.within is None:
            return load_areas(self.connection, self.request.at, levels=[upper], kind="general")
        own = self.all.ids[self._in_scope(upper)]
        wanted = np.union1d(own, children.parent_ids).tolist()
        return load_areas(self.connection, self.request.at, levels=[upper], kind="general", ids=wanted)

    def _specials(self) -> SpecialsToAudit:
        found = self._load(GRID, "special")
        parent_ids = found.parent_ids[found.parent_ids > 0].tolist()
        above = load_areas(self.connection, self.request.at, kind="general", ids=parent_ids)
        own = np.isin(found.ids, list(self.scope_ids))
        levels = [level for level in self.hierarchy.levels if (above.levels == level).any()]
        return SpecialsToAudit(
            areas=found.as_areas(GRID, self.all),
            own=own,
            parents=[above.of_level(level).as_areas(level, self.all) for level in levels],
            scope=self.boundary,
            known=Known(staff=self._staff(found.take(own))),
        )

    def _known(self, level: str, found: StoredAreas, own: Mask) -> Known:
        """Return what the remarks on a level need; nothing above the grids."""
        if level not in WANTED:
            return Known()
        people = people_of(self.connection, self.request.at, found.ids[own].tolist())
        households = [people[one].households if one in people else -1 for one in found.ids.tolist()]
        counts = np.array(households, dtype=np.int64)
        if level != GRID:
            return Known(counts, WANTED[level])
        mine = found.take(own)
        return Known(counts, WANTED[level], self._staff(mine), self._estates(mine))

    def _staff(self, found: StoredAreas) -> dict[str, Staff]:
        code_of = dict(zip(found.ids.tolist(), found.codes.tolist(), strict=True))
        rows = self.connection.execute(statement("team_staff"), {"at": self.request.at, "ids": found.ids.tolist()})
        return {code_of[area_id]: (workers, community, police) for area_id, workers, community, police in rows}

    def _estates(self, found: StoredAreas) -> Areas | None:
        placed = found.geoms[~shapely.is_missing(found.geoms)]
        if not len(placed):
            return None
        west, south, east, north = shapely.total_bounds(placed).tolist()
        return load_overlay(self.connection, self.request.at, ESTATES, (west, south, east, north))
