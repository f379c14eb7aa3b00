"""Tokens: what programs show to be let in. Shown once when they are made; the database holds their SHA-256."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from geo.access import require_scopes
from geo.errors import BadInput, Conflict, NotFound
from geo.store.accounts import LONGEST_NAME, area_of
from geo.store.sessions import digest_of
from geo.store.sql import statement

PREFIX: Final = "gw_"
"""Every token begins so: scanners for secrets know it when it stands where it should not."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is to be for.

    Attributes
    ----------
    scopes
        Of :data:`geo.access.SCOPES`.
    codes
        Areas to which it is confined; none for everywhere.
    per_minute
        Requests a minute, in each worker process; None for the site's limit.
    expires_at
        None for a token without an end.
    """

    name: str
    scopes: Sequence[str]
    codes: Sequence[str] = ()
    per_minute: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without its secret."""

    id: int
    name: str
    scopes: tuple[str, ...]
    area_ids: tuple[int, ...] | None
    codes: tuple[str, ...] | None
    per_minute: int | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None


def create_token(connection: Connection, new: NewToken, creator: str) -> tuple[Token, str]:
    """Make a token; return it with its secret, which nobody can read again.

    Raises
    ------
    BadInput
        ``account-name``, ``unknown-scope``, ``token-end-is-past``.
    NotFound
        ``unknown-area``.
    Conflict
        ``token-taken``: there is one of this name in force.
    """
    name = new.name.strip()
    if not (0 < len(name) <= LONGEST_NAME and name.isprintable() and new.scopes):
        raise BadInput("account-name", place={"field": "name"}, most=LONGEST_NAME)
    require_scopes(new.scopes)
    secret = PREFIX + secrets.token_urlsafe(32)
    given = {
        "name": name,
        "digest": digest_of(secret),
        "scopes": sorted(set(new.scopes)),
        "areas": [area_of(connection, code) for code in new.codes] or None,
        "per_minute": new.per_minute,
        "creator": creator,
        "expires_at": new.expires_at,
    }
    if new.expires_at is not None and connection.scalar(text("SELECT clock_timestamp()")) >= new.expires_at:
        raise BadInput("token-end-is-past", place={"field": "expires"}, until=new.expires_at.isoformat())
    if connection.execute(statement("token_add"), given).first() is None:
        raise Conflict("token-taken", place={"field": "name"}, name=name)
    return one_token(connection, name), secret


def list_tokens(connection: Connection, name: str | None = None) -> list[Token]:
    """Return tokens, the newest first, revoked ones among them; or those of a name."""
    rows = connection.execute(statement("tokens_list"), {"name": name})
    return [
        Token(
            row.id,
            row.name,
            tuple(row.scopes),
            None if row.area_ids is None else tuple(row.area_ids),
            None if row.area_ids is None else tuple(row.codes or ()),
            row.per_minute,
            row.created_at,
            row.created_by,
            row.expires_at,
            row.revoked_at,
        )
        for row in rows
    ]


def one_token(connection: Connection, name: str) -> Token:
    """Return the newest token of a name.

    Raises
    ------
    NotFound
        ``unknown-token``.
    """
    found = list_tokens(connection, name)
    if not found:
        raise NotFound("unknown-token", place={"field": "name"}, name=name)
    return found[0]


def revoke_token(connection: Connection, name: str) -> Token:
    """Let a token be good for nothing from now on.

    Raises
    ------
    NotFound
        ``unknown-token``.
    """
    token = one_token(connection, name)
    connection.execute(
        text("UPDATE token SET revoked_at = clock_timestamp() WHERE id = :id AND revoked_at IS NULL"), {"id": token.id}
    )
    return one_token(connection, name)
