"""HTTP on a connection, with an end to patience: the head of a request must come soon, and be small."""

from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, Final, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD: Final = 1 << 17
"""Bytes of request line and headers; a coordinate system in WKT stands in a query with some ten thousand."""


class PatientConfig(uvicorn.Config):
    """How the server runs; ``read_s`` is how long a head may take."""

    def __init__(self, app: Any, read_s: float, **told: Any) -> None:
        super().__init__(app, http=PatientProtocol, **told)
        self.read_s = read_s


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself waits for ever until a head is whole.

    A connection has one timer; a request costs two assignments.
    """

    config: "PatientConfig"

    def connection_made(self, transport: BaseTransport) -> None:
        """Begin to wait."""
        super().connection_made(cast(Transport, transport))
        self.read_s = self.config.read_s
        self._head_since: float | None = self.loop.time()
        self._head_bytes = 0
        self._watch: TimerHandle = self.loop.call_later(self.read_s, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and end the connection where a head has no end."""
        super().data_received(data)
        if self._head_since is None:
            return
        self._head_bytes += len(data)
        if self._head_bytes > LONGEST_HEAD:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Note when a head begins."""
        self._head_since, self._head_bytes = self.loop.time(), 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Note that it is whole."""
        self._head_since = None
        super().on_headers_complete()

    def _look(self) -> None:
        """End the connection where a head does not come; look again at the next moment that it may be late."""
        since = self._head_since
        left_s = self.read_s if since is None else since + self.read_s - self.loop.time()
        if left_s <= 0:
            self.transport.close()
        else:
            self._watch = self.loop.call_later(left_s, self._look)
