"""The commands that decide on plans: ``gridwarden plan submit``, ``approve``, ``reject``, ``publish`` and more."""

import click

from api.commands.options import described, print_json, printing
from api.commands.plan_group import of_plan, plan_command, show_check, show_plan, signed_desk, signing, standing_on
from api.plan_publication import publish_or_postpone
from api.planning import (
    approve_plan,
    comment_plan,
    reject_plan,
    revert_plan,
    submit_plan,
    withdraw_plan,
)
from api.words import LANGUAGE, word
from geo.messages import sentence
from geo.moments import parse_coming


@plan_command.command(
    "submit",
    help=described(
        "提交方案，待审核。有妨碍发布的问题时拒绝；有住户没有位置时须先补上，或用 --acknowledge-unplaced 表示知悉。",
        "Hand a plan in for review. Refused while something would stop its publication, and while households that "
        "nobody can place are not acknowledged.",
        "gridwarden plan submit 1",
    ),
)
@of_plan
@click.option(
    "--acknowledge-unplaced",
    is_flag=True,
    help=word("知道有些户没有位置", "households without a position are known of"),
)
@standing_on
@signing
@printing
def submit_command(
    plan: int, acknowledge_unplaced: bool, expected: int | None, actor: str | None, reason: str | None, as_json: bool
) -> None:
    """Hand a plan in."""
    with signed_desk(actor, reason) as where:
        submit_plan(where, plan, acknowledged=acknowledge_unplaced, expected=expected)
        show_plan(where, plan, as_json)


@plan_command.command(
    "approve", help=described("批准已提交的方案。", "Approve a submitted plan.", "gridwarden plan approve 1 --as 王五")
)
@of_plan
@standing_on
@signing
@printing
def approve_command(plan: int, expected: int | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Approve a plan."""
    with signed_desk(actor, reason, decides=True) as where:
        approve_plan(where, plan, expected=expected)
        show_plan(where, plan, as_json)


@plan_command.command(
    "reject",
    help=described(
        "退回方案，须写明原因；编制人可以修改后再提交。",
        "Reject a plan, with a reason; its author may work on it again.",
        'gridwarden plan reject 1 --reason "分界线应沿道路中线"',
    ),
)
@of_plan
@standing_on
@signing
@printing
def reject_command(plan: int, expected: int | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Reject a plan."""
    with signed_desk(actor, reason, decides=True) as where:
        reject_plan(where, plan, expected=expected)
        show_plan(where, plan, as_json)


@plan_command.command(
    "withdraw", help=described("放弃方案，不能恢复。", "Give a plan up for good.", "gridwarden plan withdraw 1")
)
@of_plan
@standing_on
@signing
@printing
def withdraw_command(plan: int, expected: int | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Give a plan up."""
    with signed_desk(actor, reason) as where:
        withdraw_plan(where, plan, expected=expected)
        show_plan(where, plan, as_json)


@plan_command.command(
    "comment",
    help=described("给方案留言。", "Write a comment down.", 'gridwarden plan comment 1 --reason "已与社区核对"'),
)
@of_plan
@signing
@printing
def comment_command(plan: int, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Write a comment down."""
    with signed_desk(actor, reason) as where:
        comment_plan(where, plan)
        show_plan(where, plan, as_json)


@plan_command.command(
    "publish",
    help=described(
        "发布已批准的方案；--not-before 让服务中的任务到时再检查并发布。",
        "Publish an approved plan; with --not-before a job of the service checks again and publishes then.",
        "gridwarden plan publish 1",
    ),
)
@of_plan
@click.option("--not-before", metavar="TIME", help=word("不早于何时，RFC 3339", "no earlier than, RFC 3339"))
@signing
@printing
def publish_command(plan: int, not_before: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Publish a plan, or let a job do it."""
    with signed_desk(actor, reason, decides=True) as where:
        moment = None if not_before is None else parse_coming(not_before, zone=where.settings.zone)
        found = publish_or_postpone(where, plan, moment)
        document = found.document(where.settings)
    if as_json:
        print_json(document)
    elif found.job is None:
        click.echo(sentence("plan-published", LANGUAGE, plan=plan, edition=found.edition, at=document["at"]))
    else:
        click.echo(sentence("plan-postponed", LANGUAGE, plan=plan, job=found.job, at=document["at"]))


@plan_command.command(
    "revert",
    help=described(
        "编制一个撤销已发布方案的新方案：它改动过的辖区恢复原样。之后照常提交、批准、发布。",
        "Begin a plan that undoes a published one: every area that it changed is as before. It goes the same way as "
        "any other.",
        "gridwarden plan revert 1",
    ),
)
@of_plan
@click.option("--title", help=word("新方案的标题", "title of the new plan"))
@signing
@printing
def revert_command(plan: int, title: str | None, actor: str | None, reason: str | None, as_json: bool) -> None:
    """Begin a plan that undoes another."""
    with signed_desk(actor, reason) as where:
        drafted = revert_plan(where, plan, title)
    show_check(drafted, as_json)
