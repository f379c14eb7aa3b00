"""What both clients share: requests, batches, what is tried again and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote

import httpx

from gridwarden_client.answers import Answer, Place, answer_of
from gridwarden_client.failures import Problem

BATCH_POINTS = 5_000
"""Points a request: an answer of some hundred bytes each."""
AGAIN = frozenset({429, 502, 503, 504})
"""Statuses that can pass by themselves."""
LONGEST_WAIT_S = 30.0


@dataclass(frozen=True)
class Patience:
    """How often and how long something is tried."""

    tries: int = 4
    first_wait_s: float = 0.2

    def wait_s(self, failed: int, response: httpx.Response | None = None) -> float:
        """Return how long to wait after ``failed`` tries: as the service says, else twice as long each time."""
        said = response.headers.get("Retry-After", "") if response is not None else ""
        wait_s = float(said) if said.isdigit() else self.first_wait_s * 2 ** (failed - 1)
        return min(wait_s, LONGEST_WAIT_S)


def parameters(**given: Any) -> dict[str, Any]:
    """Return query parameters, without those that are not given."""
    return {name: value for name, value in given.items() if value is not None}


def area_path(code: str) -> str:
    """Return the path of one area."""
    return f"/api/v1/areas/{quote(code, safe='')}"


def batches(places: Iterable[Place], size: int) -> Iterator[list[Place]]:
    """Cut places into lists of at most ``size``, as they come."""
    waiting = iter(places)
    while batch := list(islice(waiting, size)):
        yield batch


def batch_body(batch: list[Place]) -> dict[str, Any]:
    """Return the JSON body of a batch."""
    return {"points": [place.as_json() for place in batch]}


def answers_of(document: Any) -> list[Answer]:
    """Read the answers of a batch."""
    shared = {"edition": document["edition"], "at": document["at"], "stale": document.get("stale", False)}
    return [answer_of(one, **shared) for one in document["answers"]]


def require_success(response: httpx.Response) -> Any:
    """Return the JSON of a response, or raise its problem."""
    if response.is_success:
        return response.json()
    try:
        document = response.json()
    except ValueError:
        document = {"title": response.text[:200]}
    raise Problem(response.status_code, document if isinstance(document, dict) else {"title": str(document)[:200]})
