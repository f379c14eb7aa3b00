"""Settings of signing in with another provider (OpenID Connect)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urlsplit

from geo.errors import BadInput

ISSUER: Final = "GRIDWARDEN_OIDC_ISSUER"
CLIENT_ID: Final = "GRIDWARDEN_OIDC_CLIENT_ID"
CLIENT_SECRET: Final = "GRIDWARDEN_OIDC_CLIENT_SECRET"  # noqa: S105 - the name of a variable
NAME_CLAIM: Final = "GRIDWARDEN_OIDC_NAME_CLAIM"
ROLES_CLAIM: Final = "GRIDWARDEN_OIDC_ROLES_CLAIM"
LABEL: Final = "GRIDWARDEN_OIDC_LABEL"
PUBLIC_URL: Final = "GRIDWARDEN_PUBLIC_URL"


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """The provider that people sign in with.

    Attributes
    ----------
    issuer
        ``$GRIDWARDEN_OIDC_ISSUER``: its address, below which ``.well-known/openid-configuration`` stands.
    client_id, client_secret
        ``$GRIDWARDEN_OIDC_CLIENT_ID``, ``$GRIDWARDEN_OIDC_CLIENT_SECRET``: as what this service is registered there.
    name_claim
        ``$GRIDWARDEN_OIDC_NAME_CLAIM``: the claim that becomes the account's name.
    roles_claim
        ``$GRIDWARDEN_OIDC_ROLES_CLAIM``: the claim with the person's roles, such as ``planner@511402``; they are set
        anew at every sign-in. Empty: roles are given here, by the command.
    label
        ``$GRIDWARDEN_OIDC_LABEL``: how the sign-in page names the provider.
    public_url
        ``$GRIDWARDEN_PUBLIC_URL``: the address at which people see this service; empty for the one they used.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    name_claim: str = "preferred_username"
    roles_claim: str = ""
    label: str = ""
    public_url: str = ""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self | None:
        """Read the settings of this process; None where no provider is named.

        Raises
        ------
        BadInput
            ``unknown-setting``: no client, or an address that anybody on the way could change.
        """
        issuer, client_id = environ.get(ISSUER, "").rstrip("/"), environ.get(CLIENT_ID, "")
        if not issuer:
            return None
        if not _is_safe(issuer):
            raise BadInput("unknown-setting", name=ISSUER, given=issuer, known="https://…")
        if not client_id:
            raise BadInput("unknown-setting", name=CLIENT_ID, given="", known="gridwarden, …")
        return cls(
            issuer,
            client_id,
            environ.get(CLIENT_SECRET, ""),
            environ.get(NAME_CLAIM) or "preferred_username",
            environ.get(ROLES_CLAIM, ""),
            environ.get(LABEL, ""),
            environ.get(PUBLIC_URL, "").rstrip("/"),
        )


def _is_safe(address: str) -> bool:
    """Tell whether nobody on the way can change what comes from an address: TLS, or this machine itself."""
    found = urlsplit(address)
    if found.scheme == "https":
        return bool(found.hostname)
    try:
        return found.scheme == "http" and ip_address(found.hostname or "").is_loopback
    except ValueError:
        return False
