"""Alembic migrations: each revision runs one ``.sql`` file that stands beside it."""

from importlib.resources import files

from alembic import op


def run_sql(name: str) -> None:
    """Run a migration's SQL file as it is, without parameters."""
    text = files("geo.store.migrations").joinpath(name).read_text("utf-8")
    # The driver takes a percent sign for a parameter; functions raise with them.
    op.get_bind().exec_driver_sql(text.replace("%", "%%"))
