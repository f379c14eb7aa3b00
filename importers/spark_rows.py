"""What runs in the Python workers of Apache Spark: record batches in, the same with the answers beside them out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa

from geo.crs import parse_crs
from geo.errors import BadInput, GeoError
from geo.locate.many import answers
from geo.locate.ready import ReadyCity
from geo.locate.records import Answer
from geo.messages import Language
from geo.store.locating import Question
from importers.arrow_points import ADDED_FIELDS, added_columns, givens_of
from importers.point_columns import PointColumns
from importers.point_locating import PointLocating
from importers.point_rows import Given, PointReader
from importers.spark_index import opened_once

SWAPPED: Final = "gw_swapped"
"""How many rows of a batch have longitude and latitude exchanged, in its first row: summed up, then left out."""

Find = Callable[[str], str]
"""From the name of a file that was sent to where it lies on this host."""


@dataclass(frozen=True, slots=True)
class RowsOfSpark:
    """Answers the record batches of one DataFrame; pickled it is small, for the index comes as a file.

    Attributes
    ----------
    file, mark
        Name and mark of the index file.
    columns
        Which columns of a batch hold what.
    broken
        The column with the text of a row that does not fit its header; None where there is none.
    """

    file: str
    mark: str
    crs: str | None
    columns: PointColumns
    broken: int | None
    lang: Language

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Answer batches by the file that Spark has put on this host."""
        from pyspark import SparkFiles

        return self.located(batches, SparkFiles.get)

    def located(self, batches: Iterable[pa.RecordBatch], find: Find) -> Iterator[pa.RecordBatch]:
        """Yield each batch with the columns ``ADDED_FIELDS`` and ``SWAPPED``."""
        index = opened_once(find(self.file), self.mark)
        crs = None if self.crs is None else parse_crs(self.crs)
        locating = PointLocating(PointReader(crs, index.edition, index.named), partial(_answers, index.city))
        for batch in batches:
            yield self._wider(batch, locating) if batch.num_rows else _empty(batch)

    def _wider(self, batch: pa.RecordBatch, locating: PointLocating) -> pa.RecordBatch:
        before = locating.tally.swapped
        added = added_columns(locating.outcomes(self._givens(batch)), self.lang)
        swapped = np.zeros(batch.num_rows, dtype=np.int32)
        swapped[0] = locating.tally.swapped - before
        return _joined(batch, [*added, pa.array(swapped)])

    def _givens(self, batch: pa.RecordBatch) -> list[Given | GeoError]:
        givens = givens_of(batch, self.columns)
        if self.broken is not None:
            for row, text in enumerate(batch.column(self.broken).to_pylist()):
                if text is not None:
                    givens[row] = BadInput("spark-row-broken", text=text)
        return givens


def _answers(city: ReadyCity, edition: int, questions: Sequence[Question]) -> list[Answer]:
    """Answer questions; the reader has refused those about another edition."""
    return answers(city, [(each.point(), each.accuracy_m, each.radius_m) for each in questions])


def _empty(batch: pa.RecordBatch) -> pa.RecordBatch:
    return _joined(batch, [*(pa.array([], field.type) for field in ADDED_FIELDS), pa.array([], pa.int32())])


def _joined(batch: pa.RecordBatch, added: Sequence[pa.Array]) -> pa.RecordBatch:
    names = [*batch.schema.names, *(field.name for field in ADDED_FIELDS), SWAPPED]
    return pa.RecordBatch.from_arrays([*batch.columns, *added], names=names)
