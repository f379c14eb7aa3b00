"""The commands that show plans: ``gridwarden plan show``, ``list``, ``check``, ``impact`` and ``sheet``."""

import json
from pathlib import Path
from typing import Literal

import click

from api.commands.options import described, print_json, printing, speaking
from api.commands.plan_group import desk, of_plan, plan_command, show_check, show_plan
from api.plan_documents import plan_head, side_features
from api.plan_papers import residences_csv
from api.plan_sheets import map_of, sheet_of
from api.plan_text import impact_lines, plan_line
from api.planning import check_plan, first_reason, impact_of
from api.words import LANGUAGE, word
from geo.plans import STATES
from geo.store.plans import list_plans
from importers.whole_file import replaced_whole
from maps.printing import pdf_of


@plan_command.command(
    "list",
    help=described(
        "列出方案，最新的在前。一个也没有时退出码为 1。",
        "List plans, the newest first. Exit code 1 where there are none.",
        "gridwarden plan list --state draft",
    ),
)
@click.option(
    "--state", "states", type=click.Choice(STATES), multiple=True, help=word("只列这一状态", "this state only")
)
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help=word("最多几个", "at most"))
@printing
def list_command(states: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List plans."""
    with desk() as where, where.connection.begin():
        found = list_plans(where.connection, states=states or None, limit=limit)
        if as_json:
            print_json([plan_head(one, where.settings) for one in found])
    if not as_json:
        click.echo("\n".join(plan_line(one, LANGUAGE) for one in found) or word("没有方案。", "There are no plans."))
    click.get_current_context().exit(0 if found else 1)


@plan_command.command(
    "show",
    help=described(
        "显示方案：状态、各项操作、经过。",
        "Show a plan: its state, its operations, and what happened to it.",
        "gridwarden plan show 1",
    ),
)
@of_plan
@printing
def show_command(plan: int, as_json: bool) -> None:
    """Show a plan."""
    with desk() as where:
        show_plan(where, plan, as_json)


@plan_command.command(
    "check",
    help=described(
        "在现行边界上检查方案：涉及的辖区、沿革、问题、与其他方案的冲突。有妨碍发布的问题时退出码为 1。"
        "--out 把调整前或调整后的边界写成 GeoJSON。",
        "Check a plan on the present boundaries: its areas, lineage, findings, clashes with other plans. Exit code 1 "
        "where something stops the publication. --out writes the areas before or after it as GeoJSON.",
        "gridwarden plan check 1 --side after --out after.geojson",
    ),
)
@of_plan
@click.option("--side", type=click.Choice(["before", "after"]), default="after", help=word("调整前或后", "which side"))
@click.option("--out", type=click.Path(path_type=Path), help=word("写到哪个文件", "the file to write"))
@printing
def check_command(plan: int, side: Literal["before", "after"], out: Path | None, as_json: bool) -> None:
    """Check a plan, and write its areas if asked to."""
    with desk() as where:
        drafted = check_plan(where, plan)
    if out is not None:
        with replaced_whole(out) as draft:
            draft.write_text(json.dumps(side_features(drafted, side), ensure_ascii=False), "utf-8")
    show_check(drafted, as_json)


@plan_command.command(
    "impact",
    help=described(
        "方案的影响：哪些面积、户、人、设施、专属网格换了网格，各网格户数，无人负责的网格；"
        "--out 写出变更网格的住户（CSV）。",
        "Whom a plan touches: land, households, residents, facilities and special grids that change hands, households "
        "a grid, grids without a team. --out writes the residences that change grid as CSV.",
        "gridwarden plan impact 1 --out residences.csv",
    ),
)
@of_plan
@click.option("--out", type=click.Path(path_type=Path), help=word("住户 CSV 文件", "CSV file of the residences"))
@printing
def impact_command(plan: int, out: Path | None, as_json: bool) -> None:
    """Say whom a plan touches."""
    with desk() as where:
        found = impact_of(where, check_plan(where, plan))
    if out is not None:
        with replaced_whole(out) as draft:
            draft.write_text(residences_csv(found), "utf-8", newline="")
    if as_json:
        print_json(found.document())
    else:
        click.echo("\n".join(impact_lines(found, LANGUAGE)))


@plan_command.command(
    "sheet",
    help=described(
        "方案表：供签字盖章的一份文件，HTML 或 PDF（看 --out 的扩展名）。",
        "The sheet that is signed: HTML or PDF, by the extension of --out.",
        "gridwarden plan sheet 1 --out plan-1.html",
    ),
)
@of_plan
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help=word("HTML 或 PDF 文件", "HTML or PDF file")
)
@click.option("--paper", type=click.Choice(["A4", "A3"]), default="A4", show_default=True, help=word("纸张", "paper"))
@speaking
def sheet_command(plan: int, out: Path, paper: Literal["A4", "A3"]) -> None:
    """Write the sheet of a plan."""
    with desk() as where:
        drafted = check_plan(where, plan)
        page = sheet_of(where, drafted, first_reason(where, drafted.plan), lang=LANGUAGE, paper=paper)
    with replaced_whole(out) as draft:
        draft.write_bytes(pdf_of(page) if out.suffix.lower() == ".pdf" else page.encode())
    click.echo(word(f"已写入 {out}", f"Written to {out}"))


@plan_command.command(
    "map",
    help=described(
        "调整前后对照的离线地图，一个 HTML 文件。",
        "A map that shows before and after, as one HTML file that works offline.",
        "gridwarden plan map 1 --out plan-1-map.html",
    ),
)
@of_plan
@click.option("--out", type=click.Path(path_type=Path), required=True, help=word("HTML 文件", "HTML file"))
@speaking
def map_command(plan: int, out: Path) -> None:
    """Write the map of a plan."""
    with desk() as where:
        page = map_of(where, check_plan(where, plan), LANGUAGE)
    with replaced_whole(out) as draft:
        draft.write_text(page, "utf-8")
    click.echo(word(f"已写入 {out}", f"Written to {out}"))
