"""The commands ``gridwarden serve`` and ``gridwarden demo``."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, Final

import click

from api.app import create_app
from api.commands.options import described, opened, speaking
from api.demo_accounts import DEMO_ACCOUNTS, DEMO_PASSWORD, settle_demo
from api.demo_city import load_circles, load_city, require_same_city, written_city
from api.first_page import ExamplePoint, example_point
from api.listening import address_of, listening, run_server, run_workers
from api.settings import Settings
from api.view import View
from api.words import LANGUAGE, word
from geo.errors import Refused
from geo.messages import sentence
from geo.store.cluster import Cluster
from geo.store.connect import connect, open_engine, reading
from geo.store.home import default_home
from geo.store.locating import Question, locate
from geo.store.migrate import upgrade
from importers.sample import LEAST_GRIDS, MOST_GEOJSON_GRIDS

DEMO_HOME: Final = "gridwarden-demo"


def _addressed(command: Any) -> Any:
    """Add ``--host`` and ``--port``."""
    port = click.option(
        "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help=word("端口", "port")
    )(command)
    return click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        help=word(
            "地址（回环以外须有管理员、密钥和加密）",
            "address; not only the loopback: see the help",
        ),
    )(port)


@click.command(
    help=described(
        "启动服务：接口、地图和文档，直到 Ctrl-C。默认只在本机回环地址上监听；要在别处监听，须有管理员账号、密钥，"
        "以及 TLS 证书或可信代理。",
        "Serve the API, the maps and the documentation until Ctrl-C: on the loopback; elsewhere it takes an "
        "administrator, a secret, and a TLS certificate or a trusted proxy.",
        "gridwarden serve --port 8000",
    )
)
@_addressed
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help=word("进程数", "worker processes")
)
@speaking
def serve_command(host: str, port: int, workers: int) -> None:
    """Serve until Ctrl-C."""
    settings = Settings.from_environment()
    with listening(host, port, settings) as held:
        with opened(settings):
            click.echo(
                word("服务地址：", "Serving at ")
                + address_of(held, settings.guarding)
                + word("（Ctrl-C 停止）", " (Ctrl-C stops)")
            )
        if workers == 1:
            run_server(held, create_app(settings), settings)
        else:
            run_workers(held, workers, settings)
    click.echo(word("已停止。", "Stopped."))


@click.command(
    help=described(
        "装入虚构的示例城市“青禾市”并启动服务，直到 Ctrl-C。使用自己的主目录，不碰 DATABASE_URL。",
        "Load the invented sample city 青禾市 and serve it until Ctrl-C. It has a home of its own and ignores "
        "DATABASE_URL.",
        "gridwarden demo --port 8000",
    )
)
@_addressed
@click.option(
    "--grids",
    type=click.IntRange(LEAST_GRIDS, MOST_GEOJSON_GRIDS),
    default=LEAST_GRIDS,
    show_default=True,
    help=word("网格数", "grids"),
)
@speaking
def demo_command(host: str, port: int, grids: int) -> None:
    """Load the sample city and serve it until Ctrl-C."""
    settings = _demo_settings()
    cluster = Cluster(settings.home)
    with listening(host, port, settings) as held, _interruptible(), _running(cluster) as owner_url:
        if not ip_address(held.getsockname()[0]).is_loopback:
            raise Refused("demo-beyond-loopback", host=host)
        _load(settings, cluster, owner_url, grids)
        _introduce(settings, address_of(held))
        run_server(held, create_app(settings), settings)
        click.echo(word("正在停止……", "Stopping …"))
    click.echo(word("已停止，数据库也已停止。", "Stopped, and the database with it."))


def _demo_settings() -> Settings:
    """Return settings that reach no real database: not the one named, nor the one in the user's usual home."""
    given = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if not given.get("GRIDWARDEN_HOME"):
        given["GRIDWARDEN_HOME"] = str(default_home(given).with_name(DEMO_HOME))
    return Settings.from_environment(given)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end the work like Ctrl-C does, so that the database is stopped in either case."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _running(cluster: Cluster) -> Iterator[str]:
    """Start the embedded server and stop it at the end, unless it ran before; yield the owner's URL."""
    click.echo(word("数据库主目录：", "Home of the database: ") + str(cluster.home.folder))
    ran_before = not cluster.create() and cluster.status().running
    url = cluster.start()
    try:
        yield url
    finally:
        if not ran_before:
            cluster.stop()


def _load(settings: Settings, cluster: Cluster, owner_url: str, grids: int) -> None:
    upgrade(owner_url)
    home = cluster.home.folder
    folder = written_city(home, grids)
    with connect(settings.url()) as connection:
        require_same_city(connection, folder, home, grids)
        connection.rollback()
        load_city(connection, folder, settings.hierarchy, _tell)
        load_circles(connection, folder, _tell)
        connection.rollback()
        settle_demo(connection)


def _tell(file: str) -> None:
    click.echo(word(f"  导入 {file} …", f"  importing {file} …"))


def _introduce(settings: Settings, address: str) -> None:
    """Say where to go, and show one question with its answer."""
    engine = open_engine(settings.url(), pool_size=1)
    with reading(engine) as connection:
        view = View.of(connection, settings, None, None)
        point = example_point(view)
        example = point and _example(view, point, address)
    engine.dispose()
    places = {
        "/": word("首页", "first page"),
        "/maps": word("地图", "map"),
        "/planner": word("网格规划", "redraw grids"),
        "/sign-in": word("登录", "sign in"),
        "/docs": word("接口文档", "API documentation"),
    }
    click.echo(word("示例城市“青禾市”（全部虚构）已就绪：", "The sample city 青禾市 (all invented) is ready:"))
    for path, name in places.items():
        click.echo(f"  {address}{path}  {name}")
    click.echo(sentence("demo-accounts", LANGUAGE, names=", ".join(DEMO_ACCOUNTS), password=DEMO_PASSWORD))
    if example:
        click.echo(word("试问一个点：", "Ask about a point:") + f"\n{example}")
    click.echo(word("Ctrl-C 停止。", "Ctrl-C stops it."))


def _example(view: View, point: ExamplePoint, address: str) -> str:
    """Return a question and its answer, shortened."""
    found = locate(view.connection, view.at, Question(point.lon, point.lat), view.teams, view.settings.hierarchy)
    chain = " / ".join(area.name for area in (*found.chain, *([found.grid] if found.grid else [])))
    team = found.team.name if found.team else "–"
    answer = {"status": found.status, "grid": found.grid and found.grid.code, "team": team, "edition": view.edition}
    return f"  curl '{address}{point.address()}'\n  {json.dumps(answer, ensure_ascii=False)[:-1]}, …}}\n  {chain}"
