"""The command ``gridwarden forget``: names and numbers of people who left."""

from datetime import timedelta

import click

from api.commands.identifying import identified, write_down
from api.commands.options import described, opened, print_json, printing
from api.settings import Settings
from api.words import LANGUAGE
from geo.messages import sentence
from geo.store.editions import present
from geo.store.people import forget_people


@click.command(
    help=described(
        "删去离开团队已久的人的姓名和电话（角色保留）。可以每天自动运行。",
        "Erase names and numbers of people who left their last team long ago; roles stay. May be run every day.",
        "gridwarden forget --left-days 730",
    )
)
@click.option("--left-days", type=click.IntRange(min=0), required=True, help="离开几天以后 / days since they left")
@printing
def forget_command(left_days: int, as_json: bool) -> None:
    """Erase people who left."""
    settings = Settings.from_environment()
    with opened(settings) as connection:
        who = identified(connection, settings, None)
        with connection.begin():
            count = forget_people(connection, present(connection).at - timedelta(days=left_days))
        write_down(connection, who, count=count, left_days=left_days)
    if as_json:
        print_json({"forgotten": count})
    else:
        click.echo(sentence("people-forgotten", LANGUAGE, count=count))
