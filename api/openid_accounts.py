"""Accounts of people whom another provider vouches for: made at the first sign-in, with the roles that it says."""

from collections.abc import Iterable, Mapping
from logging import getLogger
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine

from api.settings import Settings
from api.signing_in import begin_session
from geo.access import ROLES
from geo.errors import Conflict, NotFound, Unidentified
from geo.store.accounts import LONGEST_NAME, Account, account_of_subject, add_account, grant, take_back
from geo.store.connect import writing
from geo.store.trail import Deed, add_to_trail

LOG: Final = getLogger("gridwarden.access")
_LONGEST_SUBJECT: Final = 255
_BETWEEN: Final = "@"


def sign_in_known(engine: Engine, settings: Settings, claims: Mapping[str, Any], address: str) -> str:
    """Begin the session of somebody whom the provider vouches for; return the secret for its cookie.

    An account belongs to who the provider says it is (issuer and subject), never to whoever bears its name there.

    Raises
    ------
    Unidentified
        ``openid-refused``: it names nobody.
    Refused
        ``account-disabled``, ``officers-apart``.
    """
    openid = settings.openid
    subject = claims.get("sub")
    if openid is None or not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Unidentified("openid-refused")
    with writing(engine) as connection, connection.begin():
        account = account_of_subject(connection, openid.issuer, subject)
        if account is None:
            account = _added(connection, openid.issuer, subject, str(claims.get(openid.name_claim) or subject), address)
        if openid.roles_claim:
            told = _told(claims.get(openid.roles_claim))
            account = _with_roles(connection, account, told, three_officers=settings.guarding.three_officers)
        return begin_session(connection, account, address)


def _added(connection: Connection, issuer: str, subject: str, name: str, address: str) -> Account:
    """Make an account; a name that is taken gets the provider's host behind it."""
    host = urlsplit(issuer).hostname or ""
    tidy = "".join(letter for letter in name if letter.isprintable() and letter != ":").strip() or "?"
    for tried in (tidy, f"{tidy}@{host}", f"{tidy}@{host}/{subject}"):
        shown = tried.replace(":", "").strip()[:LONGEST_NAME].strip()
        try:
            account = add_account(connection, shown, issuer=issuer, subject=subject)
        except Conflict:
            continue
        add_to_trail(connection, Deed("", "http", "account-add", account.name, address, {"issuer": issuer}))
        return account
    raise Unidentified("openid-refused")


def _told(claim: object) -> set[tuple[str, str | None]]:
    """Return roles and the codes of their areas, None for everywhere; what is no role of ours is somebody else's."""
    values: Iterable[object] = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else ()
    pairs = (str(value).partition(_BETWEEN) for value in values)
    return {(role, code or None) for role, _, code in pairs if role in ROLES}


def _with_roles(
    connection: Connection, account: Account, told: set[tuple[str, str | None]], *, three_officers: bool
) -> Account:
    """Let an account hold the roles that it is told to have, and no others."""
    held = {(one.role, one.code) for one in account.held}
    for role, code in sorted(held - told, key=str):
        account = take_back(connection, account, [role], code)
    for role, code in sorted(told - held, key=str):
        try:
            account = grant(connection, account, [role], code, three_officers=three_officers)
        except NotFound as unknown:
            LOG.warning("a role is told for an area that is not there: %s", unknown.kind)
    return account
