"""Publishing: one transaction that closes versions, opens others, and raises the edition last.

Number and moment are taken under one lock that is held until the end, so editions follow one another in number, moment
and commit alike. A publication that writes much takes them first (:func:`publication`) and lets others wait; a plan
writes versions without either (:data:`PROVISIONAL`), is checked, and only then takes both (:func:`seal`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg.types.range import TimestamptzRange
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import insert

from geo.errors import Conflict
from geo.store.binary_copy import (
    bigints,
    blobs,
    booleans,
    boundaries,
    copy_rows,
    doubles,
    since,
    texts,
    texts_or_null,
)
from geo.store.editions import present_edition
from geo.store.gazetteer import learn_names
from geo.store.schema import EDITION
from geo.store.sql import statement
from geo.stored import StoredAreas

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


PROVISIONAL: Final = Publication(0, datetime.max.replace(tzinfo=UTC))
"""What versions are written with until their edition is known; nobody but the transaction itself ever sees it."""


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
        if signature.kind == "boundaries":
            # it numbers itself before it locks areas, plans the other way round: together they would wait in a circle
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridwarden.map'))"))
        opened = _numbered(connection, signature, expected)
        yield opened
        raise_edition(connection, opened)


def share_the_map(connection: Connection) -> None:
    """Begin a publication that numbers itself last: many may be under way, but none that takes its number first."""
    connection.execute(text("SELECT pg_advisory_xact_lock_shared(hashtext('gridwarden.map'))"))


def check_coverage(connection: Connection) -> None:
    """Let the database check now what was written, while the number of the next edition is still anybody's.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        Where areas would overlap, or lie beyond their parents.
    """
    connection.exec_driver_sql("SET CONSTRAINTS coverage_is_kept IMMEDIATE")


def seal(connection: Connection, signature: Signature) -> Publication:
    """Take the next number and a moment for a transaction that wrote provisional versions, and give them to these.

    From here on other publications wait: :func:`raise_edition` and the commit should follow soon.
    """
    opened = _numbered(connection, signature, None)
    sealed = {"edition": opened.edition, "at": opened.at, "provisional": PROVISIONAL.at}
    connection.execute(statement("seal_ended"), sealed)
    connection.execute(statement("seal_opened"), sealed)
    return opened


def raise_edition(connection: Connection, opened: Publication) -> None:
    """Check what is left to check, make an edition the present one, and tell the listeners at commit."""
    learn_names(connection, opened.edition)
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    connection.execute(text("UPDATE edition_now SET edition = :edition"), {"edition": opened.edition})
    connection.execute(
        text("SELECT pg_notify(:channel, :edition)"),
        {"channel": CHANNEL, "edition": str(opened.edition)},
    )


def _numbered(connection: Connection, signature: Signature, expected: int | None) -> Publication:
    """Take the lock that numbers are given under, and write the next edition down."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridwarden.publish'))"))
    present = present_edition(connection)
    if expected is not None and present != expected:
        raise Conflict("edition-moved", expected=expected, present=present)
    now, last = connection.execute(text("SELECT clock_timestamp(), (SELECT max(published_at) FROM edition)")).one()
    # a clock set back must not let a version end before it began
    at = now if last is None or now > last else last + timedelta(microseconds=1)
    connection.execute(
        insert(EDITION).values(
            id=present + 1,
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
    return Publication(present + 1, at)


@dataclass(frozen=True, slots=True, eq=False)
class NewVersions:
    """Versions to be opened; row ``i`` of every column is one of them.

    Attributes
    ----------
    areas
        What they say. A negative id stands for an area that is new itself; parents may be such areas.
    area_m2
        Size of each on the ellipsoid.
    noded
        Those that only received nodes on shared borders.
    """

    areas: StoredAreas
    area_m2: npt.NDArray[np.float64]
    noded: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.areas)


def close_areas(connection: Connection, opened: Publication, ids: Sequence[int]) -> None:
    """End the present versions of some areas."""
    connection.execute(
        text(
            "UPDATE area_version SET valid = tstzrange(lower(valid), :at) "
            "WHERE area_id = ANY(:ids) AND upper_inf(valid)"
        ),
        {"at": opened.at, "ids": [int(one) for one in ids]},
    )


def open_versions(connection: Connection, opened: Publication, versions: NewVersions) -> dict[int, int]:
    """Write new versions by COPY, closing the present ones of the same areas.

    Returns
    -------
    dict
        The ids of the areas that are new, by the negative ones they came with.
    """
    areas = versions.areas
    close_areas(connection, opened, areas.ids[areas.ids > 0].tolist())
    given = _new_ids(connection, areas)
    ids = [given.get(one, one) for one in areas.ids.tolist()]
    parents = [given.get(parent, parent) or None for parent in areas.parent_ids.tolist()]
    columns = {
        "area_id": bigints(ids),
        "code": texts(areas.codes.tolist()),
        "local_code": texts_or_null(areas.local_codes.tolist()),
        "name": texts(areas.names.tolist()),
        "kind": texts(areas.kinds.tolist()),
        "category": texts_or_null(areas.categories.tolist()),
        "parent_id": bigints(parents),
        "geom": boundaries(areas.geoms),
        "area_m2": doubles(versions.area_m2.tolist()),
        "not_subdivided": booleans(areas.not_subdivided.tolist()),
        "fully_divided": booleans(areas.fully_divided.tolist()),
        "noded": booleans(versions.noded.tolist()),
        "source_digest": blobs(areas.digests.tolist()),
        "edition": repeat(next(bigints([opened.edition]))),
        "valid": repeat(since(opened.at)),
    }
    copy_rows(connection, "area_version", columns)
    return given


def _new_ids(connection: Connection, areas: StoredAreas) -> dict[int, int]:
    """Create the areas that are new, and return their ids by the negative ones they came with.

    Ids are dealt out shuffled, the same way each time: the index behind the exclusion constraint takes rising ids a
    third more slowly than mixed ones, and keeps half of its pages empty.
    """
    fresh = np.flatnonzero(areas.ids < 0).tolist()
    if not fresh:
        return {}
    numbers = connection.scalars(
        text("SELECT nextval(pg_get_serial_sequence('gridwarden.area', 'id')) FROM generate_series(1, :count)"),
        {"count": len(fresh)},
    ).all()
    mixed: list[int] = np.random.default_rng(len(fresh)).permutation(numbers).tolist()
    levels = areas.levels[np.array(fresh)].tolist()
    copy_rows(connection, "area", {"id": bigints(mixed), "level": texts(levels)})
    return dict(zip(areas.ids[fresh].tolist(), mixed, strict=True))
