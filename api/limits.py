"""Limits on what one caller may ask: settings with defaults that a city's work never reaches."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Self

from geo.errors import BadInput
from geo.plans import MOST_OPERATIONS

MEBIBYTE: Final = 1 << 20
_VARIABLES: Final = {
    "json_mib": "GRIDWARDEN_MOST_JSON_MIB",
    "table_mib": "GRIDWARDEN_MOST_TABLE_MIB",
    "points": "GRIDWARDEN_MOST_POINTS",
    "vertices": "GRIDWARDEN_MOST_VERTICES",
    "operations": "GRIDWARDEN_MOST_OPERATIONS",
    "depth": "GRIDWARDEN_MOST_DEPTH",
    "read_s": "GRIDWARDEN_READ_TIMEOUT_S",
    "statement_s": "GRIDWARDEN_STATEMENT_TIMEOUT_S",
    "a_minute": "GRIDWARDEN_REQUESTS_A_MINUTE",
}
_HIGHEST: Final = {
    "operations": MOST_OPERATIONS,
    "depth": 200,
    "json_mib": 1024,
    "table_mib": 1 << 20,
    "read_s": 3600,
    "statement_s": 86_400,
}
_HIGHEST_OF_ALL: Final = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may hold and take; what is over a limit is refused, never cut.

    Attributes
    ----------
    json_mib
        ``$GRIDWARDEN_MOST_JSON_MIB``: size of a body, but for tables of points.
    table_mib
        ``$GRIDWARDEN_MOST_TABLE_MIB``: size of a table of points (NDJSON, CSV, Arrow), which waits on the disk.
    points
        ``$GRIDWARDEN_MOST_POINTS``: points of one request.
    vertices
        ``$GRIDWARDEN_MOST_VERTICES``: vertices of one geometry of a plan that comes over HTTP.
    operations
        ``$GRIDWARDEN_MOST_OPERATIONS``: operations of one plan that is drafted over HTTP.
    depth
        ``$GRIDWARDEN_MOST_DEPTH``: how deep JSON may be nested; a multipolygon in an operation has 9.
    read_s
        ``$GRIDWARDEN_READ_TIMEOUT_S``: how long the head of a request may take, and each part of its body.
    statement_s
        ``$GRIDWARDEN_STATEMENT_TIMEOUT_S``: how long one SQL statement of a request may take.
    a_minute
        ``$GRIDWARDEN_REQUESTS_A_MINUTE``: requests of one address a minute, in each worker process; none are counted
        of the loopback.
    """

    json_mib: int = 8
    table_mib: int = 8192
    points: int = 200_000_000
    vertices: int = 200_000
    operations: int = MOST_OPERATIONS
    depth: int = 32
    read_s: int = 20
    statement_s: int = 60
    a_minute: int = 6000

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read the limits of this process.

        Raises
        ------
        BadInput
            ``unknown-setting``: no whole number, or none that makes sense.
        """
        given = {field.name: environ.get(_VARIABLES[field.name]) for field in fields(cls)}
        return cls(**{name: _number(name, text) for name, text in given.items() if text})

    @property
    def json_bytes(self) -> int:
        """Bytes of a body that is read as a whole."""
        return self.json_mib * MEBIBYTE

    @property
    def table_bytes(self) -> int:
        """Bytes of a table of points."""
        return self.table_mib * MEBIBYTE


def _number(name: str, text: str) -> int:
    highest = _HIGHEST.get(name, _HIGHEST_OF_ALL)
    if not (text.isascii() and text.isdigit() and len(text) < 16 and 1 <= int(text) <= highest):
        raise BadInput("unknown-setting", name=_VARIABLES[name], given=text, known=f"1–{highest}")
    return int(text)
