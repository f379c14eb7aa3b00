"""The command ``gridwarden locate-file``: every point of a table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from api.asked_moment import asked_moment
from api.commands.located_report import tell_located
from api.commands.locating import CRS_HELP, one_state
from api.commands.moment_options import asking_at
from api.commands.options import described, opened, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.crs import parse_crs
from geo.messages import sentence
from geo.store.editions import present
from geo.store.home import Home
from geo.store.locating import VIEWS
from geo.store.shared_index import SharedIndex, index_folder
from importers.point_file import PointRequest, locate_file


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
@click.option("--crs", help=CRS_HELP)
@click.option("--lon", help=word("经度（或东坐标）列", "column of the longitude or easting"))
@click.option("--lat", help=word("纬度（或北坐标）列", "column of the latitude or northing"))
@click.option(
    "--address",
    help=word("地址列：没有坐标的行按地址定位", "column of addresses: rows without a point are located by it"),
)
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
    address: str | None,
    encoding: str | None,
    force: bool,
    at: str | None,
    as_json: bool,
) -> None:
    """Answer every row of a table."""
    settings = Settings.from_environment()
    with opened(settings) as opening, _bar() as advance:
        connection = one_state(opening)
        request = PointRequest(
            source,
            target,
            crs=None if crs is None else parse_crs(crs),
            at=asked_moment(connection, settings, at, None)[0],
            now=present(connection).at,
            zone=settings.zone,
            lon=lon,
            lat=lat,
            address=address,
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
    tell_located(report, target.name, as_json=as_json)


def _shared(settings: Settings) -> SharedIndex:
    """Return the index files that the service of this host uses too."""
    folder = index_folder(Home.at(settings.home), settings.url())
    return SharedIndex(folder, VIEWS[settings.contacts], settings.contacts, settings.hierarchy)


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
