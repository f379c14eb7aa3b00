"""How names sound, and the numbers that they are looked up by.

Source of the readings: pypinyin. Signs are read one by one, by their commonest reading, so that a name and what is
asked for are read alike wherever they are cut. What many people do not tell apart is one sound: zh and z, ch and c,
sh and s, n and l at the beginning, n and ng at the end, hu and fu.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple
from zlib import crc32

LONGEST_STEM: Final = 32
"""Syllables of a name that is found by its sound."""

FULL, SLIP, INSIDE = 0, 1, 2
"""Kinds of keys: of all that is written, of what a slip leaves, of two signs that follow each other."""

_UNIT: Final = re.compile(r"[a-z0-9]+|[^ \-]")
_HALF: Final = 1 << 31
_ENDINGS: Final = (
    ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "社区"),
    ("村村民委员会", "村村委会", "村民委员会", "村委会", "村"),
    ("街道办事处", "街道办", "街道"),
    ("乡人民政府", "乡"),
    ("镇人民政府", "镇"),
    ("自治县", "县"),
    ("区",),
    ("市",),
    ("小区",),
)
_FEWEST_SLIPPED: Final = 3
_FEWEST_KEPT: Final = 2


class Syllable(NamedTuple):
    """A sign or a Latin word, and its sound."""

    text: str
    sound: str
    begin: int
    end: int


class Form(NamedTuple):
    """A way to say a name; ``bare`` where the word for what it is has been left out."""

    text: str
    bare: bool


def syllables(text: str) -> tuple[Syllable, ...]:
    """Return the syllables of a plain text."""
    return tuple(Syllable(one[0], sound_of(one[0]), one.start(), one.end()) for one in _UNIT.finditer(text))


@cache
def sound_of(sign: str) -> str:
    """Return the sound of a sign; a Latin word, and a sign without a reading, stand for themselves."""
    if sign.isascii():
        return sign
    # the readings take a while to be loaded, and whoever asks only by coordinates needs none
    from pypinyin import Style, pinyin  # noqa: PLC0415

    found = pinyin(sign, style=Style.NORMAL, errors="ignore")
    return folded_sound(found[0][0]) if found and found[0] else sign


def folded_sound(reading: str) -> str:
    """Return a reading such as ``zhuang`` with what is often confused made one."""
    sound = re.sub(r"^([zcs])h", r"\1", reading)
    sound = re.sub(r"^hu(?=.)|^hu$", "fu", sound) if sound.startswith("hu") else sound
    sound = "l" + sound[1:] if sound.startswith("n") and len(sound) > 1 else sound
    return sound[:-1] if sound.endswith("ng") else sound


def key_of(kind: int, words: Iterable[str]) -> int:
    """Return the number of some words, in the range of PostgreSQL's ``integer``; others may have the same."""
    found = crc32(f"{kind // INSIDE}{' '.join(words)}".encode())
    return found - 2 * _HALF if found >= _HALF else found


def slips(sounds: Sequence[str]) -> list[tuple[str, ...]]:
    """Return what is left when one syllable is left out, of names that are long enough."""
    if len(sounds) < _FEWEST_SLIPPED:
        return []
    return [(*sounds[:place], *sounds[place + 1 :]) for place in range(len(sounds))]


def forms(stem: str) -> list[Form]:
    """Return the ways in which people say the name of an area: 庄店社区居民委员会, 庄店社区, 庄店居委会, 庄店."""
    found = [Form(stem, bare=False)]
    for endings in _ENDINGS:
        ending = next((each for each in endings if stem.endswith(each)), None)
        if ending is None or len(stem) - len(ending) < _FEWEST_KEPT:
            continue
        base = stem[: -len(ending)]
        found += [Form(base + each, bare=False) for each in endings if each != ending]
        if base.endswith("村") and endings[-1] == "村":
            found.append(Form(base, bare=False))
            base = base[:-1]
        if len(base) >= _FEWEST_KEPT:
            found.append(Form(base, bare=True))
        break
    return found


def keys_of_stem(stem: str) -> list[tuple[int, int]]:
    """Return all numbers that a stem is looked up by, with their kinds; the same for the same stem."""
    signs = syllables(stem)
    if not 1 <= len(signs) <= LONGEST_STEM:
        return []
    found: dict[tuple[int, int], None] = {}
    for form in forms(stem):
        sounds = [each.sound for each in syllables(form.text)]
        found[FULL, key_of(FULL, sounds)] = None
        if not form.bare:
            found.update({(SLIP, key_of(SLIP, left)): None for left in slips(sounds)})
    found.update({(INSIDE, key_of(INSIDE, (one.text, other.text))): None for one, other in pairwise(signs[1:])})
    return list(found)
