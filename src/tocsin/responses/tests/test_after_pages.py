"""Pages beside a plan: people on it, a drill, recovery, the debrief with lessons, and what was missed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import ProtectedError
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, debriefs, missed, mobilising, models
from tocsin.responses.log import acts
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.rollcalls.models import Participant, RollCall
from tocsin.signals.models import Finding, Signal
from tocsin.situations.models import Member, Situation

Browse = Callable[[Person], Client]


@pytest.fixture
def plan(alice: Person) -> Book:
    return actions.begin(alice, acts.Begun(severity=2), CONTENT, [TASK], None)


def test_somebody_comes_hands_over_and_goes(plan: Book, browse: Browse, alice: Person, bob: Person) -> None:
    page = browse(alice)
    page.post(f"/plans/{plan.id}/team/arrive", {"person": alice.pk, "function": "security"})
    assert "Alice" in page.get(f"/plans/{plan.id}/team/").content.decode()
    empty = page.post(f"/plans/{plan.id}/team/{alice.pk}/relieve", {"successor": bob.pk, "handover": ""})
    assert empty.status_code == 422
    page.post(f"/plans/{plan.id}/team/{alice.pk}/relieve", {"successor": alice.pk, "handover": "The host calls."})
    assert "nobody relieves themselves" in page.get(f"/plans/{plan.id}/team/").content.decode()
    page.post(f"/plans/{plan.id}/team/{alice.pk}/relieve", {"successor": bob.pk, "handover": "The host calls at six."})
    (now,) = mobilising.on_it(plan.read().lines)
    assert (now.person, now.function) == (bob.pk, "security")


def test_help_is_asked_for_by_a_roll_call(plan: Book, browse: Browse, alice: Person, bob: Person) -> None:
    now = timezone.now()
    Participant.objects.create(person=bob, can_help=True, languages=["en"], opted_in_at=now, changed_at=now)
    given = {"function": "legal", "question": "help", "minutes": 120, "again_minutes": 20, "silence_minutes": 45}
    answer = browse(alice).post(f"/plans/{plan.id}/team/ask", {**given, "once": "abcdefgh12345678"})
    made = RollCall.objects.get()
    assert answer["Location"] == f"/rollcalls/{made.public_id}/"
    assert [act.rollcall for _line, act in plan.read().of(acts.Mustered)] == [made.public_id]


def test_a_debrief_stands_beside_what_was_recorded(plan: Book, browse: Browse, alice: Person) -> None:
    page = browse(alice)
    before = page.get(f"/plans/{plan.id}/debrief/").content.decode()
    assert "Nobody is on trial here" in before
    assert f"/plans/{plan.id}/log/#line-1" in before
    missing = page.post(f"/plans/{plan.id}/debrief/", {"expected": "x", "happened": "", "base": 0})
    assert missing.status_code == 422
    page.post(f"/plans/{plan.id}/debrief/", {"happened": "It took a day.", "luck": "The host was awake.", "base": 0})
    assert debriefs.debrief(plan.read()) is not None
    late = page.post(f"/plans/{plan.id}/debrief/", {"happened": "Mine, written meanwhile.", "base": 0})
    assert late.status_code == 409
    assert "Mine, written meanwhile." in late.content.decode()
    assert "It took a day." in late.content.decode()


def test_a_lesson_is_added_and_ended_with_what_changed(plan: Book, browse: Browse, alice: Person) -> None:
    debriefs.write(plan, alice, acts.Debriefed("", "It took a day."))
    page = browse(alice)
    due = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    given = {"text": "Call the host first", "changes": "playbook", "owner": alice.pk, "due": due, "target": "blocked"}
    page.post(f"/plans/{plan.id}/debrief/lessons", given)
    row = models.Lesson.objects.get()
    assert "Call the host first" in page.get("/plans/lessons/").content.decode()
    page.post(f"/plans/{plan.id}/debrief/lessons/{row.key}/", {"state": "done", "words": "Version 4 says so."})
    row.refresh_from_db()
    assert row.state == "done"
    assert "Call the host first" in page.get("/plans/lessons/?show=ended").content.decode()


def test_a_drill_is_begun_met_and_marked(browse: Browse, alice: Person) -> None:
    book = actions.begin(alice, acts.Begun(severity=1, drill=True), CONTENT, [], None)
    page = browse(alice)
    page.post(f"/plans/{book.id}/drill/", {"scenario": "block-before-election", "speed": 60})
    from tocsin.responses import work

    work.step()
    shown = page.get(f"/plans/{book.id}/drill/").content.decode()
    assert "This is a drill" in shown
    assert "pages don&#x27;t load" in shown
    page.post(f"/plans/{book.id}/drill/observe", {"key": "i1", "met": "on", "words": "Within two minutes."})
    assert "1 met of 1 that somebody judged" in page.get(f"/plans/{book.id}/drill/").content.decode()
    early = page.post(f"/plans/{book.id}/drill/observe", {"key": "i8", "met": "on"})
    assert early.status_code == 302
    assert [act.key for _line, act in book.read().of(acts.Observed)] == ["i1"]


def test_a_plan_in_earnest_has_no_drill(plan: Book, browse: Browse, alice: Person) -> None:
    assert browse(alice).get(f"/plans/{plan.id}/drill/").status_code == 404


def _finding(situation: Situation, opened: datetime, closed: datetime | None) -> None:
    found = Finding.objects.create(
        rule="blocking:1", kind="ooni.web", stream="blocking", country="XS", subject="en.wiki.example",
        opened_at=opened, closed_at=closed, seen_at=opened, direction="rise", score=1, before=0, now=1, points=9,
    )  # fmt: skip
    signal = Signal.objects.create(finding=found, at=opened, title="Failed measurements rose", rule="blocking:1")
    Member.objects.create(signal=signal, situation=situation, since=opened)


def test_recovery_is_what_was_measured(browse: Browse, alice: Person) -> None:
    fell = datetime(2026, 11, 1, tzinfo=UTC)
    about = Situation.objects.create(public_id="s1", title="Blocked", first_at=fell, last_at=fell, changed_at=fell)
    book = actions.begin(alice, acts.Begun(severity=2, about="s1"), CONTENT, [], about)
    page = browse(alice)
    assert "does not mean that nothing is wrong" in page.get(f"/plans/{book.id}/recovery/").content.decode()
    _finding(about, fell, None)
    silent = page.get(f"/plans/{book.id}/recovery/").content.decode()
    assert "nobody knows: not measured since" in silent
    assert "Silence of a source is not the end of what it measured" in silent
    Finding.objects.update(seen_at=timezone.now())
    here = page.get(f"/plans/{book.id}/recovery/").content.decode()
    assert "not yet" in here
    assert "Not all of it is back as usual" in here
    Finding.objects.update(closed_at=fell + timedelta(days=2))
    assert "All of it was back as usual after 2 days" in page.get(f"/plans/{book.id}/recovery/").content.decode()


def test_what_was_missed_is_written_down_and_taken_back(browse: Browse, alice: Person, vera: Person) -> None:
    page = browse(alice)
    given = {
        "what": "A regulator's order",
        "happened_at": "2026-11-01T08:00",
        "learnt_at": "2026-11-02T08:00",
        "learnt_from": "a newspaper",
        "should_have": "a source of the regulator's notices",
    }
    backwards = page.post("/plans/missed/new/", {**given, "learnt_at": "2026-10-01T08:00"})
    assert backwards.status_code == 422
    page.post("/plans/missed/new/", given)
    row = models.Missed.objects.get()
    shown = page.get("/plans/missed/").content.decode()
    assert "A regulator&#x27;s order" in shown
    assert "known after 24 hours" in shown
    assert browse(vera).post(f"/plans/missed/{row.public_id}/back").status_code == 403
    page.post(f"/plans/missed/{row.public_id}/back")
    assert "A regulator" not in page.get("/plans/missed/").content.decode().split('class="panel"')[1]


def test_who_is_not_on_the_team_sees_none_of_it(plan: Book, browse: Browse, charlie: Person) -> None:
    for part in ("team/", "debrief/", "recovery/", "drill/"):
        assert browse(charlie).get(f"/plans/{plan.id}/{part}").status_code == 404
    for part in ("lessons/", "missed/", "missed/new/"):
        assert browse(charlie).get(f"/plans/{part}").status_code == 403


def test_what_was_missed_about_something_for_some_of_the_team_is_theirs_alone(
    plan: Book, browse: Browse, alice: Person, bob: Person
) -> None:
    now = timezone.now()
    about = Situation.objects.create(
        public_id="secret", title="Raid upon a source", first_at=now, last_at=now, changed_at=now,
        readers=int(Role.LEAD),
    )  # fmt: skip
    given = {"learnt_from": "a friend", "should_have": "a probe", "situation": about.public_id}
    at = {"happened_at": "2026-10-01T08:00", "learnt_at": "2026-10-01T09:00"}
    assert browse(alice).post("/plans/missed/new/", {**given, **at, "what": about.title}).status_code == 302
    models.Plan.objects.update(readers=int(Role.LEAD))
    event = missed.Event("Words of a closed plan", now, now, "a friend", "a probe", "")
    missed.note(alice, event, plan=models.Plan.objects.get())
    for words in (about.title, event.what):
        assert words in browse(alice).get("/plans/missed/").content.decode()
        assert words not in browse(bob).get("/plans/missed/").content.decode()
    for row in models.Missed.objects.all():
        assert browse(bob).post(f"/plans/missed/{row.public_id}/back").status_code == 404
    with pytest.raises(ProtectedError):
        # Left without what it is about, it would be for everybody.
        about.delete()
    assert about.title not in browse(bob).get("/plans/missed/").content.decode()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_moment_that_can_not_be_told_in_every_zone_is_refused_with_what_was_typed(
    plan: Book, browse: Browse, alice: Person, moment: str
) -> None:
    Person.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    drill = actions.begin(alice, acts.Begun(severity=2, drill=True), CONTENT, [TASK], None)
    page = browse(alice)
    for book in (plan, drill):
        debriefs.write(book, alice, acts.Debriefed("", "It took a day.", base=0))
        before, at = len(book.read().lines), f"/plans/{book.id}"
        task = {"title": "Call", "function": "duty", "owner": "0", "wanted": "", "protection": "", "due": moment}
        assert page.post(f"{at}/tasks/new/", task).status_code == 422
        lesson = {"text": "Look twice", "changes": "rule", "owner": alice.pk, "due": moment}
        assert page.post(f"{at}/debrief/lessons", lesson).status_code == 422
        page.post(f"{at}/team/arrive", {"person": alice.pk, "function": "duty", "until": moment})
        assert len(book.read().lines) == before
    event = {"what": "A block", "happened_at": moment, "learnt_at": moment, "learnt_from": "a paper"}
    assert page.post("/plans/missed/new/", {**event, "should_have": "a probe"}).status_code == 422
    assert not models.Missed.objects.exists()
