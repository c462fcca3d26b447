"""Clocks of plans, lessons, recovery and sources, each over rows that the verbs of their rooms wrote."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.alerts import actions as alerts
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports.gathering import measures as told
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.measures.base import Measured
from tocsin.reports.measures.registry import MEASURES
from tocsin.responses import actions, debriefs, missed
from tocsin.responses.log import acts
from tocsin.responses.log.content import State
from tocsin.responses.log.keeping import Book
from tocsin.responses.models import Line, Plan
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.signals.models import Finding, Signal
from tocsin.situations import membership
from tocsin.situations.models import Situation
from tocsin.streams.models import BlindSpot, Source

__all__ = ["holder", "know", "opened"]
pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
PLANNED = ("to-plan", "to-approve", "to-recover", "past-due")


def around() -> Period:
    at = timezone.now()
    return Period(at - timedelta(days=2), at + timedelta(days=1))


def value(key: str, period: Period | None = None) -> Measured | None:
    return MEASURES[key].count(period or around(), False)


def amount(key: str) -> float:
    found = value(key)
    assert found is not None
    return found.amount


@pytest.fixture
def planned(situation: Callable[..., Situation], bob: Person) -> Callable[..., Book]:
    """Begins a plan for a situation about which an alert came so many hours before."""

    def make(name: str, hours: float, *, drill: bool = False, **fields: object) -> Book:
        row = situation(name, **fields)
        about = f"situation:{row.public_id}"
        accepted = alerts.accept(alerts.New("situation", Severity.SEVERE, Lane.WAKE, name, about))
        Alert.objects.filter(pk=accepted.alert.pk).update(accepted_at=timezone.now() - timedelta(hours=hours))
        return actions.begin(bob, acts.Begun(severity=2, about=row.public_id, drill=drill), CONTENT, [TASK], row)

    return make


def test_the_time_to_a_plan_runs_from_the_first_alert_to_its_beginning(planned: Callable[..., Book]) -> None:
    assert value("to-plan") is None, "where nothing was planned nothing is measured"
    for name, hours in (("one", 1), ("two", 2), ("three", 6)):
        planned(name, hours)
    found = value("to-plan")
    assert found is not None
    assert (round(found.amount, 1), found.of) == (2.0, 3)


@pytest.mark.parametrize("how", ["drill", "situation", "plan", "privileged"])
def test_what_is_not_for_everybody_and_drills_count_in_no_clock_of_plans(
    planned: Callable[..., Book], bob: Person, vera: Person, how: str
) -> None:
    planned("open", 1)
    other = planned("other", 30, drill=how == "drill")
    if how == "situation":
        Situation.objects.filter(public_id="other").update(readers=int(Role.LEAD))
    if how == "plan":
        Plan.objects.filter(public_id=other.id).update(readers=int(Role.LEAD))
    if how == "privileged":
        actions.grade(other, bob, 2, privileged=True)
    found = value("to-plan")
    assert found is not None
    assert (round(found.amount), found.of) == (1, 1)


def test_the_time_to_a_yes_runs_from_the_first_question_of_each(
    planned: Callable[..., Book], bob: Person, vera: Person
) -> None:
    for name, hours in (("one", 3), ("two", 5)):
        book = planned(name, 1)
        actions.ask(book, bob, vera, None)
        actions.approve(book, vera, book.read().digest)
        Line.objects.filter(plan__public_id=book.id, verb="asked").update(at=timezone.now() - timedelta(hours=hours))
    actions.ask(planned("nobody answers", 1), bob, vera, None)
    found = value("to-approve")
    assert found is not None
    assert (round(found.amount), found.of) == (4, 2)


def finding(row: Situation, subject: str, fell: datetime, back: datetime | None) -> None:
    made = Finding.objects.create(
        rule="level", stream="views", kind="level", country="TR", subject=subject, opened_at=fell, closed_at=back,
        seen_at=back or fell, direction="down", score=4, before=100, now=40, points=9, evidence="scored",
    )  # fmt: skip
    signal = Signal.objects.create(finding=made, at=fell, title=subject, rule="level", country="TR")
    membership.join([membership.Joining(signal.pk, row, "same place")], "level")


def test_recovery_ends_when_the_last_of_it_is_back(planned: Callable[..., Book]) -> None:
    at = timezone.now()
    planned("whole", 1)
    whole, half = Situation.objects.get(public_id="whole"), None
    finding(whole, "readers", at - timedelta(days=5), at - timedelta(days=3))
    finding(whole, "edits", at - timedelta(days=4), at - timedelta(hours=3))
    planned("half", 1)
    half = Situation.objects.get(public_id="half")
    finding(half, "some readers", at - timedelta(days=9), at - timedelta(hours=1))
    finding(half, "some edits", at - timedelta(days=9), None)
    found = value("to-recover")
    assert found is not None
    assert found.of == 1, "what is not back did not recover"
    assert found.amount == pytest.approx(5 - 3 / 24, abs=0.01)


def test_actions_are_past_due_until_they_are_done(planned: Callable[..., Book], bob: Person, vera: Person) -> None:
    book = planned("one", 1)
    actions.approve(book, vera, book.read().digest)
    actions.move(book, bob, TASK.key, State.DONE, "a link")
    actions.close(book, bob, "Reached.", met=True)
    debriefs.write(book, bob, acts.Debriefed("A quick yes", "It was slow."))
    for text, hours in (("Ask sooner", 3), ("Call first", 4), ("Later", 24 * 30)):
        due = timezone.now() + timedelta(hours=hours)
        debriefs.learn(book, bob, acts.Learnt("", text, acts.Changes.TRAINING, bob.pk, due))
    assert amount("past-due") == 2
    first = debriefs.lessons(book.read().lines)[0]
    debriefs.move(book, bob, first.said.key, State.DONE, "It is in the training.")
    assert amount("past-due") == 1


def test_a_sealed_plan_moves_no_measure(
    planned: Callable[..., Book], alice: Person, vera: Person, opened: Open, know: Callable[..., object]
) -> None:
    planned("open", 1)
    before = {key: str(value(key)) for key in MEASURES if key not in {"exposure"}}
    know(alice, vera)
    actions.begin_sealed(alice, opened(alice), acts.Begun(severity=3), CONTENT, [TASK])
    assert {key: str(value(key)) for key in before} == before
    for key in PLANNED:
        assert "sealed" in str(MEASURES[key].definition), "and the definition says so"


def test_missed_events_about_what_is_for_some_of_the_team_are_not_counted(
    situation: Callable[..., Situation], bob: Person
) -> None:
    at = timezone.now() - timedelta(hours=9)
    closed = situation("closed", readers=int(Role.LEAD))
    for what, about in (("A raid", None), ("A ban", situation("open")), ("A secret raid", closed)):
        missed.note(bob, missed.Event(what, at, at + timedelta(hours=1), "a paper", "gdelt", "None"), about)
    assert amount("missed-events") == 2


def feed(name: str) -> Source:
    at = timezone.now()
    return Source.objects.create(name=name, kind="feeds", url=name, next_fetch_at=at, expected_every=timedelta(hours=1))


def test_sources_are_lost_while_they_are_silent_and_gained_when_they_are_added() -> None:
    at = timezone.now()
    silent, back, gone = feed("silent"), feed("back"), feed("gone")
    BlindSpot.objects.create(source=silent, since=at - timedelta(days=1), reason="x")
    BlindSpot.objects.create(source=back, since=at - timedelta(days=1), until=at, reason="x")
    Source.objects.filter(pk=gone.pk).update(removed_at=at)
    Source.objects.filter(pk=feed("for leads").pk).update(readers=int(Role.LEAD), removed_at=at)
    assert (amount("sources-gained"), amount("sources-lost")) == (3, 2)


def test_the_delay_of_detection_runs_from_what_the_first_signal_names(situation: Callable[..., Situation]) -> None:
    row = situation("seen late")
    Situation.objects.filter(pk=row.pk).update(first_at=timezone.now() - timedelta(hours=7))
    text = Signal.objects.create(at=timezone.now() - timedelta(hours=7), title="x", rule="r", country="TR")
    membership.join([membership.Joining(text.pk, row, "same story")], "r")
    assert amount("detection-delay") == pytest.approx(7, abs=0.01)


def test_a_clock_of_plans_is_told_with_its_number(planned: Callable[..., Book]) -> None:
    planned("one", 2)
    (fact,) = [one for one in told.facts(around(), Gatherer()) if one.key == "measure:to-plan"]
    assert fact.says.startswith("Time to plan: 2 h")


def test_the_page_opens_on_the_newest_month_with_numbers_and_tells_nothing_from_nought(
    browse: Browse, bob: Person, planned: Callable[..., Book]
) -> None:
    planned("long ago", 2)
    Plan.objects.update(opened_at=timezone.now() - timedelta(days=75))
    Alert.objects.update(accepted_at=timezone.now() - timedelta(days=75, hours=2))
    page = browse(bob).get("/reports/measures/").content.decode()
    assert "This is the newest time with numbers." in page
    assert "2 h" in page
    assert "nothing happened that it could measure" in page
    assert "not told: fewer than ten, or none" in page
    assert "not told: fewer than three people, or none" in page
    assert ">–<" not in page
    missed_row = page[page.index('id="missed-events"') :]
    assert ">0<" in missed_row[: missed_row.index("</tr>")], "a nought that was counted is a number"


def test_where_nothing_was_ever_measured_the_page_opens_on_the_last_month(browse: Browse, bob: Person) -> None:
    page = browse(bob).get("/reports/measures/").content.decode()
    assert "This is the newest time with numbers." not in page
    assert "nothing happened that it could measure" in page
