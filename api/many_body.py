"""The body of a request about many points: received into bounded memory, its format, and that of the answer."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.json_body import require_shallow
from api.limits import MEBIBYTE, Limits
from geo.errors import BadInput, TooLarge

JSON, NDJSON, CSV, ARROW = "application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.arrow.stream"
ANSWERS: Final = {JSON: (JSON, NDJSON), NDJSON: (NDJSON, JSON), CSV: (CSV,), ARROW: (ARROW,)}
"""What a body of each format can be answered as; the first one unless ``Accept`` names another."""
LINES: Final = frozenset({NDJSON, CSV})
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


async def received_whole(request: Request, limits: Limits) -> bytes:
    """Return a body that is small.

    Raises
    ------
    TooLarge
        ``points-body-too-large``, ``body-too-deep``.
    TooSlow
        Where it does not come.
    """
    body = b"".join([chunk async for chunk in _chunks(request, limits.json_mib)])
    await run_in_threadpool(require_shallow, body, limits.depth)
    return body


async def received_file(request: Request, given: str, limits: Limits) -> "Received":
    """Write a body to a file: then its sender can wait with reading until all is sent, as most clients do.

    Raises
    ------
    TooLarge
        ``points-body-too-large``, ``points-too-many``.
    TooSlow
        Where it does not come.
    """
    received = Received()
    ended_lines = 0
    try:
        with received.path.open("wb") as file:
            async for chunk in _chunks(request, limits.table_mib):
                ended_lines += chunk.count(b"\n") if given in LINES else 0
                require_few_points(ended_lines - 1, limits)
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


def require_few_points(count: int, limits: Limits) -> None:
    """Refuse more points than one request may hold; raises ``points-too-many``."""
    if count > limits.points:
        raise TooLarge("points-too-many", most=limits.points)


async def _chunks(request: Request, most_mib: int) -> AsyncIterator[bytes]:
    announced = request.headers.get("content-length", "")
    count = int(announced) if announced.isdigit() else 0
    _require_small(count, most_mib)
    count = 0
    async for chunk in request.stream():
        count += len(chunk)
        _require_small(count, most_mib)
        yield chunk


def _require_small(count: int, most_mib: int) -> None:
    if count > most_mib * MEBIBYTE:
        raise TooLarge("points-body-too-large", most_mib=most_mib)
