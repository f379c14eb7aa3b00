"""Findings: an audit of what is published, and the register of exceptions."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from api.accepting import Chosen, accept_findings, exceptions_of, require_reason
from api.accepting_access import require_exceptions, require_within
from api.auditing import AskedAudit, audit_report
from api.identity import PrincipalDep, actor_of
from api.models import Model
from api.parameters import EXAMPLE_COUNTY, code_query
from api.plan_models import Actor
from api.routes.problems import PROBLEMS, documented
from api.view import LARGEST_EDITION, ConnectionDep, SettingsDep, ViewDep
from geo.audit_report import exception_document
from geo.errors import TooLarge
from geo.store.connect import connect
from geo.store.counts import count_areas
from geo.store.exceptions import Signed, revoke

router = APIRouter(tags=["findings"], responses=PROBLEMS)

DOOR: Final = "http"
MOST_AREAS: Final = 20_000
"""Audits of more areas are jobs."""
_TOO_LARGE: Final[dict[int | str, dict[str, Any]]] = {413: documented("范围过大，请用任务 / too large, start a job")}

Level = Annotated[str | None, code_query("只检查这一层级。", "This level only.", "grid")]
Within = Annotated[str | None, code_query("只检查此辖区之内。", "Only what lies below this area.", EXAMPLE_COUNTY)]
Every = Annotated[
    bool, Query(alias="all", examples=[True], description="也列出已到期和已撤销的。/ Expired and revoked ones, too.")
]
Text = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]


class Accepting(Model):
    """Which findings of the present are accepted, by whom and why."""

    ids: list[Name] = Field(default=[], max_length=10_000)
    kinds: list[Name] = Field(default=[], max_length=20)
    baseline: Text | None = None
    level: Name | None = None
    within: Name | None = None
    until: date | None = None
    reason: Text
    actor: Actor = None


class Revoking(Model):
    """Which exceptions are taken back, by whom and why."""

    exceptions: list[Annotated[int, Field(ge=1, le=LARGEST_EDITION)]] = Field(min_length=1, max_length=10_000)
    reason: Text
    actor: Actor = None


@router.get("/findings", responses=_TOO_LARGE, summary="审计：是否全面覆盖 / audit: whether everything is covered")
def get_findings(view: ViewDep, level: Level = None, within: Within = None) -> JSONResponse:
    """Audit what was published at a moment: open findings, exceptions in force, a row a county; as the command does."""
    count = sum(count_areas(view.connection, view.at, within=within).values())
    if count > MOST_AREAS:
        raise TooLarge("audit-too-large", count=count, most=MOST_AREAS)
    asked = AskedAudit(level, within, at=view.moment_text(view.at))
    return JSONResponse(audit_report(view.connection, view.settings, asked).document())


@router.get("/findings/exceptions", summary="例外 / accepted findings")
def get_exceptions(connection: ConnectionDep, settings: SettingsDep, every: Every = False) -> JSONResponse:
    """List the exceptions in force, the newest first."""
    found = exceptions_of(connection, settings, every=every)
    return JSONResponse({"items": [exception_document(one) for one in found]})


@router.post("/findings/accept", summary="接受问题 / accept findings")
def post_accept(wanted: Accepting, settings: SettingsDep, who: PrincipalDep) -> JSONResponse:
    """Accept findings of what is published now; one that grows afterwards is a new finding."""
    chosen = Chosen(wanted.ids, wanted.kinds, wanted.baseline)
    signed = Signed(actor_of(who, wanted.actor), DOOR, wanted.reason)
    with connect(settings.url()) as connection:
        require_within(connection, who, wanted.within)
        asked = AskedAudit(wanted.level, wanted.within)
        accepted = accept_findings(connection, settings, asked, chosen, signed, wanted.until)
    return JSONResponse({"items": [exception_document(one) for one in accepted]})


@router.post("/findings/revoke", summary="撤销例外 / take exceptions back")
def post_revoke(wanted: Revoking, settings: SettingsDep, who: PrincipalDep) -> JSONResponse:
    """Take exceptions back: their findings stand in audits again."""
    signed = Signed(actor_of(who, wanted.actor), DOOR, wanted.reason)
    require_reason(signed)
    with connect(settings.url()) as connection:
        require_exceptions(connection, who, wanted.exceptions)
        return JSONResponse({"revoked": revoke(connection, wanted.exceptions, signed)})
