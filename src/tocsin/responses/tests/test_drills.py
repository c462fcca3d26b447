"""A drill runs by one clock of its own, calls nobody who did not join it, and ends with one press."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tocsin.alerts import clock, escalating
from tocsin.alerts.models import Alert, Lane, Notice, Page
from tocsin.alerts.tests.conftest import drums
from tocsin.alerts.tests.drums import Drums, address
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, assembling, debriefs, drills, dropping, mobilising, models, passing, work
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts, pacing
from tocsin.responses.log.content import Function, State, Task, WrongError
from tocsin.responses.log.folding import lapsed
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_clocks import Later
from tocsin.responses.tests.test_plans import CONTENT, TASK

__all__ = ["drums"]

Browse = Callable[[Person], Client]
SPEED = 12
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SCENARIO = "block-before-election"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Iterator[Later]:
    moved = Later()
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    return moved  # type: ignore[return-value]


@pytest.fixture
def reachable(drums: Drums, alice: Person, bob: Person, vera: Person) -> None:
    """Everybody can be called by what wakes people, and in every other way."""
    for person in (alice, bob, vera):
        for channel in ("signal", "sms", "mail"):
            address(person, channel)


@pytest.fixture
def drill(bob: Person, later: Later) -> Book:
    """A drill at twelve times life's pace, with a task due two hours after it begins."""
    due = Task("t2", "Call the host", owner=bob.pk, due=later.now + 2 * HOUR)
    book = actions.begin(bob, acts.Begun(severity=3, drill=True), CONTENT, [TASK, due], None)
    later.wait(days=2)  # begun by day, practised another day
    drills.start(book, bob, SCENARIO, SPEED)
    return book


def everything() -> None:
    while work.step():
        pass
    escalating.climb()


# One clock


def test_two_hours_of_a_drill_are_ten_minutes_on_the_watch(drill: Book, bob: Person, later: Later) -> None:
    plan = drill.read()
    task = plan.task("t2")
    assert task is not None
    assert plan.due_at(task) == later.now + 10 * MINUTE
    row = models.PlanTask.objects.get(key="t2")
    assert row.due_at == later.now + 10 * MINUTE
    later.wait(minutes=9)
    everything()
    assert not Notice.objects.filter(words="drill_task").exists()
    later.wait(minutes=1)
    everything()
    assert Notice.objects.filter(words="drill_task", person=bob).count() == 1
    later.wait(hours=2)  # a day of the drill: it is chased
    everything()
    assert Alert.objects.filter(kind="plan_overdue").count() == 1


def test_a_drill_that_has_not_begun_chases_nobody(bob: Person, vera: Person, later: Later) -> None:
    due = Task("t2", "Call the host", owner=bob.pk, due=later.now + 2 * HOUR)
    book = actions.begin(bob, acts.Begun(severity=3, drill=True), CONTENT, [due], None)
    actions.approve(book, vera, book.read().digest)
    later.wait(days=9)
    everything()
    assert not Notice.objects.exists()
    assert book.read().update_due is None


def test_the_deputy_is_asked_by_the_clock_of_the_drill(drill: Book, bob: Person, vera: Person, later: Later) -> None:
    dora = Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.APPROVER))
    actions.ask(drill, bob, vera, dora)  # thirty minutes to answer
    later.wait(minutes=2)
    everything()
    assert Alert.objects.filter(kind="plan_ask").count() == 1
    later.wait(minutes=1)
    everything()
    assert Alert.objects.filter(kind="plan_ask").count() == 2


def test_what_is_passed_on_has_its_time_by_the_clock_of_the_drill(
    drill: Book, bob: Person, vera: Person, later: Later
) -> None:
    dora = Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.APPROVER))
    actions.ask(drill, bob, vera, dora)
    later.wait(minutes=1)
    asked = passing.pass_on(drill, vera).question
    assert asked is not None
    assert isinstance(asked.act, acts.Asked)
    assert drill.read().pace.comes(asked.act.until) == later.now + timedelta(minutes=2, seconds=30)


def test_acting_first_lapses_after_a_day_of_the_drill(drill: Book, bob: Person, later: Later) -> None:
    actions.act_first(drill, bob, "He is at the airport now.")
    later.wait(minutes=119)
    assert not lapsed(drill.read(), later.now)
    later.wait(minutes=2)
    assert lapsed(drill.read(), later.now)
    with pytest.raises(RefusedError, match="Nobody ratified"):
        actions.move(drill, bob, "t2", State.BEGUN)


def test_updates_are_due_by_the_clock_of_the_drill(drill: Book, bob: Person, vera: Person, later: Later) -> None:
    actions.approve(drill, vera, drill.read().digest)
    assert drill.read().update_due == later.now + 2 * HOUR
    later.wait(minutes=121)
    everything()
    assert Notice.objects.filter(words="drill_update", person=bob).count() == 1


def test_a_drill_that_rests_stands_still_and_goes_on_where_it_was(drill: Book, bob: Person, later: Later) -> None:
    later.wait(minutes=5)
    everything()
    came = len(drill.read().of(acts.Injected))
    drills.rest(drill, bob, "Lunch")
    assert drill.read().due_at(drill.read().tasks[1]) is None
    assert models.PlanTask.objects.get(key="t2").due_at is None
    later.wait(hours=7)
    everything()
    assert len(drill.read().of(acts.Injected)) == came
    assert not Notice.objects.exists()
    with pytest.raises(RefusedError):
        drills.rest(drill, bob)
    drills.go_on(drill, bob)
    with pytest.raises(RefusedError):
        drills.go_on(drill, bob)
    assert models.PlanTask.objects.get(key="t2").due_at == later.now + 5 * MINUTE
    later.wait(minutes=6)
    everything()
    assert Notice.objects.filter(words="drill_task").count() == 1


def test_a_drill_is_measured_by_its_clock_against_the_same_standards(
    drill: Book, alice: Person, bob: Person, vera: Person, later: Later
) -> None:
    actions.ask(drill, bob, vera, None)
    later.wait(minutes=2)
    actions.approve(drill, vera, drill.read().digest)
    later.wait(minutes=10)
    actions.move(drill, bob, "t2", State.DONE)
    plan = drill.read()
    timed = {str(one.name): one for one in assembling.clocks(alice, plan, (), None)}["From asking to approval"]
    assert (timed.took, timed.standard, timed.watch) == (24 * MINUTE, 30 * MINUTE, 2 * MINUTE)
    assert timed.kept
    (late,) = [one.late for one in assembling.planned_and_done(plan, later.now) if one.task.key == "t2"]
    assert late == 24 * MINUTE
    assert plan.of(acts.Moved)[-1][1].late


def test_the_clock_never_goes_back_and_both_ways_agree() -> None:
    start = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    said = [
        (start, acts.Begun(severity=1, drill=True)),
        (start + HOUR, acts.Started("", 7)),
        (start + 2 * HOUR, acts.Rested()),
        (start + 3 * HOUR, acts.Resumed()),
        (start + 4 * HOUR, acts.Closed(True, "x")),
        (start + 5 * HOUR, acts.Reopened("y")),
    ]
    pace = pacing.of(said, drill=True)
    shown = [pace.told(start + n * 13 * MINUTE) for n in range(40)]
    assert shown == sorted(shown)
    for moment in shown:
        comes = pace.comes(moment)
        assert comes is not None
        assert timedelta(0) <= pace.told(comes) - moment <= timedelta(microseconds=7)
    assert pace.told(start + 2 * HOUR) - start == 7 * HOUR
    assert pacing.of(said, drill=False) is pacing.LIFE
    assert pacing.LIFE.comes(start) == pacing.LIFE.told(start) == start


def test_a_drill_can_run_without_a_scenario(bob: Person, later: Later) -> None:
    book = actions.begin(bob, acts.Begun(severity=1, drill=True), CONTENT, [TASK], None)
    drills.start(book, bob, "", 60)
    assert book.read().pace.speed == 60
    later.wait(days=1)
    everything()
    assert not book.read().of(acts.Injected)


# Whom it reaches


def test_an_approver_who_did_not_join_a_drill_is_not_called(
    reachable: None, drill: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    actions.ask(drill, bob, vera, None)
    everything()
    assert "Approve plan" in browse(vera).get("/").content.decode(), "it stands there when she looks"
    alert = Alert.objects.get(kind="plan_ask")
    assert alert.lane == Lane.QUIET
    assert not Notice.objects.filter(person=vera).exists()
    assert not Page.objects.filter(notice__lane=Lane.WAKE).exists()


def test_no_drill_reaches_anybody_who_did_not_join_it(
    reachable: None, drill: Book, bob: Person, vera: Person, alice: Person, later: Later
) -> None:
    dora = Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.APPROVER | Role.LEAD))
    address(dora, "sms")
    actions.put_task(drill, bob, Task("t3", "Tell counsel", owner=alice.pk, due=drill.read().opened_at + HOUR))
    actions.ask(drill, bob, vera, dora)
    everything()
    actions.act_first(drill, bob, "He is at the airport now.")
    for _hours in range(8):
        later.wait(hours=6)
        everything()
    assert {one.kind for one in Alert.objects.all()} >= {"plan_ask", "plan_ratify", "plan_overdue", "plan_silent"}
    assert set(Notice.objects.values_list("person", flat=True)) <= {bob.pk}
    assert not Alert.objects.exclude(lane=Lane.QUIET).exists()


def test_who_joins_a_drill_is_called_quietly(reachable: None, drill: Book, bob: Person, vera: Person) -> None:
    mobilising.arrive(drill, vera, vera, Function.EXECUTIVE)
    actions.ask(drill, bob, vera, None)
    everything()
    assert Notice.objects.filter(person=vera, lane=Lane.QUIET).exists()
    assert not Notice.objects.filter(person=vera).exclude(lane=Lane.QUIET).exists()


def test_nobody_is_put_into_a_drill(reachable: None, drill: Book, bob: Person, vera: Person) -> None:
    with pytest.raises(RefusedError, match="join it themselves"):
        mobilising.arrive(drill, bob, vera, Function.EXECUTIVE)
    mobilising.arrive(drill, bob, bob, Function.LEAD)
    mobilising.relieve(drill, bob, bob, vera, "Go on.")
    actions.ask(drill, bob, vera, None)
    everything()
    assert not Notice.objects.filter(person=vera).exists()


def test_a_lesson_of_a_drill_is_real_work(drill: Book, bob: Person, vera: Person, later: Later) -> None:
    debriefs.write(drill, bob, acts.Debriefed("Quick.", "Slow."))
    due = later.now + timedelta(days=14)
    debriefs.learn(drill, bob, acts.Learnt("", "Ask sooner", acts.Changes.ROTA, vera.pk, due))
    later.wait(days=13)
    everything()
    assert not Notice.objects.filter(person=vera).exists()
    later.wait(days=2)
    everything()
    assert Notice.objects.filter(person=vera, words="drill_lesson").count() == 1


# Its end


def test_one_press_ends_a_drill_and_each_task_says_why(drill: Book, bob: Person, later: Later) -> None:
    actions.act_first(drill, bob, "He is at the airport now.")
    later.wait(minutes=5)
    drills.end(drill, bob, "We asked too late.")
    plan = drill.read()
    assert plan.closed is not None
    assert not plan.open_tasks
    assert [(act.task, act.state, act.words) for _line, act in plan.of(acts.Moved)] == [
        ("t1", State.DROPPED, "The drill ended."), ("t2", State.DROPPED, "The drill ended."),
    ]  # fmt: skip
    assert not models.Clock.objects.exists()
    assert not Alert.objects.exclude(state=Alert.State.RESOLVED).exists()
    later.wait(days=1)
    assert plan.pace.told(later.now) - plan.opened_at == HOUR
    with pytest.raises(RefusedError):
        drills.end(drill, bob)


def test_no_plan_in_earnest_ends_like_a_drill(bob: Person) -> None:
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    with pytest.raises(RefusedError):
        drills.end(book, bob)
    assert book.read().closed is None


def test_several_tasks_are_dropped_with_one_reason_each_by_its_own_line(bob: Person, charlie: Person) -> None:
    given = [TASK, Task("t2", "Call the host"), Task("t3", "Ask counsel")]
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, given, None)
    for keys, words in ((["t1", "t2"], " "), ([], "Nobody can reach them.")):
        with pytest.raises(WrongError):
            dropping.drop(book, bob, keys, words)
    with pytest.raises(RefusedError):
        dropping.drop(book, charlie, ["t1"], "I don’t like it.")
    with pytest.raises(RefusedError):
        dropping.drop(book, bob, ["t1", "t9"], "Nobody can reach them.")
    assert not book.read().of(acts.Moved)
    plan = dropping.drop(book, bob, ["t1", "t2"], "Nobody can reach them.")
    assert [(act.task, act.words) for _line, act in plan.of(acts.Moved)] == [
        ("t1", "Nobody can reach them."), ("t2", "Nobody can reach them."),
    ]  # fmt: skip
    assert [one.key for one in plan.open_tasks] == ["t3"]


# Sealed


def test_turns_of_a_sealed_drill_come_when_a_member_looks(
    alice: Person, opened: Open, enter: Browse, later: Later
) -> None:
    book = actions.begin_sealed(alice, opened(alice), acts.Begun(severity=1, drill=True), CONTENT, [TASK])
    drills.start(book, alice, SCENARIO, 60)
    later.wait(minutes=1)
    everything()
    page = enter(alice).get(f"/plans/sealed/{book.id}/drill/").content.decode()
    assert len(book.read().of(acts.Injected)) == 3
    assert drills.scenarios()[SCENARIO].injects[0].text[:30] in page


# Pages


def test_pages_of_a_drill_say_the_time_on_the_watch_and_by_its_clock(
    drill: Book, bob: Person, vera: Person, browse: Browse, later: Later
) -> None:
    later.wait(minutes=5)
    page = browse(bob).get(f"/plans/{drill.id}/tasks/t2/").content.decode()
    assert "Everything in it runs 12 times as fast as life: an hour of the drill is <bdi>5 min</bdi> on" in page
    assert "The drill’s clock shows <bdi>1 h</bdi>." in page
    assert "(<bdi>1 h</bdi> of the drill)" in page
    assert "due" in page.split('class="row-facts"')[1]
    actions.ask(drill, bob, vera, None)
    client = browse(vera)
    for page_of in ("", "answer/"):
        page = client.get(f"/plans/{drill.id}/{page_of}").content.decode()
        assert "(<bdi>30 min</bdi> of the drill)" in page, page_of
    real = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    assert "of the drill" not in browse(bob).get(f"/plans/{real.id}/").content.decode()


def test_a_drill_is_stopped_joined_and_ended_on_its_page(
    drill: Book, bob: Person, vera: Person, alice: Person, browse: Browse
) -> None:
    where = f"/plans/{drill.id}/drill/"
    assert "Join the drill" in browse(vera).get(where).content.decode()
    browse(vera).post(where, {"do": "join", "function": "executive"})
    assert drills.joined(drill.read()) == {bob.pk, vera.pk}
    assert "Join the drill" not in browse(vera).get(where).content.decode()
    for do in ("rest", "go_on", "end", "start"):
        assert browse(vera).post(where, {"do": do}).status_code == 404, "she writes no plans"
    browse(bob).post(where, {"do": "rest"})
    assert "The drill rests at" in browse(alice).get(where).content.decode()
    assert "once its clock runs" in browse(alice).get(f"/plans/{drill.id}/").content.decode()
    browse(bob).post(where, {"do": "go_on"})
    assert drill.read().pace.runs
    answer = browse(bob).post(where, {"do": "end"}, follow=True).content.decode()
    assert drill.read().closed is not None
    assert "The drill is over. It lasted" in answer
    assert browse(bob).post(where, {"do": "anything"}).status_code == 404


def test_the_debrief_of_a_drill_says_what_it_took_on_the_watch(
    drill: Book, bob: Person, vera: Person, later: Later, browse: Browse
) -> None:
    actions.ask(drill, bob, vera, None)
    later.wait(minutes=2)
    actions.approve(drill, vera, drill.read().digest)
    page = browse(bob).get(f"/plans/{drill.id}/debrief/").content.decode()
    assert "24 min" in page
    assert "(2 min on the watch)" in page


def test_ticked_tasks_are_dropped_on_the_page_with_one_reason(bob: Person, browse: Browse) -> None:
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK, Task("t2", "Call"), Task("t3", "Ask")], None)
    where = f"/plans/{book.id}/standing/"
    assert browse(bob).post(where, {"do": "drop", "tasks": ["t1"], "words": ""}).status_code == 422
    assert browse(bob).post(where, {"do": "drop", "words": "Nobody can."}).status_code == 422
    assert browse(bob).post(where, {"do": "drop", "tasks": ["t1", "t3"], "words": "Nobody can."}).status_code == 302
    assert [one.key for one in book.read().open_tasks] == ["t2"]


def test_nobody_is_chosen_for_a_lesson_beforehand(bob: Person, browse: Browse) -> None:
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    debriefs.write(book, bob, acts.Debriefed("Quick.", "Slow."))
    where = f"/plans/{book.id}/debrief/"
    assert '<option value="" selected>choose somebody</option>' in browse(bob).get(where).content.decode()
    given = {"text": "Ask sooner", "changes": "rota", "owner": "", "due": "2027-01-01T09:00"}
    answer = browse(bob).post(f"{where}lessons", given)
    assert answer.status_code == 422
    assert "Choose who sees to it." in answer.content.decode()
    assert not book.read().of(acts.Learnt)
    assert browse(bob).post(f"{where}lessons", {**given, "owner": str(bob.pk)}).status_code == 302
    assert book.read().of(acts.Learnt)


def test_nothing_can_be_begun_on_a_page_once_acting_first_lapsed(bob: Person, later: Later, browse: Browse) -> None:
    free = Task("t2", "Call the host", owner=bob.pk)
    book = actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK, free], None)
    actions.act_first(book, bob, "He is at the airport now.")
    where = f"/plans/{book.id}/tasks/t2/"
    assert "Begin it" in browse(bob).get(where).content.decode()
    later.wait(hours=25)
    page = browse(bob).get(where).content.decode()
    assert "Begin it" not in page
    assert "It is done</button>" not in page
    assert "Nobody ratified in time" in page
