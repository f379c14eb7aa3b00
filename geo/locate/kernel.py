"""Reading a layer's cells, compiled: what covers a point, and whether it lies on an edge.

The point that is looked up is ``p' = p + (ε, ε²)``, just north of due east of p: the first sector of the border rule
(:mod:`geo.locate.border`), so no point is ever on a line. A cell knows what covers its south-western corner, read at
``(x + ε/2, y + ε²)``. The way from there runs up the cell's western side to the height of p' and then due east to p';
each edge that it crosses exchanges what lies behind it for what lies before it. The exchanges add up whatever their
order, so no crossing has to be compared with another, and all of it is integer arithmetic.

What covers a point is summed up in a token: ``areas · 2^32 + sum of their numbers``. One area has the number of its
row + 1. So a token below 2^33 names the area itself.
"""

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]
Words = npt.NDArray[np.int32]

SEVERAL = -1
"""What is read where several areas cover a point."""

WEST, SOUTH, SHIFT, COLUMNS, ROWS, AREAS, SEGMENTS, CROWD = range(8)
"""Places in :attr:`Cells.facts`."""

WIDE = 1 << 30
"""Marks the head of a border cell whose numbers do not fit the short form."""
BLOCK = 1024
"""Points that are sorted into plain and border cells at once, so that many cells are fetched from memory together."""


class Cells(NamedTuple):
    """A layer's cells.

    Attributes
    ----------
    facts
        West and south end on the lattice, the cell's side as a power of two, columns, rows, number of areas, number
        of segments, most edges in a cell; int64.
    top
        Value of each cell, column by column. From 0 on it is a set that covers the whole cell. Below 0 its
        complement is a place in the pool.
    pool
        A divided cell: -k, then the values of its 2^k columns of 2^k cells.
        A border cell in the short form: chains + jumps · 2^12; set of the corner; for each chain the area on its left
        + segments · 2^24, and the area on its right; the jumps (height above the cell's south from which on it counts
        + chain · 2^16 + 2^28 where it goes from left to right); the vertices of each chain, x and y as 16 bits from
        the cell's south-western corner. In the wide form: WIDE + chains; set; number of jumps; for each chain left,
        right, segments; the jumps (lattice row, area behind, area ahead); the vertices, x and y on the lattice.
    sets
        Sets beyond the single areas, one after the other: rows + 1.
    set_start
        First member of each such set, shape (s + 1,). Set ``areas + 1 + i`` is the i-th.
    """

    facts: Longs
    top: Words
    pool: Words
    sets: Words
    set_start: Longs


@numba.njit(cache=True, nogil=True, inline="always")
def token_of(area: Any) -> Any:  # pragma: no cover - compiled
    """Return the token of one area (row + 1), 0 for none."""
    number = np.int64(area)
    return number + (np.int64(number > 0) << np.int64(32))


@numba.njit(cache=True, nogil=True)
def set_token(number: Any, areas: Any, sets: Any, set_start: Any) -> Any:  # pragma: no cover - compiled
    """Return the token of a set."""
    if number <= areas:
        return token_of(number)
    token = np.int64(0)
    for i in range(set_start[number - areas - 1], set_start[number - areas]):
        token += token_of(sets[i])
    return token


@numba.njit(cache=True, nogil=True, inline="always")
def answer_of(token: Any) -> Any:  # pragma: no cover - compiled
    """Return the area (row + 1) of a token, 0 for none, SEVERAL for more than one."""
    return np.int32(token & np.int64(0xFFFFFFFF)) if token < (np.int64(2) << np.int64(32)) else np.int32(SEVERAL)


@numba.njit(cache=True, nogil=True, inline="always")
def side_of(ax: Any, ay: Any, dx: Any, dy: Any, px: Any, py: Any) -> Any:  # pragma: no cover - compiled
    """Return a number above 0 where p lies on the right of a segment, 0 on its line."""
    return (px - ax) * dy - (py - ay) * dx


@numba.njit(cache=True, nogil=True, inline="always")
def met_on_the_way(ax: Any, ay: Any, bx: Any, by: Any, length: Any) -> Any:  # pragma: no cover - compiled
    """Tell how the way due east to a point meets a segment that may run either way.

    Parameters
    ----------
    ax, ay, bx, by
        The segment, seen from the point.
    length
        Of the way.

    Returns
    -------
    tuple
        1 where it passes from left to right, -1 from right to left, else 0; whether the point lies on the segment.
    """
    dx, dy = bx - ax, by - ay
    turn = np.int64(ay <= 0) - np.int64(by <= 0)
    side = ay * dx - ax * dy
    on = (side == 0) & (min(ay, by) <= 0) & (max(ay, by) >= 0) & (min(ax, bx) <= 0) & (max(ax, bx) >= 0)
    passes = (side * turn >= 0) & (side * turn < length * dy * turn)
    return turn * np.int64(passes), on


@numba.njit(cache=True, nogil=True)
def read_short(pool: Any, place: Any, x: Any, y: Any, token: Any) -> Any:  # pragma: no cover - compiled
    """Add to the token of the corner what the way to a point meets, in a border cell of the short form.

    ``x`` and ``y`` count from the cell's corner. Also tells whether the point lies on an edge.
    """
    word = np.int64(pool[place])
    chains, jumps = word & 0xFFF, word >> 12
    head = place + 2
    at = head + 2 * chains
    for _ in range(jumps):
        word = np.int64(pool[at])
        chain = head + 2 * ((word >> 16) & 0xFFF)
        change = token_of(pool[chain + 1]) - token_of(pool[chain] & 0xFFFFFF)
        token += change * (2 * (word >> 28) - 1) * np.int64(y >= (word & 0xFFFF))
        at += 1
    on_edge = False
    for _ in range(chains):
        left = np.int64(pool[head])
        word = np.int64(pool[at])
        ax, ay = np.int64(np.int16(word)) - x, (word >> 16) - y
        turns = np.int64(0)
        for _ in range(left >> 24):
            at += 1
            word = np.int64(pool[at])
            bx, by = np.int64(np.int16(word)) - x, (word >> 16) - y
            turn, on = met_on_the_way(ax, ay, bx, by, x)
            on_edge |= on
            turns += turn
            ax, ay = bx, by
        token += turns * (token_of(pool[head + 1]) - token_of(left & 0xFFFFFF))
        at += 1
        head += 2
    return token, on_edge


@numba.njit(cache=True, nogil=True)
def read_wide(pool: Any, place: Any, west: Any, px: Any, py: Any, token: Any) -> Any:  # pragma: no cover - compiled
    """Do the same in a border cell of the wide form; the point and the cell's western side are on the lattice."""
    chains, jumps = np.int64(pool[place]) & (WIDE - 1), np.int64(pool[place + 2])
    head = place + 3
    at = head + 3 * chains
    for _ in range(jumps):
        if py >= pool[at]:
            token += token_of(pool[at + 2]) - token_of(pool[at + 1])
        at += 3
    on_edge = False
    for _ in range(chains):
        turns = np.int64(0)
        for _ in range(pool[head + 2]):
            ax, ay = np.int64(pool[at]) - px, np.int64(pool[at + 1]) - py
            turn, on = met_on_the_way(ax, ay, np.int64(pool[at + 2]) - px, np.int64(pool[at + 3]) - py, px - west)
            on_edge |= on
            turns += turn
            at += 2
        token += turns * (token_of(pool[head + 1]) - token_of(pool[head]))
        at += 2
        head += 3
    return token, on_edge


@numba.njit(cache=True, nogil=True)
def descend(pool: Any, value: Any, shift: Any, x: Any, y: Any) -> Any:  # pragma: no cover - compiled
    """Go down from a cell's value to the undivided cell that holds a point; return its value and its side's power.

    ``x`` and ``y`` count from the layer's south-western end and lie within it.
    """
    while value < 0 and pool[~value] < 0:
        fold = np.int64(-pool[~value])
        shift -= fold
        mask = (np.int64(1) << fold) - 1
        value = np.int64(pool[~value + 1 + ((((x >> shift) & mask) << fold) | ((y >> shift) & mask))])
    return value, shift


@numba.njit(cache=True, nogil=True, inline="always")
def read_place(
    facts: Any, pool: Any, sets: Any, set_start: Any, place: Any, shift: Any, x: Any, y: Any
) -> Any:  # pragma: no cover - compiled
    """Return the token at a point of a border cell, and whether the point lies on an edge.

    ``x`` and ``y`` count from the layer's south-western end.
    """
    corner = np.int64(pool[place + 1])
    token = token_of(corner) if corner <= facts[AREAS] else set_token(corner, facts[AREAS], sets, set_start)
    if pool[place] & WIDE == 0:
        mask = (np.int64(1) << shift) - 1
        token, on_edge = read_short(pool, place, x & mask, y & mask, token)
    else:
        west = facts[WEST] + ((x >> shift) << shift)
        token, on_edge = read_wide(pool, place, west, facts[WEST] + x, facts[SOUTH] + y, token)
    return token, on_edge


@numba.njit(cache=True, nogil=True)
def read_point(
    facts: Any, top: Any, pool: Any, sets: Any, set_start: Any, px: Any, py: Any
) -> Any:  # pragma: no cover - compiled
    """Return the token at a point, whether it lies on an edge, and its cell's value and side (as a power of two)."""
    x, y, shift = px - facts[WEST], py - facts[SOUTH], facts[SHIFT]
    if x < 0 or y < 0 or (x >> shift) >= facts[COLUMNS] or (y >> shift) >= facts[ROWS]:
        return np.int64(0), False, np.int64(0), shift
    value = np.int64(top[(x >> shift) * facts[ROWS] + (y >> shift)])
    if value < 0:
        value, shift = descend(pool, value, shift, x, y)
    if value >= 0:
        return set_token(value, facts[AREAS], sets, set_start), False, value, shift
    token, on_edge = read_place(facts, pool, sets, set_start, ~value, shift, x, y)
    return token, on_edge, value, shift


@numba.njit(cache=True, nogil=True)
def _look_up_cells(
    facts: Any, top: Any, px: Any, py: Any, begin: Any, area: Any, waiting: Any
) -> Any:  # pragma: no cover - compiled
    """Answer a block of points from the first level of cells; return how many others wait."""
    west, south, shift, columns, rows, areas = facts[0], facts[1], facts[2], facts[3], facts[4], facts[5]
    count = 0
    for i in range(begin, min(begin + BLOCK, len(px))):
        x, y = px[i] - west, py[i] - south
        value = np.int32(0)
        if (0 <= x >> shift < columns) & (0 <= y >> shift < rows):
            value = top[(x >> shift) * rows + (y >> shift)]
        area[i] = value
        waiting[count, 0] = i
        count += (value < 0) | (value > areas)
    return count


@numba.njit(cache=True, nogil=True)
def _find_places(
    facts: Any, pool: Any, px: Any, py: Any, area: Any, waiting: Any, count: Any
) -> Any:  # pragma: no cover - compiled
    """Go down to the cells of the points that wait; return how many lie in border cells."""
    left, last, touched = 0, len(pool) - 1, np.int64(0)
    for k in range(count):
        i = waiting[k, 0]
        value, shift = descend(pool, np.int64(area[i]), facts[2], px[i] - facts[0], py[i] - facts[1])
        if value >= 0:
            area[i] = value if value <= facts[5] else SEVERAL
        else:
            # reading a word far into the cell fetches it from memory while others are on their way
            touched += pool[min(~value + 8, last)]
            waiting[left, 0], waiting[left, 1], waiting[left, 2] = i, ~value, shift
            left += 1
    waiting[BLOCK, 0] = touched
    return left


@numba.njit(cache=True, nogil=True)
def scan(
    facts: Any, top: Any, pool: Any, sets: Any, set_start: Any, px: Any, py: Any, area: Any, on_edge: Any
) -> None:  # pragma: no cover - compiled
    """Read many points.

    Parameters
    ----------
    facts, top, pool, sets, set_start
        See :class:`Cells`.
    px, py
        On the lattice, int64, shape (n,).
    area
        Is filled with row + 1, 0 for none, SEVERAL for more than one; int32, shape (n,).
    on_edge
        Is filled with whether the point lies on an edge, bool, shape (n,).
    """
    waiting = np.empty((BLOCK + 1, 3), dtype=np.int64)
    on_edge[:] = False
    for begin in range(0, len(px), BLOCK):
        count = _look_up_cells(facts, top, px, py, begin, area, waiting)
        count = _find_places(facts, pool, px, py, area, waiting, count)
        for k in range(count):
            i = waiting[k, 0]
            x, y = px[i] - facts[0], py[i] - facts[1]
            token, on_edge[i] = read_place(facts, pool, sets, set_start, waiting[k, 1], waiting[k, 2], x, y)
            area[i] = answer_of(token)
