"""What is asked about circles, checked against their profiles: the same at the command line and over HTTP."""

from collections.abc import Sequence

from api.circle_profiles import named_profile
from api.parameters import SHOWN, named_crs
from api.points import stored_point
from geo.circles.profiles import Profile
from geo.errors import BadInput
from geo.store.circles import CircleFilter, Place
from geo.store.serving import AskedService
from importers.facilities import category_of


def asked_service(profile: str, tier: str, category: str, within: str | None) -> AskedService:
    """Return a question about whom circles serve.

    Raises
    ------
    NotFound
        ``circle-profile-unknown``.
    BadInput
        ``circle-tier-unknown``.
    """
    _require_tier(named_profile(profile), tier)
    return AskedService(profile, tier, category_of(category), within)


def asked_draft(
    profile: str, category: str, within: str | None, points: Sequence[tuple[float, float]]
) -> tuple[Profile, AskedService, list[Place]]:
    """Return a question about new facilities at points (degrees, EPSG:4490) and closed ones, over all tiers."""
    figures, kind = named_profile(profile), category_of(category)
    opened = [Place(-number, f"#{number}", kind, None, *point) for number, point in enumerate(points, start=1)]
    return figures, AskedService(profile, figures.tiers[0].name, kind, within), opened


def circle_filter(
    profile: str, tier: str | None, category: str | None, facility: str | None, point: str | None, crs: str
) -> CircleFilter:
    """Return which circles are asked for; ``point`` is two numbers in ``crs``, by a comma.

    Raises
    ------
    NotFound, BadInput
        As :func:`asked_service`; ``malformed-point`` and what is wrong with the point.
    """
    figures = named_profile(profile)
    if tier is not None:
        _require_tier(figures, tier)
    place = None if point is None else stored_point(*_numbers(point), named_crs(crs))
    return CircleFilter(profile, tier, category and category_of(category), name=facility, point=place)


def _numbers(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("malformed-point", place={"field": "point"}, given=text[:SHOWN]) from None
    if not (abs(lon) < 1e9 and abs(lat) < 1e9):
        raise BadInput("malformed-point", place={"field": "point"}, given=text[:SHOWN])
    return lon, lat


def _require_tier(profile: Profile, tier: str) -> None:
    known = [one.name for one in profile.tiers]
    if tier not in known:
        raise BadInput("circle-tier-unknown", place={"field": "tier"}, tier=tier[:SHOWN], known=", ".join(known))
