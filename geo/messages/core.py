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
}
