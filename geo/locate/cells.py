"""Sorting the segments of a layer into cells, level of cells by level of cells.

A cell with too many edges becomes a block of smaller ones. Within a block, columns are swept from south to north: the
edges that cross a column's western line change what covers the corners further north.
"""

from typing import Any, Final, NamedTuple

import numba
import numpy as np

from geo.locate.kernel import SEVERAL, Longs, Words, side_of, token_of
from geo.locate.segments import Segments

PER_SEGMENT: Final = 4
FEW_CELLS: Final = 1 << 20
"""Cells of the first level for each segment, at least; one beyond a number of cells that fits a processor's cache."""
MOST_EDGES: Final = 6
"""Edges of a cell that is not divided."""
MOST_FOLD: Final = 6
"""A cell becomes at most 2^6 columns of 2^6 cells at once."""
MOST_TOP: Final = 1 << 26
ROOM: Final = 32
"""The room beyond a layer's edges, on each side: one part of so many."""


class Blocks(NamedTuple):
    """Blocks of cells of one level, and the edges that each cell holds.

    Attributes
    ----------
    frame
        West, south, the cell's side as a power of two, columns, rows, first cell of each block, shape (b, 6).
    parent
        The cell of the level above that each block divides, shape (b,).
    start, edges
        First entry of each cell, shape (c + 1,), in the list of segments.
    """

    frame: Longs
    parent: Longs
    start: Longs
    edges: Words


class Swept(NamedTuple):
    """What the sweep found for each cell of a level: the set of its corner, and the number of jumps."""

    corner: Words
    jumps: Words


def first_block(segments: Segments, *, roomy: bool = False) -> Longs:
    """Return the frame of the one block that holds all segments; with room beyond them where that is asked for."""
    ends = segments.ends
    if not len(ends):
        return np.array([[0, 0, 0, 0, 0, 0]], dtype=np.int64)
    low = [min(int(ends[:, k].min()), int(ends[:, k + 2].min())) - 1 for k in range(2)]
    high = [max(int(ends[:, k].max()), int(ends[:, k + 2].max())) + 1 for k in range(2)]
    margin = [(high[k] - low[k]) // ROOM if roomy else 0 for k in range(2)]
    low, high = ([end[k] + way * margin[k] for k in range(2)] for end, way in ((low, -1), (high, 1)))
    wanted = min(PER_SEGMENT * len(ends), max(len(ends), FEW_CELLS), MOST_TOP)
    shift = 0
    while _cells(low, high, shift) > 4 * wanted:
        shift += 1
    columns, rows = (((high[k] - low[k]) >> shift) + 1 for k in range(2))
    return np.array([[low[0], low[1], shift, columns, rows, 0]], dtype=np.int64)


def _cells(low: list[int], high: list[int], shift: int) -> int:
    return (((high[0] - low[0]) >> shift) + 1) * (((high[1] - low[1]) >> shift) + 1)


@numba.njit(cache=True, nogil=True)
def _rows_in_column(ax: Any, ay: Any, bx: Any, by: Any, west: Any, east: Any) -> Any:  # pragma: no cover - compiled
    """Return the lowest and highest lattice row that a segment reaches between two lines, rounded down."""
    dx, dy = bx - ax, by - ay
    if dx == 0 or dy == 0:
        return ay, by
    x0, x1 = max(west, min(ax, bx)), min(east, max(ax, bx))
    y0, y1 = ay + (x0 - ax) * dy // dx, ay + (x1 - ax) * dy // dx
    return min(y0, y1), max(y0, y1)


@numba.njit(cache=True, nogil=True)
def _visit(frame: Any, ends: Any, e: Any, counts: Any, out: Any, fill: bool) -> None:  # pragma: no cover - compiled
    """Count a segment in each cell of a block that it meets, or put it there."""
    west, south, shift, columns, rows, first = frame[0], frame[1], frame[2], frame[3], frame[4], frame[5]
    ax, ay = np.int64(ends[e, 0]), np.int64(ends[e, 1])
    bx, by = np.int64(ends[e, 2]), np.int64(ends[e, 3])
    c0 = max((min(ax, bx) - west) >> shift, np.int64(0))
    c1 = min((max(ax, bx) - west) >> shift, columns - 1)
    for c in range(c0, c1 + 1):
        left = west + (c << shift)
        low, high = ay, by
        if c0 != c1 or (ay - south) >> shift != (by - south) >> shift:
            low, high = _rows_in_column(ax, ay, bx, by, left, left + (np.int64(1) << shift))
        r0, r1 = max((low - south) >> shift, np.int64(0)), min((high - south) >> shift, rows - 1)
        for cell in range(first + c * rows + r0, first + c * rows + r1 + 1):
            if fill:
                out[counts[cell]] = e
            counts[cell] += 1


@numba.njit(cache=True, nogil=True)
def _count(frames: Any, lists: Any, edges: Any, ends: Any, counts: Any) -> None:  # pragma: no cover - compiled
    for b in range(len(frames)):
        for i in range(lists[b, 0], lists[b, 1]):
            _visit(frames[b], ends, edges[i], counts, edges, False)


@numba.njit(cache=True, nogil=True)
def _fill(frames: Any, lists: Any, edges: Any, ends: Any, place: Any, out: Any) -> None:  # pragma: no cover - compiled
    for b in range(len(frames)):
        for i in range(lists[b, 0], lists[b, 1]):
            _visit(frames[b], ends, edges[i], place, out, True)


def sort_into_cells(frames: Longs, parent: Longs, lists: Longs, edges: Words, ends: Words) -> Blocks:
    """Sort the segments of each block into its cells.

    Parameters
    ----------
    frames, parent
        See :class:`Blocks`.
    lists
        First and last entry (exclusive) of each block's segments in ``edges``, shape (b, 2).
    edges
        Segments, by number.
    ends
        See :class:`geo.locate.segments.Segments`.
    """
    cells = int(frames[-1, 5] + frames[-1, 3] * frames[-1, 4]) if len(frames) else 0
    start = np.zeros(cells + 1, dtype=np.int64)
    _count(frames, lists, edges, ends, start[1:])
    np.cumsum(start, out=start)
    out = np.empty(int(start[-1]), dtype=np.int32)
    _fill(frames, lists, edges, ends, start[:-1].copy(), out)
    return Blocks(frames, parent, start, out)


@numba.njit(cache=True, nogil=True)
def crossing(ends: Any, e: Any, line: Any) -> Any:  # pragma: no cover - compiled
    """Tell where a segment crosses a column's western line.

    Returns
    -------
    tuple
        Whether it does; the lattice row of the crossing, rounded down; the first row that lies above it.
    """
    ax, ay = np.int64(ends[e, 0]), np.int64(ends[e, 1])
    bx, by = np.int64(ends[e, 2]), np.int64(ends[e, 3])
    if not (min(ax, bx) <= line < max(ax, bx)):
        return False, ay, ay
    dx, dy = bx - ax, by - ay
    low = ay + (line - ax) * dy // dx
    # the line stands half an ε further east: a segment that rises there is met a little higher up
    above = low + 1 if dx > 0 and dy > 0 else ay - ((ax - line) * dy // dx)
    return True, low, above


@numba.njit(cache=True, nogil=True)
def change_upward(ends: Any, sides: Any, e: Any) -> Any:  # pragma: no cover - compiled
    """Return what lies below a segment and what above, on a way due north."""
    if ends[e, 2] > ends[e, 0]:
        return sides[e, 1], sides[e, 0]
    return sides[e, 0], sides[e, 1]


@numba.njit(cache=True, nogil=True)
def _sweep_column(
    frame: Any, c: Any, token: Any, start: Any, edges: Any, ends: Any, sides: Any, corner: Any, jumps: Any
) -> bool:  # pragma: no cover - compiled
    """Sweep one column from a token at its southern end; tell whether several areas cover a corner."""
    south, shift, rows = frame[1], frame[2], frame[4]
    line = frame[0] + (c << shift)
    several = False
    for r in range(rows):
        cell = frame[5] + c * rows + r
        floor = south + (r << shift)
        roof = floor + (np.int64(1) << shift)
        later = np.int64(0)
        for i in range(start[cell], start[cell + 1]):
            crosses, low, above = crossing(ends, edges[i], line)
            if crosses and floor <= low < roof:
                below, over = change_upward(ends, sides, edges[i])
                change = token_of(over) - token_of(below)
                if above <= floor:
                    # the token that the column starts with has been read at its corner
                    token += change if r > 0 else 0
                else:
                    later += change
                    jumps[cell] += above < roof
        single = token < (np.int64(2) << np.int64(32))
        corner[cell] = np.int32(token & np.int64(0xFFFFFFFF)) if single else np.int32(SEVERAL)
        several |= not single
        token += later
    return several


@numba.njit(cache=True, nogil=True)
def _start_of_column(
    frame: Any, c: Any, token: Any, ids: Any, ends: Any, sides: Any
) -> Any:  # pragma: no cover - compiled
    """Walk along a block's southern side from the token of its corner to a column; return the token there."""
    west, py = frame[0], frame[1]
    px = west + (c << frame[2])
    for e in ids:
        ax, ay = np.int64(ends[e, 0]), np.int64(ends[e, 1])
        dx, dy = np.int64(ends[e, 2]) - ax, np.int64(ends[e, 3]) - ay
        if ay <= py < ay + dy:
            side = side_of(ax, ay, dx, dy, px, py)
            if 0 <= side < (px - west) * dy:
                token += token_of(sides[e, 1]) - token_of(sides[e, 0])
    return token


@numba.njit(cache=True, nogil=True)
def _sweep(
    frames: Any, tokens: Any, lists: Any, above: Any, start: Any, edges: Any, ends: Any, sides: Any
) -> Any:  # pragma: no cover - compiled
    cells = len(start) - 1
    corner, jumps = np.zeros(cells, dtype=np.int32), np.zeros(cells, dtype=np.int32)
    several = False
    for b in range(len(frames)):
        ids = above[lists[b, 0] : lists[b, 1]]
        for c in range(frames[b, 3]):
            token = _start_of_column(frames[b], c, tokens[b], ids, ends, sides)
            several |= _sweep_column(frames[b], c, token, start, edges, ends, sides, corner, jumps)
    return corner, jumps, several


def sweep(blocks: Blocks, segments: Segments, tokens: Longs, lists: Longs, above: Words) -> tuple[Swept, bool]:
    """Find what covers the corner of each cell, and whether several areas cover one of them.

    Parameters
    ----------
    blocks, segments
        The level.
    tokens
        At the south-western corner of each block, shape (b,).
    lists, above
        The segments of the cell that each block divides, as in :func:`sort_into_cells`.
    """
    corner, jumps, several = _sweep(
        blocks.frame, tokens, lists, above, blocks.start, blocks.edges, segments.ends, segments.sides
    )
    return Swept(corner, jumps), bool(several)
