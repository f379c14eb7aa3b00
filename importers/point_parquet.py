"""Tables of points in Parquet: read and written in units of many rows, columns as they are.

What is written lies in one file from the beginning. It grows by closed pieces, each with a footer of its own; the
last footer, which is the one that readers look at, names the rows of all of them. So a file that was broken off goes
on behind its last piece, and nothing is ever written twice.
"""

import base64
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import BadInput, NotFound, TooLarge
from importers.arrow_points import ADDED_FIELDS
from importers.point_columns import point_columns
from importers.point_places import GivenColumns
from importers.point_units import Mark, PointSink, PointSource, Unit

UNIT_ROWS: Final = 1 << 18
UNIT_BYTES: Final = 64 << 20
"""A unit has fewer rows where they are long."""
ROWS_BETWEEN_MARKS: Final = 1 << 20
_FEWEST_ROWS: Final = 64
_MAGIC: Final = b"PAR1"
_RATIO: Final = 1_000
_RATIO_COUNTS_FROM_BYTES: Final = 64 << 20
_SHORT_BYTES: Final = 4
_MOST_COLUMNS: Final = 10_000
_CODED: Final = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True, eq=False)
class ParquetUnit(Unit):
    """Some rows of a Parquet file."""

    batch: pa.RecordBatch

    def table(self) -> pa.Table:
        """Return the rows."""
        return pa.Table.from_batches([self.batch])


class ParquetSource(PointSource):
    """A Parquet file.

    Raises
    ------
    NotFound, BadInput
        ``points-broken-parquet`` for what is none, and what is wrong with its columns.
    TooLarge
        ``points-unpacks-too-large`` where it would unpack to far more than it is.
    """

    def __init__(self, path: Path, lon: str | None, lat: str | None, address: str | None = None) -> None:
        self._path = path
        _require_parquet(path)
        try:
            self._file = pq.ParquetFile(path)
            self._schema = self._file.schema_arrow
        except (pa.ArrowException, OSError, ValueError) as failure:
            raise _broken(path) from failure
        facts = self._file.metadata
        _require_moderate(path, facts)
        self.repeating = _repeating(facts)
        texts = [each.name for each in self._schema if pa.types.is_string(each.type) and each.name in self.repeating]
        # texts that repeat are never written out: that is faster, and a small file cannot swell
        self._file = pq.ParquetFile(path, read_dictionary=texts)
        self.coded = self._file.schema_arrow
        self.names = self._schema.names
        self.columns = point_columns(self.names, lon, lat, address)
        self.row_count = facts.num_rows
        unpacked = sum(facts.row_group(group).total_byte_size for group in range(facts.num_row_groups))
        fitting = UNIT_BYTES * max(facts.num_rows, 1) // max(unpacked, 1)
        self._unit_rows = max(_FEWEST_ROWS, min(UNIT_ROWS, fitting))

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns, and what the file says of them."""
        return self._schema

    @property
    def compression(self) -> str:
        """How the file is packed."""
        facts = self._file.metadata
        used = facts.row_group(0).column(0).compression if facts.num_row_groups and facts.num_columns else "SNAPPY"
        return used.lower() if used in ("SNAPPY", "GZIP", "ZSTD", "BROTLI", "LZ4") else "snappy"

    def units(self, mark: Mark | None) -> Iterator[Unit]:
        """Yield the rows; a mark is a group of rows and how many of its units lie before it."""
        group, done = (int(mark["group"]), int(mark["unit"])) if mark else (0, 0)
        facts = self._file.metadata
        try:
            for number in range(group, facts.num_row_groups):
                batches = self._file.iter_batches(batch_size=self._unit_rows, row_groups=[number], use_threads=False)
                for unit, batch in enumerate(batches):
                    if unit >= done:
                        yield ParquetUnit({"group": number, "unit": unit + 1}, self._given(batch), batch)
                done = 0
        except (pa.ArrowException, OSError) as failure:
            raise _broken(self._path) from failure

    def _given(self, batch: pa.RecordBatch) -> GivenColumns:
        places = self.columns
        lon, lat, crs, at, address = (
            None if place is None else batch.column(place)
            for place in (places.lon, places.lat, places.crs, places.at, places.address)
        )
        nothing = pa.nulls(batch.num_rows, pa.string())
        return GivenColumns(nothing if lon is None else lon, nothing if lat is None else lat, crs, at, address=address)


class ParquetSink(PointSink):
    """A Parquet file that grows by closed pieces.

    Parameters
    ----------
    draft
        The file; beside it lie the footers of what was marked.
    own
        Names and types of the columns that are kept.
    like
        The Parquet file that they come from.
    mark
        Where to go on; what lies behind it is cut off.
    """

    rows_between_marks = ROWS_BETWEEN_MARKS

    def __init__(self, draft: Path, own: pa.Schema, mark: Mark | None, like: ParquetSource | None = None) -> None:
        self._draft, self._own = draft, own
        self._compression = like.compression if like else "snappy"
        # written as dictionaries, while the file calls itself one of texts
        coded = [pa.field(each.name, _CODED) if each.type == pa.string() else each for each in ADDED_FIELDS]
        self._schema = pa.schema([*(like.coded if like else own), *coded])
        repeating = [each.name for each in own if pa.types.is_string(each.type)] if like is None else like.repeating
        self._repeating = [*repeating, *(each.name for each in coded if each.type == _CODED), "gw_border_m"]
        self._piece: _Piece | None = None
        self._whole: pq.FileMetaData | None = None
        if mark:
            os.truncate(draft, int(mark["bytes"]))
            self._whole = pq.read_metadata(self._footer(mark["bytes"]))
        else:
            draft.write_bytes(b"")

    def write(self, unit: Unit, added: Sequence[pa.Array]) -> None:
        """Write rows as a group of their own."""
        columns = unit.table().columns if len(self._own) else []
        coded = [each.cast(_CODED) if pa.types.is_dictionary(each.type) else each for each in added]
        table = pa.Table.from_arrays([*columns, *coded], schema=self._schema)
        if table.num_rows:
            self._open().writer.write_table(table, row_group_size=table.num_rows)

    def mark(self) -> Mark:
        """Close the piece, and bring it and the footer to the disk."""
        self._whole = whole = self._closed()
        size = self._draft.stat().st_size
        with self._footer(size).open("wb") as file:
            file.write(_footer_of(whole))
            os.fsync(file.fileno())
        # what was marked last may not have been saved: the one before is still needed
        footers = sorted(
            self._draft.parent.glob(f"{self._draft.name}.footer-*"), key=lambda path: path.stat().st_mtime_ns
        )
        for path in footers[:-2]:
            path.unlink()
        return {"bytes": size}

    def finish(self) -> Path:
        """Write the footer of all pieces."""
        whole = self._closed() if self._piece or self._whole is None else self._whole
        with self._draft.open("ab") as file:
            file.write(_footer_of(whole))
        return self._draft

    def close(self) -> None:
        """Let go of the file."""
        if self._piece is not None:
            # what the writer still has to say lies behind the last mark, where it is cut off
            with suppress(pa.ArrowException, OSError):
                self._piece.writer.close()
            self._piece.stream.close()

    def _footer(self, size: int) -> Path:
        return self._draft.with_name(f"{self._draft.name}.footer-{size}")

    def _closed(self) -> pq.FileMetaData:
        """Close the piece; return the facts of all of them."""
        stream, writer = self._open()
        writer.close()
        os.fsync(stream.fileno())
        stream.close()
        self._piece = None
        if self._whole is None:
            return writer.writer.metadata
        self._whole.append_row_groups(writer.writer.metadata)
        return self._whole

    def _open(self) -> "_Piece":
        if self._piece is None:
            stream = pa.OSFile(str(self._draft), "ab")
            # Arrow begins at 0 only. The system writes at the end all the same, and from then on places are true.
            os.lseek(stream.fileno(), 0, os.SEEK_SET)
            writer = pq.ParquetWriter(
                stream,
                self._schema,
                compression=self._compression,
                use_dictionary=self._repeating,
                write_statistics=[*self._own.names, "gw_status", "gw_grid_code", "gw_border_m"],
                store_schema=False,
            )
            writer.add_key_value_metadata(_told(self._own))
            self._piece = _Piece(stream, writer)
        return self._piece


class _Piece(NamedTuple):
    stream: pa.NativeFile
    writer: pq.ParquetWriter


def _footer_of(facts: pq.FileMetaData) -> bytes:
    sink = pa.BufferOutputStream()
    facts.write_metadata_file(sink)
    return sink.getvalue().to_pybytes()


def _repeating(facts: pq.FileMetaData) -> list[str]:
    """Return the columns that are short because their values repeat."""
    size_of: dict[str, list[int]] = {}
    for group in range(facts.num_row_groups):
        for number in range(facts.num_columns):
            column = facts.row_group(group).column(number)
            sizes = size_of.setdefault(column.path_in_schema, [0, 0])
            sizes[0] += column.total_uncompressed_size if column.has_dictionary_page else column.num_values << 4
            sizes[1] += column.num_values
    return [name for name, (size, values) in size_of.items() if size <= _SHORT_BYTES * values]


def _told(own: pa.Schema) -> dict[bytes, bytes]:
    """Return what the file says of itself: the types that its columns are meant to have, and what it said before."""
    meant = pa.schema([*own, *ADDED_FIELDS], own.metadata)
    return {**(own.metadata or {}), b"ARROW:schema": base64.b64encode(meant.serialize().to_pybytes())}


def _require_parquet(path: Path) -> None:
    place = {"file": path.name}
    if not path.exists():
        raise NotFound("ledger-no-such-file", place=place)
    if not path.is_file():
        raise BadInput("ledger-not-a-file", place=place)
    with path.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise _broken(path)


def _require_moderate(path: Path, facts: Any) -> None:
    if facts.num_columns > _MOST_COLUMNS:
        raise TooLarge(
            "points-too-many-columns", place={"file": path.name}, count=facts.num_columns, most=_MOST_COLUMNS
        )
    for group in range(facts.num_row_groups):
        for number in range(facts.num_columns):
            column = facts.row_group(group).column(number)
            packed, unpacked = max(column.total_compressed_size, 1), column.total_uncompressed_size
            if unpacked > _RATIO_COUNTS_FROM_BYTES and unpacked > _RATIO * packed:
                raise TooLarge("ledger-zip-bomb", place={"file": path.name}, ratio=unpacked // packed, most=_RATIO)


def _broken(path: Path) -> BadInput:
    return BadInput("points-broken-parquet", place={"file": path.name}, name=path.name)
