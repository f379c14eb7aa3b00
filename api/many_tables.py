"""Many points as a table, CSV or Arrow: all columns are kept, the answers stand in columns beside them."""

from codecs import getincrementalencoder
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from api.many_answers import ROWS_AT_A_TIME
from geo.crs import Crs, missing_crs
from geo.errors import BadInput
from geo.messages import Language
from importers.arrow_points import ADDED_FIELDS, added_columns, givens_of
from importers.arrow_sizes import require_bounded
from importers.point_columns import PointColumns, point_columns
from importers.point_csv import wider_parts
from importers.point_locating import PointLocating
from importers.point_table import PointTable


class CsvPoints:
    """A CSV table that was looked through once.

    Parameters
    ----------
    charset
        None detects it.

    Raises
    ------
    GeoError
        What is wrong with the table as a whole, see :func:`importers.point_file.locate_file`.
    """

    def __init__(self, path: Path, charset: str | None, crs: Crs | None) -> None:
        self._table = PointTable.opened(path, charset)
        self._columns = point_columns(self._table.header.cells, None, None)
        _require_crs(crs, self._columns)
        self._encoding = self._table.output_encoding()

    @property
    def media_type(self) -> str:
        """With the encoding of the answer."""
        charset = "utf-8" if self._encoding == "utf-8-sig" else self._encoding
        return f"text/csv; charset={charset}"

    def answered(self, locating: PointLocating, lang: Language) -> Iterator[bytes]:
        """Yield the table with the answers."""
        encoder = getincrementalencoder(self._encoding)()
        for text in wider_parts(self._table, self._columns, locating, lang):
            yield encoder.encode(text)


class ArrowPoints:
    """A stream of Arrow record batches that was looked through once.

    Raises
    ------
    BadInput
        ``points-not-arrow``, and what is wrong with the columns.
    TooLarge
        ``points-batch-too-large``.

    Attributes
    ----------
    count
        Rows of all batches.
    """

    media_type: Final = "application/vnd.apache.arrow.stream"

    def __init__(self, path: Path, crs: Crs | None) -> None:
        self._path, self.count = path, 0
        require_bounded(path)
        try:
            with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as batches:
                self._schema = batches.schema
                for batch in batches:
                    batch.validate(full=True)
                    self.count += batch.num_rows
        except (pa.ArrowException, OSError) as failure:
            raise BadInput("points-not-arrow") from failure
        self._columns = point_columns(self._schema.names, None, None)
        _require_crs(crs, self._columns)

    def answered(self, locating: PointLocating, lang: Language) -> Iterator[bytes]:
        """Yield the stream with the answers: many small batches where there was a large one."""
        schema = pa.schema([*self._schema, *ADDED_FIELDS], self._schema.metadata)
        sink = _Written()
        with pa.OSFile(str(self._path)) as file, pa.ipc.open_stream(file) as batches:
            writer = pa.ipc.new_stream(sink, schema)
            yield sink.taken()
            for batch in batches:
                for first in range(0, batch.num_rows, ROWS_AT_A_TIME):
                    part = batch.slice(first, ROWS_AT_A_TIME)
                    added = added_columns(locating.outcomes(givens_of(part, self._columns)), lang)
                    writer.write_batch(pa.RecordBatch.from_arrays([*part.columns, *added], schema=schema))
                    yield sink.taken()
            writer.close()
        yield sink.taken()


class _Written(RawIOBase):
    """Holds what was written until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._count = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._count

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._count += len(self._parts[-1])
        return len(self._parts[-1])

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _require_crs(crs: Crs | None, columns: PointColumns) -> None:
    if crs is None and columns.crs is None:
        refusal = missing_crs(None)
        raise BadInput(refusal.kind, place={"field": "crs"}, **refusal.facts)
