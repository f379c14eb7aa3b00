"""Many points as JSON, or a line each, and their answers."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

from api.json_body import require_shallow
from api.many_answers import ROWS_AT_A_TIME, Documents, Row
from api.points import LONGEST_M
from geo.errors import BadInput, GeoError, TooLarge
from importers.point_rows import Given

LONGEST_LINE: Final = 1 << 16
"""Bytes of one point; a coordinate system in WKT has some thousand."""
DEEPEST_LINE: Final = 32
LONGEST_NAME: Final = 20_000
SHOWN: Final = 60

Member = TypeVar("Member")


def envelope(body: bytes) -> tuple[dict[str, Any], list[Row | GeoError]]:
    """Return what a JSON body says of all points, and the points.

    Raises
    ------
    BadInput
        ``points-not-json``, ``points-no-list``.
    """
    try:
        document = _loaded(body)
    except (ValueError, RecursionError):
        raise BadInput("points-not-json") from None
    points = document.pop("points", None) if isinstance(document, dict) else None
    if not isinstance(points, list):
        raise BadInput("points-no-list", place={"field": "points"})
    return document, [_row(point) for point in points]


def lines(path: Path) -> Iterator[Row | GeoError]:
    """Yield the point of each line; blank lines are passed over, and one too long is a refusal of its own."""
    with path.open("rb") as file:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = file.readline(LONGEST_LINE)
                yield TooLarge("point-line-too-long", most_bytes=LONGEST_LINE)
            elif line.strip():
                yield _parsed(line)


def given_of(row: Row) -> Given:
    """Return what a point says.

    Raises
    ------
    BadInput
        ``parameter-malformed``, ``parameter-out-of-range``.
    """
    own = row.get("accuracy")
    accuracy_m = None if own is None else accuracy_of(own)
    return Given(row.get("lon"), row.get("lat"), name_of(row, "crs"), name_of(row, "at"), accuracy_m)


def accuracy_of(accuracy_m: object) -> float:
    """Return an accuracy; raises ``parameter-not-a-number`` or ``parameter-out-of-range``."""
    place, facts = {"field": "accuracy"}, {"name": "accuracy", "given": str(accuracy_m)[:SHOWN]}
    if isinstance(accuracy_m, bool) or not isinstance(accuracy_m, int | float) or not isfinite(accuracy_m):
        raise BadInput("parameter-not-a-number", place=place, **facts)
    if not 0 <= accuracy_m <= LONGEST_M:
        raise BadInput("parameter-out-of-range", place=place, bound=f"≥ 0, ≤ {LONGEST_M}", **facts)
    return accuracy_m


def name_of(row: Row, field: str) -> str:
    """Return the text of a member, empty without; raises ``parameter-malformed``."""
    value = row.get(field)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        raise BadInput("parameter-malformed", place={"field": field}, name=field, given=str(value)[:SHOWN])
    return value


def as_lines(rows: Iterable[Row | GeoError], documents: Documents) -> Iterator[bytes]:
    """Yield answers, one a line."""
    for part in _parts(rows):
        yield b"".join(each + b"\n" for each in documents.of(part, given_of))


def as_document(stamp: Mapping[str, object], rows: Iterable[Row | GeoError], documents: Documents) -> Iterator[bytes]:
    """Yield the text of one JSON document with all answers."""
    yield json.dumps(stamp, separators=(",", ":")).encode()[:-1] + b',"answers":['
    comma = b""
    for part in _parts(rows):
        yield comma + b",".join(documents.of(part, given_of))
        comma = b","
    yield b"]}"


def _parts(rows: Iterable[Member]) -> Iterator[Sequence[Member]]:
    waiting = iter(rows)
    while part := list(islice(waiting, ROWS_AT_A_TIME)):
        yield part


def _parsed(line: bytes) -> Row | GeoError:
    try:
        require_shallow(line, DEEPEST_LINE)
        return _row(_loaded(line))
    except TooLarge as refusal:
        return refusal
    except (ValueError, RecursionError):
        return BadInput("point-not-json")


def _row(point: object) -> Row | GeoError:
    return point if isinstance(point, dict) else BadInput("point-not-json")


def _loaded(text: bytes) -> Any:
    # Python's own words for what is no number in JSON would be refused by whoever reads the answer
    return json.loads(text.removeprefix(b"\xef\xbb\xbf"), parse_constant=str)
