"""Accounts: who may sign in, their passwords and their roles. Everything here runs inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Connection, Row, text

from geo.access import require_separate
from geo.errors import BadInput, Conflict, NotFound
from geo.passwords import MOST, locked_until, require_password
from geo.store.sql import statement

LONGEST_NAME: Final = 64
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Argon2id with what OWASP's password storage page names as the least."""
_AT_ONCE: Final = BoundedSemaphore(2)
"""Each check takes 19 MiB and a core for a while: many at once wait for each other."""
_NOBODY: Final = _HASHER.hash("nobody has this password")
"""Checked where there is no such account, so that both take the same time."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role that an account holds: in an area, by its id and present code, or everywhere."""

    role: str
    area: int | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Attributes
    ----------
    issuer, subject
        By what another provider knows the person; None for local accounts.
    """

    id: int
    name: str
    issuer: str | None
    subject: str | None
    created_at: datetime
    disabled_at: datetime | None
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """What checking a password came to: the account where it was right, else why it was not."""

    account: Account | None
    locked_until: datetime | None = None


def has_accounts(connection: Connection) -> bool:
    """Tell whether there is any account, disabled ones among them: from the first on, everybody signs in."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM account)")))


def list_accounts(connection: Connection, name: str | None = None) -> list[Account]:
    """Return accounts by name, or the one of a name (in any case)."""
    found: dict[int, Account] = {}
    for row in connection.execute(statement("accounts_list"), {"name": name}):
        held = () if row.role is None else (Held(row.role, row.area_id, row.code),)
        found[row.id] = _account(row, (*found[row.id].held, *held) if row.id in found else held)
    return list(found.values())


def one_account(connection: Connection, name: str) -> Account:
    """Return the account of a name.

    Raises
    ------
    NotFound
        ``unknown-account``.
    """
    found = list_accounts(connection, name)
    if not found:
        raise NotFound("unknown-account", place={"field": "name"}, name=name)
    return found[0]


def account_of_subject(connection: Connection, issuer: str, subject: str) -> Account | None:
    """Return the account of somebody whom another provider knows, None where there is none yet."""
    name = connection.scalar(
        text("SELECT name FROM account WHERE issuer = :issuer AND subject = :subject"),
        {"issuer": issuer, "subject": subject},
    )
    return None if name is None else one_account(connection, str(name))


def add_account(
    connection: Connection,
    name: str,
    *,
    password: str | None = None,
    issuer: str | None = None,
    subject: str | None = None,
) -> Account:
    """Make an account, as yet without any role.

    Parameters
    ----------
    password
        Of a local account; None where another provider (``issuer``) knows the person as ``subject``.

    Raises
    ------
    BadInput
        ``account-name``, ``password-weak``.
    Conflict
        ``account-taken``.
    """
    tidy = name.strip()
    if not (0 < len(tidy) <= LONGEST_NAME and tidy.isprintable() and ":" not in tidy):
        raise BadInput("account-name", place={"field": "name"}, most=LONGEST_NAME)
    if password is not None:
        require_password(tidy, password)
    given = {"name": tidy, "password": hashed(password), "issuer": issuer, "subject": subject}
    if connection.execute(statement("account_add"), given).first() is None:
        raise Conflict("account-taken", place={"field": "name"}, name=tidy)
    return one_account(connection, tidy)


def set_password(connection: Connection, account: Account, password: str) -> None:
    """Give an account another password; whoever is signed in with it is signed out.

    Raises
    ------
    BadInput
        ``password-weak``.
    """
    require_password(account.name, password)
    connection.execute(
        text("UPDATE account SET password = :password, failures = '{}' WHERE id = :id"),
        {"password": hashed(password), "id": account.id},
    )
    connection.execute(text("DELETE FROM session WHERE account_id = :id"), {"id": account.id})


def disable_account(connection: Connection, account: Account) -> None:
    """Let an account sign in no more, and sign it out everywhere."""
    connection.execute(
        text("UPDATE account SET disabled_at = coalesce(disabled_at, clock_timestamp()) WHERE id = :id"),
        {"id": account.id},
    )
    connection.execute(text("DELETE FROM session WHERE account_id = :id"), {"id": account.id})


def enable_account(connection: Connection, account: Account) -> None:
    """Let an account sign in again, also one that wrong passwords have locked."""
    connection.execute(
        text("UPDATE account SET disabled_at = NULL, failures = '{}' WHERE id = :id"), {"id": account.id}
    )


def grant(
    connection: Connection, account: Account, roles: Sequence[str], code: str | None, *, three_officers: bool
) -> Account:
    """Give an account roles in an area and all below it, or everywhere.

    Parameters
    ----------
    code
        Of the area; None for everywhere.

    Raises
    ------
    BadInput
        ``unknown-role``.
    NotFound
        ``unknown-area``.
    Refused
        ``officers-apart``.
    """
    kept = {one.role for one in account.held}
    require_separate(kept | set(roles), name=account.name, three_officers=three_officers)
    area = None if code is None else area_of(connection, code)
    for role in roles:
        connection.execute(statement("account_grant_add"), {"account": account.id, "role": role, "area": area})
    return one_account(connection, account.name)


def take_back(connection: Connection, account: Account, roles: Sequence[str], code: str | None) -> Account:
    """Take roles away from an account: those of an area, or those that it holds everywhere.

    Raises
    ------
    NotFound
        ``unknown-area``.
    """
    area = None if code is None else area_of(connection, code)
    connection.execute(
        text(
            "DELETE FROM account_grant WHERE account_id = :account AND role = ANY (:roles) "
            "AND area_id IS NOT DISTINCT FROM CAST(:area AS bigint)"
        ),
        {"account": account.id, "roles": list(roles), "area": area},
    )
    return one_account(connection, account.name)


def area_of(connection: Connection, code: str) -> int:
    """Return the id of the area that bears a code now.

    Raises
    ------
    NotFound
        ``unknown-area``.
    """
    found = connection.scalar(
        text("SELECT area_id FROM area_version WHERE code = :code AND upper_inf(valid)"), {"code": code}
    )
    if found is None:
        raise NotFound("unknown-area", place={"code": code}, code=code)
    return int(found)


def check_password(connection: Connection, name: str, password: str) -> Check:
    """Tell whether a password is that of an account, and count it where it is not.

    The caller commits in either case. Accounts are locked for a while after some wrong ones; those that are disabled
    or of another provider have no right password.
    """
    row = connection.execute(statement("account_password"), {"name": name.strip()}).first()
    until = None if row is None else locked_until(row.failures)
    if row is not None and until is not None and row.now < until:
        return Check(None, until)
    stored = _NOBODY if row is None or row.password is None or row.disabled_at is not None else row.password
    if not _is_right(stored, password) or row is None or stored is _NOBODY:
        if row is not None:
            connection.execute(statement("account_failed"), {"id": row.id})
        return Check(None)
    connection.execute(text("UPDATE account SET failures = '{}' WHERE id = :id AND failures <> '{}'"), {"id": row.id})
    return Check(one_account(connection, name.strip()))


def hashed(password: str | None) -> str | None:
    """Return the Argon2 hash of a password."""
    if password is None:
        return None
    with _AT_ONCE:
        return _HASHER.hash(password)


def _is_right(stored: str, password: str) -> bool:
    if len(password) > MOST:
        return False
    try:
        with _AT_ONCE:
            return _HASHER.verify(stored, password)
    except VerificationError:
        return False


def _account(row: Row[tuple[object, ...]], held: tuple[Held, ...]) -> Account:
    return Account(row.id, row.name, row.issuer, row.subject, row.created_at, row.disabled_at, held)
