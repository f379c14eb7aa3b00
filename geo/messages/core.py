"""Sentences of the core: levels, codes, moments."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "unknown-level": (
        "没有“{level}”这个层级；可用的层级：{known}。",
        "There is no level “{level}”; known levels: {known}.",
    ),
}
