"""How reports of checks and audits leave the command line: text, JSON, a page or a GeoPackage."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import click

from api.words import word
from geo.check_report import CheckReport
from geo.errors import BadInput
from geo.messages import Language, sentence
from importers.findings_writing import json_text, text_lines, write_geopackage
from importers.whole_file import replaced_whole
from maps.findings_report import findings_page

Format = Literal["text", "json", "html", "gpkg"]
_FORMATS: Final[dict[str, Format]] = {
    ".txt": "text",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".gpkg": "gpkg",
}
_Command = TypeVar("_Command", bound=Callable[..., Any])


def asking_format(command: _Command) -> _Command:
    """Add ``--format``, ``--json`` and ``--out``."""
    out = click.option(
        "--out",
        type=click.Path(path_type=Path),
        help=word("写到文件；html 和 gpkg 必填", "file; html and gpkg need it"),
    )
    as_json = click.option(
        "--json", "as_json", is_flag=True, help=word("同 --format json", "the same as --format json")
    )
    form = click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json", "html", "gpkg"]),
        help=word("输出格式；默认看 --out 的扩展名，否则 text", "output; default by the extension of --out, else text"),
    )
    return form(as_json(out(command)))


def chosen_format(form: Format | None, as_json: bool, out: Path | None, stem: str) -> Format:
    """Return the format that is asked for, or that the extension of the file says.

    Raises
    ------
    BadInput
        ``format-needs-out``.
    """
    chosen = form or ("json" if as_json else _FORMATS.get(out.suffix.lower() if out else "", "text"))
    if out is None and chosen in {"html", "gpkg"}:
        raise BadInput("format-needs-out", format=chosen, example=f"{stem}.{chosen}")
    return chosen


def written(report: CheckReport, form: Format, out: Path | None, lang: Language) -> str:
    """Write the report where it is to go; return what is to be printed."""
    if form == "gpkg" and out is not None:
        write_geopackage(out, report, lang)
    else:
        text = _text(report, form, lang)
        if out is None:
            return text
        with replaced_whole(out) as draft:
            draft.write_text(text + "\n", encoding="utf-8")
    return f"{report.headline(lang)}\n{sentence('written-to', lang, path=out)}"


def show(text: str, report: CheckReport, form: Format, out: Path | None, lang: Language) -> None:
    """Print what was written, and beside JSON on stdout the summary on stderr."""
    click.echo(text)
    if form == "json" and out is None:
        click.echo("\n".join([report.headline(lang), *report.notes(lang)]), err=True)


def _text(report: CheckReport, form: Format, lang: Language) -> str:
    if form == "html":
        return findings_page(report, lang)
    return json_text(report) if form == "json" else "\n".join(text_lines(report, lang))
