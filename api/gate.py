"""What stands before every answer: finds out who asks, from memory.

Plain ASGI, because points are located behind it some thousand times a second. A token or a session is looked up by
its digest; what may be done with it is decided where the question is understood (:mod:`api.rules`).
"""

from datetime import UTC, datetime
from time import monotonic
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.access_memory import AccessMemory
from api.errors import problem, status_of
from api.identity import CSRF_HEADER, IN_SCOPE, STRANGER, csrf_of, shown
from api.language import language_of
from api.request_rates import Rates
from geo.access import UNGUARDED, Principal, anonymous, in_force
from geo.errors import GeoError, Refused, TooOften, Unidentified
from geo.store.access_book import AccessBook
from geo.store.connect import writing
from geo.store.sessions import NOTED_EVERY, digest_of, note_seen

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CSRF_HEADER: Final = CSRF_HEADER.lower().encode()
_FREE: Final = 1 << 62


class Gate:
    """Middleware that puts the principal into the scope, and refuses what pretends to be somebody.

    Parameters
    ----------
    app
        Who gets the request.
    state
        Has the app's ``access``, ``settings`` and ``engine``.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app, self.state = app, state
        self._rates = Rates(_FREE)
        self._anybody = anonymous(state.settings.guarding.anonymous)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, and pass the request on."""
        if scope["type"] == "http":
            try:
                scope[IN_SCOPE] = await self._principal(scope)
            except GeoError as refusal:
                answer = problem(status_of(type(refusal)), [refusal], language_of(Request(scope)))
                return await answer(scope, receive, send)
        return await self.app(scope, receive, send)

    def has_own_rate(self, scope: Scope) -> bool:
        """Tell whether a request shows a token that has a limit of its own, whatever address it is asked from."""
        book: AccessBook | None = self.state.access.book
        token, _ = shown(scope)
        held = None if book is None or token is None else book.tokens.get(digest_of(token))
        return held is not None and held.principal.per_minute is not None

    async def _principal(self, scope: Scope) -> Principal:
        access: AccessMemory = self.state.access
        book = access.book
        if book is None:
            return STRANGER
        if not book.has_accounts:
            return UNGUARDED
        token, secret = shown(scope)
        if token is not None:
            return self._by_token(book, token)
        if secret is not None:
            return await self._by_session(access, book, scope, secret)
        return self._anybody

    def _by_token(self, book: AccessBook, token: str) -> Principal:
        held = book.tokens.get(digest_of(token))
        if held is None or not in_force(held.expires_at, datetime.now(UTC)):
            raise Unidentified("token-not-good")
        principal = held.principal
        if principal.per_minute is not None:
            wait_s = self._rates.wait_s(str(principal.account), monotonic(), principal.per_minute)
            if wait_s:
                raise TooOften("token-too-often", most=principal.per_minute, wait_s=wait_s)
        return principal

    async def _by_session(self, access: AccessMemory, book: AccessBook, scope: Scope, secret: str) -> Principal:
        """Return who is signed in; a session that has ended is as good as none."""
        now, digest = datetime.now(UTC), digest_of(secret)
        session = book.sessions.get(digest)
        principal = None if session is None else book.people.get(session.account)
        if session is None or principal is None or now > session.seen_at + NOTED_EVERY:
            found = await run_in_threadpool(access.session, digest)
            if found is None:
                return self._anybody
            session, principal = found
        if not session.holds(now):
            return self._anybody
        if scope["method"] not in SAFE:
            _require_own_page(scope, secret)
        if now > session.seen_at + NOTED_EVERY:
            await run_in_threadpool(self._note, digest)
        return principal

    def _note(self, digest: bytes) -> None:
        with writing(self.state.engine) as connection, connection.begin():
            note_seen(connection, digest)


def _require_own_page(scope: Scope, secret: str) -> None:
    """Refuse a change that another site's page had a signed-in browser send.

    Raises
    ------
    Refused
        ``csrf-missing``.
    """
    expected = csrf_of(secret).encode()
    if scope["path"] not in ("/sign-in", "/sign-out") and (_CSRF_HEADER, expected) not in scope["headers"]:
        raise Refused("csrf-missing", header=CSRF_HEADER)
