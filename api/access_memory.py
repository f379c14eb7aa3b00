"""Who may do what, held in memory by a thread that listens for changes: no request asks the database for it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import getLogger
from threading import Event, Thread
from typing import Final

from sqlalchemy import Engine

from api.settings import Settings
from geo.access import Principal
from geo.errors import GeoError, Unavailable
from geo.store.access_book import AccessBook, access_feed, principal_of_account, read_access
from geo.store.accounts import list_accounts
from geo.store.connect import reading
from geo.store.health import health
from geo.store.sessions import Session, session_of

LOG: Final = getLogger("gridwarden.access")
POLL_S: Final = 0.5
"""How often the version is looked at, in case a notice was lost, and a database that went away is tried."""


class AccessMemory:
    """Keeps the book of accounts, sessions and tokens.

    Parameters
    ----------
    settings
        What those may do who have not signed in, and whether officers are kept apart.
    engine
        For reading it, and for sessions that began a moment ago elsewhere.
    """

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._settings, self._engine = settings, engine
        self._book: AccessBook | None = None
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="access", daemon=True)

    @property
    def book(self) -> AccessBook | None:
        """What holds at this moment; None while the database could not be reached since the start."""
        return self._book

    @contextmanager
    def running(self) -> Iterator["AccessMemory"]:
        """Follow the changes as long as the block lasts; what stands now is read first."""
        with suppress(Exception):
            self._take_in()
        if self._book is not None and not self._book.has_accounts:
            LOG.warning("there are no accounts: everybody who can reach this service may do everything")
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join(timeout=10)

    def require_open(self) -> None:
        """Read who may do what, which could not be done since the start, and refuse where that is not everybody.

        Raises
        ------
        Unavailable
            ``database-unreachable``, ``schema-differs``, ``accounts-unknown``.
        """
        with reading(self._engine) as connection:
            health(connection)
        self._take_in()
        if self._book is None or self._book.has_accounts:
            raise Unavailable("accounts-unknown")

    def session(self, digest: bytes) -> tuple[Session, Principal] | None:
        """Return a session by asking the database: it may have begun in another process a moment ago."""
        try:
            with reading(self._engine) as connection:
                found = session_of(connection, digest)
                if found is None:
                    return None
                account = next((one for one in list_accounts(connection) if one.id == found.account), None)
        except Unavailable:
            return None
        if account is None or account.disabled_at is not None:
            return None
        return found, principal_of_account(account, self._settings.guarding.anonymous)

    def _keep(self) -> None:
        while not self._ended.is_set():
            try:
                with access_feed(self._settings.url()) as feed:
                    while not self._ended.is_set():
                        book = self._book
                        if book is None or feed.versions() != (book.version, book.edition):
                            self._take_in()
                        feed.wait(POLL_S)
            # whatever happens, what was known last is kept and reading tried again
            except Exception as failure:
                kind = failure.kind if isinstance(failure, GeoError) else type(failure).__name__
                LOG.debug("changes of accounts cannot be seen: %s", kind)
            self._ended.wait(POLL_S)

    def _take_in(self) -> None:
        guarding = self._settings.guarding
        with reading(self._engine) as connection:
            self._book = read_access(connection, anybody=guarding.anonymous, three_officers=guarding.three_officers)
