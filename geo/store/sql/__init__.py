"""The statements, one ``.sql`` file each with a header that says what goes in and which index serves."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from sqlalchemy import TextClause, text


def array_text(values: Iterable[str]) -> str:
    """Return PostgreSQL's text of a ``text[]``: many texts are bound faster as one."""
    quoted = ",".join('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values)
    return f"{{{quoted}}}"


@cache
def statement(name: str) -> TextClause:
    """Return a statement by the name of its file; parameters are bound, never formatted."""
    return text(files("geo.store.sql").joinpath(f"{name}.sql").read_text("utf-8"))
