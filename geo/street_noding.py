"""Streets as they were drawn, cut into edges that meet at their ends only.

A vertex that two lines share, or that a line comes back to, is a junction whatever layers they lie on: that is how
bridges are joined to the ground. Lines that cross without a common vertex are joined only where they lie on the same
layer, and only where the caller says that a crossing means one (in OpenStreetMap it does not).
"""

from typing import Final

import numpy as np
import shapely

from geo.areas import Geometries
from geo.lattice import CELL_M, Cells, degrees, snap
from geo.streets import Index, Mask, StreetLines, pack

JOIN_M: Final = 0.5
"""An end that lies this near to another line of its layer is taken to be on it."""

_CELL_DEG_PER_M: Final = 1e-7 / CELL_M


def noded(lines: StreetLines) -> StreetLines:
    """Cut lines at the vertices that they share; of edges that are equal vertex by vertex one is kept.

    Lines of fewer than two distinct vertices are left out.
    """
    clean = _without_repeats(lines)
    if not len(clean):
        return clean
    key = pack(clean.cells)
    _, found, count = np.unique(key, return_inverse=True, return_counts=True)
    node = count[found] > 1
    node[clean.start[:-1]] = node[clean.start[1:] - 1] = True
    return _distinct(_cut(clean, node))


def crossed(lines: StreetLines) -> StreetLines:
    """Give lines of one layer a common vertex wherever they cross, touch or end within :data:`JOIN_M` of one another.

    Crossings are rounded to the lattice, so a line may move by half a cell there.
    """
    clean = _without_repeats(lines)
    if not len(clean):
        return clean
    shapes = clean.shapes()
    tree = shapely.STRtree(shapes)
    one, other = _same_layer(clean, *tree.query(shapes, predicate="intersects"), ordered=True)
    meeting, pair = shapely.get_coordinates(shapely.intersection(shapes[one], shapes[other]), return_index=True)
    ends = np.concatenate([clean.start[:-1], clean.start[1:] - 1])
    points = shapely.points(degrees(clean.cells[ends]))
    near_end, near_line = tree.query(points, predicate="dwithin", distance=JOIN_M * _CELL_DEG_PER_M)
    owner = np.tile(np.arange(len(clean)), 2)[near_end]
    joined = (owner != near_line) & (clean.layers[owner] == clean.layers[near_line])
    line = np.concatenate([one[pair], other[pair], near_line[joined]])
    cells = np.concatenate([snap(meeting), snap(meeting), clean.cells[ends[near_end[joined]]]])
    return _without_repeats(_inserted(clean, shapes, line, cells))


def interrupted(lines: StreetLines, blocked: Cells) -> StreetLines:
    """Cut lines at points that nobody passes: a closed gate, a wall. The ends there fall back by two cells.

    Parameters
    ----------
    blocked
        Vertices of the lines in lattice cells, shape (n, 2).
    """
    clean = _without_repeats(lines)
    stop = np.isin(pack(clean.cells), pack(blocked)) if len(blocked) else np.zeros(len(clean.cells), dtype=bool)
    if not stop.any():
        return clean
    node = stop.copy()
    node[clean.start[:-1]] = node[clean.start[1:] - 1] = True
    pieces = _cut(clean, node)
    cells = pieces.cells.copy()
    for end, inward in ((pieces.start[:-1], 1), (pieces.start[1:] - 1, -1)):
        at = end[np.isin(pack(pieces.cells[end]), pack(blocked))]
        step = pieces.cells[at + inward] - pieces.cells[at]
        length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1.0)
        cells[at] += np.rint(step * (np.minimum(2.0, length / 2) / length)[:, None]).astype(np.int64)
    return _without_repeats(_with(pieces, pieces.start, cells))


def _same_layer(lines: StreetLines, one: Index, other: Index, *, ordered: bool) -> tuple[Index, Index]:
    wanted = lines.layers[one] == lines.layers[other]
    if ordered:
        wanted &= one < other
    return one[wanted], other[wanted]


def _inserted(lines: StreetLines, shapes: Geometries, line: Index, cells: Cells) -> StreetLines:
    """Put vertices into lines, each where it lies along its line."""
    flat = shapely.linestrings(lines.cells.astype(np.float64), indices=_row(lines))
    along = shapely.line_locate_point(flat[line], shapely.points(cells.astype(np.float64)))
    step = np.diff(lines.cells.astype(np.float64), axis=0, prepend=lines.cells[:1].astype(np.float64))
    run = np.cumsum(np.hypot(step[:, 0], step[:, 1]))
    own = run - run[lines.start[:-1]][_row(lines)]
    row = np.concatenate([_row(lines), line])
    every = np.concatenate([lines.cells, cells])
    order = np.lexsort((np.arange(len(row)), np.concatenate([own, along]), row))
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(lines)))]).astype(np.int64)
    return _with(lines, start, every[order])


def _without_repeats(lines: StreetLines) -> StreetLines:
    """Leave out vertices that repeat the one before, and lines of which only one vertex is left."""
    if not len(lines):
        return lines
    row, key = _row(lines), pack(lines.cells)
    keep = np.ones(len(key), dtype=bool)
    keep[1:] = (key[1:] != key[:-1]) | (row[1:] != row[:-1])
    count = np.bincount(row[keep], minlength=len(lines))
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return _with(lines, start, lines.cells[keep]).take(count > 1)


def _cut(lines: StreetLines, node: Mask) -> StreetLines:
    """Cut lines at marked vertices; the first and last vertex of each line must be marked."""
    at = np.flatnonzero(node)
    row = _row(lines)
    same = row[at[1:]] == row[at[:-1]]
    first, last = at[:-1][same], at[1:][same]
    start = np.concatenate([[0], np.cumsum(last - first + 1)]).astype(np.int64)
    vertex = np.repeat(first - start[:-1], last - first + 1) + np.arange(start[-1])
    return _with(lines, start, lines.cells[vertex], row[first])


def _distinct(lines: StreetLines) -> StreetLines:
    """Keep one of the lines that are equal vertex by vertex in either direction: the plainest, of the lowest way."""
    text = shape_keys(lines)
    order = np.lexsort((lines.way_ids, lines.steps))
    _, first = np.unique(text[order], return_index=True)
    return lines.take(np.sort(order[first]))


def shape_keys(lines: StreetLines) -> np.typing.NDArray[np.bytes_]:
    """Return bytes that are equal for lines with the same vertices, whichever way they run, shape (n,)."""
    key = pack(lines.cells)
    row = _row(lines)
    place = np.arange(len(key)) - lines.start[row]
    mixed = _mixed(key.view(np.uint64))
    # sums over the line and over its vertices by their place from either end: equal for both directions
    from_end = lines.start[row + 1] - lines.start[row] - 1 - place
    with np.errstate(over="ignore"):
        forward = mixed * _mixed((place + 1).astype(np.uint64))
        backward = mixed * _mixed((from_end + 1).astype(np.uint64))
        sums = [np.add.reduceat(part, lines.start[:-1]) for part in (mixed, forward, backward)]
    both = np.column_stack([sums[0], np.minimum(sums[1], sums[2]), np.maximum(sums[1], sums[2])])
    return np.ascontiguousarray(both).view("S24").ravel()


def _mixed(values: "np.typing.NDArray[np.uint64]") -> "np.typing.NDArray[np.uint64]":
    """Scatter integers: the finisher of SplitMix64 (Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        one = values + np.uint64(0x9E3779B97F4A7C15)
        one = (one ^ (one >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        one = (one ^ (one >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(one ^ (one >> np.uint64(31)))


def _row(lines: StreetLines) -> Index:
    return np.repeat(np.arange(len(lines)), np.diff(lines.start))


def _with(lines: StreetLines, start: Index, cells: Cells, rows: Index | None = None) -> StreetLines:
    index = np.arange(len(lines)) if rows is None else rows
    return StreetLines(
        start,
        cells,
        lines.way_ids[index],
        lines.classes[index],
        lines.steps[index],
        lines.layers[index],
        lines.inclines[index],
    )
