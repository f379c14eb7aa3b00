"""Who works at the command line: the system's user, or an account that proves itself; what they did is written down."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from sqlalchemy import Connection

from api.commands.options import operator
from api.settings import Settings
from api.words import word
from geo.access import Principal
from geo.access import operator as machine_user
from geo.errors import Refused, TooOften, Unidentified
from geo.store.access_book import principal_of_account
from geo.store.accounts import check_password, has_accounts
from geo.store.trail import Deed, add_to_trail

PASSWORD: Final = "GRIDWARDEN_PASSWORD"  # noqa: S105 - the name of a variable
DOOR: Final = "command"


def identified(connection: Connection, settings: Settings, actor: str | None, *, decides: bool = False) -> Principal:
    """Return who acts: the system's user, or with ``--as`` an account that proves itself by its password.

    While there are no accounts, ``--as`` is taken at its word.

    Parameters
    ----------
    connection
        Without an open transaction.
    decides
        Whether it approves or publishes: once there are accounts, that takes one.

    Raises
    ------
    Refused
        ``as-needed``.
    Unidentified
        ``sign-in-wrong``.
    TooOften
        ``account-locked``.
    """
    with connection.begin():
        guarded = has_accounts(connection)
    if not guarded:
        return machine_user(actor or operator())
    if actor is None and not decides:
        return machine_user(operator())
    if actor is None:
        raise Refused("as-needed")
    password = os.environ.get(PASSWORD) or click.prompt(
        word(f"{actor} 的密码", f"Password of {actor}"), hide_input=True, err=True
    )
    with connection.begin():
        found = check_password(connection, actor, password)
        if found.account is None:
            add_to_trail(connection, Deed(f"os:{operator()}", DOOR, "sign-in-failed", actor))
    if found.locked_until is not None:
        raise TooOften("account-locked", until=found.locked_until.strftime("%H:%M UTC"), wait_s=60)
    if found.account is None:
        raise Unidentified("sign-in-wrong")
    return principal_of_account(found.account, settings.guarding.anonymous)


def write_down(connection: Connection, who: Principal, subject: str = "", **details: object) -> None:
    """Write down in the audit trail what the present command did.

    Parameters
    ----------
    connection
        Its transaction, if one is open, is one that only reads.
    """
    connection.rollback()
    does = " ".join(click.get_current_context().command_path.split()[1:])
    with connection.begin():
        add_to_trail(connection, Deed(signature(who), DOOR, does, subject, details=details))


def signature(who: Principal) -> str:
    """Return how somebody stands in the audit trail: users of the system are told from accounts."""
    return f"os:{who.name}" if who.kind == "operator" else who.name


@contextmanager
def acting(
    connection: Connection, settings: Settings, actor: str | None, subject: str, *, decides: bool = False
) -> Iterator[Principal]:
    """Find out who acts, and write down what they did where nothing refused it."""
    who = identified(connection, settings, actor, decides=decides)
    yield who
    write_down(connection, who, subject)
