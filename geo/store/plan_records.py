"""Plans as records: the plan, its drafts, what happened to it, and who does something to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Acting:
    """Who does something to a plan, through which door (``command`` or ``http``), and why."""

    actor: str
    via: str = "command"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan.

    Attributes
    ----------
    kind
        ``operations``, ``import`` or ``revert``.
    reviewer
        Who approved or rejected it last.
    draft
        The version of the draft that counts, 0 before the first.
    effective_date
        Of the decision; validity starts at publication.
    publish_not_before
        From when on it may be published.
    reverts
        The edition that it undoes.
    edition
        As which it was published.
    """

    id: int
    title: str
    kind: str
    state: str
    author: str
    reviewer: str | None
    draft: int
    effective_date: date | None
    publish_not_before: datetime | None
    created_at: datetime
    reverts: int | None
    edition: int | None


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What a plan begins with."""

    title: str
    kind: str = "operations"
    effective_date: date | None = None
    publish_not_before: datetime | None = None
    reverts: int | None = None


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A version of a draft to be kept.

    Attributes
    ----------
    operations
        As records.
    base_edition
        The edition that it was drafted on.
    seen
        Version id by area id of every stored area that it changes or ends, mere new nodes aside: where one of them
        has another version when the plan is published, that is a clash.
    outcome
        What the draft makes of them; free to the drafting, but for ``codes``: the codes of the new areas in the order
        of their ids, descending from -1. Publishing keeps to these codes.
    digest
        What a signed sheet is compared by.
    """

    operations: Sequence[Record]
    base_edition: int
    seen: Mapping[int, int]
    digest: str
    outcome: Record = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """One version of the draft of a plan; ``parent`` is the version that it was made from, 0 for none."""

    plan: int
    number: int
    parent: int
    operations: tuple[Record, ...]
    base_edition: int
    seen: Mapping[int, int]
    outcome: Record
    digest: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a plan."""

    id: int
    plan: int
    at: datetime
    actor: str
    via: str
    event: str
    draft: int
    reason: str | None
    details: Record
