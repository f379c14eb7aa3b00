"""Jobs in the store: how far each is and what came of it. The queue itself is procrastinate's."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geo.errors import NotFound
from geo.store.sql import statement


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: the stage under way, how many are done, and of how many."""

    stage: str = ""
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One job.

    Attributes
    ----------
    status
        ``todo``, ``doing``, ``succeeded``, ``failed``, ``cancelled`` (before it began) or ``aborted`` (while it ran).
    is_cancelling
        Someone asked for its end, and it still runs.
    asked
        What it is to do.
    refusal
        Why it failed: kind, place and facts of an error; None otherwise.
    """

    id: int
    task: str
    status: str
    is_cancelling: bool
    asked: Mapping[str, Any]
    attempts: int
    progress: Progress
    refusal: Mapping[str, Any] | None
    has_result: bool
    created_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None


def list_jobs(connection: Connection, *, before: int | None = None, limit: int, job: int | None = None) -> list[Job]:
    """Return jobs, the newest first, below a number where one is given; or the one of a number."""
    rows = connection.execute(statement("jobs_list"), {"id": job, "before": before, "limit": limit})
    return [
        Job(
            row.id,
            row.task,
            row.status,
            row.abort_requested,
            row.args,
            row.attempts,
            Progress(row.stage or "", row.done or 0, row.total or 0),
            row.refusal,
            row.has_result,
            row.created_at,
            row.started_at,
            row.ended_at,
        )
        for row in rows
    ]


def one_job(connection: Connection, job: int) -> Job:
    """Return one job.

    Raises
    ------
    NotFound
        ``unknown-job``.
    """
    found = list_jobs(connection, limit=1, job=job)
    if not found:
        raise NotFound("unknown-job", place={"field": "job"}, job=job)
    return found[0]


def result_of(connection: Connection, job: int) -> Any:
    """Return the document that a job made, None without one."""
    return connection.scalar(text("SELECT result FROM job_progress WHERE job_id = :id"), {"id": job})


def record_progress(
    connection: Connection, job: int, progress: Progress, *, result: object = None, refusal: object = None
) -> None:
    """Write down how far a job is, in a transaction of its own.

    Parameters
    ----------
    connection
        Without an open transaction.
    result, refusal
        What came of it, as JSON can hold it.
    """
    with connection.begin():
        connection.execute(
            statement("job_progress"),
            {
                "id": job,
                "stage": progress.stage,
                "done": progress.done,
                "total": progress.total,
                "result": None if result is None else json.dumps(result, ensure_ascii=False),
                "refusal": None if refusal is None else json.dumps(refusal, ensure_ascii=False, default=str),
            },
        )
