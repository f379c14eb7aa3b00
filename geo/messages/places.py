"""Sentences of the room: places."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
}
