"""The command ``gridwarden findings``: the register of exceptions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import click

from api.accepting import Chosen, accept_findings, exceptions_of, require_reason
from api.accepting_access import require_exceptions, require_within
from api.auditing import AskedAudit
from api.commands.identifying import acting
from api.commands.options import described, opened, print_json, printing
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.audit_report import exception_document, exception_text
from geo.exceptions import ExceptionRecord
from geo.messages import sentence
from geo.store.exceptions import Signed, revoke

DOOR: Final = "command"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _signing(command: _Command) -> _Command:
    """Add ``--reason`` and ``--as``."""
    reason = click.option("--reason", required=True, help=word("原因", "why"))
    actor = click.option(
        "--as", "actor", help=word("以谁的名义（默认：系统用户）", "in whose name (default: the system's user)")
    )
    return reason(actor(command))


@click.group(
    help=described(
        "接受问题（例外）、列出例外、撤销例外。问题的编号见 gridwarden audit。",
        "Accept findings as exceptions, list the exceptions, revoke them. “gridwarden audit” tells the ids.",
        "gridwarden findings list",
    )
)
def findings_command() -> None:
    """Hold the commands."""


@findings_command.command(
    "accept",
    help=described(
        "接受现在的问题：按编号、按类型，或用 --baseline 接受全部。同一处变大后是新的问题。",
        "Accept findings of what is published now: by id, by kind, or all that block with --baseline. One that grows "
        "afterwards is a new finding.",
        'gridwarden findings accept 5f3a9c0e12ab34cd --reason "水库，不划网格" --until 2027-12-31',
    ),
)
@click.argument("ids", nargs=-1)
@click.option("--kind", "kinds", multiple=True, help=word("这种类型的全部，如 gap", "all of this kind, such as gap"))
@click.option(
    "--baseline", metavar="TITLE", help=word("全部问题，作为一份清单", "all findings that block, as one titled list")
)
@click.option("--level", help=word("只在这一层级中找", "look for them at this level only"))
@click.option("--within", metavar="CODE", help=word("只在这个辖区之内找", "look for them below this area only"))
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help=word("最后一天", "the last day"))
@_signing
@printing
def accept_command(
    ids: tuple[str, ...],
    kinds: tuple[str, ...],
    baseline: str | None,
    level: str | None,
    within: str | None,
    until: datetime | None,
    reason: str,
    actor: str | None,
    as_json: bool,
) -> None:
    """Accept findings and show the new exceptions."""
    settings = Settings.from_environment()
    chosen, day = Chosen(ids, kinds, baseline), until.date() if until else None
    with opened(settings) as connection, acting(connection, settings, actor, within or "") as who:
        require_within(connection, who, within)
        signed = Signed(who.name, DOOR, reason)
        accepted = accept_findings(connection, settings, AskedAudit(level, within), chosen, signed, day)
    _show(accepted, as_json)
    if not as_json:
        click.echo(sentence("exceptions-accepted", LANGUAGE, count=f"{len(accepted):,}"))
    click.get_current_context().exit(0 if accepted else 1)


@findings_command.command(
    "list",
    help=described(
        "列出有效的例外，最新的在前；--all 也列出已到期和已撤销的。一项也没有时退出码为 1。",
        "List the exceptions in force, the newest first; --all also lists expired and revoked ones. Exit code 1 where "
        "there are none.",
        "gridwarden findings list --all --json",
    ),
)
@click.option("--all", "every", is_flag=True, help=word("也列出已到期和已撤销的", "expired and revoked ones, too"))
@printing
def list_command(every: bool, as_json: bool) -> None:
    """List the exceptions."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        found = exceptions_of(connection, settings, every=every)
    _show(found, as_json)
    if not found and not as_json:
        click.echo(word("没有例外。", "There are no exceptions."))
    click.get_current_context().exit(0 if found else 1)


@findings_command.command(
    "revoke",
    help=described(
        "撤销例外（按 findings list 中的序号）：问题重新出现在审计中。",
        "Take exceptions back, by their numbers in “findings list”: their findings stand in audits again.",
        'gridwarden findings revoke 12 --reason "已补划网格"',
    ),
)
@click.argument("numbers", nargs=-1, type=int, required=True)
@_signing
@printing
def revoke_command(numbers: tuple[int, ...], reason: str, actor: str | None, as_json: bool) -> None:
    """Take exceptions back."""
    settings = Settings.from_environment()
    with opened(settings) as connection, acting(connection, settings, actor, str(list(numbers))) as who:
        require_exceptions(connection, who, numbers)
        signed = Signed(who.name, DOOR, reason)
        require_reason(signed)
        revoked = revoke(connection, numbers, signed)
    if as_json:
        print_json({"revoked": revoked})
    else:
        click.echo(sentence("exceptions-revoked", LANGUAGE, count=len(revoked)))
    click.get_current_context().exit(0 if revoked else 1)


def _show(records: list[ExceptionRecord], as_json: bool) -> None:
    if as_json:
        print_json([exception_document(one) for one in records])
    elif records:
        click.echo("\n".join(exception_text(one, LANGUAGE) for one in records))
