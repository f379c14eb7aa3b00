"""The command ``gridwarden trail``: the audit trail."""

import click

from api.commands.options import described, opened, print_json, printing
from api.settings import Settings
from api.trail_documents import receipt_from, record_document, record_text, verdict_document, verdict_text, wanted_of
from api.words import LANGUAGE, word
from geo.store.trail import search_trail, verify_trail


@click.group(
    help=described(
        "审计日志：谁、何时、从哪里、做了什么。只能追加，环环相扣，改动看得出来。",
        "The audit trail: who did what, when and from where. It is only ever added to, and what is changed shows.",
        "gridwarden trail list --actor 李四",
    )
)
def trail_command() -> None:
    """Hold the commands."""


@trail_command.command(
    "list",
    help=described(
        "列出记录，最新的在前。一条也没有时退出码为 1。",
        "List records, the newest first. Exit code 1 where there are none.",
        "gridwarden trail list --since 2026-01-01 --word approve",
    ),
)
@click.option("--actor", help=word("谁", "who"))
@click.option("--word", "text", help=word("动作或对象中的文字", "a text in action or subject"))
@click.option("--since", metavar="TIME", help=word("从何时起", "from this moment on"))
@click.option("--until", metavar="TIME", help=word("到何时为止，不含", "before this moment"))
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help=word("最多几条", "at most")
)
@printing
def list_command(
    actor: str | None, text: str | None, since: str | None, until: str | None, limit: int, as_json: bool
) -> None:
    """List records."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        found = search_trail(connection, wanted_of(settings, actor, text, since, until), limit)
    if as_json:
        print_json([record_document(one, settings) for one in found])
    else:
        for one in found:
            click.echo(record_text(one, settings))
    click.get_current_context().exit(0 if found else 1)


@trail_command.command(
    "verify",
    help=described(
        "检查是否有记录被删除或改动，并指出是哪一条；退出码 1 表示有。印出的回执请记在别处，以后用 --receipt 核对，"
        "整条重写也能发现。",
        "Look for records that were removed or changed, and say which; exit code 1 where there are any. Note the "
        "receipt elsewhere: with --receipt a chain that was written anew is found, too.",
        "gridwarden trail verify",
    ),
)
@click.option("--receipt", metavar="NUMBER:DIGEST", help=word("以前记下的回执", "a receipt that was noted before"))
@printing
def verify_command(receipt: str | None, as_json: bool) -> None:
    """Verify the trail."""
    with opened(Settings.from_environment()) as connection:
        found = verify_trail(connection, receipt_from(receipt))
    if as_json:
        print_json(verdict_document(found))
    else:
        click.echo(verdict_text(found, LANGUAGE))
    click.get_current_context().exit(1 if found.breaks else 0)
