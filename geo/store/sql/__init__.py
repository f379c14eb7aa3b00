"""The statements, one ``.sql`` file each with a header that says what goes in and which index serves."""

from functools import cache
from importlib.resources import files

from sqlalchemy import TextClause, text


@cache
def statement(name: str) -> TextClause:
    """Return a statement by the name of its file; parameters are bound, never formatted."""
    return text(files("geo.store.sql").joinpath(f"{name}.sql").read_text("utf-8"))
