"""Answers to many points: those far outside, which are costly one by one, are told apart all at once."""

import json
from collections.abc import Sequence
from typing import Final

import numpy as np

from geo.locate.city import OUTSIDE
from geo.locate.ready import ReadyCity
from geo.locate.records import Answer

WORTH_IT: Final = 64
"""Fewer points are asked one by one."""

Asked = tuple[tuple[int, int], float, float]
"""A point as lattice integers, its accuracy and how far borders are looked for, both in m."""


def texts(city: ReadyCity, asked: Sequence[Asked]) -> list[bytes]:
    """Return what :meth:`geo.locate.ready.ReadyCity.text` returns for each point."""
    known = _outside(city, asked)
    return [_text(known[row]) if row in known else city.text(*each) for row, each in enumerate(asked)]


def answers(city: ReadyCity, asked: Sequence[Asked]) -> list[Answer]:
    """Return what :meth:`geo.locate.ready.ReadyCity.answer` returns for each point."""
    known = _outside(city, asked)
    return [known[row] if row in known else city.answer(*each) for row, each in enumerate(asked)]


def _outside(city: ReadyCity, asked: Sequence[Asked]) -> dict[int, Answer]:
    """Answer the points in no area at all, on no border and with none within their accuracy, by row."""
    if len(asked) < WORTH_IT:
        return {}
    x, y = np.array([point for point, _, _ in asked], dtype=np.int64).T
    located = city.index.locate(x, y)
    rows = np.flatnonzero((located.status == OUTSIDE) & ~located.on_border)
    reach_m = max(max(accuracy_m, radius_m) for _, accuracy_m, radius_m in asked)
    away_m = city.index.border_m(x, y, located, reach_m)[rows].tolist()
    return {
        row: Answer(
            status="outside",
            certain=True,
            on_border=False,
            border_distance_m=border_m if border_m <= asked[row][2] else None,
        )
        for row, border_m in zip(rows.tolist(), away_m, strict=True)
        if border_m > asked[row][1]
    }


def _text(answer: Answer) -> bytes:
    return json.dumps(answer.document(), ensure_ascii=False, separators=(",", ":")).encode()[:-1]
