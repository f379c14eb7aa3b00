"""What people send about plans, and what they get, as JSON."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from api.models import Model

Text = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Operations = Annotated[
    list[dict[str, Any]],
    Field(
        description="操作，如 {op: redraw, code, geometry}；写法见 docs/reference/operations.md。/ Operations such as "
        "{op: redraw, code, geometry}; docs/reference/operations.md has all of them."
    ),
]
Actor = Annotated[
    Name | None,
    Field(description="没有账号时必填；已登录时按登录者记录 / needed without accounts; else who signed in"),
]
Crs = Annotated[
    str | None, Field(max_length=4000, description="坐标系，有坐标时必填 / needed where there are coordinates")
]
ExpectedDraft = Annotated[
    int | None,
    Field(
        ge=0,
        description="所依据的草案号，过时则拒绝 / the draft this stands on; refused where there is a newer one",
    ),
]
Reason = Annotated[Text | None, Field(description="原因 / why")]


class NewPlan(Model):
    """A plan to be drafted."""

    title: Text
    actor: Actor = None
    reason: Reason = None
    effective_date: date | None = Field(
        default=None, description="决定的日期，印在方案表上 / the date of the decision, printed on the sheet"
    )
    operations: Operations = Field(default=[])
    crs: Crs = None


class Adding(Model):
    """Operations to be added to a draft, at its end or before one of them."""

    operations: Annotated[Operations, Field(min_length=1)]
    actor: Actor = None
    crs: Crs = None
    before: int | None = Field(default=None, ge=0, description="插在第几项之前，从 0 数 / before which one, from 0")
    draft: ExpectedDraft = None


class Replacing(Model):
    """An operation that takes the place of another."""

    operation: dict[str, Any]
    actor: Actor = None
    crs: Crs = None
    draft: ExpectedDraft = None


class Signing(Model):
    """Who does it and why; some actions need a reason."""

    actor: Actor = None
    reason: Reason = None
    draft: ExpectedDraft = None


class Submitting(Signing):
    """A plan that its author is done with."""

    acknowledge_unplaced: bool = Field(
        default=False,
        description="知道有些户没有位置 / households without a position are known of",
    )


class Publishing(Signing):
    """When to publish: at once, or not before a moment."""

    not_before: Name | None = Field(
        default=None,
        description="RFC 3339，不带时差为当地时间；由任务在那时发布 / RFC 3339, site time without offset; a job "
        "publishes then, after checking again",
    )


class Reverting(Signing):
    """A plan that undoes another."""

    title: Text | None = None


class PlanPublished(Model):
    """What became of asking for a publication: the edition, or the job that publishes at a later moment."""

    plan: int
    edition: int | None
    at: str | None
    job: int | None


class Event(Model):
    """Something that happened to a plan: a change of state, a comment, a publication that was refused."""

    event: str
    actor: str
    via: Literal["command", "http"]
    at: str
    draft: int
    reason: str | None
    details: dict[str, Any]


class PlanHead(Model):
    """One plan in a list."""

    plan: int
    title: str
    kind: Literal["operations", "import", "revert"]
    state: Literal["draft", "submitted", "approved", "published", "rejected", "withdrawn"]
    author: str
    reviewer: str | None
    draft: int = Field(description="第几稿，0 为还没有 / which version of the draft counts, 0 before the first")
    effective_date: str | None
    publish_not_before: str | None
    created_at: str
    reverts: int | None = Field(description="撤销的是第几期 / the edition that it undoes")
    edition: int | None = Field(description="发布为第几期 / the edition as which it was published")


class Plan(PlanHead):
    """One plan with its operations."""

    operations: list[dict[str, Any]]
    base_edition: int | None
    digest: str | None = Field(description="与打印的方案表核对 / to be held against the printed sheet")
    can_undo: bool
    can_redo: bool
    is_open: bool
    events: list[Event]


class PlanPage(Model):
    """One page of plans, the newest first."""

    items: list[PlanHead]
    next: str | None


class Descent(Model):
    """Which part of an area came from which; a code is null for what comes from nowhere or goes nowhere."""

    from_code: str | None
    to_code: str | None
    operation: int = Field(description="第几项操作，从 0 数 / index of the operation")
    area_m2: float
    share_of_from: float
    share_of_to: float
    households: int | None


class FoundInPlan(Model):
    """A finding that a plan would leave; ``stops`` tells whether it stops the publication."""

    id: str
    kind: str
    codes: list[str]
    area_m2: float
    width_m: float
    sliver: bool
    blocking: bool
    stops: bool
    geometry: dict[str, Any] | None


class ClashWith(Model):
    """Another open plan that changes some of the same areas."""

    plan: int
    title: str
    state: str
    codes: list[str]


class HouseholdsOf(Model):
    """The households of a grid; null before for a new one, null after for one that ends."""

    code: str
    name: str
    before: int | None
    after: int | None


class PlanCheck(Model):
    """What a draft comes to on the present boundaries."""

    plan: int
    draft: int
    edition: int
    clean: bool = Field(description="没有妨碍发布的问题 / nothing would stop the publication")
    created: list[str]
    changed: list[str]
    noded: list[str]
    ended: list[str]
    findings: list[FoundInPlan]
    households: list[HouseholdsOf]
    clashes: list[ClashWith]
    lineage: list[Descent]
    steps: list[dict[str, Any]]
