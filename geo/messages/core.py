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
}
