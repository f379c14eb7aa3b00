"""Sentences of the room: addresses and search."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "search-too-slow": (
        "这次查找用时过长，已停止；请写得更具体一些，如写上街道、社区或门牌号，再试一次。",
        "The search took too long and was stopped; say more, such as the town, the community or the house number, and "
        "try again.",
    ),
    "search-empty": (
        "没有写要找的地点；请写小区、道路、社区的名称或地址。",
        "Nothing to look for was given; write the name of an estate, a road or a community, or an address.",
    ),
    "search-too-long": (
        "文字有 {chars} 个字符，超过上限 {most} 个；请只写地址。",
        "The text has {chars} characters, more than {most}; write the address alone.",
    ),
    "search-near-malformed": (
        "near 应写成“经度,纬度”，如 104.28,30.18；现在是“{given}”。",
        "Write near as longitude,latitude, such as 104.28,30.18, not “{given}”.",
    ),
    "alias-target-missing": (
        "第 {row} 行没有写这个别名指什么；请填编码（辖区），或登记的名称。",
        "Row {row} does not say what the alias stands for; give the code of an area, or the name as it is on record.",
    ),
    "alias-target-unknown": (
        "第 {row} 行的“{target}”没有登记，别名不知道指什么；请写登记的编码或名称。",
        "In row {row} “{target}” is not on record, so the alias stands for nothing; give a code or name on record.",
    ),
    "alias-missing": (
        "第 {row} 行没有别名；请补上，或删去这一行。",
        "Row {row} has no alias; fill it in, or delete the row.",
    ),
    "alias-too-long": (
        "第 {row} 行的别名太长，或其中没有文字；请写 200 字以内的名称。",
        "The alias of row {row} is too long, or holds no letters; write a name of at most 200 characters.",
    ),
    "point-contradicts-address": (
        "地址“{matched}”在 {away_m} 米外的{grid}，与坐标不符；已按坐标归属",
        "the address “{matched}” lies {away_m} m away in {grid}; the point decided",
    ),
    "address-taken-as": (
        "按地址“{name}”定位",
        "located by the address “{name}”",
    ),
    "address-may-be": (
        "可能是：{names}",
        "it may be: {names}",
    ),
    "address-only-area": (
        "地址只说到{area}",
        "the address names only {area}",
    ),
    "address-empty": (
        "没有坐标，也没有地址；请至少填一样。",
        "There is neither a point nor an address; fill in one of them.",
    ),
}
