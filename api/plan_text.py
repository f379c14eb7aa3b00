"""Plans as lines of text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from api.asked_moment import moment_text
from api.plan_documents import codes_by_id
from api.planning import Drafted
from api.settings import Settings
from geo.adjust import Descent
from geo.impact_records import Impact
from geo.messages import Language, sentence
from geo.store.plans import Event, Plan

STATE_NAMES: Final[Mapping[str, str]] = {
    "draft": "plan-state-draft",
    "submitted": "plan-state-submitted",
    "approved": "plan-state-approved",
    "published": "plan-state-published",
    "rejected": "plan-state-rejected",
    "withdrawn": "plan-state-withdrawn",
}
MOST_LISTED: Final = 20


def plan_line(plan: Plan, lang: Language) -> str:
    """Return a plan as one line of a list."""
    state = sentence(STATE_NAMES[plan.state], lang)
    line = sentence("plan-line", lang, plan=plan.id, title=plan.title, state=state, author=plan.author)
    return line if plan.edition is None else line + sentence("plan-line-edition", lang, edition=plan.edition)


def plan_lines(
    plan: Plan, operations: Sequence[Mapping[str, Any]], events: Sequence[Event], lang: Language, settings: Settings
) -> list[str]:
    """Return a plan with its operations and what happened to it."""
    lines = [plan_line(plan, lang)]
    lines += [f"  {row}. {_operation(one)}" for row, one in enumerate(operations)]
    lines += [_event(one, settings) for one in events]
    return lines


def check_lines(drafted: Drafted, lang: Language) -> list[str]:
    """Return what a draft comes to: a verdict, the areas, where their land goes, findings and clashes."""
    worked, adjusted = drafted.worked, drafted.worked.adjusted
    code_of = codes_by_id(worked.seen.scene.areas, adjusted.after)
    stopping = worked.stopping()
    verdict = "plan-check-stops" if stopping else "plan-check-clean"
    lines = [
        sentence(verdict, lang, plan=drafted.plan.id, draft=drafted.draft.number, count=len(stopping)),
        sentence(
            "plan-check-areas",
            lang,
            created=_joined(adjusted.created, code_of),
            changed=_joined(adjusted.changed, code_of),
            ended=_joined(adjusted.ended, code_of),
            noded=len(adjusted.noded),
        ),
    ]
    lines += [_descent(one, code_of, lang) for one in adjusted.lineage[:MOST_LISTED]]
    standing = [one for one in worked.findings if one not in stopping]
    lines += [sentence("plan-finding-stops", lang, finding=one.text(lang)) for one in stopping[:MOST_LISTED]]
    lines += [sentence("plan-finding-stands", lang, finding=one.text(lang)) for one in standing[:MOST_LISTED]]
    for clash in drafted.clashes:
        codes = _joined(clash.area_ids, code_of)
        lines.append(sentence("plan-clashes-with", lang, plan=clash.plan, title=clash.title, codes=codes))
    return lines


def impact_lines(found: Impact, lang: Language) -> Iterator[str]:
    """Yield what a plan changes for people, the most important first."""
    for move in found.handovers:
        yield sentence(
            "plan-impact-handover",
            lang,
            source=move.from_code or "–",
            target=move.to_code or "–",
            area_m2=f"{move.area_m2:,.0f}",
            residences=f"{move.residences:,}",
            households=f"{move.households:,}",
            residents="?" if move.residents is None else f"{move.residents:,}",
        )
    for size in found.sizes:
        yield sentence(
            "plan-impact-size" if size.fits is not False else "plan-impact-size-outside",
            lang,
            code=size.code,
            before="–" if size.before is None else size.before,
            after="–" if size.after is None else size.after,
            least=size.least,
            most=size.most,
        )
    yield from _places(found, lang)


def _places(found: Impact, lang: Language) -> Iterator[str]:
    for place in (*found.facilities, *found.specials):
        yield sentence(
            "plan-impact-place", lang, name=place.name, source=place.from_code or "–", target=place.to_code or "–"
        )
    for code, team in found.teams_left:
        yield sentence("plan-impact-team-left", lang, code=code, team=team)
    if found.without_team:
        yield sentence("plan-impact-no-team", lang, codes=", ".join(found.without_team))
    for cut in found.cuts:
        yield sentence("plan-impact-cut", lang, name=cut.name, codes=", ".join(cut.codes))
    for one in found.unplaced[:MOST_LISTED]:
        yield sentence(
            "plan-impact-unplaced",
            lang,
            address=one.address,
            households=one.households,
            code=one.code,
            candidates=", ".join(one.candidates),
        )


def _operation(record: Mapping[str, Any]) -> str:
    """Return an operation in a line; drawings are only named."""
    shown = {name: value for name, value in record.items() if name != "op"}
    words = [f"{name}={'…' if isinstance(value, Mapping | list) else value}" for name, value in shown.items()]
    codes = record.get("codes") or record.get("areas")
    named = [",".join(codes)] if isinstance(codes, list) else []
    return " ".join([str(record["op"]), *named, *words])


def _event(event: Event, settings: Settings) -> str:
    reason = f"  {event.reason}" if event.reason else ""
    return f"  {moment_text(event.at, settings)}  {event.event}  {event.actor} ({event.via}){reason}"


def _descent(descent: Descent, code_of: Mapping[int, str], lang: Language) -> str:
    return sentence(
        "plan-descent",
        lang,
        source=code_of.get(descent.from_id, "–"),
        target=code_of.get(descent.to_id, "–"),
        area_m2=f"{descent.area_m2:,.0f}",
        share=f"{descent.share_of_from:.1%}",
        households=f"{descent.households:,}",
    )


def _joined(ids: Any, code_of: Mapping[int, str]) -> str:
    codes = sorted(code_of[area] for area in ids if area in code_of)
    more = "" if len(codes) <= MOST_LISTED else f" … ({len(codes)})"
    return (", ".join(codes[:MOST_LISTED]) or "–") + more
