"""Who may do what, as services hold it in memory: accounts in force, sessions and tokens by their digests."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import psycopg
from sqlalchemy import Connection, text

from geo.access import BY_ANYBODY, Grant, Place, Principal, by_token, is_administered
from geo.store.accounts import Account, has_accounts, list_accounts
from geo.store.connect import session_options
from geo.store.feed import refusing
from geo.store.postgres import libpq_url
from geo.store.sessions import Session
from geo.store.sql import statement

CHANNEL: Final = "gridwarden_access"


class TokenHeld(NamedTuple):
    """A token in force: who shows it, and until when."""

    principal: Principal
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccessBook:
    """All that decides on requests, as of one moment; swapped as a whole.

    Attributes
    ----------
    version, edition
        Of accounts and of areas, as of which it was read.
    has_accounts
        Whether there is any account: else everybody may do everything.
    is_administered
        Whether somebody looks after accounts.
    people
        By number of account; disabled ones are not there.
    sessions, tokens
        By digest.
    codes
        The codes that areas bear now to which a role or a token is confined, by id.
    """

    version: int = 0
    edition: int = 0
    has_accounts: bool = False
    is_administered: bool = False
    people: Mapping[int, Principal] = field(default_factory=dict)
    sessions: Mapping[bytes, Session] = field(default_factory=dict)
    tokens: Mapping[bytes, TokenHeld] = field(default_factory=dict)
    codes: Mapping[int, str] = field(default_factory=dict)


def principal_of_account(account: Account, anybody: str) -> Principal:
    """Return whom an account stands for.

    Parameters
    ----------
    anybody
        What those may do who have not signed in, by the site's setting: whoever has signed in may do it, too.
    """
    grants = tuple(Grant(one.role, one.area) for one in account.held)
    return Principal(account.name, "person", account.id, grants, BY_ANYBODY[anybody])


def read_access(connection: Connection, *, anybody: str, three_officers: bool) -> AccessBook:
    """Read who may do what, in one state of the database."""
    version, edition = versions(connection)
    accounts = [one for one in list_accounts(connection) if one.disabled_at is None]
    rows = connection.execute(text("SELECT digest, account_id, seen_at, expires_at FROM session"))
    everywhere = [{one.role for one in account.held if one.area is None} for account in accounts]
    return AccessBook(
        version,
        edition,
        has_accounts(connection),
        is_administered(everywhere, three_officers=three_officers),
        {one.id: principal_of_account(one, anybody) for one in accounts},
        {bytes(row.digest): Session(row.account_id, row.seen_at, row.expires_at) for row in rows},
        dict(_tokens(connection)),
        {row.area_id: row.code for row in connection.execute(statement("access_codes"))},
    )


def _tokens(connection: Connection) -> Iterator[tuple[bytes, TokenHeld]]:
    for row in connection.execute(statement("access_tokens")):
        shown = by_token(f"token:{row.name}", row.id, row.scopes, row.area_ids, row.per_minute)
        yield bytes(row.digest), TokenHeld(shown, row.expires_at)


def versions(connection: Connection) -> tuple[int, int]:
    """Return the version of who may do what, and the edition."""
    row = connection.execute(text("SELECT version, (SELECT edition FROM edition_now) FROM access_now")).one()
    return int(row[0]), int(row[1])


def places_of(connection: Connection, areas: list[int]) -> dict[int, Place]:
    """Return where areas lie now, by id: with everything above them; those that have ended where they lay last."""
    places: dict[int, set[int]] = {area: {area} for area in areas}
    for area, above in connection.execute(statement("access_places"), {"areas": areas}):
        places[area].add(above)
    return {area: frozenset(ids) for area, ids in places.items()}


def areas_excepted(connection: Connection, numbers: Sequence[int]) -> list[int]:
    """Return the areas (ids) that accepted findings are about, by the numbers of their records."""
    return list(
        connection.scalars(
            text("SELECT DISTINCT unnest(area_ids) FROM accepted_finding WHERE id = ANY (:numbers)"),
            {"numbers": list(numbers)},
        )
    )


class AccessFeed:
    """A listening connection that says when to read anew."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def versions(self) -> tuple[int, int]:
        """Return the version of who may do what, and the edition."""
        with refusing():
            row = self._connection.execute(
                "SELECT version, (SELECT edition FROM edition_now) FROM access_now"
            ).fetchone()
        return (0, 0) if row is None else (int(row[0]), int(row[1]))

    def wait(self, longest_s: float) -> None:
        """Wait for the next notice, or as long as said."""
        with refusing():
            for _ in self._connection.notifies(timeout=longest_s, stop_after=1):
                pass


@contextmanager
def access_feed(url: str) -> Iterator[AccessFeed]:
    """Open a feed, on a connection past any pool.

    Raises
    ------
    Unavailable
        ``database-unreachable``, now or later.
    """
    with refusing():
        connection = psycopg.connect(libpq_url(url), autocommit=True, options=session_options(), connect_timeout=5)
    try:
        with refusing():
            connection.execute(f"LISTEN {CHANNEL}")
        yield AccessFeed(connection)
    finally:
        connection.close()
