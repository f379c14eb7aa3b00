"""Sentences of the room: crs."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
}
