"""The commands that draft plans: ``gridwarden plan new``, ``add``, ``remove``, ``undo`` and ``redo``."""

from pathlib import Path
from typing import Any, Final

import click

from api.commands.options import described, printing
from api.commands.plan_group import of_plan, plan_command, show_check, show_plan, signed_desk, signing, standing_on
from api.plan_input import records_in, stored_records
from api.plan_options import OPERATIONS, OperationOptions, record_of_options
from api.planning import (
    add_operations,
    begin_plan,
    remove_operation,
    replace_operation,
    step_back,
    step_forward,
)
from api.words import word
from geo.crs import parse_crs
from geo.errors import BadInput
from geo.store.plans import NewPlan
from importers.drawings import read_drawing

_TEXTS: Final = {
    "level": ("层级（create）", "level (create)"),
    "parent": ("上级编码（create、reparent）", "code of the parent (create, reparent)"),
    "name": ("名称（create、merge、rename）", "name (create, merge, rename)"),
    "code": ("新辖区的编码（create；默认自动编码）", "code of the new area (create; made where not given)"),
    "category": ("专属网格类别（create、rename）", "category of special grids (create, rename)"),
    "local_code": ("本地编码（create、rename）", "local code (create, rename)"),
    "into": ("保留哪个编码（merge）", "which code is kept (merge)"),
    "from": ("从哪个辖区（transfer）", "from which area (transfer)"),
    "to": ("到哪个辖区（transfer）；新编码（recode）", "to which area (transfer); the new code (recode)"),
    "heir": ("由谁继承（retire）", "who gets the land (retire)"),
}
_FLAGS: Final = {
    "multipart": ("允许合成互不相连的飞地（merge）", "let a merge have several pieces (merge)"),
    "accept_gap": ("接受留下的空白（retire）", "accept that a gap is left (retire)"),
    "not_subdivided": ("不再划分（create）", "has no children on purpose (create)"),
    "fully_divided": ("由下级全部划分（create）", "is wholly divided by its children (create)"),
}


def _operation_options(command: Any) -> Any:
    """Add the options from which operations are made."""
    for name, (zh, en) in reversed(_FLAGS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, is_flag=True, help=word(zh, en))(command)
    for name, (zh, en) in reversed(_TEXTS.items()):
        command = click.option(f"--{name.replace('_', '-')}", name, help=word(zh, en))(command)
    options = (
        click.option("--codes", help=word("涉及的辖区编码，用逗号分开", "codes of the areas concerned, by commas")),
        click.option(
            "--geometry",
            type=click.Path(path_type=Path),
            help=word("图形文件：线或面", "file with the line or the polygons"),
        ),
        click.option("--crs", help=word("坐标系", "coordinate system")),
        click.option(
            "--keep", help=word("保留原编码的部分内的一点 X,Y（split）", "a point X,Y in the part that keeps the code")
        ),
        click.option(
            "--new-codes", help=word("新部分的编码，自西向东（split）", "codes of the new parts, west to east")
        ),
        click.option(
            "--new-names", help=word("新部分的名称，自西向东（split）", "names of the new parts, west to east")
        ),
        click.option(
            "--kind", type=click.Choice(["general", "special"]), help=word("全科或专属（create）", "kind (create)")
        ),
        click.option(
            "--neighbours",
            type=click.Choice(["follow", "keep"]),
            help=word("相邻辖区随之调整或不动（create、redraw）", "whether neighbours follow (create, redraw)"),
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@plan_command.command(
    "new",
    help=described(
        "新建方案，显示方案号。",
        "Begin a plan and show its number.",
        'gridwarden plan new "一号网格一分为二" --effective-date 2027-01-01',
    ),
)
@click.argument("title")
@click.option(
    "--effective-date", type=click.DateTime(["%Y-%m-%d"]), help=word("决定的日期，印在方案表上", "date of the decision")
)
@signing
@printing
def new_command(title: str, effective_date: Any, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Begin a plan."""
    with signed_desk(actor, reason) as where:
        plan, _ = begin_plan(where, NewPlan(title, effective_date=effective_date and effective_date.date()))
        show_plan(where, plan.id, as_json)


@plan_command.command(
    "add",
    help=described(
        "给方案添加一项操作并检查：create 建、redraw 改、merge 合、split 分、transfer 调、retire 撤、reparent 改属、"
        "rename 改名、recode 改码、patch 多处改界。做不到的操作不会写入。有妨碍发布的问题时退出码为 1。",
        "Add an operation to a plan and check it: create, redraw, merge, split, transfer, retire, reparent, rename, "
        "recode, patch. One that cannot be done is not kept. Exit code 1 where something stops the publication.",
        "gridwarden plan add 1 split --codes 511402002001003 --geometry street.geojson --crs cgcs2000",
    ),
)
@of_plan
@click.argument("op", type=click.Choice(OPERATIONS))
@click.option(
    "--replace",
    type=click.IntRange(min=0),
    help=word("替换第几项操作，从 0 数", "take the place of this operation, from 0"),
)
@click.option(
    "--before", type=click.IntRange(min=0), help=word("插在第几项之前，从 0 数", "stand before this operation, from 0")
)
@_operation_options
@standing_on
@signing
@printing
def add_command(
    plan: int,
    op: str,
    replace: int | None,
    before: int | None,
    expected: int | None,
    actor: str | None,
    reason: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Add an operation, or let it take the place of another."""
    # Drawings are in degrees already; what is left to convert is nothing.
    record = stored_records([record_of_options(op, _options(given))], "cgcs2000")[0]
    with signed_desk(actor, reason) as where:
        if replace is not None:
            drafted = replace_operation(where, plan, replace, record, expected=expected)
        else:
            drafted = add_operations(where, plan, [record], before=before, expected=expected)
    show_check(drafted, as_json)


def _options(given: dict[str, Any]) -> OperationOptions:
    texts = {name: given[name] for name in (*_TEXTS, "kind", "neighbours") if given[name] is not None}
    return OperationOptions(
        codes=_listed(given["codes"]),
        drawing=None if given["geometry"] is None else read_drawing(given["geometry"], given["crs"]),
        keep=None if given["keep"] is None else _position(given["keep"], given["crs"]),
        new_codes=_listed(given["new_codes"]),
        new_names=_listed(given["new_names"]),
        texts=texts,
        flags=[name for name in _FLAGS if given[name]],
    )


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _position(text: str, crs: str | None) -> tuple[float, float]:
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("plan-keep-malformed", place={"field": "keep"}, given=text[:60]) from None
    lon, lat = parse_crs(crs or "").to_stored([[x, y]])[0].tolist()
    return lon, lat


@plan_command.command(
    "load",
    help=described(
        "从 JSON 文件添加几项操作，例如只有一起才做得到的（社区界线连同网格一起调整）；写法见操作参考。",
        "Add several operations from a JSON file, such as those that only work together (the border of a community and "
        "those of its grids); the reference of operations says how they are written.",
        "gridwarden plan load 1 operations.json --crs cgcs2000",
    ),
)
@of_plan
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--crs", help=word("坐标系", "coordinate system"))
@standing_on
@signing
@printing
def load_command(
    plan: int,
    file: Path,
    crs: str | None,
    expected: int | None,
    actor: str | None,
    reason: str | None,
    as_json: bool,
) -> None:
    """Add the operations of a file."""
    records = stored_records(records_in(file), crs)
    with signed_desk(actor, reason) as where:
        drafted = add_operations(where, plan, records, expected=expected)
    show_check(drafted, as_json)


@plan_command.command(
    "remove",
    help=described("删除方案的一项操作。", "Take an operation out of a plan.", "gridwarden plan remove 1 0"),
)
@of_plan
@click.argument("operation", type=click.IntRange(min=0))
@standing_on
@signing
@printing
def remove_command(
    plan: int, operation: int, expected: int | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Take an operation out."""
    with signed_desk(actor, reason) as where:
        drafted = remove_operation(where, plan, operation, expected=expected)
    show_check(drafted, as_json)


@plan_command.command(
    "undo", help=described("撤销方案的上一次改动。", "Undo the last change.", "gridwarden plan undo 1")
)
@of_plan
@standing_on
@signing
@printing
def undo_command(plan: int, expected: int | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Go back to the draft before."""
    with signed_desk(actor, reason) as where:
        step_back(where, plan, expected=expected)
        show_plan(where, plan, as_json)


@plan_command.command("redo", help=described("恢复撤销的改动。", "Do again what was undone.", "gridwarden plan redo 1"))
@of_plan
@standing_on
@signing
@printing
def redo_command(plan: int, expected: int | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Go forward again."""
    with signed_desk(actor, reason) as where:
        step_forward(where, plan, expected=expected)
        show_plan(where, plan, as_json)
