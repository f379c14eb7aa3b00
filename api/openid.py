"""Signing in with another provider: the code flow of OpenID Connect, with PKCE, by Authlib.

What has to be remembered until the browser comes back (state, nonce, verifier) waits in a signed cookie of its own.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from httpx2 import HTTPError
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.identity import address_of, sign_in_by_cookie
from api.openid_accounts import sign_in_known
from api.openid_settings import OpenIdSettings
from api.settings import Settings
from geo.errors import Unavailable, Unidentified

BEGIN: Final = "/sign-in/oidc"
BACK: Final = "/sign-in/oidc/back"
COOKIE: Final = "gw_oidc"
ALGORITHMS: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
"""Signatures by a key that only the provider has; whatever else it announces is not taken."""
_LASTING_S: Final = 600
_LEEWAY_S: Final = 60
_TARGET: Final = "target"
_SHORTEST_SECRET: Final = 32


class OpenId:
    """The provider of a site.

    Parameters
    ----------
    secret
        Signs the cookie; at least 32 characters that nobody knows.
    """

    def __init__(self, settings: OpenIdSettings, secret: str) -> None:
        self.settings = settings
        self._cookies = URLSafeTimedSerializer(secret, salt=COOKIE)
        self.client = OAuth().register(
            "provider",
            client_id=settings.client_id,
            client_secret=settings.client_secret or None,
            server_metadata_url=f"{settings.issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "timeout": 10},
        )

    async def begun(self, request: Request, target: str, *, secure: bool) -> Response:
        """Send the browser to the provider.

        Raises
        ------
        Unavailable
            ``openid-unreachable``.
        """
        session = request.scope["session"] = {}
        back = (self.settings.public_url or str(request.base_url).rstrip("/")) + BACK
        try:
            await self._require_own_issuer()
            answer: Response = await self.client.authorize_redirect(request, back)
        except (HTTPError, ValueError, RuntimeError) as failure:
            raise Unavailable("openid-unreachable", reason=type(failure).__name__) from failure
        kept = self._cookies.dumps({**session, _TARGET: target})
        answer.set_cookie(
            COOKIE, str(kept), max_age=_LASTING_S, path=BEGIN, httponly=True, samesite="lax", secure=secure
        )
        return answer

    async def came_back(self, request: Request) -> tuple[Mapping[str, Any], str]:
        """Return what the provider vouches for, and the page that was asked for.

        Raises
        ------
        Unidentified
            ``openid-refused``: nobody was sent there from this browser, or what came back proves nothing.
        Unavailable
            ``openid-unreachable``.
        """
        try:
            session = self._cookies.loads(request.cookies.get(COOKIE, ""), max_age=_LASTING_S)
            target = str(session.pop(_TARGET))
            request.scope["session"] = session
            await self._require_own_issuer()
            if request.query_params.get("iss", self.settings.issuer).rstrip("/") != self.settings.issuer:
                raise Unidentified("openid-refused")
            token = await self.client.authorize_access_token(request, claims_options=self._expected(), leeway=_LEEWAY_S)
            return token["userinfo"], target
        except HTTPError as failure:
            raise Unavailable("openid-unreachable", reason=type(failure).__name__) from failure
        except (BadData, OAuthError, JoseError, KeyError, TypeError, ValueError) as failure:
            raise Unidentified("openid-refused") from failure

    def _expected(self) -> dict[str, dict[str, object]]:
        return {
            "iss": {"essential": True, "values": [self.settings.issuer, f"{self.settings.issuer}/"]},
            "aud": {"essential": True, "value": self.settings.client_id},
            "nonce": {"essential": True},
        }

    async def _require_own_issuer(self) -> None:
        """Read what the provider says of itself, and take of its signatures only those that prove something."""
        metadata = await self.client.load_server_metadata()
        if str(metadata.get("issuer", "")).rstrip("/") != self.settings.issuer:
            raise ValueError("another issuer")
        announced = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        metadata["id_token_signing_alg_values_supported"] = sorted(ALGORITHMS & set(announced)) or ["RS256"]


@lru_cache(maxsize=4)
def _provider(settings: OpenIdSettings, secret: str) -> OpenId:
    return OpenId(settings, secret)


def openid_of(settings: Settings) -> OpenId:
    """Return the provider of a site.

    Raises
    ------
    Unavailable
        ``openid-unset``.
    """
    if settings.openid is None or len(settings.guarding.secret) < _SHORTEST_SECRET:
        raise Unavailable("openid-unset")
    return _provider(settings.openid, settings.guarding.secret)


async def sign_in_returned(request: Request, settings: Settings) -> Response:
    """Begin the session of somebody whom the provider has sent back.

    Raises
    ------
    Unidentified, Unavailable, Refused
        As :meth:`OpenId.came_back` and :func:`api.openid_accounts.sign_in_known`.
    """
    provider = openid_of(settings)
    claims, target = await provider.came_back(request)
    secret = await run_in_threadpool(
        sign_in_known, request.app.state.engine, settings, claims, address_of(request.scope)
    )
    answer = RedirectResponse(target, 303)
    sign_in_by_cookie(answer, secret, settings.guarding)
    answer.delete_cookie(COOKIE, path=BEGIN)
    return answer
