"""The command ``gridwarden export``: stored boundaries as a file that other programs, and ``import``, read."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import numpy as np
import shapely
from sqlalchemy import Connection

from api.asked_moment import asked_moment, moment_text
from api.commands.moment_options import asking_edition
from api.commands.options import described, opened, print_json, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.areas import Areas, areas
from geo.errors import NotFound
from geo.levels import Hierarchy, level_name
from geo.store.counts import count_areas
from geo.store.listing import AreaFilter, AreaRecord, list_areas, one_area
from importers.writing import write_boundaries


@click.command(
    help=described(
        "导出边界：.geojson、.gpkg、.shp 或 .parquet，由扩展名决定；坐标为国家2000经纬度。"
        "带 code、name、parent、level、local_code、kind、category 等字段，再导入时没有任何变化。已有的文件会被替换。",
        "Export boundaries as .geojson, .gpkg, .shp or .parquet, as the extension says, in CGCS2000 degrees. With the "
        "fields code, name, parent, level, local_code, kind, category and more: importing the file again changes "
        "nothing. A file that is there is replaced.",
        "gridwarden export --level grid --within 519801 --out grids.gpkg",
    )
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help=word("要写的文件", "file to write"))
@click.option(
    "--level", help=word("层级；默认有网格时为 grid，否则最低层级", "level; default grid, else the lowest present")
)
@click.option(
    "--kind",
    type=click.Choice(["general", "special"]),
    default="general",
    show_default=True,
    help=word("全科或专属网格，各成一个文件", "general or special grids, a file each"),
)
@click.option(
    "--encoding",
    type=click.Choice(["UTF-8", "GBK"], case_sensitive=False),
    default="UTF-8",
    show_default=True,
    help=word("Shapefile 的文字编码；其他格式总是 UTF-8", "of a Shapefile's texts; other formats are always UTF-8"),
)
@click.option("--within", metavar="CODE", help=word("只导出这个辖区之内", "only this area and those below it"))
@asking_edition
@printing
def export_command(
    out: Path,
    level: str | None,
    kind: str,
    encoding: str,
    within: str | None,
    at: str | None,
    edition: int | None,
    as_json: bool,
) -> None:
    """Write the areas of one level and kind."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        moment, answered = asked_moment(connection, settings, at, edition)
        export = _export(connection, settings.hierarchy, moment, level, kind, within)
    write_boundaries(out, _columns(export.level, export.records), _attributes(export.records), encoding=encoding)
    report = {"file": str(out), "level": export.level, "kind": kind, "areas": len(export.records)}
    if as_json:
        print_json(report | {"edition": answered, "at": moment_text(moment, settings)})
        return
    local = moment.astimezone(ZoneInfo(settings.zone)).strftime("%Y-%m-%d %H:%M")
    count, name = f"{len(export.records):,}", level_name(export.level, LANGUAGE)
    zh = f"已写入 {out}：{name} {count} 个，{local}（第 {answered} 期）"
    click.echo(word(zh, f"Written to {out}: {count} of level {name}, {local} (edition {answered})"))
    if export.specials_left_out:
        zh = f"另有专属网格 {export.specials_left_out:,} 个未包含：用 --kind special 另存一个文件。"
        en = f"Left out: {export.specials_left_out:,} special grids; --kind special writes them to a file of their own."
        click.echo(word(zh, en))


@dataclass(frozen=True, slots=True, eq=False)
class _Export:
    level: str
    records: list[AreaRecord]
    specials_left_out: int


def _export(
    connection: Connection, hierarchy: Hierarchy, at: datetime, level: str | None, kind: str, within: str | None
) -> _Export:
    if within is not None:
        one_area(connection, at, within)
    counts = count_areas(connection, at, within=within)
    chosen = hierarchy.require(level) if level else _default_level({name for name, _ in counts}, hierarchy)
    total = counts.get((chosen, kind), 0)
    if not total:
        raise NotFound("nothing-to-export", level=level_name(chosen, LANGUAGE))
    records = list_areas(connection, at, AreaFilter(level=chosen, kind=kind, within=within), limit=total, shapes=True)
    return _Export(chosen, records, counts.get((chosen, "special"), 0) if kind == "general" else 0)


def _default_level(present: set[str], hierarchy: Hierarchy) -> str:
    upwards = ("grid", *reversed(hierarchy.levels))
    return next((level for level in upwards if level in present), "grid")


def _columns(level: str, records: list[AreaRecord]) -> Areas:
    return areas(
        level,
        [record.code for record in records],
        _plain([record.geom for record in records]),
        names=[record.name for record in records],
        parents=[record.parent or "" for record in records],
    )


def _plain(geoms: list[shapely.Geometry | None]) -> list[shapely.Geometry | None]:
    """Return areas of one piece as polygons: the store keeps every boundary as several."""
    return [shapely.get_geometry(geom, 0) if shapely.get_num_geometries(geom) == 1 else geom for geom in geoms]


def _attributes(records: list[AreaRecord]) -> dict[str, Any]:
    return {
        "local_code": [record.local_code or "" for record in records],
        "kind": [record.kind for record in records],
        "category": [record.category or "" for record in records],
        "not_subdivided": np.array([record.not_subdivided for record in records], dtype=bool),
        "fully_divided": np.array([record.fully_divided for record in records], dtype=bool),
    }
