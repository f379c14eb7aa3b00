"""Headers that tell browsers what an answer may do: by default nothing."""

from collections.abc import MutableMapping
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

Header = tuple[bytes, bytes]

POLICY: Final = b"content-security-policy"
NOTHING: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The policy of what brings none: a page that forgets its own shows text and runs nothing."""
BUNDLED: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The policy of the web editor: its programs and what they ask come from here, and nothing is run that is inline."""
_BUNDLES: Final = "/planner"
_ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_PAGE: Final[tuple[Header, ...]] = (
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_UNSHARED: Final[Header] = (b"cache-control", b"private, no-cache")
_ONLY_TLS: Final[Header] = (b"strict-transport-security", b"max-age=31536000")
_NOTHING: Final[Header] = (POLICY, NOTHING.encode())
_BUNDLED: Final[Header] = (POLICY, BUNDLED.encode())


class SecureHeaders:
    """Middleware that adds them to every answer, refusals included; what an answer says itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def secured(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_ours(message.get("headers", ()), scope)
            await send(message)

        return await self.app(scope, receive, secured)


def _with_ours(headers: Any, scope: Scope) -> list[Header]:
    found = [*headers, *_ALWAYS]
    policy = cached = page = False
    for name, value in headers:
        if name == b"cache-control":
            cached = True
        elif name == POLICY:
            policy = True
        elif name == b"content-type":
            page = value.startswith(b"text/html")
    if not policy:
        found.append(_BUNDLED if scope["path"].startswith(_BUNDLES) else _NOTHING)
    if not cached:
        found.append(_UNSHARED)
    if page:
        found.extend(_PAGE)
    if scope.get("scheme") == "https":
        found.append(_ONLY_TLS)
    return found
