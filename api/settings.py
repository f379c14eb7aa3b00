"""Settings: read once from the environment, passed on as values."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self, cast, get_args

from api.guarding import Guarding
from api.limits import Limits
from api.openid_settings import OpenIdSettings
from geo.errors import BadInput
from geo.levels import DEFAULT, Hierarchy
from geo.store.cluster import Cluster
from geo.store.home import default_home

Contacts = Literal["masked", "full", "none"]
BEHIND_LOOPBACK: Final = "GRIDWARDEN_BEHIND_LOOPBACK"
CORS_ORIGINS: Final = "GRIDWARDEN_CORS_ORIGINS"
_DEFAULT_LIMITS: Final = Limits()
_DEFAULT_GUARDING: Final = Guarding()
_ORIGIN: Final = re.compile(r"https?://[^/?#\s]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site configures.

    Attributes
    ----------
    home
        ``$GRIDWARDEN_HOME``: the folder of the embedded server.
    database_url
        ``$DATABASE_URL``: another PostGIS, else None.
    hierarchy
        ``$GRIDWARDEN_LEVELS``: level names from the largest to the smallest, by commas.
    zone
        ``$GRIDWARDEN_ZONE``: the zone of times without an offset.
    source
        ``$GRIDWARDEN_SOURCE``: what maps say about where the boundaries come from, with the 审图号 if there is one.
    contacts
        ``$GRIDWARDEN_CONTACTS``: what HTTP shows of team members: ``masked`` names and telephone numbers (the default),
        ``full`` or ``none``.
    behind_loopback
        ``$GRIDWARDEN_BEHIND_LOOPBACK=1``: ``serve`` may listen on any address, because it runs inside a container
        whose port is published on the host's loopback only: never set it elsewhere.
    cors_origins
        ``$GRIDWARDEN_CORS_ORIGINS``: from which pages browsers may ask, by commas, such as ``https://app.example``;
        ``*`` for any. None by default.
    guarding
        Who is let in, see :class:`api.guarding.Guarding`.
    limits
        What one caller may ask, see :class:`api.limits.Limits`.
    openid
        The provider that people sign in with, None without, see :class:`api.openid_settings.OpenIdSettings`.
    """

    home: Path
    database_url: str | None = None
    hierarchy: Hierarchy = DEFAULT
    zone: str = "Asia/Shanghai"
    source: str = ""
    contacts: Contacts = "masked"
    behind_loopback: bool = False
    cors_origins: tuple[str, ...] = ()
    guarding: Guarding = _DEFAULT_GUARDING
    limits: Limits = _DEFAULT_LIMITS
    openid: OpenIdSettings | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings of this process.

        Raises
        ------
        BadInput
            ``unknown-setting``: a value that is none of those it may be.
        """
        given = os.environ if environ is None else environ
        levels = _listed(given, "GRIDWARDEN_LEVELS")
        return cls(
            home=default_home(given),
            database_url=given.get("DATABASE_URL") or None,
            hierarchy=Hierarchy(levels) if levels else DEFAULT,
            zone=given.get("GRIDWARDEN_ZONE", "Asia/Shanghai"),
            source=given.get("GRIDWARDEN_SOURCE", ""),
            contacts=cast(Contacts, _one_of("GRIDWARDEN_CONTACTS", get_args(Contacts), given)),
            behind_loopback=_one_of(BEHIND_LOOPBACK, ("0", "1"), given) == "1",
            cors_origins=_origins(given),
            guarding=Guarding.of(given),
            limits=Limits.of(given),
            openid=OpenIdSettings.of(given),
        )

    def url(self) -> str:
        """Return the URL that the app connects to: ``DATABASE_URL``, else the embedded server's socket."""
        return self.database_url or Cluster(self.home).url("app")


def _listed(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Return a variable's values, which stand there by commas."""
    return tuple(value.strip() for value in environ.get(name, "").split(",") if value.strip())


def _origins(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the origins of pages as browsers name them: scheme, host and perhaps port, nothing behind."""
    origins = _listed(environ, CORS_ORIGINS)
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            known = "https://app.example, http://127.0.0.1:5173, *"
            raise BadInput("unknown-setting", name=CORS_ORIGINS, given=origin, known=known)
    return origins


def _one_of(name: str, known: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """Return a variable's value, the first of those known where it is not set."""
    value = environ.get(name) or known[0]
    if value not in known:
        raise BadInput("unknown-setting", name=name, given=value, known=", ".join(known))
    return value
