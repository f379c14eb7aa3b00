"""Sentences of the room: addresses and search."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "search-too-slow": (
        "这次查找用时过长，已停止；请写得更具体一些，如写上街道、社区或门牌号，再试一次。",
        "The search took too long and was stopped; say more, such as the town, the community or the house number, and "
        "try again.",
    ),
}
