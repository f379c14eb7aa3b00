"""The OpenAPI document: what FastAPI cannot know is added here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.models import Problem
from api.routes.problems import documented

TITLE: Final = "Gridwarden 网格守护"
DESCRIPTION: Final = """
任一点、任一天：属于哪个网格，由哪个网格服务团队负责。例子取自虚构的示例城市（`make demo`）。

Which grid covers a point on any day, and which team is responsible. The examples are of the invented sample city
(`make demo`).

- `crs` 必填，从不猜测。/ `crs` is always required, never guessed.
- 每个回答带期号 `edition`；`edition=` 可重现任何一期。/ Every answer carries its edition; `edition=` repeats it.
- 错误是 RFC 9457 文档，中英文都有。/ Errors are RFC 9457 problem documents in Chinese and English.
- 人名和电话默认脱敏。/ Names and telephone numbers are masked by default.
"""
TAGS: Final = [
    {"name": "locate", "description": "定位 / which grid and team"},
    {"name": "areas", "description": "辖区 / areas of all levels"},
    {"name": "teams", "description": "网格服务团队 / service teams"},
    {"name": "plans", "description": "调整方案 / plans of adjustment"},
    {"name": "findings", "description": "审计与例外 / audits and exceptions"},
    {"name": "circles", "description": "服务设施与便民生活圈 / facilities and circles"},
    {"name": "jobs", "description": "任务 / long work"},
    {"name": "editions", "description": "期号 / publications"},
    {"name": "trail", "description": "审计日志 / the audit trail"},
    {"name": "service", "description": "页面与状态 / pages and state"},
]

_TURNED_AWAY: Final = {
    "401": documented("需要登录 / sign-in needed"),
    "403": documented("不允许 / not allowed"),
    "429": documented("请求太频繁 / too many requests"),
}
"""What any route may answer to those who may not ask it, or not so often."""
_OF_BODIES: Final = {
    "408": documented("正文来得太慢 / the body came too slowly"),
    "413": documented("超出限度 / over a limit"),
}
"""What any route may answer to those who send something."""


def describe(app: FastAPI, zone: str) -> None:
    """Let an app describe itself, with examples that work on the day it was started."""
    today = datetime.now(UTC).astimezone(ZoneInfo(zone)).date().isoformat()

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, today)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to change it


def _document(app: FastAPI, today: str) -> dict[str, Any]:
    document = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, tags=TAGS, routes=app.routes)
    document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for operations in document["paths"].values():
        for operation in operations.values():
            received = _OF_BODIES if "requestBody" in operation else {}
            operation["responses"] = {**_TURNED_AWAY, **received, **operation["responses"]}
    for parameter in _parameters(document):
        if parameter["name"] == "at":
            # No fixed day would do: the future is refused, and so is what lies before the first edition.
            parameter["schema"]["examples"] = [today]
    return document


def _parameters(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        for operation in operations.values():
            yield from operation.get("parameters", ())
