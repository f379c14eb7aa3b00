"""A Spark session of our own: nothing is downloaded, and every port is the loopback's unless a cluster needs more."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from geo.errors import BadInput, Unavailable
from geo.messages import Language, sentence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA: Final = 17
"""The oldest that Spark 4 runs on."""
LOOPBACK: Final = "127.0.0.1"
_HOST, _BIND = "spark.driver.host", "spark.driver.bindAddress"
_VERSION: Final = re.compile(r'version "(?:1\.)?(\d+)')


def require_spark(lang: Language = "zh") -> None:
    """Refuse where PySpark or Java is missing.

    Raises
    ------
    Unavailable
        ``spark-missing``, ``spark-without-java``.
    """
    if find_spec("pyspark") is None:
        raise Unavailable("spark-missing")
    version = _java_version()
    if version is None or version < JAVA:
        found = sentence("spark-java-absent", lang)
        if version is not None:
            found = sentence("spark-java-old", lang, version=version)
        raise Unavailable("spark-without-java", needed=JAVA, found=found)


def settings_of(given: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a session: those given, and ours where they say nothing.

    The driver listens on the loopback: enough for ``local`` masters. A cluster on other hosts has to reach it, and
    ``spark.driver.host`` says where.
    """
    host = given.get(_HOST, LOOPBACK)
    ours = {
        _HOST: host,
        _BIND: host,
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower(),
    }
    return ours | dict(given)


def parsed_settings(given: tuple[str, ...]) -> dict[str, str]:
    """Read ``NAME=VALUE``.

    Raises
    ------
    BadInput
        ``spark-setting``.
    """
    pairs = [each.partition("=") for each in given]
    for text, (name, equals, _) in zip(given, pairs, strict=True):
        if not (name.strip() and equals):
            raise BadInput("spark-setting", given=text)
    return {name.strip(): value.strip() for name, _, value in pairs}


@contextmanager
def spark_session(master: str, given: Mapping[str, str], lang: Language = "zh") -> "Iterator[SparkSession]":
    """Start Spark, for as long as a ``with`` lasts.

    Parameters
    ----------
    master
        Such as ``local[*]`` or ``spark://host:7077``.
    given
        Settings beyond ours.

    Raises
    ------
    Unavailable
        ``spark-missing``, ``spark-without-java``, ``spark-failed``.
    """
    require_spark(lang)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    settings = settings_of(given)
    # A worker must run the Python that has Gridwarden; what web pages bind to is read from the environment only.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", settings[_BIND])
    builder = SparkSession.builder.master(master).appName("gridwarden locate-spark").config(map=settings)
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError) as failure:
        raise Unavailable("spark-failed", reason=first_line(failure)) from failure
    try:
        yield session
    finally:
        session.stop()


def first_line(failure: BaseException) -> str:
    """Return what a failure says in short: the rest is a trace of Java."""
    lines = [line.strip() for line in str(failure).splitlines() if line.strip()]
    return lines[0].rstrip(".。") if lines else type(failure).__name__


def _java_version() -> int | None:
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None or not Path(java).is_file():
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    found = _VERSION.search(told.stderr + told.stdout)
    return int(found[1]) if found else None
