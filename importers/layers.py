"""Reading a layer of a judged file in batches: named drivers of GDAL through pyogrio, GeoParquet through pyarrow."""

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors
import pyproj
import pyproj.exceptions
import shapely

from geo.areas import Geometries, Texts
from geo.errors import BadInput, TooLarge
from importers.drivers import lock_down
from importers.encoding import Encoding, dbf_encoding, from_raw
from importers.limits import Limits
from importers.source import Source

_BATCH_ROWS: Final = 8192
_RAW: Final = "ISO-8859-1"
_OPTIONS: Final[dict[str, dict[str, str]]] = {"GeoPackage": {"IMMUTABLE": "YES", "NOLOCK": "YES"}}
_FAILURES: Final = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.CRSError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
    pa.ArrowException,
    UnicodeError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """What a layer says of itself.

    Attributes
    ----------
    names
        The layers to read: one, but for KML, where every folder of placemarks is a layer.
    fields
        Names of its fields as the planner sees them.
    raw_fields
        The same names as the reader knows them (a DBF is read byte for byte).
    crs_text
        ``EPSG:n``, WKT or PROJJSON as the file declares it; ``None`` when it declares nothing.
    encoding
        Of its texts.
    """

    names: tuple[str, ...]
    fields: tuple[str, ...]
    raw_fields: tuple[str, ...]
    crs_text: str | None
    encoding: Encoding


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The rows of a layer.

    Attributes
    ----------
    values
        Python values by field, each of shape (n,).
    geoms
        shapely, source CRS, 2D, shape (n,); ``None`` where there is none or it cannot be read.
    unclosed, unreadable
        Rows whose rings had to be closed to be read at all, and rows whose bytes are no geometry, shape (n,).
    """

    values: dict[str, Texts]
    geoms: Geometries
    unclosed: npt.NDArray[np.bool_]
    unreadable: npt.NDArray[np.bool_]


def described(source: Source, encoding: str | None) -> Layer:
    """Return what a file's layer says of itself.

    Raises
    ------
    BadInput
        For a file that its reader refuses, an unknown layer, or several without a choice.
    """
    with _reading(source):
        if source.format == "GeoParquet":
            return _parquet_layer(source)
        return _gdal_layer(source, encoding)


def read_columns(source: Source, layer: Layer, wanted: Sequence[str], limits: Limits) -> Columns:
    """Read some fields and the geometry of every row.

    Raises
    ------
    BadInput, TooLarge
        For a damaged file, a wanted field that stands twice, or more vertices than the limit.
    """
    for field in wanted:
        if layer.fields.count(field) > 1:
            raise BadInput(
                "same-field-twice", place={"file": source.name, "field": field}, name=source.name, field=field
            )
    raw = [layer.raw_fields[layer.fields.index(field)] for field in wanted]
    values: dict[str, list[Any]] = {field: [] for field in wanted}
    shapes: list[tuple[Geometries, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]] = []
    raw_codec = layer.encoding.name if source.format == "Shapefile" else None
    vertices = 0
    with _reading(source):
        for batch, geometry in _batches(source, layer, raw):
            for field, name in zip(wanted, raw, strict=True):
                values[field] += _python_values(batch, name, raw_codec)
            shapes.append(_shapes(batch.column(geometry)))
            vertices += int(shapely.get_num_coordinates(shapes[-1][0]).sum())
            if vertices > limits.vertices:
                place = {"file": source.name}
                raise TooLarge("too-many-vertices", place=place, name=source.name, limit=limits.vertices)
    columns = {field: _objects(column) for field, column in values.items()}
    if not shapes:
        none = np.zeros(0, dtype=bool)
        return Columns(columns, np.empty(0, dtype=object), none, none)
    geoms, unclosed, unreadable = (np.concatenate(parts) for parts in zip(*shapes, strict=True))
    return Columns(columns, geoms, unclosed, unreadable)


def read_table(source: Source, layer: Layer) -> pa.Table:
    """Read all fields of every row, as the file types them, without the geometry.

    Raises
    ------
    BadInput
        For a damaged file, or a field that stands twice.
    """
    twice = next((field for field in layer.fields if layer.fields.count(field) > 1), None)
    if twice is not None:
        raise BadInput("same-field-twice", place={"file": source.name, "field": twice}, name=source.name, field=twice)
    raw_codec = layer.encoding.name if source.format == "Shapefile" else None
    tables = []
    with _reading(source):
        for batch, _ in _batches(source, layer, list(layer.raw_fields)):
            have = [name in batch.schema.names for name in layer.raw_fields]
            columns = [
                _decoded(batch.column(name), raw_codec) if there else pa.nulls(batch.num_rows)
                for name, there in zip(layer.raw_fields, have, strict=True)
            ]
            tables.append(pa.table(columns, names=list(layer.fields)))
        return pa.concat_tables(tables, promote_options="permissive")


def _decoded(column: pa.Array, raw_codec: str | None) -> pa.Array:
    if raw_codec is None or not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    return pa.array(
        [None if value is None else from_raw(value, raw_codec) for value in column.to_pylist()], pa.string()
    )


@contextmanager
def _reading(source: Source) -> Iterator[None]:
    """Turn what readers say of a file into one refusal, without our private paths."""
    try:
        with warnings.catch_warnings(), np.errstate(invalid="ignore"):
            # GDAL warns of unclosed rings and the like; the rows are judged by geometry_rows.
            warnings.simplefilter("ignore", RuntimeWarning)
            warnings.simplefilter("ignore", UserWarning)
            yield
    except _FAILURES as failure:
        said = re.sub(r"\S*gridwarden-\S*", "…", str(failure)).splitlines() or [type(failure).__name__]
        facts = {"name": source.name, "format": source.format, "reason": said[0].split(";")[0][:200]}
        raise BadInput("unreadable-file", place={"file": source.name}, **facts) from failure


def _gdal_layer(source: Source, encoding: str | None) -> Layer:
    lock_down()
    names = _layer_names(source)
    texts = source.encoding
    if source.format == "Shapefile":
        dbf, cpg = source.path.with_suffix(".dbf"), source.path.with_suffix(".cpg")
        texts = dbf_encoding(dbf, cpg if cpg.exists() else None, encoding, source.name)
    infos = [_info(source, name) for name in names]
    if not any(info["features"] for info in infos):
        raise BadInput("empty-layer", place={"file": source.name}, name=source.name, layer=", ".join(names))
    raw = tuple(dict.fromkeys(str(field) for info in infos for field in info["fields"]))
    fields = tuple(from_raw(field, texts.name) for field in raw) if source.format == "Shapefile" else raw
    return Layer(names, fields, raw, _declared_crs(source, infos[0]["crs"]), texts)


def _info(source: Source, layer: str) -> dict[str, Any]:
    encoding = _RAW if source.format == "Shapefile" else None
    options = _OPTIONS.get(source.format, {})
    return cast(dict[str, Any], pyogrio.read_info(source.path, layer=layer, encoding=encoding, **options))


def _layer_names(source: Source) -> tuple[str, ...]:
    """Return the layers to read: what was asked for, the only one, or all folders of a KML."""
    names = tuple(str(name) for name, geometry_type in pyogrio.list_layers(source.path) if geometry_type is not None)
    place = {"file": source.name}
    if not names:
        raise BadInput("empty-layer", place=place, name=source.name, layer=source.stem)
    if source.format in {"Shapefile", "GeoJSON"}:
        _require_layer(source, (source.stem, *names))
        return names[:1]
    if source.layer is not None:
        _require_layer(source, names)
        return (source.layer,)
    if len(names) > 1 and source.format != "KML":
        raise BadInput("several-layers", place=place, name=source.name, known=", ".join(names))
    return names


def _require_layer(source: Source, known: tuple[str, ...]) -> None:
    if source.layer is not None and source.layer not in known:
        facts = {"name": source.name, "layer": source.layer, "known": ", ".join(dict.fromkeys(known))}
        raise BadInput("unknown-layer", place={"file": source.name}, **facts)


def _declared_crs(source: Source, found: object) -> str | None:
    """Return the CRS that the file itself declares; GDAL adds WGS 84 to a GeoJSON and KML of its own accord."""
    if source.format == "Shapefile":
        prj = source.path.with_suffix(".prj")
        return (prj.read_bytes().decode("utf-8", "replace").strip("\ufeff\0 \r\n") or None) if prj.exists() else None
    if source.format == "KML" or (source.format == "GeoJSON" and not source.declares_crs):
        return None
    text = str(found or "")
    return None if not text or re.search(r'"Undefined|"Unknown', text, re.IGNORECASE) else text


def _parquet_layer(source: Source) -> Layer:
    _require_layer(source, (source.stem,))
    schema = pq.read_schema(source.path)
    geometry, about = _geometry_column(schema, source.name)
    fields = tuple(name for name in schema.names if name != geometry)
    return Layer((source.stem,), fields, fields, _crs_of_projjson(about.get("crs", "OGC:CRS84")), source.encoding)


def _geometry_column(schema: pa.Schema, name: str) -> tuple[str, dict[str, Any]]:
    """Return the name and metadata of the primary geometry column, which must be WKB."""
    try:
        about = json.loads((schema.metadata or {})[b"geo"])
        column = about["primary_column"]
        geometry = about["columns"][column]
        usable = geometry["encoding"] == "WKB" and _is_binary(schema.field(column).type)
    except (KeyError, TypeError, ValueError, RecursionError):
        usable = False
    if not usable:
        raise BadInput("no-geo-metadata", place={"file": name}, name=name)
    return column, geometry


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _crs_of_projjson(crs: object) -> str | None:
    """Return ``EPSG:n`` where the description carries that id, the description itself otherwise."""
    if not isinstance(crs, dict):
        return "wgs84" if crs == "OGC:CRS84" else None
    try:
        authority = pyproj.CRS.from_json_dict(crs).to_authority(min_confidence=100)
    except pyproj.exceptions.CRSError:
        authority = None
    if authority is None:
        return json.dumps(crs)
    return "wgs84" if authority == ("OGC", "CRS84") else ":".join(authority)


def _batches(source: Source, layer: Layer, fields: list[str]) -> Iterator[tuple[pa.RecordBatch, str]]:
    if source.format == "GeoParquet":
        with pq.ParquetFile(source.path) as opened:
            geometry, _ = _geometry_column(opened.schema_arrow, source.name)
            for batch in opened.iter_batches(_BATCH_ROWS, columns=[*fields, geometry]):
                yield batch, geometry
        return
    encoding = _RAW if source.format == "Shapefile" else None
    for name in layer.names:
        have = set(_info(source, name)["fields"]) if len(layer.names) > 1 else set(fields)
        with pyogrio.open_arrow(
            source.path,
            layer=name,
            columns=[field for field in fields if field in have],
            encoding=encoding,
            batch_size=_BATCH_ROWS,
            use_pyarrow=True,
            **_OPTIONS.get(source.format, {}),
        ) as (meta, reader):
            for batch in reader:
                yield batch, meta["geometry_name"] or "wkb_geometry"


def _python_values(batch: pa.RecordBatch, field: str, raw_codec: str | None) -> list[Any]:
    if field not in batch.schema.names:
        return [None] * batch.num_rows
    values: list[Any] = batch.column(field).to_pylist()
    if raw_codec is None:
        return values
    return [from_raw(value, raw_codec) if isinstance(value, str) else value for value in values]


def _shapes(
    column: pa.Array,
) -> tuple[Geometries, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    wkb = _objects(column.to_pylist())
    geoms = shapely.from_wkb(wkb, on_invalid="ignore")
    failed = shapely.is_missing(geoms) & (wkb != np.array(None))
    unclosed = failed.copy()
    if failed.any():
        geoms[failed] = shapely.from_wkb(wkb[failed], on_invalid="fix")
        unclosed = failed & ~shapely.is_missing(geoms)
    return shapely.force_2d(geoms), unclosed, failed & ~unclosed


def _objects(values: Sequence[Any]) -> Texts:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
