"""Moments that people ask for: ``at`` in all its spellings, to UTC."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geo.errors import BadInput, NotFound

AHEAD: Final = timedelta(seconds=60)
"""How far a caller's clock may run ahead of ours."""

DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"(?:\.(?P<fraction>[0-9]+))?(?P<offset>[Zz]|[+ -][0-9]{2}:[0-9]{2})?"
)
SHOWN: Final = 60
"""How many characters of a malformed text are repeated."""


def parse_at(text: str, *, now: datetime, zone: str = "Asia/Shanghai", first: datetime | None = None) -> datetime:
    """Return the moment that a text means.

    RFC 3339; seconds may be left out, ``T`` may be a space. Without offset it is site time. A bare date means the
    close of that day (its last microsecond), capped at now. A space where ``+`` was meant is accepted: that is
    how an unescaped ``+`` arrives in a query string. Up to 60 s ahead is taken for now.

    Parameters
    ----------
    text
        Such as ``"2026-07-01T08:00:00+08:00"``, ``"2026-07-01 08:00"`` or ``"2026-07-01"``.
    now
        The present moment, with its offset.
    zone
        The site's time zone, by its IANA name.
    first
        The publication of the first edition; None checks nothing.

    Returns
    -------
    datetime.datetime
        In UTC, never later than now.

    Raises
    ------
    BadInput
        ``malformed-moment``, ``future-moment`` or ``unknown-time-zone``.
    NotFound
        ``before-first-edition``.
    """
    site = _zone(zone)
    given = text.strip()
    try:
        opening, moment = _day(given, site) if DATE.fullmatch(given) else _moment(given, site)
    except (ValueError, OverflowError):
        raise BadInput("malformed-moment", place={"field": "at"}, given=given[:SHOWN]) from None
    if opening - now > AHEAD:
        raise BadInput("future-moment", place={"field": "at"}, given=given, now=_local(now, site))
    moment = min(moment, now.astimezone(UTC))
    if first is not None and moment < first:
        raise NotFound("before-first-edition", place={"field": "at"}, given=given, first=_local(first, site))
    return moment


def parse_coming(text: str, *, zone: str = "Asia/Shanghai", field: str = "not_before") -> datetime:
    """Return the moment from which on something may happen, in UTC; it may lie in the past.

    Spelt like the moments of :func:`parse_at`, but a bare date means the beginning of that day.

    Parameters
    ----------
    field
        Where it stands in the input, for refusals.

    Raises
    ------
    BadInput
        ``malformed-moment`` or ``unknown-time-zone``.
    """
    site, given = _zone(zone), text.strip()
    try:
        return _day(given, site)[0] if DATE.fullmatch(given) else _moment(given, site)[0]
    except (ValueError, OverflowError):
        raise BadInput("malformed-moment", place={"field": field}, given=given[:SHOWN]) from None


def _zone(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("unknown-time-zone", zone=zone) from None


def _day(given: str, site: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first and the last moment of a day."""
    day = date.fromisoformat(given)
    opening = datetime.combine(day, time.min, site).astimezone(UTC)
    return opening, datetime.combine(day, time.max, site).astimezone(UTC)


def _moment(given: str, site: ZoneInfo) -> tuple[datetime, datetime]:
    parts = MOMENT.fullmatch(given)
    if parts is None:
        raise ValueError(given)
    seconds = parts["time"] if len(parts["time"]) > 5 else parts["time"] + ":00"
    local = datetime.fromisoformat(f"{parts['day']}T{seconds}.{(parts['fraction'] or '0')[:6]:0<6}")
    offset = parts["offset"]
    if offset is None:
        moment = local.replace(tzinfo=site)
    elif offset in "Zz":
        moment = local.replace(tzinfo=UTC)
    else:
        moment = datetime.fromisoformat(local.isoformat() + offset.replace(" ", "+"))
    return moment.astimezone(UTC), moment.astimezone(UTC)


def _local(moment: datetime, site: ZoneInfo) -> str:
    return moment.astimezone(site).isoformat(timespec="seconds")
