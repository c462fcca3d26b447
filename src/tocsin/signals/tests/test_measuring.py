"""Days of the lake become findings and signals, once, whatever order they come in."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from tocsin.analysis.series import Cell, Direction, Evidence, Point, RuleId, Stream
from tocsin.analysis.series import Finding as Found
from tocsin.lib import charts
from tocsin.lib.models import Cursor
from tocsin.signals import measured, measuring
from tocsin.signals.drawing import cells_of, chart, wilson
from tocsin.signals.models import CellState, Finding, Signal
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

DAYS = 26
BLOCKED = 20


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(
        name="OONI", kind="ooni", url="https://ooni.example/", reliability="B",
        expected_every=timedelta(hours=6), next_fetch_at=timezone.now(),
    )  # fmt: skip


def _start() -> datetime:
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS)


def land(source: Source, day: int, k: float, n: float = 30, network: str = "AS64500") -> None:
    time = _start() + timedelta(days=day)
    Observation.objects.create(
        source=source, stream="blocking", kind="ooni.web", country="XS", subject="en.wikipedia.org", network=network,
        epoch=int(time.timestamp()), step=86400, n=n, k=k, evidence="scored", fetched=int(time.timestamp()) + 90000,
        day=time.date(),
    )  # fmt: skip


def work() -> None:
    while lake.step():
        pass
    while measuring.step():
        pass


@pytest.mark.django_db
def test_a_block_becomes_one_finding_and_a_signal(source: Source) -> None:
    for day in range(DAYS):
        land(source, day, k=1 if day < BLOCKED else 29)
    work()
    pooled = Finding.objects.filter(network="").get()
    assert pooled.direction == "rise"
    assert pooled.closed_at is None
    assert abs((pooled.opened_at - _start()).days - BLOCKED) <= 2
    signal = Signal.objects.get(finding=pooled)
    assert (signal.harm, signal.our_link, signal.country) == ("site-ban", True, "XS")


@pytest.mark.django_db
def test_the_same_days_again_change_nothing(source: Source) -> None:
    for day in range(DAYS):
        land(source, day, k=1 if day < BLOCKED else 29)
    work()
    before = list(Finding.objects.values_list("pk", "score", "opened_at", "points"))
    for day in range(DAYS):
        land(source, day, k=1 if day < BLOCKED else 29)
    work()
    assert list(Finding.objects.values_list("pk", "score", "opened_at", "points")) == before


@pytest.mark.django_db
def test_arrival_in_two_parts_gives_what_all_at_once_gives(source: Source) -> None:
    for part in (range(24), range(24, DAYS)):
        for day in part:
            land(source, day, k=1 if day < BLOCKED else 29)
        work()
    said = set(Finding.objects.values_list("network", "opened_at", "closed_at", "direction"))
    Finding.objects.all().delete()
    CellState.objects.all().delete()
    Cursor.objects.filter(name="signals.lake").delete()
    work()
    assert set(Finding.objects.values_list("network", "opened_at", "closed_at", "direction")) == said
    assert {network for network, *_ in said} == {"", "AS64500"}


@pytest.mark.django_db
def test_a_cell_keeps_its_newest_points_for_drawing_and_zero_is_drawn(source: Source) -> None:
    for day in range(DAYS):
        if day not in (10, 11):
            land(source, day, k=0 if day < BLOCKED else 29)
    work()
    finding = Finding.objects.filter(network="").get()
    drawn = chart("x", cells_of([finding]), [finding])
    assert drawn is not None
    picture = charts.draw(drawn)
    assert "chart-gap" in picture
    assert "chart-zero" in picture
    assert "chart-band" in picture


def test_the_interval_of_a_share_is_honest_for_few_trials() -> None:
    low, high = wilson(0, 3)
    assert low == 0
    assert 0.5 < high < 0.7


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("country", "subject", "invented"),
    [("", "sarvanian.wiki.example", True), ("XS", "en.wikipedia.org", True), ("", "en.wikipedia.org", False)],
)
def test_a_finding_of_an_exercise_says_so_in_its_title(country: str, subject: str, invented: bool) -> None:
    opened = datetime(2026, 3, 1, tzinfo=UTC)
    cell = Cell(stream=Stream.VIEWS, kind="pageviews.project", country=country, subject=subject)
    found = Found(
        rule=RuleId("change", 1), cell=cell, opened=opened, closed=None, seen=opened, direction=Direction.DROP,
        score=0.9, before=100.0, now=10.0, points=9, evidence=Evidence.SCORED, delay=None, rivals=(), summary="",
    )  # fmt: skip
    measured.keep(found)
    signal = Signal.objects.get()
    assert (signal.exercise, signal.title.startswith("EXERCISE: Page views")) == (invented, invented)


def views(source: Source, country: str, day: int, value: float) -> None:
    time = _start() + timedelta(days=day)
    Observation.objects.create(
        source=source, stream="level", kind="users", country=country, subject="tor", network="",
        epoch=int(time.timestamp()), step=86400, value=value, evidence="scored", fetched=int(time.timestamp()) + 90000,
        day=time.date(),
    )  # fmt: skip


COUNTRIES = ["AR", "BR", "CL", "DE", "ES", "FR", "GB", "IT"]


def users(country: str, day: int, *, rise: float = 1.0) -> float:
    return round(1000 * Random(f"{country} {day}").uniform(0.97, 1.03) * rise)


@pytest.mark.django_db
def test_a_movement_of_the_whole_world_opens_nothing_and_one_of_a_country_does(source: Source) -> None:
    for day in range(DAYS):
        for country in COUNTRIES:
            rise = 1.35 if day >= BLOCKED else 1.0
            views(source, country, day, users(country, day, rise=0.1 if (country, day) == ("IT", 24) else rise))
    work()
    assert set(Finding.objects.values_list("country", "direction")) == {("IT", "drop")}


@pytest.mark.django_db
def test_countries_that_report_day_by_day_know_the_same_world(source: Source) -> None:
    for day in range(DAYS):
        for country in COUNTRIES:
            views(source, country, day, users(country, day, rise=1.35 if day >= BLOCKED else 1.0))
        if day >= BLOCKED - 3:
            work()
    assert not Finding.objects.exists()
    newest = CellState.objects.get(country="IT").recent[-1]
    assert newest[8] == pytest.approx(0.3, abs=0.06)


@pytest.mark.django_db
def test_what_others_report_later_replays_nothing(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(DAYS - 1):
        for country in COUNTRIES:
            views(source, country, day, users(country, day))
    work()
    replayed: list[Cell] = []
    history = measuring._history

    def told(cell: Cell) -> list[Point]:
        replayed.append(cell)
        return history(cell)

    monkeypatch.setattr(measuring, "_history", told)
    for country in COUNTRIES:
        views(source, country, DAYS - 1, users(country, DAYS - 1, rise=1.35))
        work()
    assert replayed == []
    assert CellState.objects.get(country="AR").recent[-1][8] == pytest.approx(0.3, abs=0.06)
    assert not Finding.objects.exists()
