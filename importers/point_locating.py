"""Rows of points to answers, whoever answers: counted, and each refusal beside the row that it is about."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from geo.errors import GeoError
from geo.locate.records import Answer
from geo.store.locating import Question
from importers.point_rows import Given, Place, PointReader

RADIUS_M: Final = 200.0
"""``gw_border_m`` is empty where the nearest border is further away."""
REFUSED: Final = "invalid"
"""``gw_status`` of a row that names no place; the reason stands in ``gw_reason``."""

Answered = TypeVar("Answered")
Answering = Callable[[int, Sequence[Question]], Sequence[Answer | GeoError]]
"""Answers questions as of one edition."""


@dataclass(frozen=True, slots=True)
class PointReport:
    """What became of the rows.

    Attributes
    ----------
    rows
        Rows below the header, all of them written.
    statuses
        How many rows have each ``gw_status``.
    uncertain
        Rows that were found but lie on a border.
    swapped
        Rows whose longitude and latitude look exchanged.
    edition
        The edition that answered rows without a moment of their own.
    resumed
        Rows that an earlier run had written before it was broken off.
    begun_anew
        Whether an earlier run was broken off, but with another input, option or edition.
    """

    rows: int
    statuses: dict[str, int]
    uncertain: int
    swapped: int
    edition: int
    resumed: int = 0
    begun_anew: bool = False

    def document(self) -> dict[str, object]:
        """Return the report as JSON."""
        return {name: getattr(self, name) for name in ("rows", "statuses", "uncertain", "swapped", "edition")}


class Tally:
    """Counts what became of the rows."""

    def __init__(self) -> None:
        self.rows = self.uncertain = self.swapped = 0
        self.statuses: Counter[str] = Counter()

    def add(self, place: Place | GeoError, outcome: Answer | GeoError) -> None:
        """Count one row."""
        self.rows += 1
        self.swapped += isinstance(place, Place) and place.looks_swapped
        if isinstance(outcome, GeoError):
            self.statuses[REFUSED] += 1
            self.swapped += outcome.kind == "crs-axes-swapped"
        else:
            self.statuses[outcome.status] += 1
            self.uncertain += outcome.status == "found" and not outcome.certain

    def document(self) -> dict[str, object]:
        """Return the counts as JSON."""
        counts = {name: getattr(self, name) for name in ("rows", "uncertain", "swapped")}
        return {**counts, "statuses": dict(self.statuses)}

    def restore(self, document: Mapping[str, Any]) -> None:
        """Go on from the counts of an earlier run."""
        self.rows, self.uncertain, self.swapped = (int(document[name]) for name in ("rows", "uncertain", "swapped"))
        self.statuses = Counter(document["statuses"])

    def report(self, edition: int, resumed: int = 0, *, begun_anew: bool = False) -> PointReport:
        """Return the counts."""
        known = ("found", "gap", "outside", "conflict", "ambiguous", "not_found", REFUSED)
        statuses = {status: self.statuses[status] for status in known if self.statuses[status]}
        return PointReport(self.rows, statuses, self.uncertain, self.swapped, edition, resumed, begun_anew)


class PointLocating:
    """Answers the rows of one table, part by part.

    Parameters
    ----------
    reader
        What rows mean.
    answering
        Who answers.
    accuracy_m
        How far the true points may lie from the given ones.
    """

    def __init__(self, reader: PointReader, answering: Answering, accuracy_m: float = 0.0) -> None:
        self._reader, self._answering, self._accuracy_m = reader, answering, accuracy_m
        self.tally = Tally()

    def outcomes(self, rows: Sequence[Given | GeoError]) -> list[Answer | GeoError]:
        """Return the answer for each row, the refusal where there is none."""
        places = self._reader.read(rows)
        found = by_edition(places, self._answers)
        outcomes: list[Answer | GeoError] = []
        for row, place in enumerate(places):
            outcome = found[row] if isinstance(place, Place) else place
            self.tally.add(place, outcome)
            outcomes.append(outcome)
        return outcomes

    def _answers(self, edition: int, places: Sequence[Place]) -> Sequence[Answer | GeoError]:
        return self._answering(edition, [question_of(place, self._accuracy_m, RADIUS_M) for place in places])


def question_of(place: Place, accuracy_m: float, radius_m: float) -> Question:
    """Return what is asked about a place, with an accuracy where it has none of its own."""
    own = place.accuracy_m
    return Question(place.lon, place.lat, accuracy_m if own is None else own, radius_m)


def by_edition(
    places: Sequence[Place | GeoError], answers: Callable[[int, Sequence[Place]], Sequence[Answered]]
) -> dict[int, Answered]:
    """Let places be answered, those of one edition together; returns what was answered by row."""
    rows_of: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for row, place in enumerate(places):
        if isinstance(place, Place):
            rows_of[place.edition].append((row, place))
    found: dict[int, Answered] = {}
    for edition, group in rows_of.items():
        answered = answers(edition, [place for _, place in group])
        found |= {row: one for (row, _), one in zip(group, answered, strict=True)}
    return found
