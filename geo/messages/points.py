"""Sentences of the room: points. Moments asked for, and tables of points to be located."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "at-and-edition": (
        "--at 和 --edition 只能写一个：它们各指定一个时刻。",
        "Give either --at or --edition: each of them names a moment.",
    ),
}
