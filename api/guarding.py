"""Settings of who is let in: what those who do not sign in may do, and what listening beyond the loopback takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Self

from geo.access import BY_ANYBODY
from geo.errors import BadInput

ANONYMOUS: Final = "GRIDWARDEN_ANONYMOUS"
THREE_OFFICERS: Final = "GRIDWARDEN_THREE_OFFICERS"
SECRET: Final = "GRIDWARDEN_SECRET"  # noqa: S105 - the name of a variable
TLS_CERT: Final = "GRIDWARDEN_TLS_CERT"
TLS_KEY: Final = "GRIDWARDEN_TLS_KEY"
TRUSTED_PROXIES: Final = "GRIDWARDEN_TRUSTED_PROXIES"
SHORTEST_SECRET: Final = 32


@dataclass(frozen=True, slots=True)
class Guarding:
    """Who is let in.

    Attributes
    ----------
    anonymous
        ``$GRIDWARDEN_ANONYMOUS``: what those may do who have not signed in, once there are accounts: ``read`` what is
        published (the default), ``locate`` only, ``none``.
    three_officers
        ``$GRIDWARDEN_THREE_OFFICERS=1``: system, security and audit administrator are three people (三员分立).
    secret
        ``$GRIDWARDEN_SECRET``: at least 32 characters that nobody knows, for what the service signs.
    tls_cert, tls_key
        ``$GRIDWARDEN_TLS_CERT``, ``$GRIDWARDEN_TLS_KEY``: PEM files; the service then speaks HTTPS by itself.
    trusted_proxies
        ``$GRIDWARDEN_TRUSTED_PROXIES``: addresses or networks, by commas, of proxies that speak HTTPS for us and say
        who asked (``X-Forwarded-For``, ``X-Forwarded-Proto``).
    """

    anonymous: str = "read"
    three_officers: bool = False
    secret: str = field(default="", repr=False)
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[str, ...] = ()

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings of this process.

        Raises
        ------
        BadInput
            ``unknown-setting``, ``secret-short``.
        """
        cert, key = (Path(environ[name]) if environ.get(name) else None for name in (TLS_CERT, TLS_KEY))
        return cls(
            anonymous=_one_of(ANONYMOUS, tuple(BY_ANYBODY), environ),
            three_officers=_one_of(THREE_OFFICERS, ("0", "1"), environ) == "1",
            secret=_secret(environ.get(SECRET, "")),
            tls_cert=cert,
            tls_key=key,
            trusted_proxies=_networks(environ.get(TRUSTED_PROXIES, "")),
        )

    @property
    def is_encrypted(self) -> bool:
        """Whether what people send is encrypted on its way: by us, or by a proxy."""
        return bool((self.tls_cert and self.tls_key) or self.trusted_proxies)


LOCAL: Final = Guarding()
"""What is enough on the loopback."""


def _one_of(name: str, known: tuple[str, ...], environ: Mapping[str, str]) -> str:
    value = environ.get(name) or known[0]
    if value not in known:
        raise BadInput("unknown-setting", name=name, given=value, known=", ".join(known))
    return value


def _secret(given: str) -> str:
    if given and len(given) < SHORTEST_SECRET:
        raise BadInput("secret-short", name=SECRET, least=SHORTEST_SECRET)
    return given


def _networks(given: str) -> tuple[str, ...]:
    found = tuple(one.strip() for one in given.split(",") if one.strip())
    for one in found:
        try:
            ip_network(one)
        except ValueError:
            raise BadInput("unknown-setting", name=TRUSTED_PROXIES, given=one, known="10.0.0.5, 10.0.0.0/24") from None
    return found
