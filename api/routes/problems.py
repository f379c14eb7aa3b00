"""How refusals stand in the documentation of a route."""

from typing import Any, Final

from api.errors import MEDIA_TYPE


def documented(text: str) -> dict[str, Any]:
    """Return how one refusal stands in the documentation."""
    return {"description": text, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    404: documented("没有找到 / not found"),
    422: documented("输入有误 / the input is wrong"),
    503: documented("数据库连接不上 / the database cannot be reached"),
}
"""Refusals that any route may answer with; ``api.documentation`` adds the schema they refer to."""
