"""The options that say which moment is meant: ``--at``, and ``--edition`` where that is offered."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from api.words import word

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
    option = click.option(
        "--edition", type=click.IntRange(1, 2**63 - 1), help=word("期号，代替 --at", "edition, instead of --at")
    )
    return asking_at(option(command))
