"""Signing in and out: passwords are checked, sessions begun and ended, and all of it written down."""

from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine
from starlette.requests import Request

from api.settings import Settings
from geo.errors import Refused, TooOften, Unidentified
from geo.store.accounts import Account, check_password
from geo.store.connect import writing
from geo.store.sessions import close_session, digest_of, open_session
from geo.store.trail import Deed, add_to_trail

SIGNED_IN: Final = "sign-in"
SIGNED_OUT: Final = "sign-out"
FAILED: Final = "sign-in-failed"


def sign_in(engine: Engine, name: str, password: str, address: str) -> str:
    """Check a password and begin a session; return the secret for its cookie.

    Raises
    ------
    Unidentified
        ``sign-in-wrong``: which of both is wrong is not told.
    TooOften
        ``account-locked``.
    """
    with writing(engine) as connection:
        with connection.begin():
            found = check_password(connection, name, password)
            if found.account is None:
                why = {"locked": True} if found.locked_until else {}
                add_to_trail(connection, Deed("", "http", FAILED, name.strip(), address, why))
        if found.locked_until is not None:
            raise TooOften("account-locked", until=found.locked_until.strftime("%H:%M UTC"), wait_s=60)
        if found.account is None:
            raise Unidentified("sign-in-wrong")
        with connection.begin():
            return begin_session(connection, found.account, address)


def begin_session(connection: Connection, account: Account, address: str) -> str:
    """Begin a session of somebody whose identity is proved, and write it down; return the secret for the cookie.

    Raises
    ------
    Refused
        ``account-disabled``.
    """
    if account.disabled_at is not None:
        raise Refused("account-disabled", name=account.name)
    secret = open_session(connection, account.id)
    add_to_trail(connection, Deed(account.name, "http", SIGNED_IN, account.name, address))
    return secret


def sign_out(engine: Engine, name: str, secret: str, address: str) -> None:
    """End a session."""
    with writing(engine) as connection, connection.begin():
        close_session(connection, digest_of(secret))
        add_to_trail(connection, Deed(name, "http", SIGNED_OUT, name, address))


def require_own_origin(request: Request, settings: Settings) -> None:
    """Refuse a form that a page of another site has sent.

    Raises
    ------
    Refused
        ``origin-foreign``.
    """
    origin = request.headers.get("origin")
    if origin is None or origin in settings.cors_origins:
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused("origin-foreign", origin=origin[:100])
