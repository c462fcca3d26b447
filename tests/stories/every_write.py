"""Stories of work during which a process may die: how each begins, its work, and what must be there at the end."""

import json
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from tests.stories import issue_writes
from tests.stories.membership_log import places
from tocsin.alerts import clock
from tocsin.alerts.models import Alert, Knower, Notice
from tocsin.analysis import engine
from tocsin.analysis.series import Evidence, Stream
from tocsin.audit import work as sealing
from tocsin.audit.actions import record
from tocsin.audit.models import Checkpoint, Seal
from tocsin.audit.verification import verify
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions as plans
from tocsin.responses import drills
from tocsin.responses import work as ringing
from tocsin.responses.log import acts
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.content import Content, Option, Task
from tocsin.responses.models import Clock, Line, Plan
from tocsin.signals import backfilling, measuring
from tocsin.signals import work as reading
from tocsin.signals.models import CellState, Change, Finding, Replay, Signal
from tocsin.situations import work as grouping
from tocsin.situations.models import Situation, ThreatLevel
from tocsin.streams import documents, lake, storing
from tocsin.streams import work as collecting
from tocsin.streams.collecting import Outcome
from tocsin.streams.models import BlindSpot, Fetch, Item, LakeChange, LakeFile, Observation, Source
from tocsin.streams.sources.base import Batch, NewItem, NewObservation

NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.replace(hour=0, minute=0, second=0)
DAYS, BLOCKED = 12, 8
TEXTS = (
    ("Wikipedia editor arrested in Turkey", "Police in Ankara arrested a volunteer Wikipedia editor on Monday."),
    ("Wikipedia editor arrested in Turkey", "Police in Ankara arrested a volunteer Wikipedia editor on Monday."),
    ("Floods close roads in Peru", "Heavy rain closed three mountain roads near Cusco in Peru. No one was hurt."),
    ("Government blocks Wikipedia in Pakistan", "The regulator ordered providers in Pakistan to block Wikipedia."),
    ("Pakistan blocks Wikipedia", "Providers in Pakistan block Wikipedia since the regulator ordered it, users say."),
    ("", ""),
    ("Journalist beaten by police in Belarus", "Officers in Minsk beat a reporter who filmed a protest, she said."),
)


@dataclass(frozen=True, slots=True)
class Story:
    """``begin`` is run once; ``work`` by processes that die; ``end`` gives what must be the same whoever died.

    ``moments``: how many times at least it could have died.
    """

    begin: Callable[[], None]
    work: Callable[[], object]
    end: Callable[[], Any]
    moments: int = 4


def until_idle(*steps: Callable[[], bool]) -> None:
    """Each step again and again, until none has anything to do."""
    while any(step() for step in steps):
        pass


def source(name: str = "Daily", kind: str = "feeds") -> Source:
    """A source that is due now, and once it was asked not again before the longest run of tests is over."""
    return Source.objects.create(
        name=name, kind=kind, url=f"https://{name.lower()}.example/", reliability="B", next_fetch_at=TODAY,
        expected_every=timedelta(days=2),
    )  # fmt: skip


def rows(model: type[Model] | QuerySet[Any], *fields: str) -> list[Any]:
    """Every row's values in a fixed order; a double shows."""
    found = model if isinstance(model, QuerySet) else model._default_manager.all()
    return sorted(json.dumps(row, default=str, sort_keys=True) for row in found.values_list(*fields))


# One answer is stored: items, observations, the fetch and the state of its source.


def _answer(found: Source) -> Outcome:
    items = [NewItem(key=f"{n}", title=f"Title {n}", text="Text. " * 20, stated=NOW, url="") for n in range(10)]
    measured = [
        NewObservation(
            stream=Stream.BLOCKING, kind="ooni.web", country="TR", subject="wiki.example", network=f"AS{n}",
            epoch=int(TODAY.timestamp()), step=86_400, n=30, k=1, evidence=Evidence.SCORED,
        )
        for n in range(11)
    ]  # fmt: skip
    batch = Batch(items=tuple(items), observations=tuple(measured), entries=10, memory={"seen": 1})
    return Outcome(at=NOW, seconds=0.1, status=200, bytes=10, batch=batch, transport={"etag": "x"})


def _store() -> None:
    # Small parts, so that one answer needs several transactions.
    storing.ITEMS_AT_ONCE, storing.OBSERVATIONS_AT_ONCE = 4, 5
    for found in collecting.claim_due(5):
        try:
            storing.store(found, _answer(found), lambda: 0.5)
        except storing.LostClaimError:
            continue


def _begin_store() -> None:
    found = source()
    BlindSpot.objects.create(source=found, since=TODAY, reason="It was silent.")


def _stored() -> Any:
    return (
        rows(Item, "source__name", "key", "digest", "title"),
        rows(Observation, "kind", "country", "subject", "network", "epoch", "source__name", "n", "k"),
        rows(Source, "name", "health", "failures", "memory", "last_answer_at", "claimed_until", "next_fetch_at"),
        rows(Fetch, "source__name", "outcome", "observations"),
        rows(BlindSpot, "until"),
    )


# Landed rows are compacted into the lake.


def _land(
    found: Source, day: int, k: float, fetched: int = 0, network: str = "AS64500", country: str = "XS"
) -> Observation:
    at = TODAY - timedelta(days=DAYS - day)
    return Observation(
        source=found, stream="blocking", kind="ooni.web", country=country, subject="en.wikipedia.org", network=network,
        epoch=int(at.timestamp()), step=86_400, n=30, k=k, evidence="scored", day=at.date(),
        fetched=int(at.timestamp()) + 90_000 + fetched, landing=secrets.randbits(62),
    )  # fmt: skip


def _begin_lake() -> None:
    found = source("Measures", "ooni")
    Observation.objects.bulk_create([_land(found, 1, 2, network=f"AS{n}") for n in range(5)])
    until_idle(lake.step)
    newer = [_land(found, 1, 9, fetched=5, network=f"AS{n}") for n in range(3, 8)]
    Observation.objects.bulk_create(newer)


def in_the_lake() -> list[Any]:
    """What a reader finds who opens the files of the manifest."""
    paths = [settings.LAKE / path for path in LakeFile.objects.values_list("path", flat=True)]
    return sorted(row._replace(source=0) for path in paths for row in engine.read(path))


def _laked() -> Any:
    lake.sweep(timezone.now() + 3 * lake.GRACE)
    files = sorted(str(path.relative_to(settings.LAKE)) for path in settings.LAKE.rglob("*") if path.is_file())
    assert files == sorted(LakeFile.objects.values_list("path", flat=True))
    told = set(LakeChange.objects.values_list("kind", "day"))
    return in_the_lake(), rows(LakeFile, "kind", "day", "rows", "digest"), sorted(told), Observation.objects.count()


# Items are read into signals.


def _begin_items() -> None:
    for number, (title, text) in enumerate(TEXTS):
        found = source(f"Paper{number}")
        Item.objects.create(
            source=found, key=str(number), digest=str(number), title=title, text=text, published_at=NOW,
            fetched_at=NOW, expires_at=NOW + timedelta(days=400),
        )  # fmt: skip


def _read() -> None:
    until_idle(lambda: reading.read_items(3))


def _signals() -> Any:
    told = rows(Change.objects.filter(new=True), "signal")
    assert len(told) == len(set(told)) == Signal.objects.count()
    return rows(Signal, "item__key", "title", "country", "harm", "state", "terms", "our_link")


# Days of the lake are measured.


def _begin_days() -> None:
    found = source("Measures", "ooni")
    days = [_land(found, day, 1 if day < BLOCKED else 29) for day in range(DAYS)]
    Observation.objects.bulk_create(days)
    until_idle(lake.step)


def _measured() -> Any:
    assert Finding.objects.exists()
    return (
        rows(Finding, "rule", "kind", "country", "subject", "network", "opened_at", "closed_at", "score", "points"),
        rows(Signal, "finding__network", "title", "harm", "at", "state"),
        rows(CellState, "rule", "kind", "country", "subject", "network", "state", "recent", "last_point_at"),
    )


# The past is judged anew when rules have changed.


def _begin_past() -> None:
    found = source("Measures", "ooni")
    days = [(day, country) for day in range(DAYS) for country in ("XA", "XS")]
    # What other rules said of the one still stands open; the other was never blocked.
    failed = {day: 29 if day >= BLOCKED else 1 for day in range(DAYS)}
    landed = [_land(found, day, failed[day] if country == "XS" else 1, country=country) for day, country in days]
    Observation.objects.bulk_create(landed[:-2])
    until_idle(lake.step)
    until_idle(measuring.step)
    CellState.objects.update(rule="change/1")
    Finding.objects.update(rule="change/1")
    Replay.objects.all().delete()
    # A day that nobody looked at yet waits until the past is judged.
    Observation.objects.bulk_create(landed[-2:])
    until_idle(lake.step)


def _judge_anew() -> None:
    # A cell at a time, so that a country needs several transactions.
    backfilling.CELLS_AT_ONCE = 1
    until_idle(backfilling.step, measuring.step)


def _judged() -> Any:
    row = Replay.objects.get()
    assert row.finished_at is not None
    assert row.retired == Finding.objects.filter(rule="change/1", retired_at__isnull=False).count() > 0
    assert not CellState.objects.filter(rule="change/1").exists()
    counts = row.after, row.countries_done, row.rows_done, row.opened, row.closed, row.retired
    return counts, _measured(), rows(Signal, "title", "state", "replayed", "finding__rule", "finding__closed_at")


# Signals are grouped into situations.


def _begin_signals() -> None:
    _begin_items()
    until_idle(lambda: reading.read_items(100))
    measured = Finding.objects.create(
        rule="blocking/1", stream="blocking", kind="ooni.web", country="PK", subject="en.wikipedia.org", opened_at=NOW,
        seen_at=NOW, direction="rise", score=0.9, before=0.1, now=0.9, points=5, evidence="scored",
    )  # fmt: skip
    Signal.objects.create(
        finding=measured, at=NOW, title="Failed measurements rose", country="PK", harm="site-ban", rule="blocking/1"
    )


def _group() -> None:
    until_idle(lambda: grouping.group(3), grouping.follow_changes)


def _grouped() -> Any:
    groups: dict[int | None, list[str]] = {}
    for signal, situation in places().items():
        groups.setdefault(situation, []).append(signal)
    return (
        sorted(sorted(group) for number, group in groups.items() if number is not None),
        sorted(groups.get(None, [])),
        rows(Situation, "title", "country", "harm", "signals", "independent", "probability", "state"),
        rows(ThreatLevel.objects.filter(current=True), "country", "harm", "probability"),
        rows(Signal, "item__key", "copy_of__item__key"),
    )


# Entries of the record are sealed.


def _begin_entries() -> None:
    for number in range(5):
        with transaction.atomic():
            record(None, "test.act", f"thing:{number}")


def _sealed() -> Any:
    verdict = verify()
    assert (verdict.wrong, verdict.waiting) == (0, 0), verdict.problems
    assert Checkpoint.objects.exists()
    return rows(Seal, "sequence", "entry")


# Documents are taken from the drop folder.


def _begin_documents() -> None:
    documents.prepare()
    path = settings.DROP_FOLDER / "report.txt"
    path.write_text("An editor was threatened in Sarvania.\n" * 3)
    old = time.time() - 60
    os.utime(path, (old, old))


def _taken() -> Any:
    left = sorted(str(path.relative_to(settings.DROP_FOLDER)) for path in settings.DROP_FOLDER.rglob("*.txt"))
    return left, rows(Item, "key", "digest", "title", "text")


# Items expire, and signals and situations with them.


def _begin_expired() -> None:
    _begin_signals()
    _group()
    Item.objects.filter(key__in=["0", "3"]).update(expires_at=NOW - timedelta(days=1))


def _expire() -> None:
    until_idle(collecting.expire, grouping.step)


def _expired() -> Any:
    return rows(Item, "key"), rows(Signal, "item__key", "title"), rows(Situation, "country", "harm", "signals", "state")


def _within(steps: Iterable[Callable[[], bool]]) -> Callable[[], object]:
    found = list(steps)
    return lambda: until_idle(*found)


# A plan's clocks ring: an approver asked in vain, a task long overdue, a drill that goes on.


def _begin_plans() -> None:
    # This runs in a process of its own, whose clock is two days slow.
    clock.now = lambda: NOW - timedelta(days=2)
    alice, vera, dora = (
        Person.objects.create(email=f"{name}@example.org", name=name, roles=int(role))
        for name, role in (("alice", Role.LEAD), ("vera", Role.APPROVER), ("dora", Role.APPROVER))
    )
    options = (Option("wait", "Wait", risk="none"), Option("go", "Go", risk="low"))
    said = Content("Blocked", "It opens again.", options, "go", "They need it.", exit_condition="Views are back.")
    task = Task("t1", "Call the host", owner=alice.pk, due=NOW - timedelta(days=3))
    plan = plans.begin(alice, acts.Begun(severity=3), said, [task], None)
    plans.ask(plan, alice, vera, dora)
    drill = plans.begin(alice, acts.Begun(severity=2, drill=True), said, [], None)
    drills.start(drill, alice, "block-before-election", drills.FASTEST)


def _ring() -> None:
    until_idle(ringing.step, sealing.step)


def _rang() -> Any:
    assert verify().wrong == 0
    assert all(OpenBook(one.public_id).read().proved for one in Plan.objects.all())
    return (
        rows(Clock, "what", "person", "due_at"),
        rows(Alert, "kind", "dedupe", "lane", "state"),
        rows(Knower, "alert__dedupe", "person__name"),
        rows(Notice.objects.filter(purpose=Notice.Purpose.TOLD), "person__name", "words", "reference"),
        rows(Line, "plan__title", "number", "verb", "body"),
    )


STORIES = {
    "store": Story(_begin_store, _store, _stored),
    "lake": Story(_begin_lake, _within([lake.step]), _laked),
    "read": Story(_begin_items, _read, _signals),
    "measure": Story(_begin_days, _within([measuring.step]), _measured),
    "replay": Story(_begin_past, _judge_anew, _judged, moments=12),
    "group": Story(_begin_signals, _group, _grouped),
    "seal": Story(_begin_entries, _within([sealing.step]), _sealed),
    "documents": Story(_begin_documents, _within([documents.step]), _taken),
    "plans": Story(_begin_plans, _ring, _rang),
    "expire": Story(_begin_expired, _expire, _expired),
    "release": Story(issue_writes.begin_release, issue_writes.release, issue_writes.released, moments=3),
    "correct": Story(issue_writes.begin_correction, issue_writes.release, issue_writes.released, moments=3),
    "send": Story(issue_writes.begin_send, issue_writes.send, issue_writes.sent),
}
