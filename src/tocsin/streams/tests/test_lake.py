"""Observations reach the lake once, whatever dies on the way."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tocsin.analysis import engine
from tocsin.analysis.series import Evidence, Stream
from tocsin.streams import lake, storing
from tocsin.streams.models import LakeChange, LakeFile, Observation, Source
from tocsin.streams.sources.base import NewObservation

DAY = date(2026, 3, 1)
EPOCH = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


@pytest.fixture
def lake_folder(settings: Any, tmp_path: Path) -> Path:
    """An empty lake."""
    settings.LAKE = tmp_path / "lake"
    return tmp_path / "lake"


@pytest.fixture
def source(db: None) -> Source:
    """A source that measures."""
    return Source.objects.create(
        name="Measures",
        kind="ooni",
        url="https://measures.example/",
        expected_every=timedelta(hours=1),
        next_fetch_at=timezone.now(),
    )


def land(source: Source, *rows: tuple[str, int, int | None, int | None], fetched: int = 100) -> None:
    """Land (country, hour, n, k) rows, as a fetch does."""
    made = [
        NewObservation(
            stream=Stream.BLOCKING,
            kind="ooni.web",
            subject="wiki.example",
            country=country,
            epoch=EPOCH + hour * 3600,
            step=3600,
            n=n,
            k=k,
            evidence=Evidence.DISCARDED if n is None else Evidence.SCORED,
            detail={"failure": 3},
        )
        for country, hour, n, k in rows
    ]
    moment = datetime.fromtimestamp(fetched, UTC)
    storing.land([storing._observation_row(source, one, moment, fetched) for one in made])


def compacted() -> Iterator[engine.Row]:
    """Every row of the lake, after all work is done."""
    while lake.step():
        pass
    for path in lake.files("ooni.web"):
        yield from engine.read(path)


def digests() -> list[str]:
    """What the manifest says of each day's content."""
    return list(LakeFile.objects.order_by("day").values_list("digest", flat=True))


def test_rows_land_and_move_to_the_file_of_their_day(source: Source, lake_folder: Path) -> None:
    land(source, ("XS", 0, 10, 2), ("XO", 0, None, None), ("XS", 30, 5, 0))
    rows = list(compacted())
    assert [(row.country, row.n, row.k, row.evidence) for row in rows] == [
        ("XO", None, None, "discarded"),
        ("XS", 10.0, 2.0, "scored"),
        ("XS", 5.0, 0.0, "scored"),
    ]
    assert Observation.objects.count() == 0
    assert [len(lake.files("ooni.web", since, None)) for since in (DAY, DAY + timedelta(days=1))] == [2, 1]
    assert len(lake.files("ooni.web", None, DAY + timedelta(days=1))) == 1
    assert LakeChange.objects.count() == 2


def test_the_same_row_fetched_again_changes_nothing(source: Source, lake_folder: Path) -> None:
    land(source, ("XS", 0, 10, 2))
    list(compacted())
    before = digests()
    land(source, ("XS", 0, 10, 2), fetched=200)
    list(compacted())
    assert digests() == before
    assert LakeChange.objects.count() == 1
    assert Observation.objects.count() == 0


def test_a_changed_count_takes_the_place_of_the_old(source: Source, lake_folder: Path) -> None:
    land(source, ("XS", 0, 10, 2), ("XS", 1, 7, 0))
    list(compacted())
    land(source, ("XS", 0, 12, 5), fetched=200)
    assert [(row.n, row.k) for row in compacted()] == [(12.0, 5.0), (7.0, 0.0)]


def test_an_older_fetch_that_lands_late_does_not_win(source: Source, lake_folder: Path) -> None:
    land(source, ("XS", 0, 12, 5), fetched=200)
    list(compacted())
    land(source, ("XS", 0, 10, 2), fetched=100)
    assert [row.n for row in compacted()] == [12.0]


class KilledError(BaseException):
    """Stands for kill -9: nothing catches it."""


@pytest.mark.parametrize("point", ["write", "manifest", "delete", "half of the deletes"])
def test_a_crash_at_any_point_leaves_the_lake_equal_to_an_undisturbed_run(
    source: Source, lake_folder: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    land(source, ("XS", 0, 10, 2), ("XS", 1, 7, 0))
    list(compacted())
    undisturbed_rows = [("XS", 0, 12, 5), ("XS", 2, 9, 9), ("XO", 3, 4, 1)]
    land(source, *undisturbed_rows, fetched=200)
    monkeypatch.setattr(lake, "DELETED_AT_ONCE", 1)
    with monkeypatch.context() as broken:
        _break(broken, point)
        with pytest.raises(KilledError):
            lake.step()
    rows = [(row.country, row.epoch, row.n, row.k, row.fetched) for row in compacted()]
    assert rows == [
        ("XO", EPOCH + 10800, 4.0, 1.0, 200),
        ("XS", EPOCH, 12.0, 5.0, 200),
        ("XS", EPOCH + 3600, 7.0, 0.0, 100),
        ("XS", EPOCH + 7200, 9.0, 9.0, 200),
    ]
    assert Observation.objects.count() == 0
    disturbed = digests()
    Observation.objects.all().delete()
    LakeFile.objects.all().delete()
    land(source, ("XS", 0, 10, 2), ("XS", 1, 7, 0))
    list(compacted())
    land(source, *undisturbed_rows, fetched=200)
    list(compacted())
    assert digests() == disturbed


def _break(monkeypatch: pytest.MonkeyPatch, point: str) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise KilledError

    if point == "write":
        real = engine.write

        def write_then_die(*args: Any, **more: Any) -> None:
            real(*args, **more)
            raise KilledError

        monkeypatch.setattr(engine, "write", write_then_die)
    elif point == "manifest":
        monkeypatch.setattr(LakeChange.objects, "create", die)
    elif point == "delete":
        monkeypatch.setattr(lake, "_delete", die)
    else:
        deleted = lake._delete

        def half(landed: list[Observation]) -> None:
            deleted(landed[:1])
            raise KilledError

        monkeypatch.setattr(lake, "_delete", half)


def test_a_row_that_changes_while_it_is_compacted_is_not_lost(
    source: Source, lake_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(source, ("XS", 0, 10, 2))
    real = lake._write

    def meanwhile(*args: Any) -> bool:
        land(source, ("XS", 0, 11, 3), fetched=300)
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(lake, "_write", meanwhile)
        lake.step()
    assert Observation.objects.count() == 1
    assert [row.n for row in compacted()] == [11.0]


def test_files_that_the_manifest_left_are_swept_after_a_while(source: Source, lake_folder: Path) -> None:
    land(source, ("XS", 0, 10, 2))
    list(compacted())
    land(source, ("XS", 0, 11, 2), fetched=200)
    list(compacted())
    assert len(list(lake_folder.glob("*/*.parquet"))) == 2
    assert lake.sweep() == 0
    assert lake.sweep(timezone.now() + timedelta(hours=2)) == 1
    assert [path.exists() for path in lake.files("ooni.web")] == [True]
