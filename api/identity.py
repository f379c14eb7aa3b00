"""Who is asking: the session or token that a request shows, as the service holds it in memory.

:class:`api.gate.Gate` puts the principal into the request's scope before anything else looks at it.
"""

from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from api.guarding import Guarding
from geo.access import Principal
from geo.errors import BadInput
from geo.store.sessions import LONGEST

IN_SCOPE: Final = "gridwarden.principal"
EXPORT: Final = "gridwarden.export"
"""Set in the scope where the answer holds personal data of team members or residents."""
SESSION: Final = "gw_session"
CSRF: Final = "gw_csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
STRANGER: Final = Principal("", "stranger")
"""Somebody of whom nothing can be known, because the database cannot be reached: may do what is open to everybody."""


def principal_of(request: Request) -> Principal:
    """Return who asks."""
    return principal_in(request.scope)


def principal_in(scope: Scope) -> Principal:
    """Return who asks, by the request's scope."""
    found: Principal = scope.get(IN_SCOPE, STRANGER)
    return found


def actor_of(who: Principal, given: str | None) -> str:
    """Return who is written down: whoever has signed in, whatever the request says; without accounts what it says.

    Raises
    ------
    BadInput
        ``parameter-missing``: there are no accounts, and the request does not say who.
    """
    if who.name:
        return who.name
    if given is None:
        raise BadInput("parameter-missing", place={"field": "actor"}, name="actor")
    return given


PrincipalDep = Annotated[Principal, Depends(principal_of)]


def address_of(scope: Scope) -> str:
    """Return the address of who asks, ``""`` where there is none."""
    client = scope.get("client")
    return "" if client is None else str(client[0])


def shown(scope: Scope) -> tuple[str | None, str | None]:
    """Return the token and the cookie's secret that a request shows, None where it shows none."""
    token = secret = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, rest = value.decode("latin-1").partition(" ")
            token = rest.strip() if kind.lower() == "bearer" else ""
        elif name == b"cookie":
            secret = _cookie(value.decode("latin-1")) or secret
    return token, secret


def csrf_of(secret: str) -> str:
    """Return what pages send back as ``X-CSRF-Token`` with every change: nobody makes it who cannot read the cookie."""
    return sha256(b"csrf:" + secret.encode()).hexdigest()[:32]


def sign_in_by_cookie(response: Response, secret: str, guarding: Guarding) -> None:
    """Let an answer begin a session in the browser.

    The session's cookie is out of reach of scripts; the other one is for them, to be sent back with every change.
    """
    longest_s = int(LONGEST.total_seconds())
    for name, value, hidden in ((SESSION, secret, True), (CSRF, csrf_of(secret), False)):
        response.set_cookie(
            name, value, max_age=longest_s, httponly=hidden, samesite="lax", secure=guarding.is_encrypted
        )


def sign_out_by_cookie(response: Response) -> None:
    """Let an answer end the session in the browser."""
    for name in (SESSION, CSRF):
        response.delete_cookie(name)


def _cookie(header: str) -> str | None:
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == SESSION:
            return value
    return None
