"""Refreshing circles: only those whose facility is new, or near which a street changed, are made again."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.circles.entrance import SMALL_PIECE_M
from geo.circles.making import RADIUS, Around, Walks
from geo.circles.profiles import Profile
from geo.measure import area_m2, metres_per_degree_at
from geo.messages import Language, sentence
from geo.store.areas import Bounds
from geo.store.circles import (
    CircleFilter,
    NewCircle,
    Place,
    held_basis,
    hold_basis,
    load_circles,
    load_places,
    orphaned,
    stale_facilities,
    write_circles,
)
from geo.store.editions import present
from geo.store.publish import Signature, publication
from geo.store.streets import has_streets, load_streets
from geo.streets import StreetNetwork, network_of

Advance = Callable[[int, int], None]
"""Called with how many facilities are done, and of how many."""

_SAID_EVERY: Final = 25
_LISTED: Final = 20


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did.

    Attributes
    ----------
    facilities
        How many there are.
    made
        Whose circles were made anew: for all others nothing near them had changed.
    changed
        Facilities whose circles came out otherwise than before; ``ended`` counts circles of facilities that are gone.
    means
        Of those made: how many are ``walked``, ``radius`` (estimated) and ``refused``.
    refused, small_pieces, same_places
        Facilities without circles, those whose streets are cut off from the rest, and those that lie where another of
        their category does.
    edition
        The edition published, None when nothing changed.
    """

    profile: str
    facilities: int = 0
    made: int = 0
    changed: int = 0
    ended: int = 0
    means: dict[str, int] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    small_pieces: list[dict[str, Any]] = field(default_factory=list)
    same_places: list[dict[str, Any]] = field(default_factory=list)
    edition: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return everything."""
        return {"format": "gridwarden-circles/1", **asdict(self)}

    def lines(self, lang: Language, snap_m: float, factor: float) -> list[str]:
        """Return the report as lines of text; the figures are the profile's."""
        facts = {"profile": self.profile, "facilities": self.facilities, "made": self.made, "changed": self.changed}
        lines = [sentence("circles-refreshed", lang, **facts, ended=self.ended)]
        if self.means.get(RADIUS):
            lines.append(sentence("circle-estimated", lang, factor=f"{factor:g}"))
        for kind, found in (
            ("circle-entrance-far", self.refused),
            ("circle-small-piece", self.small_pieces),
            ("circle-same-place", self.same_places),
        ):
            if found:
                facts = {"within": f"{snap_m:g}"} if kind == "circle-entrance-far" else {}
                lines.append(sentence(kind, lang, **facts))
                lines += [f"  {one['name']}  {one['category']}  {one['lon']}, {one['lat']}" for one in found[:_LISTED]]
                if len(found) > _LISTED:
                    lines.append(sentence("report-more", lang, count=len(found) - _LISTED))
        return lines


def refresh(
    connection: Connection, profile: Profile, *, actor: str, title: str, advance: Advance, whole: bool = False
) -> RefreshReport:
    """Make the circles anew that may have changed, and publish those that did.

    Parameters
    ----------
    connection
        Without an open transaction.
    whole
        Make all of them anew.

    Raises
    ------
    Conflict
        Where something was published meanwhile.
    """
    held = present(connection)
    digest, basis = _digest(profile), held_basis(connection, profile.name)
    if basis is None or basis[0] != digest:
        basis, whole = (digest, 0), True
    places = {place.id: place for place in load_places(connection, held.at)}
    networked = has_streets(connection, held.at)
    reach_deg = _reach_deg(profile, list(places.values()))
    ids = stale_facilities(connection, profile.name, basis[1], reach_deg, whole=whole, networked=networked)
    stale = [places[one] for one in ids]
    network = _network_around(connection, held.at, stale, reach_deg) if stale and networked else None
    report = RefreshReport(profile.name, len(places), len(stale), ended=orphaned(connection, profile.name))
    report.same_places = _same_places(stale)
    found = _walked(network, profile, stale, report, advance)
    stored = _stored(load_circles(connection, held.at, CircleFilter(profile.name, facilities=ids)))
    connection.rollback()
    changed = [place.id for place in stale if stored.get(place.id) != found[place.id]]
    report.changed = len(changed)
    if changed or report.ended:
        signature = Signature("circles", title, actor, report=report.as_json())
        with publication(connection, signature, expected=held.edition) as opened:
            fresh = [circle for one in changed for circle in found[one]]
            write_circles(connection, opened, profile.name, changed, fresh)
            hold_basis(connection, profile.name, digest, opened.edition)
        report.edition = opened.edition
    elif (digest, held.edition) != basis:
        with connection.begin():
            hold_basis(connection, profile.name, digest, held.edition)
    return report


def network_near(connection: Connection, at: Any, profile: Profile, points: Sequence[Place]) -> StreetNetwork | None:
    """Return the streets that circles of some places can depend on, None where none are stored at all."""
    if not has_streets(connection, at):
        return None
    return _network_around(connection, at, points, _reach_deg(profile, points))


def _walked(
    network: StreetNetwork | None, profile: Profile, stale: Sequence[Place], report: RefreshReport, advance: Advance
) -> dict[int, list[NewCircle]]:
    found: dict[int, list[NewCircle]] = {}
    if not stale:
        return found
    walks = Walks(network, profile)
    far = Around((), "circle-entrance-far")
    means: Counter[str] = Counter()
    advance(0, len(stale))
    for row, walked in walks.around([(place.lon, place.lat) for place in stale]):
        # a city has streets, but none near these: they are not estimated
        place, around = stale[row], walked if network is None or len(network) else far
        found[place.id] = new_circles(place.id, around, profile)
        means[found[place.id][0].means] += 1
        if found[place.id][0].means == "refused":
            report.refused.append(_said(place))
        elif around.on_small_piece:
            report.small_pieces.append(_said(place))
        if len(found) % _SAID_EVERY == 0 or len(found) == len(stale):
            advance(len(found), len(stale))
    report.means = dict(means)
    return found


def new_circles(facility: int, around: Around, profile: Profile) -> list[NewCircle]:
    """Return the circles of one facility as they are stored, a row a tier."""
    if not around.shapes:
        return [
            NewCircle(facility, tier.name, tier.limit_m, "refused", around.reason, None, None, None)
            for tier in profile.tiers
        ]
    means = "radius" if around.reason == RADIUS else "walked"
    snapped_m = None if means == "radius" else around.snapped_m
    shapes = np.array(around.shapes, dtype=object)
    rows = zip(profile.tiers, area_m2(shapes).tolist(), shapely.to_wkb(shapes).tolist(), strict=True)
    return [
        NewCircle(facility, tier.name, tier.limit_m, means, None, snapped_m, size_m2, wkb)
        for tier, size_m2, wkb in rows
    ]


def _stored(circles: Sequence[Any]) -> dict[int, list[NewCircle]]:
    found: dict[int, list[NewCircle]] = {}
    for one in circles:
        wkb = None if one.geom is None else shapely.to_wkb(one.geom)
        row = NewCircle(one.facility, one.tier, one.limit_m, one.means, one.reason, one.snapped_m, one.area_m2, wkb)
        found.setdefault(one.facility, []).append(row)
    return found


def _network_around(
    connection: Connection, at: Any, places: Sequence[Place], reach_deg: tuple[float, float]
) -> StreetNetwork | None:
    lon, lat = [place.lon for place in places], [place.lat for place in places]
    aside, above = reach_deg
    bounds: Bounds = (min(lon) - aside, min(lat) - above, max(lon) + aside, max(lat) + above)
    return network_of(load_streets(connection, at, bounds).lines)


def _reach_deg(profile: Profile, places: Sequence[Place]) -> tuple[float, float]:
    """Return how far from a facility streets matter: what is walked, and the length that makes a piece a large one."""
    reach_m = profile.longest_m + profile.depth_m + profile.snap_m + SMALL_PIECE_M
    lon_m, lat_m = metres_per_degree_at(max((abs(place.lat) for place in places), default=0.0))
    return reach_m / max(lon_m, 1.0), reach_m / lat_m


def _digest(profile: Profile) -> str:
    return sha256(repr(asdict(profile)).encode()).hexdigest()


def _same_places(places: Sequence[Place]) -> list[dict[str, Any]]:
    count = Counter((place.category, place.lon, place.lat) for place in places)
    return [_said(place) for place in places if count[place.category, place.lon, place.lat] > 1]


def _said(place: Place) -> dict[str, Any]:
    return {"name": place.name, "category": place.category, "lon": place.lon, "lat": place.lat}
