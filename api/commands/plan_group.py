"""The group ``gridwarden plan`` and what its commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import click

from api.commands.identifying import acting
from api.commands.options import described, opened, operator, print_json
from api.desk import Desk
from api.plan_documents import check_document, plan_document
from api.plan_text import check_lines, plan_lines
from api.planning import Drafted
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.store.plans import NO_DRAFT, Acting, list_events, one_draft, one_plan

DOOR: Final = "command"
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group(
    help=described(
        "调整方案：编制（建、改、合、分、调、撤……）、检查、看影响、打印方案表、提交、批准、发布、撤销。",
        "Plans of adjustment: draft them (create, redraw, merge, split, transfer, retire …), check, see the impact, "
        "print the sheet, submit, approve, publish, revert.",
        'gridwarden plan new "一号网格一分为二"',
    )
)
def plan_command() -> None:
    """Hold the commands."""


def signing(command: Command) -> Command:
    """Add ``--as`` and ``--reason``."""
    reason = click.option("--reason", help=word("原因", "why"))
    actor = click.option(
        "--as", "actor", help=word("以谁的名义（默认：系统用户）", "in whose name (default: the system's user)")
    )
    return reason(actor(command))


def of_plan(command: Command) -> Command:
    """Add the number of the plan."""
    return click.argument("plan", type=click.IntRange(min=1))(command)


def standing_on(command: Command) -> Command:
    """Add ``--draft``."""
    text = word("所依据的第几稿；已有更新的则拒绝", "the draft that this stands on; refused where there is a newer one")
    return click.option("--draft", "expected", type=click.IntRange(min=0), help=text)(command)


@contextmanager
def desk() -> Iterator[Desk]:
    """Open the desk of who runs the command, to look at plans."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        yield Desk(connection, settings, Acting(operator(), DOOR))


@contextmanager
def signed_desk(actor: str | None, reason: str | None, *, decides: bool = False) -> Iterator[Desk]:
    """Open the desk of who works on a plan, and write down what they did; see :func:`identifying.acting`."""
    settings = Settings.from_environment()
    number = click.get_current_context().params.get("plan")
    subject = "" if number is None else f"plan {number}"
    with opened(settings) as connection, acting(connection, settings, actor, subject, decides=decides) as who:
        yield Desk(connection, settings, Acting(who.name, DOOR, reason), who)


def show_plan(where: Desk, number: int, as_json: bool) -> None:
    """Print a plan."""
    connection = where.connection
    with connection.begin():
        plan = one_plan(connection, number)
        if as_json:
            print_json(plan_document(connection, plan, where.settings))
            return
        operations = () if plan.draft == NO_DRAFT else one_draft(connection, plan).operations
        click.echo("\n".join(plan_lines(plan, operations, list_events(connection, plan), LANGUAGE, where.settings)))


def show_check(drafted: Drafted, as_json: bool) -> None:
    """Print what a draft comes to, and end with 1 where something stops its publication."""
    if as_json:
        print_json(check_document(drafted))
    else:
        click.echo("\n".join(check_lines(drafted, LANGUAGE)))
    click.get_current_context().exit(1 if drafted.worked.stopping() else 0)
