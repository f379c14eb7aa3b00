"""Building a layer's cells from its segments."""

from typing import Any, Final

import numba
import numpy as np

from geo.locate.cell_sets import Sets, name_sets, no_sets
from geo.locate.cells import (
    MOST_EDGES,
    MOST_FOLD,
    Blocks,
    Swept,
    first_block,
    sort_into_cells,
    sweep,
)
from geo.locate.kernel import Cells, Longs, Words, set_token
from geo.locate.packing import most_words, pack_blocks, pack_cells
from geo.locate.segments import Segments

Level = tuple[Blocks, Swept]

LEAST_ROOM: Final = 64
"""Numbers that are left for further areas, at least."""


def cells_of(segments: Segments, areas: int, *, roomy: bool = False) -> Cells:
    """Build the cells of a layer.

    Parameters
    ----------
    segments
        All of its edges.
    areas
        Number of areas; rows count from 0, numbers from 1.
    roomy
        Leave room, around the edges and for further areas, so that the cells can be patched.
    """
    areas += max(areas // 4, LEAST_ROOM) if roomy else 0
    frames, lists = first_block(segments, roomy=roomy), np.array([[0, len(segments.ends)]], dtype=np.int64)
    levels, sets = levels_of(segments, areas, frames, lists, np.zeros(1, dtype=np.int64), no_sets(), whole=True)
    values, pool, crowd = written(levels, segments, 0)
    facts = np.array([*frames[0, :5], areas, len(segments.ends), crowd], dtype=np.int64)
    return Cells(facts, values, pool, sets.members, sets.start)


def levels_of(
    segments: Segments, areas: int, frames: Longs, lists: Longs, corners: Longs, sets: Sets, *, whole: bool
) -> tuple[list[Level], Sets]:
    """Divide blocks into cells until few edges are left in each, and find what covers the corner of each cell.

    Parameters
    ----------
    frames
        The blocks, see :class:`geo.locate.cells.Blocks`.
    lists
        First and last segment (exclusive) of each block, shape (b, 2).
    corners, sets
        The set that covers the south-western corner of each block, shape (b,), and the sets there are.
    whole
        Whether the one block holds the whole layer.
    """
    levels: list[Level] = []
    parent = np.zeros(len(frames), dtype=np.int64)
    edges = np.arange(len(segments.ends), dtype=np.int32)
    while len(frames):
        blocks = sort_into_cells(frames, parent, lists, edges, segments.ends)
        # nothing lies south of a whole layer: there is no way to walk to its columns
        walked = np.zeros((1, 2), dtype=np.int64) if whole and not levels else lists
        tokens = _tokens(corners, areas, *sets)
        swept, several = sweep(blocks, segments, tokens, walked, edges)
        if several:
            swept, sets = name_sets(blocks, segments, swept, corners, sets, areas, walked, edges)
        levels.append((blocks, swept))
        frames, parent = _divide(blocks.frame, blocks.start, MOST_EDGES, MOST_FOLD)
        lists = np.column_stack([blocks.start[parent], blocks.start[parent + 1]])
        corners, edges = swept.corner[parent].astype(np.int64), blocks.edges
    return levels, sets


@numba.njit(cache=True, nogil=True)
def _tokens(corners: Any, areas: int, members: Any, start: Any) -> Any:  # pragma: no cover - compiled
    tokens = np.empty(len(corners), dtype=np.int64)
    for i in range(len(corners)):
        tokens[i] = set_token(corners[i], areas, members, start)
    return tokens


@numba.njit(cache=True, nogil=True)
def _divide(frames: Any, start: Any, most: int, most_fold: int) -> Any:  # pragma: no cover - compiled
    """Return the frames of the blocks into which the crowded cells are divided, and these cells."""
    found = 0
    for b in range(len(frames)):
        if frames[b, 2] > 0:
            for cell in range(frames[b, 5], frames[b, 5] + frames[b, 3] * frames[b, 4]):
                found += start[cell + 1] - start[cell] > most
    out, parent = np.empty((found, 6), dtype=np.int64), np.empty(found, dtype=np.int64)
    k, first = 0, 0
    for b in range(len(frames)):
        west, south, shift, columns, rows = frames[b, 0], frames[b, 1], frames[b, 2], frames[b, 3], frames[b, 4]
        for i in range(columns * rows if shift > 0 else 0):
            edges = start[frames[b, 5] + i + 1] - start[frames[b, 5] + i]
            if edges > most:
                fold: Any = 1
                while fold < min(shift, most_fold) and (1 << (2 * fold)) < edges:
                    fold += 1
                out[k, 0], out[k, 1] = west + ((i // rows) << shift), south + ((i % rows) << shift)
                out[k, 2], out[k, 3], out[k, 4], out[k, 5] = shift - fold, 1 << fold, 1 << fold, first
                parent[k] = frames[b, 5] + i
                first += 1 << (2 * fold)
                k += 1
    return out, parent


def written(levels: list[Level], segments: Segments, beyond: int) -> tuple[Words, Words, int]:
    """Lay all levels out in one pool, the smallest cells first.

    Parameters
    ----------
    beyond
        Words of the pool to which this one is appended.

    Returns
    -------
    tuple
        The values of the cells of the first level; the pool; the most edges in a cell.
    """
    values = [swept.corner.copy() for _, swept in levels]
    pool = np.empty(sum(most_words(len(blocks.edges), len(swept.corner)) for blocks, swept in levels), dtype=np.int32)
    place, crowd = 0, 0
    for depth in reversed(range(len(levels))):
        blocks, swept = levels[depth]
        if depth + 1 < len(levels):
            below = levels[depth + 1][0]
            place = pack_blocks(below.frame, below.parent, values[depth], values[depth + 1], pool, place, beyond)
        cells = (blocks.frame, blocks.start, blocks.edges, swept.corner)
        place, most = pack_cells(*cells, *segments, values[depth], pool, place, beyond)
        crowd = max(crowd, most)
    return values[0], pool[:place].copy(), crowd
