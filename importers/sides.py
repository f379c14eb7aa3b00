"""The two sides of a comparison: a boundary file, or what was stored at a moment; and which areas are the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from geo.areas import Texts, among, texts
from geo.audit_result import Inventory
from geo.codes import DEFAULT_SCHEME
from geo.crs import parse_crs, stored_geometries
from geo.differences import AreaSet
from geo.errors import BadInput, GeoError
from geo.matching import snapped
from geo.store.areas import load_areas
from geo.stored import StoredAreas
from importers.boundary_file import BoundaryFile, read_boundaries
from importers.boundary_rows import BoundaryRows, CheckedRows
from importers.check_rows import level_of_codes
from importers.geometry_rows import checked_rows

SAME_SHARE: Final = 0.9
"""Areas of different codes are the same where each holds this share of the other."""
_MOST_LEFT_OUT_TOLD: Final = 10
_FIRST_PARENT: Final = -1_000_000_000
_FIRST_UNKNOWN_PARENT: Final = -2_000_000_000

Index = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How boundary files are read; each None is found out, see :func:`importers.boundary_file.read_boundaries`."""

    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    code_field: str | None = None
    name_field: str | None = None
    parent_field: str | None = None
    kind: str | None = None
    level: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of two states to compare.

    Attributes
    ----------
    state
        Its areas.
    facts
        What it is, as the JSON document says it: ``file`` and ``sha256``, or ``edition`` and ``at``.
    silent
        Columns of which a file says nothing; they are taken from the other side.
    is_file
        Whether ids and parents' ids mean nothing yet.
    scope
        Ids that were asked for; None for all.
    remarks
        What was assumed or left out in reading.
    """

    state: AreaSet
    facts: Mapping[str, object]
    silent: frozenset[str] = frozenset()
    is_file: bool = False
    scope: frozenset[int] | None = None
    remarks: tuple[GeoError, ...] = field(default=())

    def with_state(self, state: AreaSet) -> "Side":
        """Return the same side with other areas."""
        return replace(self, state=state)


def stored_side(
    connection: Connection,
    at: datetime,
    facts: Mapping[str, object],
    *,
    level: str | None,
    kind: str | None,
    within: str | None,
) -> Side:
    """Read what was stored at a moment.

    Parameters
    ----------
    facts
        What the document says of it.
    level, kind
        The only ones wanted; None takes all.
    within
        Code of an area: only that area and those below it. Where there was none of that code, nothing is in scope.
    """
    every = load_areas(connection, at, shapes=False)
    areas = load_areas(connection, at, levels=None if level is None else [level], kind=kind)
    scope = None if within is None else frozenset(every.ids[_inventory(every).below(within)].tolist())
    return Side(AreaSet.of(areas, every), facts, scope=scope)


def _inventory(every: StoredAreas) -> Inventory:
    row_of = {area_id: row for row, area_id in enumerate(every.ids.tolist())}
    parents = np.array([row_of.get(parent, -1) for parent in every.parent_ids.tolist()], dtype=np.int64)
    return Inventory(every.levels, every.codes, every.names, every.kinds, parents)


def file_side(path: Path, options: FileOptions) -> Side:
    """Read a boundary file, converted to EPSG:4490 and rounded to the lattice, but not matched.

    Raises
    ------
    BadInput, NotFound, TooLarge
        As :func:`importers.boundary_file.read_boundaries`; ``diff-needs-level`` where the codes do not tell the level.
    """
    file = read_boundaries(
        path,
        layer=options.layer,
        encoding=options.encoding,
        code_field=options.code_field,
        name_field=options.name_field,
        parent_field=options.parent_field,
        crs_text=options.crs,
    )
    checked = checked_rows(file, make_valid=True)
    rows = checked.rows
    level = options.level or level_of_codes(rows.codes)
    if not level:
        raise BadInput("diff-needs-level", place={"file": file.name}, name=file.name)
    facts = {"file": file.name, "sha256": file.sha256, "areas": len(rows)}
    geoms = snapped(stored_geometries(rows.geoms, parse_crs(file.crs_text)))
    state = AreaSet(_as_stored(rows.with_geoms(geoms), level, options.kind), rows.parents)
    return Side(state, facts, _silent(file), is_file=True, remarks=_remarks(file, checked))


def _remarks(file: BoundaryFile, checked: CheckedRows) -> tuple[GeoError, ...]:
    """Return what was assumed, mended and left out in reading a file."""
    mended = [
        BadInput("diff-mended", place={"file": file.name, "row": one.row}, name=file.name, row=one.row, code=one.code)
        for one in checked.repairs
    ]
    left_out = [one.error for one in checked.refusals]
    if not left_out:
        return (*file.remarks, *mended)
    told = BadInput("diff-left-out", place={"file": file.name}, name=file.name, count=len(left_out))
    return (*file.remarks, *mended, told, *left_out[:_MOST_LEFT_OUT_TOLD])


def _as_stored(rows: BoundaryRows, level: str, kind: str | None) -> StoredAreas:
    count = len(rows)
    numbers = {code: _FIRST_PARENT - place for place, code in enumerate(sorted(set(rows.parents)), 1)}
    kinds = [kind or (said if said in ("general", "special") else "general") for said in rows.kinds]
    return StoredAreas(
        ids=-1 - np.arange(count),
        levels=texts([level] * count),
        codes=rows.codes,
        local_codes=_or_none(rows.local_codes),
        names=rows.names,
        kinds=texts(kinds),
        categories=_or_none(rows.categories),
        parent_ids=np.array([numbers[code] if code else 0 for code in rows.parents], dtype=np.int64),
        not_subdivided=rows.not_subdivided,
        fully_divided=rows.fully_divided,
        digests=np.full(count, None, dtype=object),
        geoms=rows.geoms,
    )


def _or_none(column: Texts) -> npt.NDArray[np.object_]:
    return np.array([value or None for value in column], dtype=object)


def _silent(file: BoundaryFile) -> frozenset[str]:
    used = file.used
    said = {
        "names": used.name,
        "local_codes": used.local_code,
        "categories": used.category,
        "not_subdivided": used.not_subdivided,
        "fully_divided": used.fully_divided,
    }
    return frozenset(column for column, source in said.items() if source is None)


def reconciled(old: Side, new: Side) -> tuple[Side, Side]:
    """Give the same areas the same ids on both sides, and leave aside what was not asked for.

    Stored areas are known by id. Those of a file are known by code, else by their land: each holds
    :data:`SAME_SHARE` of the other. Beside a file, only stored areas of its level and kinds count, under the parents
    that its own areas have; where there is no such parent, all of them.
    """
    if not old.is_file and not new.is_file:
        return _in_scope(old, new)
    given, known = (new, old) if new.is_file else (old, new)
    if not known.is_file:
        known = _comparable(known, given)
    rows = _counterparts(given.state.areas, known.state.areas)
    if not known.is_file:
        known, rows = _under_same_parents(known, rows)
    given = _with_known_ids(given, known, rows)
    paired = np.flatnonzero(rows >= 0)
    given = _filled(given, paired, known.state.areas, rows[paired])
    known = _filled(known, rows[paired], given.state.areas, paired)
    return (known, given) if new.is_file else (given, known)


def _in_scope(old: Side, new: Side) -> tuple[Side, Side]:
    if old.scope is None or new.scope is None:
        return old, new
    wanted = list(old.scope | new.scope)
    return _taken(old, np.isin(old.state.areas.ids, wanted)), _taken(new, np.isin(new.state.areas.ids, wanted))


def _taken(side: Side, rows: npt.ArrayLike) -> Side:
    index = np.asarray(rows)
    return side.with_state(AreaSet(side.state.areas.take(index), side.state.parents[index]))


def _comparable(known: Side, given: Side) -> Side:
    """Keep the stored areas of the levels and kinds that a file has, and of the scope where there is one."""
    areas, own = known.state.areas, given.state.areas
    rows = among(areas.levels, set(own.levels)) & among(areas.kinds, set(own.kinds))
    if known.scope is not None:
        rows &= np.isin(areas.ids, list(known.scope))
    return _taken(known, rows)


def _counterparts(given: StoredAreas, known: StoredAreas) -> Index:
    """Return the row of the area that each given one is, -1 for none, shape (n,)."""
    row_of = {code: row for row, code in enumerate(known.codes)}
    rows = np.array([row_of.get(code, -1) for code in given.codes], dtype=np.int64)
    open_rows, free = np.flatnonzero(rows < 0), np.setdiff1d(np.arange(len(known)), rows)
    if not len(open_rows) or not len(free):
        return rows
    mine, theirs = shapely.STRtree(known.geoms[free]).query(given.geoms[open_rows], predicate="intersects")
    mine, theirs = open_rows[mine], free[theirs]
    shared = shapely.area(shapely.intersection(given.geoms[mine], known.geoms[theirs]))
    largest = np.maximum(shapely.area(given.geoms[mine]), shapely.area(known.geoms[theirs]))
    same = (shared >= SAME_SHARE * largest) & (given.kinds[mine] == known.kinds[theirs])
    rows[mine[same]] = theirs[same]
    return rows


def _under_same_parents(known: Side, rows: Index) -> tuple[Side, Index]:
    parents = np.unique(known.state.areas.parent_ids[rows[rows >= 0]])
    if known.scope is not None or not len(parents):
        return known, rows
    kept = np.flatnonzero(np.isin(known.state.areas.parent_ids, parents))
    place = np.full(len(known.state.areas), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    return _taken(known, kept), np.where(rows >= 0, place[rows], -1)


def _filled(side: Side, rows: Index, other: StoredAreas, others: Index) -> Side:
    """Take from the other side what a file says nothing of."""
    columns = {}
    for name in side.silent:
        columns[name] = getattr(side.state.areas, name).copy()
        columns[name][rows] = getattr(other, name)[others]
    return side.with_state(replace(side.state, areas=replace(side.state.areas, **columns)))


def _with_known_ids(given: Side, known: Side, rows: Index) -> Side:
    """Give a file's areas and their parents the ids of their counterparts.

    A parent is taken as the file says it where that is a code, else as on the other side.
    """
    areas, other = given.state.areas, known.state
    paired = rows >= 0
    # below all ids of another file
    ids = np.where(paired, other.areas.ids[rows] if len(other.areas) else 0, areas.ids - len(other.areas))
    id_of = dict(zip(other.parents, other.areas.parent_ids.tolist(), strict=True))
    parents, parent_ids = given.state.parents.copy(), np.zeros(len(areas), dtype=np.int64)
    for row, code in enumerate(parents):
        untold = code not in id_of and DEFAULT_SCHEME.level_of(code) is None
        if paired[row] and (untold or (known.is_file and not other.parents[rows[row]])):
            parents[row], parent_ids[row] = other.parents[rows[row]], other.areas.parent_ids[rows[row]]
        elif code:
            parent_ids[row] = id_of.setdefault(code, _FIRST_UNKNOWN_PARENT - len(id_of))
    return given.with_state(AreaSet(replace(areas, ids=ids, parent_ids=parent_ids), parents))
