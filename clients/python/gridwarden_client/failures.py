"""What can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GridwardenError(Exception):
    """Every error of this package."""


class Unreachable(GridwardenError):
    """The service did not answer, however often it was asked."""


class Problem(GridwardenError):
    """A refusal of the service: its problem document (RFC 9457).

    Attributes
    ----------
    status
        HTTP status.
    type
        Stable: ``urn:gridwarden:problem:KIND``.
    zh, en
        What is wrong and how to mend it.
    place
        Where in the input, such as ``{"field": "crs"}``.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(document.get("type", "about:blank"))
        self.zh = str(document.get("zh") or document.get("detail") or document.get("title") or "")
        self.en = str(document.get("en") or document.get("detail") or document.get("title") or "")
        self.place: Mapping[str, Any] = document.get("place") or {}
        super().__init__(f"{status} {self.type}: {self.en}")
