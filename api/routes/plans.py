"""Plans: drafted operation by operation, with undo and redo."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from sqlalchemy import Connection
from starlette.requests import Request

from api.desk import Desk
from api.identity import PrincipalDep, actor_of
from api.parameters import Limit, next_page
from api.plan_documents import check_document, plan_document, plan_head
from api.plan_input import stored_records
from api.plan_models import Adding, NewPlan, Plan, PlanCheck, PlanPage, Replacing, Signing
from api.planning import (
    add_operations,
    begin_plan,
    remove_operation,
    replace_operation,
    step_back,
    step_forward,
    try_operations,
)
from api.routes.problems import PROBLEMS, documented
from api.settings import Settings
from api.view import LARGEST_EDITION, ConnectionDep, SettingsDep, WritingDep
from geo.access import Principal
from geo.store import plans
from geo.store.plans import Acting, list_plans, one_plan

router = APIRouter(
    tags=["plans"],
    responses={
        **PROBLEMS,
        403: documented("不允许 / not allowed"),
        409: documented("与现状冲突 / it does not fit the present"),
        413: documented("操作过多 / too many operations"),
    },
)

DOOR: Final = "http"
Number = Annotated[
    int,
    Path(
        alias="plan",
        ge=1,
        le=LARGEST_EDITION,
        openapi_examples={"plan": {"value": 1}},
        description="方案号。/ The plan.",
    ),
]
Place = Annotated[
    int,
    Path(
        alias="operation",
        ge=0,
        le=LARGEST_EDITION,
        openapi_examples={"operation": {"value": 0}},
        description="第几项操作，从 0 数。/ The operation, from 0.",
    ),
]
State = Annotated[
    Literal["draft", "submitted", "approved", "published", "rejected", "withdrawn"] | None,
    Query(examples=["draft"], description="只列这一状态的。/ Only those in this state."),
]
Before = Annotated[
    int | None,
    Query(
        ge=1, le=LARGEST_EDITION, examples=[9], description="上一页最后一个方案。/ The last plan of the page before."
    ),
]
Name = Annotated[
    str | None,
    Query(
        max_length=64,
        pattern=r"^[^\x00-\x1f]+$",
        examples=["李四"],
        description="谁在操作；已登录时不用。/ Who does it; not needed by those who have signed in.",
    ),
]
Expected = Annotated[
    int | None,
    Query(
        alias="draft", ge=0, le=LARGEST_EDITION, examples=[1], description="所依据的草案号。/ The draft it stands on."
    ),
]


def desk_of(
    connection: Connection, settings: Settings, who: Principal, wanted: Signing | Adding | Replacing | NewPlan
) -> Desk:
    """Return the desk of who sent something."""
    acting = Acting(actor_of(who, wanted.actor), DOOR, getattr(wanted, "reason", None))
    return Desk(connection, settings, acting, who)


@router.get("/plans", response_model=PlanPage, summary="方案列表，最新在前 / plans, the newest first")
def get_plans(
    request: Request,
    connection: ConnectionDep,
    settings: SettingsDep,
    limit: Limit = 100,
    after: Before = None,
    state: State = None,
) -> JSONResponse:
    """List plans."""
    found = list_plans(connection, states=None if state is None else [state], before=after, limit=limit + 1)
    link = next_page(request, after=found[limit - 1].id) if len(found) > limit else None
    return JSONResponse({"items": [plan_head(each, settings) for each in found[:limit]], "next": link})


@router.post("/plans", status_code=201, response_model=Plan, summary="新方案 / a new plan")
def post_plan(wanted: NewPlan, connection: WritingDep, settings: SettingsDep, who: PrincipalDep) -> JSONResponse:
    """Begin a plan, with its first operations if there are any; either all of them can be done, or nothing is kept."""
    records = stored_records(wanted.operations, wanted.crs, limits=settings.limits)
    new = plans.NewPlan(wanted.title, effective_date=wanted.effective_date)
    plan, _ = begin_plan(desk_of(connection, settings, who, wanted), new, records)
    document = _whole(connection, settings, plan.id)
    return JSONResponse(document, 201, headers={"Location": f"/api/v1/plans/{plan.id}"})


@router.get("/plans/{plan}", response_model=Plan, summary="一个方案 / one plan")
def get_plan(number: Number, connection: ConnectionDep, settings: SettingsDep) -> JSONResponse:
    """Return a plan with its operations and all that happened to it."""
    return JSONResponse(plan_document(connection, one_plan(connection, number), settings))


@router.post("/plans/{plan}/operations", response_model=PlanCheck, summary="添加操作 / add operations")
def post_operations(
    number: Number, wanted: Adding, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Add operations to a draft and check what comes of them; either all can be done, or the draft stays as it is."""
    records = stored_records(wanted.operations, wanted.crs, limits=settings.limits)
    desk = desk_of(connection, settings, who, wanted)
    drafted = add_operations(desk, number, records, before=wanted.before, expected=wanted.draft)
    return JSONResponse(check_document(drafted))


@router.post("/plans/{plan}/trial", response_model=PlanCheck, summary="试算，不保存 / try operations")
def post_trial(
    number: Number, wanted: Adding, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Check what adding operations to a draft would come to, and keep nothing of it."""
    records = stored_records(wanted.operations, wanted.crs, limits=settings.limits)
    desk = desk_of(connection, settings, who, wanted)
    return JSONResponse(check_document(try_operations(desk, number, records, expected=wanted.draft)))


@router.put("/plans/{plan}/operations/{operation}", response_model=PlanCheck, summary="替换操作 / replace an operation")
def put_operation(
    number: Number, place: Place, wanted: Replacing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Let an operation take the place of another, and check what comes of it."""
    record = stored_records([wanted.operation], wanted.crs, first=place, limits=settings.limits)[0]
    desk = desk_of(connection, settings, who, wanted)
    return JSONResponse(check_document(replace_operation(desk, number, place, record, expected=wanted.draft)))


@router.delete(
    "/plans/{plan}/operations/{operation}", response_model=PlanCheck, summary="删除操作 / take an operation out"
)
def delete_operation(
    number: Number,
    place: Place,
    connection: WritingDep,
    settings: SettingsDep,
    who: PrincipalDep,
    actor: Name = None,
    expected: Expected = None,
) -> JSONResponse:
    """Take an operation out, and check what is left."""
    desk = Desk(connection, settings, Acting(actor_of(who, actor), DOOR), who)
    return JSONResponse(check_document(remove_operation(desk, number, place, expected=expected)))


@router.post("/plans/{plan}/undo", response_model=Plan, summary="撤销改动 / undo")
def post_undo(
    number: Number, wanted: Signing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Go back to the draft before the last change."""
    step_back(desk_of(connection, settings, who, wanted), number, expected=wanted.draft)
    return JSONResponse(_whole(connection, settings, number))


@router.post("/plans/{plan}/redo", response_model=Plan, summary="恢复改动 / redo")
def post_redo(
    number: Number, wanted: Signing, connection: WritingDep, settings: SettingsDep, who: PrincipalDep
) -> JSONResponse:
    """Do again what was undone."""
    step_forward(desk_of(connection, settings, who, wanted), number, expected=wanted.draft)
    return JSONResponse(_whole(connection, settings, number))


def _whole(connection: WritingDep, settings: SettingsDep, number: int) -> dict[str, Any]:
    with connection.begin():
        return plan_document(connection, one_plan(connection, number), settings)
