"""Editions: what is published now, and which moment an edition stands for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geo.errors import NotFound


@dataclass(frozen=True, slots=True)
class Edition:
    """One publication."""

    id: int
    published_at: datetime
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Present:
    """The present as the database sees it.

    Attributes
    ----------
    at
        By the database's clock, never before the last publication, even where that clock was set back.
    edition
        The present edition, 0 before the first publication.
    first
        When the first edition was published, None before it.
    """

    at: datetime
    edition: int
    first: datetime | None


def present(connection: Connection) -> Present:
    """Return the present moment and edition."""
    row = connection.execute(
        text(
            "SELECT greatest(clock_timestamp(), max(published_at)), (SELECT edition FROM edition_now), "
            "min(published_at) FROM edition"
        )
    ).one()
    return Present(*row)


def recorded_inputs(connection: Connection) -> frozenset[str]:
    """Return the SHA-256 of every file that some edition was made from."""
    rows = connection.execute(
        text("SELECT DISTINCT input ->> 'sha256' FROM edition, jsonb_array_elements(inputs) AS input")
    )
    return frozenset(digest for (digest,) in rows if digest)


def present_edition(connection: Connection) -> int:
    """Return the number of the present edition, 0 before the first publication."""
    return int(connection.scalar(text("SELECT edition FROM edition_now")) or 0)


def edition_at(connection: Connection, at: datetime) -> int:
    """Return the number of the edition that was present at a moment, 0 before the first."""
    found = connection.scalar(text("SELECT max(id) FROM edition WHERE published_at <= :at"), {"at": at})
    return int(found or 0)


def first_published(connection: Connection) -> datetime | None:
    """Return when the first edition was published, None before it."""
    found: datetime | None = connection.scalar(text("SELECT min(published_at) FROM edition"))
    return found


def moment_of(connection: Connection, edition: int) -> datetime:
    """Return when an edition was published: its reproducible moment.

    Raises
    ------
    NotFound
        For an edition that does not exist.
    """
    found: datetime | None = connection.scalar(
        text("SELECT published_at FROM edition WHERE id = :edition"), {"edition": edition}
    )
    if found is None:
        raise NotFound(
            "unknown-edition", place={"field": "edition"}, edition=edition, newest=present_edition(connection)
        )
    return found


def list_editions(connection: Connection, *, before: int | None, limit: int) -> list[Edition]:
    """Return editions, the newest first, below a number where one is given."""
    rows = connection.execute(
        text(
            "SELECT id, published_at, kind, title FROM edition "
            "WHERE CAST(:before AS bigint) IS NULL OR id < :before ORDER BY id DESC LIMIT :limit"
        ),
        {"before": before, "limit": limit},
    )
    return [Edition(*row) for row in rows]
