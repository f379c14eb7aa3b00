"""Sentences of the core: levels, codes, moments."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "unknown-level": (
        "没有“{level}”这个层级；可用的层级：{known}。",
        "There is no level “{level}”; known levels: {known}.",
    ),
    "not-a-length": (
        "参数“{name}”应为不小于 0 的米数，例如 20；收到的是 {given}。",
        "“{name}” must be a length in metres, 0 or more, such as 20; it is {given}.",
    ),
    "malformed-moment": (
        "看不懂时间“{given}”。请写成 2026-07-01T08:00:00+08:00、2026-07-01T00:00:00Z、2026-07-01 08:00（当地时间）"
        "或 2026-07-01（当日结束时）。",
        "“{given}” is no moment. Write 2026-07-01T08:00:00+08:00, 2026-07-01T00:00:00Z, 2026-07-01 08:00 (site time) "
        "or 2026-07-01 (the close of that day).",
    ),
    "future-moment": (
        "“{given}”在将来，现在是 {now}；只能查询现在和过去。请改用较早的时间，或去掉参数 at。",
        "“{given}” lies in the future, it is now {now}; only the present and the past can be asked for. "
        "Give an earlier moment, or leave out “at”.",
    ),
    "before-first-edition": (
        "“{given}”早于第一期（{first} 发布），当时还没有任何辖区。请改用此后的时间。",
        "“{given}” is before the first edition (published {first}): there were no areas yet. Give a later moment.",
    ),
    "unknown-time-zone": (
        "没有名为“{zone}”的时区；请写 IANA 时区名，例如 Asia/Shanghai，并确认系统装有 tzdata。",
        "There is no time zone “{zone}”; give an IANA name such as Asia/Shanghai, and see that tzdata is installed.",
    ),
    "parent-code-outside-scheme": (
        "上级代码“{parent}”不符合编码规则“{scheme}”，无法为{level}自动编码。请用 --code-field 指定代码所在字段，"
        "或先给上级编码。",
        "The parent's code “{parent}” is not of the scheme “{scheme}”, so no {level} codes can be made from it. "
        "Name the field that holds codes with --code-field, or give the parent a code first.",
    ),
    "parent-code-of-wrong-level": (
        "按编码规则“{scheme}”，{level}的代码不能由“{parent}”得出：它不是紧邻的上一级。请先导入中间层级，或指定正确的上级。",
        "In the scheme “{scheme}” a {level} code cannot be made from “{parent}”, which is not of the level just above. "
        "Import the levels between, or name the right parent.",
    ),
    "kind-without-numbers": (
        "编码规则没有为{level}的“{given}”类别设定号段；可用的有：{known}。",
        "The scheme has no numbers for the kind “{given}” of {level}; it has {known}.",
    ),
    "codes-used-up": (
        "“{parent}”之下 {first} 至 {last} 号已全部用过（停用的代码不再使用）。请换一个类别，或拆分上级。",
        "All numbers from {first} to {last} under “{parent}” have been used (retired codes are never reused). "
        "Use another kind, or split the parent.",
    ),
    "unknown-code-scheme": (
        "没有“{given}”这种编码规则；可用：15，或 cjt349:NNNNNN（后接 CJ/T 348 的 6 位管理对象代码）。",
        "There is no code scheme “{given}”; use 15, or cjt349:NNNNNN with the 6 digits of what is managed (CJ/T 348).",
    ),
}
