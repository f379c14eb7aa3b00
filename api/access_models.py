"""Who one is, and the audit trail, as JSON."""

from typing import Any, Literal

from pydantic import Field

from api.models import Model
from geo.access import ACTIONS, Principal


class Me(Model):
    """Who asks, and what they may do."""

    name: str = Field(description="账号或令牌，没有登录时为空 / the account or token, empty without")
    kind: Literal["unguarded", "anonymous", "person", "token", "stranger"]
    actions: list[str] = Field(description="至少在某处可以做的事 / what they may do somewhere")
    sign_in: bool = Field(description="要做更多的事须先登录 / whether doing more takes signing in")


class TrailRecord(Model):
    """One record of the audit trail."""

    number: int
    at: str
    actor: str
    via: Literal["command", "http", "job"]
    address: str
    action: str
    subject: str
    details: dict[str, Any]
    digest: str


class TrailPage(Model):
    """One page of the audit trail, the newest first."""

    items: list[TrailRecord]
    next: str | None


class TrailBreak(Model):
    """A place where the trail does not hold: a record changed, missing, or cut off at the end."""

    number: int
    kind: Literal["changed", "missing", "cut"]


class TrailVerdict(Model):
    """Whether the trail is whole; the receipt is to be noted elsewhere."""

    records: int
    whole: bool
    breaks: list[TrailBreak]
    receipt: str


def me_document(who: Principal) -> dict[str, Any]:
    """Return who asks, and what they may do."""
    actions = [action for action in ACTIONS if who.may_somewhere(action)]
    needed = who.kind in ("anonymous", "stranger")
    return {"name": who.name, "kind": who.kind, "actions": actions, "sign_in": needed}
