"""Plans as JSON and as GeoJSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import shapely
from sqlalchemy import Connection

from api.asked_moment import moment_text
from api.geojson import CRS
from api.planning import Drafted
from api.settings import Settings
from geo.adjust import Adjusted, Descent, Step
from geo.areas import Texts
from geo.check_report import plain
from geo.plans import OPEN_STATES
from geo.store.plans import NO_DRAFT, Event, Plan, list_drafts, list_events, one_draft
from geo.stored import StoredAreas

Side = Literal["before", "after"]
_DECIMALS: Final = 4


def plan_head(plan: Plan, settings: Settings) -> dict[str, Any]:
    """Return a plan as it stands in lists."""
    later = plan.publish_not_before
    return {
        "plan": plan.id,
        "title": plan.title,
        "kind": plan.kind,
        "state": plan.state,
        "author": plan.author,
        "reviewer": plan.reviewer,
        "draft": plan.draft,
        "effective_date": None if plan.effective_date is None else plan.effective_date.isoformat(),
        "publish_not_before": None if later is None else moment_text(later, settings),
        "created_at": moment_text(plan.created_at, settings),
        "reverts": plan.reverts,
        "edition": plan.edition,
    }


def plan_document(connection: Connection, plan: Plan, settings: Settings) -> dict[str, Any]:
    """Return a plan with its operations and all that happened to it."""
    drafts = list_drafts(connection, plan)
    now = None if plan.draft == NO_DRAFT else one_draft(connection, plan)
    editable = plan.state in ("draft", "rejected")
    return {
        **plan_head(plan, settings),
        "operations": [] if now is None else list(now.operations),
        "base_edition": None if now is None else now.base_edition,
        "digest": None if now is None else now.digest,
        "can_undo": editable and now is not None,
        "can_redo": editable and any(one.parent == plan.draft for one in drafts),
        "is_open": plan.state in OPEN_STATES,
        "events": [event_document(one, settings) for one in list_events(connection, plan)],
    }


def event_document(event: Event, settings: Settings) -> dict[str, Any]:
    """Return something that happened to a plan."""
    return {
        "event": event.event,
        "actor": event.actor,
        "via": event.via,
        "at": moment_text(event.at, settings),
        "draft": event.draft,
        "reason": event.reason,
        "details": dict(event.details),
    }


def check_document(drafted: Drafted) -> dict[str, Any]:
    """Return what a draft comes to: areas, findings, clashes, lineage and what each operation moved."""
    worked, adjusted = drafted.worked, drafted.worked.adjusted
    before = worked.seen.scene.areas
    code_of = codes_by_id(before, adjusted.after)
    stopping = {one.id for one in worked.stopping()}
    return {
        "plan": drafted.plan.id,
        "draft": drafted.draft.number,
        "edition": drafted.now.edition,
        "clean": not stopping,
        "created": _codes(adjusted.created, code_of),
        "changed": _codes(adjusted.changed, code_of),
        "noded": _codes(adjusted.noded, code_of),
        "ended": _codes(adjusted.ended, code_of),
        "findings": [{**plain(one), "stops": one.id in stopping} for one in worked.findings],
        "households": households_document(before, adjusted),
        "clashes": [
            {"plan": one.plan, "title": one.title, "state": one.state, "codes": _codes(one.area_ids, code_of)}
            for one in drafted.clashes
        ],
        "lineage": [descent_document(one, code_of) for one in adjusted.lineage],
        "steps": [_step(one, code_of) for one in adjusted.steps],
    }


def descent_document(descent: Descent, code_of: Mapping[int, str]) -> dict[str, Any]:
    """Return one line of lineage; a code is null for what comes from nowhere or goes nowhere."""
    return {
        "from_code": code_of.get(descent.from_id),
        "to_code": code_of.get(descent.to_id),
        "operation": descent.operation,
        "area_m2": round(descent.area_m2, _DECIMALS),
        "share_of_from": descent.share_of_from,
        "share_of_to": descent.share_of_to,
        "households": descent.households,
    }


def side_features(drafted: Drafted, side: Side) -> dict[str, Any]:
    """Return the areas that a draft concerns as GeoJSON: as they are, or as they are to be."""
    worked, adjusted = drafted.worked, drafted.worked.adjusted
    areas = worked.seen.scene.areas if side == "before" else adjusted.after
    role_of = roles_of(drafted)
    shown = areas.take(np.isin(areas.ids, list(role_of)))
    parents = shown.parent_codes(areas)
    features = [area_feature(shown, row, parents, role_of[int(shown.ids[row])]) for row in range(len(shown))]
    stamp = {"plan": drafted.plan.id, "draft": drafted.draft.number, "edition": drafted.now.edition}
    return {"type": "FeatureCollection", "crs": CRS, "features": features, "side": side, **stamp}


def roles_of(drafted: Drafted) -> dict[int, str]:
    """Return what a draft does to each area that it concerns, by id."""
    adjusted = drafted.worked.adjusted
    roles = {
        "changed": adjusted.changed,
        "noded": adjusted.noded,
        "created": adjusted.created,
        "ended": adjusted.ended,
    }
    return {area: role for role, ids in roles.items() for area in ids}


def households_document(before: StoredAreas, adjusted: Adjusted) -> list[dict[str, Any]]:
    """Return the households of every grid that gives land or gets some; null while there is no such grid."""
    given: Counter[int] = Counter()
    got: Counter[int] = Counter()
    for one in adjusted.lineage:
        given[one.from_id] += one.households or 0
        got[one.to_id] += one.households or 0
    told: dict[int, dict[str, Any]] = {}
    for areas in (before, adjusted.after):
        for row in np.flatnonzero((areas.levels == "grid") & np.isin(areas.ids, [*given, *got])).tolist():
            told[int(areas.ids[row])] = {"code": areas.codes[row], "name": areas.names[row]}
    for area, document in told.items():
        document["before"] = None if area in adjusted.created else given[area]
        document["after"] = None if area in adjusted.ended else got[area]
    return sorted(told.values(), key=lambda document: str(document["code"]))


def codes_by_id(*states: StoredAreas) -> dict[int, str]:
    """Return the code of every area, as the last state has it that knows it."""
    return {area: str(code) for areas in states for area, code in zip(areas.ids.tolist(), areas.codes, strict=True)}


def _codes(ids: Iterable[int], code_of: Mapping[int, str]) -> list[str]:
    return sorted(code_of[area] for area in ids if area in code_of)


def _step(step: Step, code_of: Mapping[int, str]) -> dict[str, Any]:
    return {
        "op": step.op,
        "gained_m2": _by_code(step.gained_m2, code_of),
        "lost_m2": _by_code(step.lost_m2, code_of),
        "displacement_m": round(step.displacement_m, _DECIMALS),
        "codes": sorted(step.codes.values()),
        "overlap": _geojson(step.overlap),
        "gap": _geojson(step.gap),
    }


def _by_code(values: Mapping[int, float], code_of: Mapping[int, str]) -> dict[str, float]:
    return {code_of.get(area, str(area)): round(value, _DECIMALS) for area, value in values.items()}


def _geojson(geometry: Any) -> dict[str, Any] | None:
    return None if geometry is None else dict(shapely.geometry.mapping(geometry))


def area_feature(areas: StoredAreas, row: int, parents: Texts, role: str) -> dict[str, Any]:
    """Return an area of a draft as a GeoJSON feature, with what the draft does to it."""
    geom = areas.geoms[row]
    columns: Sequence[tuple[str, Any]] = (
        ("code", areas.codes[row]),
        ("local_code", areas.local_codes[row] or None),
        ("name", areas.names[row]),
        ("level", areas.levels[row]),
        ("kind", areas.kinds[row]),
        ("category", areas.categories[row] or None),
        ("parent", parents[row] or None),
        ("role", role),
    )
    shape = None if geom is None else _geojson(shapely.orient_polygons(geom))
    return {"type": "Feature", "id": areas.codes[row], "geometry": shape, "properties": dict(columns)}
