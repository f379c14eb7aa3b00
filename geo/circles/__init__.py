"""Circles: what can be walked to from a facility, by its streets.

A point is reached by walking the streets to the place nearest to it, and then straight. It lies inside where the
streets take no more than the limit plus the depth, less the straight piece, and that is no longer than the depth. The
nearest street decides, reached or not: so a far bank is outside even where a street on this side is near.
"""

from geo.circles.making import RADIUS, Around, Circles, Walks, circles_of
from geo.circles.profiles import GB50180, PROFILES, SCOPES, SEED, Profile, Tier, measured, profile_of, timed

__all__ = [
    "GB50180",
    "PROFILES",
    "RADIUS",
    "SCOPES",
    "SEED",
    "Around",
    "Circles",
    "Profile",
    "Tier",
    "Walks",
    "circles_of",
    "measured",
    "profile_of",
    "timed",
]
