"""The command ``gridwarden check``: a linter for boundary files, without a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.commands.options import described, speaking
from api.commands.report_output import Format, asking_format, chosen_format, show, written
from api.words import LANGUAGE, word
from geo.check_report import CheckReport
from geo.coverage.terms import TOLERANCE_M
from geo.errors import BadInput
from geo.messages import sentence
from importers.checking import STAGES, CheckRequest, examine_file
from importers.mending import parents_beside, require_places, require_room, with_proposals, write_mended
from importers.proposals_writing import write_proposals


@click.command(
    help=described(
        "检查边界文件的重叠、空白等问题，不需要数据库。给出 --parents 才能检查外边界。"
        "没有问题时退出码为 0，有问题为 1，出错为 2。",
        "Check a boundary file for overlaps, gaps and more; no database is needed. The outer border is checked with "
        "--parents only. Exit code 0 where nothing is wrong, 1 with findings, 2 for an error.",
        "gridwarden check grids.shp --crs EPSG:4523 --parents communities.geojson --out report.html",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", help=word("图层", "layer"))
@click.option(
    "--crs",
    help=word(
        "坐标系：cgcs2000、wgs84、gcj02、bd09、EPSG:n 或 PROJ/WKT；上级文件自己没有写明时也用它",
        "cgcs2000, wgs84, gcj02, bd09, EPSG:n, PROJ or WKT; also of the parents where their file declares none",
    ),
)
@click.option(
    "--parents",
    type=click.Path(path_type=Path),
    help=word("上级边界文件：应当被铺满的范围", "file of the parents, which are to be covered"),
)
@click.option("--code-field", help=word("编码字段；没有时用行号", "field of the code; row numbers without one"))
@click.option(
    "--parent-field",
    help=word("上级编码字段；没有时取占比最大的上级", "field of the parent's code; the largest share without one"),
)
@click.option("--encoding", help=word("文字编码，如 GBK", "text encoding, such as GBK"))
@click.option(
    "--tolerance",
    "tolerance_m",
    type=click.FloatRange(0.0, 1000.0),
    default=TOLERANCE_M,
    show_default=True,
    help=word("宽度小于此值（米）的是碎屑", "pieces narrower than this, in m, are slivers"),
)
@click.option(
    "--propose",
    type=click.Path(path_type=Path),
    help=word("为每处问题拟订调整方案，写成 GeoPackage", "propose how to mend each finding, as a GeoPackage"),
)
@click.option(
    "--apply-slivers",
    type=click.Path(path_type=Path),
    help=word(
        "另存一份，只消除小于 --tolerance 的碎屑；扩展名决定格式",
        "write a copy in which only pieces below --tolerance are settled; the extension says the format",
    ),
)
@asking_format
@speaking
def check_command(
    file: Path,
    form: Format | None,
    as_json: bool,
    out: Path | None,
    propose: Path | None,
    apply_slivers: Path | None,
    **given: Any,
) -> None:
    """Check a file and tell what was found."""
    chosen = chosen_format(form, as_json, out, file.stem)
    request = CheckRequest(path=file, **given)
    _require_outputs(request, out, propose, apply_slivers)
    with _bar() as advance:
        report, more = _mended(request, propose, apply_slivers, advance)
        advance("write")
        text = written(report, chosen, out, LANGUAGE)
    show(text, report, chosen, out, LANGUAGE)
    for path in more:
        # beside JSON on stdout nothing else may stand there
        click.echo(sentence("written-to", LANGUAGE, path=path), err=chosen == "json" and out is None)
    click.get_current_context().exit(0 if report.result.verdict == "covered" else 1)


def _require_outputs(request: CheckRequest, out: Path | None, propose: Path | None, copy: Path | None) -> None:
    """Refuse places that cannot be written to before anything is checked."""
    if propose is not None and propose.suffix.lower() != ".gpkg":
        raise BadInput("proposals-need-gpkg", example=f"{propose.stem}.gpkg")
    if copy is not None:
        require_room(request, copy)
    beside = parents_beside(copy) if copy is not None and request.parents is not None else None
    require_places(request, out, propose, copy, beside)


def _mended(
    request: CheckRequest, propose: Path | None, copy: Path | None, advance: Callable[[str], None]
) -> tuple[CheckReport, list[Path]]:
    """Check, propose and settle as asked; return the report, and the files that were written."""
    examined = examine_file(request, advance)
    report, more = examined.report, []
    if propose is not None:
        advance("propose")
        report = with_proposals(examined)
        write_proposals(propose, report, LANGUAGE)
        more.append(propose)
    if copy is not None:
        advance("settle")
        settlement = write_mended(examined, copy)
        report = replace(report, settlement=settlement)
        more += [copy, parents_beside(copy)] if settlement.noded_parents else [copy]
    return report, more


@contextmanager
def _bar() -> Iterator[Callable[[str], None]]:
    """Show on stderr what is under way."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=len(STAGES))

        def advance(stage: str) -> None:
            bar.update(task, completed=list(STAGES).index(stage), description=word(*STAGES[stage]))

        yield advance
