"""Sentences of the room: server."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
}
