"""Measures: right where the answer is known, honest where it is not, silent where a number would speak of a person."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tocsin.alerts.models import Alert, Policy
from tocsin.cases.models import Outcome
from tocsin.oncall.models import Load
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports.gathering.measures import facts
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.measures.base import Measured, mean, median, share
from tocsin.reports.measures.forecasting import calibration, scored
from tocsin.reports.measures.registry import MEASURES
from tocsin.reports.measures.saying import said
from tocsin.reports.measures.trend import trend
from tocsin.situations.models import Assessment, Situation

Browse = Callable[[Person], Client]
NOVEMBER = Period(datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_a_median_lies_within_its_range(values: list[float]) -> None:
    found = median(values)
    assert found is not None
    if found.low is not None and found.high is not None:
        assert found.low <= found.amount <= found.high
    else:
        assert len(values) < 6


def test_less_than_an_hour_is_told_in_minutes() -> None:
    assert [said(amount, "hours") for amount in (0.0, 0.017, 0.5, 1.0, 30.0)] == [
        "0 h",
        "1 min",
        "30 min",
        "1 h",
        "30 h",
    ]


def test_the_range_of_a_median_is_that_of_the_books() -> None:
    found = median([float(one) for one in range(1, 21)])
    assert found is not None
    assert (found.low, found.high) == (6, 15), "ranks 6 and 15 of 20 (Conover)"
    assert median([1.0] * 3 + [float("inf")] * 4) is None, "what mostly never happened has no middle"
    assert share(0, 0) is None
    assert mean([]) is None


def test_a_whole_month_is_compared_with_the_month_before() -> None:
    before = NOVEMBER.before()
    assert (before.first.isoformat(), before.last.isoformat()) == ("2025-10-01", "2025-10-31")
    week = Period(datetime(2025, 11, 3, tzinfo=UTC), datetime(2025, 11, 10, tzinfo=UTC)).before()
    assert (week.first.isoformat(), week.last.isoformat()) == ("2025-10-27", "2025-11-02")


@pytest.fixture
def alert(db: None) -> Callable[..., Alert]:
    policy = Policy.objects.create(public_id="p", name="First line")

    def make(day: int, minutes: float | None, **more: object) -> Alert:
        at = datetime(2025, 11, day, 12, tzinfo=UTC)
        answered = at + timedelta(minutes=minutes) if minutes is not None else None
        count = Alert.objects.count()
        fields: dict[str, object] = {
            "public_id": f"a{count}", "dedupe": f"d{count}", "kind": "situation", "lane": "wake", "severity": 3,
            "policy": policy, "occurred_at": at, "accepted_at": at, "seen_at": at, "first_answered_at": answered,
            "state": "resolved", **more,
        }  # fmt: skip
        return Alert.objects.create(**fields)

    return make


def value(key: str, period: Period = NOVEMBER) -> Measured | None:
    return MEASURES[key].count(period, False)


def test_acknowledging_counts_the_unanswered_and_leaves_out_what_must_not_count(alert: Callable[..., Alert]) -> None:
    for day, minutes in enumerate((1, 2, 3, 4, None), 1):
        alert(day, minutes)
    alert(6, 90, named=True)
    alert(7, 90, drill=True)
    alert(8, 90, lane="quiet")
    alert(9, 90, exercise=True)
    assert value("acknowledge") == Measured(3, 5)


def test_false_pages_are_a_share_with_its_range(alert: Callable[..., Alert]) -> None:
    for day, outcome in enumerate(("true", "true", "true", "false", ""), 1):
        alert(day, 1, outcome=outcome)
    found = value("false-pages")
    assert found is not None
    assert (found.amount, found.of) == (0.25, 4)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.25 < found.high


@pytest.mark.django_db
def test_promises_of_so_few_are_not_told() -> None:
    Outcome.objects.bulk_create([Outcome(clock="promise", month="2025-11", result="met") for _ in range(9)])
    assert value("promises") is None
    Outcome.objects.create(clock="promise", month="2025-11", result="late")
    found = value("promises")
    assert found is not None
    assert (found.amount, found.of) == (0.9, 10)
    assert value("promises", Period(NOVEMBER.since, NOVEMBER.until - timedelta(days=1))) is None, "no whole month"


def test_load_is_the_teams_and_of_few_people_nothing(alice: Person, bob: Person, vera: Person) -> None:
    at = NOVEMBER.since + timedelta(days=1)
    for person in (alice, bob):
        Load.objects.create(person=person, kind=Load.Kind.PAGE, at=at)
    assert value("pages") is None
    Load.objects.create(person=vera, kind=Load.Kind.PAGE, at=at)
    Load.objects.create(person=vera, kind=Load.Kind.PAGE, at=at, private=True)
    found = value("pages")
    assert found is not None
    assert found.of == 3
    assert found.amount == pytest.approx(7 / 30)


def judged(row: Situation, by: Person, day: int, probability: float, version: int) -> None:
    Assessment.objects.create(
        situation=row, version=version, by=by, at=datetime(2025, 11, day, tzinfo=UTC), probability=probability,
        impact=3, confidence="low", reasons="x", rivals="y", review_on=datetime(2025, 12, 1, tzinfo=UTC).date(),
    )  # fmt: skip


def test_forecasts_are_scored_once_their_outcome_is_known(
    situation: Callable[..., Situation], alert: Callable[..., Alert], alice: Person
) -> None:
    right = situation("It came true")
    judged(right, alice, 2, 0.8, 1)
    alert(
        9, 1, reference=f"situation:{right.public_id}", outcome="true", resolved_at=datetime(2025, 11, 10, tzinfo=UTC)
    )
    over = situation("It did not", state="closed")
    judged(over, alice, 3, 0.4, 1)
    judged(over, alice, 20, 0.01, 2)
    open_yet = situation("Nobody knows")
    judged(open_yet, alice, 4, 0.5, 1)
    found = value("forecasts")
    assert found is not None
    assert found.of == 2
    assert found.amount == pytest.approx((0.2**2 + 0.4**2) / 2)
    steps = {one.word: (one.happened.amount, one.happened.of) for one in calibration(scored(NOVEMBER, False))}
    assert steps == {"unlikely": (0.0, 1), "very likely": (1.0, 1)}


def test_a_difference_that_may_be_chance_is_no_trend(alert: Callable[..., Alert]) -> None:
    for day in range(1, 9):
        alert(day, 1, outcome="true" if day % 2 else "false")
        row = alert(day, 1, outcome="true")
        Alert.objects.filter(pk=row.pk).update(accepted_at=row.accepted_at - timedelta(days=31))
    found = trend(MEASURES["false-pages"], NOVEMBER, exercise=False, periods=2)
    assert found.now is not None
    assert found.before is not None
    assert (found.now.amount, found.before.amount) == (0.5, 0.0)
    assert found.shape == "steady"
    assert found.good is None


def test_a_measure_becomes_a_fact_with_its_definition_as_source(alert: Callable[..., Alert]) -> None:
    alert(3, 4)
    (fact,) = [one for one in facts(NOVEMBER, Gatherer()) if one.key == "measure:acknowledge"]
    assert fact.says.startswith("Time to acknowledge an alert: 4 min")
    assert "the standard is 5 min" in fact.says
    assert "One that nobody answered counts as longer than any" in fact.sources[0].title


@pytest.mark.django_db
def test_the_page_says_what_was_not_measured_and_keeps_load_from_who_drafts_no_reports(
    browse: Browse, bob: Person
) -> None:
    page = browse(bob).get("/reports/measures/?over=quarter").content.decode()
    for measure in MEASURES.values():
        assert str(measure.title) in page
        assert str(measure.definition)[:40] in page
    assert "nothing happened that it could measure" in page
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.STAKEHOLDER))
    page = browse(eve).get("/reports/measures/").content.decode()
    assert "Time to acknowledge an alert" in page
    assert "Pages at night" not in page


def test_measures_without_a_number_are_folded_under_what_that_means(
    browse: Browse, alice: Person, alert: Callable[..., Alert]
) -> None:
    client = browse(alice)
    table, folded = client.get("/reports/measures/").content.decode().split("</table>", 1)
    assert '<tr id="missed-events">' in table, "a nought that was counted is a number"
    held = [one for one in MEASURES.values() if f'<li id="{one.key}">' in folded]
    assert {"acknowledge", "to-approve"} <= {one.key for one in held}
    assert not any(f'<tr id="{one.key}">' in table for one in held)
    assert folded.count("<summary>") == len({str(one.silence) for one in held}), "each meaning is said once"
    day = (timezone.now().replace(day=1) - timedelta(days=9)).replace(hour=12)
    times = dict.fromkeys(("occurred_at", "accepted_at", "seen_at"), day)
    alert(1, None, **times, first_answered_at=day + timedelta(minutes=4))
    table, folded = client.get("/reports/measures/").content.decode().split("</table>", 1)
    assert '<tr id="acknowledge">' in table
    assert '<li id="acknowledge">' not in folded
