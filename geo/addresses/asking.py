"""What somebody asks for: the text taken apart, and the names that may stand in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from geo.addresses.likeness import likeness
from geo.addresses.sounds import FULL, SLIP, Syllable, key_of, slips, syllables
from geo.addresses.spelling import Number, Part, Run, parts_of, plain

LONGEST_NAME: Final = 14
"""Syllables of a name that is looked for inside a longer text."""
_MOST_SYLLABLES: Final = 80
_BESIDE: Final = re.compile(r"斜?对面|旁边?|附近|隔壁|后面|前面|侧面|周边|一带|以[东南西北]|[东南西北]侧|交叉口|路口")
_PROVINCES: Final = {
    **dict(zip(["北京", "天津", "河北", "山西", "内蒙古"], range(11, 16), strict=True)),
    **dict(zip(["辽宁", "吉林", "黑龙江"], range(21, 24), strict=True)),
    **dict(zip(["上海", "江苏", "浙江", "安徽", "福建", "江西", "山东"], range(31, 38), strict=True)),
    **dict(zip(["河南", "湖北", "湖南", "广东", "广西", "海南"], range(41, 47), strict=True)),
    **dict(zip(["重庆", "四川", "贵州", "云南", "西藏"], range(50, 55), strict=True)),
    **dict(zip(["陕西", "甘肃", "青海", "宁夏", "新疆"], range(61, 66), strict=True)),
}
_PROVINCE: Final = re.compile(rf"(?:中国)?({'|'.join(_PROVINCES)})(?:省|(?:壮族|回族|维吾尔)?自治区|(?<=[京津海庆])市)")
_SAYS_NOTHING: Final = re.compile(
    re.sub(r"\((?!\?)", "(?:", _PROVINCE.pattern) + rf"|{_BESIDE.pattern}"
    "|门口|门前|大门|楼下|楼上|里面|院内|小区|这里|那里|这边|那边|[内里处]"
    "|您好|你好|请|派人|网格员|师傅|同志|我家|我们|我|家住|住址|地址|位于|位置|反映|投诉|住在|就在|在|是|到"
    "|谢谢|的|住户|居民|业主"
)

Keys = Mapping[int, list[tuple[Syllable, ...]]]


class Hit(NamedTuple):
    """A name that somebody may have meant by a piece of the text.

    Attributes
    ----------
    begin, end
        Of the piece, in the plain text.
    stem_id, stem
        The name without its numbers.
    degree
        How like it the piece is, see :mod:`geo.addresses.likeness`.
    bare
        Whether the word for what the place is has been left out.
    """

    begin: int
    end: int
    stem_id: int
    stem: str
    degree: float
    bare: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A text taken apart.

    Attributes
    ----------
    text
        In plain form.
    parts
        Its parts.
    beside
        Whether it says that the place is beside what it names.
    province
        The first two digits of the codes of a province that it names, ``""`` without.
    """

    text: str
    parts: tuple[Part, ...]
    beside: bool
    province: str

    @classmethod
    def of(cls, text: str) -> Self:
        """Take a text apart."""
        form = plain(text)
        named = _PROVINCE.search(form)
        return cls(form, parts_of(form), _BESIDE.search(form) is not None, str(_PROVINCES[named[1]]) if named else "")

    @property
    def runs(self) -> list[Run]:
        """The texts between the numbers."""
        return [part for part in self.parts if isinstance(part, Run)]

    @property
    def numbers(self) -> list[Number]:
        """All its numbers."""
        return [part for part in self.parts if isinstance(part, Number)]

    @property
    def parts_a_number(self) -> bool:
        """Whether a blank stands between two digits: 1 5-3-2 may be 15-3-2."""
        return re.search(r"\d \d", self.text) is not None

    def keys(self) -> Keys:
        """Return the keys of all pieces that may be a name as it is written, and these pieces."""
        found: dict[int, list[tuple[Syllable, ...]]] = {}
        for piece in self._pieces():
            found.setdefault(key_of(FULL, (each.sound for each in piece)), []).append(piece)
        return found

    def slipped_keys(self) -> Keys:
        """Return the keys of what is left of each piece when one syllable is left out."""
        found: dict[int, list[tuple[Syllable, ...]]] = {}
        for piece in self._pieces():
            for left in slips([each.sound for each in piece]):
                found.setdefault(key_of(SLIP, left), []).append(piece)
        return found

    def _pieces(self) -> Iterator[tuple[Syllable, ...]]:
        left = _MOST_SYLLABLES
        for run in self.runs:
            signs = [
                Syllable(text, sound, begin + run.begin, end + run.begin)
                for text, sound, begin, end in syllables(run.text)
            ][:left]
            left -= len(signs)
            for begin in range(len(signs)):
                for end in range(begin + 1, min(begin + LONGEST_NAME, len(signs)) + 1):
                    if end - begin > 1 or len(signs[begin].text) > 1 or len(signs) == 1:
                        yield tuple(signs[begin:end])


def hits_of(keys: Keys, found: Iterable[tuple[int, int, str]]) -> list[Hit]:
    """Return the names that pieces of a text are like, each piece and name once, the likest first.

    Parameters
    ----------
    found
        Key, id and text of each stem that was found by a key; others may have the same key.
    """
    best: dict[tuple[int, int, int], Hit] = {}
    for key, stem_id, stem in found:
        for piece in keys.get(key, ()):
            degree, bare = likeness(piece, stem)
            place = (piece[0].begin, piece[-1].end, stem_id)
            if degree and (place not in best or best[place].degree < degree):
                best[place] = Hit(*place, stem, degree, bare)
    return sorted(best.values(), key=lambda hit: (-hit.degree, hit.begin - hit.end, hit.stem_id))


def words_left(text: str) -> str:
    """Return what a piece of text says about a place beyond courtesy and nearness."""
    return _SAYS_NOTHING.sub("", text)
