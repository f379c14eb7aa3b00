"""Long work as jobs: into the queue, out of it, and the worker that runs inside the service."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from logging import CRITICAL, ERROR, getLogger
from typing import Any, Final

import procrastinate
from procrastinate.exceptions import ConnectorException, JobAborted
from sqlalchemy import Connection

from api.asked_moment import asked_moment, moment_text
from api.auditing import AskedAudit
from api.settings import Settings
from geo.errors import Unavailable
from geo.store.connect import connect, driver_connection, session_options
from geo.store.migrate import current_revision, newest_revision
from geo.store.plans import Acting
from geo.store.postgres import libpq_url

LOG: Final = getLogger("gridwarden.jobs")
AUDIT: Final = "audit"
PUBLISH: Final = "publish-plan"
CIRCLES: Final = "refresh-circles"
QUEUE: Final = "long"
ATTEMPTS: Final = 3
"""How often a job is begun whose process died or whose service was stopped."""
POLL_S: Final = 0.1
AGAIN_S: Final = 5
STALLED_S: Final = 30
GRACE_S: Final = 1
_REFUSED: Final = 3
"""Exit code of :mod:`api.job_process` where the job was refused: there is no use in trying again."""


class JobDied(Exception):
    """The process of a job ended without a word."""


class JobRefused(Exception):
    """The job cannot be done as it was asked for; its refusal is written down."""


_queue: Final = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
"""For putting in and taking out, on the connection of the request; the worker has connections of its own."""


def run_in_process(context: procrastinate.JobContext, /, **asked: Any) -> None:
    """Run one job in a process of its own, until it ends or someone asks for its end."""
    settings: Settings = context.additional_context["settings"]
    order = {
        "job": context.job.id,
        "task": context.job.task_name,
        "asked": asked,
        "url": settings.url(),
        "home": str(settings.home),
        "levels": list(settings.hierarchy.levels),
        "zone": settings.zone,
    }
    # Its standard input stays open as long as we live: the process ends with us.
    with subprocess.Popen([sys.executable, "-m", "api.job_process"], stdin=subprocess.PIPE, text=True) as process:
        try:
            _tell(process, order)
            while process.poll() is None:
                if context.should_abort():
                    raise JobAborted
                time.sleep(POLL_S)
        finally:
            process.kill()
    if process.returncode == _REFUSED:
        raise JobRefused
    if process.returncode:
        raise JobDied


def defer_audit(connection: Connection, settings: Settings, asked: AskedAudit) -> int:
    """Put an audit into the queue, as part of the connection's transaction; return the job's number.

    The moment is fixed now, so that a job that is begun again gives the same.

    Raises
    ------
    BadInput, NotFound
        As :func:`api.asked_moment.asked_moment`.
    """
    moment, _ = asked_moment(connection, settings, asked.at, asked.edition)
    given = {"level": asked.level, "within": asked.within, "at": moment_text(moment, settings)}
    task = _queue.configure_task(AUDIT, queue=QUEUE, connection=driver_connection(connection))
    return int(task.defer(**{name: value for name, value in given.items() if value is not None}))


def defer_publication(connection: Connection, plan: int, acting: Acting, moment: datetime) -> int:
    """Put the publication of a plan into the queue, as part of the connection's transaction; return the job's number.

    Parameters
    ----------
    moment
        When it is to begin; later where no service runs then.
    """
    driver = driver_connection(connection)
    task = _queue.configure_task(PUBLISH, queue=QUEUE, connection=driver, schedule_at=moment)
    return int(task.defer(plan=plan, actor=acting.actor, via=acting.via))


def defer_refresh(connection: Connection, profile: str, actor: str) -> int:
    """Put a refresh of circles into the queue, as part of the connection's transaction; return the job's number."""
    task = _queue.configure_task(CIRCLES, queue=QUEUE, connection=driver_connection(connection))
    return int(task.defer(profile=profile, actor=actor))


def cancel_job(connection: Connection, job: int) -> bool:
    """Ask for the end of a job, as part of the connection's transaction; False where it has ended already."""
    return _queue.job_manager.cancel_job_by_id(job, abort=True, connection=driver_connection(connection))


@asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """Run jobs as long as the block lasts; whether the database can be reached or not."""
    # Their messages quote hosts and arguments; what matters we log ourselves.
    getLogger("procrastinate").setLevel(CRITICAL)
    getLogger("psycopg.pool").setLevel(ERROR)
    task = asyncio.create_task(_work(settings), name="jobs")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _work(settings: Settings) -> None:
    while True:
        if await asyncio.to_thread(_is_ready, settings):
            with suppress(ConnectorException):
                await _work_once(settings)
        await asyncio.sleep(AGAIN_S)


def _is_ready(settings: Settings) -> bool:
    """Tell whether the database answers and has our schema: others wait for it, too, and say so."""
    try:
        with connect(settings.url()) as connection:
            return current_revision(connection) == newest_revision()
    except Unavailable:
        return False


async def _work_once(settings: Settings) -> None:
    """Run jobs until the database goes away."""
    connector = procrastinate.PsycopgConnector(
        conninfo=libpq_url(settings.url()), kwargs={"options": session_options()}, min_size=1, max_size=4
    )
    app = procrastinate.App(connector=connector)
    again = procrastinate.RetryStrategy(max_attempts=ATTEMPTS, retry_exceptions=[JobAborted, JobDied])
    for task in (AUDIT, PUBLISH, CIRCLES):
        app.task(name=task, queue=QUEUE, pass_context=True, retry=again)(run_in_process)
    async with app.open_async():
        rescue = asyncio.create_task(_rescue(app), name="stalled jobs")
        try:
            await app.run_worker_async(
                queues=[QUEUE],
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE_S,
                additional_context={"settings": settings},
            )
        finally:
            rescue.cancel()
            with suppress(asyncio.CancelledError, ConnectorException):
                await rescue


async def _rescue(app: procrastinate.App) -> None:
    """Put back what a service that died had begun."""
    while True:
        for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED_S):
            LOG.warning("job %s is begun again: the service that ran it is gone", job.id)
            await app.job_manager.retry_job(job)
        await asyncio.sleep(STALLED_S)


def _tell(process: "subprocess.Popen[str]", order: object) -> None:
    if process.stdin is not None:
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
