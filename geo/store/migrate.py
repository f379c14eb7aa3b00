"""Bring a database to the present schema."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from geo.errors import Unavailable
from geo.store.connect import connect
from geo.store.schema import APP_ROLE, SCHEMA


def _config(location: str) -> Config:
    config = Config()
    config.set_main_option("script_location", location)
    return config


def newest_revision() -> str:
    """Return the revision that this program needs."""
    with as_file(files("geo.store.migrations")) as folder:
        head = ScriptDirectory.from_config(_config(str(folder))).get_current_head()
    return str(head)


def current_revision(connection: Connection) -> str | None:
    """Return the revision of a database, None where it has no schema of ours."""
    if connection.scalar(text("SELECT to_regclass('gridwarden.alembic_version')")) is None:
        return None
    found = connection.scalar(text("SELECT version_num FROM gridwarden.alembic_version"))
    return None if found is None else str(found)


def upgrade(url: str) -> str:
    """Create or upgrade the schema in one transaction, and return the revision.

    Parameters
    ----------
    url
        A database URL of the owner: a role that may create schemas there.

    Raises
    ------
    Unavailable
        Where PostGIS or btree_gist is missing and may not be created, or the server cannot be reached.
    """
    with connect(url, role=None) as connection, connection.begin():
        _prepare(connection)
        with as_file(files("geo.store.migrations")) as folder:
            config = _config(str(folder))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return newest_revision()


def _prepare(connection: Connection) -> None:
    for extension in ("postgis", "btree_gist"):
        present = connection.scalar(text("SELECT true FROM pg_extension WHERE extname = :name"), {"name": extension})
        if not present:
            try:
                connection.exec_driver_sql(f"CREATE EXTENSION {extension} SCHEMA public")
            except Exception as failure:
                raise Unavailable("extension-missing", extension=extension) from failure
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('gridwarden.migrate'))"))
    if not connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :name"), {"name": APP_ROLE}):
        connection.exec_driver_sql(f"CREATE ROLE {APP_ROLE} NOLOGIN")
        connection.exec_driver_sql(f"GRANT {APP_ROLE} TO CURRENT_USER")
    connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    connection.exec_driver_sql(f"SET LOCAL search_path = {SCHEMA}, public")
