"""The sheet of a plan that is signed, and its map."""

from collections.abc import Mapping

from api.asked_moment import moment_text
from api.desk import Desk
from api.plan_documents import codes_by_id
from api.planning import Drafted, impact_of
from geo.adjust import Descent
from geo.difference_report import DifferenceReport
from geo.differences import AreaSet, differences
from geo.messages import Language, sentence
from geo.stored import StoredAreas
from importers.checking import versions
from maps.difference_map import difference_page
from maps.plan_sheet import DescentRow, Paper, SheetPlan, plan_sheet


def sheet_of(desk: Desk, drafted: Drafted, reason: str, *, lang: Language = "zh", paper: Paper = "A4") -> str:
    """Return the sheet of a plan as one HTML page.

    Parameters
    ----------
    reason
        Why the plan was begun.
    """
    before, after = drafted.worked.seen.scene.areas, drafted.worked.adjusted.after
    return plan_sheet(
        _sheet_plan(desk, drafted, reason),
        before,
        after,
        impact_of(desk, drafted),
        [_row(one, drafted, before, after) for one in drafted.worked.adjusted.lineage],
        source=desk.settings.source,
        lang=lang,
        paper=paper,
    )


def map_of(desk: Desk, drafted: Drafted, lang: Language = "zh") -> str:
    """Return the boundaries before and after a plan as one page that works offline."""
    before, after = drafted.worked.seen.scene.areas, drafted.worked.adjusted.after
    now = {"edition": drafted.now.edition, "at": moment_text(drafted.now.at, desk.settings)}
    then = {"file": sentence("plan-side", lang, plan=drafted.plan.id, title=drafted.plan.title)}
    report = DifferenceReport(differences(AreaSet.of(before), AreaSet.of(after)), now, then, versions())
    return difference_page(report, before, after, source=desk.settings.source, lang=lang)


def _sheet_plan(desk: Desk, drafted: Drafted, reason: str) -> SheetPlan:
    plan, draft = drafted.plan, drafted.draft
    return SheetPlan(
        number=str(plan.id),
        title=plan.title,
        author=plan.author,
        reason=reason,
        state=plan.state,
        effective_date="" if plan.effective_date is None else plan.effective_date.isoformat(),
        digest=draft.digest,
        edition=drafted.now.edition,
        at=moment_text(drafted.now.at, desk.settings),
        operations=draft.operations,
    )


def _row(descent: Descent, drafted: Drafted, before: StoredAreas, after: StoredAreas) -> DescentRow:
    old, new = codes_by_id(before), codes_by_id(after)
    names_before, names_after = _names(before), _names(after)
    operations = drafted.draft.operations
    return DescentRow(
        from_code=old.get(descent.from_id, ""),
        from_name=names_before.get(descent.from_id, ""),
        to_code=new.get(descent.to_id, ""),
        to_name=names_after.get(descent.to_id, ""),
        operation=str(operations[descent.operation]["op"]) if operations else drafted.plan.kind,
        area_m2=descent.area_m2,
        share_of_from=descent.share_of_from,
        share_of_to=descent.share_of_to,
        households=descent.households,
    )


def _names(areas: StoredAreas) -> Mapping[int, str]:
    return dict(zip(areas.ids.tolist(), areas.names.tolist(), strict=True))
