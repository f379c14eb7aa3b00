"""The tables of a plan's sheet, as plain texts: adjustments, areas, households, impact, lineage."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geo.difference_report import change_name, layer_name
from geo.differences import Difference, Differences
from geo.impact_records import GridSize, Impact, MovedPlace
from geo.levels import level_name
from geo.messages import Language, sentence

MOST_ROWS: Final = 200
MOST_NAMED: Final = 12
_QUIET: Final = frozenset({"noded"})

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading, and whether it holds numbers."""

    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading; ``more`` says what is not listed."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


def operation_lines(operations: Sequence[Record], lang: Language) -> list[str]:
    """Return each operation as a sentence."""
    return [_WORDS[str(record["op"])](record, lang) for record in operations]


def _create(record: Record, lang: Language) -> str:
    code = record.get("code") or sentence("sheet-auto-code", lang)
    return sentence(
        "sheet-op-create", lang, level=level_name(record["level"], lang), name=record.get("name", ""), code=code
    )


def _merge(record: Record, lang: Language) -> str:
    codes = _joined(record["codes"], lang)
    if record.get("into"):
        return sentence("sheet-op-merge-into", lang, codes=codes, into=record["into"])
    return sentence("sheet-op-merge", lang, codes=codes)


def _transfer(record: Record, lang: Language) -> str:
    between = {"source": record["from"], "target": record["to"]}
    if record.get("areas"):
        return sentence("sheet-op-transfer-areas", lang, codes=_joined(record["areas"], lang), **between)
    return sentence("sheet-op-transfer", lang, **between)


def _retire(record: Record, lang: Language) -> str:
    if record.get("heir"):
        return sentence("sheet-op-retire", lang, code=record["code"], heir=record["heir"])
    return sentence("sheet-op-retire-gap", lang, code=record["code"])


def _rename(record: Record, lang: Language) -> str:
    said = [str(record[key]) for key in ("name", "local_code", "category") if record.get(key) is not None]
    return sentence("sheet-op-rename", lang, code=record["code"], name=_joined(said, lang))


def _patch(record: Record, lang: Language) -> str:
    return sentence("sheet-op-patch", lang, codes=_joined([one["code"] for one in record["boundaries"]], lang))


_WORDS: Final[Mapping[str, Callable[[Record, Language], str]]] = {
    "create": _create,
    "redraw": lambda record, lang: sentence("sheet-op-redraw", lang, code=record["code"]),
    "merge": _merge,
    "split": lambda record, lang: sentence("sheet-op-split", lang, code=record["code"]),
    "transfer": _transfer,
    "retire": _retire,
    "reparent": lambda record, lang: sentence(
        "sheet-op-reparent", lang, codes=_joined(record["codes"], lang), parent=record["parent"]
    ),
    "rename": _rename,
    "recode": lambda record, lang: sentence("sheet-op-recode", lang, code=record["code"], to=record["to"]),
    "patch": _patch,
    "revert": lambda record, lang: sentence("sheet-op-revert", lang, edition=record["edition"]),
}
_OPERATION_NAMES: Final = {
    "create": "sheet-word-create",
    "redraw": "sheet-word-redraw",
    "merge": "sheet-word-merge",
    "split": "sheet-word-split",
    "transfer": "sheet-word-transfer",
    "retire": "sheet-word-retire",
    "reparent": "sheet-word-reparent",
    "rename": "sheet-word-rename",
    "recode": "sheet-word-recode",
    "patch": "sheet-word-patch",
    "revert": "sheet-word-revert",
    "import": "sheet-word-import",
}


def operation_name(operation: str, lang: Language) -> str:
    """Return what people call an operation."""
    return sentence(_OPERATION_NAMES[operation], lang) if operation in _OPERATION_NAMES else operation


def areas_table(found: Differences, lang: Language) -> Table:
    """Return the areas that change, with their m² before and after; those that merely receive nodes are left out."""
    rows = [row for row in found.rows if not _QUIET.issuperset(row.changes)]
    columns = ("sheet-level", "sheet-code", "sheet-name", "sheet-change", "sheet-area-before", "sheet-area-after")
    return _table("sheet-areas", columns, [_area_row(row, lang) for row in rows], lang, numbers=2)


def _area_row(row: Difference, lang: Language) -> tuple[str, ...]:
    changes = [change_name(change, lang) for change in row.changes if change not in _QUIET]
    sizes = ["–" if state is None else f"{state.area_m2:,.1f}" for state in (row.before, row.after)]
    code, name = row.code, row.name
    if row.before and row.after:
        code = code if row.before.code == code else f"{row.before.code} → {code}"
        name = name if row.before.name == name else f"{row.before.name} → {name}"
    return layer_name(row.level, row.kind, lang), code, name, _joined(changes, lang), *sizes


def households_table(impact: Impact, lang: Language) -> Table:
    """Return the households of each grid before and after."""
    columns = ("sheet-code", "sheet-name", "sheet-judged", "sheet-households-before", "sheet-households-after")
    rows = [
        (
            one.code,
            one.name,
            _judged(one, lang),
            "–" if one.before is None else f"{one.before:,}",
            "–" if one.after is None else f"{one.after:,}",
        )
        for one in impact.sizes
        if one.level == "grid"
    ]
    least, most = next(((one.least, one.most) for one in impact.sizes if one.level == "grid"), (300, 500))
    return _table("sheet-households", columns, rows, lang, numbers=2, least=least, most=most)


def _judged(size: GridSize, lang: Language) -> str:
    if size.after is None:
        return sentence("sheet-ended", lang)
    if size.fits:
        return sentence("sheet-fits", lang)
    return sentence("sheet-too-few" if size.after < size.least else "sheet-too-many", lang)


def handovers_table(impact: Impact, lang: Language) -> Table:
    """Return what passes from which area to which."""
    columns = (
        *("sheet-level", "sheet-from", "sheet-to", "sheet-area"),
        *("sheet-residences", "sheet-household-count", "sheet-residents"),
    )
    nobody, unknown = sentence("sheet-nobody", lang), sentence("sheet-unknown", lang)
    rows = [
        (
            layer_name(one.level, one.kind, lang),
            one.from_code or nobody,
            one.to_code or nobody,
            f"{one.area_m2:,.1f}",
            f"{one.residences:,}",
            f"{one.households:,}",
            unknown if one.residents is None else f"{one.residents:,}",
        )
        for one in impact.handovers
    ]
    return _table("sheet-handed-over", columns, rows, lang, numbers=4)


def impact_lines(impact: Impact, lang: Language) -> list[str]:
    """Return the rest of the impact as lines; what is not there is not mentioned."""
    found: list[tuple[str, Sequence[str]]] = [
        ("sheet-specials", [_moved(one, lang) for one in impact.specials]),
        ("sheet-facilities", [_moved(one, lang) for one in impact.facilities]),
        ("sheet-teams-left", [_item(team, code, lang) for code, team in impact.teams_left]),
        ("sheet-without-team", impact.without_team),
        ("sheet-cuts", [_item(one.name, _joined(one.codes, lang), lang) for one in impact.cuts]),
    ]
    lines = [sentence(kind, lang, items=_some(items, lang)) for kind, items in found if items]
    if impact.unplaced:
        households = sum(one.households for one in impact.unplaced)
        items = _some([one.address for one in impact.unplaced], lang)
        facts = {"count": len(impact.unplaced), "households": f"{households:,}", "items": items}
        lines.append(sentence("sheet-unplaced", lang, **facts))
    moved = sum(one.level == "grid" and one.kind == "general" for one in impact.moved)
    return [*lines, sentence("sheet-moved-count", lang, count=f"{moved:,}")] if moved else lines


def lineage_table(lineage: Iterable[Any], lang: Language) -> Table:
    """Return which part of which area came from where; rows as :class:`maps.plan_sheet.DescentRow`."""
    columns = (
        *("sheet-from", "sheet-to", "sheet-operation"),
        *("sheet-area", "sheet-share-from", "sheet-share-to", "sheet-household-count"),
    )
    nobody = sentence("sheet-nobody", lang)
    rows = [
        (
            f"{one.from_code} {one.from_name}".strip() or nobody,
            f"{one.to_code} {one.to_name}".strip() or nobody,
            operation_name(one.operation, lang),
            f"{one.area_m2:,.1f}",
            f"{one.share_of_from:.1%}",
            f"{one.share_of_to:.1%}",
            "" if one.households is None else f"{one.households:,}",
        )
        for one in lineage
    ]
    return _table("sheet-lineage", columns, rows, lang, numbers=4)


def _table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[tuple[str, ...]],
    lang: Language,
    *,
    numbers: int,
    **facts: object,
) -> Table:
    """Return a table whose last columns hold numbers."""
    headings = [sentence(column, lang) for column in columns]
    first_number = len(headings) - numbers
    more = sentence("sheet-rows-more", lang, count=f"{len(rows) - MOST_ROWS:,}") if len(rows) > MOST_ROWS else ""
    return Table(
        sentence(title, lang, **facts),
        tuple(Column(heading, place >= first_number) for place, heading in enumerate(headings)),
        tuple(rows[:MOST_ROWS]),
        more,
    )


def _joined(texts: Iterable[str], lang: Language) -> str:
    return ("、" if lang == "zh" else ", ").join(texts)


def _some(items: Sequence[str], lang: Language) -> str:
    shown = _joined(items[:MOST_NAMED], lang)
    return shown if len(items) <= MOST_NAMED else f"{shown} {sentence('sheet-more', lang, count=len(items))}"


def _moved(place: MovedPlace, lang: Language) -> str:
    nobody = sentence("sheet-nobody", lang)
    between = {"from_code": place.from_code or nobody, "to_code": place.to_code or nobody}
    return sentence("sheet-item-moved", lang, name=place.name, **between)


def _item(name: str, code: str, lang: Language) -> str:
    return sentence("sheet-item-and-code", lang, name=name, code=code)
