"""One log line a request, without query strings: coordinates and names are personal data."""

import logging
import sys
import time
from collections import Counter
from collections.abc import MutableMapping
from functools import lru_cache
from logging import INFO, WARNING, Formatter, LogRecord, StreamHandler, getLogger
from pathlib import PurePath
from time import perf_counter
from traceback import extract_tb
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import UNFORESEEN, problem
from api.language import language_of
from geo.errors import Unavailable

LOG: Final = getLogger("gridwarden.http")
LONGEST_PATH: Final = 200


class AccessLog:
    """Middleware that logs method, path, status and ms; what nobody foresaw becomes a problem that reveals nothing.

    Parameters
    ----------
    served
        Where requests are counted by status.
    """

    def __init__(self, app: ASGIApp, served: Counter[int] | None = None) -> None:
        self.app = app
        self.served: Counter[int] = Counter() if served is None else served
        # However the server was started: its own lines would repeat query strings.
        getLogger("uvicorn.access").disabled = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, and log it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        status = 0

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as failure:
            number = log_unforeseen(failure, scope.get(UNFORESEEN))
            # Where the answer has begun it can only be broken off: the server closes the connection.
            if not status:
                unforeseen = Unavailable("internal-error", number=number)
                await problem(500, [unforeseen], language_of(Request(scope)))(scope, receive, noting)
        self.served[status] += 1
        if LOG.isEnabledFor(INFO):
            said = (scope["method"], _shown(scope["path"]), status, (perf_counter() - begun) * 1000)
            # a record of our own: to find out who called would take longer than to write the line
            LOG.handle(LogRecord(LOG.name, INFO, "", 0, "%s %s %d %.1f ms", said, None))


def log_unforeseen(failure: Exception, number: str | None = None) -> str:
    """Log where something went wrong, without its message, which may hold personal data; return the entry's number."""
    number = number or uuid4().hex[:12]
    frames = " < ".join(
        f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in reversed(extract_tb(failure.__traceback__))
    )
    LOG.error("%s %s at %s", number, type(failure).__name__, frames)
    return number


class _Lines(Formatter):
    """Lines with their moment, whose date and second are written out once a second."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")
        self._second: tuple[int, str] = (-1, "")

    def format(self, record: LogRecord) -> str:
        """Return a line."""
        if record.exc_info or record.stack_info:
            return super().format(record)
        second, text = self._second
        if int(record.created) != second:
            second = int(record.created)
            text = time.strftime(self.default_time_format, time.localtime(second))
            self._second = second, text
        message = record.getMessage()
        # a line is a line, whoever worded it
        shown = message if message.isprintable() else _one_line(message)
        return f"{text},{int(record.msecs):03d} {record.levelname} {shown}"


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@lru_cache(maxsize=256)
def _shown(path: str) -> str:
    """Return a path as it stands in the log: it cannot forge a line."""
    return quote(path, safe="/-._~")[:LONGEST_PATH]


def log_to_stderr() -> None:
    """Send our lines to stderr, and of the server only what needs attention."""
    # our lines name neither threads nor processes
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    for name, level in (("gridwarden", INFO), ("uvicorn", WARNING)):
        logger = getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)
