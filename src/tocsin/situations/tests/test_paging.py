"""Which situations call people, and which never do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tocsin.alerts import actions
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.signals.models import Signal
from tocsin.situations import paging
from tocsin.situations.models import Member, Situation
from tocsin.situations.tests.arriving import ARREST, ARREST_AGAIN, FLOOD, NOW, arrive, run
from tocsin.streams.models import Source

pytestmark = pytest.mark.django_db
Make = Callable[..., Source]


def situation(number: int = 1, sources: list[Source] | None = None, **more: Any) -> Situation:
    """A situation that would wake somebody, but for what is said otherwise."""
    values: dict[str, Any] = {
        "country": "XS", "harm": "arrest", "our_link": True, "independent": 2, "probability": 0.9, "impact": 5,
        "rank": 90.0, "first_at": NOW, "last_at": NOW, "changed_at": NOW, "signals": 2,
    }  # fmt: skip
    made = Situation.objects.create(public_id=f"s{number}", title="x", **(values | more))
    for place, source in enumerate(sources or []):
        item = arrive(source, f"{number} {place}", "text")
        signal = Signal.objects.create(item=item, at=NOW, title="x", origin=f"{place}.example", rule="x")
        Member.objects.create(signal=signal, situation=made, since=NOW)
    return made


@pytest.fixture
def two(source: Make) -> list[Source]:
    return [source("One"), source("Two")]


def called() -> list[tuple[str, str, int]]:
    return [(one.rule.key, one.lane, one.severity) for one in Alert.objects.select_related("rule").order_by("pk")]  # type: ignore[union-attr]


WOKEN = ("situation.severe", Lane.WAKE, Severity.EXTREME)
BY_DAY = ("situation.likely", Lane.QUIET, Severity.MODERATE)


def test_situation_severe_wakes_once(two: list[Source]) -> None:
    made = situation(sources=two)
    assert paging.step()
    for _ in range(3):
        assert not paging.step()
    assert called() == [WOKEN]
    alert = Alert.objects.get()
    assert (alert.reference, alert.kind, alert.named) == (f"situation:{made.public_id}", "situation", False)


def test_situation_likely_waits_for_the_day(two: list[Source]) -> None:
    situation(sources=two, probability=0.7)
    paging.step()
    assert called() == [BY_DAY]


@pytest.mark.parametrize(
    "less",
    [
        {"our_link": False, "rank": 22.0},
        {"impact": 3, "rank": 32.4},
        {"probability": 0.59, "rank": 59.0},
        {"country": ""},
        {"independent": 1},
        {"state": Situation.State.CLOSED},
        {"state": Situation.State.MERGED},
    ],
)
def test_what_is_less_calls_nobody(two: list[Source], less: dict[str, Any]) -> None:
    situation(sources=two, **less)
    assert not paging.step()
    assert called() == []


def test_one_feed_wakes_nobody_however_many_mastheads_it_carries(source: Make) -> None:
    aggregator = source("Aggregator")
    situation(sources=[aggregator, aggregator, aggregator], independent=3)
    paging.step()
    assert called() == [BY_DAY]


def test_copies_of_one_wire_story_wake_nobody(two: list[Source]) -> None:
    made = situation(sources=two)
    first, second = Signal.objects.order_by("pk")
    Signal.objects.filter(pk=second.pk).update(copy_of=first)
    paging.step()
    assert called() == [BY_DAY]
    assert made.independent == 2


def test_an_arrest_that_a_machine_read_of_is_not_in_the_lane_of_what_people_ask_for(two: list[Source]) -> None:
    situation(sources=two)
    paging.step()
    assert Alert.objects.get().lane != Lane.LIFE


def test_what_called_by_day_and_becomes_nearly_sure_wakes(two: list[Source]) -> None:
    made = situation(sources=two, probability=0.7)
    paging.step()
    Situation.objects.filter(pk=made.pk).update(probability=0.9)
    assert paging.step()
    alert = Alert.objects.get()
    assert (alert.lane, alert.severity) == (Lane.WAKE, Severity.EXTREME)
    assert not paging.step()


def test_what_a_person_judged_does_not_call_again_for_the_same(two: list[Source], alice: Person) -> None:
    made = situation(sources=two)
    paging.step()
    actions.resolve(Alert.objects.get(), alice, Alert.Outcome.FALSE)
    Situation.objects.filter(pk=made.pk).update(last_at=timezone.now())
    assert not paging.step()
    Situation.objects.filter(pk=made.pk).update(last_at=timezone.now() + timedelta(days=15))
    assert paging.step()


def test_a_rule_that_was_wrong_too_often_wakes_nobody(two: list[Source], alice: Person) -> None:
    for number in range(4):
        situation(number, sources=two)
        paging.step()
        actions.resolve(Alert.objects.latest("pk"), alice, Alert.Outcome.FALSE)
    situation(9, sources=two)
    paging.step()
    alert = Alert.objects.latest("pk")
    assert (alert.lane, alert.withheld) == (Lane.QUIET, "precision")


def test_who_may_not_read_the_situation_does_not_learn_of_its_alert(
    two: list[Source], alice: Person, bob: Person
) -> None:
    situation(sources=two, readers=int(Role.LEAD))
    paging.step()
    assert alerts_for(alice).count() == 1
    assert alerts_for(bob).count() == 0


def test_an_exercise_stays_marked(two: list[Source]) -> None:
    situation(sources=two, exercise=True)
    paging.step()
    assert Alert.objects.get().exercise


def test_two_independent_papers_about_an_arrest_of_our_own_call_and_a_flood_does_not(source: Make) -> None:
    arrive(source("First", reliability="A"), *ARREST)
    arrive(source("Second", reliability="A"), *ARREST_AGAIN, hours=1)
    arrive(source("Third"), *FLOOD)
    run()
    paging.step()
    assert len(called()) == 1
    assert Situation.objects.get(public_id=Alert.objects.get().reference.partition(":")[2]).harm


def replayed(number: int) -> None:
    """That many signals of the newest are what a replay of the past found."""
    newest = list(Signal.objects.order_by("-pk").values_list("pk", flat=True)[:number])
    Signal.objects.filter(pk__in=newest).update(replayed=True)


def test_one_live_voice_beside_what_a_replay_found_calls_nobody(source: Make) -> None:
    situation(sources=[source("One"), source("Two"), source("Three")], independent=3)
    replayed(2)
    assert not paging.step()
    assert called() == []


def test_two_live_voices_call_whatever_a_replay_found_beside_them(source: Make) -> None:
    situation(sources=[source("One"), source("Two"), source("Three")], independent=3)
    replayed(1)
    assert paging.step()
    assert called() == [WOKEN]


def test_a_replay_lifts_nothing_into_ringing(source: Make) -> None:
    """By the rule, two weak voices are not likely enough; with a replay's findings the number on the page is."""
    made = situation(sources=[source("One", reliability="E"), source("Two", reliability="E"), source("Three")])
    replayed(1)
    Situation.objects.filter(pk=made.pk).update(probability=0.95, probability_rule="credence/1", independent=3)
    assert not paging.step()
    assert called() == []


@pytest.mark.django_db
def test_what_rested_calls_again_when_something_new_comes(source: Callable[..., Source]) -> None:
    arrive(source("Rested"), *ARREST)
    run()
    Situation.objects.update(state="quiet", changed_at=timezone.now() - timedelta(days=15))
    arrive(source("News"), *ARREST_AGAIN, hours=3)
    run()
    one = Situation.objects.get()
    assert (one.state, one.signals) == ("open", 2)
    Situation.objects.update(probability=0.95, independent=3, impact=5, our_link=True, rank=99)
    paging.step()
    assert Alert.objects.filter(dedupe=f"situation:{one.public_id}").exists()
