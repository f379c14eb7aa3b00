"""Publishing a plan: locked, worked out again on the present state, checked, written and numbered, or refused whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from geo.errors import Conflict
from geo.findings import Finding
from geo.levels import Hierarchy
from geo.store.plans import Acting
from geo.store.publish import Publication

ATTEMPTS: Final = 8
"""How often a publication is tried where the database let another one go first."""


class PlanClash(Conflict):
    """Another publication changed an area that the plan changes too."""


class PlanDefects(Conflict):
    """The plan creates or enlarges defects: ``plan-defects``.

    Attributes
    ----------
    findings
        Those that stop it, worst first.
    """

    def __init__(self, findings: Sequence[Finding], **facts: Any) -> None:
        self.findings = tuple(findings)
        super().__init__("plan-defects", **facts)


def publish_plan(
    connection: Connection,
    plan: int,
    acting: Acting,
    hierarchy: Hierarchy,
    *,
    now: datetime | None = None,
    attempts: int = ATTEMPTS,
) -> Publication:
    """Publish an approved plan, in a transaction of its own, and return its edition and moment.

    A refusal of the state of things (a clash, defects, an operation that is no longer possible) is written down as an
    event ``refused`` of the plan, with kind, place and facts, before it is raised.

    Parameters
    ----------
    connection
        Without an open transaction.
    now
        For ``publish_not_before``; the database's clock by default.
    attempts
        How often it is tried where the database lets another publication go first (40001, 40P01).

    Raises
    ------
    NotFound
        ``unknown-plan``.
    Conflict
        ``plan-wrong-state``, ``plan-too-early``; ``plan-clash`` with ``code``, ``lon``, ``lat`` as place and the other
        plan's number and title; ``plan-defects``; ``plan-codes-moved`` where the codes that the draft gave new areas
        are taken; ``plan-busy`` where others went first every time.
    """
    raise NotImplementedError
