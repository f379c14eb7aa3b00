"""What the headings of a ledger mean: the many words for the few things that are read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from importers.cell_text import folded

Role = Literal["grid_worker", "community_worker", "police_officer", "other"]

AMOUNTS: Final = ("households", "residents")
"""Fields whose numbers are added up: never filled from a merged cell, compared with total rows."""

CHAIN: Final = ("county", "town", "community")
"""Fields that name the areas above a grid, the largest first."""

AREA_FIELDS: Final = ("code", "local_code", "grid", *CHAIN)

_WORDS: Final[dict[str, str]] = {
    "code": "网格编码 网格代码 网格编号 网格号 编码 代码 辖区编码 辖区代码 区划代码 行政区划代码 统一编码 "
    "gridcode gridid code areacode",
    "local_code": "本地编码 本地编号 自编号 原编码 原编号 localcode localid",
    "grid": "网格名称 网格 所属网格 所在网格 网格名 全科网格 全科网格名称 辖区 辖区名称 grid gridname area areaname",
    "community": "社区 村(社区) 社区(村) 村/社区 社区/村 所属社区 所在社区 所属村(社区) 所属社区(村) 社区名称 "
    "村居 村(居) 村 村(社区)名称 community communityname village",
    "town": "街道 乡镇 街道/乡镇 乡镇/街道 镇街 街镇 镇(街道) 街道(镇) 乡镇(街道) 街道(乡镇) 镇 乡 所属街道 所属乡镇 "
    "所属镇(街道) 所属街道(乡镇) 街道名称 town township subdistrict",
    "county": "区县 县区 县(区) 区(县) 县(市、区) 区县名称 county district",
    "level": "层级 级别 辖区层级 level",
    "team": "团队名称 团队 服务团队 网格服务团队 网格团队 team teamname",
    "name": "姓名 名字 人员姓名 成员姓名 成员 name personname member",
    "role": "角色 职务 人员类别 人员类型 岗位 岗位类别 身份 角色类型 role position",
    "phone": "电话 联系电话 电话号码 手机 手机号 手机号码 联系方式 联系号码 phone telephone tel mobile phonenumber",
    "households": "户数 住户数 总户数 居民户数 常住户数 住户 户 households householdcount hh",
    "residents": "人数 人口 人口数 常住人口 居民数 居民人数 总人数 总人口 常住人口数 residents population people",
    "address": "地址 详细地址 门牌 门牌号 门牌地址 住址 楼栋地址 位置 address addr",
    "estate": "小区 小区名称 所属小区 住宅小区 院落 estate compound",
    "building": "楼栋 楼栋号 楼栋名称 栋 栋号 幢 幢号 楼号 building buildingno",
    "unit": "单元 单元号 unit",
    "leader": "楼栋长 楼栋长姓名 楼长 单元长 楼栋负责人 leader buildingleader leadername",
    "leader_phone": "楼栋长电话 楼栋长联系电话 楼栋长手机 楼栋长手机号 楼长电话 单元长电话 楼栋负责人电话 leaderphone "
    "buildingleaderphone",
    "lon": "经度 东经 横坐标 东坐标 lon lng long longitude x easting",
    "lat": "纬度 北纬 纵坐标 北坐标 lat latitude y northing",
    "title": "名称 设施名称 服务设施 服务设施名称 机构名称 单位名称 场所名称 facility facilityname title",
    "category": "类别 设施类别 设施类型 类型 分类 场所类型 category type kind facilitytype",
    "alias": "别名 俗称 又名 alias aka",
    "": "序号 编号 备注 说明 性别 年龄 民族 身份证号 身份证号码 政治面貌 面积 网格面积 "
    "出生年月 学历 单位 工作单位 no remark remarks notes",
}
_FIELD_OF: Final = {word: field for field, words in _WORDS.items() for word in words.split()}

_ROLE_WORDS: Final[dict[Role, str]] = {
    "grid_worker": "网格员 全科网格员 专职网格员 专职全科网格员 网格管理员 网格专干 gridworker",
    "community_worker": "社区专职工作者 社区工作者 专职社区工作者 社区专职 社区专职人员 专职工作者 社工 专职社工 "
    "社区专干 村(社区)专职工作者 communityworker",
    "police_officer": "民警 社区民警 片区民警 派出所民警 公安民警 责任民警 驻村民警 包片民警 警员 policeofficer police",
    "other": "其他 其他人员 其他成员 其他力量 其他网格力量 其他网格员 兼职网格员 微网格员 "
    "网格长 副网格长 楼栋长 楼长 单元长 党员 党员志愿者 志愿者 "
    "网格指导员 网格警务助理 警务助理 辅警 家庭医生 城管队员 网格辅助员 other others volunteer",
}
_ROLE_OF: Final[dict[str, Role]] = {word: role for role, words in _ROLE_WORDS.items() for word in words.split()}
_PHONE_SUFFIX: Final = re.compile(
    r"[/的]?(联系电话|电话号码|手机号码|联系方式|手机号|电话|手机|telephone|mobile|phone)$"
)
_NAME_SUFFIX: Final = re.compile(r"[/的]?(姓名|名字|名单|name)$")
_REPEAT: Final = re.compile(r"\(\d+\)$")
_UNIT: Final = re.compile(r"\((户|人|个|必填|选填|可选|元|度|米|m|公顷|平方米|平方公里|㎡|km2)\)")
_NUMBER: Final = re.compile(r"\d+$")


@dataclass(frozen=True, slots=True)
class Slot:
    """Columns of a wide ledger that hold the people of one role.

    Attributes
    ----------
    role, role_text
        The role, and the heading's own word for it.
    names
        Column of the names; several people may stand in one cell.
    phones
        Column of their telephone numbers, or None.
    """

    role: Role
    role_text: str
    names: str
    phones: str | None = None


def heading(label: str) -> str:
    """Return a heading for comparing: half-width, no blanks, stars, colons, underscores or units, lower case."""
    return re.sub(r"[\s_\-:*]", "", _UNIT.sub("", _REPEAT.sub("", folded(label))))


def field_of(label: str) -> str | None:
    """Return the field that a heading means, ``""`` for a known one that is not read, None for an unknown one.

    Of a heading with several rows (``"基本情况/户数"``) the last part counts, unless the whole is a word or the group
    is a role (``"民警/姓名"``), which is a matter of :func:`slots_of`.
    """
    word = heading(label)
    group, _, last = word.rpartition("/")
    whole = _FIELD_OF.get(word, _FIELD_OF.get(group + last))
    if whole is not None:
        return whole
    return None if _role_word(group) is not None else _FIELD_OF.get(last)


def role_of(text: str) -> Role:
    """Return the role that a word means; a word that is not known is ``"other"``."""
    return _ROLE_OF.get(heading(text), "other")


def is_heading(text: str) -> bool:
    """Return whether a cell could be a heading."""
    word = heading(text)
    stem = _PHONE_SUFFIX.sub("", word)
    return field_of(text) is not None or any(_role_word(part) is not None for part in (word, stem))


def fields_of(columns: Iterable[str]) -> dict[str, str]:
    """Return field to column; where two columns mean the same field, the first one from the left."""
    found: dict[str, str] = {}
    for column in columns:
        field = field_of(column)
        if field:
            found.setdefault(field, column)
    return found


def slots_of(columns: Iterable[str]) -> list[Slot]:
    """Return the role columns of a wide ledger, from left to right.

    A telephone column belongs to the role it names (``民警电话``), or, when it names none, to the role column
    directly to its left.
    """
    slots: list[Slot] = []
    previous_was_slot = False
    for column in columns:
        word = heading(column)
        stem = _PHONE_SUFFIX.sub("", word)
        if _role_word(word) is not None:
            slots.append(_slot(column, word))
            previous_was_slot = True
            continue
        if previous_was_slot and (stem == "" or field_of(column) == "phone") and slots[-1].phones is None:
            slots[-1] = _with_phones(slots[-1], column)
        elif stem != word:
            _give_phones(slots, stem, column)
        previous_was_slot = False
    return slots


def _role_word(word: str) -> str | None:
    """Return the role word in a heading such as ``网格员姓名`` or ``其他人员2``, or None."""
    stem = _NUMBER.sub("", _NAME_SUFFIX.sub("", word))
    last = stem.rpartition("/")[2]
    return next((candidate for candidate in (stem, last) if candidate in _ROLE_OF), None)


def _slot(column: str, word: str) -> Slot:
    role_word = _role_word(word) or ""
    return Slot(_ROLE_OF[role_word], role_word, column)


def _with_phones(slot: Slot, column: str) -> Slot:
    return Slot(slot.role, slot.role_text, slot.names, column)


def _give_phones(slots: list[Slot], stem: str, column: str) -> None:
    """Give a telephone column to the slot whose heading has the same stem, number included."""
    for index, slot in enumerate(slots):
        own = _NAME_SUFFIX.sub("", heading(slot.names))
        if slot.phones is None and stem in (own, own.rpartition("/")[2], slot.role_text):
            slots[index] = _with_phones(slot, column)
            return
