"""The commands ``gridwarden import-teams``, ``import-residences`` and ``import-facilities``: ledgers into the store."""

from pathlib import Path
from typing import Any

import click

from api.commands.identifying import identified, write_down
from api.commands.options import described, opened, print_json, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.messages import sentence
from importers.aliases import prepare_aliases
from importers.facility_import import prepare_facilities
from importers.ledger_import import LedgerRefused, LedgerReport, prepare_residences, prepare_teams
from importers.publishing import publish_ledger


def _shared(command: Any) -> Any:
    command = click.argument("file", type=click.Path(path_type=Path))(command)
    command = click.option("--sheet", help=word("工作表名", "name of the sheet"))(command)
    command = click.option("--encoding", help=word("文字编码，如 GBK", "text encoding, such as GBK"))(command)
    command = click.option(
        "--skip-bad-rows", is_flag=True, help=word("跳过不能导入的行", "leave out rows that cannot come in")
    )(command)
    command = click.option(
        "--publish", is_flag=True, help=word("发布（默认只试运行）", "publish (the default is a dry run)")
    )(command)
    command = click.option("--title", help=word("这次发布的标题", "title of the publication"))(command)
    command = click.option("--as", "actor", help=word("以谁的名义", "in whose name"))(command)
    return printing(command)


@click.command(
    help=described(
        "导入网格服务团队台账（CSV 或 Excel）：谁负责哪个区域。",
        "Import a ledger of teams (CSV or Excel): who is responsible for which area.",
        "gridwarden import-teams teams.xlsx --publish",
    )
)
@_shared
def import_teams_command(file: Path, as_json: bool, **given: Any) -> None:
    """Import a ledger of teams."""
    _run(file, given, as_json, prepare_teams, {})


@click.command(
    help=described(
        "导入住户台账（CSV 或 Excel）：户数、人数，按网格或按坐标。",
        "Import a ledger of residences (CSV or Excel): households and residents, by grid or by position.",
        "gridwarden import-residences residences.csv --crs gcj02 --publish",
    )
)
@click.option("--crs", help=word("坐标系（有经纬度时必填）", "CRS of the positions; required where there are any"))
@_shared
def import_residences_command(file: Path, crs: str | None, as_json: bool, **given: Any) -> None:
    """Import a ledger of residences."""
    _run(file, given, as_json, prepare_residences, {"crs": crs})


@click.command(
    help=described(
        "导入服务设施：台账（CSV 或 Excel：名称、类别、坐标）、点或面图层，或 OpenStreetMap 的 .osm.pbf。",
        "Import facilities: a ledger (CSV or Excel: name, category, position), a layer of points or areas, or an "
        ".osm.pbf of OpenStreetMap.",
        "gridwarden import-facilities facilities.csv --crs gcj02 --publish",
    )
)
@click.option("--crs", help=word("坐标系（台账必填）", "CRS of the positions; required for a ledger"))
@click.option("--layer", help=word("图层名", "name of the layer"))
@click.option(
    "--category", help=word("图层没有类别字段时，全部设施的类别", "category of all, where a layer has no field for it")
)
@click.option(
    "--retire-missing",
    is_flag=True,
    help=word("停用文件中没有的同类设施", "end the facilities of the file's categories that are not in it"),
)
@_shared
def import_facilities_command(
    file: Path,
    crs: str | None,
    layer: str | None,
    category: str | None,
    retire_missing: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Import facilities."""
    more = {"crs": crs, "layer": layer, "category": category, "retire_missing": retire_missing}
    _run(file, given, as_json, prepare_facilities, more)


@click.command(
    help=described(
        "导入别名（CSV 或 Excel）：地点的俗称和简称，各配登记的名称，或辖区编码。表中写到的别名，原来的指向作废。",
        "Import aliases (CSV or Excel): what places are also called, each with a name on record or a code of an area. "
        "What a word of the table stood for before ends.",
        "gridwarden import-aliases aliases.csv --publish",
    )
)
@_shared
def import_aliases_command(file: Path, as_json: bool, **given: Any) -> None:
    """Import aliases."""
    _run(file, given, as_json, prepare_aliases, {})


def _run(file: Path, given: dict[str, Any], as_json: bool, prepare: Any, more: dict[str, Any]) -> None:
    publish, title, actor = given.pop("publish"), given.pop("title"), given.pop("actor")
    try:
        settings = Settings.from_environment()
        with opened(settings) as connection:
            who = identified(connection, settings, actor, decides=publish)
            if publish:
                who.require("steward")
            prepared = prepare(connection, file, **given, **more)
            connection.rollback()
            if publish:
                publish_ledger(connection, prepared, title or file.name, who.name)
                write_down(connection, who, file.name, edition=prepared.report.edition)
    except LedgerRefused as refusal:
        _show(refusal.report, as_json)
        raise
    _show(prepared.report, as_json)
    if as_json:
        return
    if prepared.report.edition is not None:
        click.echo(sentence("import-published", LANGUAGE, edition=prepared.report.edition))
    elif not prepared.changes_anything():
        click.echo(word("没有任何变化。", "Nothing changes."))
    else:
        click.echo(sentence("import-dry-run", LANGUAGE))


def _show(report: LedgerReport, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
    else:
        click.echo("\n".join(report.lines(LANGUAGE)))
