"""A comparison as people and programs read it: headline, table, JSON document, GeoJSON features."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import shapely

from geo.differences import CHANGES, Change, Difference, Differences, Share
from geo.errors import GeoError
from geo.levels import level_name
from geo.messages import Language, sentence

FORMAT: Final = "gridwarden-diff/1"
NAMES: Final[dict[Change, str]] = {
    "created": "change-created",
    "retired": "change-retired",
    "redrawn": "change-redrawn",
    "redigitised": "change-redigitised",
    "noded": "change-noded",
    "renamed": "change-renamed",
    "recoded": "change-recoded",
    "reparented": "change-reparented",
    "marked": "change-marked",
}
"""The sentence that names each change."""
COLUMNS: Final = (
    "diff-column-change",
    "diff-column-code",
    "diff-column-name",
    "diff-column-gained",
    "diff-column-lost",
    "diff-column-moved",
    "diff-column-told",
)
_MOST_OTHERS: Final = 4
_LEAST_SHARE: Final = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceReport:
    """A comparison, with what was compared.

    Attributes
    ----------
    found
        What differs.
    old, new
        Facts of the sides: ``file`` and ``sha256``, or ``edition`` and ``at``.
    versions
        Of the programs that the result depends on.
    remarks
        What was assumed or left out in reading files.
    """

    found: Differences
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    versions: Mapping[str, str]
    remarks: Sequence[GeoError] = ()

    def sides(self, lang: Language) -> tuple[str, str]:
        """Return what the sides are called."""
        return side_name(self.old, lang), side_name(self.new, lang)

    def headline(self, lang: Language) -> str:
        """Return the first line: what was compared, and how much differs."""
        found = self.found
        old, new = self.sides(lang)
        numbers = {"old_count": found.before, "new_count": found.after, "unchanged": found.unchanged}
        line = sentence("diff-headline", lang, old=old, new=new, **{key: f"{n:,}" for key, n in numbers.items()})
        counts = [
            sentence("diff-counts", lang, name=change_name(change, lang), count=f"{count:,}")
            for change, count in found.counts().items()
        ]
        comma, semicolon = ("，", "；") if lang == "zh" else (", ", "; ")
        return semicolon.join([line, comma.join(counts)]) if counts else line

    def notes(self, lang: Language) -> list[str]:
        """Return the lines below the headline."""
        tolerance = sentence("diff-tolerance", lang, tolerance_m=f"{self.found.tolerance_m:g}")
        nothing = [] if self.found.rows else [sentence("diff-nothing", lang)]
        return [*nothing, tolerance, *(remark.text(lang) for remark in self.remarks)]

    def document(self) -> dict[str, Any]:
        """Return the comparison as JSON has it; geometry stands in :meth:`features` only."""
        found = self.found
        return {
            "format": FORMAT,
            "old": dict(self.old),
            "new": dict(self.new),
            "tolerance_m": found.tolerance_m,
            "counts": dict(found.counts()),
            "unchanged": found.unchanged,
            "differences": [_document(row) for row in found.rows],
            "pieces": [
                {"level": one.level, "kind": one.kind, "from": one.from_code, "to": one.to_code, "area_m2": one.area_m2}
                for one in found.pieces
            ],
            "versions": dict(self.versions),
            "remarks": [{"kind": one.kind, "zh": one.text("zh"), "en": one.text("en")} for one in self.remarks],
        }

    def features(self) -> dict[str, Any]:
        """Return a GeoJSON collection: every area that differs, and every piece of land that changed hands."""
        rows = [_feature({"feature": "area", **_document(row)}, row.geometry) for row in self.found.rows]
        pieces = [
            _feature(
                {
                    "feature": "piece",
                    "level": one.level,
                    "kind": one.kind,
                    "from": one.from_code,
                    "to": one.to_code,
                    "area_m2": one.area_m2,
                },
                one.geometry,
            )
            for one in self.found.pieces
        ]
        about = {"old": dict(self.old), "new": dict(self.new), "tolerance_m": self.found.tolerance_m}
        return {"type": "FeatureCollection", **about, "features": [*rows, *pieces]}

    def tables(self, lang: Language) -> list[tuple[str, list[list[str]]]]:
        """Return a title and the rows of a table, columns as :data:`COLUMNS`, for each level and kind."""
        tables: dict[tuple[str, str], list[Difference]] = {}
        for row in self.found.rows:
            tables.setdefault((row.level, row.kind), []).append(row)
        return [
            (layer_name(level, kind, lang), [_cells(row, lang) for row in sorted(rows, key=_rank)])
            for (level, kind), rows in tables.items()
        ]


def change_name(change: Change, lang: Language) -> str:
    """Return what people call a change."""
    return sentence(NAMES[change], lang)


def layer_name(level: str, kind: str, lang: Language) -> str:
    """Return what people call a level's general areas, or the special grids."""
    return sentence("diff-special", lang) if kind == "special" else level_name(level, lang)


def side_name(facts: Mapping[str, Any], lang: Language) -> str:
    """Return what a side is called."""
    if "file" in facts:
        return str(facts["file"])
    return sentence("diff-edition", lang, edition=facts["edition"], at=str(facts["at"])[:16].replace("T", " "))


def detail(row: Difference, lang: Language) -> str:
    """Return what else is to be said of a difference: where land comes from and goes to, old code, name and parent."""
    nobody = sentence("diff-nobody", lang)
    told = []
    if any(one.code and one.share >= _LEAST_SHARE for one in row.came_from):
        told.append(sentence("diff-from", lang, others=_others(row.came_from, nobody, lang)))
    if any(one.code and one.share >= _LEAST_SHARE for one in row.went_to):
        told.append(sentence("diff-to", lang, others=_others(row.went_to, nobody, lang)))
    if row.before and row.after:
        pairs = ((row.before.code, row.after.code), (row.before.name, row.after.name))
        was = [old for old, new in pairs if old != new]
        told += [sentence("diff-was", lang, was=" ".join(was))] if was else []
        if "reparented" in row.changes:
            was_parent, now_parent = row.before.parent or nobody, row.after.parent or nobody
            told.append(sentence("diff-parent", lang, was=was_parent, now=now_parent))
    return ("；" if lang == "zh" else "; ").join(told)


def _rank(row: Difference) -> tuple[int, str]:
    return CHANGES.index(row.changes[0]), row.code


def _cells(row: Difference, lang: Language) -> list[str]:
    return [
        ("、" if lang == "zh" else ", ").join(change_name(change, lang) for change in row.changes),
        row.code,
        row.name,
        f"{row.gained_m2:,.1f}" if row.gained_m2 else "",
        f"{row.lost_m2:,.1f}" if row.lost_m2 else "",
        f"{row.moved_m:,.2f}" if row.moved_m else "",
        detail(row, lang),
    ]


def _others(shares: Sequence[Share], nobody: str, lang: Language) -> str:
    told = [one for one in shares if one.share >= _LEAST_SHARE]
    named = [f"{one.code or nobody} {one.share:.1%}" for one in told[:_MOST_OTHERS]]
    more = ["…"] if len(told) > _MOST_OTHERS else []
    return ("、" if lang == "zh" else ", ").join([*named, *more])


def _document(row: Difference) -> dict[str, Any]:
    return {
        "level": row.level,
        "kind": row.kind,
        "code": row.code,
        "name": row.name,
        "changes": list(row.changes),
        "before": None if row.before is None else asdict(row.before),
        "after": None if row.after is None else asdict(row.after),
        "gained_m2": row.gained_m2,
        "lost_m2": row.lost_m2,
        "moved_m": row.moved_m,
        "came_from": [asdict(one) for one in row.came_from],
        "went_to": [asdict(one) for one in row.went_to],
    }


def _feature(properties: Mapping[str, Any], geometry: shapely.Geometry | None) -> dict[str, Any]:
    drawn = None if geometry is None else shapely.geometry.mapping(shapely.orient_polygons(geometry))
    return {"type": "Feature", "geometry": drawn, "properties": dict(properties)}
