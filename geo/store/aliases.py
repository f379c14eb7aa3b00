"""Aliases in the store: what places are also called."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from geo.store.publish import Publication


class Alias(NamedTuple):
    """What a place is also called: the place by its name on record, or an area by its code."""

    alias: str
    name: str | None
    code: str | None


def load_aliases(connection: Connection, at: datetime) -> frozenset[Alias]:
    """Return the aliases as of a moment."""
    rows = connection.execute(
        text("SELECT alias, name, code FROM place_alias WHERE valid @> CAST(:at AS timestamptz)"), {"at": at}
    )
    return frozenset(Alias(*row) for row in rows)


def known_names(connection: Connection, names: Sequence[str]) -> frozenset[str]:
    """Return those of some names that the gazetteer has."""
    rows = connection.scalars(
        text("SELECT name FROM place_name WHERE name = ANY(CAST(:names AS text[]))"), {"names": list(names)}
    )
    return frozenset(rows)


def write_aliases(
    connection: Connection, opened: Publication, aliases: Sequence[Alias], ended: Sequence[Alias]
) -> None:
    """Open aliases and end others; one word may be used for several places."""
    for one in ended:
        connection.execute(
            text(
                "UPDATE place_alias SET valid = tstzrange(lower(valid), :at) WHERE upper_inf(valid) AND alias = :alias "
                "AND name IS NOT DISTINCT FROM :name AND code IS NOT DISTINCT FROM :code"
            ),
            {**one._asdict(), "at": opened.at},
        )
    if not aliases:
        return
    connection.execute(
        text(
            "INSERT INTO place_alias (alias, name, code, edition, valid) "
            "VALUES (:alias, :name, :code, :edition, tstzrange(:at, NULL))"
        ),
        [{**each._asdict(), "edition": opened.edition, "at": opened.at} for each in aliases],
    )
