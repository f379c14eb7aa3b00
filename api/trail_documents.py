"""The audit trail as JSON and as text."""

import json
from typing import Any

from api.asked_moment import moment_text
from api.settings import Settings
from geo.errors import BadInput
from geo.messages import Language, sentence
from geo.moments import parse_coming
from geo.store.trail import Wanted
from geo.trail import Record, Verdict


def wanted_of(
    settings: Settings,
    actor: str | None = None,
    word: str | None = None,
    since: str | None = None,
    until: str | None = None,
    before: int | None = None,
) -> Wanted:
    """Return which records somebody asks for; moments without an offset are site time.

    Raises
    ------
    BadInput
        ``malformed-moment``.
    """
    moments = [None if text is None else parse_coming(text, zone=settings.zone) for text in (since, until)]
    return Wanted(actor, word, moments[0], moments[1], before)


def record_document(record: Record, settings: Settings) -> dict[str, Any]:
    """Return a record as JSON can hold it."""
    return {
        "number": record.number,
        "at": moment_text(record.at, settings),
        "actor": record.actor,
        "via": record.via,
        "address": record.address,
        "action": record.action,
        "subject": record.subject,
        "details": json.loads(record.details),
        "digest": record.digest.hex(),
    }


def record_text(record: Record, settings: Settings) -> str:
    """Return a record as one line."""
    who = record.actor or "–"
    whence = f" {record.address}" if record.address else ""
    return (
        f"{record.number}  {moment_text(record.at, settings)}  {who}  {record.via}{whence}  {record.action}  "
        f"{record.subject}  {record.details}"
    )


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """Return what verifying came to."""
    return {
        "records": verdict.count,
        "whole": not verdict.breaks,
        "breaks": [{"number": one.number, "kind": one.kind} for one in verdict.breaks],
        "receipt": receipt_of(verdict),
    }


def verdict_text(verdict: Verdict, lang: Language) -> str:
    """Return what verifying came to, in sentences."""
    if not verdict.breaks:
        return sentence("trail-whole", lang, count=f"{verdict.count:,}", receipt=receipt_of(verdict))
    kinds = {"changed": "trail-changed", "missing": "trail-missing", "cut": "trail-cut"}
    return "\n".join(sentence(kinds[one.kind], lang, number=one.number) for one in verdict.breaks)


def receipt_of(verdict: Verdict) -> str:
    """Return what to note elsewhere: number and digest of the last record."""
    return f"{verdict.count}:{verdict.head.hex()}"


def receipt_from(text: str | None) -> tuple[int, bytes] | None:
    """Read what was noted.

    Raises
    ------
    BadInput
        ``receipt-malformed``.
    """
    if text is None:
        return None
    number, _, digest = text.partition(":")
    try:
        return int(number), bytes.fromhex(digest)
    except ValueError:
        raise BadInput("receipt-malformed", place={"field": "receipt"}, given=text[:80]) from None
