"""Layers to files, row by row: GeoJSON with canonical coordinates, GeoParquet in row groups, CSV."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from geo.areas import Geometries
from importers.sample.naming import SOURCE

Columns = Mapping[str, Sequence[Any]]
_CRS_URN: Final = "urn:ogc:def:crs:EPSG::4490"
_ARROW: Final = {bool: pa.bool_(), int: pa.int64(), str: pa.string()}


class LayerFile(Protocol):
    """A file that takes rows of one layer, a part at a time."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def write(self, columns: Columns, geoms: Geometries) -> None:
        """Write rows: every column and the geometries have the same length."""


class GeoJsonFile:
    """GeoJSON in CGCS2000 (named in the file), every coordinate with seven decimals."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._lead = "\n"

    def __enter__(self) -> Self:
        head = {"type": "FeatureCollection", "source": SOURCE}
        crs = {"type": "name", "properties": {"name": _CRS_URN}}
        self._file.write(_json(head)[:-1] + f',"crs":{_json(crs)},"features":[')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._file.write("\n]}\n")
        self._file.close()

    def write(self, columns: Columns, geoms: Geometries) -> None:
        """Write one feature a line."""
        for values, geom in zip(zip(*columns.values(), strict=True), geoms, strict=True):
            properties = _json(dict(zip(columns, values, strict=True)))
            self._file.write(
                f'{self._lead}{{"type":"Feature","properties":{properties},"geometry":{geometry_text(geom)}}}'
            )
            self._lead = ",\n"


class GeoParquetFile:
    """GeoParquet 1.1 in CGCS2000: WKB, one row group for each part."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, columns: Columns, geoms: Geometries) -> None:
        """Write one row group."""
        arrays = {name: pa.array(values, _ARROW[type(values[0])]) for name, values in columns.items()}
        arrays["geometry"] = pa.array(shapely.to_wkb(geoms), pa.binary())
        table = pa.table(arrays).replace_schema_metadata({"geo": _geo_metadata(geoms)})
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[tuple[object, ...]]) -> int:
    """Write a ledger in UTF-8; return the number of rows."""
    count = 0

    def counted() -> Iterator[tuple[object, ...]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(counted())
    return count


def geometry_text(geom: shapely.Geometry) -> str:
    """Return a Polygon, MultiPolygon or LineString as GeoJSON text with seven decimals."""
    kind = geom.geom_type
    if isinstance(geom, shapely.MultiPolygon):
        coordinates = f"[{','.join(_polygon_text(part) for part in geom.geoms)}]"
    elif isinstance(geom, shapely.Polygon):
        coordinates = _polygon_text(geom)
    else:
        coordinates = _line_text(geom)
    return f'{{"type":"{kind}","coordinates":{coordinates}}}'


def _polygon_text(polygon: shapely.Polygon) -> str:
    return f"[{','.join(_line_text(ring) for ring in (polygon.exterior, *polygon.interiors))}]"


def _line_text(line: shapely.Geometry) -> str:
    flat = shapely.get_coordinates(line).ravel().tolist()
    pattern = ",".join(["[%.7f,%.7f]"] * (len(flat) // 2))
    return f"[{pattern % tuple(flat)}]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _geo_metadata(geoms: Geometries) -> str:
    column = {
        "encoding": "WKB",
        "geometry_types": ["LineString"] if geoms[0].geom_type == "LineString" else ["MultiPolygon", "Polygon"],
        "crs": pyproj.CRS.from_epsg(4490).to_json_dict(),
    }
    return _json({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}})
