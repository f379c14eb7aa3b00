"""Sentences of the room: files."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
}
