"""Which stored area is the parent of each incoming one: by a field, or by largest share."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from geo.areas import Geometries
from geo.change_check import LEFT_OVER_M2
from geo.measure import area_m2
from geo.nesting import largest_share, point_holder
from geo.stored import StoredAreas
from importers.import_report import ImportReport
from importers.incoming import Incoming
from importers.layer import Layer
from importers.surroundings import Surroundings

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def with_parents(layer: Layer, around: Surroundings, report: ImportReport, *, guess: bool) -> tuple[Layer, Mask]:
    """Find the parent of each area; rows that name one in vain are refused in the report.

    Where the file says nothing, it is the area that holds the largest share, at the nearest level above that has
    areas; for a special grid the lowest area that holds all of it.

    Parameters
    ----------
    guess
        Whether the area that holds some inner point will do for a while: shares take long to compute, and the check
        of the coverage tells which areas reach beyond that parent (:func:`share_holders` then decides).

    Returns
    -------
    tuple
        The layer with parents, and which of them are guesses.
    """
    guessed = np.zeros(len(layer), dtype=bool)
    if not around.upper:
        return layer, guessed
    special = layer.areas.kind == "special"
    candidates = around.above() if special else around.of_level(around.upper[0])
    found = _by_text(layer.areas, around.present.take(candidates), report)
    parents = np.zeros(len(layer), dtype=np.int64)
    named = found >= 0
    parents[named] = around.present.ids[candidates[found[named]]]
    silent = layer.areas.parent_texts == ""
    if guess and not special:
        # a boundary that stays may have reached beyond its parent before, and is not checked again
        rows = np.flatnonzero(silent & ~layer.same_boundary)
        parents[rows] = _point_holders(layer.areas.geoms[rows], around)
        guessed[rows] = parents[rows] > 0
    rows = np.flatnonzero(silent & ~guessed)
    parents[rows] = (holders if special else share_holders)(layer.areas.geoms[rows], around)
    return layer.with_parents(parents), guessed


def _by_text(areas: Incoming, candidates: StoredAreas, report: ImportReport) -> Index:
    """Return the row of the parent that the file names, -1 where it names none or in vain."""
    books = [book(column) for column in (candidates.codes, candidates.local_codes, candidates.names)]
    parents = np.full(len(areas), -1, dtype=np.int64)
    for place, wanted in enumerate(areas.parent_texts):
        if not wanted:
            continue
        found = next((known[wanted] for known in books if wanted in known), [])
        if len(found) == 1:
            parents[place] = found[0]
        elif found:
            codes = ", ".join(candidates.codes[found[:5]])
            report.refuse(
                int(areas.rows[place]), areas.codes[place], "ambiguous-parent", parent=wanted, candidates=codes
            )
        else:
            report.refuse(int(areas.rows[place]), areas.codes[place], "unknown-parent", parent=wanted)
    return parents


def book(column: Iterable[str | None]) -> dict[str, list[int]]:
    """Return the rows by text, leaving out blanks."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, value in enumerate(column):
        if value:
            rows[value].append(row)
    return rows


def share_holders(geoms: Geometries, around: Surroundings) -> Index:
    """Return the id of the area of the nearest level that holds the largest share of each boundary, 0 for none."""
    if not around.upper:
        return np.zeros(len(geoms), dtype=np.int64)
    rows = around.of_level(around.upper[0])
    return _ids(largest_share(geoms, around.present.geoms[rows]).parent, around.present.ids[rows])


def _point_holders(geoms: Geometries, around: Surroundings) -> Index:
    """Return the id of the area of the nearest level that alone holds an inner point of each boundary, 0 for none."""
    rows = around.of_level(around.upper[0])
    return _ids(point_holder(geoms, around.present.geoms[rows]), around.present.ids[rows])


def _ids(held: Index, ids: Index) -> Index:
    """Return the ids of rows, 0 for row -1."""
    found = np.zeros(len(held), dtype=np.int64)
    found[held >= 0] = ids[held[held >= 0]]
    return found


def holders(geoms: Geometries, around: Surroundings) -> Index:
    """Return the id of the lowest area that holds all of each boundary, 0 for none."""
    ids = np.zeros(len(geoms), dtype=np.int64)
    size_m2 = area_m2(geoms)
    for level in around.upper:
        rows, left = around.of_level(level), np.flatnonzero(ids == 0)
        if not len(rows) or not len(left):
            continue
        held = largest_share(geoms[left], around.present.geoms[rows])
        whole = (held.parent >= 0) & (size_m2[left] * (1.0 - held.share) <= LEFT_OVER_M2)
        ids[left[whole]] = around.present.ids[rows[held.parent[whole]]]
    return ids
