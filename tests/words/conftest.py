"""Addresses as people type them: made from a ledger's own, each with one to three kinds of noise."""

import csv
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

NUMERALS = "零一二三四五六七八九"
SLIPS = {
    **{"溪": "西", "苑": "院", "嘉": "加", "园": "圆", "湾": "弯", "坪": "平", "桥": "侨", "岭": "领", "湖": "胡"},
    **{"花": "华", "泉": "全", "谷": "古", "滩": "摊", "杏": "幸", "柳": "刘", "荷": "河", "松": "宋", "梅": "煤"},
    **{"竹": "逐", "青": "轻", "兰": "拦", "槐": "淮", "林": "淋", "坡": "泼", "塘": "糖", "家": "加", "雅": "亚"},
    **{"路": "陆", "山": "三", "桐": "同", "菱": "凌", "莲": "连", "樱": "鹰", "榆": "鱼", "苇": "伟", "田": "甜"},
}
"""Signs that a keyboard by sound gives for others."""
BEFORE = ("请派人到", "我家在", "住址：", "反映", "地址是", "师傅，", "就在", "网格员您好，")
BEHIND = (
    "门口",
    "楼下",
    "，谢谢",
    "有人反映漏水",
    "的住户",
    "垃圾没有清运",
    "（二手房）",
    " 张先生",
    "，电话13800001111",
)
UNITS = {"栋": ("幢", "号楼", "#", "座", "栋"), "单元": ("单元", "单"), "期": ("期",)}


@dataclass(frozen=True)
class Asked:
    """What somebody typed, and the grid that the ledger gives for it."""

    text: str
    grid: str
    true: str


def numeral(number: int) -> str:
    """Return 1 to 9999 as people say it."""
    if number > 99:
        return "".join(NUMERALS[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else NUMERALS[tens] + "十"
    return head + (NUMERALS[ones] if ones else "")


def parts(address: str) -> list[tuple[str, str]]:
    """Split 兰溪花园8期3栋2单元 into texts and numbers with their units."""
    import re

    return [(one[0] or one[1], one[2]) for one in re.findall(r"([^\d]+?(?=\d))|(\d+)(期|栋|单元|号)", address)]


def spelled(name: str, numbers: list[tuple[str, str]], dice: random.Random, noise: set[str]) -> str:
    if "dashes" in noise and numbers[0][1] == "期":
        return name + "-".join(value for value, _ in numbers)
    written = []
    for value, unit in numbers:
        digits = numeral(int(value)) if "numerals" in noise else value
        written.append(digits + (dice.choice(UNITS.get(unit, (unit,))) if "units" in noise else unit))
    if "numerals" in noise:
        written = [each.replace("#", "栋").replace("座", "栋") for each in written]
    if "order" in noise and len(numbers) == 3:
        return "".join(written[1:]) + name + written[0]
    if "no unit" in noise and len(numbers) == 3:
        written = written[:2]
    return name + "".join(written)


def slipped(name: str, dice: random.Random) -> str:
    """Return a name with one slip of the keyboard."""
    places = [place for place, sign in enumerate(name) if sign in SLIPS]
    kinds = ["sound"] * 6 * bool(places) + ["twice", "exchanged"] + ["lost"] * (len(name) > 3)
    kind = dice.choice(kinds)
    if kind == "sound":
        place = dice.choice(places)
        return name[:place] + SLIPS[name[place]] + name[place + 1 :]
    place = dice.randrange(len(name) - 1)
    if kind == "twice":
        return name[: place + 1] + name[place:]
    if kind == "lost":
        return name[:place] + name[place + 1 :]
    return name[:place] + name[place + 1] + name[place] + name[place + 2 :]


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() and sign.isalnum() else sign for sign in text)


KINDS = (
    "numerals",
    "units",
    "slip",
    "prefix",
    "some prefix",
    "extra",
    "flat",
    "full width",
    "blanks",
    "order",
    "dashes",
)


def noisy(row: dict[str, str], above: list[str], dice: random.Random) -> Asked:
    """Return one ledger row as somebody types it.

    Parameters
    ----------
    above
        Names of the areas above the grid, the largest first.
    """
    noise = set(dice.sample(KINDS, dice.choice((1, 1, 2, 2, 3))))
    if dice.random() < 0.1:
        noise.add("no unit")
    (name, _), *numbers = parts(row["地址"])
    text = spelled(slipped(name, dice) if "slip" in noise else name, numbers, dice, noise)
    if "flat" in noise and numbers[0][1] == "期" and "order" not in noise:
        text += f"-{dice.randrange(101, 1800)}" if "dashes" in noise else f"{dice.randrange(101, 1800)}室"
    if "prefix" in noise:
        text = "四川省" + "".join(above) + text
    elif "some prefix" in noise:
        kept = [each for each in above if dice.random() < 0.5]
        text = (
            "".join(each.removesuffix("街道").removesuffix("社区") if dice.random() < 0.2 else each for each in kept)
            + text
        )
    if "extra" in noise:
        text = dice.choice(BEFORE) + text if dice.random() < 0.5 else text + dice.choice(BEHIND)
    if "full width" in noise:
        text = full_width(text)
    if "blanks" in noise:
        place = dice.randrange(len(text))
        text = f" {text[:place]}{dice.choice((' ', '　', '，', '-') if place < 3 else (' ', '　'))}{text[place:]}"
    return Asked(text, row["网格编码"], row["地址"])


@pytest.fixture(scope="session")
def noisy_addresses(city_folder: Path) -> Callable[[int, int], list[Asked]]:
    """Return a way to make so many noisy addresses from the sample city's residences, from a seed of their own."""
    import json

    names: dict[str, str] = {}
    for stem in ("city", "counties", "towns", "communities"):
        features: list[dict[str, Any]] = json.loads((city_folder / f"{stem}.geojson").read_text("utf-8"))["features"]
        names |= {one["properties"]["code"]: one["properties"]["name"] for one in features}
    with (city_folder / "residences.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    def make(seed: int, count: int) -> list[Asked]:
        dice = random.Random(seed)
        found = []
        for _ in range(count):
            row = dice.choice(rows)
            code = row["网格编码"]
            above = [names[code[:length]] for length in (4, 6, 9, 12) if code[:length] in names]
            found.append(noisy(row, above, dice))
        return found

    return make
