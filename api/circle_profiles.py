"""Profiles of circles: those that are shipped, and those of the site's file."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from geo.circles.profiles import PROFILES, Profile, profile_of
from geo.errors import BadInput

PROFILES_FILE: Final = "GRIDWARDEN_CIRCLES"
DEFAULT_PROFILE: Final = "seed"


def named_profile(name: str, environ: Mapping[str, str] | None = None) -> Profile:
    """Return a profile: of the file that ``$GRIDWARDEN_CIRCLES`` names where it stands there, else a shipped one.

    Raises
    ------
    NotFound
        ``circle-profile-unknown``.
    BadInput
        ``circle-profiles-file``, or a profile whose figures make no sense.
    """
    own = _own((os.environ if environ is None else environ).get(PROFILES_FILE, ""))
    return profile_of(name, own.get(name)) if name in own or name in PROFILES else profile_of(name)


def _own(path: str) -> dict[str, dict[str, object]]:
    """Return the profiles of the site's file: an object by name."""
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as failure:
        raise BadInput("circle-profiles-file", name=PROFILES_FILE, reason=type(failure).__name__) from failure
    if not (isinstance(found, dict) and all(isinstance(one, dict) for one in found.values())):
        raise BadInput("circle-profiles-file", name=PROFILES_FILE, reason="JSON")
    return found
