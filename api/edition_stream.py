"""Notices of new editions for browsers, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Final

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from geo.errors import Unavailable
from geo.store.connect import reading
from geo.store.editions import present_edition

LOOK_S: Final = 0.5
TURN_S: Final = 10.0
"""After this long a stream ends and the browser opens the next: a service that is to stop need not wait longer."""
AGAIN_MS: Final = 200


async def edition_notices(request: Request) -> AsyncIterator[str]:
    """Yield an event at once and for each new edition, for a while or until the browser goes away."""
    told: int | None = None
    until = monotonic() + TURN_S
    yield f"retry: {AGAIN_MS}\n\n"
    while monotonic() < until and not await request.is_disconnected():
        edition = await run_in_threadpool(_present, request.app.state.engine)
        if edition not in (told, None):
            told = edition
            yield f'event: edition\nid: {edition}\ndata: {{"edition": {edition}}}\n\n'
        await asyncio.sleep(LOOK_S)


def _present(engine: Engine) -> int | None:
    """Return the present edition, None while the database cannot be asked."""
    try:
        with reading(engine) as connection:
            return present_edition(connection)
    except Unavailable:
        return None
