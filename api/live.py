"""The city in memory: always the present edition, swapped when a new one is published, kept when PostGIS goes away."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from logging import getLogger
from threading import Event, Thread
from time import perf_counter
from typing import Final

from api.points import stored_point
from api.settings import Settings
from geo.circle_cover import NO_CIRCLES, CircleCover
from geo.crs import parse_crs
from geo.errors import GeoError, Unavailable
from geo.locate.city_patch import rehearse
from geo.store.circles import circle_cover
from geo.store.connect import open_engine, reading
from geo.store.feed import EditionFeed, edition_feed
from geo.store.home import Home
from geo.store.locating import VIEWS
from geo.store.shared_index import Mapped, SharedIndex, index_folder
from geo.store.snapshot import Snapshot

LOG: Final = getLogger("gridwarden.live")
POLL_S: Final = 0.5
"""How often the edition is looked at, in case a notice was lost, and a database that went away is tried."""
PATIENCE_S: Final = 1.0
"""How long a request waits for the edition that it demands."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it is with the memory of one process; swapped as a whole.

    Attributes
    ----------
    snapshot
        None until the first one is there.
    stale
        Whether the database cannot be seen, or its present edition not be taken in: newer ones may exist.
    build_s
        How long the last one took to be built or mapped.
    circles
        The circles of the same edition.
    """

    snapshot: Mapped | None = None
    stale: bool = True
    build_s: float = 0.0
    circles: CircleCover = NO_CIRCLES

    @property
    def edition(self) -> int:
        """The edition in memory, 0 without."""
        return 0 if self.snapshot is None else self.snapshot.edition


def _warm_up(snapshot: Snapshot) -> None:
    """Run once before anybody asks what is compiled: it is read from the disk, which takes a while."""
    for crs in ("gcj02", "bd09"):
        stored_point(0.0, 0.0, parse_crs(crs))
    snapshot.city.warm_up()


def _rewrite(shared: SharedIndex, snapshot: Mapped) -> None:
    try:
        shared.rewrite(snapshot)
    # the files that there are serve on; the next edition tries again
    except Exception as failure:
        LOG.warning("edition %d gets no file of its own: %s", snapshot.edition, _kind(failure))


def _kind(failure: Exception) -> str:
    return failure.kind if isinstance(failure, GeoError) else type(failure).__name__


class Live:
    """Keeps a snapshot of the present edition, from a thread of its own.

    Parameters
    ----------
    settings
        Whose database; ``contacts`` says what answers show of teams.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._standing = Standing()
        self._ended = Event()
        self._thread = Thread(target=self._keep, name="live", daemon=True)
        self._rewriting = Thread()
        self._tried = ""

    @property
    def standing(self) -> Standing:
        """What there is at this moment; hold on to it for as long as one answer takes."""
        return self._standing

    @contextmanager
    def running(self) -> Iterator["Live"]:
        """Follow the editions as long as the block lasts."""
        self._thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            self._thread.join(timeout=10)

    async def at_least(self, edition: int) -> Standing:
        """Return what there is once it is of an edition or of a later one; at once where nothing is in memory yet.

        Raises
        ------
        Unavailable
            ``edition-not-yet``: still older after a second.
        """
        until = perf_counter() + PATIENCE_S
        while self._standing.snapshot is not None and self._standing.edition < edition:
            if perf_counter() > until:
                place = {"field": "min_edition"}
                raise Unavailable("edition-not-yet", place=place, wanted=edition, present=self._standing.edition)
            await asyncio.sleep(0.01)
        return self._standing

    def _keep(self) -> None:
        while not self._ended.is_set():
            try:
                with edition_feed(self._settings.url()) as feed:
                    self._follow(feed)
            # whatever happens to one edition, the last good one is kept and the next one tried
            except Exception as failure:
                self._fail(failure)
            self._ended.wait(POLL_S)

    def _follow(self, feed: EditionFeed) -> None:
        """Take in one edition after the other until the database goes away."""
        shared = self._shared()
        while not self._ended.is_set():
            # an edition that was restored from a backup may be an older one
            if feed.present() != self._standing.edition or self._standing.stale:
                self._take_in(shared)
            else:
                self._tidy(shared)
            feed.wait(POLL_S)

    def _shared(self) -> SharedIndex:
        settings = self._settings
        folder = index_folder(Home.at(settings.home), settings.url())
        return SharedIndex(folder, VIEWS[settings.contacts], settings.contacts, settings.hierarchy)

    def _take_in(self, shared: SharedIndex) -> None:
        begun = perf_counter()
        older = self._standing.snapshot
        engine = open_engine(self._settings.url(), pool_size=1)
        try:
            with reading(engine) as connection:
                snapshot = shared.present(connection, older)
                circles = circle_cover(connection, snapshot.edition, self._standing.circles)
        finally:
            engine.dispose()
        _warm_up(snapshot)
        self._standing = Standing(snapshot, False, perf_counter() - begun, circles)
        LOG.info("edition %d is in memory after %.2f s", snapshot.edition, self._standing.build_s)
        if older is None:
            rehearse()

    def _tidy(self, shared: SharedIndex) -> None:
        """While nothing is published: see to it that an edition that has many changes gets a file of its own."""
        snapshot = self._standing.snapshot
        if snapshot is None or not snapshot.is_worn:
            return
        whole = None if self._rewriting.is_alive() else shared.tidied(snapshot)
        if whole is not None:
            _warm_up(whole)
            self._standing = replace(self._standing, snapshot=whole)
        elif snapshot.name != self._tried:
            self._tried = snapshot.name
            self._rewriting = Thread(target=_rewrite, args=(shared, snapshot), name="rewriting", daemon=True)
            self._rewriting.start()

    def _fail(self, failure: Exception) -> None:
        if not self._standing.stale:
            edition = self._standing.edition
            LOG.warning("edition %d is kept in memory, newer ones cannot be seen: %s", edition, _kind(failure))
        self._standing = replace(self._standing, stale=True)
