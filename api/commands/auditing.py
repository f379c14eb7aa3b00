"""The command ``gridwarden audit``: whether what is published covers everything, now or at any past moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from api.auditing import AskedAudit, audit_report
from api.commands.moment_options import asking_edition
from api.commands.options import described, opened, speaking
from api.commands.report_output import Format, asking_format, chosen_format, show, written
from api.settings import Settings
from api.words import LANGUAGE, word
from geo.levels import level_name
from geo.store.auditing import SPECIALS, Advance


@click.command(
    help=described(
        "审计已发布的辖区：逐级检查是否全面覆盖、不重不漏，现在或任何一期。有效期内的例外单独列出，不算问题。"
        "结论为“通过”时退出码为 0，否则为 1，出错为 2。",
        "Audit what is published, level by level against the parents, now or at any past moment. Exceptions in force "
        "are listed and are no defects. Exit code 0 only where everything is covered, else 1, and 2 for an error.",
        "gridwarden audit --within 519801 --out audit.html",
    )
)
@click.option("--level", help=word("只检查这一层级；默认所有层级", "this level only; default every level"))
@click.option("--within", metavar="CODE", help=word("只检查这个辖区之内", "only what lies below this area"))
@asking_edition
@asking_format
@speaking
def audit_command(
    level: str | None,
    within: str | None,
    at: str | None,
    edition: int | None,
    form: Format | None,
    as_json: bool,
    out: Path | None,
) -> None:
    """Audit and tell what was found."""
    chosen = chosen_format(form, as_json, out, "audit")
    settings = Settings.from_environment()
    with auditing_bar() as advance, opened(settings) as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")
        report = audit_report(connection, settings, AskedAudit(level, within, at, edition), advance)
    show(written(report, chosen, out, LANGUAGE), report, chosen, out, LANGUAGE)
    click.get_current_context().exit(0 if report.result.verdict == "covered" else 1)


@contextmanager
def auditing_bar() -> Iterator[Advance]:
    """Show on stderr which level is being checked."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("")

        def advance(stage: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=stage_name(stage))

        yield advance


def stage_name(stage: str) -> str:
    """Return what people call a stage of an audit."""
    return word("专属网格", "special grids") if stage == SPECIALS else level_name(stage, LANGUAGE)
