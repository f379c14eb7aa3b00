"""People of teams: how long their names and numbers are kept once they have left."""

from datetime import datetime

from sqlalchemy import Connection

from geo.store.sql import statement


def forget_people(connection: Connection, before: datetime) -> int:
    """Erase the names and numbers of people who have been in no team since a moment; return of how many.

    Teams of the past keep their roles, now without names.
    """
    return int(connection.execute(statement("people_forget"), {"before": before}).rowcount)
