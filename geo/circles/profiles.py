"""How far is walked: tiers, speeds and factors, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from geo.errors import BadInput, NotFound

LONGEST_M: Final = 5_000.0
SPEEDS_M_PER_MIN: Final = (10.0, 200.0)
FACTORS: Final = (1.0, 20.0)
SLOPES: Final = (0.0, 20.0)
DEPTHS_M: Final = (10.0, 200.0)
SNAPS_M: Final = (1.0, 1000.0)

SCOPES: Final = ("estate", "community", "block")
"""The tiers of the shipped profiles (小区级, 社区级, 街区级): 5, 10 and 15 minutes."""


@dataclass(frozen=True, slots=True)
class Tier:
    """One circle of a facility.

    Attributes
    ----------
    name
        One of :data:`SCOPES`, or a name of one's own.
    limit_m
        How far is walked on level ground, in m.
    """

    name: str
    limit_m: float


@dataclass(frozen=True, slots=True)
class Profile:
    """How circles are made.

    Attributes
    ----------
    name
        Stored with every circle.
    tiers
        From the nearest to the farthest.
    stairs_factor
        A metre of a stairway counts as so many on level ground, at least 1.
    slope_factor
        A metre climbed counts as so many walked, besides its length; going down costs nothing. Stairways are left to
        their own factor.
    depth_m
        How far land may be from a street that is reached.
    snap_m
        How far a facility's entrance may be from its point.
    detour_factor
        Walked metres a metre as the crow flies, where there is no network.

    Raises
    ------
    BadInput
        Where a number makes no sense.
    """

    name: str
    tiers: tuple[Tier, ...]
    stairs_factor: float = 1.0
    slope_factor: float = 0.0
    depth_m: float = 30.0
    snap_m: float = 100.0
    detour_factor: float = 1.3

    def __post_init__(self) -> None:
        limits = [tier.limit_m for tier in self.tiers]
        rising = all(low < high for low, high in zip([0.0, *limits], [*limits, LONGEST_M + 1], strict=True))
        if not (limits and all(map(isfinite, limits)) and rising and limits[-1] <= LONGEST_M):
            raise BadInput("circle-limits", profile=self.name, most=f"{LONGEST_M:g}", given=_listed(limits))
        if len({tier.name for tier in self.tiers}) < len(self.tiers):
            raise BadInput("circle-tiers-twice", profile=self.name, given=_listed([tier.name for tier in self.tiers]))
        _require(self.name, "stairs_factor", self.stairs_factor, FACTORS)
        _require(self.name, "slope_factor", self.slope_factor, SLOPES)
        _require(self.name, "detour_factor", self.detour_factor, FACTORS)
        _require(self.name, "depth_m", self.depth_m, DEPTHS_M)
        _require(self.name, "snap_m", self.snap_m, SNAPS_M)

    @property
    def longest_m(self) -> float:
        """The limit of the last tier."""
        return self.tiers[-1].limit_m


def timed(name: str, minutes: Mapping[str, float], speed_m_per_min: float, **more: float) -> Profile:
    """Return a profile whose tiers are minutes at a speed, by their names.

    Raises
    ------
    BadInput
        Where the speed is zero, negative or not a number, or anything else makes no sense.
    """
    _require(name, "speed_m_per_min", speed_m_per_min, SPEEDS_M_PER_MIN)
    return measured(name, {tier: count * speed_m_per_min for tier, count in minutes.items()}, **more)


def measured(name: str, metres: Mapping[str, float], **more: float) -> Profile:
    """Return a profile whose tiers are metres walked, by their names."""
    return Profile(name, tuple(Tier(tier, float(limit_m)) for tier, limit_m in metres.items()), **more)


_COMMON: Final = frozenset({"stairs_factor", "slope_factor", "depth_m", "snap_m", "detour_factor"})


def profile_of(name: str, settings: Mapping[str, Any] | None = None) -> Profile:
    """Return a shipped profile, or one of a configuration.

    Parameters
    ----------
    name
        ``"seed"``, ``"gb50180"``, or any name where there are settings.
    settings
        Either ``minutes`` (by tier name, rising) and ``speed_m_per_min``, or ``metres`` (by tier name, rising); and
        any of ``stairs_factor``, ``slope_factor``, ``depth_m``, ``snap_m``, ``detour_factor``.

    Raises
    ------
    NotFound
        Where there is no shipped profile of that name.
    BadInput
        Where a field is unknown or missing, or a speed, a distance or a factor makes no sense.
    """
    if settings is None:
        if name not in PROFILES:
            raise NotFound("circle-profile-unknown", profile=name, known=_listed(sorted(PROFILES)))
        return PROFILES[name]
    basis = settings.keys() - _COMMON
    more = {field: settings[field] for field in sorted(settings.keys() & _COMMON)}
    if basis == {"minutes", "speed_m_per_min"} and _is_table(settings["minutes"]):
        return timed(name, settings["minutes"], settings["speed_m_per_min"], **more)
    if basis == {"metres"} and _is_table(settings["metres"]):
        return measured(name, settings["metres"], **more)
    raise BadInput("circle-profile-fields", profile=name, given=_listed(sorted(settings)))


def _is_table(given: object) -> bool:
    return isinstance(given, Mapping) and all(isinstance(one, int | float) for one in given.values())


def _require(name: str, field: str, given: object, between: tuple[float, float]) -> None:
    least, most = between
    if not (isinstance(given, int | float) and isfinite(given) and least <= given <= most):
        raise BadInput("circle-number", profile=name, field=field, least=f"{least:g}", most=f"{most:g}", given=given)


def _listed(values: Sequence[object]) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


SEED: Final = timed("seed", dict(zip(SCOPES, (5, 10, 15), strict=True)), 80.0, stairs_factor=1.5, slope_factor=8.0)
GB50180: Final = measured("gb50180", dict(zip(SCOPES, (300, 500, 1000), strict=True)))
PROFILES: Final = {one.name: one for one in (SEED, GB50180)}
