"""The whole wiring of the HTTP service."""

import gc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from api import errors
from api.access_log import AccessLog, log_to_stderr
from api.access_memory import AccessMemory
from api.documentation import TITLE, describe
from api.gate import Gate
from api.jobs import working
from api.live import Live
from api.live_locate import FromMemory
from api.routes import (
    areas,
    basemap,
    circles,
    editions,
    findings,
    health,
    jobs,
    locate,
    locate_many,
    maps,
    openid,
    pages,
    places,
    plan_decisions,
    plan_scene,
    plan_views,
    planner,
    plans,
    search,
    signing,
    teams,
    tiles,
    trail,
)
from api.rules import decide
from api.secure_headers import SecureHeaders
from api.settings import Settings
from api.tiles import TileStore
from api.trailing import Trailing
from api.wall import Wall
from geo.store.connect import open_engine

UNDER_API: Final = (
    search,
    locate,
    locate_many,
    areas,
    teams,
    plans,
    plan_decisions,
    plan_views,
    plan_scene,
    places,
    findings,
    circles,
    jobs,
    editions,
    signing,
    trail,
)
POOL_SIZE = 10
"""Connections that a worker keeps; as many more are opened while it is busy."""
CORS: Final[dict[str, Any]] = {
    "allow_methods": ("GET", "POST"),
    "allow_headers": ("Authorization", "Content-Type", "If-None-Match"),
    "expose_headers": ("ETag", "Retry-After"),
}
"""What pages of other origins may ask and read; never with cookies."""


class Service(FastAPI):
    """The web framework with what stands before it: log, limits, pages of other origins, answers from memory."""

    def __init__(self, settings: Settings, **told: Any) -> None:
        super().__init__(dependencies=[Depends(decide)], **told)
        self.state.settings = settings
        self.state.served = Counter()
        gate = Gate(FromMemory(Trailing(super().__call__, self.state), self.state), self.state)
        answering: ASGIApp = gate
        if settings.cors_origins:
            answering = CORSMiddleware(answering, settings.cors_origins, **CORS)
        self._front = SecureHeaders(AccessLog(Wall(answering, settings.limits, gate.has_own_rate), self.state.served))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._front(scope, receive, send)


def create_app(settings: Settings) -> Service:
    """Return the service for some settings; it connects when the first question comes."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.engine = open_engine(settings.url(), pool_size=POOL_SIZE, statement_s=settings.limits.statement_s)
        app.state.trail = open_engine(settings.url(), pool_size=1)
        app.state.access = AccessMemory(settings, app.state.engine)
        app.state.live = Live(settings)
        app.state.tiles = TileStore(settings, app.state.engine)
        with app.state.access.running(), app.state.live.running():
            async with working(settings):
                # what stands now stays: the collector need not look through it again and again under load
                gc.collect()
                gc.freeze()
                yield
                gc.unfreeze()
        app.state.engine.dispose()
        app.state.trail.dispose()

    app = Service(
        settings, title=TITLE, version=version("gridwarden"), docs_url=None, redoc_url=None, lifespan=lifespan
    )
    errors.install(app)
    for module in UNDER_API:
        app.include_router(module.router, prefix="/api/v1")
    for module in (maps, tiles, basemap, planner, health, pages):
        app.include_router(module.router)
    for signing_in in (signing, openid):
        app.include_router(signing_in.pages)
    describe(app, settings.zone)
    return app


def app_of_environment() -> FastAPI:
    """Return the service for the environment's settings: what each worker process calls."""
    log_to_stderr()
    return create_app(Settings.from_environment())
