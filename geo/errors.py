"""The one family of errors.

Every refusal is a :class:`GeoError` with a stable ``kind``; the sentences stand in :mod:`geo.messages`, in Chinese
and English. The classes say what sort of mistake it is and nothing about HTTP: ``api/errors.py`` maps them.
"""

from collections.abc import Mapping

from geo.messages import Language, sentence


class GeoError(Exception):
    """A refusal that a planner can understand.

    Parameters
    ----------
    kind
        A key of :data:`geo.messages.MESSAGES`, such as ``"unknown-level"``; stable, part of the API.
    place
        Where in the input: any of ``file``, ``row``, ``field``, ``code``, ``lon``, ``lat`` (degrees, EPSG:4490).
    **facts
        What the sentence mentions.
    """

    def __init__(self, kind: str, *, place: Mapping[str, object] | None = None, **facts: object) -> None:
        self.kind = kind
        self.place: dict[str, object] = dict(place or {})
        self.facts = facts
        super().__init__(self.text("en"))

    def text(self, lang: Language = "zh") -> str:
        """Return the sentence in one language."""
        return sentence(self.kind, lang, **self.facts)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by kind and facts, so that an error crosses a process border whole."""
        return _rebuild, (type(self), self.kind, self.place, self.facts)


def _rebuild(cls: type[GeoError], kind: str, place: Mapping[str, object], facts: Mapping[str, object]) -> GeoError:
    return cls(kind, place=place, **facts)


class BadInput(GeoError):
    """What was given is wrong: a file, a row, a parameter."""


class NotFound(GeoError):
    """What was asked for is not there."""


class Conflict(GeoError):
    """What was asked for does not fit the present state."""


class Unidentified(GeoError):
    """Nobody knows who the caller is, and that matters here."""


class Refused(GeoError):
    """The caller may not do this."""


class TooLarge(GeoError):
    """What was given is over a limit."""


class TooSlow(GeoError):
    """What is to be given does not come, or only drop by drop."""


class TooOften(GeoError):
    """The caller has asked more often than one may."""


class Unavailable(GeoError):
    """Something we stand on (database, disk, system package) is missing or down."""
