"""What people call the slugs of an answer: roles, kinds, statuses, reasons."""

from typing import Final

from geo.levels import level_name
from geo.locate.records import Answer
from geo.messages import Language

_ROLES: Final[dict[str, tuple[str, str]]] = {
    "grid_worker": ("全科网格员", "grid worker"),
    "community_worker": ("社区专职工作者", "community worker"),
    "police_officer": ("民警", "police officer"),
    "other": ("其他力量", "other"),
}
_STATUSES: Final[dict[str, tuple[str, str]]] = {
    "found": ("已找到", "found"),
    "gap": ("空白：在辖区内，但没有网格覆盖", "gap: inside an area, but no grid covers it"),
    "outside": ("在所有辖区之外", "outside every area"),
    "invalid": ("无法定位", "cannot be placed"),
    "ambiguous": ("有歧义：地址可能指几处", "ambiguous: the address may mean several places"),
    "not_found": ("没有找到这个地址", "the address was not found"),
    "conflict": ("冲突：多个辖区重叠", "conflict: several areas overlap here"),
}
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "general": ("全科网格", "general grid"),
    "special": ("专属网格", "special grid"),
}
_REASONS: Final[dict[str, tuple[str, str]]] = {
    "special_grid": ("专属网格的团队", "the team of the special grid"),
    "microgrid": ("微网格的团队", "the team of the microgrid"),
    "grid": ("网格的团队", "the team of the grid"),
    "host_grid": ("专属网格没有团队，由所在全科网格的团队负责", "the special grid has no team; its host grid's team"),
    "conflict_smallest_special_grid": ("重叠的专属网格中最小的", "the smallest of the special grids that overlap"),
    "conflict_smallest_microgrid": ("重叠的微网格中最小的", "the smallest of the microgrids that overlap"),
    "conflict_smallest_grid": ("重叠的网格中最小的", "the smallest of the grids that overlap"),
    "no_team": ("覆盖此处的辖区都没有团队", "no area that covers the point has a team"),
}
_CAUSES: Final[dict[str, tuple[str, str]]] = {
    "grid_without_team": ("网格没有团队，由{level}的团队负责", "the grid has no team; the team of the {level}"),
    "gap": ("没有网格覆盖，由{level}的团队负责", "no grid covers the point; the team of the {level}"),
    "named_area": ("地址只说到辖区，由{level}的团队负责", "the address names only an area; the team of the {level}"),
    "conflict": ("网格冲突，由{level}的团队负责", "the grids are in conflict; the team of the {level}"),
}


def role_name(role: str, role_text: object, lang: Language) -> str:
    """Return a member's role in the ledger's own words where there are any, else its name."""
    return str(role_text) if role_text else _said(_ROLES, role, lang)


def status_name(status: str, lang: Language) -> str:
    """Return what a status means."""
    return _said(_STATUSES, status, lang)


def kind_name(kind: str, lang: Language) -> str:
    """Return the name of a kind of grid."""
    return _said(_KINDS, kind, lang)


def reason_text(reason: str, lang: Language) -> str:
    """Return why an area is named responsible, for the slugs of :func:`geo.locate.answer.answer`."""
    cause, covered, level = reason.partition("_covered_by_")
    if covered:
        return _said(_CAUSES, cause, lang).format(level=level_name(level, lang))
    return _said(_REASONS, reason, lang)


def _said(table: dict[str, tuple[str, str]], slug: str, lang: Language) -> str:
    zh, en = table.get(slug, (slug, slug))
    return zh if lang == "zh" else en


def remarks_of(answer: Answer, lang: Language) -> list[str]:
    """Return what to know beyond the grid and its team: why there is none, why it is not certain, who acts instead."""
    remarks = [] if answer.status == "found" else [status_name(answer.status, lang)]
    if answer.on_border:
        remarks.append("在边界上，按边界规则归属" if lang == "zh" else "on a border: assigned by the border rule")
    if answer.neighbours and not answer.on_border:
        near = ", ".join(one.area.code for one in answer.neighbours)
        remarks.append(f"定位精度内还有：{near}" if lang == "zh" else f"also within the accuracy: {near}")
    if answer.responsible is not None and answer.team is None:
        remarks.append(reason_text(answer.responsible.reason, lang))
    return remarks
