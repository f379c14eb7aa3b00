"""Arrow record batches of points: what their rows say, and the answers as columns beside them."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from geo.errors import GeoError
from geo.locate.records import Answer
from geo.messages import Language
from importers.point_cells import answer_cells, refusal_cells
from importers.point_columns import ADDED, PointColumns
from importers.point_locating import REFUSED
from importers.point_places import cell_words
from importers.point_rows import Given

_TYPES: Final = {"gw_certain": pa.bool_(), "gw_border_m": pa.float64()}
ADDED_FIELDS: Final = tuple(pa.field(name, _TYPES.get(name, pa.string())) for name in ADDED)
"""Empty cells are null."""


def givens_of(batch: pa.RecordBatch, columns: PointColumns) -> list[Given | GeoError]:
    """Return what each row says."""
    lon, lat = (batch.column(place).to_pylist() for place in (columns.lon, columns.lat))
    crs, at = (_texts(batch, place) for place in (columns.crs, columns.at))
    return [Given(*each) for each in zip(lon, lat, crs, at, strict=True)]


def _texts(batch: pa.RecordBatch, place: int | None) -> Sequence[str]:
    if place is None:
        return [""] * batch.num_rows
    return [cell_words(value) for value in batch.column(place).to_pylist()]


def added_columns(outcomes: Sequence[Answer | GeoError], lang: Language) -> list[pa.Array]:
    """Return the columns of the answers."""
    rows = [
        refusal_cells(each, REFUSED, lang) if isinstance(each, GeoError) else answer_cells(each, lang)
        for each in outcomes
    ]
    columns = zip(*rows, strict=True)
    return [_column(field, cells) for field, cells in zip(ADDED_FIELDS, columns, strict=True)]


def _column(field: pa.Field, cells: Sequence[str]) -> pa.Array:
    if field.type == pa.bool_():
        return pa.array([cell == "true" for cell in cells])
    read = float if field.type == pa.float64() else str
    return pa.array([read(cell) if cell else None for cell in cells], field.type)
