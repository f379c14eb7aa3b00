"""Tables that Spark reads and writes: CSV and Parquet, a file, a folder or a pattern; located, with a report."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from geo.errors import BadInput, GeoError, Unavailable
from geo.messages import Language
from importers.point_locating import REFUSED, PointReport
from importers.spark import located_with_swapped
from importers.spark_rows import SWAPPED
from importers.spark_session import first_line

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FORMATS: Final = {".csv": "csv", ".parquet": "parquet"}
BROKEN: Final = "gw_broken_row"
_STATUSES: Final = ("found", "gap", "outside", "conflict", REFUSED)
# As locate-file reads and writes it: a quotation mark is doubled, and spaces belong to their cells.
_CSV: Final = {"header": True, "escape": '"', "ignoreLeadingWhiteSpace": False, "ignoreTrailingWhiteSpace": False}


@dataclass(frozen=True, slots=True)
class SparkRequest:
    """What to locate.

    Attributes
    ----------
    source, target
        Paths or URLs that Spark knows, whose endings name the formats; the target is a folder.
    index
        The index file.
    edition
        What the index holds.
    crs
        The system of the points; None where a column ``crs`` says it row by row.
    lon, lat
        Names of the columns; None finds them.
    encoding
        Of CSV.
    multi_line
        Whether cells of CSV may hold line breaks; a file is then read by one core.
    force
        Whether a target that is there may be replaced.
    """

    source: str
    target: str
    index: Path
    edition: int
    crs: str | None = None
    lon: str | None = None
    lat: str | None = None
    encoding: str | None = None
    multi_line: bool = False
    force: bool = False
    lang: Language = "zh"


def require_formats(source: str, target: str) -> None:
    """Refuse names that say no format, and a target that holds its source: it would be replaced.

    Raises
    ------
    BadInput
        ``spark-format``, ``points-output-is-input``.
    """
    for name in (source, target):
        _format_of(name)
    if PurePosixPath(source).is_relative_to(PurePosixPath(target)):
        raise BadInput("points-output-is-input", place={"file": target})


def locate_table(spark: "SparkSession", request: SparkRequest) -> PointReport:
    """Write a table with the answer for every row beside it.

    Raises
    ------
    BadInput
        What :func:`importers.spark.locate_frame` refuses.
    Unavailable
        ``spark-failed``: the source is not there, the target is, a disk is full, a worker was lost too often.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import Observation

    require_formats(request.source, request.target)
    try:
        frame = _read(spark, request)
        located = located_with_swapped(
            spark,
            frame,
            request.index,
            crs=request.crs,
            lon=request.lon,
            lat=request.lat,
            lang=request.lang,
            broken=BROKEN if BROKEN in frame.columns else None,
        )
        seen = Observation()
        _write(located.observe(seen, *_counts()).drop(SWAPPED), request)
        return _report(seen.get, request.edition)
    except GeoError:
        raise
    except (PySparkException, Py4JError) as failure:
        raise Unavailable("spark-failed", reason=first_line(failure)) from failure


def _read(spark: "SparkSession", request: SparkRequest) -> "DataFrame":
    """Read a table, CSV as texts only; rows of CSV that do not fit their header keep their whole text."""
    if _format_of(request.source) == "parquet":
        return spark.read.parquet(request.source)
    options: dict[str, Any] = _CSV | {"multiLine": request.multi_line}
    if request.encoding:
        options["encoding"] = request.encoding
    header = spark.read.options(**options).csv(request.source).schema
    # each file's own header is compared with the first one's
    whole = {"columnNameOfCorruptRecord": BROKEN, "enforceSchema": False}
    return spark.read.schema(header.add(BROKEN, "string")).options(**options, **whole).csv(request.source)


def _write(frame: "DataFrame", request: SparkRequest) -> None:
    writer = frame.write.mode("overwrite" if request.force else "error")
    if _format_of(request.target) == "parquet":
        writer.parquet(request.target)
    else:
        writer.options(**_CSV).csv(request.target)


def _counts() -> list[Any]:
    from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

    status = F.col("gw_status")
    counts = [F.count_if(status == name).alias(name) for name in _STATUSES]
    uncertain = F.count_if((status == "found") & ~F.col("gw_certain")).alias("uncertain")
    swapped = F.coalesce(F.sum(SWAPPED), F.lit(0)).alias("swapped")
    return [F.count(F.lit(1)).alias("rows"), *counts, uncertain, swapped]


def _report(seen: dict[str, int], edition: int) -> PointReport:
    statuses = {status: seen[status] for status in _STATUSES if seen.get(status)}
    return PointReport(seen.get("rows", 0), statuses, seen.get("uncertain", 0), seen.get("swapped", 0), edition)


def _format_of(name: str) -> str:
    found = FORMATS.get(PurePosixPath(name).suffix.lower())
    if found is None:
        raise BadInput("spark-format", place={"file": name}, name=name, known=", ".join(FORMATS))
    return found
