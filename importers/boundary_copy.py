"""A copy of a boundary file with other boundaries: all its rows in their order, all its fields."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely

from geo.areas import Geometries
from geo.crs import parse_crs
from geo.errors import BadInput
from geo.lattice import is_on_lattice
from importers.boundary_file import BoundaryFile
from importers.drivers import lock_down
from importers.layers import described, read_table
from importers.limits import Limits
from importers.source import opened_source
from importers.writing import DRIVERS, LAYER_OPTIONS, drafted, geo_metadata, quiet

_DIGITS: Final = 19
"""Behind the first: seventeen tell any two doubles apart, and GDAL takes the last two for rounding."""
_POLYGONS: Final = (3, 6)
_RESERVED: Final = "gridwarden_"


def write_copy(
    path: Path,
    original: Path,
    file: BoundaryFile,
    geoms: Geometries,
    crs: str,
    *,
    layer: str | None = None,
    encoding: str | None = None,
) -> None:
    """Write a file again with other boundaries; the extension says the format.

    Parameters
    ----------
    path
        As for :func:`importers.writing.write_boundaries`.
    original, file
        The file, and what was read of it.
    geoms
        A boundary for each of its rows, None for none, shape (n,).
    crs
        Of the boundaries, as :func:`importers.checking.crs_name` calls it; a shifted system is written without.
    layer, encoding
        As they were given to read the original.

    Raises
    ------
    BadInput
        ``file-changed``, and as :func:`importers.writing.require_writable`.
    """
    with opened_source(original, layer, encoding, Limits()) as source:
        if source.sha256 != file.sha256:
            raise BadInput("file-changed", place={"file": file.name}, name=file.name)
        table = read_table(source, described(source, encoding))
    known = None if parse_crs(crs).kind == "offset" else crs
    with drafted(path) as draft:
        if DRIVERS[draft.suffix] == "GeoParquet":
            _write_parquet(draft, table, geoms, known)
        else:
            _write_with_gdal(draft, table, geoms, known)


def _write_with_gdal(draft: Path, table: pa.Table, geoms: Geometries, crs: str | None) -> None:
    lock_down()
    driver = DRIVERS[draft.suffix]
    kinds = set(shapely.get_type_id(geoms[~shapely.is_missing(geoms)]).tolist())
    multi = 6 in kinds and driver != "GeoJSON"
    kind = ("MultiPolygon" if multi else "Polygon") if kinds <= set(_POLYGONS) else "Unknown"
    shapes = _all_multi(geoms) if kind == "MultiPolygon" else geoms
    names = {name.lower() for name in table.column_names}
    column = _free("geom", names)
    options = {"GPKG": {"FID": _free("fid", names), "GEOMETRY_NAME": column}}.get(driver, {})
    if driver == "GeoJSON":
        options = LAYER_OPTIONS[driver] | {"COORDINATE_PRECISION": str(_decimals(geoms))}
    plain = pa.table([_plain(table.column(name)) for name in table.column_names], names=table.column_names)
    with quiet():
        pyogrio.write_arrow(
            plain.append_column(column, pa.array(shapely.to_wkb(shapes), pa.binary())),
            draft,
            layer=draft.stem,
            driver=driver,
            geometry_name=column,
            geometry_type=kind,
            crs=crs,
            encoding="UTF-8" if driver == "ESRI Shapefile" else None,
            layer_options=options,
        )


def _decimals(geoms: Geometries) -> int:
    """Return how many decimals tell all coordinates apart from their neighbours; the lattice has seven."""
    with np.errstate(invalid="ignore"):
        if is_on_lattice(geoms):
            return int(LAYER_OPTIONS["GeoJSON"]["COORDINATE_PRECISION"])
    sizes = np.abs(shapely.get_coordinates(geoms))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return _DIGITS - int(np.floor(np.log10(sizes.min(initial=1.0))))


def _write_parquet(draft: Path, table: pa.Table, geoms: Geometries, crs: str | None) -> None:
    column = _free("geometry", set(table.column_names))
    about = geo_metadata(column, geoms, crs)
    whole = table.append_column(column, pa.array(shapely.to_wkb(geoms), pa.binary()))
    pq.write_table(whole.replace_schema_metadata({"geo": json.dumps(about)}), draft, compression="zstd")


def _free(name: str, taken: set[str]) -> str:
    """Return a name for a column of our own."""
    return _RESERVED + name if name in taken else name


def _all_multi(geoms: Geometries) -> Geometries:
    shapes = geoms.copy()
    for row in np.flatnonzero(shapely.get_type_id(geoms) == _POLYGONS[0]):
        shapes[row] = shapely.multipolygons([geoms[row]])
    return shapes


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of a type that GDAL knows: numbers, texts, dates; anything else as JSON text."""
    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_decimal(kind):
        return column.cast(pa.float64())
    simple = (
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_date,
        pa.types.is_timestamp,
    )
    if any(is_simple(kind) for is_simple in simple):
        return column
    return pa.chunked_array([pa.array([_as_text(value) for value in column.to_pylist()], pa.string())])


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
