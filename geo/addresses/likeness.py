"""How like a name what somebody wrote is."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from geo.addresses.sounds import Syllable, forms, syllables

EXACT: Final = 1.0
OTHER_FORM: Final = 0.98
SAME_SOUND: Final = 0.97
BARE: Final = 0.93
SLIP: Final = 0.88
"""One sign too many or too few, or two exchanged."""
SOUNDED: Final = 0.92
"""Of a slip in what only sounds alike."""
OTHER_SIGN: Final = 0.74
"""One sign is another one: as likely as not another place."""
_FEWEST: Final = 3


class Likeness(NamedTuple):
    """From 0, another name, to 1, the same; ``bare`` where the word for what the place is has been left out."""

    degree: float
    bare: bool


_NONE: Final = Likeness(0.0, bare=False)


def likeness(written: Sequence[Syllable], stem: str) -> Likeness:
    """Return how like a stem some syllables of a plain text are."""
    texts, sounds = [each.text for each in written], [each.sound for each in written]
    best = _NONE
    for place, (form_texts, form_sounds, bare) in enumerate(_spoken(stem)):
        own = BARE if bare else OTHER_FORM if place else EXACT
        if texts == form_texts:
            degree = own
        elif sounds == form_sounds:
            degree = own * SAME_SOUND
        else:
            degree = 0.0 if bare else own * max(_slipped(texts, form_texts), SOUNDED * _slipped(sounds, form_sounds))
        if degree > best.degree:
            best = Likeness(degree, bare)
    return best


@lru_cache(maxsize=50_000)
def _spoken(stem: str) -> list[tuple[list[str], list[str], bool]]:
    found = []
    for form in forms(stem):
        signs = syllables(form.text)
        found.append(([each.text for each in signs], [each.sound for each in signs], form.bare))
    return found


def _slipped(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how like two rows of sounds are between which lies at most one slip."""
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < _FEWEST:
        return 0.0
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    if len(one) != len(other):
        longer, shorter = (one, other) if len(one) > len(other) else (other, one)
        return SLIP if list(longer[head + 1 :]) == list(shorter[head:]) else 0.0
    if list(one[head + 1 :]) == list(other[head + 1 :]):
        return OTHER_SIGN
    exchanged = [*one[:head], *reversed(one[head : head + 2]), *one[head + 2 :]]
    return SLIP if exchanged == list(other) else 0.0
