"""Publishing: one transaction that closes versions, opens others, and raises the edition last."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from psycopg.types.range import TimestamptzRange
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from geo.areas import Geometries
from geo.errors import Conflict
from geo.store.editions import present_edition
from geo.store.schema import EDITION, SRID

CHANNEL: Final = "gridwarden_edition"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who publishes what, and why: one row of the register of editions."""

    kind: str
    title: str
    actor: str
    approval: str = "self-approved"
    reason: str | None = None
    inputs: Sequence[Mapping[str, object]] = ()
    report: Mapping[str, object] = field(default_factory=dict)


class Publication(NamedTuple):
    """A publication under way: its number and the moment from which it is valid."""

    edition: int
    at: datetime

    def since(self) -> TimestamptzRange:
        """Return the validity of what it opens."""
        return TimestamptzRange(self.at, None, "[)")


@contextmanager
def publication(connection: Connection, signature: Signature, *, expected: int | None = None) -> Iterator[Publication]:
    """Run a publication: everything done in the block is one transaction, or nothing is.

    Parameters
    ----------
    connection
        Without an open transaction.
    expected
        The edition that the work was prepared on.

    Raises
    ------
    Conflict
        Where another edition was published since.
    """
    with connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridwarden.publish'))"))
        present = present_edition(connection)
        if expected is not None and present != expected:
            raise Conflict("edition-moved", expected=expected, present=present)
        now, last = connection.execute(text("SELECT clock_timestamp(), (SELECT max(published_at) FROM edition)")).one()
        # a clock set back must not let a version end before it began
        at = now if last is None or now > last else last + timedelta(microseconds=1)
        opened = Publication(present + 1, at)
        connection.execute(
            insert(EDITION).values(
                id=opened.edition,
                published_at=at,
                kind=signature.kind,
                title=signature.title,
                actor=signature.actor,
                approval=signature.approval,
                reason=signature.reason,
                inputs=list(signature.inputs),
                report=dict(signature.report),
            )
        )
        yield opened
        connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
        connection.execute(text("UPDATE edition_now SET edition = :edition"), {"edition": opened.edition})
        connection.execute(
            text("SELECT pg_notify(:channel, :edition)"),
            {"channel": CHANNEL, "edition": str(opened.edition)},
        )


@dataclass(frozen=True, slots=True, eq=False)
class NewVersions:
    """Versions to be opened, column by column.

    ``ids`` names the area, or is 0 for a new one; ``parents`` is the id of the parent, -1 for none, or ``-2 - row`` for
    a parent that is itself a new area in ``row`` of the same set.
    """

    ids: npt.NDArray[np.int64]
    levels: Sequence[str]
    codes: Sequence[str]
    local_codes: Sequence[str | None]
    names: Sequence[str]
    kinds: Sequence[str]
    categories: Sequence[str | None]
    parents: npt.NDArray[np.int64]
    geoms: Geometries
    area_m2: npt.NDArray[np.float64]
    not_subdivided: Sequence[bool]
    fully_divided: Sequence[bool]
    noded: Sequence[bool]
    digests: Sequence[bytes | None]


def close_areas(connection: Connection, opened: Publication, ids: Sequence[int]) -> None:
    """End the present versions of some areas."""
    connection.execute(
        text(
            "UPDATE area_version SET valid = tstzrange(lower(valid), :at) "
            "WHERE area_id = ANY(:ids) AND upper_inf(valid)"
        ),
        {"at": opened.at, "ids": [int(one) for one in ids]},
    )


def open_versions(connection: Connection, opened: Publication, versions: NewVersions) -> npt.NDArray[np.int64]:
    """Write new versions by COPY, closing the present ones of the same areas; return the area of each, shape (n,)."""
    close_areas(connection, opened, versions.ids[versions.ids > 0].tolist())
    ids = _with_new_ids(connection, versions)
    parents = versions.parents.copy()
    inner = parents <= -2
    parents[inner] = ids[-2 - parents[inner]]
    with _cursor(connection).copy(
        "COPY area_version (area_id, code, local_code, name, kind, category, parent_id, geom, area_m2, "
        "not_subdivided, fully_divided, noded, source_digest, edition, valid) FROM STDIN"
    ) as copy:
        for row in _rows(opened, versions, ids, parents):
            copy.write_row(row)
    return ids


def _with_new_ids(connection: Connection, versions: NewVersions) -> npt.NDArray[np.int64]:
    ids = versions.ids.copy()
    fresh = np.flatnonzero(ids == 0)
    if len(fresh):
        numbers = connection.execute(
            text("SELECT nextval(pg_get_serial_sequence('gridwarden.area', 'id')) FROM generate_series(1, :count)"),
            {"count": len(fresh)},
        )
        ids[fresh] = [number for (number,) in numbers]
        with _cursor(connection).copy("COPY area (id, level) FROM STDIN") as copy:
            for row in fresh.tolist():
                copy.write_row((int(ids[row]), versions.levels[row]))
    return ids


def _rows(
    opened: Publication, versions: NewVersions, ids: npt.NDArray[np.int64], parents: npt.NDArray[np.int64]
) -> Iterator[tuple[Any, ...]]:
    wkb = shapely.to_wkb(shapely.set_srid(as_multipolygons(versions.geoms), SRID), hex=True, include_srid=True)
    valid = opened.since()
    for row, area_id in enumerate(ids.tolist()):
        yield (
            area_id,
            versions.codes[row],
            versions.local_codes[row],
            versions.names[row],
            versions.kinds[row],
            versions.categories[row],
            int(parents[row]) if parents[row] > 0 else None,
            wkb[row],
            float(versions.area_m2[row]),
            bool(versions.not_subdivided[row]),
            bool(versions.fully_divided[row]),
            bool(versions.noded[row]),
            versions.digests[row],
            opened.edition,
            valid,
        )


def as_multipolygons(geoms: Geometries) -> Geometries:
    """Return every Polygon as a MultiPolygon: the one type that is stored."""
    shapes = geoms.copy()
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    if single.any():
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(int(single.sum())))
    return shapes


def _cursor(connection: Connection) -> Any:
    """Return a psycopg cursor inside SQLAlchemy's transaction, for COPY."""
    return connection.connection.cursor()
