"""The page of the past says what is judged anew, why and how far; who may, starts, pauses and goes on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.people.models import Person
from tocsin.signals.models import CellState, Replay
from tocsin.streams.models import LakeFile

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
KIND = "ooni.web_connectivity"


def lake(kind: str = KIND, rows: int = 12_000) -> None:
    """A day of measurements, in the manifest alone: pages never open its files."""
    now = timezone.now()
    LakeFile.objects.create(kind=kind, day=now.date(), path=f"{kind}.parquet", rows=rows, digest="x", written_at=now)


def under_way(**more: Any) -> Replay:
    """A replay of three countries of which one is done, after a minute of work."""
    now = timezone.now()
    values: dict[str, Any] = {
        "kind": KIND, "begun_at": now - timedelta(minutes=2), "went_on_at": now, "replaced": ["blocking/1"],
        "sizes": [["FR", 2000], ["KE", 4000], ["TR", 6000]], "after": "FR", "countries": 3, "countries_done": 1,
        "rows": 12_000, "rows_done": 2_000, "seconds": 60.0, "opened": 4, "closed": 2, "retired": 1,
    }  # fmt: skip
    return Replay.objects.create(**(values | more))


def read(client: Client) -> str:
    answer = client.get("/signals/past/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_it_says_why_how_far_and_how_long_it_takes(browse: Browse, alice: Person) -> None:
    lake()
    under_way()
    page = read(browse(alice))
    assert "blocking/1 judged it, no longer in force" in page
    assert "1 of 3 countries" in page
    assert "2,000 of 12,000 rows" in page
    assert "about 5 minutes left" in page
    assert "4 findings opened" in page
    assert [page.index(word) for word in ("France", "Kenya", "Türkiye")] == sorted(
        page.index(word) for word in ("France", "Kenya", "Türkiye")
    )
    assert 'hx-select-oob="#part-going,#part-still' in page


def test_without_measurements_it_says_what_brings_them(browse: Browse, alice: Person) -> None:
    page = read(browse(alice))
    assert "Nothing is measured yet" in page
    assert "/sources/" in page


def test_a_replay_that_nobody_works_on_says_what_to_start(browse: Browse, alice: Person) -> None:
    lake()
    under_way(went_on_at=timezone.now() - timedelta(minutes=6))
    page = read(browse(alice))
    assert "nobody works on it" in page
    assert "tocsin work" in page


def test_one_that_is_done_says_when_and_what_it_changed(browse: Browse, alice: Person) -> None:
    lake()
    now = timezone.now()
    last = {"at": now.isoformat(), "countries": 3, "rows": 12_000, "opened": 7, "closed": 5, "retired": 1}
    under_way(finished_at=now, last=last)
    page = read(browse(alice))
    assert "Nothing is left to do" in page
    assert [word in page for word in ("7 findings opened", "5 closed", "1 retired")] == [True, True, True]


def test_rules_that_changed_since_wait_for_a_worker(browse: Browse, alice: Person) -> None:
    lake()
    CellState.objects.create(rule="blocking/0", kind=KIND, stream="blocking", country="FR", subject="x.example")
    page = read(browse(alice))
    assert "waits for a worker" in page
    assert "blocking/0" in page
    assert not Replay.objects.exists(), "looking changes nothing"


def test_who_may_pauses_goes_on_and_starts_again_and_each_is_in_the_record(browse: Browse, bob: Person) -> None:
    lake()
    under_way()
    client = browse(bob)
    steps = []
    for verb in ("pause", "pause", "go-on", "again"):
        assert client.post(f"/signals/past/{verb}", {"kind": KIND}).status_code == 302
        row = Replay.objects.get()
        steps.append((row.paused, row.begun_at is None))
    assert steps == [(True, False), (True, False), (False, False), (False, True)]
    assert [one.verb for one in Entry.objects.order_by("pk")] == ["replay.pause", "replay.resume", "replay.again"]
    assert {one.actor for one in Entry.objects.all()} == {bob.pk}
    assert {one.target for one in Entry.objects.all()} == {f"replay:{KIND}"}
    assert "it was asked for" in read(client)


def test_what_was_never_measured_is_refused(browse: Browse, bob: Person) -> None:
    answer = browse(bob).post("/signals/past/again", {"kind": "nothing"}, follow=True)
    assert "Nothing of this kind was measured." in answer.content.decode()
    assert not Replay.objects.exists()


def test_who_may_read_alone_sees_no_button_and_can_do_nothing(browse: Browse, vera: Person, charlie: Person) -> None:
    lake()
    under_way()
    page = read(browse(vera))
    assert "/signals/past/pause" not in page
    for person in (vera, charlie):
        for verb in ("pause", "go-on", "again"):
            assert browse(person).post(f"/signals/past/{verb}", {"kind": KIND}).status_code in {403, 404}
    assert browse(charlie).get("/signals/past/").status_code in {403, 404}
    assert not Replay.objects.get().paused
