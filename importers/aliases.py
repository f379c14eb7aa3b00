"""Importing aliases: what places are also called, from a table to what the store takes, with a report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from geo.addresses.spelling import spelt
from geo.errors import BadInput, GeoError
from geo.store.aliases import Alias, known_names, load_aliases, write_aliases
from geo.store.publish import Publication
from importers.directory import AreaDirectory
from importers.ledger_columns import fields_of
from importers.ledger_import import LedgerReport, ledger_opened, ledger_report, ledger_table
from importers.sheets import Row, SetAside, Table

_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class PreparedAliases:
    """Aliases that are new, and those that end because the table gives their words to other places."""

    edition: int
    aliases: list[Alias]
    ended: list[Alias]
    report: LedgerReport

    def changes_anything(self) -> bool:
        """Tell whether publishing would change anything."""
        return bool(self.aliases or self.ended)

    def write(self, connection: Connection, opened: Publication) -> None:
        """Write the aliases inside a publication."""
        write_aliases(connection, opened, self.aliases, self.ended)


@dataclass(frozen=True, slots=True)
class _AliasLedger:
    aliases: tuple[Alias, ...]
    refused: tuple[SetAside, ...]
    dropped: tuple[SetAside, ...]
    remarks: tuple[GeoError, ...]


def prepare_aliases(
    connection: Connection, path: Path, *, sheet: str | None, encoding: str | None, skip_bad_rows: bool
) -> PreparedAliases:
    """Read a table of aliases: each with the code of an area, or a name as it is on record.

    What a word stood for before ends where the table names the word.

    Raises
    ------
    GeoError
        For a file that is no such table; all rows or none, unless ``skip_bad_rows``.
    """
    edition, now, directory, _ = ledger_opened(connection)
    table, sha256 = ledger_table(path, sheet, encoding)
    ledger = _read(connection, table, directory)
    report = ledger_report(table, sha256, "aliases", ledger, {"-": {"aliases": len(ledger.aliases)}})
    report.require_whole(skip_bad_rows)
    stored, words = load_aliases(connection, now), {one.alias for one in ledger.aliases}
    fresh = [one for one in ledger.aliases if one not in stored]
    ended = [one for one in stored if one not in ledger.aliases and one.alias in words]
    report.taken, report.unchanged = len(fresh), len(ledger.aliases) - len(fresh)
    return PreparedAliases(edition, fresh, ended, report)


def _read(connection: Connection, table: Table, directory: AreaDirectory) -> _AliasLedger:
    fields = fields_of(table.columns)
    alias, code = fields.get("alias", ""), fields.get("code", "")
    name = next((fields[each] for each in ("title", "name", "address") if each in fields), "")
    if not alias or not (code or name):
        wanted = "别名，和编码或名称 / alias, and code or name"
        raise BadInput("ledger-column-missing", place={"file": table.file}, wanted=wanted)
    names = known_names(connection, sorted({row.cells.get(name, "") for row in table.rows}))
    found: dict[Alias, None] = {}
    refused: list[SetAside] = []
    for row in table.rows:
        texts = tuple(row.cells.get(column, "") for column in (alias, code, name))
        try:
            found[_alias(row, texts, directory, names)] = None
        except BadInput as refusal:
            place = {"file": table.file, "row": row.number}
            refused.append(SetAside(row.number, BadInput(refusal.kind, place=place, **refusal.facts)))
    return _AliasLedger(tuple(found), tuple(refused), table.dropped, tuple(table.remarks))


def _alias(row: Row, texts: tuple[str, ...], directory: AreaDirectory, names: frozenset[str]) -> Alias:
    alias, code, name = texts
    if not alias:
        raise BadInput("alias-missing", row=row.number)
    if len(alias) > _LONGEST or not spelt(alias).stem:
        raise BadInput("alias-too-long", row=row.number)
    if not code and not name:
        raise BadInput("alias-target-missing", row=row.number)
    if not (code in directory if code else name in names):
        raise BadInput("alias-target-unknown", row=row.number, target=code or name)
    return Alias(alias, None if code else name, code or None)
