"""The map of circles out of the store: by category and area, with a table for each town and community."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from api.asked_moment import moment_text
from api.settings import Settings
from geo.errors import NotFound
from geo.levels import level_name
from geo.messages import Language, sentence
from geo.serving import Share
from geo.store.circles import CircleFilter, load_circles
from geo.store.listing import AreaRecord
from geo.store.serving import AskedService, basis_of, service_shares, unserved_homes
from maps.circle_map import CircleScene, MapPoint, ShareTable, circle_map

_LEVELS = ("town", "community")


def circle_page(
    connection: Connection, settings: Settings, at: datetime, edition: int, asked: AskedService, lang: Language
) -> str:
    """Return the page.

    Raises
    ------
    NotFound
        ``circles-not-made``, and for an unknown area.
    TooLarge
        For more than one page can hold.
    """
    basis = basis_of(connection, asked.profile)
    if basis is None:
        raise NotFound("circles-not-made", profile=asked.profile)
    by_level = {level: service_shares(connection, at, asked, level) for level in _LEVELS}
    left = unserved_homes(connection, at, asked)
    found = load_circles(connection, at, CircleFilter(asked.profile, asked.tier, asked.category))
    households = sum(one.households for one in left)
    scene = CircleScene(
        areas=[area.geom for area, _ in by_level["community"]],
        circles=[(one.geom, one.means) for one in found if one.geom is not None],
        places=[MapPoint(one.lon, one.lat, (one.name, sentence_of(one.means, one.limit_m))) for one in found],
        left=[MapPoint(one.lon, one.lat, (one.address, f"{one.households}", one.grid or "")) for one in left],
        tables=[_table(level, rows, lang) for level, rows in by_level.items()],
    )
    notes = [sentence("circles-stale", lang)] if basis.stale else []
    return circle_map(
        scene,
        title=f"{asked.category} · {asked.tier} · {asked.profile}",
        source=settings.source,
        date_text=f"{moment_text(at, settings)} · {edition}",
        facts=[("", sentence("circles-unserved", lang, homes=len(left), households=households))],
        notes=notes,
        lang=lang,
    )


def sentence_of(means: str, limit_m: float) -> str:
    """Return how a circle came about, in signs that need no language."""
    return f"{'≈ ' if means == 'radius' else ''}{'–' if means == 'refused' else f'{limit_m:g} m'}"


def _table(level: str, rows: Sequence[tuple[AreaRecord, Share]], lang: Language) -> ShareTable:
    heading = tuple(sentence("circles-table-heading", lang).split("|"))
    return ShareTable(level_name(level, lang), heading, [_row(area, share.document()) for area, share in rows])


def _row(area: AreaRecord, share: dict[str, Any]) -> tuple[str, ...]:
    shares = share["shares"]
    left = share["households"] - share["households_covered"]
    parts = (
        "–" if shares[name] is None else f"{100 * shares[name]:.1f}%" for name in ("area", "residences", "households")
    )
    return (area.code, area.name, *parts, f"{left:,}")
