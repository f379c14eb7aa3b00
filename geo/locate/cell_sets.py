"""What covers the corners of cells where several areas overlap: sets, each stored once as far as a column goes."""

from typing import Any, NamedTuple

import numba
import numpy as np

from geo.locate.cells import Blocks, Swept, change_upward, crossing
from geo.locate.kernel import SEVERAL, Longs, Words, side_of
from geo.locate.segments import Segments


class Sets(NamedTuple):
    """Sets of areas beyond the single ones; see :attr:`geo.locate.kernel.Cells.sets`."""

    members: Words
    start: Longs


def no_sets() -> Sets:
    """Return none."""
    return Sets(np.empty(0, dtype=np.int32), np.zeros(1, dtype=np.int64))


def name_sets(
    blocks: Blocks,
    segments: Segments,
    swept: Swept,
    corners: Longs,
    known: Sets,
    areas: int,
    lists: Longs,
    above: Words,
) -> tuple[Swept, Sets]:
    """Replace SEVERAL by the number of the set.

    Parameters
    ----------
    blocks, segments, swept, lists, above
        The level, as :func:`geo.locate.cells.sweep` took and left it.
    corners
        The set at the south-western corner of each block, shape (b,).
    known
        The sets of the levels above.
    areas
        Number of areas.
    """
    corner = swept.corner.copy()
    members, start = _name(
        blocks.frame, corners, lists, above, blocks.start, blocks.edges, *segments, corner, *known, areas
    )
    start = np.concatenate([known.start, start + known.start[-1]])
    return Swept(corner, swept.jumps), Sets(np.concatenate([known.members, members]), start)


@numba.njit(cache=True, nogil=True)
def exchange(held: Any, wound: Any, count: int, behind: Any, ahead: Any) -> int:  # pragma: no cover - compiled
    """Take one area out of a bag and put another in (0 is none); return the number of entries, empty ones included."""
    for number, turn in ((behind, -1), (ahead, 1)):
        if number > 0:
            i = 0
            while i < count and held[i] != number:
                i += 1
            if i == count:
                held[i], wound[i], count = number, 0, count + 1
            wound[i] += turn
            if wound[i] == 0:
                count -= 1
                held[i], wound[i] = held[count], wound[count]
    return count


@numba.njit(cache=True, nogil=True)
def _open_bag(
    corner: Any, areas: int, members: Any, start: Any, held: Any, wound: Any
) -> int:  # pragma: no cover - compiled
    if corner <= areas:
        held[0], wound[0] = corner, 1
        return min(corner, 1)
    first = start[corner - areas - 1]
    count = start[corner - areas] - first
    held[:count], wound[:count] = members[first : first + count], 1
    return count


@numba.njit(cache=True, nogil=True)
def _walk_east(
    frame: Any, c: Any, ids: Any, ends: Any, sides: Any, held: Any, wound: Any, count: int
) -> int:  # pragma: no cover - compiled
    west, py = frame[0], frame[1]
    px = west + (c << frame[2])
    for e in ids:
        ax, ay = np.int64(ends[e, 0]), np.int64(ends[e, 1])
        dx, dy = np.int64(ends[e, 2]) - ax, np.int64(ends[e, 3]) - ay
        if ay <= py < ay + dy and 0 <= side_of(ax, ay, dx, dy, px, py) < (px - west) * dy:
            count = exchange(held, wound, count, sides[e, 0], sides[e, 1])
    return count


@numba.njit(cache=True, nogil=True)
def _climb(
    frame: Any,
    c: Any,
    r: Any,
    span: Any,
    edges: Any,
    ends: Any,
    sides: Any,
    held: Any,
    wound: Any,
    count: int,
    late: bool,
) -> Any:  # pragma: no cover - compiled
    """Cross the edges on a cell's western side: those at its corner, or those beyond it; tell how many there were."""
    line, floor = frame[0] + (c << frame[2]), frame[1] + (r << frame[2])
    met = 0
    for i in range(span[0], span[1]):
        crosses, low, above = crossing(ends, edges[i], line)
        if crosses and floor <= low < floor + (np.int64(1) << frame[2]) and (above > floor) == late:
            below, over = change_upward(ends, sides, edges[i])
            count = exchange(held, wound, count, below, over)
            met += 1
    return count, met


@numba.njit(cache=True, nogil=True)
def _name(
    frames: Any,
    corners: Any,
    lists: Any,
    above: Any,
    start: Any,
    edges: Any,
    ends: Any,
    sides: Any,
    corner: Any,
    members: Any,
    set_start: Any,
    areas: int,
) -> Any:  # pragma: no cover - compiled
    out, out_start = [np.int32(0)], [np.int64(0)]
    held, wound = np.empty(2 * areas + 2, dtype=np.int32), np.empty(2 * areas + 2, dtype=np.int32)
    for b in range(len(frames)):
        frame = frames[b]
        ids = above[lists[b, 0] : lists[b, 1]]
        for c in range(frame[3]):
            count = _open_bag(corners[b], areas, members, set_start, held, wound)
            count = _walk_east(frame, c, ids, ends, sides, held, wound, count)
            named = np.int32(SEVERAL)
            for r in range(frame[4]):
                cell = frame[5] + c * frame[4] + r
                if r > 0:
                    count, met = _climb(
                        frame, c, r, start[cell : cell + 2], edges, ends, sides, held, wound, count, False
                    )
                    named = np.int32(SEVERAL) if met else named
                if corner[cell] == SEVERAL:
                    if named == SEVERAL:
                        out.extend(list(np.sort(held[:count])))
                        out_start.append(np.int64(len(out) - 1))
                        named = np.int32(areas + len(set_start) - 1 + len(out_start) - 1)
                    corner[cell] = named
                count, met = _climb(frame, c, r, start[cell : cell + 2], edges, ends, sides, held, wound, count, True)
                named = np.int32(SEVERAL) if met else named
    return np.array(out)[1:], np.array(out_start)[1:]
