"""A space-filling curve over a rectangle: its runs are connected pieces with jagged borders."""

import numpy as np
import numpy.typing as npt


def curve(columns: int, rows: int) -> npt.NDArray[np.int64]:
    """Return the cells of a rectangle in the order of a generalised Hilbert curve.

    Parameters
    ----------
    columns, rows
        Size of the rectangle; both even, so that every step goes to a cell beside, above or below.

    Returns
    -------
    numpy.ndarray
        Cell numbers ``row * columns + column``, shape (rows * columns,), each once; the curve starts at cell 0.

    Notes
    -----
    After Jakub Červený's "gilbert" (2018): halve the longer side until a strip of one cell is left.
    """
    steps: list[tuple[int, int, int, int]] = []
    if columns >= rows:
        _walk(steps, 0, 0, (columns, 0), (0, rows))
    else:
        _walk(steps, 0, 0, (0, rows), (columns, 0))
    strips = np.array(steps, dtype=np.int64)
    start, step, length = strips[:, 1] * columns + strips[:, 0], strips[:, 2], strips[:, 3]
    stride = np.where(np.abs(step) == 1, step, step // 2 * columns)
    first = np.repeat(np.cumsum(length) - length, length)
    along = np.arange(len(first)) - first
    return np.repeat(start, length) + along * np.repeat(stride, length)


def _walk(steps: list[tuple[int, int, int, int]], x: int, y: int, a: tuple[int, int], b: tuple[int, int]) -> None:
    """Append the strips (x, y, step, length) of a block with long side a and short side b; step ±2 is a row."""
    width, height = abs(a[0] + a[1]), abs(b[0] + b[1])
    da, db = (_sign(a[0]), _sign(a[1])), (_sign(b[0]), _sign(b[1]))
    if height == 1 or width == 1:
        d, length = (da, width) if height == 1 else (db, height)
        steps.append((x, y, d[0] + 2 * d[1], length))
        return
    half_a, half_b = (a[0] // 2, a[1] // 2), (b[0] // 2, b[1] // 2)
    if 2 * width > 3 * height:
        if abs(half_a[0] + half_a[1]) % 2 and width > 2:
            half_a = (half_a[0] + da[0], half_a[1] + da[1])
        _walk(steps, x, y, half_a, b)
        _walk(steps, x + half_a[0], y + half_a[1], (a[0] - half_a[0], a[1] - half_a[1]), b)
        return
    if abs(half_b[0] + half_b[1]) % 2 and height > 2:
        half_b = (half_b[0] + db[0], half_b[1] + db[1])
    _walk(steps, x, y, half_b, half_a)
    _walk(steps, x + half_b[0], y + half_b[1], a, (b[0] - half_b[0], b[1] - half_b[1]))
    _walk(
        steps,
        x + (a[0] - da[0]) + (half_b[0] - db[0]),
        y + (a[1] - da[1]) + (half_b[1] - db[1]),
        (-half_b[0], -half_b[1]),
        (-(a[0] - half_a[0]), -(a[1] - half_a[1])),
    )


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)
