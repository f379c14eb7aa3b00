"""Sentences of the room: ledgers."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
}
