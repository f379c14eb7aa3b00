"""An answer as cells of a table."""

from geo.errors import GeoError
from geo.locate.records import Answer
from geo.locate.words import remarks_of
from geo.messages import Language
from importers.point_locating import REFUSED

Cells = tuple[str, str, str, str, str, str, str, str]
"""In the order of :data:`importers.point_columns.ADDED`."""


def answer_cells(answer: Answer, lang: Language) -> Cells:
    """Return the cells of an answer.

    The team is the grid's own; where it has none, that of the smallest area around it that has one, and the reason
    says so.
    """
    team = answer.team or (answer.responsible and answer.responsible.area.team)
    distance_m = answer.border_distance_m
    return (
        answer.status,
        "true" if answer.certain else "false",
        answer.grid.code if answer.grid else "",
        answer.grid.name if answer.grid else "",
        "/".join(area.code for area in answer.chain),
        team.name if team else "",
        "" if distance_m is None else f"{distance_m:.2f}",
        ("；" if lang == "zh" else "; ").join(remarks_of(answer, lang)),
    )


def outcome_cells(outcome: Answer | GeoError, lang: Language) -> Cells:
    """Return the cells of an answer or of a refusal."""
    return refusal_cells(outcome, REFUSED, lang) if isinstance(outcome, GeoError) else answer_cells(outcome, lang)


def refusal_cells(refusal: GeoError, status: str, lang: Language) -> Cells:
    """Return the cells of a row that names no place."""
    return status, "false", "", "", "", "", "", refusal.text(lang)
