"""A drill is marked as one wherever somebody meets it: pages, lists, alerts, what goes to a phone, and programs."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from tocsin.alerts import clock, wording
from tocsin.alerts.models import Alert, Notice, NoticeAlert, Page
from tocsin.keys.tests.conftest import Open
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import access, actions, debriefs, drills, loglines, missed, models, shown, urls, work
from tocsin.responses.log import acts
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.rollcalls.models import RollCall
from tocsin.situations.models import Situation

Browse = Callable[[Person], Client]
MARK = 'class="exercise" aria-label="Drill"'
SCENARIO = "block-before-election"
# Addresses that only take what somebody sends.
POSTS = {"move", "muster", "arrive", "relieve", "observe", "lessons", "let_in", "put_out", "reseal", "missed_back"}
WORDS = {"number": 1, "key": "t1"}


@pytest.fixture
def drill(alice: Person, vera: Person) -> Book:
    book = actions.begin(alice, acts.Begun(severity=3, drill=True), CONTENT, [replace(TASK, owner=alice.pk)], None)
    drills.start(book, alice, SCENARIO, drills.FASTEST)
    actions.ask(book, alice, vera, None)
    debriefs.write(book, alice, acts.Debriefed("A quick yes", "It was slow."))
    lesson = acts.Learnt("", "Ask sooner", acts.Changes.TRAINING, alice.pk, clock.now() + timedelta(days=1), "")
    debriefs.learn(book, alice, lesson)
    return book


def pages(given: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Every address of a plan that can be opened, as its room lists them."""
    for one in urls.urlpatterns:
        names = set(re.findall(r"<\w+:(\w+)>", str(one.pattern)))
        name = (one.name or "") if isinstance(one, URLPattern) else ""
        if name and set(given) <= names and name.removeprefix("sealed_") not in POSTS:
            yield reverse(f"responses:{name}", kwargs=given | {name: WORDS[name] for name in names - set(given)})


def test_every_page_of_a_drill_says_so(drill: Book, browse: Browse, alice: Person, vera: Person) -> None:
    key = next(act.key for _line, act in drill.read().of(acts.Learnt))
    addresses = list(pages({"public_id": drill.id}))
    assert len(addresses) >= 19
    for address in addresses:
        address = address.replace("/lessons/t1/", f"/lessons/{key}/")
        for person in (alice, vera):
            answer = browse(person).get(address)
            assert answer.status_code in {200, 404}, address
            assert answer.status_code == 404 or MARK in answer.content.decode(), address
        assert browse(alice).get(address).status_code == 200, address


def test_a_plan_in_earnest_bears_no_mark(browse: Browse, alice: Person) -> None:
    book = actions.begin(alice, acts.Begun(severity=3), CONTENT, [TASK], None)
    for address in (f"/plans/{book.id}/", f"/plans/{book.id}/log/", "/plans/"):
        assert MARK not in browse(alice).get(address).content.decode()


def test_every_page_of_a_sealed_drill_says_so(alice: Person, opened: Open, enter: Browse) -> None:
    mine = replace(TASK, owner=alice.pk)
    book = actions.begin_sealed(alice, opened(alice), acts.Begun(severity=3, drill=True), CONTENT, [mine])
    client = enter(alice)
    addresses = [one for one in pages({"safe": book.id}) if "/lessons/" not in one]
    assert len(addresses) >= 19
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert MARK in answer.content.decode(), address
    for address in ("/plans/sealed/", "/plans/tasks/"):
        assert '<strong class="drill">' in client.get(address).content.decode(), address


def test_every_list_that_names_a_drill_says_so(drill: Book, browse: Browse, alice: Person, vera: Person) -> None:
    row = models.Plan.objects.get()
    now = clock.now()
    event = missed.Event("A block", now - timedelta(days=1), now, "a friend", "a detector", "")
    missed.note(alice, event, plan=row)
    for address in ("/plans/", "/plans/?show=drill", "/plans/tasks/", "/plans/lessons/", "/plans/missed/"):
        page = browse(alice).get(address).content.decode()
        assert '<strong class="drill">drill</strong>' in page, address
    assert access.titles(alice, [drill.id]) == {drill.id: f"Drill: {CONTENT.title}"}
    assert f"Drill: {CONTENT.title}" in browse(vera).get("/").content.decode()


def about(notice: Notice, alert: Alert, person: Person) -> None:
    NoticeAlert.objects.create(notice=notice, alert=alert, person=person, round=1, rung=0, at=clock.now())


def test_what_a_drill_calls_for_says_so_on_every_way(drill: Book, browse: Browse, vera: Person, alice: Person) -> None:
    while work.step():
        pass
    alert = Alert.objects.get(kind="plan_ask")
    assert alert.drill
    assert "<strong>Drill</strong>" in browse(alice).get(f"/alerts/{alert.public_id}/").content.decode()
    assert "rill" in browse(alice).get("/alerts/").content.decode().partition("<main")[2]
    notice = Notice.objects.create(
        person=vera, purpose=Notice.Purpose.ALERT, lane=alert.lane, severity=alert.severity,
        made_at=clock.now(), leaves_at=clock.now(), until=clock.now(),
    )  # fmt: skip
    about(notice, alert, vera)
    page = Page(notice=notice, public_id="p1", code="7F3K")
    said = wording.message(page, 1)
    assert said.text.startswith("DRILL ")
    assert said.subject.startswith("DRILL ")
    real = actions.begin(alice, acts.Begun(severity=3), CONTENT, [TASK], None)
    actions.ask(real, alice, vera, None)
    about(notice, Alert.objects.get(kind="plan_ask", drill=False), vera)
    assert not wording.message(page, 1).text.startswith("DRILL"), "one of them is in earnest"


def test_a_reminder_of_a_drill_says_so(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    due = replace(TASK, owner=alice.pk, due=clock.now() + timedelta(hours=1))
    book = actions.begin(alice, acts.Begun(severity=3, drill=True), CONTENT, [due], None)
    drills.start(book, alice, "", 1)
    late = clock.now() + timedelta(days=300)
    monkeypatch.setattr(clock, "now", lambda: late)
    while work.step():
        pass
    told = set(Notice.objects.filter(reference__startswith=f"plan:{book.id}").values_list("words", flat=True))
    assert told == {"drill_task"}
    assert str(wording.TOLD["drill_task"]).startswith("A drill")


def test_a_drill_asks_nobody_who_is_not_in_it(drill: Book, browse: Browse, alice: Person) -> None:
    given = {"function": "legal", "question": "help", "minutes": 120, "again_minutes": 20, "silence_minutes": 45}
    answer = browse(alice).post(f"/plans/{drill.id}/team/ask", {**given, "once": "abcdefgh12345678"})
    assert answer.status_code == 422
    assert not RollCall.objects.exists()
    assert "A drill asks nobody who is not in it" in browse(alice).get(f"/plans/{drill.id}/team/").content.decode()


def test_every_answer_to_a_program_says_so(drill: Book, bob: Person) -> None:
    token = str(issue_token(bob, "a program", [Right.PLANS, Right.ALERTS], 30))

    def asked(path: str) -> Any:
        return Client().get(f"/api/{path}", headers={"authorization": f"Bearer {token}"}).json()

    assert [one["drill"] for one in asked("plans")["items"]] == [True]
    assert asked(f"plans/{drill.id}")["drill"] is True
    lines = asked(f"plans/{drill.id}/log")["items"]
    assert lines
    assert all(one["drill"] for one in lines)
    while work.step():
        pass
    assert all(one["drill"] for one in asked("alerts")["items"])


def test_the_log_says_in_plain_words_what_the_exercise_says(
    drill: Book, browse: Browse, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: late)
    drills.inject(drill, 0)
    drills.observe(drill, alice, "i1", "They asked twice.", met=True)
    plan = drill.read()
    said = {one.what: one for one in loglines.lines(plan, shown.names(plan))}
    first = drills.scenarios()[SCENARIO].injects
    assert {one.words for one in loglines.lines(plan, {}) if one.what == "The exercise says:"} == {
        one.text for one in first
    }
    assert said["began the drill"].words == "A block in the week before an election · 240 times as fast as life"
    assert said["wrote down how it was met"].words == "met · They asked twice."
    page = browse(alice).get(f"/plans/{drill.id}/log/").content.decode()
    assert "injected" not in page
    assert "The exercise says:" in page
    assert "The exercise says:" in browse(alice).get(f"/plans/{drill.id}/debrief/").content.decode()


def test_a_drill_about_a_situation_is_marked_in_the_list_of_its_plans(alice: Person, browse: Browse) -> None:
    now = clock.now()
    about = Situation.objects.create(public_id="s1", title="Blocked", first_at=now, last_at=now, changed_at=now)
    actions.begin(alice, acts.Begun(severity=3, drill=True, about="s1"), CONTENT, [TASK], about)
    assert '<strong class="drill">' in browse(alice).get("/plans/?situation=s1").content.decode()
