"""The moment that a command asks for: ``--at``, or ``--edition`` where that is offered."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from api.settings import Settings
from api.words import word
from geo.errors import BadInput
from geo.moments import parse_at
from geo.store.editions import moment_of, present

_Command = TypeVar("_Command", bound=Callable[..., Any])


def asking_at(command: _Command) -> _Command:
    """Add ``--at``."""
    return click.option(
        "--at",
        metavar="TIME",
        help=word(
            "时间，如 2026-07-01（当日结束时）或 2026-07-01T08:00+08:00；默认现在",
            "moment, such as 2026-07-01 (the close of that day) or 2026-07-01T08:00+08:00; default now",
        ),
    )(command)


def asking_edition(command: _Command) -> _Command:
    """Add ``--at`` and ``--edition``."""
    option = click.option("--edition", type=click.IntRange(1), help=word("期号，代替 --at", "edition, instead of --at"))
    return asking_at(option(command))


def asked_moment(connection: Connection, settings: Settings, at: str | None, edition: int | None = None) -> datetime:
    """Return the moment that the options name, now without any.

    Raises
    ------
    BadInput
        ``at-and-edition``, and what :func:`geo.moments.parse_at` refuses.
    NotFound
        ``unknown-edition``, ``before-first-edition``.
    """
    if edition is not None and at is not None:
        raise BadInput("at-and-edition")
    if edition is not None:
        return moment_of(connection, edition)
    now = present(connection)
    if at is None:
        return now.at
    return parse_at(at, now=now.at, zone=settings.zone, first=now.first)
