"""A Spark cluster, or one on this machine (``local[2]``): an extra, for more history than one machine can hold."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import narwhals as nw

from tocsin.analysis.engine.embedded import NOT_OURS, check_there
from tocsin.analysis.engine.schema import COLUMNS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TYPES: Final = {"VARCHAR": "string", "BIGINT": "bigint", "INTEGER": "int", "DOUBLE": "double"}
_MASTER: Final = re.compile(r"local(\[(\*|\d+)\])?|(spark|k8s)://\S+|yarn")
_SETTINGS: Final = {
    # Only what was asked for leaves the cluster, and no page of Spark's own is served.
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "16",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # One answer at a time is brought here: a partition has to fit, the whole does not.
    "spark.driver.memory": "1g",
}
_ON_THIS_MACHINE: Final = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


class NoSparkError(Exception):
    """Spark can't be used here; the text says what is missing and how to get it."""


class Spark:
    """An engine on a cluster; workers need to reach the lake's files under the same paths."""

    portion = None

    def __init__(self, master: str = "local[2]") -> None:
        """Connect to a cluster, such as ``spark://host:7077``.

        Raises:
            NoSparkError: if the extra or Java is missing, or the cluster doesn't answer.
            ValueError: if ``master`` is no address of a cluster.
        """
        if not _MASTER.fullmatch(master):
            raise ValueError("a cluster is named as local[2], spark://host:7077, k8s://… or yarn")
        self._session = _session(master)

    def scan(self, files: Sequence[Path]) -> nw.LazyFrame[Any]:
        """See ``Engine.scan``. Of many files, one tells the columns of all."""
        check_there(files)
        return nw.from_native(self._read(files))

    def rows(self, frame: nw.LazyFrame[Any]) -> Iterator[tuple[Any, ...]]:
        """See ``Engine.rows``: a partition at a time."""
        native: DataFrame = frame.to_native()
        return iter(native.toLocalIterator())

    def close(self) -> None:
        """See ``Engine.close``."""
        self._session.stop()

    def _read(self, files: Sequence[Path]) -> "DataFrame":
        from py4j.protocol import Py4JJavaError
        from pyspark.errors import PySparkException

        if not files:
            columns = ", ".join(f"{name} {_TYPES[kind]}" for name, kind in COLUMNS.items())
            return self._session.createDataFrame([], columns)
        try:
            return self._session.read.parquet(*(str(file) for file in files)).select(*COLUMNS)
        except (PySparkException, Py4JJavaError) as error:
            raise ValueError(NOT_OURS) from error


def _session(master: str) -> "SparkSession":
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NoSparkError("Spark is an extra: install it with uv sync --extra spark.") from error
    settings = _SETTINGS | (_ON_THIS_MACHINE if master.startswith("local") else {})
    builder = SparkSession.builder.master(master).appName("tocsin")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise NoSparkError(
            f"Spark did not start with {master}. It needs Java 17 (on Debian: apt-get install "
            "openjdk-17-jre-headless) and a cluster that answers."
        ) from error
