"""The map of findings as plain data: what lies where, the areas under it, their parents around it."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Areas, Geometries
from geo.check_report import CheckReport, codes_text, detail_text, is_speck, kind_name, stored
from geo.findings import area_text, width_text
from geo.messages import Language, sentence

MOST_FINDINGS: Final = 1_500
MOST_VERTICES: Final = 250_000
DECIMALS: Final = 8
"""About a millimetre: slivers of centimetres keep their shape."""
COLOURS: Final = {
    "invalid_geometry": "#000000",
    "overlap": "#CC3311",
    "gap": "#AA3377",
    "outside_parent": "#EE7733",
    "unmatched_edge": "#0077BB",
    "duplicate": "#009988",
    "orphan": "#33BBEE",
    "multipart": "#666666",
    "size": "#666666",
    "team": "#666666",
    "splits_estate": "#666666",
}
"""Paul Tol, "Colour Schemes" (SRON/EPS/TN/09-002, issue 3.2), the schemes *vibrant* and *high-contrast*."""

Index = npt.NDArray[np.int64]


def map_data(report: CheckReport, numbers: dict[int, int], lang: Language) -> dict[str, Any]:
    """Return what ``findings_map.js`` draws.

    Parameters
    ----------
    report
        The check.
    numbers
        The number on the page of each finding that is listed there, by its row.
    lang
        Language of the texts.

    Returns
    -------
    dict
        ``words``, ``bounds`` (south-west and north-east corner), ``kinds``, ``findings``, ``areas``, ``parents``, and
        ``notes`` of what was left out.
    """
    findings = _drawn_findings(report)
    areas = _drawn_areas(report, findings)
    shapes = stored(report.areas.geoms[areas], report.crs)
    parents = _parents(report)
    around = stored(parents.geoms, report.crs)
    return {
        "words": {
            "areas": sentence("page-ground", lang),
            "parents": sentence("page-parents", lang),
            "whole": sentence("page-whole", lang),
            "zoom_in": sentence("page-zoom-in", lang),
            "zoom_out": sentence("page-zoom-out", lang),
        },
        "bounds": _bounds(np.concatenate([shapes, around]), report.places),
        "kinds": [
            {"kind": group.kind, "name": kind_name(group.kind, lang), "colour": COLOURS[group.kind]}
            for group in report.groups
        ],
        "findings": _findings(report, findings, numbers, lang),
        "areas": _features(report.areas.take(areas), shapes),
        "parents": _features(parents, around),
        "notes": _notes(report, len(findings), len(areas), lang),
    }


def _drawn_findings(report: CheckReport) -> Index:
    """Return the rows of the worst findings that have a place."""
    placed = np.flatnonzero(np.isfinite(report.places).all(axis=1))
    return placed[:MOST_FINDINGS]


def _drawn_areas(report: CheckReport, findings: Index) -> Index:
    """Return the rows of areas to draw, those with findings first, as many as a page can hold, in their own order."""
    geoms = report.areas.geoms
    rank = {}
    for row in findings[::-1].tolist():
        rank.update(dict.fromkeys(report.result.findings[row].codes, row))
    last = len(report.result.findings)
    order = np.argsort([rank.get(str(code), last) for code in report.areas.codes], kind="stable")
    drawable = shapely.get_dimensions(geoms[order]) == 2
    order = order[drawable & ~_odd(geoms[order])]
    vertices = np.cumsum(shapely.get_num_coordinates(geoms[order]))
    return np.sort(order[vertices <= MOST_VERTICES])


def _odd(geoms: Geometries) -> npt.NDArray[np.bool_]:
    """Tell which geometries have coordinates that are no numbers."""
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    odd = np.zeros(len(geoms), dtype=np.bool_)
    odd[row[~np.isfinite(xy).all(axis=1)]] = True
    return odd


def _parents(report: CheckReport) -> Areas:
    parents = report.areas.take([]) if report.parents is None else report.parents
    drawable = (shapely.get_dimensions(parents.geoms) == 2) & ~_odd(parents.geoms)
    parents = parents.take(drawable)
    vertices = np.cumsum(shapely.get_num_coordinates(parents.geoms))
    return parents.take(vertices <= MOST_VERTICES)


def _bounds(shapes: Geometries, places: npt.NDArray[np.float64]) -> list[list[float]]:
    boxes = shapely.bounds(shapes)
    corners = np.concatenate([boxes[:, :2], boxes[:, 2:], places])
    corners = corners[np.isfinite(corners).all(axis=1)]
    if not len(corners):
        corners = np.array([[-180.0, -60.0], [180.0, 75.0]])
    (west, south), (east, north) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return [[south, west], [north, east]]


def _findings(report: CheckReport, rows: Index, numbers: dict[int, int], lang: Language) -> list[dict[str, Any]]:
    own = [report.result.findings[row] for row in rows.tolist()]
    shapes = np.full(len(own), None, dtype=object)
    shapes[:] = [finding.geometry for finding in own]
    lonlat = np.round(report.places[rows], DECIMALS)
    return [
        {
            "id": finding.id,
            "kind": finding.kind,
            "number": numbers.get(row),
            "speck": is_speck(finding),
            "codes": list(finding.codes),
            "place": [lat, lon],
            "facts": finding_facts(report, row, lang),
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for row, finding, shape, (lon, lat) in zip(
            rows.tolist(), own, _rounded(stored(shapes, report.crs)), lonlat.tolist(), strict=True
        )
    ]


def finding_facts(report: CheckReport, row: int, lang: Language) -> dict[str, str]:
    """Return the plain texts of one finding: codes, detail, area, width, place, id."""
    finding = report.result.findings[row]
    lon, lat = report.places[row].tolist()
    placed = bool(np.isfinite([lon, lat]).all())
    return {
        "codes": codes_text(finding.codes, lang),
        "detail": detail_text(finding, lang),
        "area_m2": area_text(finding.area_m2) if finding.area_m2 else "",
        "width_m": width_text(finding.width_m) if finding.width_m else "",
        "place": f"{lon:.6f},{lat:.6f}" if placed else sentence("no-place", lang),
        "id": finding.id,
    }


def _features(areas: Areas, shapes: Geometries) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {"code": str(code), "name": "" if name == code else str(name)},
        }
        for code, name, shape in zip(areas.codes, areas.names, _rounded(shapes), strict=True)
    ]


def _rounded(shapes: Geometries) -> Geometries:
    return shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))


def _notes(report: CheckReport, findings: int, areas: int, lang: Language) -> list[str]:
    notes = [sentence("page-map-note", lang)]
    total = int(np.isfinite(report.places).all(axis=1).sum())
    if findings < total:
        notes.append(sentence("page-findings-part", lang, drawn=f"{findings:,}", count=f"{total:,}"))
    if areas < len(report.areas):
        notes.append(sentence("page-ground-part", lang, drawn=f"{areas:,}", areas=f"{len(report.areas):,}"))
    return notes
