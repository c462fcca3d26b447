"""The same dataframe code gives the same points on a cluster as in this process."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tocsin.analysis.engine import By, Embedded, Engine, NoSparkError, Row, Spark, points, write
from tocsin.analysis.series import Cell, Point

START = int(datetime(2024, 3, 1, tzinfo=UTC).timestamp())
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHAPES: list[dict[str, Any]] = [
    {"step": DAY},
    {"step": HOUR},
    {"step": DAY, "by": By.NETWORK},
    {"step": HOUR, "by": By.BOTH},
    {"step": HOUR, "kind": "web", "country": "XX"},
    {"step": DAY, "network": "AS2"},
    {"step": HOUR, "since": datetime(2024, 3, 2, tzinfo=UTC), "until": datetime(2024, 3, 3, 12, tzinfo=UTC)},
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Spark]:
    with closing(Spark("local[1]")) as engine:
        yield engine


def any_row(chance: Random) -> Row:
    """Any row that the lake may keep: counts or a level, scored or not, of one network or of all."""
    blocking = chance.random() < 0.6
    scored = chance.random() < 0.85
    n = chance.choice([1.0, 3.0, 8.5, 1000.0])
    k = round(n * chance.random(), 3)
    return Row(
        stream="blocking" if blocking else chance.choice(["views", "events", "level"]),
        kind="web" if blocking else chance.choice(["views", "reports"]),
        country=chance.choice(["", "XX", "YY", "ZZ"]),
        subject=chance.choice(["a.example", "b.example", "عربي.example"]),
        network=chance.choice(["", "AS1", "AS2"]),
        epoch=START + chance.randrange(96) * 3600 + chance.choice([0, 0, 1799]),
        step=chance.choice([900, 3600, 86_400]),
        n=n if blocking and scored else None,
        k=k if blocking and scored else None,
        value=None if blocking or not scored else k,
        evidence="scored" if scored else chance.choice(["none", "discarded"]),
        source=chance.randrange(3),
        fetched=9,
        detail="",
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    chance = Random(7)
    folder = tmp_path_factory.mktemp("lake")
    # No natural key stands in two files of one manifest, so each file has a source of its own.
    return [
        write(folder / f"{part}.parquet", [any_row(chance)._replace(source=part) for _ in range(1500)]).path
        for part in range(3)
    ]


def reduced(engine: Engine, files: list[Path], shape: dict[str, Any]) -> list[tuple[Cell, list[Point]]]:
    return list(points(files, engine=engine, **shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_cluster_gives_the_same_points(cluster: Spark, files: list[Path], shape: dict[str, Any]) -> None:
    with closing(Embedded()) as here:
        expected = reduced(here, files, shape)
    assert len(expected) > 2
    assert reduced(cluster, files, shape) == expected


def test_a_cluster_without_files_gives_no_points_and_says_which_file_is_wrong(cluster: Spark, tmp_path: Path) -> None:
    assert list(points([], step=DAY, engine=cluster)) == []
    with pytest.raises(FileNotFoundError):
        list(points([tmp_path / "absent.parquet"], step=DAY, engine=cluster))
    other = tmp_path / "other.parquet"
    other.write_bytes(b"nothing")
    with pytest.raises(ValueError, match="file of the lake"):
        list(points([other], step=DAY, engine=cluster))


@pytest.mark.parametrize("master", ["", "http://cluster.example", "local[x]", "spark://", "local; rm"])
def test_what_is_no_address_of_a_cluster_is_refused(master: str) -> None:
    with pytest.raises(ValueError, match="a cluster is named"):
        Spark(master)


def test_without_java_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pyspark import SparkContext

    # A running gateway would be used again; without one, Spark looks for Java.
    monkeypatch.setattr(SparkContext, "_gateway", None)
    monkeypatch.setattr(SparkContext, "_active_spark_context", None)
    monkeypatch.setattr("pyspark.sql.SparkSession._instantiatedSession", None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(NoSparkError, match="openjdk-17"):
        Spark("local[1]")
