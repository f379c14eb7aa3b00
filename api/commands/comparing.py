"""The command ``gridwarden diff``: what differs between two files, moments or editions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import click

from api.commands.options import described, speaking
from api.comparing import Compared, Comparison, compared
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.differences import TOLERANCE_M
from geo.errors import BadInput
from geo.messages import Language, sentence
from importers.difference_writing import difference_geojson, difference_json, difference_lines
from importers.sides import FileOptions
from importers.whole_file import replaced_whole
from maps.difference_map import difference_page

Format = Literal["text", "json", "geojson", "html"]
_FORMATS: Final[dict[str, Format]] = {".json": "json", ".geojson": "geojson", ".html": "html", ".htm": "html"}
_WRITERS: Final[dict[Format, Callable[[Compared, Language], str]]] = {
    "text": lambda found, lang: "\n".join(difference_lines(found.report, lang)),
    "json": lambda found, lang: difference_json(found.report),
    "geojson": lambda found, lang: difference_geojson(found.report),
    "html": lambda found, lang: difference_page(
        found.report, found.old.state.areas, found.new.state.areas, source=found.source, lang=lang
    ),
}


@click.command(
    help=described(
        "比较边界：新建、撤销、改界（平方米）、改名、改码、改属；只是重描的不算改界。"
        "两边各是一个文件、@日期或 edition:期号。没有差别时退出码为 0，有差别为 1，出错为 2。",
        "Compare boundaries: created, retired, redrawn (with m²), renamed, recoded, reparented; what was only "
        "digitised again is told apart. Each side is a file, @DATE or edition:N. Exit code 0 where nothing differs, 1 "
        "where something does, 2 for an error.",
        "gridwarden diff edition:5 @now --out changes.html",
    )
)
@click.argument("old")
@click.argument("new")
@click.option("--level", help=word("层级；默认所有层级，文件看编码", "level; default all, of a file by its codes"))
@click.option(
    "--kind",
    type=click.Choice(["general", "special"]),
    help=word(
        "只比较全科或专属网格；文件没有注明时，里面是哪一种",
        "general or special grids only; what a file holds that does not say",
    ),
)
@click.option("--within", metavar="CODE", help=word("只比较这个辖区之内", "only this area and those below it"))
@click.option("--layer", help=word("文件的图层", "layer of a file"))
@click.option("--crs", help=word("文件的坐标系", "coordinate system of a file"))
@click.option("--encoding", help=word("文件的文字编码，如 GBK", "text encoding of a file, such as GBK"))
@click.option("--code-field", help=word("编码字段", "field of the code"))
@click.option("--name-field", help=word("名称字段", "field of the name"))
@click.option("--parent-field", help=word("上级编码字段", "field of the parent's code"))
@click.option(
    "--tolerance",
    "tolerance_m",
    type=click.FloatRange(0.0, 1000.0),
    default=TOLERANCE_M,
    show_default=True,
    help=word("边界移动不到此值（米）的算重描", "a border that moved less than this, in m, was digitised again"),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "geojson", "html"]),
    help=word("输出格式；默认看 --out 的扩展名，否则 text", "output; default by the extension of --out, else text"),
)
@click.option("--json", "as_json", is_flag=True, help=word("同 --format json", "the same as --format json"))
@click.option("--out", type=click.Path(path_type=Path), help=word("写到文件；html 必填", "file; html needs it"))
@speaking
def diff_command(
    old: str,
    new: str,
    within: str | None,
    tolerance_m: float,
    form: Format | None,
    as_json: bool,
    out: Path | None,
    **files: Any,
) -> None:
    """Compare two states and tell what differs."""
    chosen = form or ("json" if as_json else _FORMATS.get(out.suffix.lower() if out else "", "text"))
    if out is None and chosen == "html":
        raise BadInput("format-needs-out", format=chosen, example="changes.html")
    found = compared(Settings.from_environment(), Comparison(old, new, within, FileOptions(**files), tolerance_m))
    text = _WRITERS[chosen](found, LANGUAGE)
    if out is None:
        click.echo(text)
    else:
        with replaced_whole(out) as draft:
            draft.write_text(text + "\n", encoding="utf-8")
        click.echo(f"{found.report.headline(LANGUAGE)}\n{sentence('written-to', LANGUAGE, path=out)}")
    click.get_current_context().exit(1 if found.report.found.rows else 0)
