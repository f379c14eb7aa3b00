"""An answer as lines that a planner reads."""

from collections.abc import Iterable, Iterator

from geo.levels import level_name
from geo.locate.records import Answer, AreaRecord, Responsible, Team
from geo.locate.words import kind_name, reason_text, remarks_of, role_name, status_name
from geo.messages import Language
from geo.store.locating import Question

_LABELS: dict[str, tuple[str, str]] = {
    "point": ("坐标", "point"),
    "status": ("结果", "status"),
    "certain": ("确定", "certain"),
    "grid": ("网格", "grid"),
    "host_grid": ("所在全科网格", "host grid"),
    "microgrid": ("微网格", "microgrid"),
    "chain": ("上级", "chain"),
    "team": ("团队", "team"),
    "responsible": ("负责", "responsible"),
    "border": ("距边界", "border"),
    "neighbours": ("相邻", "neighbours"),
    "matches": ("重叠的辖区", "matches"),
    "moment": ("时点", "moment"),
}


def answer_lines(answer: Answer, question: Question, moment: str, edition: int, lang: Language) -> list[str]:
    """Return the lines of an answer.

    Parameters
    ----------
    question
        The point in stored coordinates.
    moment
        Site time, as it is shown.
    edition
        The edition that answered, 0 before the first.
    """
    facts = [
        ("point", f"{question.lon:.7f}, {question.lat:.7f} (CGCS2000)"),
        ("status", status_name(answer.status, lang)),
        ("certain", _certain(answer, lang)),
        *((name, _area(area, lang)) for name, area in _areas(answer)),
        ("chain", " › ".join(f"{area.name} {area.code}" for area in answer.chain)),
        ("team", _own_team(answer, lang)),
        ("responsible", _responsible(answer.responsible, answer.team, lang)),
        ("border", _border(answer, question, lang)),
        ("neighbours", _joined(f"{_name(one.area)} {one.distance_m:.2f} m" for one in answer.neighbours)),
        ("matches", _joined(f"{_name(area)} ({level_name(area.level, lang)})" for area in answer.matches)),
        ("moment", f"{moment} · {_edition(edition, lang)}"),
    ]
    return [f"{_said(lang, *_LABELS[name])}{_said(lang, '：', ': ')}{text}" for name, text in facts if text]


def _said(lang: Language, zh: str, en: str) -> str:
    return zh if lang == "zh" else en


def _edition(edition: int, lang: Language) -> str:
    if edition == 0:
        return _said(lang, "还没有发布任何一期", "nothing has been published yet")
    return _said(lang, f"第 {edition} 期", f"edition {edition}")


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def _name(area: AreaRecord) -> str:
    return f"{area.name} {area.code}"


def _areas(answer: Answer) -> Iterator[tuple[str, AreaRecord]]:
    """Yield the areas worth a line: the host grid only where it is another one."""
    if answer.grid is not None:
        yield "grid", answer.grid
    if answer.host_grid is not None and answer.host_grid != answer.grid:
        yield "host_grid", answer.host_grid
    if answer.microgrid is not None:
        yield "microgrid", answer.microgrid


def _area(area: AreaRecord, lang: Language) -> str:
    kinds = [kind_name(area.kind, lang)] if area.level == "grid" else []
    notes = [*kinds, *(text for text in (area.category, area.local_code) if text)]
    return _name(area) + (f" ({', '.join(notes)})" if notes else "")


def _certain(answer: Answer, lang: Language) -> str:
    remarks = "; ".join(remarks_of(answer, lang)[answer.status != "found" :])
    said = _said(lang, "是", "yes") if answer.certain else _said(lang, "否", "no")
    return f"{said} ({remarks})" if remarks and not answer.certain else said


def _own_team(answer: Answer, lang: Language) -> str:
    if answer.team is not None:
        return "\n".join(_team(answer.team, lang))
    return _said(lang, "没有登记", "none on record") if answer.grid is not None else ""


def _team(team: Team, lang: Language) -> Iterator[str]:
    """Yield the team's name, then a line for each member with what the view shows."""
    yield team.name
    for member in team.members:
        shown = (role_name(str(member["role"]), member["role_text"], lang), member.get("name"), member.get("phone"))
        yield "  " + "  ".join(str(text) for text in shown if text)


def _responsible(responsible: Responsible | None, own: Team | None, lang: Language) -> str:
    if responsible is None:
        return _said(lang, "无", "nobody")
    area, reason = responsible.area, reason_text(responsible.reason, lang)
    line = f"{level_name(area.level, lang)} {_name(area)} ({reason})"
    if area.team is None or area.team == own:
        return line
    return "\n".join([line, *(f"  {text}" for text in _team(area.team, lang))])


def _border(answer: Answer, question: Question, lang: Language) -> str:
    if answer.border_distance_m is not None:
        return f"{answer.border_distance_m:.2f} m"
    return _said(lang, f"{question.radius_m:.0f} 米以外", f"more than {question.radius_m:.0f} m")
