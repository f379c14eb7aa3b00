"""What runs in the Python workers of Apache Spark: record batches in, the same with the answers beside them out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from geo.crs import parse_crs
from geo.errors import BadInput, GeoError
from geo.messages import Language
from importers.arrow_points import ADDED_FIELDS
from importers.point_added import ColumnLocating
from importers.point_columns import PointColumns
from importers.point_places import GivenColumns, PlaceReader
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
        reader = PlaceReader(crs, index.edition, index.calendar)
        # the reader has refused what is about another edition
        locating = ColumnLocating(reader, lambda _: index.city, self.lang)
        for batch in batches:
            yield self._wider(batch, locating)

    def _wider(self, batch: pa.RecordBatch, locating: ColumnLocating) -> pa.RecordBatch:
        before = locating.tally.swapped
        added = [
            column.cast(field.type)
            for column, field in zip(locating.added(self._given(batch)), ADDED_FIELDS, strict=True)
        ]
        swapped = np.zeros(batch.num_rows, dtype=np.int32)
        swapped[:1] = locating.tally.swapped - before
        names = [*batch.schema.names, *(field.name for field in ADDED_FIELDS), SWAPPED]
        return pa.RecordBatch.from_arrays([*batch.columns, *added, pa.array(swapped)], names=names)

    def _given(self, batch: pa.RecordBatch) -> GivenColumns:
        own = self.columns
        crs, at = (None if place is None else batch.column(place) for place in (own.crs, own.at))
        flaws: dict[int, GeoError] = {}
        if self.broken is not None:
            texts = batch.column(self.broken)
            rows = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False)).tolist()
            flaws = {row: BadInput("spark-row-broken", text=texts[row].as_py()) for row in rows}
        return GivenColumns(batch.column(own.lon), batch.column(own.lat), crs, at, flaws)
