"""Whether a database can be served from: does it answer, and has it the tables that this program needs."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, text

from geo.errors import Unavailable
from geo.store.editions import present_edition
from geo.store.migrate import current_revision, newest_revision


@dataclass(frozen=True, slots=True)
class Health:
    """What a database that can be served from says of itself."""

    edition: int
    revision: str
    postgresql: str
    postgis: str


def health(connection: Connection) -> Health:
    """Ask a database how it is.

    Raises
    ------
    Unavailable
        ``schema-differs``: its tables are older or newer than this program, or missing.
    """
    found, needed = current_revision(connection), _needed_revision()
    if found != needed:
        raise Unavailable("schema-differs", found=found or "–", needed=needed)
    postgresql, postgis = connection.execute(
        text(
            "SELECT split_part(current_setting('server_version'), ' ', 1), "
            "(SELECT extversion FROM pg_extension WHERE extname = 'postgis')"
        )
    ).one()
    return Health(present_edition(connection), needed, postgresql, postgis)


# Reading the migration scripts takes longer than the answer.
_needed_revision = cache(newest_revision)
