"""A comparison as one page that needs no network: a table, and a map that shows before and after."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import among
from geo.difference_report import COLUMNS, DifferenceReport, change_name, detail, layer_name
from geo.differences import Change, Difference
from geo.levels import DEFAULT
from geo.messages import Language, sentence
from geo.stored import StoredAreas
from maps.offline import PAGES, OfflineMap, OfflinePage, template_text
from maps.words import word

MOST_LISTED: Final = 1_000
MOST_DRAWN: Final = 2_000
"""Differences on the map; with them up to as many unchanged neighbours."""
MOST_VERTICES: Final = 250_000
DECIMALS: Final = 7
COLOURS: Final[dict[Change, str]] = {
    "created": "#117733",
    "retired": "#CC3311",
    "redrawn": "#EE7733",
    "redigitised": "#88CCEE",
    "noded": "#DDDDDD",
    "renamed": "#0077BB",
    "recoded": "#332288",
    "reparented": "#AA4499",
    "marked": "#999933",
}
"""Paul Tol, "Colour Schemes" (SRON/EPS/TN/09-002, issue 3.2), the schemes *vibrant* and *muted*."""
_MOVING: Final = ("retired", "redrawn", "redigitised")
"""Changes after which a border is elsewhere: the former one is drawn over the map of afterwards."""
_MARGIN: Final = 0.15
"""Of the size of what differs: so much of the neighbourhood is drawn around it."""


class DifferencePage(OfflinePage):
    """The page around the map of differences; ``content`` is what ``differences.html`` shows, plain texts."""

    _template = PAGES.get_template("differences.html")

    def __init__(self, content: dict[str, Any], **page: Any) -> None:
        super().__init__(**page)
        self.content = content


def difference_page(
    report: DifferenceReport, old: StoredAreas, new: StoredAreas, *, source: str, lang: Language = "zh"
) -> str:
    """Return the comparison as a page.

    Parameters
    ----------
    report
        The comparison.
    old, new
        The states that were compared, for the neighbours of what differs.
    source
        Where the boundaries come from; left out when empty.
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
    rows = report.found.rows
    data = _map_data(report, old, new, lang)
    before, after = report.sides(lang)
    notes = [*report.notes(lang), sentence("diff-page-note", lang)]
    if len(rows) > MOST_DRAWN:
        notes.append(sentence("diff-page-part", lang, drawn=f"{MOST_DRAWN:,}", count=f"{len(rows):,}"))
    content = {
        "headline": report.headline(lang),
        "notes": [*notes, *([f"{word('source', lang)}{word('colon', lang)}{source}"] if source else [])],
        "tables": _tables(report, lang),
        "words": {"table": sentence("diff-column-change", lang), "map": sentence("page-map", lang)},
        "remarks": sentence("page-remarks", lang),
    }
    page = DifferencePage(
        content,
        title=sentence("diff-page-title", lang, old=before, new=after),
        lang=lang,
        styles=[template_text("area_map.css"), template_text("findings.css"), template_text("differences.css")],
        scripts=[template_text("area_map.js"), template_text("difference_map.js")],
    )
    page_map = OfflineMap(page, data["bounds"], min_zoom=1, max_zoom=24)
    return page_map.html("gridwarden.drawDifferences", data)


def _tables(report: DifferenceReport, lang: Language) -> list[dict[str, Any]]:
    tables: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for number, row in enumerate(report.found.rows[:MOST_LISTED]):
        tables.setdefault((row.level, row.kind), []).append(_row(number, row, lang))
    heading = [sentence(column, lang) for column in COLUMNS]
    return [{"title": layer_name(*layer, lang), "heading": heading, "rows": rows} for layer, rows in tables.items()]


def _row(number: int, row: Difference, lang: Language) -> dict[str, Any]:
    return {
        "number": number,
        "colour": COLOURS[row.changes[0]],
        "change": ("、" if lang == "zh" else ", ").join(change_name(change, lang) for change in row.changes),
        "code": row.code,
        "name": row.name,
        "gained": f"{row.gained_m2:,.1f}" if row.gained_m2 else "",
        "lost": f"{row.lost_m2:,.1f}" if row.lost_m2 else "",
        "moved": f"{row.moved_m:,.2f}" if row.moved_m else "",
        "told": detail(row, lang),
    }


def _map_data(report: DifferenceReport, old: StoredAreas, new: StoredAreas, lang: Language) -> dict[str, Any]:
    """Return what ``difference_map.js`` draws."""
    rows = report.found.rows[:MOST_DRAWN]
    changes = {(row.level, row.kind, row.code): row.changes[0] for row in rows}
    changes |= {(row.level, row.kind, row.before.code): row.changes[0] for row in rows if row.before is not None}
    bounds = _bounds([row.geometry for row in rows], old, new)
    pieces = [one for one in report.found.pieces if one.from_code or one.to_code][:MOST_DRAWN]
    return {
        "words": {
            "before": sentence("diff-page-before", lang),
            "after": sentence("diff-page-after", lang),
            "pieces": sentence("diff-page-pieces", lang),
            "nobody": sentence("diff-nobody", lang),
            "whole": word("whole", lang),
            "zoom_in": word("zoom_in", lang),
            "zoom_out": word("zoom_out", lang),
        },
        "bounds": [[bounds[1], bounds[0]], [bounds[3], bounds[2]]],
        "kinds": [{"colour": COLOURS[change], "name": change_name(change, lang)} for change in report.found.counts()],
        "before": _features(old, changes, bounds, lang),
        "after": _features(new, changes, bounds, lang),
        "pieces": [
            {
                "type": "Feature",
                "geometry": shapely.geometry.mapping(_rounded(np.array([one.geometry], dtype=object))[0]),
                "properties": {"from": one.from_code, "to": one.to_code, "area_m2": f"{one.area_m2:,.1f}"},
            }
            for one in pieces
        ],
        "boxes": [_box(row.geometry) for row in report.found.rows[:MOST_LISTED]],
    }


def _features(
    areas: StoredAreas, changes: dict[tuple[str, str, str], Change], bounds: tuple[float, ...], lang: Language
) -> list[dict[str, Any]]:
    """Return the areas of one state that differ, with their neighbours, the largest levels first."""
    keys = list(zip(areas.levels, areas.kinds, areas.codes, strict=True))
    differing = np.array([key in changes for key in keys], dtype=bool)
    near = _meets(areas, bounds) & among(areas.levels, {level for level, _, _ in changes})
    order = _drawing_order(areas, differing, near)
    return [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(shape),
            "properties": {
                "code": str(areas.codes[row]),
                "name": str(areas.names[row]),
                "layer": layer_name(areas.levels[row], areas.kinds[row], lang),
                "depth": _depth(areas, row),
                "special": areas.kinds[row] == "special",
                "colour": COLOURS[changes[keys[row]]] if differing[row] else "",
                "moved": bool(differing[row]) and changes[keys[row]] in _MOVING,
            },
        }
        for row, shape in zip(order, _rounded(areas.geoms[order]), strict=True)
    ]


def _drawing_order(areas: StoredAreas, differing: Any, near: Any) -> list[int]:
    chosen = [*np.flatnonzero(differing).tolist(), *np.flatnonzero(near & ~differing).tolist()[:MOST_DRAWN]]
    chosen = [row for row in chosen if areas.geoms[row] is not None]
    vertices = np.cumsum(shapely.get_num_coordinates(areas.geoms[chosen]))
    kept = [row for row, total in zip(chosen, vertices.tolist(), strict=True) if total <= MOST_VERTICES]
    return sorted(kept, key=lambda row: (areas.kinds[row] == "special", _depth(areas, row), bool(differing[row])))


def _depth(areas: StoredAreas, row: int) -> int:
    level = areas.levels[row]
    return DEFAULT.levels.index(level) if level in DEFAULT.levels else len(DEFAULT.levels)


def _meets(areas: StoredAreas, bounds: tuple[float, ...]) -> npt.NDArray[np.bool_]:
    west, south, east, north = bounds
    boxes = shapely.bounds(areas.geoms)
    meets: npt.NDArray[np.bool_] = (
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    )
    return meets


def _bounds(
    geoms: Sequence[shapely.Geometry | None], old: StoredAreas, new: StoredAreas
) -> tuple[float, float, float, float]:
    """Return the box of what differs and a margin around it; of everything where nothing differs."""
    column = np.empty(len(geoms), dtype=object)
    column[:] = geoms
    for shapes in (column, np.concatenate([old.geoms, new.geoms])):
        west, south, east, north = shapely.total_bounds(shapes).tolist()
        if np.isfinite([west, south, east, north]).all():
            margin = _MARGIN * max(east - west, north - south, 1e-4)
            return west - margin, south - margin, east + margin, north + margin
    return -180.0, -60.0, 180.0, 75.0


def _box(geometry: shapely.Geometry | None) -> list[list[float]] | None:
    if geometry is None or geometry.is_empty:
        return None
    west, south, east, north = geometry.bounds
    return [[south, west], [north, east]]


def _rounded(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda xy: np.round(xy, DECIMALS))
