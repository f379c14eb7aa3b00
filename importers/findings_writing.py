"""Findings as text for a planner, as JSON, and as a GeoPackage that opens in QGIS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely

from geo.check_report import CheckReport, Group, codes_text, detail_text, kind_name, stored
from geo.crs import parse_crs
from geo.findings import Finding, area_text, width_text
from geo.messages import Language, sentence
from importers.drivers import lock_down
from importers.whole_file import replaced_whole

MOST_LISTED: Final = 20
ABOUT: Final = "about"
STORED: Final = "EPSG:4490"
_MULTI: Final = {0: "MultiPoint", 1: "MultiLineString", 2: "MultiPolygon"}
_MADE_MULTI: Final = {0: shapely.multipoints, 1: shapely.multilinestrings, 2: shapely.multipolygons}


def text_lines(report: CheckReport, lang: Language, most_listed: int = MOST_LISTED) -> list[str]:
    """Return the report as lines for a planner: the verdict first, then kind by kind, the worst first.

    Parameters
    ----------
    report
        The check.
    lang
        Language of the text.
    most_listed
        How many findings of a kind are listed one by one; slivers of less than a square metre never are.
    """
    result = report.result
    files = "  ".join(one.name for one in report.inputs)
    crs, tolerance_m = report.inputs[0].crs, f"{result.tolerance_m:g}"
    lines = [
        report.headline(lang),
        f"{files}  {sentence('check-settings', lang, crs=crs, tolerance_m=tolerance_m)}",
        *report.notes(lang),
    ]
    for group in report.groups:
        lines += ["", *_group_lines(report, group, lang, most_listed)]
    mending = report.mending(lang, most_listed)
    return [*lines, "", *mending] if mending else lines


def _group_lines(report: CheckReport, group: Group, lang: Language, most_listed: int) -> Iterator[str]:
    findings = report.result.findings
    yield group.title(findings, lang)
    shown = group.listed[:most_listed]
    for number, row in enumerate(shown, start=1):
        parts = [
            codes_text(findings[row].codes, lang),
            detail_text(findings[row], lang),
            _size(findings[row], lang),
            place_text(report, row, lang),
            findings[row].id,
        ]
        yield f"  {number:>3}. " + "  ".join(part for part in parts if part)
    if len(group.listed) > len(shown):
        yield "       " + sentence("more-findings", lang, count=f"{len(group.listed) - len(shown):,}")
    if group.specks:
        yield "       " + group.specks_line(findings, report.result.tolerance_m, lang)


def _size(finding: Finding, lang: Language) -> str:
    width_m = width_text(finding.width_m)
    if finding.area_m2:
        return sentence("finding-size-words", lang, area_m2=area_text(finding.area_m2), width_m=width_m)
    return sentence("finding-width-words", lang, width_m=width_m) if finding.width_m else ""


def place_text(report: CheckReport, row: int, lang: Language) -> str:
    """Return longitude and latitude of a finding, EPSG:4490."""
    lon, lat = report.places[row].tolist()
    return f"{lon:.6f},{lat:.6f}" if np.isfinite([lon, lat]).all() else sentence("no-place", lang)


def json_text(report: CheckReport) -> str:
    """Return the report as a JSON document."""
    return json.dumps(report.document(), ensure_ascii=False, indent=1, allow_nan=False)


def write_geopackage(path: Path, report: CheckReport, lang: Language) -> None:
    """Write one layer a kind, the kind with the worst finding first, and a table ``about`` of how they were found.

    Geometries are in the file's own CRS; of GCJ-02 and BD-09, which no program knows, converted to EPSG:4490.

    Parameters
    ----------
    path
        ``.gpkg``; a file that is there is replaced when the new one is whole.
    report
        The check.
    lang
        Language of the sentences in it.

    Raises
    ------
    BadInput
        ``no-such-folder`` or ``cannot-write``.
    """
    lock_down()
    known = parse_crs(report.crs).kind != "offset"
    crs = report.crs if known else STORED
    with replaced_whole(path) as draft:
        for group in report.groups:
            rows = [*group.listed, *group.specks]
            geoms = np.full(len(rows), None, dtype=object)
            geoms[:] = [report.result.findings[row].geometry for row in rows]
            write_layer(
                draft, group.kind, geoms if known else stored(geoms, report.crs), crs, _columns(report, rows, lang)
            )
        write_layer(draft, ABOUT, None, None, about_columns(report, crs, lang))


def _columns(report: CheckReport, rows: list[int], lang: Language) -> dict[str, Any]:
    own = [report.result.findings[row] for row in rows]
    places = report.places[rows]
    return {
        "finding_id": text_column([finding.id for finding in own]),
        "name": text_column([kind_name(finding.kind, lang) for finding in own]),
        "codes": text_column([", ".join(finding.codes) for finding in own]),
        "detail": text_column([detail_text(finding, lang) for finding in own]),
        "area_m2": np.array([finding.area_m2 for finding in own], dtype=np.float64),
        "width_m": np.array([finding.width_m for finding in own], dtype=np.float64),
        "blocking": np.array([finding.blocking for finding in own], dtype=np.bool_),
        "sliver": np.array([finding.sliver for finding in own], dtype=np.bool_),
        "lon": places[:, 0],
        "lat": places[:, 1],
    }


def about_columns(report: CheckReport, crs: str, lang: Language) -> dict[str, Any]:
    """Return what was checked and how, as keys and values."""
    result = report.result
    facts = [
        ("headline", report.headline(lang)),
        ("verdict", result.verdict),
        ("areas", str(result.areas)),
        ("crs", crs),
        ("tolerance_m", f"{result.tolerance_m:g}"),
        ("covered_m2", f"{result.covered_m2:.1f}"),
        ("declared_m2", f"{result.declared_m2:.1f}"),
        ("command", report.command),
        *((f"sha256 {one.role} {one.name}", one.sha256) for one in report.inputs),
        *((f"version {name}", text) for name, text in report.versions.items()),
        *(("note", note) for note in report.notes(lang)),
    ]
    return {"key": text_column([key for key, _ in facts]), "value": text_column([value for _, value in facts])}


def text_column(values: list[str]) -> Any:
    """Return texts as a column of a layer."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def write_layer(draft: Path, name: str, geoms: Any, crs: str | None, columns: dict[str, Any]) -> None:
    """Add a layer to a GeoPackage; a table where there are no geometries."""
    kind = None if geoms is None else _geometry_type(geoms)
    pyogrio.raw.write(
        draft,
        geometry=None if geoms is None else shapely.to_wkb(_of_type(geoms, kind)),
        field_data=list(columns.values()),
        fields=np.array(list(columns), dtype=object),
        layer=name,
        driver="GPKG",
        geometry_type=kind,
        crs=crs,
    )


def _geometry_type(geoms: Any) -> str:
    """Return the one type that all have once they are made multiple; ``Unknown``, which is any, where they differ."""
    kinds = shapely.get_type_id(geoms[~shapely.is_missing(geoms)])
    dimensions = set(shapely.get_dimensions(geoms[~shapely.is_missing(geoms)]).tolist())
    return _MULTI[dimensions.pop()] if len(dimensions) == 1 and not (kinds == 7).any() else "Unknown"


def _of_type(geoms: Any, kind: str | None) -> Any:
    """Make all geometries multiple, since a column is of one type."""
    if kind == "Unknown":
        return geoms
    single = shapely.get_type_id(geoms)
    multiple = geoms.copy()
    for row in np.flatnonzero(np.isin(single, (0, 1, 3))):
        multiple[row] = _MADE_MULTI[shapely.get_dimensions(geoms[row])]([geoms[row]])
    return multiple
