"""Sentences of the room: store."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
}
