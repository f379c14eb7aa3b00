"""Comparisons as text for a planner, as JSON and as GeoJSON."""

import json
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len

from geo.difference_report import COLUMNS, DifferenceReport
from geo.messages import Language, sentence

MOST_LISTED: Final = 200
_NUMBERS: Final = (3, 4, 5)
"""Columns that are aligned on the right."""


def difference_lines(report: DifferenceReport, lang: Language, most_listed: int = MOST_LISTED) -> list[str]:
    """Return the comparison as lines: headline, notes, and a table a level.

    Parameters
    ----------
    report
        The comparison.
    lang
        Language of the text.
    most_listed
        Rows of a table at most; the other formats have all.
    """
    lines = [report.headline(lang), *report.notes(lang)]
    heading = [sentence(column, lang) for column in COLUMNS]
    for title, rows in report.tables(lang):
        lines += ["", title, *_table(heading, rows[:most_listed])]
        if len(rows) > most_listed:
            lines.append("  " + sentence("more-findings", lang, count=f"{len(rows) - most_listed:,}"))
    return lines


def difference_json(report: DifferenceReport) -> str:
    """Return the comparison as a JSON document, without geometry."""
    return json.dumps(report.document(), ensure_ascii=False, indent=1, allow_nan=False)


def difference_geojson(report: DifferenceReport) -> str:
    """Return the comparison as GeoJSON, EPSG:4490."""
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    return json.dumps({**report.features(), "crs": named}, ensure_ascii=False, allow_nan=False)


def _table(heading: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Lay out cells in columns; a Chinese character is as wide as two letters. Columns without content are left out."""
    used = [place for place in range(len(heading)) if any(row[place] for row in rows)]
    width = {place: max(cell_len(row[place]) for row in [heading, *rows]) for place in used}
    for row in [heading, *rows]:
        cells = []
        for place in used:
            blank = " " * (width[place] - cell_len(row[place]))
            cells.append(blank + row[place] if place in _NUMBERS else row[place] + blank)
        yield "  " + "  ".join(cells).rstrip()
