"""Which area a row of a ledger speaks of: its code, local code or name cells, held against each other."""

from dataclasses import dataclass, field
from typing import Final

from geo.errors import BadInput, GeoError
from geo.levels import NAMES
from importers.cell_text import folded
from importers.directory import AreaDirectory
from importers.ledger_columns import AREA_FIELDS, CHAIN, fields_of
from importers.sheets import Row, Table

_OTHER_LEVEL_WORDS: Final = {"区": "county", "县": "county", "镇": "town", "乡": "town", "全科网格": "grid"}
_LEVEL_OF: Final = _OTHER_LEVEL_WORDS | {
    word: level for level, (zh, en) in NAMES.items() for word in (level, en, zh, *zh.split("/"))
}
_Texts = tuple[str, ...]


@dataclass(slots=True)
class AreaReader:
    """Reads the area of each row of one table; rows that say the same are looked up once."""

    table: Table
    directory: AreaDirectory
    level: str | None = None
    _columns: dict[str, str] = field(init=False)
    _known: dict[_Texts, str | GeoError] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._columns = fields_of(self.table.columns)

    @property
    def has_columns(self) -> bool:
        """Whether the table has any column that names an area."""
        return any(name in self._columns for name in AREA_FIELDS)

    def is_named(self, row: Row) -> bool:
        """Return whether a row names a grid, or any area where the table has no column for grids."""
        own = [name for name in ("code", "local_code", "grid") if name in self._columns]
        return any(self._text(row, name) for name in own or CHAIN)

    def area_of(self, row: Row) -> str:
        """Return the code of the area that a row speaks of.

        Raises
        ------
        BadInput
            With row and column: no area named, an unknown or ambiguous one, or cells that contradict each other.
        """
        texts = tuple(self._text(row, name) for name in (*AREA_FIELDS, "level"))
        if texts not in self._known:
            try:
                self._known[texts] = self._look_up(row)
            except GeoError as error:
                self._known[texts] = error
        found = self._known[texts]
        if isinstance(found, str):
            return found
        place = {"file": self.table.file, "row": row.number, "field": found.place.get("field", "")}
        raise BadInput(found.kind, place=place, **found.facts)

    def _text(self, row: Row, name: str) -> str:
        return row.cells.get(self._columns.get(name, ""), "")

    def _look_up(self, row: Row) -> str:
        level = self._stated_level(row) or self.level
        own = next((name for name in ("code", "local_code") if self._text(row, name)), None)
        if own is not None:
            code = self._resolve(row, own, level)
            self._compare(row, code)
            return code
        if self._text(row, "grid"):
            return self._resolve(row, "grid", level)
        return self._resolve(row, self._lowest_of_chain(row, level), level)

    def _stated_level(self, row: Row) -> str | None:
        text = self._text(row, "level")
        if not text:
            return None
        level = _LEVEL_OF.get(folded(text))
        if level is None:
            known = "、".join(zh for zh, _ in NAMES.values())
            raise BadInput("ledger-unknown-level", place={"field": self._columns["level"]}, known=known)
        return level

    def _lowest_of_chain(self, row: Row, level: str | None) -> str:
        """Return the lowest area above grids that a row names, if the row may speak of it rather than of a grid."""
        has_grids = any(name in self._columns for name in ("code", "local_code", "grid"))
        names = [name for name in reversed(CHAIN) if self._text(row, name) and level in (None, name)]
        if not names or (has_grids and level is None):
            column = next((self._columns[name] for name in ("grid", *AREA_FIELDS) if name in self._columns), "")
            raise BadInput("ledger-no-area", place={"field": column}, column=column)
        return names[0]

    def _resolve(self, row: Row, name: str, level: str | None) -> str:
        """Return the area that one cell means, within what the row names above it."""
        text = self._text(row, name)
        # A code says where it lies; a context that is only spelt differently must not make it unknown.
        within = CHAIN[: CHAIN.index(name)] if name in CHAIN else () if text in self.directory else CHAIN
        above = {outer: self._text(row, outer) or None for outer in within}
        try:
            return self.directory.resolve(text, level=level or (name if name in CHAIN else None), **above)
        except BadInput as error:
            raise BadInput(error.kind, place={"field": self._columns[name]}, **error.facts) from None

    def _compare(self, row: Row, code: str) -> None:
        """Refuse a row whose code means one area and whose name means another; names that mean none are let pass."""
        chain = [item.code for item in self.directory.chain(code)]
        for name in ("grid", *CHAIN):
            if not self._text(row, name):
                continue
            try:
                other = self._resolve(row, name, self.directory.entry(code).level if name == "grid" else name)
            except BadInput:
                continue
            if other not in chain:
                column = self._columns[name]
                facts = {"column": column, "code": code, "other": other}
                raise BadInput("ledger-area-contradicts", place={"field": column}, **facts)
