"""What the editor draws on: the areas in a box as a draft has them; and who else is at work there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import shapely

from api.asked_moment import moment_text
from api.desk import Desk
from api.geojson import CRS
from api.plan_documents import area_feature, roles_of
from api.planning import check_plan
from geo.errors import TooLarge
from geo.plans import OPEN_STATES
from geo.store.areas import Bounds, load_areas
from geo.store.editions import present
from geo.store.plans import NO_DRAFT, footprints, list_drafts, one_plan
from geo.stored import StoredAreas, together

MOST_AREAS: Final = 3_000
"""In one box: more cannot be told apart on a screen."""
COMPANY: Final = timedelta(minutes=30)
"""How long someone who changed a plan counts as working on it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """The areas of a draft, and what it does to each: ``role`` by id."""

    edition: int
    draft: int
    after: StoredAreas | None
    roles: Mapping[int, str]


def scene_document(desk: Desk, number: int, level: str, bounds: Bounds) -> dict[str, Any]:
    """Return the areas of a level in a box as a draft has them, as GeoJSON; special grids go with the grids.

    Raises
    ------
    BadInput
        ``unknown-level``.
    TooLarge
        ``scene-too-large``.
    """
    desk.settings.hierarchy.require(level)
    draft = _draft(desk, number)
    with desk.connection.begin():
        stored = load_areas(desk.connection, present(desk.connection).at, levels=[level], bounds=bounds)
        parents = load_areas(desk.connection, present(desk.connection).at, ids=_parents(stored), shapes=False)
    areas = stored
    if draft.after is not None:
        kept = stored.take(~np.isin(stored.ids, list(draft.roles)))
        opened = draft.after.take(
            (draft.after.levels == level) & np.isin(draft.after.ids, list(draft.roles)) & _meets(draft.after, bounds)
        )
        areas, parents = together(kept, opened), together(parents, draft.after)
    if len(areas) > MOST_AREAS:
        raise TooLarge("scene-too-large", count=len(areas), most=MOST_AREAS)
    codes = areas.parent_codes(parents)
    features = [
        area_feature(areas, row, codes, draft.roles.get(int(areas.ids[row]), "unchanged")) for row in range(len(areas))
    ]
    stamp = {"plan": number, "draft": draft.draft, "edition": draft.edition}
    return {"type": "FeatureCollection", "crs": CRS, "features": features, **stamp}


def company_document(desk: Desk, number: int, actor: str, now: datetime) -> dict[str, Any]:
    """Return who else works on a plan, and which other open plans change the same areas or areas beside them."""
    with desk.connection.begin():
        plan = one_plan(desk.connection, number)
        drafts = list_drafts(desk.connection, plan)
    last = {one.author: one for one in drafts if now - one.at <= COMPANY and one.author != actor}
    editors = [
        {"actor": one.author, "draft": one.number, "at": moment_text(one.at, desk.settings)} for one in last.values()
    ]
    plans = [] if plan.draft == NO_DRAFT or plan.state not in OPEN_STATES else _plans_beside(desk, number)
    return {"plan": number, "draft": plan.draft, "state": plan.state, "editors": editors, "plans": plans}


def _plans_beside(desk: Desk, number: int) -> list[dict[str, Any]]:
    worked = check_plan(desk, number).worked
    own, areas = frozenset(worked.versions_seen()), worked.seen.scene.areas
    changed = np.isin(areas.ids, list(own))
    kinds = [*zip(areas.levels, areas.kinds, strict=True)]
    same_kind = np.array([kind in {kinds[row] for row in np.flatnonzero(changed).tolist()} for kind in kinds], bool)
    tree = shapely.STRtree(areas.geoms[changed & ~shapely.is_missing(areas.geoms)])
    beside = np.unique(tree.query(areas.geoms, predicate="intersects")[0])
    near = frozenset(areas.ids[beside][same_kind[beside]].tolist())
    code_of = dict(zip(areas.ids.tolist(), areas.codes, strict=True))
    found = []
    with desk.connection.begin():
        for other in footprints(desk.connection, own | near):
            if other.plan != number:
                met = own & other.area_ids or near & other.area_ids
                found.append(
                    {
                        "plan": other.plan,
                        "title": other.title,
                        "state": other.state,
                        "author": one_plan(desk.connection, other.plan).author,
                        "codes": sorted(str(code_of[area]) for area in met if area in code_of),
                        "relation": "same" if own & other.area_ids else "near",
                    }
                )
    return found


def _draft(desk: Desk, number: int) -> _Draft:
    with desk.connection.begin():
        plan = one_plan(desk.connection, number)
        edition = present(desk.connection).edition
    if plan.draft == NO_DRAFT:
        return _Draft(edition, NO_DRAFT, None, {})
    drafted = check_plan(desk, number)
    return _Draft(drafted.now.edition, drafted.draft.number, drafted.worked.adjusted.after, roles_of(drafted))


def _parents(areas: StoredAreas) -> list[int]:
    return sorted({parent for parent in areas.parent_ids.tolist() if parent})


def _meets(areas: StoredAreas, bounds: Bounds) -> Any:
    return shapely.intersects(shapely.box(*bounds), areas.geoms)
