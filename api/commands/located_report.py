"""What the commands that locate tables say at the end."""

import click

from api.commands.options import print_json
from api.words import LANGUAGE, word
from geo.locate.words import status_name
from geo.messages import sentence
from importers.point_locating import PointReport


def tell_located(report: PointReport, target: str, *, as_json: bool) -> None:
    """Say how many rows were located and end the command: with 0 where every row was found, else with 1."""
    if report.swapped:
        click.echo(sentence("points-look-swapped", LANGUAGE, count=report.swapped), err=True)
    if as_json:
        print_json(report.document())
    else:
        click.echo(_summary(report, target))
    click.get_current_context().exit(0 if report.statuses.get("found", 0) == report.rows else 1)


def _summary(report: PointReport, target: str) -> str:
    statuses = word("，", ", ").join(
        f"{status_name(status, LANGUAGE)} {count:,}" for status, count in report.statuses.items()
    )
    facts = {"rows": f"{report.rows:,}", "statuses": statuses or "0", "name": target, "edition": report.edition}
    return sentence("points-located", LANGUAGE, **facts)
