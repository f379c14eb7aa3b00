"""The command ``gridwarden locate-spark``: every point of very large tables, on Apache Spark."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from api.asked_moment import asked_moment
from api.commands.located_report import tell_located
from api.commands.locating import one_state
from api.commands.moment_options import asking_edition
from api.commands.options import described, opened, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.crs import parse_crs
from importers.spark_index import write_spark_index
from importers.spark_session import parsed_settings, require_spark, spark_session
from importers.spark_tables import SparkRequest, locate_table, require_formats


@click.command(
    help=described(
        "在 Apache Spark 上为大表中的每个点定位：CSV 或 Parquet，文件、文件夹或通配符，可以是 Spark 认识的任何网址。"
        "OUT 是文件夹。列与 locate-file 相同；无法定位的行也写出，原因在 gw_reason。只回答一期：某行的 at "
        "属于另一期时，该行写明原因。团队只带名称，不带人员。端口只在本机环回地址上打开，不下载任何东西。"
        "全部找到时退出码为 0，否则为 1。",
        "Locate every point of very large tables on Apache Spark: CSV or Parquet, a file, a folder or a pattern, "
        "anywhere Spark can read. OUT is a folder. The columns are those of locate-file; rows that cannot be placed "
        "are written too, with the reason in gw_reason. One edition answers: a row whose at belongs to another one "
        "says so. Of teams only the names travel. Ports are open on the loopback only, and nothing is downloaded. The "
        "exit code is 0 when every row was found, else 1.",
        "gridwarden locate-spark points.parquet located.parquet --crs gcj02 --master 'local[*]'",
    )
)
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT")
@click.option("--master", default="local[*]", show_default=True, help=word("Spark 的主节点", "the master of Spark"))
@click.option(
    "--crs",
    help=word(
        "坐标系（没有 crs 列时必填）：cgcs2000、wgs84、gcj02、bd09、EPSG:n 或 PROJ/WKT",
        "required without a column crs: cgcs2000, wgs84, gcj02, bd09, EPSG:n, PROJ or WKT",
    ),
)
@click.option("--lon", help=word("经度（或东坐标）列", "column of the longitude or easting"))
@click.option("--lat", help=word("纬度（或北坐标）列", "column of the latitude or northing"))
@click.option("--encoding", help=word("CSV 的文字编码；默认 UTF-8", "text encoding of CSV; UTF-8 without"))
@click.option(
    "--multi-line",
    is_flag=True,
    help=word("CSV 的格子里有换行；每个文件只由一个核读", "cells of CSV hold line breaks; one core reads a file"),
)
@click.option(
    "--conf",
    "settings_given",
    multiple=True,
    metavar="NAME=VALUE",
    help=word("Spark 的设置，可重复", "a setting of Spark; may be repeated"),
)
@click.option("--force", is_flag=True, help=word("覆盖已有的输出", "replace an output that is there"))
@asking_edition
@printing
def locate_spark_command(
    source: str,
    target: str,
    master: str,
    crs: str | None,
    lon: str | None,
    lat: str | None,
    encoding: str | None,
    multi_line: bool,
    settings_given: tuple[str, ...],
    force: bool,
    at: str | None,
    edition: int | None,
    as_json: bool,
) -> None:
    """Answer every row of a table."""
    conf = parsed_settings(settings_given)
    require_formats(source, target)
    require_spark(LANGUAGE)
    system = None if crs is None else parse_crs(crs).name
    with TemporaryDirectory(prefix="gridwarden-spark-") as folder:
        index, answered = _index(Path(folder), at, edition)
        request = SparkRequest(
            source, target, index, answered, system, lon, lat, encoding, multi_line, force, LANGUAGE
        )  # fmt: skip
        with spark_session(master, conf, LANGUAGE) as spark:
            report = locate_table(spark, request)
    tell_located(report, target, as_json=as_json)


def _index(folder: Path, at: str | None, edition: int | None) -> tuple[Path, int]:
    """Write the index of the edition asked for; return its file and the edition."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        reading = one_state(connection)
        moment, answered = asked_moment(reading, settings, at, edition)
        return write_spark_index(reading, moment, folder, settings.hierarchy, settings.zone), answered
