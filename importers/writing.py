"""Writing boundaries to a file that other programs read: GeoJSON, GeoPackage, Shapefile, GeoParquet."""

import errno
import json
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.errors
import pyproj
import shapely

from geo.areas import Areas, Geometries
from geo.errors import BadInput
from importers.drivers import lock_down

DRIVERS: Final = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
}
# Seven decimals of a degree are the lattice: what is written reads back as the same doubles.
LAYER_OPTIONS: Final = {"GeoJSON": {"COORDINATE_PRECISION": "7", "RFC7946": "NO"}}
_REFUSALS: Final = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.FieldError,
    pyogrio.errors.GeometryError,
)
_MULTIPOLYGON: Final = 6
_SIDE_PARTS: Final = (".shx", ".dbf", ".prj", ".cpg")


def write_boundaries(
    path: Path,
    areas: Areas,
    attributes: Mapping[str, Sequence[Any]] | None = None,
    *,
    crs_text: str = "EPSG:4490",
    encoding: str = "UTF-8",
) -> None:
    """Write areas with ``code``, ``name``, ``parent``, ``level`` and further attributes; the extension says the format.

    The file is written beside its place and moved there when it is whole. A Shapefile's parts move one by one, the
    ``.shp`` last.

    Parameters
    ----------
    path
        ``.geojson``, ``.gpkg``, ``.shp`` or ``.parquet``. What was there is replaced.
    areas
        Boundaries in ``crs_text``; rows without one are written without one.
    attributes
        Further columns by name, each of shape (n,).
    crs_text
        What pyproj understands.
    encoding
        Of a Shapefile's texts, ``UTF-8`` or ``GBK``; the ``.cpg`` says which. Other formats are UTF-8.

    Raises
    ------
    BadInput
        ``unknown-output-format``, ``no-such-folder`` or ``cannot-write``.
    """
    columns = {
        "code": areas.codes,
        "name": areas.names,
        "parent": areas.parents,
        "level": np.full(len(areas), areas.level, dtype=object),
    }
    columns |= {field: np.asarray(values) for field, values in (attributes or {}).items()}
    with drafted(path) as draft:
        if DRIVERS[draft.suffix] == "GeoParquet":
            _write_parquet(draft, areas.geoms, columns, crs_text)
        else:
            _write_with_gdal(draft, areas.geoms, columns, crs_text, encoding)


def require_writable(path: Path) -> None:
    """Refuse a place where no boundary file can stand.

    Raises
    ------
    BadInput
        ``unknown-output-format``, ``no-such-folder`` or ``cannot-write``.
    """
    name, extension = path.name, path.suffix.lower()
    if extension not in DRIVERS:
        known = " ".join(DRIVERS)
        facts = {"name": name, "extension": extension or "-", "known": known}
        raise BadInput("unknown-output-format", place={"file": name}, **facts)
    if not path.parent.is_dir():
        raise BadInput("no-such-folder", place={"file": name}, name=str(path.parent))
    if path.is_dir():
        raise BadInput("cannot-write", place={"file": name}, name=name, reason=os.strerror(errno.EISDIR))


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a private place to write a boundary file to; move it to ``path`` when it is whole.

    Raises
    ------
    BadInput
        As :func:`require_writable`.
    """
    require_writable(path)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}-", dir=path.parent) as private:
            draft = Path(private) / f"{path.stem}{path.suffix.lower()}"
            yield draft
            _move(draft, path)
    except (OSError, pa.ArrowException, *_REFUSALS) as failure:
        reason = (
            os.strerror(failure.errno) if isinstance(failure, OSError) and failure.errno else type(failure).__name__
        )
        raise BadInput("cannot-write", place={"file": path.name}, name=path.name, reason=reason) from failure


@contextmanager
def quiet() -> Iterator[None]:
    """Keep GDAL from telling of every field name that a DBF cuts to ten characters, and of a CRS that nobody gave."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def geo_metadata(column: str, geoms: Geometries, crs_text: str | None) -> dict[str, Any]:
    """Return what a GeoParquet file says of its geometry."""
    crs = None if crs_text is None else pyproj.CRS.from_user_input(crs_text).to_json_dict()
    kinds = sorted({shape.geom_type for shape in geoms if shape is not None})
    about = {"encoding": "WKB", "geometry_types": kinds, "crs": crs}
    return {"version": "1.1.0", "primary_column": column, "columns": {column: about}}


def _write_with_gdal(draft: Path, geoms: Geometries, columns: Mapping[str, Any], crs_text: str, encoding: str) -> None:
    lock_down()
    driver = DRIVERS[draft.suffix]
    multi = bool((shapely.get_type_id(geoms) == _MULTIPOLYGON).any())
    with quiet():
        pyogrio.raw.write(
            draft,
            geometry=shapely.to_wkb(geoms),
            field_data=list(columns.values()),
            fields=np.array(list(columns), dtype=object),
            layer=draft.stem,
            driver=driver,
            geometry_type="MultiPolygon" if multi else "Polygon",
            # A GeoPackage column is of one type; the other formats keep each row's own.
            promote_to_multi=multi and driver == "GPKG",
            crs=crs_text,
            encoding=encoding if driver == "ESRI Shapefile" else None,
            layer_options=LAYER_OPTIONS.get(driver),
        )


def _write_parquet(draft: Path, geoms: Geometries, columns: Mapping[str, Any], crs_text: str) -> None:
    about = geo_metadata("geometry", geoms, crs_text)
    arrays = {field: pa.array(list(values)) for field, values in columns.items()}
    arrays["geometry"] = pa.array(shapely.to_wkb(geoms), type=pa.binary())
    table = pa.table(arrays).replace_schema_metadata({"geo": json.dumps(about)})
    pq.write_table(table, draft, compression="zstd")


def _move(draft: Path, path: Path) -> None:
    """Put a finished file in its place; of a Shapefile, the side parts first."""
    for suffix in _SIDE_PARTS if path.suffix.lower() == ".shp" else ():
        part, place = draft.with_suffix(suffix), path.with_suffix(suffix)
        if part.exists():
            part.replace(place)
        else:
            place.unlink(missing_ok=True)
    draft.replace(path)
