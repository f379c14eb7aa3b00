"""The command ``gridwarden import-streets``: walkable ways into the store."""

from pathlib import Path

import click

from api.commands.options import described, opened, operator, print_json, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.messages import sentence
from importers.publishing import publish_ledger
from importers.street_import import prepare_streets


@click.command(
    help=described(
        "导入可步行的道路（OpenStreetMap 的 .osm.pbf，或任何线图层）。文件就是全部路网：逐段比较，只改变化的部分。",
        "Import streets that can be walked, from an .osm.pbf of OpenStreetMap or any layer of lines. The file is the "
        "whole network: it is compared edge by edge with what is stored, and only what changed is written.",
        "gridwarden import-streets city.osm.pbf --publish",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", help=word("图层名", "name of the layer"))
@click.option("--crs", help=word("坐标系（文件没有声明时必填）", "CRS; required where the file declares none"))
@click.option("--encoding", help=word("文字编码，如 GBK", "text encoding, such as GBK"))
@click.option("--add", is_flag=True, help=word("保留已存的道路，加上这些", "keep the stored streets and add these"))
@click.option("--publish", is_flag=True, help=word("发布（默认只试运行）", "publish (the default is a dry run)"))
@click.option("--title", help=word("这次发布的标题", "title of the publication"))
@click.option("--as", "actor", help=word("以谁的名义", "in whose name"))
@printing
def import_streets_command(
    file: Path,
    layer: str | None,
    crs: str | None,
    encoding: str | None,
    add: bool,
    publish: bool,
    title: str | None,
    actor: str | None,
    as_json: bool,
) -> None:
    """Import streets."""
    with opened(Settings.from_environment()) as connection:
        prepared = prepare_streets(connection, file, layer=layer, crs=crs, encoding=encoding, add=add)
        connection.rollback()
        if publish:
            publish_ledger(connection, prepared, title or file.name, actor or operator())
    if as_json:
        print_json(prepared.report.as_json())
        return
    click.echo("\n".join(prepared.report.lines_of_text(LANGUAGE)))
    if prepared.report.edition is not None:
        click.echo(sentence("import-published", LANGUAGE, edition=prepared.report.edition))
    elif not prepared.changes_anything():
        click.echo(word("没有任何变化。", "Nothing changes."))
    else:
        click.echo(sentence("import-dry-run", LANGUAGE))
