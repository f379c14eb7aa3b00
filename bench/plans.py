"""Plans in a small city and in a large one: publishing a redraw, and drafting one over HTTP."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final

import httpx
import numpy as np
import shapely
import uvicorn
from sqlalchemy import Connection

from api.app import create_app
from api.planning import Desk, add_operations, approve_plan, begin_plan, submit_plan
from api.settings import Settings
from bench.databases import Databases
from bench.importing import BASELINE
from bench.spending import Pairs, Spent, timed
from bench.table import Row, Setting, require_same
from geo.store.areas import load_areas
from geo.store.connect import connect
from geo.store.editions import present
from geo.store.plan_publishing import publish_plan
from geo.store.plans import Acting, NewPlan
from importers.sample import write_sample

SMALL: Final = 2_500
LARGE: Final = 100_000
QUICK_LARGE: Final = 5_000
PLANS: Final = 60
QUICK_PLANS: Final = 10
WARM: Final = 3
PROMISED_S: Final = 0.05
_BUMP_DEG: Final = 1e-4


def published_redraw(setting: Setting) -> Row:
    """Publish the redraw of one grid after the other, in turn in a large city and in a small one."""
    sizes = _sizes(setting)
    databases = Databases(setting.home)
    with databases.migrated() as small, databases.migrated() as large:
        for name, count in ((small, SMALL), (large, sizes)):
            _fill(databases, name, setting, count)
        urls = [databases.app_url(name) for name in (large, small)]
        with connect(urls[0]) as ours, connect(urls[1]) as peer:
            spent = _published(setting, [_desk(setting, ours, urls[0]), _desk(setting, peer, urls[1])])
    pairs = Pairs(tuple(spent[0]), tuple(spent[1]))
    figures = [_figures(side) for side in spent]
    times = [f"{one:.2f}" for one in np.divide(*(_quantiles_ms(side) for side in spent))]
    return Row(
        f"publish of a one-grid redraw at {sizes:,} grids",
        f"the same at {SMALL:,} grids",
        f"{len(spent[0])} plans each",
        pairs,
        "every plan was published",
        1.5,
        remark=f"{sizes:,} grids: {figures[0]}; {SMALL:,} grids: {figures[1]}; {times[0]} and {times[1]} times as long",
    )


def redraw_over_http(setting: Setting) -> Row:
    """Add a redraw to a plan over HTTP, one plan after the other, which checks it too."""
    sizes = _sizes(setting)
    databases = Databases(setting.home)
    with databases.migrated() as name:
        _fill(databases, name, setting, sizes)
        url = databases.app_url(name)
        with connect(url) as connection:
            redraws = _redraws(connection, _count(setting) + WARM)
        with _served(Settings(home=setting.home, database_url=url)) as client:
            spent = [_drafted(client, redraw) for redraw in redraws][WARM:]
    slowest = Spent(float(np.percentile([one.seconds for one in spent], 95)))
    return Row(
        f"adding and checking a redraw over HTTP at {sizes:,} grids, p95",
        "50 ms, which is promised",
        f"{len(spent)} plans",
        Pairs((slowest,), (Spent(PROMISED_S),)),
        "every redraw can be published",
        1.0,
        remark=_figures(spent),
    )


def _sizes(setting: Setting) -> int:
    return QUICK_LARGE if setting.quick else LARGE


def _count(setting: Setting) -> int:
    return QUICK_PLANS if setting.quick else PLANS


def _fill(databases: Databases, name: str, setting: Setting, count: int) -> None:
    """Publish the communities and grids of an invented city."""
    folder = setting.home / f"sample-{count}"
    write_sample(folder, count, people=False)
    for level, stem in (("community", "communities"), ("grid", "grids")):
        # as GeoParquet where it would be a large GeoJSON
        (path,) = folder.glob(f"{stem}.*")
        parent = () if level == "community" else ("--parent-field", "parent")
        databases.run_command(name, ("import", str(path), "--level", level, *parent, *BASELINE))


def _desk(setting: Setting, connection: Connection, url: str) -> Desk:
    return Desk(connection, Settings(home=setting.home, database_url=url), Acting("bench"))


def _published(setting: Setting, desks: list[Desk]) -> list[list[Spent]]:
    redraws = [_redraws(desk.connection, _count(setting) + WARM) for desk in desks]
    spent: list[list[Spent]] = [[] for _ in desks]
    for turn in range(len(redraws[0])):
        for side, desk in enumerate(desks):
            plan, _ = begin_plan(desk, NewPlan(f"redraw {turn}"))
            drafted = add_operations(desk, plan.id, [redraws[side][turn]])
            require_same(not drafted.worked.stopping(), "a redraw leaves a defect")
            submit_plan(desk, plan.id)
            approve_plan(desk, plan.id)
            one, _ = timed(lambda: publish_plan(desk.connection, plan.id, desk.acting, desk.settings.hierarchy))  # noqa: B023 - at once
            spent[side].append(one)
    return [side[WARM:] for side in spent]


def _redraws(connection: Connection, count: int) -> list[dict[str, Any]]:
    """Return redraws of different grids, each of which takes a little land of a neighbour in the same community."""
    with connection.begin():
        areas = load_areas(connection, present(connection).at, levels=["grid"], kind="general")
    dice = np.random.default_rng(7)
    found: list[dict[str, Any]] = []
    communities: set[int] = set()
    for row in dice.permutation(len(areas)).tolist():
        parent = int(areas.parent_ids[row])
        border = None if parent in communities else _common_border(areas.geoms, areas.parent_ids, row)
        if border is not None:
            communities.add(parent)
            bump = border.interpolate(0.5, normalized=True).buffer(_BUMP_DEG, quad_segs=2)
            family = shapely.union_all(areas.geoms[areas.parent_ids == parent])
            shape = shapely.union(areas.geoms[row], shapely.intersection(bump, family))
            found.append(
                {"op": "redraw", "code": str(areas.codes[row]), "geometry": dict(shapely.geometry.mapping(shape))}
            )
        if len(found) == count:
            break
    return found


def _common_border(geoms: Any, parents: Any, row: int) -> Any:
    """Return the longest line that an area shares with one of its siblings, None without one of 50 m."""
    siblings = np.flatnonzero((parents == parents[row]) & (np.arange(len(parents)) != row))
    lines = shapely.line_merge(shapely.intersection(geoms[row], geoms[siblings]))
    parts = [part for part in shapely.get_parts(lines) if part.geom_type == "LineString"]
    return max((part for part in parts if part.length > 5 * _BUMP_DEG), key=lambda part: part.length, default=None)


def _drafted(client: httpx.Client, redraw: dict[str, Any]) -> Spent:
    plan = client.post("/api/v1/plans", json={"title": "redraw", "actor": "bench"}).json()["plan"]
    body = {"operations": [redraw], "crs": "cgcs2000", "actor": "bench"}
    spent, answer = timed(lambda: client.post(f"/api/v1/plans/{plan}/operations", json=body))
    require_same(answer.status_code == 200 and answer.json()["clean"], answer.text[:500])
    return spent


@contextmanager
def _served(settings: Settings) -> Iterator[httpx.Client]:
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        host, port = listener.getsockname()
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=60, trust_env=False) as client:
            yield client
        server.should_exit = True
        thread.join()


def _figures(spent: list[Spent]) -> str:
    median, slow = _quantiles_ms(spent)
    return f"p50 {median:.0f} ms, p95 {slow:.0f} ms"


def _quantiles_ms(spent: list[Spent]) -> tuple[float, float]:
    """Return p50 and p95."""
    median, slow = np.percentile([one.seconds * 1000 for one in spent], [50, 95]).tolist()
    return median, slow
