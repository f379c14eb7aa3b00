"""Sessions: who is signed in. The cookie holds a random secret, the database its SHA-256."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, text

from geo.store.sql import statement

LONGEST: Final = timedelta(hours=12)
IDLE: Final = timedelta(hours=1)
"""A session ends twelve hours after signing in, and an hour after the last request."""
NOTED_EVERY: Final = timedelta(minutes=5)
"""How often it is written down that a session is used."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session in force: whose, until when at the latest, and when it was seen to be used."""

    account: int
    seen_at: datetime
    expires_at: datetime

    def holds(self, now: datetime) -> bool:
        """Tell whether it is still in force."""
        return now < self.expires_at and now < self.seen_at + IDLE


def open_session(connection: Connection, account: int) -> str:
    """Begin a session, and return the secret for its cookie; sessions that have ended are forgotten."""
    secret = secrets.token_urlsafe(32)
    connection.execute(text("DELETE FROM session WHERE expires_at < clock_timestamp()"))
    connection.execute(statement("session_open"), {"digest": digest_of(secret), "account": account, "lasting": LONGEST})
    return secret


def session_of(connection: Connection, digest: bytes) -> Session | None:
    """Return the session of a cookie, None where there is none."""
    row = connection.execute(
        text("SELECT account_id, seen_at, expires_at FROM session WHERE digest = :digest"), {"digest": digest}
    ).first()
    return None if row is None else Session(*row)


def note_seen(connection: Connection, digest: bytes) -> None:
    """Write down that a session is used."""
    connection.execute(
        text("UPDATE session SET seen_at = clock_timestamp() WHERE digest = :digest"), {"digest": digest}
    )


def close_session(connection: Connection, digest: bytes) -> None:
    """End a session."""
    connection.execute(text("DELETE FROM session WHERE digest = :digest"), {"digest": digest})


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret that is random and long: nobody can try them all."""
    return sha256(secret.encode()).digest()
