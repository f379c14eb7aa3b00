"""The sheet of a plan that is signed: before and after, who is touched, where the areas come from; for A4 or A3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from geo.impact_records import Impact
from geo.messages import Language
from geo.stored import StoredAreas

Paper = Literal["A4", "A3"]


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """What the sheet says of the plan itself; plain texts, as they are to be read.

    Attributes
    ----------
    number, title, author, reason, state
        As the plan's record has them; ``state`` is one of :mod:`geo.plans`.
    effective_date
        Date of the decision, such as ``2026-07-01``; ``""`` while there is none.
    digest
        Hexadecimal SHA-256 of the operations, so that the paper and the plan can be held against each other.
    edition, at
        The edition that the plan was drafted on, and the moment, in site time.
    operations
        The records of the operations, in order, as :func:`geo.adjust.operations.record_of` gives them.
    """

    number: str
    title: str
    author: str
    reason: str
    state: str
    effective_date: str
    digest: str
    edition: int
    at: str
    operations: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class DescentRow:
    """One line of the lineage: which part of an area came from which.

    ``from_code`` is ``""`` for what comes from nowhere, ``to_code`` for what goes nowhere; shares lie in 0-1.
    """

    from_code: str
    from_name: str
    to_code: str
    to_name: str
    operation: str
    area_m2: float
    share_of_from: float
    share_of_to: float
    households: int | None = None


@dataclass(frozen=True, slots=True)
class BaseMap:
    """A picture to lay under the maps: PNG or JPEG bytes in EPSG:4490, and its west, south, east, north in degrees."""

    image: bytes
    bounds: tuple[float, float, float, float]
    attribution: str
    review_number: str = ""


def plan_sheet(
    plan: SheetPlan,
    before: StoredAreas,
    after: StoredAreas,
    impact: Impact,
    lineage: Sequence[DescentRow],
    *,
    source: str,
    lang: Language = "zh",
    paper: Paper = "A4",
    base_map: BaseMap | None = None,
) -> str:
    """Return the sheet as one HTML page that needs no other file and no network, ready to be printed.

    Parameters
    ----------
    plan
        What the sheet says of the plan.
    before, after
        The areas of the plan's neighbourhood, any levels and kinds; ``after`` as ``geo.adjust`` returns it (negative
        ids are new areas, with the codes that they will bear).
    impact
        As :func:`geo.impact.impact` returns it for the same areas.
    lineage
        A line a pair of areas.
    source
        Where the boundaries come from, with the 审图号 if there is one.
    paper
        A4 upright, or A3 lying.
    base_map
        Laid under both maps where there is one.

    Returns
    -------
    str
        HTML, UTF-8; :func:`maps.printing.pdf_of` makes a PDF of it.
    """
    raise NotImplementedError
