"""Tables of points in any format: read and written in units of some rows, with the answers as columns beside them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from importers.point_columns import PointColumns
from importers.point_places import GivenColumns

Mark = Mapping[str, Any]
"""A place in a table, as JSON."""


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Some rows that stand together.

    Attributes
    ----------
    mark
        Where the next unit begins.
    given
        What the rows say of points.
    """

    mark: Mark
    given: GivenColumns

    def table(self) -> pa.Table:
        """Return the rows with all their columns."""
        raise NotImplementedError

    def rows(self) -> Iterator[Sequence[Any]]:
        """Yield the cells of each row, as values that a workbook holds."""
        for batch in self.table().to_batches():
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class PointSource(ABC):
    """A table that is read.

    Attributes
    ----------
    names
        Headings of the columns.
    columns
        Which of them hold points.
    row_count
        Rows below the header.
    """

    names: Sequence[str]
    columns: PointColumns
    row_count: int

    @abstractmethod
    def units(self, mark: Mark | None) -> Iterator[Unit]:
        """Yield the rows from a mark on, from the beginning without one: the same units every time."""

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""


class PointSink(ABC):
    """A table that is written.

    Attributes
    ----------
    rows_between_marks
        After so many rows it is worth while to save.
    """

    rows_between_marks: int

    @abstractmethod
    def write(self, unit: Unit, added: Sequence[pa.Array]) -> None:
        """Write rows with the columns added."""

    @abstractmethod
    def mark(self) -> Mark:
        """Bring to the disk what was written; return where to go on from here."""

    @abstractmethod
    def finish(self) -> Path:
        """Complete the file; return where it lies."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files, also where the work was broken off."""
