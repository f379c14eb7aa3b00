"""Which action every route asks for, and where: the one table that lets anybody in.

A route that does not stand here is refused to everybody once there are accounts, and fails the tests. A new route adds
one line: the action (see :data:`geo.access.ACTIONS`; None for what is open to everybody), and how its area is known.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.identity import EXPORT, STRANGER, principal_of
from geo.errors import NotFound, Refused
from geo.store.access_book import places_of
from geo.store.accounts import area_of
from geo.store.connect import reading

CONTACTS: Final = "contacts"
LOCATE: Final = "/api/v1/locate"


class Rule(NamedTuple):
    """What a route asks for.

    Attributes
    ----------
    action
        What whoever asks must be permitted; None where nobody is asked.
    named_by
        Parameters, of the path or the query, that name the area; the first that is given counts. Without any the
        question is about the whole site.
    inside
        The route itself looks at the areas concerned; here it takes a role in any area.
    """

    action: str | None
    named_by: tuple[str, ...] = ()
    inside: bool = False


OPEN: Final = Rule(None)
_READ: Final = Rule("read")
_PUBLISHED: Final = Rule("read", inside=True)
_READ_PLANS: Final = Rule("plans", inside=True)
_DRAFT: Final = Rule("draft", inside=True)
_DECIDE: Final = Rule("approve", inside=True)

RULES: Final[Mapping[str, Rule]] = {
    "GET /": _PUBLISHED,
    "GET /docs": OPEN,
    "GET /assets/{name}": OPEN,
    "GET /health": OPEN,
    "GET /metrics": OPEN,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "POST /sign-out": OPEN,
    "GET /api/v1/me": OPEN,
    "GET /api/v1/locate": Rule("locate", inside=True),
    "POST /api/v1/locate": Rule("locate"),
    "GET /api/v1/areas": Rule("read", ("within", "parent")),
    "GET /api/v1/areas/{code}": Rule("read", ("code",)),
    "GET /api/v1/areas/{code}/children": Rule("read", ("code",)),
    "GET /api/v1/areas/{code}/history": Rule("read", ("code",)),
    "GET /api/v1/areas/{code}/lineage": Rule("read", ("code",)),
    "GET /api/v1/teams": Rule("read", ("area",)),
    "GET /api/v1/editions": _PUBLISHED,
    "GET /api/v1/findings": Rule("read", ("within",)),
    "GET /api/v1/findings/exceptions": _READ_PLANS,
    "POST /api/v1/findings/accept": Rule("accept", inside=True),
    "POST /api/v1/findings/revoke": Rule("accept", inside=True),
    "GET /maps": Rule("read", ("within",)),
    "GET /api/v1/plans": _READ_PLANS,
    "POST /api/v1/plans": _DRAFT,
    "GET /api/v1/plans/{plan}": _READ_PLANS,
    "POST /api/v1/plans/{plan}/operations": _DRAFT,
    "PUT /api/v1/plans/{plan}/operations/{operation}": _DRAFT,
    "DELETE /api/v1/plans/{plan}/operations/{operation}": _DRAFT,
    "POST /api/v1/plans/{plan}/undo": _DRAFT,
    "POST /api/v1/plans/{plan}/redo": _DRAFT,
    "GET /api/v1/plans/{plan}/check": _READ_PLANS,
    "GET /api/v1/plans/{plan}/areas": _READ_PLANS,
    "GET /api/v1/plans/{plan}/impact": Rule("residences", inside=True),
    "GET /api/v1/plans/{plan}/residences": Rule("residences", inside=True),
    "GET /api/v1/plans/{plan}/sheet": Rule("residences", inside=True),
    "GET /api/v1/plans/{plan}/map": _READ_PLANS,
    "POST /api/v1/plans/{plan}/submit": _DRAFT,
    "POST /api/v1/plans/{plan}/withdraw": _DRAFT,
    "POST /api/v1/plans/{plan}/revert": _DRAFT,
    "POST /api/v1/plans/{plan}/comments": Rule("work", inside=True),
    "POST /api/v1/plans/{plan}/approve": _DECIDE,
    "POST /api/v1/plans/{plan}/reject": _DECIDE,
    "POST /api/v1/plans/{plan}/publish": _DECIDE,
    "GET /api/v1/jobs": _READ_PLANS,
    "GET /api/v1/jobs/{job}": _READ_PLANS,
    "GET /api/v1/jobs/{job}/result": _READ_PLANS,
    "POST /api/v1/jobs": Rule("work", inside=True),
    "POST /api/v1/jobs/{job}/cancel": Rule("operate"),
    "GET /api/v1/locate/address": Rule("locate", ("within",)),
    "GET /api/v1/locate{of:path}": Rule("locate", ("within",)),
    "GET /api/v1/search": Rule("read", ("within",)),
    "GET /api/v1/places/history": Rule("locate"),
    "GET /api/v1/facilities": _READ,
    "GET /api/v1/circles": _READ,
    "GET /api/v1/circles/shares": Rule("read", ("within",)),
    "GET /api/v1/circles/serving": Rule("read", ("area",)),
    "GET /api/v1/circles/unserved": Rule("residences", ("within",)),
    "POST /api/v1/circles/draft": _READ,
    "GET /api/v1/residences": Rule("residences"),
    "GET /api/v1/editions/stream": _PUBLISHED,
    "GET /api/v1/plans/{plan}/scene": _READ_PLANS,
    "GET /api/v1/plans/{plan}/others": _READ_PLANS,
    "POST /api/v1/plans/{plan}/trial": _DRAFT,
    "GET /planner": OPEN,
    "GET /planner/": OPEN,
    "GET /planner/assets/{name}": OPEN,
    "GET /sign-in/oidc": OPEN,
    "GET /sign-in/oidc/back": OPEN,
    "GET /basemap": _PUBLISHED,
    "GET /basemap/{name}/{z}/{x}/{y}": _READ,
    "GET /tiles": _PUBLISHED,
    "GET /tiles/{layer}/{z}/{x}/{y}.mvt": _READ,
    "GET /api/v1/trail": Rule("trail"),
    "GET /api/v1/trail/verify": Rule("trail"),
}


class Found(NamedTuple):
    """The rule of a request: the line of the table that it stands in, and the parameters of its path."""

    line: str
    rule: Rule
    parameters: Mapping[str, str]


@cache
def _lines(method: str, segments: int) -> list[tuple[re.Pattern[str], str]]:
    """Return the lines of the table for a method and a length of path; those without parameters stand first."""
    own = [line for line in RULES if line.startswith(f"{method} ")]
    fitting = [line for line in own if line.count("/") == segments or ":path}" in line]
    return [(_pattern(line), line) for line in sorted(fitting, key=lambda line: (":path}" in line, line.count("{")))]


def _pattern(line: str) -> re.Pattern[str]:
    texts = [
        (f"(?P<{part[:-5]}>.*)" if part.endswith(":path") else f"(?P<{part}>[^/]+)") if place % 2 else re.escape(part)
        for place, part in enumerate(re.split(r"\{(\w+(?::path)?)\}", line.partition(" ")[2]))
    ]
    return re.compile("".join(texts))


def rule_of(method: str, path: str) -> Found | None:
    """Return the rule of a request, None where there is none."""
    for pattern, line in _lines("GET" if method == "HEAD" else method, path.count("/")):
        found = pattern.fullmatch(path)
        if found is not None:
            return Found(line, RULES[line], found.groupdict())
    return None


def _rule_for(request: Request) -> Found | None:
    """Return the rule of a request; one question has two routes, by what it asks with."""
    path: str = request.scope["path"]
    return rule_of(request.method, f"{path}/address" if path == LOCATE and "address" in request.query_params else path)


async def decide(request: Request) -> None:
    """Refuse a request that its rule does not permit; what every route depends on.

    Raises
    ------
    Unidentified, Refused
        As :meth:`geo.access.Principal.require`; ``access-denied`` for a route without a rule.
    Unavailable
        Since the start the database could not be asked who may do what.
    """
    who = principal_of(request)
    found = None if who.is_free else _rule_for(request)
    if who.is_free or (found is not None and found.rule.action is None):
        return
    if who is STRANGER:
        await run_in_threadpool(request.app.state.access.require_open)
        return
    if found is None or found.rule.action is None:
        raise Refused("access-denied", name=who.name, action="–")
    rule, action = found.rule, found.rule.action
    if rule.inside:
        if not who.may_somewhere(action):
            who.require(action)
        return
    given = {**request.query_params, **found.parameters}
    code = next((str(given[name]) for name in rule.named_by if name in given), "")
    sees = who.may_somewhere(CONTACTS)
    place = await run_in_threadpool(_place, request, code) if code and not (who.may(action) and not sees) else None
    who.require(action, place, code=code)
    if sees and who.may(CONTACTS, place):
        request.scope[EXPORT] = True


def _place(request: Request, code: str) -> frozenset[int]:
    """Return where the area of a code lies; what nobody knows lies nowhere."""
    with reading(request.app.state.engine) as connection:
        try:
            area = area_of(connection, code)
        except NotFound:
            return frozenset()
        return places_of(connection, [area])[area]
