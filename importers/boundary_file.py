"""Boundary files: GeoJSON, GeoPackage, Shapefile, KML, GeoParquet, and zips of them, read as columns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import shapely

from geo.areas import Geometries, Texts, texts
from geo.crs import missing_crs, parse_crs, suspicious_numbers
from geo.errors import BadInput, GeoError
from importers.boundary_rows import BoundaryRows, Refusal
from importers.encoding import Encoding
from importers.fields import (
    FieldNames,
    code_text,
    field_names,
    hidden,
    inexact,
    is_plain,
    kind_text,
    marks,
    name_text,
    parent_text,
)
from importers.layers import Columns, Layer, described, read_columns
from importers.limits import Limits
from importers.source import Source, opened_source

CrsOrigin = Literal["given", "file", "format"]
Bounds = tuple[float, float, float, float]

# RFC 7946 and KML fix WGS 84. Files of map vendors are GCJ-02 all the same, so the report says what was taken.
_CRS_OF_FORMAT: Final = {"GeoJSON": "wgs84", "KML": "wgs84"}
_MOST_OF_A_FILE: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class BoundaryFile:
    """A boundary file, read but not yet judged row by row.

    Attributes
    ----------
    name, format, layer
        What was read.
    sha256
        Digest of the file as given; of a Shapefile, of its ``.shp``, ``.dbf``, ``.prj`` and ``.cpg`` in this order.
    encoding
        Encoding of the texts and how it was decided.
    crs_text
        The CRS taken, as it was written: ``EPSG:n``, WKT, PROJJSON, or a name of :func:`geo.crs.parse_crs`.
    crs_origin
        ``"given"`` by the planner, declared by the ``"file"``, or fixed by the ``"format"`` of a file that declares
        nothing (GeoJSON, KML: WGS 84, though Ovital from 9.3 on and map vendors write GCJ-02 into them).
    geographic
        Whether coordinates are degrees.
    codes_assigned
        Whether codes are to be assigned, so that rows without one are in order.
    columns
        All fields of the file.
    used
        Which field holds what.
    rows
        The rows; geometries in the file's own CRS.
    bounds
        West, south, east, north of all finite coordinates in the file's own CRS; NaN without any.
    refusals
        Rows whose codes cannot be taken as they are.
    remarks
        What was changed or assumed in reading.
    """

    name: str
    format: str
    layer: str
    sha256: str
    encoding: Encoding
    crs_text: str
    crs_origin: CrsOrigin
    geographic: bool
    codes_assigned: bool
    columns: tuple[str, ...]
    used: FieldNames
    rows: BoundaryRows
    bounds: Bounds
    refusals: tuple[Refusal, ...]
    remarks: tuple[GeoError, ...]


def read_boundaries(
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    code_field: str | None = None,
    name_field: str | None = None,
    parent_field: str | None = None,
    parent_text_field: str | None = None,
    crs_text: str | None = None,
    assign_codes: bool = False,
    limits: Limits | None = None,
) -> BoundaryFile:
    """Read a boundary file that may come from anyone.

    Parameters
    ----------
    path
        A plain local file of one of the known formats.
    layer
        Layer, or file in an archive, where there are several.
    encoding
        Encoding of a DBF's texts, when neither the file nor its texts tell it rightly.
    code_field, name_field, parent_field
        Fields by name; found by the names that planners use when not given. A parent is a code.
    parent_text_field
        Field whose text names the parent, for ``--derive-parents``.
    crs_text
        CRS of the coordinates; overrides what the file declares.
    assign_codes
        Codes will be assigned: no code field is needed, and what the file has as code becomes the local code.
    limits
        What is refused; the defaults of :class:`~importers.limits.Limits` when not given.

    Raises
    ------
    BadInput, NotFound, TooLarge
        For a file that cannot be read whole, has no feature, no code field or no CRS, or whose numbers contradict
        the CRS. Defects of single rows are no error here: see :func:`importers.geometry_rows.checked_rows`.
    """
    limits = limits or Limits()
    with opened_source(path, layer, encoding, limits) as source:
        found = described(source, encoding)
        used = field_names(
            source.name,
            found.fields,
            code=code_field,
            name=name_field,
            parent=parent_field,
            parent_text=parent_text_field,
            codes_needed=not assign_codes,
        )
        columns = read_columns(source, found, used.wanted(), limits)
    if not len(columns.geoms):
        place = {"file": source.name}
        raise BadInput("empty-layer", place=place, name=source.name, layer=", ".join(found.names))
    return _assembled(source, found, used, columns, crs_text, assign_codes=assign_codes)


def _assembled(
    source: Source, found: Layer, used: FieldNames, columns: Columns, crs_text: str | None, *, assign_codes: bool
) -> BoundaryFile:
    bounds, each = bounds_of(columns.geoms)
    crs, origin = crs_of(source, crs_text, found.crs_text, bounds)
    geographic = check_numbers(crs, bounds, each, source.name)
    refusals, remarks = _text_defects(source.name, used, columns)
    if origin == "format":
        place = {"file": source.name}
        remarks += (BadInput("taken-as-wgs84", place=place, name=source.name, format=source.format),)
    return BoundaryFile(
        name=source.name,
        format=source.format,
        layer=source.stem if source.format in {"Shapefile", "GeoJSON"} else ", ".join(found.names),
        sha256=source.sha256,
        encoding=found.encoding,
        crs_text=crs,
        crs_origin=origin,
        geographic=geographic,
        codes_assigned=assign_codes,
        columns=found.fields,
        used=used,
        rows=_rows(used, columns, assign_codes=assign_codes),
        bounds=bounds,
        refusals=refusals,
        remarks=remarks,
    )


def _rows(used: FieldNames, columns: Columns, *, assign_codes: bool) -> BoundaryRows:
    count = len(columns.geoms)

    def column(field: str | None, plain: Callable[[Any], str]) -> Texts:
        return texts([""] * count if field is None else [plain(value) for value in columns.values[field]])

    def marked(field: str | None) -> npt.NDArray[np.bool_]:
        return np.zeros(count, dtype=bool) if field is None else marks(columns.values[field])

    codes, local_codes = column(used.code, code_text), column(used.local_code, code_text)
    if assign_codes:
        local_codes = np.where(local_codes == "", codes, local_codes)
        codes = texts([""] * count)
    names = column(used.name, name_text)
    return BoundaryRows(
        numbers=np.arange(1, count + 1),
        codes=codes,
        names=np.where(names == "", np.where(codes == "", local_codes, codes), names),
        parents=column(used.parent, parent_text),
        parent_texts=column(used.parent_text, name_text),
        local_codes=local_codes,
        kinds=column(used.kind, kind_text),
        categories=column(used.category, name_text),
        not_subdivided=marked(used.not_subdivided),
        fully_divided=marked(used.fully_divided),
        geoms=columns.geoms,
        unclosed=columns.unclosed,
        unreadable=columns.unreadable,
    )


def _text_defects(file: str, used: FieldNames, columns: Columns) -> tuple[tuple[Refusal, ...], tuple[GeoError, ...]]:
    """Find codes that lost digits or hide characters, and names that were cleaned."""
    refusals = []
    for row, value in enumerate(columns.values[used.code] if used.code else (), start=1):
        if is_plain(value):
            continue
        code = code_text(value)
        if inexact(value):
            place = {"file": file, "row": row, "code": code}
            refusals.append(Refusal(row, code, BadInput("code-not-exact", place=place, row=row, code=code)))
        elif not (code.isascii() and code.isprintable()) and (not code.isprintable() or any(map(hidden, code))):
            shown = ascii(code)
            place = {"file": file, "row": row, "code": shown}
            error = BadInput("control-characters", place=place, row=row, code=shown)
            refusals.append(Refusal(row, code, error))
    cleaned = [
        row
        for row, value in enumerate(columns.values[used.name] if used.name else (), start=1)
        if isinstance(value, str) and not value.isprintable() and any(map(hidden, value))
    ]
    if not cleaned:
        return tuple(refusals), ()
    place = {"file": file, "row": cleaned[0]}
    return tuple(refusals), (BadInput("names-cleaned", place=place, name=file, count=len(cleaned), row=cleaned[0]),)


def bounds_of(geoms: Geometries) -> tuple[Bounds, npt.NDArray[np.float64]]:
    """Return the bounds of all rows with finite ones, and those of each row that has, shape (m, 4)."""
    each = shapely.bounds(geoms)
    each = each[np.isfinite(each).all(axis=1)]
    if not len(each):
        return (np.nan, np.nan, np.nan, np.nan), each
    (west, south), (east, north) = each[:, :2].min(axis=0), each[:, 2:].max(axis=0)
    return (float(west), float(south), float(east), float(north)), each


def crs_of(source: Source, given: str | None, declared: str | None, bounds: Bounds) -> tuple[str, CrsOrigin]:
    """Return the CRS of a file and who says so: the caller, the file, or its format."""
    if given is not None:
        return given, "given"
    if declared is not None:
        return declared, "file"
    if source.format in _CRS_OF_FORMAT:
        return _CRS_OF_FORMAT[source.format], "format"
    raise missing_crs(bounds)


def check_numbers(crs_text: str, bounds: Bounds, each: npt.NDArray[np.float64], file: str) -> bool:
    """Refuse numbers that contradict the CRS; return whether it is geographic.

    A few rows beyond the degrees are those rows' defect, most of them beyond are the whole file's.
    """
    crs = parse_crs(crs_text)
    geographic = crs.kind != "projected"
    beyond = (np.abs(each[:, [0, 2]]) > 180).any(axis=1) | (np.abs(each[:, [1, 3]]) > 90).any(axis=1)
    few = geographic and beyond.any() and beyond.mean() < _MOST_OF_A_FILE
    if len(each) and not few:
        doubt = suspicious_numbers(bounds, crs)
        if doubt is not None:
            doubt.place.setdefault("file", file)
            raise doubt
    return geographic
