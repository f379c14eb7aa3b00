"""The sheet of a plan that is signed: before and after, who is touched, where the areas come from; for A4 or A3."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from geo.differences import AreaSet, differences
from geo.impact_records import Impact
from geo.messages import Language, sentence
from geo.stored import StoredAreas
from maps.offline import HTML_LANGUAGE, PAGES, template_text
from maps.sheet_map import Frame, SheetMaps, sheet_maps
from maps.sheet_tables import (
    areas_table,
    handovers_table,
    households_table,
    impact_lines,
    lineage_table,
    operation_lines,
)

Paper = Literal["A4", "A3"]
MAP_MM: Final[Mapping[Paper, tuple[float, float]]] = {"A4": (89.0, 126.0), "A3": (194.0, 142.0)}
"""Width and height of each of the two maps on paper."""
SHOWN_OF_HASH: Final = 16
"""Characters of the plan's hash at the foot of every page."""
_STATES: Final = {
    "draft": "plan-state-draft",
    "submitted": "plan-state-submitted",
    "approved": "plan-state-approved",
    "published": "plan-state-published",
    "rejected": "plan-state-rejected",
    "withdrawn": "plan-state-withdrawn",
}
_SIGNED: Final = ("sheet-signed-drafted", "sheet-signed-reviewed", "sheet-signed-approved", "sheet-signed-seal")
_WORDS: Final = {
    "title": "sheet-title",
    "before": "sheet-before",
    "after": "sheet-after",
    "north": "sheet-north",
    "changed": "sheet-legend-changed",
    "handed": "sheet-legend-handed",
    "former": "sheet-legend-former",
    "special": "sheet-legend-special",
    "upper": "sheet-legend-upper",
    "operations": "sheet-operations",
    "impact": "sheet-impact",
    "none": "sheet-none",
    "date": "sheet-sign-date",
}


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What the sheet says of the plan itself; plain texts, as they are to be read.

    Attributes
    ----------
    number, title, author, reason, state
        As the plan's record has them; ``state`` is one of :mod:`geo.plans`.
    effective_date
        Date of the decision, such as ``2026-07-01``; ``""`` while there is none.
    digest
        Hexadecimal SHA-256 of the operations, so that the paper and the plan can be held against each other.
    edition, at
        The edition that the plan was drafted on, and the moment, in site time.
    operations
        The records of the operations, in order, as :func:`geo.adjust.operations.record_of` gives them.
    """

    number: str
    title: str
    author: str
    reason: str
    state: str
    effective_date: str
    digest: str
    edition: int
    at: str
    operations: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class DescentRow:
    """One line of the lineage: which part of an area came from which.

    ``from_code`` is ``""`` for what comes from nowhere, ``to_code`` for what goes nowhere; shares lie in 0-1.
    """

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    operation: str
    area_m2: float
    share_of_from: float
    share_of_to: float
    households: int | None = None


@dataclass(frozen=True, slots=True)
class BaseMap:
    """A picture to lay under the maps: PNG or JPEG bytes in EPSG:4490, and its west, south, east, north in degrees."""

    image: bytes
    bounds: tuple[float, float, float, float]
    attribution: str
    review_number: str = ""


def plan_sheet(
    plan: SheetPlan,
    before: StoredAreas,
    after: StoredAreas,
    impact: Impact,
    lineage: Sequence[DescentRow],
    *,
    source: str,
    lang: Language = "zh",
    paper: Paper = "A4",
    base_map: BaseMap | None = None,
) -> str:
    """Return the sheet as one HTML page that needs no other file and no network, ready to be printed.

    Parameters
    ----------
    plan
        What the sheet says of the plan.
    before, after
        The areas of the plan's neighbourhood, any levels and kinds; ``after`` as ``geo.adjust`` returns it (negative
        ids are new areas, with the codes that they will bear).
    impact
        As :func:`geo.impact.impact` returns it for the same areas.
    lineage
        A line a pair of areas.
    source
        Where the boundaries come from, with the 审图号 if there is one.
    paper
        A4 upright, or A3 lying.
    base_map
        Laid under both maps where there is one.

    Returns
    -------
    str
        HTML, UTF-8; :func:`maps.printing.pdf_of` makes a PDF of it.
    """
    found = differences(AreaSet.of(before), AreaSet.of(after))
    maps = sheet_maps(before, after, found, *MAP_MM[paper])
    handed_over = handovers_table(impact, lang)
    return PAGES.get_template("plan_sheet.html").render(
        lang=HTML_LANGUAGE[lang],
        words={name: sentence(kind, lang) for name, kind in _WORDS.items()},
        style=template_text("plan_sheet.css"),
        paper=paper,
        title=plan.title,
        facts=_facts(plan, lang),
        footer=_css_text(sentence("sheet-footer", lang, number=plan.number, digest=plan.digest[:SHOWN_OF_HASH])),
        maps=maps,
        base=_base(base_map, maps.frame),
        scale=_scale(maps, lang),
        notes=_notes(maps, source, base_map, lang),
        signed=[sentence(kind, lang) for kind in _SIGNED],
        operations=operation_lines(plan.operations, lang),
        areas=areas_table(found, lang),
        households=households_table(impact, lang),
        handed_over=handed_over,
        impact=impact_lines(impact, lang),
        lineage=lineage_table(lineage, lang),
    )


def _facts(plan: SheetPlan, lang: Language) -> list[tuple[str, str]]:
    state = sentence(_STATES[plan.state], lang) if plan.state in _STATES else plan.state
    at = plan.at[:16].replace("T", " ")
    return [
        (sentence("sheet-number", lang), plan.number),
        (sentence("sheet-author", lang), plan.author),
        (sentence("sheet-effective", lang), plan.effective_date or sentence("sheet-no-date", lang)),
        (sentence("sheet-state", lang), state),
        (sentence("sheet-base", lang), sentence("sheet-edition", lang, edition=plan.edition, at=at)),
        (sentence("sheet-reason", lang), plan.reason or "–"),
        (sentence("sheet-hash", lang), plan.digest),
    ]


def _scale(maps: SheetMaps, lang: Language) -> dict[str, Any]:
    length_mm, length_m = maps.frame.scale_bar()
    return {
        "text": sentence("sheet-scale", lang, denominator=f"{maps.frame.denominator:,}"),
        "length_mm": round(length_mm, 2),
        "label": f"{length_m:,} m",
    }


def _notes(maps: SheetMaps, source: str, base_map: BaseMap | None, lang: Language) -> list[str]:
    notes = [sentence("sheet-prefix", lang, prefix=maps.prefix)] if maps.prefix else []
    notes += [sentence("sheet-source", lang, source=source) if source else sentence("sheet-no-source", lang)]
    if base_map is not None:
        notes += [base_map.attribution] if base_map.attribution else []
        notes += [sentence("sheet-review", lang, number=base_map.review_number)] if base_map.review_number else []
    return [*notes, sentence("sheet-projection", lang)]


def _base(base_map: BaseMap | None, frame: Frame) -> dict[str, Any] | None:
    """Return where the base map lies on paper, in mm, and its picture as an address without a host."""
    if base_map is None:
        return None
    west, south, east, north = base_map.bounds
    across, down = frame.width_mm / 2, frame.height_mm / 2
    left = across + (west - frame.middle[0]) * frame.per_degree_mm[0]
    top = down - (north - frame.middle[1]) * frame.per_degree_mm[1]
    kind = "png" if base_map.image.startswith(b"\x89PNG") else "jpeg"
    return {
        "left": round(left, 2),
        "top": round(top, 2),
        "width": round((east - west) * frame.per_degree_mm[0], 2),
        "height": round((north - south) * frame.per_degree_mm[1], 2),
        "address": f"data:image/{kind};base64,{base64.b64encode(base_map.image).decode()}",
    }


def _css_text(text: str) -> str:
    """Return a text that can stand in a string of a style sheet, whatever it holds."""
    return "".join(letter if letter.isalnum() or letter in " ·:：" else f"\\{ord(letter):x} " for letter in text)
