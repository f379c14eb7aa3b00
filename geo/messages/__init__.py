"""Every sentence that a person may read, in Chinese and English, one module a room.

The keys are the stable ``kind`` of errors and remarks. A test holds the table against the source: every kind that is
raised stands here, every entry is used, and both languages mention the same facts.
"""

from importlib import import_module
from typing import Final, Literal, NamedTuple

Language = Literal["zh", "en"]

ROOMS: Final = (
    "access",
    "addresses",
    "adjusting",
    "audit",
    "checking",
    "circles",
    "core",
    "coverage",
    "crs",
    "differences",
    "files",
    "http",
    "imports",
    "ledgers",
    "limits",
    "maps",
    "openid",
    "places",
    "planning",
    "plan_sheet",
    "points",
    "repair",
    "server",
    "spark",
    "store",
    "streets",
)


class Message(NamedTuple):
    """One sentence in both languages, with ``str.format`` fields for the facts."""

    zh: str
    en: str


def _collect() -> dict[str, Message]:
    table: dict[str, Message] = {}
    for room in ROOMS:
        own: dict[str, tuple[str, str]] = import_module(f"geo.messages.{room}").MESSAGES
        twice = table.keys() & own.keys()
        if twice:
            raise KeyError(f"kinds defined twice: {sorted(twice)}")
        table.update({kind: Message(*pair) for kind, pair in own.items()})
    return table


MESSAGES: Final = _collect()


def sentence(kind: str, lang: Language = "zh", **facts: object) -> str:
    """Return the sentence of a kind with its facts filled in.

    Raises
    ------
    KeyError
        For a kind that is not in the table, or a fact that is missing: a mistake of ours, found by tests.
    """
    return getattr(MESSAGES[kind], lang).format(**facts)
