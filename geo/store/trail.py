"""The audit trail in the store: added to, searched, verified; never changed."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geo.store.sql import statement
from geo.trail import Record, Verdict, verify

LONGEST: Final = 500
"""Characters of each text that are kept."""
_AT_A_TIME: Final = 5_000


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be written down: who did what to what, by which door (``http``, ``command``, ``job``) and whence."""

    actor: str
    via: str
    action: str
    subject: str = ""
    address: str = ""
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records to look for; None takes all.

    Attributes
    ----------
    word
        Somewhere in action or subject.
    since, until
        From this moment on, and before that one.
    before
        Below this number: the page after.
    """

    actor: str | None = None
    word: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def add_to_trail(connection: Connection, deed: Deed) -> int:
    """Write down what was done, inside the caller's transaction; return the record's number.

    Until the caller commits, others who write something down wait: do it last.
    """
    given = {
        "actor": _kept(deed.actor),
        "via": deed.via,
        "address": _kept(deed.address),
        "action": _kept(deed.action),
        "subject": _kept(deed.subject),
        "details": _kept(json.dumps(deed.details or {}, ensure_ascii=False, sort_keys=True)),
    }
    return int(connection.scalar(statement("trail_add"), given) or 0)


def search_trail(connection: Connection, wanted: Wanted, limit: int) -> list[Record]:
    """Return records, the newest first."""
    given = {each.name: getattr(wanted, each.name) for each in fields(wanted)}
    return [_record(row) for row in connection.execute(statement("trail_search"), {**given, "limit": limit})]


def verify_trail(connection: Connection, receipt: tuple[int, bytes] | None = None) -> Verdict:
    """Look for what was removed or changed, in one state of the database; see :func:`geo.trail.verify`."""
    head = connection.execute(text("SELECT number, digest FROM trail_head")).one()
    return verify(_all_records(connection), head=(head.number, bytes(head.digest)), receipt=receipt)


def _all_records(connection: Connection) -> Iterator[Record]:
    last = 0
    while True:
        rows = connection.execute(statement("trail_page"), {"after": last, "limit": _AT_A_TIME}).all()
        yield from (_record(row) for row in rows)
        if len(rows) < _AT_A_TIME:
            return
        last = rows[-1].number


def _record(row: Any) -> Record:
    return Record(
        *(row.number, row.at, row.actor, row.via, row.address, row.action, row.subject, row.details),
        previous=bytes(row.previous),
        digest=bytes(row.digest),
    )


def _kept(words: str) -> str:
    """Return a text as it can be stored: without NUL, which PostgreSQL's texts cannot hold, and not without end."""
    return words.replace("\x00", "\ufffd")[:LONGEST]
