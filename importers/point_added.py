"""The columns that a table of points gets, for very many rows at once."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.errors import GeoError
from geo.lattice import snap_columns
from geo.locate.batch import BatchAnswers
from geo.locate.ready import ReadyCity
from geo.locate.records import Answer
from geo.messages import Language
from importers.point_addresses import AddressReader, SaidRows
from importers.point_cells import Cells, answer_cells, refusal_cells
from importers.point_columns import ADDED
from importers.point_locating import RADIUS_M, REFUSED, Tally
from importers.point_places import GivenColumns, PlaceReader

MOST_EDITIONS: Final = 16
"""Editions whose answers are remembered at a time."""
_STATUS, _CERTAIN, _BORDER, _REASON = (
    ADDED.index(name) for name in ("gw_status", "gw_certain", "gw_border_m", "gw_reason")
)

Index = npt.NDArray[np.int32]


class ColumnLocating:
    """Answers the rows of one table, many at a time.

    Parameters
    ----------
    reader
        What rows mean.
    cities
        The city as of an edition, None where there was none.
    addresses
        Who reads the column of addresses; None where none was named.
    """

    def __init__(
        self,
        reader: PlaceReader,
        cities: Callable[[int], ReadyCity | None],
        lang: Language,
        addresses: AddressReader | None = None,
    ) -> None:
        self._addresses = addresses
        self._reader, self._cities, self._lang = reader, cities, lang
        self._answers: dict[int, BatchAnswers[Cells] | None] = {}
        self.tally = Tally()

    def added(self, given: GivenColumns) -> list[pa.Array]:
        """Return the columns of :data:`ADDED`: texts as dictionaries, a boolean, and m."""
        places = self._reader.read(given)
        said = self._addresses.read(given, places) if self._addresses and given.address is not None else SaidRows()
        which, border_m = np.full(len(given), -1, dtype=np.int32), np.full(len(given), np.inf)
        told: list[Cells] = []
        self._refuse(places.refusals, which, told)
        for row, cells in said.cells.items():
            which[row] = len(told)
            told.append(cells)
        waiting = np.flatnonzero(which < 0)
        x, y = snap_columns(places.lonlat)
        for edition in np.unique(places.edition[waiting]).tolist():
            rows = waiting[places.edition[waiting] == edition]
            answers = self._of_edition(edition)
            if answers is None:
                which[rows] = len(told)
                told.append(answer_cells(Answer(status="outside", certain=True, on_border=False), self._lang))
            else:
                found = answers.of(x[rows], y[rows])
                which[rows], border_m[rows] = found.which + len(told), found.border_m
                told += found.told
        self._remark(said, which, told)
        self._count(which, told, places.swapped)
        return _columns(which, told, border_m)

    def _remark(self, said: SaidRows, which: Index, told: list[Cells]) -> None:
        """Put what an address says beside the reasons of its row."""
        for row, remark in said.remarks.items():
            cells = list(told[which[row]])
            cells[_REASON] = ("；" if self._lang == "zh" else "; ").join(
                each for each in (cells[_REASON], remark) if each
            )
            if row in said.uncertain:
                cells[_CERTAIN] = "false"
            which[row] = len(told)
            told.append((cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]))

    def _refuse(self, refusals: dict[int, GeoError], which: Index, told: list[Cells]) -> None:
        known: dict[Cells, int] = {}
        for row, refusal in refusals.items():
            which[row] = known.setdefault(refusal_cells(refusal, REFUSED, self._lang), len(known))
        told += known

    def _of_edition(self, edition: int) -> BatchAnswers[Cells] | None:
        if edition not in self._answers:
            while len(self._answers) >= MOST_EDITIONS:
                self._answers.pop(next(iter(self._answers)))
            city = self._cities(edition)
            tell = (
                None if city is None else BatchAnswers(city, lambda answer: answer_cells(answer, self._lang), RADIUS_M)
            )
            self._answers[edition] = tell
        return self._answers[edition]

    def _count(self, which: Index, told: Sequence[Cells], swapped: int) -> None:
        tally = self.tally
        tally.rows += len(which)
        tally.swapped += swapped
        for cells, count in zip(told, np.bincount(which, minlength=len(told)).tolist(), strict=True):
            if count:
                tally.statuses[cells[_STATUS]] += count
                tally.uncertain += count if cells[_STATUS] == "found" and cells[_CERTAIN] == "false" else 0


def _columns(which: Index, told: Sequence[Cells], border_m: npt.NDArray[np.float64]) -> list[pa.Array]:
    places = pa.array(which)
    columns: list[pa.Array] = []
    for number in range(len(ADDED)):
        if number == _BORDER:
            columns.append(pa.array(np.round(border_m, 2), mask=~np.isfinite(border_m)))
        elif number == _CERTAIN:
            columns.append(pa.array(np.array([cells[number] == "true" for cells in told], dtype=np.bool_)[which]))
        else:
            coded = pa.array([cells[number] or None for cells in told], pa.string()).dictionary_encode()
            columns.append(pa.DictionaryArray.from_arrays(coded.indices.take(places), coded.dictionary))
    return columns


def cell_texts(columns: Sequence[pa.Array]) -> list[tuple[str, ...]]:
    """Return the added columns row by row, as they stand in a table of texts."""
    texts: list[list[str]] = []
    for number, column in enumerate(columns):
        values = column.to_pylist()
        if number == _CERTAIN:
            texts.append(["true" if value else "false" for value in values])
        elif number == _BORDER:
            texts.append(["" if value is None else f"{value:.2f}" for value in values])
        else:
            texts.append(["" if value is None else value for value in values])
    return list(zip(*texts, strict=True))
