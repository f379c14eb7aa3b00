"""The command ``gridwarden locate``: which grid and team covers a point."""

from zoneinfo import ZoneInfo

import click
from sqlalchemy import Connection

from api.answer_text import answer_lines
from api.asked_moment import asked_moment, moment_text
from api.commands.moment_options import asking_edition
from api.commands.options import described, opened, print_json, printing
from api.points import stored_point
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.crs import Crs, missing_crs, parse_crs
from geo.store.locating import Question, full_view, locate
from importers.coordinate_text import Axis, coordinate

CRS_HELP = word(
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
@click.option("--crs", help=CRS_HELP)
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
        moment, answered = asked_moment(one_state(connection), settings, at, edition)
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


def _required(crs: str | None) -> Crs:
    if crs is None:
        raise missing_crs(None)
    return parse_crs(crs)


def _number(text: str, axis: Axis, crs: Crs) -> float:
    return coordinate(text, axis, angle=crs.kind != "projected")


def one_state(connection: Connection) -> Connection:
    """Let all questions of one answer see the same state of the database."""
    return connection.execution_options(isolation_level="REPEATABLE READ")
