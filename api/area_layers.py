"""From the store to the map: layers of areas with their teams, and the page made of them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from api.settings import Settings
from geo.errors import TooLarge
from geo.levels import Hierarchy, level_name
from geo.locate.records import Team as PublicTeam
from geo.locate.words import role_name
from geo.messages import Language
from geo.store.areas import load_areas
from geo.store.counts import People, count_areas, people_of
from geo.store.editions import edition_at
from geo.store.listing import AreaFilter, AreaRecord, list_areas, one_area
from geo.store.locating import VIEWS, TeamView, with_ancestors
from geo.store.teams import teams_of
from geo.stored import StoredAreas
from maps.area_map import MOST_AREAS, area_map
from maps.layers import MapArea, MapLayer, Member
from maps.layers import Team as MapTeam

MOST_MICROGRIDS: Final = 2_000
"""Microgrids are shown with the grids up to this many; more would hide the grids."""

_GRIDS: Final = ("grid", "microgrid")


def map_page(
    connection: Connection,
    settings: Settings,
    *,
    level: str | None,
    within: str | None,
    at: datetime,
    lang: Language,
    contacts: Literal["masked", "full", "none"] = "masked",
) -> str:
    """Return the map of a level as one page that needs no network.

    Parameters
    ----------
    level
        The level that is coloured; None takes the lowest that fits on a page.
    within
        Code of an area to stay in.
    at
        The moment.
    contacts
        Masked unless someone decides otherwise: a page may be handed on.

    Raises
    ------
    NotFound
        ``unknown-area``, ``map-empty``.
    BadInput
        ``unknown-level``.
    TooLarge
        ``map-too-many-areas``.
    """
    layers = map_layers(
        connection, at, level=level, within=within, hierarchy=settings.hierarchy, lang=lang, view=VIEWS[contacts]
    )
    return area_map(
        layers,
        title=_title(connection, at, layers, within),
        source=settings.source or _unnamed_source(lang),
        date_text=_date_text(connection, at, settings.zone, lang),
        lang=lang,
    )


def map_layers(
    connection: Connection,
    at: datetime,
    *,
    level: str | None,
    within: str | None,
    hierarchy: Hierarchy,
    lang: Language,
    view: TeamView,
) -> list[MapLayer]:
    """Return the layers of a map: one level, those above it, special grids, and microgrids where they are few.

    Parameters
    ----------
    level
        The lowest level to show; None takes the lowest above the microgrids that fits on a page.
    within
        Code of an area: only that area and those below it.
    view
        What the reader may see of teams.

    Raises
    ------
    BadInput
        ``unknown-level``.
    NotFound
        ``unknown-area``.
    TooLarge
        ``map-too-many-areas``.
    """
    if within is not None:
        one_area(connection, at, within)
    counts = count_areas(connection, at, within=within)
    wanted = _wanted(counts, level and hierarchy.require(level), hierarchy)
    total = sum(counts[each] for each in wanted)
    if total > MOST_AREAS:
        raise TooLarge("map-too-many-areas", count=total, limit=MOST_AREAS)
    return [_layer(connection, at, shown, kind, within, lang, view) for shown, kind in wanted]


def _wanted(counts: Mapping[tuple[str, str], int], level: str | None, hierarchy: Hierarchy) -> list[tuple[str, str]]:
    """Return level and kind of the layers to show."""
    if level is None:
        present = [each for each in hierarchy.levels if (each, "general") in counts and each != "microgrid"]
        fitting = (
            each for each in reversed(present) if _areas(counts, _down_to(counts, each, hierarchy)) <= MOST_AREAS
        )
        # Where nothing fits, the highest level says so with its number.
        level = next(fitting, present[0] if present else hierarchy.levels[0])
    wanted = _down_to(counts, level, hierarchy)
    microgrids = counts.get(("microgrid", "general"), 0)
    if level == "grid" and 0 < microgrids <= min(MOST_MICROGRIDS, MOST_AREAS - _areas(counts, wanted)):
        wanted.append(("microgrid", "general"))
    return wanted


def _down_to(counts: Mapping[tuple[str, str], int], level: str, hierarchy: Hierarchy) -> list[tuple[str, str]]:
    levels = [*reversed(hierarchy.above(level)), level]
    shown = [(each, "general") for each in levels] + [("grid", "special")] * (level in _GRIDS)
    return [each for each in shown if each in counts]


def _areas(counts: Mapping[tuple[str, str], int], layers: Iterable[tuple[str, str]]) -> int:
    return sum(counts[layer] for layer in layers)


def _layer(
    connection: Connection, at: datetime, level: str, kind: str, within: str | None, lang: Language, view: TeamView
) -> MapLayer:
    wanted = AreaFilter(level=level, kind=kind, within=within)
    areas = list_areas(connection, at, wanted, limit=MOST_AREAS, shapes=True)
    ids = [area.id for area in areas]
    chains = _chains(connection, at, ids)
    teams = {area_id: _team(view(team), lang) for area_id, team in teams_of(connection, at, ids).items()}
    people = people_of(connection, at, ids) if (level, kind) == ("grid", "general") else {}
    shown = [_area(area, chains[area.id], teams.get(area.id), people.get(area.id)) for area in areas]
    if kind == "special":
        return MapLayer("专属网格" if lang == "zh" else "special grids", level, "special", shown)
    return MapLayer(level_name(level, lang), level, "general", shown)


def _area(
    area: AreaRecord, chain: tuple[tuple[str, str, str], ...], team: MapTeam | None, people: People | None
) -> MapArea:
    return MapArea(
        code=area.code,
        name=area.name,
        geometry=area.geom,
        chain=chain,
        team=team,
        local_code=area.local_code or "",
        category=area.category or "",
        households=people.households if people else None,
        residents=people.residents if people else None,
    )


def _chains(connection: Connection, at: datetime, ids: Sequence[int]) -> dict[int, tuple[tuple[str, str, str], ...]]:
    """Return the areas above each area, the largest first."""
    every: StoredAreas = with_ancestors(connection, at, load_areas(connection, at, ids=ids, shapes=False))
    links = dict(zip(every.ids.tolist(), zip(every.levels, every.codes, every.names, strict=True), strict=True))
    parent_of = dict(zip(every.ids.tolist(), every.parent_ids.tolist(), strict=True))
    chains = {}
    for area_id in ids:
        chain: list[tuple[str, str, str]] = []
        above = parent_of.get(area_id, 0)
        while above in links and links[above] not in chain:
            chain.insert(0, links[above])
            above = parent_of[above]
        chains[area_id] = tuple(chain)
    return chains


def _team(team: PublicTeam, lang: Language) -> MapTeam:
    return MapTeam(team.name, tuple(_member(member, lang) for member in team.members))


def _member(member: Mapping[str, object], lang: Language) -> Member:
    """Return a member for the page: what the view left out is hidden, what is None was never entered."""
    name, phone = (str(member[key] or "") if key in member else None for key in ("name", "phone"))
    return Member(role_name(str(member["role"]), member["role_text"], lang), name, phone)


def _title(connection: Connection, at: datetime, layers: Sequence[MapLayer], within: str | None) -> str:
    """Return the name of the area shown: the one asked for, else the only one at the top."""
    if within is not None:
        return one_area(connection, at, within).name
    top = layers[0].areas if layers else ()
    return top[0].name if len(top) == 1 else "Gridwarden"


def _date_text(connection: Connection, at: datetime, zone: str, lang: Language) -> str:
    edition = edition_at(connection, at)
    moment = at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
    return f"{moment} · 第 {edition} 期" if lang == "zh" else f"{moment} · edition {edition}"


def _unnamed_source(lang: Language) -> str:
    return "Gridwarden（未注明来源）" if lang == "zh" else "Gridwarden (no source given)"
