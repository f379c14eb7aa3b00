"""The audit trail: records that hold on to each other, so that what is removed or changed shows, and where.

Every record holds the digest of the one before it. The database writes them by the same rule (``trail_add``), nobody
but its owner can write otherwise, and what an owner does is found here.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = b"\x00" * 32
"""What the first record holds on to."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened.

    Attributes
    ----------
    number
        From 1, without holes.
    actor
        Who: an account, ``token:NAME``, ``os:USER`` of the machine's command line, ``""`` for somebody unknown.
    via
        ``http``, ``command`` or ``job``.
    address
        From where: the address of who asked, ``""`` where there is none.
    action, subject
        What, such as ``POST /api/v1/plans/{plan}/approve`` and ``/api/v1/plans/7/approve``.
    details
        JSON text, such as ``{"status": 200}``.
    previous, digest
        SHA-256 of the record before, and of this one.
    """

    number: int
    at: datetime
    actor: str
    via: str
    address: str
    action: str
    subject: str
    details: str
    previous: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the trail does not hold: at which record, and what is wrong: ``changed``, ``missing``, ``cut``."""

    number: int
    kind: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying came to: how many records, the last one's digest, and every place that does not hold."""

    count: int
    head: bytes
    breaks: tuple[Break, ...]


def digest_of(record: Record) -> bytes:
    """Return the SHA-256 that a record must have.

    Every field goes in with its length in bytes before it, so that no two records are written alike.
    """
    moment = str((record.at - _EPOCH) // timedelta(microseconds=1))
    fields = (str(record.number), moment, record.actor, record.via, record.address, record.action, record.subject)
    texts = [field.encode() for field in (*fields, record.details)]
    return hashlib.sha256(record.previous + b"".join(b"%d:%s" % (len(text), text) for text in texts)).digest()


def verify(records: Iterable[Record], *, head: tuple[int, bytes], receipt: tuple[int, bytes] | None = None) -> Verdict:
    """Look for what was removed or changed.

    Parameters
    ----------
    records
        All of them, by number.
    head
        Number and digest of the last one, as the database remembers them apart.
    receipt
        Number and digest of a record as somebody noted them elsewhere at the time: whoever wrote the whole chain anew
        is found by it.
    """
    breaks: list[Break] = []
    last, previous, noted = 0, START, False
    for record in records:
        if record.number != last + 1:
            breaks.append(Break(last + 1, "missing"))
        elif record.previous != previous:
            breaks.append(Break(record.number, "changed"))
        if digest_of(record) != record.digest:
            breaks.append(Break(record.number, "changed"))
        if receipt is not None and record.number == receipt[0]:
            noted = True
            if record.digest != receipt[1]:
                breaks.append(Break(record.number, "changed"))
        last, previous = record.number, record.digest
    if (last, previous) != head:
        breaks.append(Break(last + 1 if last < head[0] else last, "cut"))
    if receipt is not None and not noted:
        breaks.append(Break(receipt[0], "cut"))
    return Verdict(last, previous, tuple(dict.fromkeys(breaks)))
