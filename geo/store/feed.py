"""Hearing of new editions: a connection of its own that listens, and looks by itself in case a notice was lost."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from geo.errors import Unavailable
from geo.store.connect import session_options
from geo.store.postgres import libpq_url
from geo.store.publish import CHANNEL


class EditionFeed:
    """What a listening connection knows of editions."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def present(self) -> int:
        """Return the number of the present edition, 0 before the first."""
        with refusing():
            row = self._connection.execute("SELECT edition FROM edition_now").fetchone()
        return 0 if row is None else int(row[0])

    def wait(self, longest_s: float) -> None:
        """Wait for the next notice, or as long as said; it is up to the caller to look."""
        with refusing():
            for _ in self._connection.notifies(timeout=longest_s, stop_after=1):
                pass


@contextmanager
def edition_feed(url: str) -> Iterator[EditionFeed]:
    """Open a feed, on a connection past any pool: poolers pass no notices on.

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
        yield EditionFeed(connection)
    finally:
        connection.close()


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the driver says into our refusal."""
    try:
        yield
    except psycopg.Error as failure:
        raise Unavailable("database-unreachable", reason=(str(failure).strip() or "?").splitlines()[0]) from failure
