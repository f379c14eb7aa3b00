"""The command ``gridwarden import``: boundary files into the store."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.commands.identifying import identified, write_down
from api.commands.options import described, opened, print_json, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.errors import BadInput
from geo.messages import sentence
from geo.store.plans import Acting
from importers.acceptance import Acceptance
from importers.boundaries import STAGES, Prepared, prepare
from importers.import_plans import keep_import
from importers.import_report import RowsRefused
from importers.import_request import DEFAULT_TOLERANCE_M, LEAST_TOLERANCE_M, ImportRequest
from importers.publishing import publish_boundaries

_FLAGS = {
    "assign_codes": (
        "为没有编码的行编码（自西向东、自北向南）",
        "give codes to rows without one, west to east, north to south",
    ),
    "make_valid": ("修复自相交等无效边界，并报告面积变化", "mend invalid boundaries, and report the change of area"),
    "skip_bad_rows": (
        "跳过不能导入的行（默认：一行不行则全部不导入）",
        "leave out bad rows (default: all rows or none)",
    ),
    "retire_missing": ("停用同一上级之下文件中没有的区域", "retire areas of the same parents that the file leaves out"),
    "publish": ("发布（默认存为方案并报告）", "publish (the default is to keep a plan, with the report)"),
    "dry_run": ("只报告，什么也不保存", "report only, and keep nothing"),
    "baseline": ("把首次导入的全部问题接受为基线", "accept all findings of a first import as the baseline"),
}


def _options(command: Any) -> Any:
    for name, (zh, en) in reversed(_FLAGS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, is_flag=True, help=word(zh, en))(command)
    texts = {
        "layer": ("图层", "layer"),
        "crs": (
            "坐标系：cgcs2000、wgs84、gcj02、bd09、EPSG:n 或 PROJ/WKT",
            "cgcs2000, wgs84, gcj02, bd09, EPSG:n, PROJ or WKT",
        ),
        "encoding": ("文字编码，如 GBK", "text encoding, such as GBK"),
        "code_field": ("编码字段", "field of the code"),
        "name_field": ("名称字段", "field of the name"),
        "parent_field": ("上级字段（编码、本地编码或名称）", "field of the parent: code, local code or name"),
        "derive_parents": ("按此字段把同名下级合成上级", "make parents: union of the children with the same text here"),
        "category": ("专属网格类别，如 school", "category of special grids, such as school"),
        "title": ("这次发布的标题", "title of the publication"),
        "accept": ("接受这些类型的问题，如 gap,overlap", "accept findings of these kinds, such as gap,overlap"),
        "reason": ("接受的原因", "why they are accepted"),
        "actor": ("以谁的名义（默认：系统用户）", "in whose name (default: the system's user)"),
    }
    for name, (zh, en) in reversed(texts.items()):
        flag = "--as" if name == "actor" else f"--{name.replace('_', '-')}"
        command = click.option(flag, name, help=word(zh, en))(command)
    return command


@click.command(
    help=described(
        "导入边界文件（GeoJSON、GeoPackage、Shapefile、GeoParquet、KML，可为 zip），成为一个方案。"
        "加 --publish 一次走完提交、批准、发布。",
        "Import a boundary file (GeoJSON, GeoPackage, Shapefile, GeoParquet, KML, also zipped): it becomes a plan. "
        "With --publish the plan is submitted, approved and published in one go.",
        "gridwarden import grids.shp --level grid --crs EPSG:4523 --publish",
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--level", required=True, help=word("层级，如 grid", "level, such as grid"))
@click.option("--kind", type=click.Choice(["general", "special"]), help=word("全科或专属", "general or special grids"))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help=word("接受到哪一天", "accepted until"))
@click.option(
    "--tolerance",
    "tolerance_m",
    type=click.FloatRange(LEAST_TOLERANCE_M, 10.0),
    default=DEFAULT_TOLERANCE_M,
    show_default=True,
    help=word("匹配容差（米），最小 0.03", "matching tolerance in m, at least 0.03"),
)
@_options
@printing
def import_command(file: Path, until: Any, as_json: bool, **given: Any) -> None:
    """Prepare an import, show its report, and publish it if asked to."""
    settings = Settings.from_environment()
    publish, trial, title, actor = (given.pop(name) for name in ("publish", "dry_run", "title", "actor"))
    if publish and trial:
        raise BadInput("import-trial-published", place={"field": "--dry-run"})
    acceptance = Acceptance.of(
        given.pop("accept"), given.pop("baseline"), given.pop("reason"), until.date() if until else None
    )
    request = ImportRequest(path=file, hierarchy=settings.hierarchy, zone=settings.zone, **given)
    try:
        with opened(settings) as connection:
            who = identified(connection, settings, actor, decides=publish)
            if publish:
                who.require("approve")
            with _bar() as advance:
                prepared = prepare(connection, request, advance)
                connection.rollback()
                if publish:
                    advance("publish")
                    publish_boundaries(connection, prepared, acceptance, title or file.name, who.name)
                elif not trial and prepared.changes_anything():
                    acting = Acting(who.name, reason=acceptance.reason)
                    prepared.report.plan = keep_import(connection, prepared, acceptance, title or file.name, acting).id
            if not trial:
                report = prepared.report
                write_down(connection, who, file.name, level=request.level, edition=report.edition, plan=report.plan)
    except RowsRefused as refusal:
        _show(refusal.report, as_json)
        raise
    _show(prepared.report, as_json)
    blocked = acceptance.refused(prepared.report) if prepared.changes_anything() else []
    if not as_json:
        click.echo(_outcome(prepared, len(blocked), trial=trial))
    click.get_current_context().exit(1 if blocked else 0)


def _outcome(prepared: Prepared, blocked: int, *, trial: bool) -> str:
    edition = prepared.report.edition
    if edition is not None:
        return sentence("import-published", LANGUAGE, edition=edition)
    if not prepared.changes_anything():
        return word("不需要发布。", "There is nothing to publish.")
    said = [sentence("import-blocked", LANGUAGE, count=blocked)] if blocked else []
    if trial:
        return "\n".join([*said, sentence("import-dry-run", LANGUAGE)])
    plan = prepared.report.plan
    return "\n".join([*said, *([] if plan is None else [sentence("import-drafted", LANGUAGE, plan=plan)])])


def _show(report: Any, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
    else:
        click.echo("\n".join(report.lines(LANGUAGE)))


@contextmanager
def _bar() -> Iterator[Callable[[str], None]]:
    """Show a progress bar on stderr that names the stage under way."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=len(STAGES))

        def advance(stage: str) -> None:
            place = list(STAGES).index(stage)
            bar.update(task, completed=place, description=word(*STAGES[stage]))

        yield advance
