"""Decisions on plans: submit, approve, reject, withdraw, publish, revert; and comments."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.identity import PrincipalDep
from api.plan_documents import check_document, plan_document
from api.plan_models import Plan, PlanCheck, PlanPublished, Publishing, Reverting, Signing, Submitting
from api.plan_publication import publish_or_postpone
from api.planning import (
    approve_plan,
    comment_plan,
    reject_plan,
    revert_plan,
    submit_plan,
    withdraw_plan,
)
from api.routes.plans import Number, desk_of
from api.routes.plans import router as plans_router
from api.view import SettingsDep, WritingDep
from geo.moments import parse_coming
from geo.store.plans import one_plan

router = APIRouter(tags=["plans"], responses=plans_router.responses)


@router.post("/plans/{plan}/submit", response_model=Plan, summary="提交 / submit")
def post_submit(
    number: Number, wanted: Submitting, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Hand a plan in for review; refused while something would stop its publication."""
    desk = desk_of(connection, settings, who, wanted)
    submit_plan(desk, number, acknowledged=wanted.acknowledge_unplaced, expected=wanted.draft)
    return JSONResponse(_whole(connection, settings, number))


@router.post("/plans/{plan}/approve", response_model=Plan, summary="批准 / approve")
def post_approve(
    number: Number, wanted: Signing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Approve a plan of somebody else."""
    approve_plan(desk_of(connection, settings, who, wanted), number, expected=wanted.draft)
    return JSONResponse(_whole(connection, settings, number))


@router.post("/plans/{plan}/reject", response_model=Plan, summary="退回 / reject")
def post_reject(
    number: Number, wanted: Signing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Reject a plan, with a reason; its author may work on it again."""
    reject_plan(desk_of(connection, settings, who, wanted), number, expected=wanted.draft)
    return JSONResponse(_whole(connection, settings, number))


@router.post("/plans/{plan}/withdraw", response_model=Plan, summary="撤回 / withdraw")
def post_withdraw(
    number: Number, wanted: Signing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Give a plan up for good."""
    withdraw_plan(desk_of(connection, settings, who, wanted), number, expected=wanted.draft)
    return JSONResponse(_whole(connection, settings, number))


@router.post("/plans/{plan}/comments", response_model=Plan, summary="留言 / comment")
def post_comment(
    number: Number, wanted: Signing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Write a comment down: the reason that is given."""
    comment_plan(desk_of(connection, settings, who, wanted), number)
    return JSONResponse(_whole(connection, settings, number))


@router.post("/plans/{plan}/publish", response_model=PlanPublished, summary="发布 / publish")
def post_publish(
    number: Number, wanted: Publishing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Publish an approved plan; where its moment is still to come a job does it then (202), after checking again."""
    moment = None if wanted.not_before is None else parse_coming(wanted.not_before, zone=settings.zone)
    found = publish_or_postpone(desk_of(connection, settings, who, wanted), number, moment)
    return JSONResponse(found.document(settings), 200 if found.job is None else 202)


@router.post("/plans/{plan}/revert", status_code=201, response_model=PlanCheck, summary="撤销已发布的方案 / revert")
def post_revert(
    number: Number, wanted: Reverting, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Begin a plan that undoes a published one; it goes the same way as any other."""
    drafted = revert_plan(desk_of(connection, settings, who, wanted), number, wanted.title)
    return JSONResponse(check_document(drafted), 201, headers={"Location": f"/api/v1/plans/{drafted.plan.id}"})


def _whole(connection: WritingDep, settings: SettingsDep, number: int) -> dict[str, Any]:
    with connection.begin():
        return plan_document(connection, one_plan(connection, number), settings)
