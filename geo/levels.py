"""The hierarchy: a configured list of levels, from the largest to the smallest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geo.errors import BadInput
from geo.messages import Language

NAMES: Final[dict[str, tuple[str, str]]] = {
    "province": ("省", "province"),
    "city": ("市", "city"),
    "county": ("区县", "county"),
    "town": ("街道/乡镇", "town"),
    "community": ("社区/村", "community"),
    "grid": ("网格", "grid"),
    "microgrid": ("微网格", "microgrid"),
}


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Levels in order, the largest first; every level is handled by the same code."""

    levels: tuple[str, ...] = ("province", "city", "county", "town", "community", "grid", "microgrid")

    def require(self, level: str) -> str:
        """Return the level, or raise BadInput with the list of known ones."""
        if level not in self.levels:
            raise BadInput("unknown-level", level=level, known=", ".join(self.levels))
        return level

    def above(self, level: str) -> tuple[str, ...]:
        """Return the levels above one, the nearest first."""
        return tuple(reversed(self.levels[: self.levels.index(self.require(level))]))

    def below(self, level: str) -> tuple[str, ...]:
        """Return the levels below one, the nearest first."""
        return self.levels[self.levels.index(self.require(level)) + 1 :]

    def parent_level(self, level: str, present: Sequence[str]) -> str | None:
        """Return the nearest level above that is present, or None."""
        return next((upper for upper in self.above(level) if upper in present), None)


DEFAULT: Final = Hierarchy()


def level_name(level: str, lang: Language) -> str:
    """Return what people call a level."""
    zh, en = NAMES.get(level, (level, level))
    return zh if lang == "zh" else en
