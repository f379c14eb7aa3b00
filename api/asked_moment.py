"""The moment that someone asks for, over HTTP and at the command line alike."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from api.settings import Settings
from geo.errors import BadInput
from geo.moments import parse_at
from geo.store.editions import edition_at, moment_of, present


def asked_moment(
    connection: Connection, settings: Settings, at: str | None, edition: int | None
) -> tuple[datetime, int]:
    """Return the moment asked for and the edition that held then, 0 before the first; the present without either.

    Raises
    ------
    BadInput
        ``moment-given-twice``, and what :func:`geo.moments.parse_at` refuses.
    NotFound
        ``unknown-edition``, ``before-first-edition``.
    """
    if at is not None and edition is not None:
        raise BadInput("moment-given-twice", place={"field": "at"})
    if edition is not None:
        return moment_of(connection, edition), edition
    now = present(connection)
    if at is None:
        return now.at, now.edition
    moment = parse_at(at, now=now.at, zone=settings.zone, first=now.first)
    return moment, edition_at(connection, moment)


def moment_text(moment: datetime, settings: Settings) -> str:
    """Return a moment in RFC 3339 at site time, exact enough to be asked for again."""
    return moment.astimezone(ZoneInfo(settings.zone)).isoformat(timespec="microseconds")
