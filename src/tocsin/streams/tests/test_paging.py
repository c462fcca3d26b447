"""Silence is told once: by day, unless the whole house is blind."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tocsin.alerts import actions
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.streams import paging, work
from tocsin.streams.models import Requirement, Source

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def source(name: str, hours_ago: float = 0, **more: object) -> Source:
    """A source that brought something so many hours ago; it should every hour."""
    now = timezone.now()
    values = {"kind": "feeds", "url": f"https://{name}.example/", "expected_every": HOUR, "next_fetch_at": now}
    return Source.objects.create(name=name, last_news_at=now - hours_ago * HOUR, **(values | more))


def look() -> list[tuple[str, str]]:
    """Let the worker look; gives the keys and lanes of all alerts so far."""
    work.watch_silence()
    paging.step()
    return [(one.dedupe, one.lane) for one in Alert.objects.order_by("pk")]


def test_source_silent_is_told_once_and_by_day() -> None:
    silent, _lively = source("a", 4), source("b")
    for _ in range(3):
        assert look() == [(f"source:{silent.pk}", Lane.QUIET)]
    assert Alert.objects.get().seen_count == 1


def test_a_source_that_a_person_paused_is_told_to_nobody() -> None:
    source("a", 4, paused=True)
    source("b")
    assert look() == []


def test_a_source_that_speaks_again_is_noted_and_silences_nobody(alice: Person) -> None:
    silent, _lively = source("a", 4), source("b")
    look()
    Source.objects.filter(pk=silent.pk).update(last_news_at=timezone.now())
    look()
    alert = Alert.objects.get()
    assert (alert.state, alert.remote_resolved_at is not None) == (Alert.State.OPEN, True)
    Source.objects.filter(pk=silent.pk).update(last_news_at=timezone.now() - 4 * HOUR)
    look()
    alert.refresh_from_db()
    assert (alert.seen_count, alert.remote_resolved_at) == (2, None)


def test_a_silence_that_was_dealt_with_is_not_told_again_but_the_next_one_is(alice: Person) -> None:
    silent, _lively = source("a", 4), source("b")
    look()
    actions.resolve(Alert.objects.get(), alice, Alert.Outcome.TRUE)
    assert len(look()) == 1
    Source.objects.filter(pk=silent.pk).update(last_news_at=timezone.now())
    look()
    Alert.objects.update(accepted_at=timezone.now() - 9 * HOUR)
    Source.objects.filter(pk=silent.pk).update(last_news_at=timezone.now() - 4 * HOUR)
    assert len(look()) == 2


def test_who_may_not_know_of_a_source_does_not_learn_of_its_silence(alice: Person, bob: Person) -> None:
    source("a", 4, readers=int(Role.LEAD))
    source("b")
    look()
    assert (alerts_for(alice).count(), alerts_for(bob).count()) == (1, 0)


def test_requirement_blind_is_told_when_the_last_source_that_covers_it_falls_silent() -> None:
    first, second = source("a", 4, countries=["XS"]), source("b", countries=["XS"])
    source("c", countries=["XO"])
    needed = Requirement.objects.create(question="q", asked_by="x", countries=["XS"])
    assert look() == [(f"source:{first.pk}", Lane.QUIET)]
    Source.objects.filter(pk=second.pk).update(last_news_at=timezone.now() - 4 * HOUR)
    assert (f"requirement:{needed.pk}", Lane.QUIET) in look()
    assert Alert.objects.get(kind="blind").severity == Severity.MODERATE
    assert len(look()) == 3


def test_blind_everywhere_wakes_once_instead_of_an_alert_for_each_source() -> None:
    for name in "abcd":
        source(name, 4)
    for _ in range(2):
        assert look() == [("blind:everywhere", Lane.WAKE)]
    Source.objects.filter(name="a").update(last_news_at=timezone.now())
    found = look()
    assert len(found) == 4
    assert Alert.objects.get(dedupe="blind:everywhere").remote_resolved_at is not None


def test_two_sources_are_too_few_to_call_the_house_blind() -> None:
    source("a", 4)
    source("b", 4)
    assert {lane for _key, lane in look()} == {Lane.QUIET}
