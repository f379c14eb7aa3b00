"""The client for ordinary programs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any

import httpx

from gridwarden_client.answers import Answer, Place, answer_of
from gridwarden_client.asking import (
    AGAIN,
    BATCH_POINTS,
    Patience,
    answers_of,
    area_path,
    batch_body,
    batches,
    parameters,
    require_success,
)
from gridwarden_client.failures import Unreachable


class Gridwarden:
    """A Gridwarden service; safe to share between threads.

    Parameters
    ----------
    url
        Of the service, such as ``http://127.0.0.1:8000``.
    token
        Sent as a bearer token, where the service wants one.
    timeout_s
        Of one try.
    tries
        How often a request is tried in all, where trying again can help.
    options
        For :class:`httpx.Client`, such as ``verify`` or ``proxy``.
    """

    def __init__(
        self, url: str, *, token: str | None = None, timeout_s: float = 10.0, tries: int = 4, **options: Any
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, timeout=timeout_s, headers=headers, **options)
        self._patience = Patience(tries)

    def locate(
        self,
        lon: float,
        lat: float,
        *,
        crs: str,
        accuracy_m: float | None = None,
        at: str | None = None,
        min_edition: int | None = None,
    ) -> Answer:
        """Return which grid and which team covers a point.

        Parameters
        ----------
        crs
            What the numbers are in: ``cgcs2000``, ``wgs84``, ``gcj02``, ``bd09``, ``EPSG:n``, PROJ or WKT.
        accuracy_m
            How far the true point may be away: other areas within are listed as ``neighbours``.
        at
            A past moment, RFC 3339, or a date.
        min_edition
            Answer from this edition or a later one.

        Raises
        ------
        Problem
            What the service refuses.
        Unreachable
            Where it does not answer.
        """
        asked = parameters(lon=lon, lat=lat, crs=crs, accuracy=accuracy_m, at=at, min_edition=min_edition)
        return answer_of(self._ask("GET", "/api/v1/locate", params=asked))

    def locate_many(
        self,
        places: Iterable[Place],
        *,
        crs: str | None = None,
        accuracy_m: float | None = None,
        at: str | None = None,
        batch_points: int = BATCH_POINTS,
    ) -> Iterator[Answer]:
        """Yield the answers of any number of points, in order, asking for them batch by batch.

        A point that cannot be placed has the status ``error``; ``crs`` may be left out where each place has its own.
        """
        asked = parameters(crs=crs, accuracy=accuracy_m, at=at)
        for batch in batches(places, batch_points):
            yield from answers_of(self._ask("POST", "/api/v1/locate", params=asked, json=batch_body(batch)))

    def area(self, code: str, *, at: str | None = None) -> dict[str, Any]:
        """Return one area as the service describes it."""
        area: dict[str, Any] = self._ask("GET", area_path(code), params=parameters(at=at))
        return area

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        for failed in range(1, self._patience.tries + 1):
            last = failed == self._patience.tries
            try:
                response = self._http.request(method, path, **request)
            except httpx.TransportError as failure:
                if last:
                    raise Unreachable(f"{type(failure).__name__}: {failure}") from failure
                time.sleep(self._patience.wait_s(failed))
                continue
            if last or response.status_code not in AGAIN:
                return require_success(response)
            time.sleep(self._patience.wait_s(failed, response))
        raise ValueError("tries must be at least 1")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Gridwarden:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
