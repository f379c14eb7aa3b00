"""The commands ``gridwarden basemap``: which maps lie below the boundaries."""

import json

import click

from api.base_maps import described_base_map
from api.commands.options import described, opened, speaking
from api.settings import Settings
from api.words import word
from geo.store.base_maps import add_base_map, list_base_maps, remove_base_map


@click.group(
    help=described(
        "底图：航拍图、瓦片文件或地图服务；默认没有。",
        "Base maps: aerial images, files of tiles, or services of maps; none by default.",
        "gridwarden basemap list",
    )
)
def basemap_command() -> None:
    """Hold the commands."""


@basemap_command.command(
    "add",
    help=described(
        "添加底图。PLACE 是 GeoTIFF、MBTiles、瓦片文件夹（z/x/y.png），或含 {z} {x} {y} 的地图服务地址（球面墨卡托）。",
        "Add a base map. PLACE is a GeoTIFF, MBTiles, a folder of tiles (z/x/y.png), or the address of a service with "
        "{z} {x} {y} in it (Web Mercator).",
        "gridwarden basemap add aerial.tif --name aerial --source 市测绘院",
    ),
)
@click.argument("place", metavar="FILE")
@click.option("--name", required=True, help=word("名字：字母、数字、-、_", "its name: letters, digits, - and _"))
@click.option("--title", help=word("给人看的名称", "what people call it"))
@click.option("--source", required=True, help=word("来源，总是显示", "where it comes from, always shown"))
@click.option("--approval", help=word("审图号，总是显示", "its 审图号, always shown"))
@click.option("--key", help=word("服务的密钥，填入 {key}，从不显示", "key of the service, for {key}; never shown"))
@click.option("--max-zoom", type=click.IntRange(0, 22), default=18, help=word("服务的最大级别", "of a service"))
@speaking
def add_command(
    place: str, name: str, title: str | None, source: str, approval: str | None, key: str | None, max_zoom: int
) -> None:
    """Write a base map down."""
    if not name.replace("-", "").replace("_", "").isalnum() or len(name) > 64:
        raise click.BadParameter(word("只能用字母、数字、-、_", "letters, digits, - and _ only"), param_hint="--name")
    added = described_base_map(place, name, title, source, approval, key, (0, max_zoom))
    with opened(Settings.from_environment()) as connection, connection.begin():
        add_base_map(connection, added)
    click.echo(word(f"已添加底图 {name}（{added.kind}）", f"Added the base map {name} ({added.kind})"))


@basemap_command.command("list", help=described("列出底图。", "List the base maps.", "gridwarden basemap list --json"))
@click.option("--json", "as_json", is_flag=True, help="JSON")
@speaking
def list_command(as_json: bool) -> None:
    """List them; keys and places stay unseen."""
    with opened(Settings.from_environment()) as connection:
        found = [each.document() for each in list_base_maps(connection)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for each in found:
        click.echo("  ".join(str(each[column] or "") for column in ("name", "kind", "title", "source", "approval")))


@basemap_command.command(
    "remove",
    help=described("去掉底图；文件不动。", "Forget a base map; its file stays.", "gridwarden basemap remove aerial"),
)
@click.argument("name")
@speaking
def remove_command(name: str) -> None:
    """Forget one."""
    with opened(Settings.from_environment()) as connection, connection.begin():
        remove_base_map(connection, name)
    click.echo(word(f"已去掉底图 {name}", f"Removed the base map {name}"))
