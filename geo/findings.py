"""Findings: defects found by a check, typed, located and measured; and the remarks that need other data."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries
from geo.messages import Language, sentence

NAMES: Final = {
    "invalid_geometry": "finding-invalid-geometry",
    "overlap": "finding-overlap",
    "gap": "finding-gap",
    "outside_parent": "finding-outside-parent",
    "unmatched_edge": "finding-unmatched-edge",
    "duplicate": "finding-duplicate",
    "orphan": "finding-orphan",
    "multipart": "finding-multipart",
    "size": "finding-size",
    "team": "finding-team",
    "splits_estate": "finding-splits-estate",
}
"""Every kind, in the order of reports, and the sentence that names it."""
DETAILS: Final = {
    "no boundary": "detail-no-boundary",
    "not a polygon": "detail-not-a-polygon",
    "coordinate not finite": "detail-not-finite",
    "wider than 180 degrees": "detail-too-wide",
    "spike": "detail-spike",
    "unreadable geometry": "detail-unreadable",
    "ring not closed": "detail-unclosed",
    "beyond the globe": "detail-beyond-the-globe",
    "Self-intersection": "detail-self-intersection",
    "Ring Self-intersection": "detail-ring-self-intersection",
    "Hole lies outside shell": "detail-hole-outside",
    "Holes are nested": "detail-nested-holes",
    "Nested shells": "detail-nested-shells",
    "Duplicate Rings": "detail-duplicate-rings",
    "Interior is disconnected": "detail-disconnected",
    "Too few points in geometry component": "detail-too-few-points",
    "no parent": "detail-no-parent",
    "code contradicts parent": "detail-code-contradicts",
    "same code": "detail-same-code",
    "same boundary": "detail-same-boundary",
    "no team": "detail-no-team",
    "incomplete": "detail-incomplete",
}
"""Sentences of the details that are words; others are numbers and names, and stay as they are."""
REMARKS: Final = frozenset({"multipart", "size", "team", "splits_estate"})
"""The kinds that block nothing."""
ID_LENGTH: Final = 16
SPECK_M2: Final = 1.0
"""Slivers of at least this area stand among the large pieces."""
_ORDER: Final = {kind: place for place, kind in enumerate(NAMES)}
_OFFSET: Final = 0.3819660112501051
"""Irrational, so that no coordinate with a short fraction lies where rounding turns over."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect.

    Attributes
    ----------
    id
        Hexadecimal; the same for equal input in any order.
    kind
        A key of :data:`NAMES`.
    codes
        The areas concerned, sorted: of a gap the parent if known, else the areas around it; of what lies outside a
        parent the child and then the parent.
    geometry
        Where, in the CRS of the check; None where there is no place.
    area_m2
        m² of the geometry; 0 for lines and points.
    width_m
        Width of its widest piece, 2 · area / perimeter, in m.
    sliver
        Whether the width is below the tolerance.
    blocking
        Whether publication stops at it.
    detail
        What belongs to the kind: a key of :data:`DETAILS`, another reason of GEOS, a number or a name; may be "".
    """

    id: str
    kind: str
    codes: tuple[str, ...]
    geometry: Any
    area_m2: float = 0.0
    width_m: float = 0.0
    sliver: bool = False
    blocking: bool = True
    detail: str = ""

    def text(self, lang: Language = "zh") -> str:
        """Return one sentence: the kind, the codes, the size."""
        words = DETAILS.get(self.detail)
        detail = self.detail if words is None else sentence(words, lang)
        named = sentence(NAMES[self.kind], lang, detail=detail)
        codes = ("、" if lang == "zh" else ", ").join(self.codes)
        return sentence(
            "finding-line",
            lang,
            named=named,
            codes=codes,
            area_m2=f"{self.area_m2:,.1f}",
            width_m=f"{self.width_m:,.2f}",
        )


def area_text(area_m2: float) -> str:
    """Return m² as people read them: one decimal, below one as many as tell it from nothing."""
    if area_m2 >= 1 or not area_m2:
        return f"{area_m2:,.1f}"
    return f"{area_m2:.4f}".rstrip("0") if area_m2 >= 0.0001 else "<0.0001"


def width_text(width_m: float) -> str:
    """Return m as people read them: slivers down to a tenth of a millimetre."""
    if width_m >= 1:
        return f"{width_m:,.2f}"
    return f"{width_m:.4f}".rstrip("0").rstrip(".") if width_m >= 0.0001 or not width_m else "<0.0001"


def make_findings(
    kind: str,
    codes: Sequence[tuple[str, ...]],
    geoms: Geometries,
    *,
    cell: float,
    area_m2: npt.ArrayLike = 0.0,
    width_m: npt.ArrayLike = 0.0,
    tolerance_m: float = 0.0,
    details: Sequence[str] | None = None,
) -> list[Finding]:
    """Build findings of one kind from columns of length n.

    Parameters
    ----------
    cell
        Side of a lattice cell in CRS units: places are told apart to this length in ids.
    area_m2, width_m
        Shape (n,), or one number for all.
    tolerance_m
        Pieces narrower than this are slivers, and so are unmatched edges; other lines and points never are.
    """
    count = len(codes)
    areas, widths = np.broadcast_to(area_m2, count), np.broadcast_to(width_m, count)
    extended = shapely.get_dimensions(geoms) == (1 if kind == "unmatched_edge" else 2)
    slivers = extended & (widths < tolerance_m)
    blocking = kind not in REMARKS
    texts = [""] * count if details is None else details
    ids = _ids(kind, codes, geoms, cell)
    return [
        Finding(
            ids[row],
            kind,
            codes[row],
            geoms[row],
            float(areas[row]),
            float(widths[row]),
            bool(slivers[row]),
            blocking,
            texts[row],
        )
        for row in range(count)
    ]


def _ids(kind: str, codes: Sequence[tuple[str, ...]], geoms: Geometries, cell: float) -> list[str]:
    """Hash kind, codes and the place: how far the geometry reaches in eight directions, in cells.

    Unlike a list of vertices this depends neither on where a ring starts nor on nodes along straight edges.
    """
    places = _reach(geoms, cell)
    return [
        sha256("\x1f".join([kind, *own, *map(str, place)]).encode()).hexdigest()[:ID_LENGTH]
        for own, place in zip(codes, places, strict=True)
    ]


def _reach(geoms: Geometries, cell: float) -> list[list[int]]:
    """Return the extreme values of x, y, x + y and x - y of each geometry in whole cells, shape (n, 8)."""
    places = np.zeros((len(geoms), 8), dtype=np.int64)
    xy, row = shapely.get_coordinates(geoms, return_index=True)
    finite = np.isfinite(xy).all(axis=1)
    xy, row = xy[finite], row[finite]
    if not len(row):
        return places.tolist()
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    x, y = xy[:, 0] / cell, xy[:, 1] / cell
    for column, values in enumerate((x, y, x + y, x - y)):
        low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
        places[row[starts], 2 * column] = np.floor(low + _OFFSET)
        places[row[starts], 2 * column + 1] = np.floor(high + _OFFSET)
    return places.tolist()


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sort, each id once: large pieces, other defects, slivers of less than a square metre, remarks."""
    unique = {finding.id: finding for finding in findings}
    return sorted(unique.values(), key=_rank)


def _rank(finding: Finding) -> tuple[int, float, int, tuple[str, ...], str]:
    if not finding.blocking:
        tier = 3
    elif finding.area_m2 >= SPECK_M2:
        tier = 0
    else:
        tier = 2 if finding.sliver else 1
    return tier, -round(finding.area_m2, 4), _ORDER[finding.kind], finding.codes, finding.id


def count_kinds(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings there are of each kind that occurs, in the order of reports."""
    found = Counter(finding.kind for finding in findings)
    return {kind: found[kind] for kind in NAMES if kind in found}
