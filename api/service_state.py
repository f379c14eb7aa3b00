"""How the service is: for people and load balancers as JSON, for monitoring as numbers."""

import os
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import version

from sqlalchemy import Engine

from api.live import Standing
from geo.errors import Unavailable
from geo.store.connect import reading
from geo.store.health import health


def health_document(engine: Engine, standing: Standing) -> dict[str, object]:
    """Return what ``/health`` says: ``stale`` where only memory answers, because the database cannot be reached.

    Raises
    ------
    Unavailable
        Where nothing can be answered: no database, and nothing in memory; or tables that are not those we need.
    """
    versions = {"gridwarden": version("gridwarden"), "python": platform.python_version()}
    in_memory = standing.edition if standing.snapshot else None
    try:
        with reading(engine) as connection:
            found = health(connection)
    except Unavailable as failure:
        if failure.kind != "database-unreachable" or in_memory is None:
            raise
        known = {"edition": in_memory, "in_memory": in_memory, "stale": True}
        return {"status": "stale", **known, "database": None, "versions": versions}
    database = {"postgresql": found.postgresql, "postgis": found.postgis, "schema": found.revision}
    memory: dict[str, object] = {"edition": found.edition, "in_memory": in_memory, "stale": in_memory != found.edition}
    return {"status": "ok", **memory, "database": database, "versions": versions}


def metrics_text(standing: Standing, served: Mapping[int, int]) -> str:
    """Return the numbers of one worker process in the text format of Prometheus."""
    return "\n".join(_lines(standing, served)) + "\n"


def _lines(standing: Standing, served: Mapping[int, int]) -> Iterator[str]:
    size_bytes = standing.snapshot.city.nbytes if standing.snapshot else 0
    gauges = {
        "gridwarden_edition": ("Edition in memory, 0 without.", standing.edition),
        "gridwarden_stale": ("1 while newer editions cannot be seen.", int(standing.stale)),
        "gridwarden_index_bytes": ("Size of the index that workers share.", size_bytes),
        "gridwarden_index_build_seconds": ("Time to build or map the last index.", round(standing.build_s, 3)),
    }
    worker = f'worker="{os.getpid()}"'
    for name, (says, value) in gauges.items():
        yield from (f"# HELP {name} {says}", f"# TYPE {name} gauge", f"{name}{{{worker}}} {value}")
    yield "# HELP gridwarden_requests_total Requests answered, by HTTP status."
    yield "# TYPE gridwarden_requests_total counter"
    for status, count in sorted(served.items()):
        yield f'gridwarden_requests_total{{{worker},status="{status}"}} {count}'
