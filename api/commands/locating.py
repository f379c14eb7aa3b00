"""The commands ``gridwarden locate`` and ``locate-file``: which grid and team covers a point."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from sqlalchemy import Connection

from api.answer_text import answer_lines
from api.area_layers import VIEWS
from api.asked_moment import asked_moment, moment_text
from api.commands.moment_options import asking_at, asking_edition
from api.commands.options import described, opened, print_json, printing
from api.points import stored_point
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.crs import Crs, missing_crs, parse_crs
from geo.locate.words import status_name
from geo.messages import sentence
from geo.store.editions import present
from geo.store.home import Home
from geo.store.locating import Question, full_view, locate
from geo.store.shared_index import SharedIndex, index_folder
from importers.coordinate_text import Axis, coordinate
from importers.point_file import PointRequest, locate_file
from importers.point_locating import PointReport

_CRS_HELP = word(
    "坐标系（必填）：cgcs2000、wgs84、gcj02、bd09、EPSG:n 或 PROJ/WKT",
    "required: cgcs2000, wgs84, gcj02, bd09, EPSG:n, PROJ or WKT",
)


@click.command(
    context_settings={"ignore_unknown_options": True},
    help=described(
        "一个点属于哪个网格、由哪个团队负责。也接受度分秒（104°03′50.6″E）。找到时退出码 0，空白、界外或冲突时 1。",
        "Which grid and which team covers a point. Degrees, minutes and seconds such as 104°03′50.6″E are understood. "
        "The exit code is 0 when a grid was found, 1 for a gap, outside and a conflict.",
        "gridwarden locate 104.0640437 30.5747262 --crs wgs84",
    ),
)
@click.argument("lon")
@click.argument("lat")
@click.option("--crs", help=_CRS_HELP)
@click.option(
    "--accuracy",
    "accuracy_m",
    type=float,
    default=0.0,
    metavar="M",
    help=word("定位精度（米）：此范围内的相邻辖区会列出", "accuracy in m: other areas within it are listed"),
)
@asking_edition
@printing
def locate_command(
    lon: str, lat: str, crs: str | None, accuracy_m: float, at: str | None, edition: int | None, as_json: bool
) -> None:
    """Answer one point."""
    settings = Settings.from_environment()
    system = _required(crs)
    x, y = _number(lon, "lon", system), _number(lat, "lat", system)
    stored_lon, stored_lat = stored_point(x, y, system)
    with opened(settings) as connection:
        moment, answered = asked_moment(_one_state(connection), settings, at, edition)
        question = Question(stored_lon, stored_lat, accuracy_m=accuracy_m)
        answer = locate(connection, moment, question, full_view, settings.hierarchy)
    if as_json:
        point = {"lon": x, "lat": y, "crs": system.name}
        print_json(
            answer.document()
            | {"point": point, "edition": answered, "at": moment_text(moment, settings), "stale": False}
        )
    else:
        local = moment.astimezone(ZoneInfo(settings.zone)).isoformat(timespec="seconds")
        click.echo("\n".join(answer_lines(answer, question, local, answered, LANGUAGE)))
    click.get_current_context().exit(0 if answer.status == "found" else 1)


@click.command(
    help=described(
        "为表格中的每个点定位。原有的列和文字一字不改，右边加上 gw_status、gw_certain、gw_grid_code、gw_grid_name、"
        "gw_chain、gw_team、gw_border_m（200 米以内）、gw_reason。无法定位的行也写出，原因在 gw_reason。"
        "有 crs 列和 at 列时按各行的写法。读写 .csv（UTF-8、GBK）、.parquet 和 .xlsx，输入输出格式可以不同；"
        "中断后再运行同一命令会接着做。全部找到时退出码为 0，否则为 1。",
        "Locate every point of a table. All columns stay as they are, character by character; gw_status, gw_certain, "
        "gw_grid_code, gw_grid_name, gw_chain, gw_team, gw_border_m (within 200 m) and gw_reason are added. "
        "Rows that cannot be placed are written too, with the reason in gw_reason. Columns named crs and at hold for "
        "their rows. Reads and writes .csv (UTF-8 or GBK), .parquet and .xlsx, and from one to another. After an "
        "interruption the same command goes on where it stopped. The exit code is 0 when every row was found, else 1.",
        "gridwarden locate-file points.csv located.csv --crs gcj02",
    )
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--crs", help=_CRS_HELP)
@click.option("--lon", help=word("经度（或东坐标）列", "column of the longitude or easting"))
@click.option("--lat", help=word("纬度（或北坐标）列", "column of the latitude or northing"))
@click.option("--encoding", help=word("文字编码，如 GBK；默认自动识别", "text encoding, such as GBK; detected without"))
@click.option("--force", is_flag=True, help=word("覆盖已有的输出文件", "replace an output file that is there"))
@asking_at
@printing
def locate_file_command(
    source: Path,
    target: Path,
    crs: str | None,
    lon: str | None,
    lat: str | None,
    encoding: str | None,
    force: bool,
    at: str | None,
    as_json: bool,
) -> None:
    """Answer every row of a table."""
    settings = Settings.from_environment()
    with opened(settings) as opening, _bar() as advance:
        connection = _one_state(opening)
        request = PointRequest(
            source,
            target,
            crs=None if crs is None else parse_crs(crs),
            at=asked_moment(connection, settings, at, None)[0],
            now=present(connection).at,
            zone=settings.zone,
            lon=lon,
            lat=lat,
            encoding=encoding,
            force=force,
            hierarchy=settings.hierarchy,
            lang=LANGUAGE,
        )
        report = locate_file(connection, request, advance, _shared(settings).present)
    if report.resumed:
        click.echo(sentence("points-resumed", LANGUAGE, rows=f"{report.resumed:,}"), err=True)
    if report.begun_anew:
        click.echo(sentence("points-begun-anew", LANGUAGE), err=True)
    if report.swapped:
        click.echo(sentence("points-look-swapped", LANGUAGE, count=report.swapped), err=True)
    if as_json:
        print_json(report.document())
    else:
        click.echo(_summary(report, target))
    click.get_current_context().exit(0 if report.statuses.get("found", 0) == report.rows else 1)


def _shared(settings: Settings) -> SharedIndex:
    """Return the index files that the service of this host uses too."""
    folder = index_folder(Home.at(settings.home), settings.url())
    return SharedIndex(folder, VIEWS[settings.contacts], settings.contacts, settings.hierarchy)


def _required(crs: str | None) -> Crs:
    if crs is None:
        raise missing_crs(None)
    return parse_crs(crs)


def _number(text: str, axis: Axis, crs: Crs) -> float:
    return coordinate(text, axis, angle=crs.kind != "projected")


def _one_state(connection: Connection) -> Connection:
    """Let all questions of one answer see the same state of the database."""
    return connection.execution_options(isolation_level="REPEATABLE READ")


def _summary(report: PointReport, target: Path) -> str:
    statuses = word("，", ", ").join(
        f"{status_name(status, LANGUAGE)} {count:,}" for status, count in report.statuses.items()
    )
    return sentence(
        "points-located",
        LANGUAGE,
        rows=f"{report.rows:,}",
        statuses=statuses or "0",
        name=target.name,
        edition=report.edition,
    )


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Show on stderr how many rows are done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(word("定位", "locating"), total=None)

        def advance(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield advance
