"""When rules change, the past is judged anew: once, to the same end, whoever dies meanwhile, and nobody is called."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

import pytest
from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from tocsin.lib.models import Lease
from tocsin.signals import actions, backfilling, measuring, replaying, work
from tocsin.signals.models import CellState, Finding, Replay, Signal
from tocsin.streams import lake
from tocsin.streams.models import LakeChange, LakeFile, Observation, Source

DAYS, BLOCKED = 30, 22
COUNTRIES = ["XA", "XB", "XC"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "LAKE", tmp_path / "lake")
    backfilling._running.clear()
    yield
    backfilling._running.clear()


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(
        name="OONI", kind="ooni", url="https://ooni.example/", reliability="B",
        expected_every=timedelta(hours=6), next_fetch_at=timezone.now(),
    )  # fmt: skip


def land(source: Source, days: range) -> None:
    today = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = []
    for day in days:
        time = today - timedelta(days=DAYS - day)
        for country in COUNTRIES:
            for network in ("AS64500", "AS64501"):
                blocked = country != "XB" and BLOCKED <= day < (27 if country == "XC" else DAYS)
                one = Observation(
                    source=source, stream="blocking", kind="ooni.web", country=country, network=network,
                    subject="en.wikipedia.org", epoch=int(time.timestamp()), step=86400, n=30, evidence="scored",
                    k=29 if blocked else 1, fetched=int(time.timestamp()) + 90000, day=time.date(),
                )  # fmt: skip
                rows.append(one)
    Observation.objects.bulk_create(rows)
    compact()


_compacted: dict[object, tuple[Path, list[LakeFile], list[LakeChange]]] = {}


def compact() -> None:
    """Bring what landed into the lake; a lake that was made before is laid there again, for a file takes its time."""
    fields = ("kind", "country", "subject", "network", "epoch", "k", "value")
    held = LakeFile.objects.order_by("path").values_list("kind", "day", "rows")
    key = (*held, *sorted(Observation.objects.values_list(*fields), key=str))
    if key not in _compacted:
        before = LakeChange.objects.aggregate(newest=Max("pk"))["newest"] or 0
        while lake.step():
            pass
        copy = Path(mkdtemp()) / "lake"
        copytree(settings.LAKE, copy)
        _compacted[key] = copy, [*LakeFile.objects.all()], [*LakeChange.objects.filter(pk__gt=before).order_by("pk")]
        return
    copy, files, changes = _compacted[key]
    Observation.objects.all().delete()
    LakeFile.objects.all().delete()
    copytree(copy, settings.LAKE, dirs_exist_ok=True)
    LakeFile.objects.bulk_create(files)
    LakeChange.objects.bulk_create([LakeChange(kind=one.kind, day=one.day, at=one.at) for one in changes])


def told() -> list[tuple[object, ...]]:
    """All findings, in every number but their ids."""
    fields = ("rule", "country", "network", "opened_at", "closed_at", "score", "before", "now", "points", "retired_at")
    return sorted(Finding.objects.values_list(*fields), key=str)


def remembered() -> list[tuple[object, ...]]:
    fields = ("rule", "country", "subject", "network", "state", "last_point_at", "delay_seconds")
    return sorted(CellState.objects.values_list(*fields), key=str)


def forget() -> None:
    CellState.objects.all().delete()
    Finding.objects.all().delete()


def old_rule() -> None:
    """As if another version had judged all that is known."""
    CellState.objects.update(rule="change/1")
    Finding.objects.update(rule="change/1")


def rest() -> None:
    while any([measuring.step(), backfilling.step()]):
        pass


def test_history_that_is_replayed_gives_what_day_by_day_gave(source: Source) -> None:
    for days in (range(20), range(20, 26), range(26, DAYS)):
        land(source, days)
        rest()
    findings, memory = told(), remembered()
    assert {country for _, country, *_ in findings} == {"XA", "XC"}
    forget()
    actions.judge_again(None, "ooni.web")
    rest()
    assert (told(), remembered()) == (findings, memory)


def test_changed_rules_replay_by_themselves_and_leave_nothing_of_the_old_ones(source: Source) -> None:
    land(source, range(DAYS - 1))
    rest()
    expected = told()
    standing = Finding.objects.filter(closed_at=None).count()
    old_rule()
    Replay.objects.all().delete()
    land(source, range(DAYS - 1, DAYS))
    rest()
    row = Replay.objects.get()
    assert row.finished_at is not None
    assert (row.countries_done, row.countries, row.rows_done) == (3, 3, row.rows)
    assert not CellState.objects.filter(rule="change/1").exists()
    assert not Finding.objects.filter(rule="change/1", closed_at=None).exists()
    retired = Finding.objects.filter(rule="change/1", retired_at__isnull=False)
    assert row.retired == retired.count() == standing > 0
    assert set(Signal.objects.filter(finding__in=retired).values_list("state", flat=True)) == {"not_ours"}
    alive = [one for one in told() if one[0] != "change/1"]
    assert [one[:4] for one in alive] == [one[:4] for one in expected]


def test_a_day_that_comes_during_a_replay_is_not_lost(source: Source) -> None:
    land(source, range(DAYS - 1))
    rest()
    actions.judge_again(None, "ooni.web")
    assert backfilling.step()
    land(source, range(DAYS - 1, DAYS))
    assert measuring.step()
    memory = CellState.objects.get(country="XA", network="", subject="en.wikipedia.org").state
    assert memory["window"][-1][0][:10] < str((timezone.now() - timedelta(days=1)).date())
    rest()
    findings, memory = told(), remembered()
    forget()
    actions.judge_again(None, "ooni.web")
    rest()
    assert (told(), remembered()) == (findings, memory)


@pytest.mark.parametrize("writes", range(1, 8))
def test_whoever_dies_at_any_write_is_followed_to_the_same_end(
    source: Source, writes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(source, range(DAYS))
    actions.judge_again(None, "ooni.web")
    rest()
    findings, memory = told(), remembered()
    forget()
    actions.judge_again(None, "ooni.web")
    left = [writes]
    guard = backfilling.Run._guard

    def dying(run: backfilling.Run) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt
        guard(run)

    monkeypatch.setattr(backfilling.Run, "_guard", dying)
    with pytest.raises(KeyboardInterrupt):
        rest()
    backfilling._running.clear()
    rest()
    assert (told(), remembered()) == (findings, memory)


def test_a_replay_stops_when_asked_and_goes_on_where_it_was(source: Source) -> None:
    land(source, range(DAYS))
    actions.judge_again(None, "ooni.web")
    assert backfilling.step()
    actions.pause_replay(None, "ooni.web")
    rest()
    assert Replay.objects.get().countries_done == 1
    actions.resume_replay(None, "ooni.web")
    rest()
    assert Replay.objects.get().countries_done == 3


def test_what_history_holds_calls_nobody_and_what_begins_now_may(source: Source) -> None:
    land(source, range(DAYS))
    actions.judge_again(None, "ooni.web")
    rest()
    assert set(Signal.objects.values_list("replayed", flat=True)) == {True}
    assert {one.closed_at is None for one in Finding.objects.filter(country="XA")} == {True}


def test_the_worker_replays_without_being_asked_twice(source: Source) -> None:
    land(source, range(DAYS))
    while work.step():
        pass
    assert backfilling.due() == []


def test_a_finding_that_the_past_no_longer_shows_is_retired(source: Source) -> None:
    land(source, range(DAYS))
    rest()
    phantom = Finding.objects.filter(country="XA", network="").get()
    Finding.objects.filter(pk=phantom.pk).update(opened_at=phantom.opened_at - timedelta(days=9))
    actions.judge_again(None, "ooni.web")
    rest()
    phantom.refresh_from_db()
    assert phantom.retired_at is not None
    assert phantom.closed_at == phantom.seen_at
    assert datetime.now(UTC) - phantom.retired_at < timedelta(hours=1)


def land_views(source: Source) -> None:
    """Page views beside blocking, measured under the same kind."""
    rows = []
    for day in range(12):
        time = (timezone.now() - timedelta(days=12 - day)).replace(hour=0, minute=0, second=0, microsecond=0)
        for country in COUNTRIES:
            one = Observation(
                source=source, stream="views", kind="ooni.web", country=country, network="", subject="en.wikipedia",
                epoch=int(time.timestamp()), step=86400, value=1000.0 + day, evidence="scored", day=time.date(),
                fetched=int(time.timestamp()) + 90000,
            )  # fmt: skip
            rows.append(one)
    Observation.objects.bulk_create(rows)
    compact()


def test_a_kind_of_two_streams_that_is_stopped_after_a_country_misses_nothing(source: Source) -> None:
    land(source, range(DAYS - 5))
    land_views(source)
    rest()
    memory = remembered()
    assert {row[2] for row in memory} == {"en.wikipedia", "en.wikipedia.org"}
    forget()
    actions.judge_again(None, "ooni.web")
    assert backfilling.step()
    row = Replay.objects.get()
    assert (row.after, set(row.rules)) == ("XA", {"blocking", "views"})
    backfilling._running.clear()
    rest()
    assert remembered() == memory
    assert not Finding.objects.exclude(retired_at=None).exists()


def test_others_have_their_turn_and_the_lease_is_renewed_within_a_country(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(source, range(DAYS))
    rest()
    findings, memory = told(), remembered()
    forget()
    actions.judge_again(None, "ooni.web")
    monkeypatch.setattr(backfilling, "TURN", 0.0)
    monkeypatch.setattr(backfilling, "CELLS_AT_ONCE", 1)
    held: list[datetime] = []
    turns = 0
    while backfilling.step():
        turns += 1
        held += Lease.objects.filter(name=backfilling.LEASE).values_list("until", flat=True)
    assert turns > 2 * len(COUNTRIES)
    assert held == sorted(set(held)), "each turn renews it"
    assert (told(), remembered()) == (findings, memory)


def test_what_only_a_replay_finds_is_history_and_what_nobody_saw_before_is_news(source: Source) -> None:
    """Old rules saw the ban of the last days and said nothing; the newest day came with the new rules."""
    land(source, range(DAYS - 1))
    rest()
    old_rule()
    Finding.objects.all().delete()
    Replay.objects.all().delete()
    land(source, range(DAYS - 1, DAYS))
    rest()
    live_from = Replay.objects.get().live_from
    newest = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    assert live_from == newest
    found = Signal.objects.filter(finding__rule__in=replaying.rules())
    assert found.filter(replayed=True).exists()
    assert not found.filter(replayed=True, finding__opened_at__gte=newest).exists()
    assert not found.filter(replayed=False, finding__opened_at__lt=newest).exists()


def test_a_missing_file_is_said_and_not_tried_for_ever(source: Source) -> None:
    land(source, range(5))
    actions.judge_again(None, "ooni.web")
    (settings.LAKE / LakeFile.objects.order_by("day")[0].path).unlink()
    with pytest.raises(FileNotFoundError):
        backfilling.step()
    assert not Lease.objects.filter(name=backfilling.LEASE).exists()
