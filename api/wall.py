"""What stands before every route: how often one may ask, and how large, slow and deep what one sends may be.

Plain ASGI: a question without a body costs a look-up. Tables of points have limits of their own, see
:mod:`api.many_body`.
"""

from asyncio import timeout
from collections.abc import Callable, MutableMapping
from time import monotonic
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem, status_of
from api.json_body import require_plain, require_shallow
from api.language import language_of
from api.limits import Limits
from api.request_rates import AddressRates
from geo.errors import BadInput, GeoError, TooLarge, TooOften, TooSlow

MANY_POINTS: Final = "/api/v1/locate"
_JSON: Final = "application/json"
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SLOWEST_BYTES_S: Final = 512
"""A body that comes more slowly, on the whole, is broken off."""
_SMALL_BYTES: Final = 1 << 16
"""Bodies up to this size are judged at once, others beside the other requests."""

Message = MutableMapping[str, Any]


class Wall:
    """Middleware that refuses what is over a limit before anything is parsed.

    Parameters
    ----------
    app
        Who gets what is within the limits; a body as one part.
    has_own_rate
        Tells of a request whether somebody else counts it, so that its address does not matter.
    """

    def __init__(self, app: ASGIApp, limits: Limits, has_own_rate: Callable[[Scope], bool] = lambda _: False) -> None:
        self.app, self.limits, self._has_own_rate = app, limits, has_own_rate
        self._addresses = AddressRates(limits.a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        try:
            self._addresses.require_few(scope)
        except TooOften as refusal:
            if not self._has_own_rate(scope):
                return await _refused(refusal, scope, receive, send)
        if scope["method"] in _WITHOUT_BODY:
            return await self.app(scope, receive, send)
        return await self._with_body(scope, receive, send)

    async def _with_body(self, scope: Scope, receive: Receive, send: Send) -> None:
        patient = _Patient(receive, self.limits.read_s)
        headers = Headers(scope=scope)
        try:
            if headers.get("content-encoding", "identity").strip().lower() != "identity":
                raise BadInput("body-compressed", place={"field": "Content-Encoding"})
            whole = None if scope["path"] == MANY_POINTS else await self._received(patient, headers)
        except _Gone:
            return
        except GeoError as refusal:
            await _refused(refusal, scope, receive, send)
            return
        await self.app(scope, patient if whole is None else _replayed(whole, receive), send)

    async def _received(self, receive: Receive, headers: Headers) -> bytes:
        announced = headers.get("content-length", "")
        self._require_small(int(announced) if announced.isdigit() and len(announced) < 19 else 0)
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            body += message.get("body", b"")
            self._require_small(len(body))
            more = message.get("more_body", False)
        kind = headers.get("content-type", _JSON).partition(";")[0].strip().lower()
        if body and (kind == _JSON or kind.endswith("+json")):
            await self._judged(bytes(body))
        return bytes(body)

    def _require_small(self, size: int) -> None:
        if size > self.limits.json_bytes:
            raise TooLarge("body-too-large", most_mib=self.limits.json_mib)

    async def _judged(self, body: bytes) -> None:
        if len(body) <= _SMALL_BYTES:
            self._judge(body)
        else:
            await run_in_threadpool(self._judge, body)

    def _judge(self, body: bytes) -> None:
        require_shallow(body, self.limits.depth)
        require_plain(body)


class _Gone(Exception):
    """Who asked went away before all was sent."""


class _Patient:
    """Receives the parts of a body, each within some seconds and all of them at no less than a slow line's rate."""

    def __init__(self, receive: Receive, read_s: float) -> None:
        self._receive, self._read_s = receive, read_s
        self._begun, self._size, self._whole = monotonic(), 0, False

    async def __call__(self) -> Message:
        """Return the next part.

        Raises
        ------
        TooSlow
            ``request-too-slow``.
        """
        if self._whole:
            return await self._receive()
        try:
            async with timeout(self._read_s):
                message = await self._receive()
        except TimeoutError:
            raise self._late() from None
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        allowed_s = self._read_s + self._size / _SLOWEST_BYTES_S
        if not self._whole and monotonic() - self._begun > allowed_s:
            raise self._late()
        return message

    def _late(self) -> TooSlow:
        return TooSlow("request-too-slow", limit_s=self._read_s)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive a body that is here already; afterwards one hears when the caller leaves."""
    waiting = [body]

    async def replaying() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replaying


async def _refused(refusal: GeoError, scope: Scope, receive: Receive, send: Send) -> None:
    answer = problem(status_of(type(refusal)), [refusal], language_of(Request(scope)))
    await answer(scope, receive, send)
