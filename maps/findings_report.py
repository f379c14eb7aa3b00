"""The report of a check as one page that needs no other file and no network: a map, tables, and how to repeat it."""

from typing import Any, Final

from geo.check_report import CheckReport, Group
from geo.messages import Language, sentence
from maps.findings_map import COLOURS, finding_facts, map_data
from maps.offline import PAGES, OfflineMap, OfflinePage, template_text

MOST_LISTED: Final = 200
_COLUMNS: Final = {
    "codes": "page-codes",
    "detail": "page-detail",
    "area_m2": "page-area",
    "width_m": "page-width",
    "place": "page-place",
}
_HEADINGS: Final = {
    "findings": "page-findings",
    "inputs": "page-inputs",
    "notes": "page-remarks",
    "mending": "page-mending",
    "number": "page-number",
    "file": "page-file",
    "use": "page-use",
    "rows": "page-rows",
    "crs": "page-crs",
    "tolerance": "page-tolerance",
    "command": "page-command",
    "versions": "page-versions",
    "map": "page-map",
}
_ROLES: Final = {"areas": "check-input-areas", "parents": "check-input-parents"}


class FindingsPage(OfflinePage):
    """The page around the map of findings.

    Parameters
    ----------
    content
        What ``findings.html`` shows; plain texts, escaped there.
    **page
        As for :class:`maps.offline.OfflinePage`.
    """

    _template = PAGES.get_template("findings.html")

    def __init__(self, content: dict[str, Any], **page: Any) -> None:
        super().__init__(**page)
        self.content = content


def findings_page(report: CheckReport, lang: Language = "zh") -> str:
    """Return the report as a page.

    Parameters
    ----------
    report
        The check.
    lang
        Language of the page's own words.

    Returns
    -------
    str
        HTML, to be kept as UTF-8. Equal input gives an equal page.

    Raises
    ------
    Unavailable
        ``bundle-missing``: Leaflet has not been built into ``maps/bundle``.
    """
    numbers = _numbers(report)
    data = map_data(report, numbers, lang)
    page = FindingsPage(
        _content(report, numbers, data, lang),
        title=sentence("page-title", lang, name=report.inputs[0].name),
        lang=lang,
        styles=[template_text("area_map.css"), template_text("findings.css")],
        scripts=[template_text("area_map.js"), template_text("findings_map.js")],
    )
    page_map = OfflineMap(page, data["bounds"], min_zoom=1, max_zoom=26)
    return page_map.html("gridwarden.drawFindings", data)


def _numbers(report: CheckReport) -> dict[int, int]:
    """Give numbers to the findings that are listed, through all kinds."""
    rows = [row for group in report.groups for row in group.listed[:MOST_LISTED]]
    return {row: number for number, row in enumerate(rows, start=1)}


def _content(report: CheckReport, numbers: dict[int, int], data: dict[str, Any], lang: Language) -> dict[str, Any]:
    result = report.result
    return {
        "words": {name: sentence(kind, lang) for name, kind in _HEADINGS.items()},
        "verdict": result.verdict if result.outer_checked or result.verdict != "covered" else "clean",
        "headline": report.headline(lang),
        "notes": [*report.notes(lang), *data["notes"]],
        "mending": report.mending(lang, MOST_LISTED),
        "groups": [_group(report, group, numbers, lang) for group in report.groups],
        "inputs": [
            {
                "use": sentence(_ROLES[one.role], lang),
                "name": one.name,
                "format": " · ".join(dict.fromkeys([one.format, one.layer])),
                "rows": f"{one.areas:,}",
                "crs": one.crs,
                "sha256": one.sha256,
            }
            for one in report.inputs
        ],
        "tolerance": f"{result.tolerance_m:g} m",
        "command": report.command,
        "versions": ", ".join(f"{name} {text}" for name, text in report.versions.items()),
    }


def _group(report: CheckReport, group: Group, numbers: dict[int, int], lang: Language) -> dict[str, Any]:
    findings = report.result.findings
    shown = group.listed[:MOST_LISTED]
    rows = [{"number": numbers[row], **finding_facts(report, row, lang)} for row in shown]
    used = [name for name in _COLUMNS if any(row[name] for row in rows)]
    lines = []
    if len(group.listed) > len(shown):
        lines.append(sentence("more-findings", lang, count=f"{len(group.listed) - len(shown):,}"))
    if group.specks:
        lines.append(group.specks_line(findings, report.result.tolerance_m, lang))
    return {
        "title": group.title(findings, lang),
        "colour": COLOURS[group.kind],
        "columns": [(name, sentence(_COLUMNS[name], lang)) for name in used],
        "rows": rows,
        "lines": lines,
    }
