"""Scenes: what is stored around the operations of a plan."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.adjust import Operation, Scene, drawn_shapes, named_codes
from geo.adjust.operations import Create, Merge, Recode, Rename, Reparent, Retire, Revert, Split, Transfer
from geo.adjust.scene import TOLERANCE_M, Former, Households
from geo.errors import NotFound
from geo.lattice import snap
from geo.levels import Hierarchy
from geo.store.areas import load_versions
from geo.store.editions import present_edition
from geo.store.sql import statement

_M_A_DEGREE: Final = 80_000.0
"""Of longitude at 44° N: a margin in metres is turned into one that is wide enough anywhere in China."""
_KEEPS_BOUNDARIES: Final = (Rename, Recode, Reparent)
_CONCERNS_DESCENDANTS: Final = (Recode, Reparent, Transfer, Merge, Retire, Split)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A scene, and which versions it was read from: version id by area id, of every area in it."""

    scene: Scene
    versions: Mapping[int, int]


def codes_used(connection: Connection, codes: Collection[str]) -> frozenset[str]:
    """Return those of some codes that an area bears or ever bore."""
    if not codes:
        return frozenset()
    return frozenset(connection.scalars(statement("scene_codes"), {"parents": [], "codes": sorted(codes)}))


def load_scene(
    connection: Connection,
    at: datetime,
    operations: Sequence[Operation],
    hierarchy: Hierarchy,
    *,
    tolerance_m: float = TOLERANCE_M,
) -> Seen:
    """Read what operations need to know: see :class:`geo.adjust.scene.Scene`.

    Parameters
    ----------
    at
        The moment; pass the present, and for drafts read the edition on the same connection.
    operations
        Codes that no area bears at that moment are left out: the operation says so itself.

    Raises
    ------
    NotFound
        ``unknown-edition`` for a revert.
    """
    former = {one.edition: _former(connection, one.edition) for one in operations if isinstance(one, Revert)}
    asked = _asked(operations, hierarchy, former, tolerance_m)
    versions = _versions(connection, at, asked)
    # by version: what is published between this statement and the one before must not show in half
    areas = load_versions(connection, sorted(versions.values()))
    taken = connection.scalars(
        statement("scene_codes"), {"parents": sorted(versions), "codes": _new_codes(operations)}
    ).all()
    concerned = {*areas.levels[np.isin(areas.codes, asked["shaped"])], *asked["levels"]}
    living = areas.ids[np.isin(areas.levels, sorted(concerned))].tolist()
    scene = Scene(
        areas=areas,
        hierarchy=hierarchy,
        households=load_households(connection, at, living),
        codes_taken=frozenset(taken),
        tolerance_m=tolerance_m,
        former=former,
    )
    return Seen(scene, versions)


def is_changed(
    connection: Connection, at: datetime, operations: Sequence[Operation], seen: Seen, held: Collection[int]
) -> bool:
    """Tell whether a scene would be read otherwise at another moment, as far as that matters.

    Parameters
    ----------
    held
        Ids of areas: these, their children and all special grids matter.
    """
    scene = seen.scene
    asked = _asked(operations, scene.hierarchy, scene.former, scene.tolerance_m)
    now = {row.area_id: row for row in connection.execute(statement("scene_ids"), {"at": at, **asked})}
    areas = scene.areas
    before = zip(areas.ids.tolist(), areas.parent_ids.tolist(), areas.kinds, strict=True)
    known = {area for area, parent, kind in before if area in held or parent in held or kind == "special"}
    known |= {area for area, row in now.items() if area in held or row.parent_id in held or row.kind == "special"}
    return any(area not in now or now[area].version != seen.versions.get(area) for area in known)


def _versions(connection: Connection, at: datetime, asked: Mapping[str, Any]) -> dict[int, int]:
    rows = connection.execute(statement("scene_ids"), {"at": at, **asked})
    return {row.area_id: row.version for row in rows}


def _asked(
    operations: Sequence[Operation], hierarchy: Hierarchy, former: Mapping[int, Former], tolerance_m: float
) -> dict[str, Any]:
    """Return what the statement needs to know of the operations."""
    margin = tolerance_m / _M_A_DEGREE
    shapes = [shape for one in operations for shape in drawn_shapes(one)]
    shapes += [shape for one in former.values() for shape in one.before.geoms if shape is not None]
    boxes = np.array([shapely.bounds(shape) for shape in shapes], dtype=np.float64).reshape(-1, 4)
    boxes += [-margin, -margin, margin, margin]
    wests, souths, easts, norths = boxes.T.tolist()
    levels = {one.level for one in operations if isinstance(one, Create) and one.level in hierarchy.levels}
    levels |= {level for one in former.values() for level in one.before.levels}
    uppers = {upper for level in levels for upper in hierarchy.above(level)[:2]}
    ids = {area for one in former.values() for area in (*one.before.ids.tolist(), *one.before.parent_ids.tolist())}
    return {
        "codes": sorted({code for one in operations for code in named_codes(one)}),
        "shaped": _codes_of(one for one in operations if not isinstance(one, _KEEPS_BOUNDARIES)),
        "deep": _codes_of(one for one in operations if isinstance(one, _CONCERNS_DESCENDANTS)),
        "ids": sorted({*ids, *(area for one in former.values() for area in one.created)} - {0}),
        "wests": wests,
        "souths": souths,
        "easts": easts,
        "norths": norths,
        "margin": margin,
        "levels": sorted(levels),
        "uppers": sorted(uppers),
    }


def _codes_of(operations: Iterable[Operation]) -> list[str]:
    """Return the codes that operations name; the parent of a new area is redrawn by none."""
    return sorted({code for one in operations if not isinstance(one, Create) for code in named_codes(one)})


def _new_codes(operations: Sequence[Operation]) -> list[str]:
    """Return the codes that operations ask for, and those that they name: some may have been retired."""
    codes: set[str | None] = {code for one in operations for code in named_codes(one)}
    for one in operations:
        match one:
            case Create(code=code) | Recode(to=code):
                codes.add(code)
            case Split(codes=given):
                codes.update(given or ())
    return sorted(code for code in codes if code)


def load_households(connection: Connection, at: datetime, ids: Sequence[int]) -> Households:
    """Read who lives in or near some areas; those without a position with the area that they are registered with."""
    rows = connection.execute(statement("scene_households"), {"at": at, "ids": list(ids)}).all()
    if not rows:
        return Households.none()
    residences, households, area_ids, lons, lats = zip(*rows, strict=True)
    nowhere = np.array([lon is None for lon in lons])
    lonlat = np.array([lons, lats], dtype=np.float64).T
    xy = snap(np.where(nowhere[:, None], 0.0, lonlat))
    return Households(
        ids=np.array(residences, dtype=np.int64),
        xy=xy,
        households=np.array(households, dtype=np.int64),
        area_ids=np.array([area or (-1 if lost else 0) for area, lost in zip(area_ids, nowhere, strict=True)]),
    )


def _former(connection: Connection, edition: int) -> Former:
    """Read what an edition changed."""
    newest = present_edition(connection)
    if not 0 < edition <= newest:
        raise NotFound("unknown-edition", place={"field": "edition"}, edition=edition, newest=newest)
    rows = connection.execute(statement("edition_closed"), {"edition": edition}).all()
    return Former(
        before=load_versions(connection, [row.closed_id for row in rows if row.closed_id is not None]),
        created=tuple(row.area_id for row in rows if row.created),
        changed_since=tuple(row.area_id for row in rows if row.changed_since),
    )
