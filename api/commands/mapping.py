"""The command ``gridwarden map``: the areas as one page that works offline."""

from pathlib import Path
from typing import Literal

import click

from api.area_layers import map_page
from api.asked_moment import asked_moment
from api.commands.moment_options import asking_edition
from api.commands.options import described, opened, speaking
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.store.locating import VIEWS
from importers.whole_file import replaced_whole


@click.command(
    help=described(
        "生成离线地图：一个 HTML 文件，不需要网络。默认画能放下的最低层级；联系人默认脱敏，因为文件可能转给他人。",
        "Write a map that works offline: one HTML file. The lowest level that fits is coloured; people are masked by "
        "default, because the file may be handed on.",
        "gridwarden map --level grid --within 519801001 --out grids.html",
    )
)
@click.option(
    "--level", help=word("层级，如 grid；默认能放下的最低层级", "level, such as grid; default the lowest that fits")
)
@click.option("--within", metavar="CODE", help=word("只画这个辖区之内", "only this area and those below it"))
@click.option(
    "--contacts",
    type=click.Choice(list(VIEWS)),
    default="masked",
    show_default=True,
    help=word("姓名电话：masked 脱敏，full 全部，none 不写", "names and numbers: masked, full or none"),
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help=word("HTML 文件", "HTML file"))
@asking_edition
@speaking
def map_command(
    level: str | None,
    within: str | None,
    contacts: Literal["masked", "full", "none"],
    out: Path,
    at: str | None,
    edition: int | None,
) -> None:
    """Write the map of a level."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        moment, _ = asked_moment(connection, settings, at, edition)
        page = map_page(connection, settings, level=level, within=within, at=moment, lang=LANGUAGE, contacts=contacts)
    with replaced_whole(out) as draft:
        draft.write_text(page, encoding="utf-8")
    size_kib = -(-len(page.encode()) // 1024)
    click.echo(word(f"已写入 {out}（{size_kib:,} KiB）", f"Written to {out} ({size_kib:,} KiB)"))
