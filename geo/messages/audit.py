"""Sentences of the room: audits, exceptions and jobs."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "level-not-below": (
        "“{level}”不在 {within}（{top}）之下，不能在其中审计；请改用更低的层级，或去掉 --within。",
        "“{level}” is not below {within} (a {top}), so it cannot be audited in there; give a lower level, or leave out "
        "the area.",
    ),
    "unknown-exception": (
        "没有编号为 {number} 的例外；gridwarden findings list 列出全部。",
        "There is no exception number {number}; “gridwarden findings list” has all.",
    ),
    "audit-of": ("{date} 第 {edition} 期", "{date}, edition {edition}"),
    "audit-within": ("{code} 及其以下", "within {code}"),
    "audit-level": ("只查{level}", "level {level} only"),
    "audit-general": ("全科网格", "general grids"),
    "audit-special": ("专属网格", "special grids"),
    "audit-no-areas": ("没有任何辖区", "no areas at all"),
    "audit-covered-of": (
        "应覆盖 {declared_m2} 平方米，已覆盖 {covered_m2} 平方米",
        "{covered_m2} m² covered of {declared_m2} m²",
    ),
    "audit-not-measured": ("没有要求覆盖的面积", "no m² to be covered"),
    "audit-in-force": (
        "例外 {count} 项有效（本次对应 {found} 处）",
        "{count} exceptions in force ({found} of them found here)",
    ),
    "audit-unproved": ("无法确认：{codes}", "not proved: {codes}"),
    "audit-all-proved": ("没有无法确认的", "nothing left unproved"),
    "audit-nothing-proved": ("无法确认：没有可对照的上级", "not proved: there are no parents to compare with"),
    "audit-not-asked": ("未检查", "not asked"),
    "audit-county": (
        "{code} {name}：{verdict}；{counts}；{covered}；问题 {defects}，例外 {exceptions}，提示 {remarks}",
        "{code} {name}: {verdict}; {counts}; {covered}; findings {defects}, exceptions {exceptions}, remarks {remarks}",
    ),
    "audit-exception": ("例外 {exception}", "exception {exception}"),
    "audit-more-exceptions": ("另有例外 {count} 处未列出", "{count} more exceptions are not listed"),
    "audit-households-unknown": (
        "{count} 个网格或微网格没有户数，规模无法判断；用 gridwarden import-residences 导入楼栋台账。",
        "Of {count} grids and microgrids the households are not known, so their size cannot be judged; "
        "“gridwarden import-residences” brings them in.",
    ),
    "exception-line": (
        "{number}：{name}，{codes}，{area_m2} 平方米；{reason}（{actor}，至 {until}，{state}）",
        "{number}: {name}, {codes}, {area_m2} m²; {reason} ({actor}, until {until}, {state})",
    ),
    "exception-endless": ("长期", "further notice"),
    "exception-revoked": ("已撤销", "revoked"),
    "exception-stands": ("有效期内有效", "not revoked"),
    "nothing-chosen": (
        "没有选任何问题：请给出编号、类型（--kind）或清单名称（--baseline）。",
        "No finding is chosen: give ids, a kind (--kind) or the title of a list (--baseline).",
    ),
    "unknown-finding": (
        "现在没有编号为 {finding} 的未处理问题：可能已解决、已接受，或形状有变。请重新审计后再接受。",
        "There is no open finding {finding} now: it may be mended, accepted already, or have another shape. Audit "
        "again and take the id from there.",
    ),
    "until-is-past": (
        "最后一天 {until} 已经过去，今天是 {today}；请给今天或以后的日期。",
        "The last day, {until}, is past: today is {today}. Give today or a later day.",
    ),
    "exceptions-accepted": ("接受了 {count} 处问题。", "{count} findings accepted."),
    "exceptions-revoked": ("撤销了 {count} 项例外。", "{count} exceptions revoked."),
    "audit-too-large": (
        "这里有 {count} 个辖区，超过一次回答的上限 {most}；请用 POST /api/v1/jobs 开始一项审计任务，"
        "或用 within 缩小范围。",
        "There are {count} areas, more than the {most} that are audited while you wait; start a job with "
        "POST /api/v1/jobs, or narrow it with “within”.",
    ),
    "unknown-job": ("没有编号为 {job} 的任务。", "There is no job {job}."),
    "job-without-result": (
        "任务 {job} 没有结果，状态是 {status}；完成（succeeded）后才有。",
        "Job {job} has no result; it is {status}. Ask again when it has succeeded.",
    ),
    "job-has-ended": (
        "任务 {job} 已经结束（{status}），不能取消。",
        "Job {job} has ended ({status}) and cannot be cancelled.",
    ),
}
