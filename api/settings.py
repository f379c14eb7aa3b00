"""Settings: read once from the environment, passed on as values."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from geo.levels import DEFAULT, Hierarchy
from geo.store.cluster import Cluster
from geo.store.home import default_home


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
    """

    home: Path
    database_url: str | None = None
    hierarchy: Hierarchy = DEFAULT
    zone: str = "Asia/Shanghai"
    source: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the settings of this process."""
        given = os.environ if environ is None else environ
        levels = tuple(level.strip() for level in given.get("GRIDWARDEN_LEVELS", "").split(",") if level.strip())
        return cls(
            home=default_home(given),
            database_url=given.get("DATABASE_URL") or None,
            hierarchy=Hierarchy(levels) if levels else DEFAULT,
            zone=given.get("GRIDWARDEN_ZONE", "Asia/Shanghai"),
            source=given.get("GRIDWARDEN_SOURCE", ""),
        )

    def url(self) -> str:
        """Return the URL that the app connects to: ``DATABASE_URL``, else the embedded server's socket."""
        return self.database_url or Cluster(self.home).url("app")
