"""Imports as plans: kept as a draft until someone publishes it, or published in one go and written down as a plan."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection

from geo.adjust import Adjusted, Descent, Scene
from geo.change_check import Changed, check_changed
from geo.errors import Conflict
from geo.exceptions import site_day
from geo.findings import Finding
from geo.levels import Hierarchy
from geo.plans import Action, next_state, plan_hash
from geo.store.areas import load_areas
from geo.store.drafting import Worked
from geo.store.editions import Present, present
from geo.store.findings import accepted_findings, record_accepted
from geo.store.import_drafts import (
    ImportDraft,
    codes_in_use,
    drafted_before,
    read_import_draft,
    versions_now,
    write_import_draft,
)
from geo.store.lineage import write_lineage
from geo.store.plan_publishing import PlanDefects
from geo.store.plans import (
    NO_DRAFT,
    Acting,
    Draft,
    NewDraft,
    NewPlan,
    Plan,
    add_draft,
    change_state,
    create_plan,
    describe,
    mark_published,
    one_draft,
    one_plan,
)
from geo.store.publish import Publication, Signature, close_areas, open_versions, publication
from geo.store.scenes import Seen
from geo.stored import StoredAreas, together
from importers.acceptance import Acceptance
from importers.boundaries import Prepared
from importers.import_lineage import OPERATION, import_lineage
from importers.surroundings import MARGIN_DEG

KIND: Final = "import"
_SELF_APPROVED: Final[tuple[Action, ...]] = ("submit", "approve")


def keep_import(connection: Connection, prepared: Prepared, acceptance: Acceptance, title: str, acting: Acting) -> Plan:
    """Keep what an import prepared as the draft of a plan, with what is accepted of its findings.

    Whoever tries a file again goes on with the plan that it became the first time: it gets another version of its
    draft, or stays as it is where nothing is different.

    Parameters
    ----------
    connection
        Without an open transaction.
    """
    with connection.begin():
        plan = _plan_for(connection, prepared, title, acting)
        new = _new_draft(connection, prepared, acceptance, title)
        if plan.state == "draft" and plan.draft != NO_DRAFT and _is_said(one_draft(connection, plan), new):
            return plan
        draft = add_draft(connection, plan, new, acting)
        ended = prepared.before.take(np.isin(prepared.before.ids, prepared.retired))
        write_import_draft(connection, draft, ImportDraft(prepared.versions, ended))
        return one_plan(connection, plan.id)


def record_import(connection: Connection, opened: Publication, prepared: Prepared, title: str, acting: Acting) -> int:
    """Write down an import that is being published in one go as a plan that its author approved; return its number.

    Where the author tried the file before, it is the plan of then.
    """
    plan = _plan_for(connection, prepared, title, acting)
    # the versions themselves stand in the edition: the draft need not repeat them
    inputs = _inputs(prepared)
    new = NewDraft([], prepared.edition, {}, plan_hash(title, None, inputs), {"codes": [], "inputs": inputs})
    add_draft(connection, plan, new, acting)
    for action in _SELF_APPROVED:
        change_state(connection, one_plan(connection, plan.id), action, acting, details={"approval": "self-approved"})
    mark_published(connection, one_plan(connection, plan.id), opened.edition, acting)
    return plan.id


def _plan_for(connection: Connection, prepared: Prepared, title: str, acting: Acting) -> Plan:
    """Return the plan that someone has made of the same file before and not handed in, else a new one."""
    report, versions = prepared.report, prepared.versions
    ended = np.isin(prepared.before.ids, prepared.retired)
    known = drafted_before(
        connection,
        acting.actor,
        file=report.file,
        level=report.level,
        kind=report.kind,
        codes=[*versions.areas.codes[~versions.noded], *prepared.before.codes[ended]],
    )
    if known is None:
        return create_plan(connection, NewPlan(title, kind=KIND), acting)
    plan = one_plan(connection, known)
    if plan.title == title:
        return plan
    described = NewPlan(title, effective_date=plan.effective_date, publish_not_before=plan.publish_not_before)
    return describe(connection, plan, described, acting)


def _is_said(draft: Draft, new: NewDraft) -> bool:
    """Tell whether a draft says all that a new one would."""
    kept = (draft.base_edition, draft.digest, dict(draft.seen), draft.outcome)
    return kept == (new.base_edition, new.digest, dict(new.seen), json.loads(json.dumps(new.outcome)))


def _inputs(prepared: Prepared) -> list[dict[str, str]]:
    return [{"name": prepared.report.file, "sha256": prepared.report.sha256}]


def accepted_by(draft: Draft) -> Acceptance:
    """Return what was accepted of an import's findings when it was drafted."""
    given: Mapping[str, Any] = draft.outcome.get("acceptance") or {}
    until = given.get("until")
    return Acceptance(
        frozenset(given.get("kinds", ())),
        bool(given.get("baseline")),
        given.get("reason"),
        date.fromisoformat(until) if until else None,
    )


def work_out_import(connection: Connection, now: Present, draft: Draft, hierarchy: Hierarchy, zone: str) -> Worked:
    """Work the draft of an import out on the present boundaries, and check around what changes.

    Parameters
    ----------
    zone
        The site's time zone: exceptions end with a day there.

    Raises
    ------
    Conflict
        ``plan-import-stale``: an area that the import changes was changed since it was drafted.
    """
    content = read_import_draft(connection, draft)
    _require_fresh(connection, draft, content)
    before = _surroundings(connection, now, content)
    versions = content.versions.areas
    gone = np.isin(before.ids, np.concatenate([versions.ids, content.ended.ids]))
    after = together(before.take(~gone), versions)
    after = after.take(np.argsort(after.codes, kind="stable"))
    lineage = import_lineage(connection, now.at, before, after, versions.ids[content.versions.noded])
    adjusted = _adjusted(content, after, lineage)
    changed = Changed(np.array([*adjusted.changed, *adjusted.created]), np.array(adjusted.ended, dtype=np.int64))
    accepted = accepted_findings(connection, site_day(now.at, zone))
    findings, standing = check_changed(before, after, changed, accepted)
    return Worked(Seen(Scene(before, hierarchy), draft.seen), adjusted, tuple(findings), standing)


def with_acceptance(worked: Worked, acceptance: Acceptance) -> tuple[Worked, list[Finding]]:
    """Return an import whose findings are accepted as its draft says, and the findings that this newly accepts."""
    fresh = [one for one in worked.stopping() if acceptance.covers(one)]
    return replace(worked, standing=worked.standing | {one.id for one in fresh}), fresh


def publish_import(connection: Connection, number: int, acting: Acting, hierarchy: Hierarchy, zone: str) -> Publication:
    """Publish an import that was kept as a draft and approved, after checking it again.

    Parameters
    ----------
    connection
        Without an open transaction.

    Raises
    ------
    Conflict
        ``plan-wrong-state``, ``plan-import-stale``, ``plan-defects``; ``edition-moved`` where somebody else published
        while this was checked.
    """
    with connection.begin():
        plan = one_plan(connection, number)
        next_state(plan.state, "publish", plan=number)
        draft, now = one_draft(connection, plan), present(connection)
        own = accepted_by(draft)
        worked, fresh = with_acceptance(work_out_import(connection, now, draft, hierarchy, zone), own)
        stopping = worked.stopping()
        if stopping:
            raise PlanDefects(stopping, plan=number, count=len(stopping))
        content = read_import_draft(connection, draft)
    with publication(connection, _signature(plan, draft, acting, own), expected=now.edition) as opened:
        close_areas(connection, opened, content.ended.ids.tolist())
        given = open_versions(connection, opened, content.versions)
        write_lineage(connection, opened, worked.adjusted.lineage, [OPERATION], given, plan=number)
        _accept(connection, opened, fresh, own, plan)
        mark_published(connection, one_plan(connection, number), opened.edition, acting)
    return opened


def _accept(connection: Connection, opened: Publication, fresh: list[Finding], own: Acceptance, plan: Plan) -> None:
    record_accepted(
        connection,
        opened,
        fresh,
        reason=own.reason or "",
        actor=plan.author,
        until=own.until,
        baseline=plan.title if own.baseline else None,
    )


def _signature(plan: Plan, draft: Draft, acting: Acting, own: Acceptance) -> Signature:
    approval = "self-approved" if plan.reviewer == plan.author else "approved"
    return Signature(
        kind="boundaries",
        title=plan.title,
        actor=acting.actor,
        approval=approval,
        reason=own.reason,
        inputs=draft.outcome["inputs"],
        report=draft.outcome["report"],
    )


def _new_draft(connection: Connection, prepared: Prepared, acceptance: Acceptance, title: str) -> NewDraft:
    areas, noded = prepared.versions.areas, prepared.versions.noded
    ids = [*areas.ids[(areas.ids > 0) & ~noded].tolist(), *prepared.retired]
    report, inputs = prepared.report, _inputs(prepared)
    return NewDraft(
        operations=[],
        base_edition=prepared.edition,
        seen=versions_now(connection, ids),
        digest=plan_hash(title, None, inputs),
        outcome={
            "codes": [],
            "inputs": inputs,
            "report": report.as_record(),
            "noded": {str(area): one for area, one in versions_now(connection, areas.ids[noded].tolist()).items()},
            "acceptance": {
                "kinds": sorted(acceptance.kinds),
                "baseline": acceptance.baseline,
                "reason": acceptance.reason,
                "until": None if acceptance.until is None else acceptance.until.isoformat(),
            },
        },
    )


def _require_fresh(connection: Connection, draft: Draft, content: ImportDraft) -> None:
    """Refuse a draft whose areas were changed since, or whose new codes somebody else has by now."""
    noded = {int(area): version for area, version in draft.outcome["noded"].items()}
    seen = {**draft.seen, **noded}
    now = versions_now(connection, list(seen))
    moved = [area for area, version in seen.items() if now.get(area) != version]
    areas = content.versions.areas
    taken = codes_in_use(connection, areas.codes[areas.ids < 0].tolist())
    if moved or taken:
        known = together(areas, content.ended)
        codes = taken or [str(code) for code in known.codes[np.isin(known.ids, moved)]]
        place = {"code": codes[0]} if codes else {}
        raise Conflict("plan-import-stale", place=place, plan=draft.plan, count=len(moved) + len(taken))


def _surroundings(connection: Connection, now: Present, content: ImportDraft) -> StoredAreas:
    """Return what is stored around an import: near its areas, their ancestors, and all children of their parents."""
    versions, ended = content.versions.areas, content.ended
    shapes = np.concatenate([versions.geoms, ended.geoms])
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    box = (west - MARGIN_DEG, south - MARGIN_DEG, east + MARGIN_DEG, north + MARGIN_DEG)
    found = load_areas(connection, now.at, bounds=box)
    own = np.concatenate([versions.ids, ended.ids])
    stated = np.concatenate([versions.parent_ids, ended.parent_ids, found.parent_ids[np.isin(found.ids, own)]])
    families = np.unique(np.concatenate([own, stated]))
    children = load_areas(connection, now.at, parents=families[families > 0].tolist())
    found = together(found, children.take(~np.isin(children.ids, found.ids)))
    if (versions.parent_ids == 0).any():
        whole = load_areas(connection, now.at, levels=sorted(set(versions.levels[versions.parent_ids == 0])))
        found = together(found, whole.take(~np.isin(whole.ids, found.ids)))
    while len(missing := np.setdiff1d(found.parent_ids[found.parent_ids > 0], found.ids)):
        above = load_areas(connection, now.at, ids=missing.tolist())
        if not len(above):
            break
        found = together(found, above)
    return found


def _adjusted(content: ImportDraft, after: StoredAreas, lineage: tuple[Descent, ...]) -> Adjusted:
    ids, noded = content.versions.areas.ids, content.versions.noded
    return Adjusted(
        after=after,
        changed=tuple(ids[(ids > 0) & ~noded].tolist()),
        noded=tuple(ids[noded].tolist()),
        ended=tuple(content.ended.ids.tolist()),
        created=tuple(ids[ids < 0].tolist()),
        lineage=lineage,
        steps=(),
        accepted_gaps=(),
    )
