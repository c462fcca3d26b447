"""Clocks of plans: wound with the log, caught up after any silence, each once, and ended by what they called for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tocsin.alerts import clock, words
from tocsin.alerts.models import Alert, Knower, Lane, Notice
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, debriefs, drills, models, waiting, work
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts
from tocsin.responses.log.acts import Changes, Debriefed, Learnt
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.content import State, Task
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK


class Later:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def wait(self, **more: float) -> None:
        self.now += timedelta(**more)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    moved = Later()
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved  # type: ignore[return-value]


@pytest.fixture
def plan(bob: Person, later: Later) -> Book:
    return actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK], None)


@pytest.fixture
def dora(db: None) -> Person:
    return Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.APPROVER))


def _everything() -> None:
    while work.step():
        pass


def test_an_approver_is_woken_at_once_and_the_alert_ends_with_the_answer(plan: Book, bob: Person, vera: Person) -> None:
    asked = actions.ask(plan, bob, vera, None)
    alert = Alert.objects.get(kind="plan_ask")
    assert (alert.lane, alert.reference) == (Lane.WAKE, f"plan:{plan.id}")
    assert Knower.objects.filter(alert=alert, person=vera).exists()
    actions.approve(plan, vera, asked.digest)
    alert.refresh_from_db()
    assert (alert.state, alert.outcome, alert.resolved_by) == (Alert.State.RESOLVED, Alert.Outcome.TRUE, vera)
    assert not models.Clock.objects.filter(what="deputy").exists()


def test_a_deputy_is_called_when_the_approver_sleeps(
    plan: Book, bob: Person, vera: Person, dora: Person, later: Later
) -> None:
    actions.ask(plan, bob, vera, dora)
    later.wait(minutes=29)
    _everything()
    assert Alert.objects.filter(kind="plan_ask").count() == 1
    later.wait(hours=6)
    _everything()
    _everything()
    second = Alert.objects.filter(kind="plan_ask").order_by("pk").last()
    assert second is not None
    assert Alert.objects.filter(kind="plan_ask").count() == 2
    assert Knower.objects.filter(alert=second, person=dora).exists()
    actions.approve(plan, dora, plan.read().digest)
    assert not Alert.objects.filter(kind="plan_ask").exclude(state=Alert.State.RESOLVED).exists()


def test_an_approver_whose_role_was_taken_meanwhile_is_passed_over(
    plan: Book, bob: Person, vera: Person, dora: Person, later: Later
) -> None:
    actions.ask(plan, bob, vera, dora)
    Person.objects.filter(pk=dora.pk).update(roles=0)
    later.wait(hours=1)
    _everything()
    second = Alert.objects.filter(kind="plan_ask").order_by("pk").last()
    assert second is not None
    assert not Knower.objects.filter(alert=second, person=dora).exists()
    assert second.policy.public_id == "approvers"


def test_what_was_done_first_and_is_not_ratified_calls(plan: Book, bob: Person, vera: Person, later: Later) -> None:
    actions.act_first(plan, bob, "He is at the airport now.")
    assert Alert.objects.get(kind="plan_ratify").lane == Lane.QUIET
    later.wait(hours=25)
    _everything()
    assert Alert.objects.filter(kind="plan_ratify", lane=Lane.WAKE).count() == 1
    actions.approve(plan, vera, plan.read().digest)
    assert not Alert.objects.filter(kind="plan_ratify").exclude(state=Alert.State.RESOLVED).exists()


def test_it_waits_for_a_ratification_since_it_was_done_whatever_is_written_meanwhile(
    plan: Book, bob: Person, vera: Person, later: Later
) -> None:
    actions.act_first(plan, bob, "He is at the airport now.")
    begun = later.now
    later.wait(minutes=12)
    actions.move(plan, bob, "t1", State.BEGUN)
    assert [(one.what, one.since) for one in waiting.answers(vera)] == [(waiting.What.RATIFY, begun)]


def test_an_overdue_task_is_told_once_and_then_chased(plan: Book, bob: Person, later: Later) -> None:
    actions.put_task(plan, bob, Task("t2", "Call the host", owner=bob.pk, due=later.now + timedelta(hours=2)))
    later.wait(days=30)  # the machine slept
    _everything()
    _everything()
    assert Notice.objects.filter(person=bob, words="plan_task").count() == 1
    assert Alert.objects.filter(kind="plan_overdue").count() == 1
    actions.move(plan, bob, "t2", State.DROPPED, "nobody there")
    assert Alert.objects.get(kind="plan_overdue").state == Alert.State.RESOLVED


def test_twelve_tasks_that_are_late_are_one_message_and_one_alert_which_ends_with_the_last(
    plan: Book, bob: Person, later: Later
) -> None:
    names = [f"n{number}" for number in range(12)]
    for number, name in enumerate(names):
        actions.put_task(plan, bob, Task(name, "Call", owner=bob.pk, due=later.now + timedelta(minutes=1 + number)))
    later.wait(days=30)
    _everything()
    told = Notice.objects.filter(person=bob, words="plan_task")
    assert (told.count(), told.filter(ended_at=None).count()) == (12, 1), "one leaves, the others remember that"
    alert = Alert.objects.get(kind="plan_overdue")
    assert words.kind(alert) == "12 tasks of a plan became overdue"
    for name in names:
        assert Alert.objects.get(kind="plan_overdue").state != Alert.State.RESOLVED
        actions.move(plan, bob, name, State.DROPPED, "nobody there")
    assert Alert.objects.get(kind="plan_overdue").state == Alert.State.RESOLVED
    actions.put_task(plan, bob, Task("again", "Call", owner=bob.pk, due=later.now + timedelta(minutes=1)))
    later.wait(days=2)
    _everything()
    assert Alert.objects.filter(kind="plan_overdue").exclude(state=Alert.State.RESOLVED).count() == 1, "it calls anew"


def test_a_task_that_is_put_off_is_not_chased_at_its_old_date(plan: Book, bob: Person, later: Later) -> None:
    task = Task("t2", "Call the host", owner=bob.pk, due=later.now + timedelta(hours=2))
    actions.put_task(plan, bob, task)
    actions.put_task(plan, bob, replace(task, due=later.now + timedelta(days=9)))
    later.wait(days=3)
    _everything()
    assert not Notice.objects.filter(words="plan_task").exists()


def test_updates_are_due_until_it_is_over(plan: Book, bob: Person, vera: Person, later: Later) -> None:
    actions.approve(plan, vera, plan.read().digest)
    later.wait(hours=25)
    _everything()
    assert Notice.objects.filter(person=bob, words="plan_update").count() == 1
    actions.update(plan, bob, "Nothing changed.")
    later.wait(hours=23)
    _everything()
    assert Notice.objects.filter(words="plan_update").count() == 1
    later.wait(hours=26)
    _everything()
    assert Alert.objects.filter(kind="plan_silent").count() == 1
    actions.move(plan, bob, "t1", State.DONE, "link")
    actions.close(plan, bob, "Reached.", met=True)
    assert not models.Clock.objects.filter(plan=plan.id).exists()


def test_a_lesson_is_chased_after_its_plan_is_closed(plan: Book, bob: Person, vera: Person, later: Later) -> None:
    actions.approve(plan, vera, plan.read().digest)
    actions.move(plan, bob, "t1", State.DONE, "link")
    actions.close(plan, bob, "Reached.", met=True)
    debriefs.write(plan, bob, Debriefed("A quick answer", "It took a day"))
    due = later.now + timedelta(days=14)
    debriefs.learn(plan, bob, Learnt("", "Call the host by phone first", Changes.PLAYBOOK, bob.pk, due))
    later.wait(days=30)
    _everything()
    assert Notice.objects.filter(person=bob, words="plan_lesson").count() == 1
    assert Alert.objects.filter(kind="plan_lesson").count() == 1
    (lesson,) = debriefs.lessons(plan.read().lines)
    debriefs.move(plan, bob, lesson.said.key, State.DONE, "changed in version 4")
    assert models.Lesson.objects.get().state == "done"
    assert Alert.objects.get(kind="plan_lesson").state == Alert.State.RESOLVED


def test_a_drill_is_marked_everywhere_and_its_turns_come_once(bob: Person, later: Later) -> None:
    book = actions.begin(bob, acts.Begun(severity=2, drill=True), CONTENT, [], None)
    drills.start(book, bob, "block-before-election", 60)
    later.wait(minutes=1, seconds=30)
    _everything()
    _everything()
    came = [one.key for _line, one in book.read().of(acts.Injected)]
    assert came == ["i1", "i2", "i3", "i4"]
    later.wait(days=1)
    _everything()
    assert len(book.read().of(acts.Injected)) == len(drills.scenarios()["block-before-election"].injects)
    assert not models.Clock.objects.filter(what="inject").exists()


def test_an_alert_of_a_drill_is_a_drill(bob: Person, vera: Person, later: Later) -> None:
    book = actions.begin(bob, acts.Begun(severity=3, drill=True), CONTENT, [], None)
    actions.ask(book, bob, vera, None)
    assert Alert.objects.get().drill
    actions.approve(book, vera, book.read().digest)
    assert Alert.objects.get().outcome == Alert.Outcome.DRILL


def test_no_drill_runs_on_a_plan_in_earnest(plan: Book, bob: Person) -> None:
    with pytest.raises(RefusedError):
        drills.start(plan, bob, "block-before-election", 60)


def test_every_scenario_can_be_read() -> None:
    assert {one.lasts > timedelta(0) for one in drills.scenarios().values()} == {True}


def test_a_clock_rings_for_a_book_that_was_opened_anew(plan: Book, bob: Person, vera: Person) -> None:
    actions.ask(OpenBook(plan.id), bob, vera, None)
    assert models.Clock.objects.filter(plan=plan.id, what="ask", rang_at__isnull=False).count() == 1


def _turns(plan: str, sealed: bool, at: datetime, count: int) -> None:
    for number in range(count):
        models.Clock.objects.create(
            key=f"{plan}:inject:{number}", plan=plan, sealed=sealed, what="inject", due_at=at, severity=3, drill=True
        )


def test_turns_of_sealed_drills_that_nobody_opens_keep_no_deputy_from_being_called(
    plan: Book, bob: Person, vera: Person, dora: Person, later: Later
) -> None:
    _turns(str(uuid4()), sealed=True, at=later.now - timedelta(days=9), count=work._MOST + 1)
    actions.ask(plan, bob, vera, dora)
    later.wait(hours=1)
    _everything()
    assert Knower.objects.filter(alert__kind="plan_ask", person=dora).exists()


def test_a_clock_that_can_not_ring_keeps_no_deputy_from_being_called(
    plan: Book, bob: Person, vera: Person, dora: Person, later: Later
) -> None:
    models.Clock.objects.create(key="x", plan="x", sealed=False, what="silent", due_at=later.now, severity=9)
    actions.ask(plan, bob, vera, dora)
    later.wait(hours=1)
    with pytest.raises(ValueError, match="9"):
        work.step()
    assert Knower.objects.filter(alert__kind="plan_ask", person=dora).exists()


def test_a_drill_whose_log_somebody_forged_stops_no_other(bob: Person, later: Later) -> None:
    books = [actions.begin(bob, acts.Begun(severity=3, drill=True), CONTENT, [], None) for _each in range(3)]
    for book in books:
        drills.start(book, bob, "block-before-election", 60)
    models.Line.objects.filter(plan__public_id=books[0].id, number=2).update(by=bob.pk + 1)
    models.Line.objects.filter(plan__public_id=books[1].id, number=1).update(body={})
    later.wait(days=1)
    _everything()
    assert books[2].read().of(acts.Injected)
    assert not books[0].read().of(acts.Injected)
