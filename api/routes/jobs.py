"""Jobs: long work that goes on by itself, can be watched, and can be cancelled."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import Connection
from starlette.requests import Request

from api.asked_moment import moment_text
from api.auditing import AskedAudit
from api.circle_profiles import named_profile
from api.jobs import cancel_job, defer_audit, defer_refresh
from api.models import Model
from api.parameters import Limit, next_page
from api.routes.problems import PROBLEMS, documented
from api.settings import Settings
from api.view import LARGEST_EDITION, ConnectionDep, SettingsDep
from geo.errors import Conflict
from geo.store.connect import connect
from geo.store.jobs import Job, list_jobs, one_job, result_of

router = APIRouter(tags=["jobs"], responses={**PROBLEMS, 409: documented("与现状冲突 / it does not fit the present")})

Number = Annotated[int, Path(alias="job", ge=1, le=LARGEST_EDITION, examples=[1], description="任务号。/ The job.")]
Before = Annotated[
    int | None,
    Query(ge=1, le=LARGEST_EDITION, examples=[9], description="上一页最后一个任务。/ The last job of the page before."),
]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]


class NewJob(Model):
    """What to do."""

    task: Literal["audit", "refresh-circles"]
    profile: Word = "seed"
    level: Word | None = None
    within: Word | None = None
    at: Word | None = None
    edition: int | None = Field(default=None, ge=1, le=LARGEST_EDITION)


@router.get("/jobs", summary="任务列表，最新在前 / jobs, the newest first")
def get_jobs(
    request: Request, connection: ConnectionDep, settings: SettingsDep, limit: Limit = 100, after: Before = None
) -> JSONResponse:
    """List jobs with how far each is."""
    found = list_jobs(connection, before=after, limit=limit + 1)
    link = next_page(request, after=found[limit - 1].id) if len(found) > limit else None
    return JSONResponse({"items": [_document(each, settings) for each in found[:limit]], "next": link})


@router.post("/jobs", status_code=202, summary="开始一项任务 / start a job")
def post_job(wanted: NewJob, settings: SettingsDep) -> JSONResponse:
    """Start an audit or a refresh of circles that goes on by itself; the answer says where to watch it."""
    with connect(settings.url()) as connection, connection.begin():
        number = _begun(connection, settings, wanted)
        document = _document(one_job(connection, number), settings)
    return JSONResponse(document, 202, headers={"Location": f"/api/v1/jobs/{number}"})


@router.get("/jobs/{job}", summary="一项任务 / one job")
def get_job(number: Number, connection: ConnectionDep, settings: SettingsDep) -> JSONResponse:
    """Return how far a job is, and why it failed if it did."""
    return JSONResponse(_document(one_job(connection, number), settings))


@router.get("/jobs/{job}/result", summary="任务的结果 / what a job made")
def get_result(number: Number, connection: ConnectionDep) -> JSONResponse:
    """Return the document that a job has made: of an audit the same as ``/findings`` gives."""
    job = one_job(connection, number)
    if not (job.has_result and job.status == "succeeded"):
        raise Conflict("job-without-result", place={"field": "job"}, job=number, status=job.status)
    return JSONResponse(result_of(connection, number))


@router.post("/jobs/{job}/cancel", summary="取消任务 / cancel a job")
def post_cancel(number: Number, settings: SettingsDep) -> JSONResponse:
    """End a job: at once where it waits, within a second where it runs."""
    with connect(settings.url()) as connection, connection.begin():
        job = one_job(connection, number)
        if not cancel_job(connection, number):
            raise Conflict("job-has-ended", place={"field": "job"}, job=number, status=job.status)
        return JSONResponse(_document(one_job(connection, number), settings))


def _begun(connection: Connection, settings: Settings, wanted: NewJob) -> int:
    if wanted.task == "refresh-circles":
        return defer_refresh(connection, named_profile(wanted.profile).name, "http")
    asked = AskedAudit(wanted.level, wanted.within, wanted.at, wanted.edition)
    return defer_audit(connection, settings, asked)


def _document(job: Job, settings: Settings) -> dict[str, Any]:
    moments = {"created_at": job.created_at, "started_at": job.started_at, "ended_at": job.ended_at}
    return {
        "job": job.id,
        "task": job.task,
        "status": job.status,
        "cancelling": job.is_cancelling and job.status == "doing",
        "asked": dict(job.asked),
        "attempts": job.attempts,
        "progress": {"stage": job.progress.stage, "done": job.progress.done, "total": job.progress.total},
        "refusal": job.refusal,
        "result": f"/api/v1/jobs/{job.id}/result" if job.has_result else None,
        **{name: None if moment is None else moment_text(moment, settings) for name, moment in moments.items()},
    }
