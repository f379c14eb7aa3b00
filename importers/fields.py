"""Which field of a file holds what, and its values made plain."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.areas import Texts
from geo.errors import BadInput

# Folded: NFKC, lower case, without blanks, underscores and hyphens. The first that a file has is taken: Chinese before
# "name", which a KML always has and often leaves empty.
_CODE: Final = (
    "编码", "代码", "网格编码", "网格代码", "区划代码", "行政区划代码", "社区编码", "社区代码", "街道编码", "街道代码",
    "区县编码", "区域编码", "辖区编码", "code", "areacode", "gridcode", "wgbm", "bm", "adcode", "gb",
)  # fmt: skip
_NAME: Final = (
    "名称", "网格名称", "社区名称", "街道名称", "区县名称", "区域名称", "辖区名称", "name", "areaname", "gridname",
    "wgmc", "mc",
)  # fmt: skip
_PARENT: Final = (
    "parent", "上级编码", "上级代码", "父级编码", "父级代码", "所属编码", "上级", "parentcode", "pcode",
)  # fmt: skip
_LOCAL_CODE: Final = ("localcode", "本地编码", "原编码", "原编号", "网格编号", "自编号")
_KIND: Final = ("kind", "网格类型", "网格类别")
_CATEGORY: Final = ("category", "专属类别", "专属网格类别", "类别")
# A DBF keeps ten characters of a field's name.
_NOT_SUBDIVIDED: Final = ("notsubdivided", "notsubdiv", "不再划分", "不划分")
_FULLY_DIVIDED: Final = ("fullydivided", "fullydivi", "全部划分", "划分完整")
_KINDS: Final = {
    **dict.fromkeys(("general", "全科网格", "全科", "普通网格"), "general"),
    **dict.fromkeys(("special", "专属网格", "专属", "专门网格"), "special"),
}
_YES: Final = frozenset(("1", "true", "yes", "y", "t", "是", "真"))
_WHOLE_AS_FRACTION: Final = re.compile(r"\d{6,}\.0+")
_EXACT_WHOLE_NUMBERS_BELOW: Final = 2.0**53


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The fields of a file by what they hold; ``None`` where it has no such field."""

    code: str | None
    name: str | None
    parent: str | None
    parent_text: str | None
    local_code: str | None
    kind: str | None
    category: str | None
    not_subdivided: str | None
    fully_divided: str | None

    def wanted(self) -> list[str]:
        """Return the fields to read, each once."""
        return list(dict.fromkeys(field for slot in self.__slots__ if (field := getattr(self, slot)) is not None))


def field_names(
    file: str,
    fields: tuple[str, ...],
    *,
    code: str | None,
    name: str | None,
    parent: str | None,
    parent_text: str | None,
    codes_needed: bool,
) -> FieldNames:
    """Find the fields, by the names that were given or by the names that planners use.

    Raises
    ------
    BadInput
        ``unknown-code-field`` for a given field that is not there, ``no-code-field`` when a code is needed and no
        field is known to hold it.
    """
    folded = {_folded(field): field for field in reversed(fields)}

    def found(given: str | None, known: tuple[str, ...]) -> str | None:
        if given is None:
            return next((folded[one] for one in known if one in folded), None)
        exact = given if given in fields else folded.get(_folded(given))
        if exact is None:
            facts = {"name": file, "field": given, "fields": ", ".join(fields)}
            raise BadInput("unknown-code-field", place={"file": file, "field": given}, **facts)
        return exact

    code_field = found(code, _CODE)
    if code_field is None and codes_needed:
        raise BadInput("no-code-field", place={"file": file}, name=file, fields=", ".join(fields))
    return FieldNames(
        code=code_field,
        name=found(name, _NAME),
        parent=found(parent, _PARENT),
        parent_text=found(parent_text, ()),
        local_code=found(None, _LOCAL_CODE),
        kind=found(None, _KIND),
        category=found(None, _CATEGORY),
        not_subdivided=found(None, _NOT_SUBDIVIDED),
        fully_divided=found(None, _FULLY_DIVIDED),
    )


def code_text(value: Any) -> str:
    """Return a code as text: whole numbers without fraction, half-width, without outer blanks."""
    if is_plain(value):
        return str(value)
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value if isinstance(value, str) else str(value)
    text = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip(" \t\r\n\u3000\ufeff")
    return text.partition(".")[0] if _WHOLE_AS_FRACTION.fullmatch(text) else text


def is_plain(value: Any) -> bool:
    """Tell whether a code needs no cleaning and hides nothing, as nearly all do: ASCII letters and digits."""
    return isinstance(value, str) and value.isascii() and value.isalnum()


def inexact(value: Any) -> bool:
    """Tell whether a code was kept as a floating-point number too large to be exact."""
    return isinstance(value, float) and abs(value) >= _EXACT_WHOLE_NUMBERS_BELOW


def parent_text(value: Any) -> str:
    """Return a parent's code; DataV keeps it in a JSON object, ``{"adcode": 511400}``."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return value.strip()
    if isinstance(value, Mapping):
        value = value.get("adcode", value.get("code"))
    return code_text(value)


def name_text(value: Any) -> str:
    """Return a name without outer blanks and invisible control characters; all else is data."""
    text = "" if value is None else value if isinstance(value, str) else code_text(value)
    if not text.isprintable():
        text = "".join(sign for sign in text if not hidden(sign))
    return text.strip(" \u3000")


def hidden(sign: str) -> bool:
    """Tell whether a character is a control character, or one that turns the direction of writing."""
    return unicodedata.category(sign) == "Cc" or "\u202a" <= sign <= "\u202e" or "\u2066" <= sign <= "\u2069"


def kind_text(value: Any) -> str:
    """Return ``general`` or ``special`` for the words that planners use, other words as they are."""
    text = name_text(value)
    return _KINDS.get(text.casefold(), text)


def marks(values: Texts) -> npt.NDArray[np.bool_]:
    """Tell which values say yes, shape (n,)."""
    return np.array([code_text(value).casefold() in _YES for value in values], dtype=bool)


def _folded(field: str) -> str:
    return re.sub(r"[\s_\-]", "", unicodedata.normalize("NFKC", field)).casefold()
