"""The drafts of imports: every version that is to be opened, kept as it was prepared."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geo.areas import Geometries, Texts
from geo.store.plans import Draft
from geo.store.publish import NewVersions
from geo.store.schema import SRID
from geo.store.sql import statement
from geo.stored import StoredAreas

_COLUMNS: Final = (
    *("plan_id", "draft", "area_id", "ends", "level", "code", "local_code", "name", "kind", "category", "parent_id"),
    *("geom", "area_m2", "not_subdivided", "fully_divided", "noded", "source_digest"),
)


@dataclass(frozen=True, slots=True, eq=False)
class ImportDraft:
    """What an import is to do: the versions that it opens, and the areas that end as they were when it was drafted."""

    versions: NewVersions
    ended: StoredAreas


def write_import_draft(connection: Connection, draft: Draft, content: ImportDraft) -> None:
    """Keep what an import is to do beside a version of its plan's draft."""
    with connection.connection.cursor().copy(f"COPY plan_area ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for row in _rows(draft, content):
            copy.write_row(row)


def read_import_draft(connection: Connection, draft: Draft) -> ImportDraft:
    """Return what an import is to do."""
    rows = connection.execute(statement("plan_areas"), {"plan": draft.plan, "draft": draft.number}).all()
    ends = np.array([row.ends for row in rows], dtype=bool)
    areas = _columns(rows)
    sizes = np.array([np.nan if row.area_m2 is None else row.area_m2 for row in rows], dtype=np.float64)
    noded = np.array([row.noded for row in rows], dtype=bool)
    return ImportDraft(NewVersions(areas.take(~ends), sizes[~ends], noded[~ends]), areas.take(ends))


def versions_now(connection: Connection, area_ids: list[int]) -> dict[int, int]:
    """Return the id of the present version by area id; areas that ended are left out."""
    rows = connection.execute(
        text("SELECT area_id, id FROM area_version WHERE area_id = ANY(:ids) AND upper_inf(valid)"), {"ids": area_ids}
    )
    return {int(area): int(version) for area, version in rows}


def codes_in_use(connection: Connection, codes: list[str]) -> list[str]:
    """Return which codes an area has or had."""
    rows = connection.execute(
        text("SELECT DISTINCT code FROM area_version WHERE code = ANY(:codes) ORDER BY code"), {"codes": codes}
    )
    return [code for (code,) in rows]


def drafted_before(
    connection: Connection, author: str, *, file: str, level: str, kind: str, codes: list[str]
) -> int | None:
    """Return the number of the plan that an author made of a file before and has not handed in; None without one.

    Parameters
    ----------
    file, level, kind
        The name of the file, and what it was imported as.
    codes
        What the file changes now: a file of the same name with other areas is another file.
    """
    asked = {"author": author, "file": file, "level": level, "kind": kind, "codes": codes}
    found: int | None = connection.scalar(statement("import_open"), asked)
    return found


def _rows(draft: Draft, content: ImportDraft) -> Iterator[tuple[Any, ...]]:
    versions = content.versions
    none = np.full(len(content.ended), np.nan)
    parts = (
        (versions.areas, versions.area_m2, versions.noded, False),
        (content.ended, none, np.zeros(len(content.ended), dtype=bool), True),
    )
    for areas, sizes, noded, ends in parts:
        shapes = shapely.to_wkb(shapely.set_srid(_multiple(areas.geoms), SRID), hex=True, include_srid=True)
        for row in range(len(areas)):
            size = float(sizes[row])
            yield (
                draft.plan,
                draft.number,
                int(areas.ids[row]),
                ends,
                areas.levels[row],
                areas.codes[row],
                areas.local_codes[row] or None,
                areas.names[row],
                areas.kinds[row],
                areas.categories[row] or None,
                int(areas.parent_ids[row]) or None,
                shapes[row],
                None if np.isnan(size) else size,
                bool(areas.not_subdivided[row]),
                bool(areas.fully_divided[row]),
                bool(noded[row]),
                areas.digests[row],
            )


def _multiple(geoms: Geometries) -> Geometries:
    found = geoms.copy()
    for row in np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON).tolist():
        found[row] = shapely.MultiPolygon([geoms[row]])
    return found


def _columns(rows: Any) -> StoredAreas:
    def column(name: str) -> Texts:
        values = np.empty(len(rows), dtype=object)
        values[:] = [getattr(row, name) for row in rows]
        return values

    return StoredAreas(
        ids=column("area_id").astype(np.int64),
        levels=column("level"),
        codes=column("code"),
        local_codes=column("local_code"),
        names=column("name"),
        kinds=column("kind"),
        categories=column("category"),
        parent_ids=np.array([row.parent_id or 0 for row in rows], dtype=np.int64),
        not_subdivided=column("not_subdivided").astype(bool),
        fully_divided=column("fully_divided").astype(bool),
        digests=column("source_digest"),
        geoms=np.asarray(shapely.from_wkb(column("wkb")), dtype=object),
    )
