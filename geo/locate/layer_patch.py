"""Patching the index of a layer: only the cells around edges that came or went are built again.

Edges that came or went bound all land whose cover changed. They are gathered into rectangles of cells of the first
level, so wide that what covers their south-western corners is as before. Within a rectangle the other edges are read
from the cells as they are; then its cells are built as those of a layer, and what they are made of is appended.
"""

from typing import Any, Final

import numba
import numpy as np

from geo.locate.building import cells_of, levels_of, written
from geo.locate.cell_sets import Sets
from geo.locate.kernel import AREAS, COLUMNS, CROWD, ROWS, SHIFT, SOUTH, WEST, Cells, Longs, Words, descend
from geo.locate.patches import ArrayPatch, Patch
from geo.locate.segments import Segments
from geo.locate.uses import differing, segments_from, uses_in

MOST_CELLS: Final = 1 << 20
"""Cells of the first level that are built again, at most: beyond, the whole layer is."""
MOST_WORDS: Final = 1 << 30


def layer_patch(cells: Cells, gone: Words, come: Words) -> Patch | None:
    """Return what becomes of the arrays of a layer.

    Parameters
    ----------
    cells
        The layer as it is.
    gone, come
        The uses of edges that it loses and gains, see :mod:`geo.locate.uses`.

    Returns
    -------
    Patch or None
        None where the layer does not hold what it should lose: it has to be built from boundaries.
    """
    frames = _frames(cells.facts, np.concatenate([gone, come]))
    fits = come[:, 5].max(initial=0) <= cells.facts[AREAS] and len(cells.pool) < MOST_WORDS
    if frames is None or not fits:
        return _rebuilt(cells, gone, come)
    parts: list[Segments] = []
    for frame in frames:
        columns, rows = (_places(cells.facts, frame, axis) for axis in range(2))
        inside = uses_in(cells, (columns[0], rows[0]), (columns[1], rows[1]))
        lost, gained = (each[_within(frame, each)] for each in (gone, come))
        segments = _changed(inside, lost, gained)
        if segments is None:
            return None
        parts.append(segments)
    return _patched(cells, frames, parts)


def _changed(uses: Words, gone: Words, come: Words) -> Segments | None:
    """Return the edges of uses of which some go and others come, None where those that go are not there."""
    left, missing = differing(uses, gone)
    return None if len(missing) else segments_from(np.concatenate([left, come]))


def _rebuilt(cells: Cells, gone: Words, come: Words) -> Patch | None:
    """Build the whole layer again from the edges that it holds."""
    facts = cells.facts
    uses = uses_in(cells, (0, 0), (int(facts[COLUMNS]) - 1, int(facts[ROWS]) - 1))
    segments = _changed(uses, gone, come)
    if segments is None:
        return None
    areas = max(int(facts[AREAS]), int(come[:, 5].max(initial=0)))
    built = cells_of(segments, areas, roomy=True)
    return {name: ArrayPatch.replacing(array) for name, array in built._asdict().items()}


def _frames(facts: Longs, touched: Words) -> Longs | None:
    """Return frames of blocks around edges, None where they are too large or reach beyond the layer."""
    shift, origin = int(facts[SHIFT]), facts[[WEST, SOUTH]]
    low = np.minimum(touched[:, :2], touched[:, 2:4]) - origin
    high = (np.maximum(touched[:, :2], touched[:, 2:4]) - origin) >> shift
    size = facts[[COLUMNS, ROWS]]
    if (low <= 0).any() or (high >= size).any():
        return None
    boxes = np.column_stack([np.maximum((low >> shift) - 1, 0), np.minimum(high + 1, size - 1)])
    boxes = boxes[: _gather(boxes)]
    counts = boxes[:, 2:] - boxes[:, :2] + 1
    cells = counts.prod(axis=1)
    if cells.sum() > MOST_CELLS:
        return None
    first = np.cumsum(cells) - cells
    shifts = np.full(len(boxes), shift)
    return np.column_stack([origin + (boxes[:, :2] << shift), shifts, counts, first]).astype(np.int64)


@numba.njit(cache=True, nogil=True)
def _gather(boxes: Any) -> Any:  # pragma: no cover - compiled
    """Join boxes of cells that share cells, in place, until none do; return how many are left."""
    count = 0
    for i in range(len(boxes)):
        west, south, east, north = boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3]
        j = 0
        while j < count:
            if boxes[j, 0] <= east and boxes[j, 2] >= west and boxes[j, 1] <= north and boxes[j, 3] >= south:
                west, south = min(west, boxes[j, 0]), min(south, boxes[j, 1])
                east, north = max(east, boxes[j, 2]), max(north, boxes[j, 3])
                count -= 1
                boxes[j] = boxes[count]
                # the box has grown: it may meet those that it missed before
                j = 0
            else:
                j += 1
        boxes[count, 0], boxes[count, 1], boxes[count, 2], boxes[count, 3] = west, south, east, north
        count += 1
    return count


def _places(facts: Longs, frame: Longs, axis: int) -> tuple[int, int]:
    """Return the first and the last column (axis 0) or row (axis 1) of a frame in the layer."""
    first = int(frame[axis] - facts[WEST + axis]) >> int(frame[2])
    return first, first + int(frame[3 + axis]) - 1


def _within(frame: Longs, uses: Words) -> Any:
    """Tell which edges lie in a frame; each lies wholly in one of them."""
    low, end = frame[:2], frame[:2] + (frame[3:5] << frame[2])
    return ((uses[:, :2] >= low) & (uses[:, :2] < end)).all(axis=1)


def _patched(cells: Cells, frames: Longs, parts: list[Segments]) -> Patch:
    segments = Segments(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    ends = np.cumsum([len(part.ends) for part in parts])
    lists = np.column_stack([np.concatenate([[0], ends[:-1]]), ends]).astype(np.int64)
    corners = np.array([_corner(*cells[:3], *frame[:2]) for frame in frames.tolist()], dtype=np.int64)
    known = Sets(cells.sets.copy(), cells.set_start.copy())
    levels, sets = levels_of(segments, int(cells.facts[AREAS]), frames, lists, corners, known, whole=False)
    values, pool, crowd = written(levels, segments, len(cells.pool))
    facts = cells.facts.copy()
    facts[CROWD] = max(int(facts[CROWD]), crowd)
    at = np.concatenate([_top_places(cells.facts, frame) for frame in frames])
    other = cells.top[at] != values
    return {
        "facts": ArrayPatch.replacing(facts),
        "top": ArrayPatch(at[other], values[other], values[:0]),
        "pool": ArrayPatch.appending(pool),
        "sets": ArrayPatch.appending(sets.members[len(cells.sets) :]),
        "set_start": ArrayPatch.appending(sets.start[len(cells.set_start) :]),
    }


def _top_places(facts: Longs, frame: Longs) -> Longs:
    """Return the places of a frame's cells among all of the first level, column by column."""
    columns, rows = (_places(facts, frame, axis) for axis in range(2))
    places = np.arange(columns[0], columns[1] + 1)[:, None] * int(facts[ROWS]) + np.arange(rows[0], rows[1] + 1)
    return places.reshape(-1).astype(np.int64)


@numba.njit(cache=True, nogil=True)
def _corner(facts: Any, top: Any, pool: Any, px: Any, py: Any) -> Any:  # pragma: no cover - compiled
    """Return the set that covers a corner of cells of the first level."""
    x, y, shift = px - facts[WEST], py - facts[SOUTH], facts[SHIFT]
    value = np.int64(top[(x >> shift) * facts[ROWS] + (y >> shift)])
    if value < 0:
        value, shift = descend(pool, value, shift, x, y)
    return value if value >= 0 else np.int64(pool[~value + 1])
