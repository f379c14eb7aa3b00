"""One job in a process of its own: ``python -m api.job_process``, told what to do in one line of standard input.

It ends with 0 when the result is written down, with 3 when the job was refused, and at once when its standard input
is closed: then the service that began it is gone, and another begins it again.
"""

import json
import os
import sys
from pathlib import Path
from threading import Thread
from typing import Any, Final

from api.auditing import AskedAudit, audit_report
from api.circle_profiles import named_profile
from api.jobs import AUDIT, CIRCLES, PUBLISH
from api.plan_publication import publish_as_job
from api.settings import Settings
from geo.errors import GeoError
from geo.levels import Hierarchy
from geo.store.circle_refresh import refresh
from geo.store.connect import connect
from geo.store.jobs import Progress, record_progress

REFUSED = 3


def main() -> int:
    """Do the job; return the exit code."""
    order = json.loads(sys.stdin.readline())
    Thread(target=_end_with_the_service, daemon=True).start()
    settings = Settings(
        home=Path(order["home"]),
        database_url=order["url"],
        hierarchy=Hierarchy(tuple(order["levels"])),
        zone=order["zone"],
    )
    with connect(settings.url()) as telling:
        last = Progress()

        def advance(stage: str, done: int, total: int) -> None:
            nonlocal last
            last = Progress(stage, done, total)
            record_progress(telling, order["job"], last)

        try:
            document = _TASKS[order["task"]](settings, order["asked"], advance)
        except GeoError as refusal:
            told = {"kind": refusal.kind, "place": refusal.place, "facts": refusal.facts}
            record_progress(telling, order["job"], last, refusal=told)
            return REFUSED
        record_progress(telling, order["job"], last, result=document)
    return 0


def _audited(settings: Settings, asked: dict[str, Any], advance: Any) -> dict[str, Any]:
    with connect(settings.url()) as reading:
        reading.execution_options(isolation_level="REPEATABLE READ")
        return audit_report(reading, settings, AskedAudit(**asked), advance).document()


def _published(settings: Settings, asked: dict[str, Any], advance: Any) -> dict[str, Any]:
    advance("publish", 0, 1)
    return publish_as_job(settings, **asked)


def _refreshed(settings: Settings, asked: dict[str, Any], advance: Any) -> dict[str, Any]:
    profile = named_profile(asked["profile"])

    def tell(done: int, total: int) -> None:
        advance("circles", done, total)

    with connect(settings.url()) as writing:
        return refresh(writing, profile, actor=asked["actor"], title=f"circles {profile.name}", advance=tell).as_json()


_TASKS: Final = {AUDIT: _audited, PUBLISH: _published, CIRCLES: _refreshed}


def _end_with_the_service() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
