"""Writing down what was done: every change over HTTP, and every export of personal data, in the audit trail."""

from collections.abc import MutableMapping
from logging import getLogger
from typing import Any, Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import State
from starlette.types import ASGIApp, Receive, Scope, Send

from api.gate import SAFE
from api.identity import EXPORT, address_of, principal_in
from api.live_locate import PATH as LOCATE
from api.rules import rule_of
from geo.errors import GeoError
from geo.store.connect import writing
from geo.store.trail import Deed, add_to_trail

LOG: Final = getLogger("gridwarden.trail")
_BY_THEMSELVES: Final = frozenset({LOCATE, "/sign-in", "/sign-out"})
"""Locating many points changes nothing; signing in and out writes more down than is known here."""


class Trailing:
    """Middleware that writes down what was done, before the answer is sent.

    Parameters
    ----------
    app
        The web framework.
    state
        Has the app's ``trail``: an engine of its own, so that nobody waits for a connection while holding another.
    """

    def __init__(self, app: ASGIApp, state: State) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and write down what came of it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def noting(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and _matters(scope, message["status"]):
                await run_in_threadpool(self._write, scope, message["status"])
            await send(message)

        return await self.app(scope, receive, noting)

    def _write(self, scope: Scope, status: int) -> None:
        who = principal_in(scope)
        path = quote(scope["path"], safe="/-._~")
        found = rule_of(scope["method"], scope["path"])
        details = {"status": status, **({"personal_data": True} if scope.get(EXPORT) else {})}
        deed = Deed(who.name, "http", found.line if found else scope["method"], path, address_of(scope), details)
        try:
            with writing(self.state.trail) as connection, connection.begin():
                add_to_trail(connection, deed)
        except GeoError as failure:
            # what was done is done; plans and editions keep a record of their own
            LOG.error("a record of the audit trail could not be written: %s", failure.kind)


def _matters(scope: Scope, status: int) -> bool:
    """Tell whether to write an answer down: not what nobody in particular was refused."""
    if scope["path"] in _BY_THEMSELVES:
        return False
    if scope["method"] in SAFE:
        return bool(scope.get(EXPORT)) and status < 400
    return status < 400 or principal_in(scope).kind in ("person", "token")
