"""Lineage in the store: which area came from which, and the versions that an area had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from geo.adjust import NOBODY, Descent
from geo.store.publish import Publication
from geo.store.sql import statement

_COLUMNS: Final = (
    *("edition", "plan_id", "operation", "from_id", "to_id", "area_m2", "share_of_from", "share_of_to", "households"),
)


@dataclass(frozen=True, slots=True)
class LineageRecord:
    """Land that went from one area to another.

    Attributes
    ----------
    from_id, to_id
        None for land that nobody had, or that nobody has since.
    from_code, to_code, from_name, to_name, level
        As they were just before and just after.
    share_of_from, share_of_to
        In [0, 1]; None where there is no such area.
    """

    edition: int
    at: datetime
    plan: int | None
    operation: str
    from_id: int | None
    from_code: str | None
    from_name: str | None
    to_id: int | None
    to_code: str | None
    to_name: str | None
    level: str
    area_m2: float
    share_of_from: float | None
    share_of_to: float | None
    households: int | None


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of an area; ``plan`` and ``title`` are of the publication that opened it."""

    id: int
    area_id: int
    level: str
    code: str
    local_code: str | None
    name: str
    kind: str
    category: str | None
    parent: str | None
    area_m2: float | None
    not_subdivided: bool
    fully_divided: bool
    noded: bool
    edition: int
    valid_from: datetime
    valid_to: datetime | None
    plan: int | None
    title: str


def write_lineage(
    connection: Connection,
    opened: Publication,
    descents: Sequence[Descent],
    operations: Sequence[str],
    given: Mapping[int, int],
    *,
    plan: int | None,
) -> None:
    """Write down lineage.

    Parameters
    ----------
    operations
        Names of the operations that the descents count.
    given
        The stored ids of new areas, by the negative ones they came with.
    """
    if not descents:
        return
    with connection.connection.cursor().copy(f"COPY lineage ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        for one in descents:
            copy.write_row(
                (
                    opened.edition,
                    plan,
                    operations[one.operation],
                    _stored(one.from_id, given),
                    _stored(one.to_id, given),
                    max(one.area_m2, 0.0),
                    _share(one.share_of_from, one.from_id),
                    _share(one.share_of_to, one.to_id),
                    one.households,
                )
            )


def lineage_of(connection: Connection, area_id: int, *, until: datetime | None = None) -> list[LineageRecord]:
    """Return the records in which an area gave or got land, in the order of editions; up to a moment, if given."""
    asked = {"area": area_id, "edition": None, "until": until}
    return [LineageRecord(*row) for row in connection.execute(statement("lineage_of"), asked)]


def lineage_in(connection: Connection, edition: int) -> list[LineageRecord]:
    """Return the records of one edition."""
    asked = {"area": None, "edition": edition, "until": None}
    return [LineageRecord(*row) for row in connection.execute(statement("lineage_of"), asked)]


def versions_of(connection: Connection, area_id: int) -> list[VersionRecord]:
    """Return the versions of an area, the oldest first."""
    return [VersionRecord(*row) for row in connection.execute(statement("area_versions"), {"area": area_id})]


def areas_with_code(connection: Connection, code: str) -> list[int]:
    """Return the ids of the areas that bear or bore a code, the last bearer first."""
    rows = connection.scalars(
        text("SELECT area_id FROM area_version WHERE code = :code GROUP BY area_id ORDER BY max(lower(valid)) DESC"),
        {"code": code},
    )
    return list(rows)


def _stored(area: int, given: Mapping[int, int]) -> int | None:
    return None if area == NOBODY else given.get(area, area)


def _share(share: float, area: int) -> float | None:
    """Return a share as it is stored: none of nobody's land, and in [0, 1] whatever sums of m² round to."""
    return None if area == NOBODY else min(max(share, 0.0), 1.0)
