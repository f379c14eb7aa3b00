"""The client for programs that await."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
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


class AsyncGridwarden:
    """As :class:`gridwarden_client.Gridwarden`, with the same parameters, to be awaited."""

    def __init__(
        self, url: str, *, token: str | None = None, timeout_s: float = 10.0, tries: int = 4, **options: Any
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout_s, headers=headers, **options)
        self._patience = Patience(tries)

    async def locate(
        self,
        lon: float,
        lat: float,
        *,
        crs: str,
        accuracy_m: float | None = None,
        at: str | None = None,
        min_edition: int | None = None,
    ) -> Answer:
        """Return which grid and which team covers a point; see :meth:`gridwarden_client.Gridwarden.locate`."""
        asked = parameters(lon=lon, lat=lat, crs=crs, accuracy=accuracy_m, at=at, min_edition=min_edition)
        return answer_of(await self._ask("GET", "/api/v1/locate", params=asked))

    async def locate_many(
        self,
        places: Iterable[Place],
        *,
        crs: str | None = None,
        accuracy_m: float | None = None,
        at: str | None = None,
        batch_points: int = BATCH_POINTS,
    ) -> AsyncIterator[Answer]:
        """Yield the answers of any number of points; see :meth:`gridwarden_client.Gridwarden.locate_many`."""
        asked = parameters(crs=crs, accuracy=accuracy_m, at=at)
        for batch in batches(places, batch_points):
            for answer in answers_of(await self._ask("POST", "/api/v1/locate", params=asked, json=batch_body(batch))):
                yield answer

    async def area(self, code: str, *, at: str | None = None) -> dict[str, Any]:
        """Return one area as the service describes it."""
        area: dict[str, Any] = await self._ask("GET", area_path(code), params=parameters(at=at))
        return area

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        for failed in range(1, self._patience.tries + 1):
            last = failed == self._patience.tries
            try:
                response = await self._http.request(method, path, **request)
            except httpx.TransportError as failure:
                if last:
                    raise Unreachable(f"{type(failure).__name__}: {failure}") from failure
                await asyncio.sleep(self._patience.wait_s(failed))
                continue
            if last or response.status_code not in AGAIN:
                return require_success(response)
            await asyncio.sleep(self._patience.wait_s(failed, response))
        raise ValueError("tries must be at least 1")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncGridwarden:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
