"""Invented names and codes.

No real place has a code that starts with 5198: the cities of Sichuan end at 5134. Names are put together from
lists; towns and communities may by chance be called like a real one, the city and its counties are not.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from geo.areas import Texts
from importers.sample.dice import Ids, choice

SOURCE: Final = "虚构示例 invented sample"
CITY_CODE: Final = 519800
CITY_NAME: Final = "青禾市"

_FIRST: Final = "青桐兰竹荷松柳梅杏枫桂榆槐梨桃芦菱莲苇樱"
_LAST: Final = "溪花林泉湖岭坪桥湾坡塘园山江河田滩谷洲台"
_CROPS: Final = "禾穗苗黍稷豆麦秧垄畴"
_DIGITS: Final = "零一二三四五六七八九"
_SURNAMES: Final = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方袁柳唐罗薛雷贺汤"
_GIVEN: Final = "禾苗穗青兰竹松柏梅荷云山川江河溪泉明亮宁安平和乐欣悦晨曦晓春夏秋冬月星雪雨风霞虹诚信义礼"


def _pairs(first: str, last: str) -> Texts:
    table = np.empty(len(first) * len(last), dtype=object)
    table[:] = [a + b for a in first for b in last]
    return table


PLACES: Final = _pairs(_FIRST, _LAST)
"""400 names such as 桐花."""
COUNTIES: Final = _pairs(_FIRST, _CROPS)
"""200 names such as 桐穗, for counties."""


def numeral(number: int) -> str:
    """Return 1 to 99 in Chinese, such as 十二.

    Parameters
    ----------
    number
        From 1 to 99.
    """
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones else "")


def ordinals(numbers: Ids, noun: str) -> Texts:
    """Return names such as 第三网格 for each number."""
    table = np.array(["", *(f"第{numeral(n)}{noun}" for n in range(1, 100))], dtype=object)
    return np.asarray(table[numbers], dtype=object)


def place_names(seed: int, parents: Ids, places: Ids, suffixes: npt.ArrayLike, table: Texts = PLACES) -> Texts:
    """Return a name for each area, unique among the areas of one parent.

    Parameters
    ----------
    seed
        Of the city.
    parents, places
        Number of the parent, and place within the parent, of each area.
    suffixes
        What the name ends with, such as 街道: one text or one for each area.
    table
        Names to choose from; its length has neither 3 nor 7 as a factor, so that steps of 147 meet no name twice.
    """
    begin = choice(seed, "place names", parents, len(table))
    return np.asarray(table[(begin + 147 * places) % len(table)] + np.asarray(suffixes, dtype=object), dtype=object)


def places_in(groups: Ids) -> Ids:
    """Return the place of each row within its group, from 0; equal groups must stand together."""
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    return np.arange(len(groups)) - np.repeat(first, np.diff(first, append=len(groups)))


def people_names(seed: int, people: Ids) -> Texts:
    """Return an invented name for each person."""
    surnames, given = np.array(list(_SURNAMES), dtype=object), np.array(list(_GIVEN), dtype=object)
    names = surnames[choice(seed, "surname", people, len(surnames))]
    names = names + given[choice(seed, "given name", people, len(given))]
    second = given[choice(seed, "second given name", people, len(given))]
    return np.where(choice(seed, "two given names", people, 4) > 0, names + second, names)


def phones(people: Ids) -> Texts:
    """Return an invented telephone number for each person, all different.

    They start with 154, a prefix that no operator has been given as far as is known: eight free digits,
    where a prefix in use, such as 199 0000, would leave four and ring somewhere.
    """
    column = np.empty(len(people), dtype=object)
    column[:] = [f"154{(person * 7_919 + 12_345_678) % 100_000_000:08d}" for person in people.tolist()]
    return column
