"""The body of a request about many points: received into bounded memory, its format, and that of the answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from geo.errors import BadInput, TooLarge

JSON, NDJSON, CSV, ARROW = "application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.arrow.stream"
ANSWERS: Final = {JSON: (JSON, NDJSON), NDJSON: (NDJSON, JSON), CSV: (CSV,), ARROW: (ARROW,)}
"""What a body of each format can be answered as; the first one unless ``Accept`` names another."""
MOST_BYTES: Final = {JSON: 8 << 20, NDJSON: 8 << 30, CSV: 8 << 30, ARROW: 8 << 30}
"""Bytes of a body. JSON is read as a whole; the others wait on the disk and are read in parts."""
SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Formats:
    """What comes in and what goes out, as media types; ``charset`` of the body, None to detect it."""

    given: str
    answered: str
    charset: str | None

    @classmethod
    def of(cls, request: Request) -> "Formats":
        """Read ``Content-Type`` and ``Accept``.

        Raises
        ------
        BadInput
            ``points-body-format``, ``points-answer-format``.
        """
        kind, *parameters = request.headers.get("content-type", JSON).split(";")
        given = kind.strip().lower()
        if given not in ANSWERS:
            place, known = {"field": "Content-Type"}, ", ".join(ANSWERS)
            raise BadInput("points-body-format", place=place, given=given[:SHOWN], known=known)
        named = dict(part.strip().lower().partition("=")[::2] for part in parameters)
        charset = named.get("charset", "").strip('"')
        # UTF-8 is found anyway, and then the answer has a byte order mark where the body had one
        detected = charset in ("", "utf-8", "utf8")
        return cls(given, _answered(given, request.headers.get("accept", "")), None if detected else charset)


def _answered(given: str, accept: str) -> str:
    wishes = [wish.partition(";")[0].strip().lower() for wish in accept.split(",") if wish.strip()]
    possible = ANSWERS[given]
    named = [wish for wish in wishes if wish in ANSWERS]
    fitting = next((wish for wish in named if wish in possible), None)
    if fitting is None and named and "*/*" not in wishes:
        place, known = {"field": "Accept"}, ", ".join(possible)
        raise BadInput("points-answer-format", place=place, given=given, asked=named[0], known=known)
    return fitting or possible[0]


async def received_whole(request: Request) -> bytes:
    """Return a body that is small.

    Raises
    ------
    TooLarge
        ``points-body-too-large``.
    """
    return b"".join([chunk async for chunk in _chunks(request, MOST_BYTES[JSON])])


async def received_file(request: Request, given: str) -> "Received":
    """Write a body to a file: then its sender can wait with reading until all is sent, as most clients do.

    Raises
    ------
    TooLarge
        ``points-body-too-large``.
    """
    received = Received()
    try:
        with received.path.open("wb") as file:
            async for chunk in _chunks(request, MOST_BYTES[given]):
                await run_in_threadpool(file.write, chunk)
    except BaseException:
        received.close()
        raise
    return received


class Received:
    """A file that lasts as long as it is needed."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="gridwarden-points-", ignore_cleanup_errors=True)
        self.path = Path(self._folder.name) / "points.csv"

    def close(self) -> None:
        """Remove the file."""
        self._folder.cleanup()


async def _chunks(request: Request, most_bytes: int) -> AsyncIterator[bytes]:
    announced = request.headers.get("content-length", "")
    count = int(announced) if announced.isdigit() else 0
    _require_few(count, most_bytes)
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        _require_few(count, most_bytes)
        yield chunk


def _require_few(count: int, most_bytes: int) -> None:
    if count > most_bytes:
        raise TooLarge("points-body-too-large", most_mib=most_bytes >> 20)
