"""Programs see how far the past is judged anew; who may, starts it, pauses it and goes on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.models import Replay
from tocsin.signals.tests.test_pasts import KIND, lake, under_way

pytestmark = pytest.mark.django_db


def call(person: Person, method: str, path: str, *rights: Right) -> tuple[int, Any]:
    token = issue_token(person, "a program", rights or (Right.READ, Right.SOURCES), 30)
    answer = Client().generic(method, f"/api/replays{path}", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def test_it_says_how_far_a_replay_is_and_what_it_changed(alice: Person) -> None:
    lake()
    under_way()
    status, (said,) = call(alice, "GET", "")
    assert status == 200
    assert (said["kind"], said["state"], said["rows"]) == (KIND, "goes_on", 12_000)
    progress = said["progress"]
    assert (progress["countries_done"], progress["countries"], progress["rows_done"]) == (1, 3, 2_000)
    assert (progress["opened"], progress["closed"], progress["retired"], progress["seconds_left"]) == (4, 2, 1, 300)
    assert [one["state"] for one in progress["by_country"]] == ["done", "next", "open"]
    assert said["last"] is None
    assert call(alice, "GET", f"/{KIND}") == (200, said | {"progress": progress})


def test_it_pauses_goes_on_and_starts_anew_each_in_the_record(alice: Person) -> None:
    lake()
    under_way(went_on_at=timezone.now() + timedelta(minutes=1))
    for verb, state in (("pause", "paused"), ("resume", "goes_on"), ("resume", "goes_on"), ("start", "waits")):
        status, said = call(alice, "POST", f"/{KIND}/{verb}")
        assert (status, said["state"]) == (200, state)
    assert Replay.objects.get().cause == Replay.Cause.ASKED
    verbs = Entry.objects.filter(target=f"replay:{KIND}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["replay.pause", "replay.resume", "replay.again"], "what changed nothing leaves no line"


def test_a_kind_that_nobody_measured_and_a_verb_that_is_none_are_not_there(alice: Person) -> None:
    lake()
    assert call(alice, "GET", "/nothing.measured")[0] == 404
    assert call(alice, "POST", "/nothing.measured/start")[0] == 404
    assert call(alice, "POST", f"/{KIND}/forget")[0] == 422
    assert not Replay.objects.exists()


def test_who_may_not_change_sources_only_reads(alice: Person, bob: Person) -> None:
    lake()
    under_way()
    assert call(alice, "POST", f"/{KIND}/pause", Right.READ)[0] == 403
    assert call(alice, "GET", "", Right.READ)[0] == 200
    assert not Replay.objects.get().paused
