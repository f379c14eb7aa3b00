"""Lineage in the store: which area came from which, and the versions that an area had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from geo.adjust import Descent
from geo.store.publish import Publication


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
    raise NotImplementedError


def lineage_of(connection: Connection, area_id: int, *, until: datetime | None = None) -> list[LineageRecord]:
    """Return the records in which an area gave or got land, in the order of editions; up to a moment, if given."""
    raise NotImplementedError


def lineage_in(connection: Connection, edition: int) -> list[LineageRecord]:
    """Return the records of one edition."""
    raise NotImplementedError


def versions_of(connection: Connection, area_id: int) -> list[VersionRecord]:
    """Return the versions of an area, the oldest first."""
    raise NotImplementedError


def areas_with_code(connection: Connection, code: str) -> list[int]:
    """Return the ids of the areas that bear or bore a code, the last bearer first."""
    raise NotImplementedError
