"""Which levels have areas."""

from datetime import datetime

from sqlalchemy import Connection

from geo.store.sql import statement


def present_levels(connection: Connection, at: datetime) -> set[str]:
    """Return the levels that have an area at a moment."""
    return set(connection.scalars(statement("levels_present"), {"at": at}))
