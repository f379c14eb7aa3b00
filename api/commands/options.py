"""What the commands share: options, printing, and the connection."""

import getpass
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from api.settings import Settings
from api.words import LANGUAGE, word
from geo.errors import Unavailable
from geo.store.cluster import Cluster
from geo.store.connect import connect
from geo.store.migrate import current_revision, newest_revision

_Command = TypeVar("_Command", bound=Callable[..., Any])


def described(zh: str, en: str, example: str) -> str:
    """Return a help text with its example."""
    return f"{word(zh, en)}\n\n\b\n{word('例：', 'Example: ')}{example}"


def speaking(command: _Command) -> _Command:
    """Add ``--lang``; it is read before the help texts are made, and may stand anywhere."""
    return click.option(
        "--lang", type=click.Choice(["zh", "en"]), default=LANGUAGE, expose_value=False, help="语言 / language"
    )(command)


def printing(command: _Command) -> _Command:
    """Add ``--lang`` and ``--json``."""
    option = click.option("--json", "as_json", is_flag=True, help=word("以 JSON 输出", "print JSON"))
    return option(speaking(command))


def print_json(document: object) -> None:
    """Print a document with its Chinese as it is."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=str))


@contextmanager
def opened(settings: Settings) -> Iterator[Connection]:
    """Connect as the app, to a database that is at the present schema.

    Raises
    ------
    Unavailable
        Where the server is down, or its schema is older or newer than this program.
    """
    if settings.database_url is None:
        Cluster(settings.home).home.require()
    with connect(settings.url()) as connection:
        found, needed = current_revision(connection), newest_revision()
        if found != needed:
            raise Unavailable("schema-differs", found=found or "–", needed=needed)
        connection.rollback()
        yield connection


def operator() -> str:
    """Return the user of the operating system: who did it, as the register of editions says."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
