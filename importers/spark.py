"""Locating on Apache Spark: a DataFrame in, the same DataFrame with the answers beside its columns out.

The index of one edition travels once to every host, as its file, and is mapped once in every Python worker; rows go
through Arrow. Points are answered where they are: nothing is shuffled, and no worker asks the database.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo.crs import missing_crs, parse_crs
from geo.messages import Language
from importers.arrow_points import ADDED_FIELDS
from importers.point_columns import ADDED, point_columns
from importers.spark_index import SparkIndex
from importers.spark_rows import SWAPPED, RowsOfSpark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SPARK_TYPES = {"string": "string", "bool": "boolean", "double": "double"}


def locate_frame(
    spark: "SparkSession",
    frame: "DataFrame",
    index: Path | str,
    *,
    crs: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
    lang: Language = "zh",
) -> "DataFrame":
    """Locate every row of a DataFrame.

    Parameters
    ----------
    spark
        A session; on a cluster its workers need ``gridwarden[spark]`` of the same version.
    frame
        With a column each of longitudes and latitudes (or eastings and northings), numbers or texts. Columns ``crs``
        and ``at`` hold for their rows.
    index
        A file of :func:`importers.spark_index.write_spark_index`. In one session a name must keep its contents.
    crs
        The system of the points; None where a column ``crs`` says it row by row.
    lon, lat
        Names of the columns; None finds them as ``gridwarden locate-file`` does.
    lang
        Of the sentences in ``gw_reason``.

    Returns
    -------
    pyspark.sql.DataFrame
        All columns of the frame as they are, then those of :data:`importers.point_columns.ADDED`. A row that names no
        place, or another edition than the index holds, has the status ``invalid`` and the reason.

    Raises
    ------
    BadInput
        No such columns, a missing ``crs``, a frame that has the columns already, a damaged index file.
    FileNotFoundError
        No index file.
    """
    return located_with_swapped(spark, frame, index, crs=crs, lon=lon, lat=lat, lang=lang).drop(SWAPPED)


def located_with_swapped(
    spark: "SparkSession",
    frame: "DataFrame",
    index: Path | str,
    *,
    crs: str | None,
    lon: str | None,
    lat: str | None,
    lang: Language,
    broken: str | None = None,
) -> "DataFrame":
    """Locate as :func:`locate_frame` does, and keep the column :data:`importers.spark_rows.SWAPPED`.

    Parameters
    ----------
    broken
        A column with the text of rows that do not fit their header, None where there is none; it is left out.
    """
    names = list(frame.columns)
    columns = point_columns([name for name in names if name != broken], lon, lat)
    if crs is not None:
        parse_crs(crs)
    elif columns.crs is None:
        raise missing_crs(None)
    path = Path(index)
    mark = SparkIndex.opened(path).mark
    spark.sparkContext.addFile(str(path.resolve()))
    place = None if broken is None else names.index(broken)
    rows = RowsOfSpark(path.name, mark, crs, columns, place, lang)
    # By place: names may hold dots, or differ in their case only.
    numbered = frame.toDF(*(f"c{number}" for number in range(len(names))))
    located = _mapped(numbered, rows)
    if place is not None:
        located, names = located.drop(f"c{place}"), [name for name in names if name != broken]
    return located.toDF(*names, *ADDED, SWAPPED)


def _mapped(frame: "DataFrame", rows: RowsOfSpark) -> "DataFrame":
    from pyspark.sql.types import StructType

    schema: Any = StructType(list(frame.schema.fields))
    for field in ADDED_FIELDS:
        schema = schema.add(field.name, _SPARK_TYPES[str(field.type)])
    schema = schema.add(SWAPPED, "integer")
    with warnings.catch_warnings():
        # PySpark looks at the version of pandas, also where batches stay Arrow's.
        warnings.filterwarnings("ignore", message=".*pandas", category=FutureWarning)
        return frame.mapInArrow(rows, schema)
