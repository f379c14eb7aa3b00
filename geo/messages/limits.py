"""Sentences of the room: limits (how much, how fast and how often one may ask)."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "problem-too-slow": ("来得太慢", "Too slow"),
    "problem-too-often": ("请求太频繁", "Too many requests"),
    "too-many-requests": (
        "请求太频繁：每分钟最多 {most} 次。请在 {wait_s} 秒后再试；查很多点时请用 POST /api/v1/locate 一次送来。",
        "Too many requests: at most {most} a minute. Ask again in {wait_s} s; send many points at once with POST "
        "/api/v1/locate.",
    ),
    "request-too-slow": (
        "请求来得太慢：{limit_s} 秒内没有收到下一部分。请检查网络后重发。",
        "The request came too slowly: nothing more arrived within {limit_s} s. Check the network and send it again.",
    ),
    "body-too-large": (
        "请求正文超过 {most_mib} MiB。请分成几次送来，或请管理员提高限度。",
        "The body is larger than {most_mib} MiB. Send it in parts, or have the operator raise the limit.",
    ),
    "body-too-deep": (
        "请求正文嵌套超过 {most} 层。请检查它是怎样生成的。",
        "The body is nested more than {most} levels deep. Check what makes it.",
    ),
    "body-compressed": (
        "不接受压缩的请求正文。请去掉 Content-Encoding，按原样发送。",
        "A compressed body is not taken. Send it as it is, without Content-Encoding.",
    ),
    "body-not-json": (
        "请求正文不是 JSON（UTF-8）。写法和例子见 /docs。",
        "The body is no JSON in UTF-8. See /docs for how it is written, with examples.",
    ),
    "body-not-plain": (
        "请求正文里有不能保存的内容：NUL 字符、半个字符，或大得没有意义的数。请检查它是怎样生成的。",
        "The body holds what cannot be kept: a NUL character, half of a character, or a number beyond all measure. "
        "Check what makes it.",
    ),
    "points-too-many": (
        "一次最多查 {most} 个点。请分成几次送来。",
        "One request may hold {most} points at most. Send them in parts.",
    ),
    "points-batch-too-large": (
        "一个 Arrow 批次展开后超过 {most_mib} MiB。请写成较小的批次（例如每批十万行）。",
        "A batch of the Arrow stream has more than {most_mib} MiB unpacked. Write smaller batches, such as 100,000 "
        "rows each.",
    ),
    "geometry-too-many-vertices": (
        "图形有 {count} 个顶点，最多 {most} 个。请先简化，或用 gridwarden import 导入文件。",
        "The geometry has {count} vertices; {most} is the most. Simplify it, or import it as a file with gridwarden "
        "import.",
    ),
    "statement-too-slow": (
        "数据库在限定时间内没有算完，没有改变任何数据。请缩小范围，或改用任务。",
        "The database did not finish within its time; no data was changed. Ask for less at once, or start a job.",
    ),
}
