"""What a yes covers of a plan's tasks, and what needs none: tried the way somebody would try to get around it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, beginning, models, waiting
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function, Stakeholder, State, Task, pack
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book, ChangedError
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.faults import ReadingError, Wrong
from tocsin.responses.playbooks.reading import read, read_translation
from tocsin.responses.playbooks.tests.conftest import SMALL
from tocsin.responses.tests.test_plans import CONTENT, TASK

Browse = Callable[[Person], Client]
ASK = Task("ask", "Ask the family what they need", Function.CASEWORK, at_once=True)


def _begun(by: Person, *tasks: Task) -> Book:
    return actions.begin(by, acts.Begun(severity=3), CONTENT, tasks, None)


def _approved(book: Book, by: Person, vera: Person) -> None:
    actions.approve(book, vera, actions.ask(book, by, vera, None).digest)


def _state(book: Book, key: str) -> State:
    task = book.read().task(key)
    assert task is not None
    return task.state


@pytest.fixture
def plan(bob: Person, vera: Person) -> Book:
    """An approved plan with one task."""
    book = _begun(bob, TASK)
    _approved(book, bob, vera)
    return book


# Before a yes


def test_what_only_asks_begins_before_a_yes_and_what_acts_waits(bob: Person) -> None:
    book = _begun(bob, ASK, TASK)
    assert actions.move(book, bob, "ask", State.BEGUN).standing is Standing.DRAFT
    with pytest.raises(RefusedError):
        actions.move(book, bob, "t1", State.BEGUN)


@pytest.mark.parametrize(
    "weight",
    [{"risk_check": True}, {"protection": "suppress"}, {"protection": "unknown to us"}, {"grave": True},
     {"function": Function.COMMUNICATIONS}],
)  # fmt: skip
def test_what_touches_risk_public_words_or_a_protection_needs_a_yes_whatever_its_mark(
    bob: Person, weight: dict[str, Any]
) -> None:
    book = _begun(bob, replace(ASK, **weight))
    assert book.read().covers["ask"] is Cover.NOT_YET
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.BEGUN)
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.DONE, "done")


@pytest.mark.parametrize("when", ["before the yes", "after the yes"])
def test_nobody_marks_a_task_as_needing_no_yes_by_hand(bob: Person, vera: Person, when: str) -> None:
    book = _begun(bob, TASK)
    if when == "after the yes":
        _approved(book, bob, vera)
        actions.write(book, bob, replace(CONTENT, chosen="wait"), 1)
    actions.put_task(book, bob, replace(TASK, at_once=True))
    actions.put_task(book, bob, Task("new", "Publish her name", at_once=True))
    for key in ("t1", "new"):
        with pytest.raises(RefusedError):
            actions.move(book, bob, key, State.BEGUN)


@pytest.mark.parametrize("change", [{"title": "Publish her name"}, {"wanted": "the post"}, {"function": Function.DUTY}])
def test_a_step_that_needed_no_yes_needs_one_once_it_is_reworded(bob: Person, change: dict[str, Any]) -> None:
    book = _begun(bob, ASK)
    actions.put_task(book, bob, replace(ASK, **change))
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.BEGUN)
    actions.put_task(book, bob, ASK)  # nor does it come back by hand
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.BEGUN)


def test_it_may_move_and_still_needs_no_yes(bob: Person, alice: Person) -> None:
    book = _begun(bob, ASK, TASK)
    actions.put_task(book, bob, replace(ASK, owner=alice.pk, due=timezone.now()))
    assert actions.move(book, alice, "ask", State.BEGUN).task("ask").owner == alice.pk  # type: ignore[union-attr]


def test_what_was_begun_harmlessly_is_not_reworded_into_a_grave_act_and_done(bob: Person) -> None:
    book = _begun(bob, ASK)
    actions.move(book, bob, "ask", State.BEGUN)
    with pytest.raises(RefusedError):
        actions.put_task(book, bob, replace(ASK, title="Publish her name"))
    actions.move(book, bob, "ask", State.OPEN)
    actions.put_task(book, bob, replace(ASK, title="Publish her name"))
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.DONE, "posted")


def test_a_no_stops_what_needs_no_yes_as_well(bob: Person, vera: Person) -> None:
    book = _begun(bob, ASK)
    actions.decline(book, vera, actions.ask(book, bob, vera, None).digest, "A call puts her in danger.")
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.BEGUN)


def test_a_log_that_nobody_believes_begins_nothing(bob: Person) -> None:
    book = _begun(bob, replace(ASK, at_once=False))
    line = models.Line.objects.get(plan__public_id=book.id, verb="task")
    line.body = {"task": {**line.body["task"], "at_once": True}}
    line.save()
    assert book.read().covers["ask"] is Cover.NOT_YET
    with pytest.raises(RefusedError):
        actions.move(book, bob, "ask", State.BEGUN)


def test_every_playbook_has_steps_that_begin_at_once_and_none_of_them_acts_on_others(bob: Person) -> None:
    for book in library.playbooks():
        tasks = beginning.tasks_of(book, timezone.now())
        plan = _begun(bob, *tasks).read()
        free = [one for one in plan.tasks if plan.covers[one.key] is Cover.AT_ONCE]
        assert len(free) >= 5, book.key
        assert {one.key for one in free} == {one.key for one in tasks if one.at_once}
        outward = {Function.COMMUNICATIONS} | ({Function.COMMUNITY} if book.key != "capture" else set())
        assert not [one.title for one in free if one.function in outward], book.key


@pytest.mark.parametrize(
    "who", ["communications · at once", "legal · at once · approval", "security · at once · uses suppress",
            "legal · second look · at once"],
)  # fmt: skip
def test_a_playbook_that_lets_a_grave_step_begin_at_once_is_refused(who: str) -> None:
    there = "- [10 min] on duty: Switch the power off."
    assert there in SMALL
    with pytest.raises(ReadingError) as refused:
        read(
            SMALL.replace(there, f"- [10 min] {who}: Switch the power off."), "flood.md", {"suppress", "lock", "block"}
        )
    assert [one.words for one in refused.value.faults] == [Wrong.AT_ONCE]


def test_a_translation_may_not_say_that_a_step_needs_no_yes(bob: Person) -> None:
    step = "- [10 min] on duty: Switch the power off."
    original = read(SMALL, "flood.md", {"suppress", "lock", "block"})
    head = SMALL.replace('harms = ["threat"]\nseverity = "moderate"', f'translates = "{original.digest}"')
    assert read_translation(head, "flood.es.md", original, {"lock", "block"}).translates == original.digest
    with pytest.raises(ReadingError) as refused:
        read_translation(
            head.replace(step, step.replace("duty", "duty · at once")), "flood.es.md", original, {"lock", "block"}
        )
    assert [one.words for one in refused.value.faults] == [Wrong.STEP_DIFFERS]


# After a yes


def test_a_task_that_came_after_the_yes_needs_one_of_its_own_and_the_rest_goes_on(
    plan: Book, bob: Person, vera: Person
) -> None:
    after = actions.put_task(plan, bob, Task("new", "Publish her name"))
    assert after.standing is Standing.APPROVED
    assert [one.key for one in after.uncovered] == ["new"]
    with pytest.raises(RefusedError, match="after the yes"):
        actions.move(plan, bob, "new", State.BEGUN)
    actions.move(plan, bob, "t1", State.BEGUN)
    asked = actions.ask(plan, bob, vera, None)
    assert asked.standing is Standing.APPROVED
    assert [one.plan.public_id for one in waiting.answers(vera)] == [plan.id]
    actions.approve(plan, vera, asked.digest)
    assert waiting.answers(vera) == []
    actions.move(plan, bob, "new", State.BEGUN)
    assert _state(plan, "new") is State.BEGUN


@pytest.mark.parametrize(
    "change",
    [{"title": "Tell the press"}, {"wanted": ""}, {"function": Function.COMMUNICATIONS}, {"protection": "lock"},
     {"risk_check": True}],
)  # fmt: skip
def test_a_task_that_was_reworded_after_the_yes_is_not_covered(plan: Book, bob: Person, change: dict[str, Any]) -> None:
    actions.put_task(plan, bob, replace(TASK, **change))
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "t1", State.BEGUN)
    if "risk_check" not in change:
        actions.put_task(plan, bob, TASK)
        assert actions.move(plan, bob, "t1", State.BEGUN).uncovered == ()


def test_when_and_by_whom_moves_within_a_yes(plan: Book, bob: Person, alice: Person) -> None:
    actions.put_task(plan, bob, replace(TASK, owner=alice.pk, due=timezone.now() + timedelta(days=3)))
    assert actions.move(plan, alice, "t1", State.BEGUN).uncovered == ()


@pytest.mark.parametrize("how", ["taken away", "dropped", "dropped after it was begun"])
def test_a_yes_to_what_comes_after_something_covers_nothing_once_that_is_gone(
    bob: Person, vera: Person, how: str
) -> None:
    first, act = Task("ok", "She says yes", wanted="her words"), Task("act", "Publish her name", needs=("ok",))
    book = _begun(bob, first, act)
    _approved(book, bob, vera)
    if how == "taken away":
        actions.put_task(book, bob, replace(act, needs=()))
    else:
        if how != "dropped":
            actions.move(book, bob, "ok", State.BEGUN)
        actions.move(book, bob, "ok", State.DROPPED, "no answer")
    assert [one.key for one in book.read().uncovered if one.key == "act"] == ["act"]
    with pytest.raises(RefusedError, match="taken away"):
        actions.move(book, bob, "act", State.DONE, "posted")
    _approved(book, bob, vera)
    actions.move(book, bob, "act", State.BEGUN)


def test_a_need_may_be_added_or_met_within_a_yes_and_taken_from_what_is_harmless(bob: Person, vera: Person) -> None:
    first, act = Task("ok", "She says yes"), Task("act", "Publish her name", needs=("ok",))
    book = _begun(bob, first, act, TASK, replace(ASK, needs=("ok",)))
    _approved(book, bob, vera)
    actions.put_task(book, bob, replace(ASK, needs=()))
    actions.put_task(book, bob, replace(act, needs=("ok", "t1")))
    for key in ("ask", "ok", "t1", "act"):
        actions.move(book, bob, key, State.DONE, "done")


def test_what_was_covered_is_not_dropped_and_put_anew_by_other_words(plan: Book, bob: Person) -> None:
    actions.move(plan, bob, "t1", State.DROPPED, "no more")
    with pytest.raises(RefusedError):
        actions.put_task(plan, bob, replace(TASK, title="Publish her name"))
    actions.move(plan, bob, "t1", State.OPEN)
    actions.put_task(plan, bob, replace(TASK, title="Publish her name"))
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "t1", State.BEGUN)


def test_who_put_the_task_cannot_say_yes_to_it(plan: Book, vera: Person) -> None:
    vera.roles = int(Role.APPROVER | Role.ANALYST)
    vera.save()
    put = actions.put_task(plan, vera, Task("new", "Publish her name"))
    with pytest.raises(RefusedError):
        actions.approve(plan, vera, put.digest)
    assert plan.read().uncovered


def test_a_task_that_came_while_the_approver_read_is_not_approved_unread(plan: Book, bob: Person, vera: Person) -> None:
    actions.put_task(plan, bob, Task("new", "Ring the mirror's owner"))
    asked = actions.ask(plan, bob, vera, None)
    actions.put_task(plan, bob, Task("new", "Publish her name"))
    with pytest.raises(ChangedError):
        actions.approve(plan, vera, asked.digest)
    assert [one.title for one in plan.read().uncovered] == ["Publish her name"]


def test_a_no_to_what_came_leaves_the_rest_approved(plan: Book, bob: Person, vera: Person) -> None:
    actions.put_task(plan, bob, Task("new", "Publish her name"))
    declined = actions.decline(plan, vera, actions.ask(plan, bob, vera, None).digest, "Never by name.")
    assert (declined.standing, declined.question) == (Standing.APPROVED, None)
    with pytest.raises(RefusedError):
        actions.move(plan, bob, "new", State.BEGUN)
    actions.move(plan, bob, "t1", State.BEGUN)


def test_what_came_may_be_acted_on_first_and_is_ratified_like_everything(plan: Book, bob: Person, vera: Person) -> None:
    actions.put_task(plan, bob, Task("new", "Bring her out tonight"))
    first = actions.act_first(plan, bob, "They come for her at dawn.")
    assert first.standing is Standing.APPROVED
    actions.move(plan, bob, "new", State.DONE, "she is out")
    actions.move(plan, bob, "t1", State.DONE, "told")
    assert [one.what for one in waiting.answers(vera)] == [waiting.What.RATIFY]
    with pytest.raises(RefusedError):
        actions.close(plan, bob, "All of it.", met=True)
    ratified = actions.approve(plan, vera, plan.read().digest)
    assert isinstance(ratified.approved and ratified.approved.act, acts.Approved)
    assert ratified.approved.act.ratifies  # type: ignore[union-attr]
    assert actions.close(plan, bob, "All of it.", met=True).standing is Standing.CLOSED


def test_acting_first_again_gives_no_more_time(plan: Book, bob: Person) -> None:
    actions.put_task(plan, bob, Task("new", "Bring her out tonight"))
    first = actions.act_first(plan, bob, "They come for her at dawn.").acting
    with pytest.raises(RefusedError):
        actions.act_first(plan, bob, "Once more.")
    actions.put_task(plan, bob, Task("more", "And her sister"))
    again = actions.act_first(plan, bob, "Her sister as well.").acting
    assert again.act.until == first.act.until  # type: ignore[union-attr]


def test_nobody_acts_first_on_what_somebody_said_no_to(bob: Person, vera: Person) -> None:
    book = _begun(bob, TASK)
    actions.decline(book, vera, actions.ask(book, bob, vera, None).digest, "This kills her.")
    actions.put_task(book, bob, replace(TASK, due=timezone.now()))
    actions.write(book, bob, replace(CONTENT, title="Another title"), 1)
    with pytest.raises(RefusedError, match="said no"):
        actions.act_first(book, bob, "I do it anyway.")
    actions.write(book, bob, replace(CONTENT, objective="She is safe first."), 2)
    assert actions.act_first(book, bob, "They come for her at dawn.").standing is Standing.ACTING
    actions.decline(book, vera, book.read().digest, "Nor so.")
    with pytest.raises(RefusedError, match="said no"):
        actions.act_first(book, bob, "Another day of it.")
    with pytest.raises(RefusedError):
        actions.move(book, bob, "t1", State.DONE, "done")


def test_nobody_acts_first_on_a_task_that_somebody_said_no_to(plan: Book, bob: Person, vera: Person) -> None:
    actions.put_task(plan, bob, Task("new", "Publish her name"))
    actions.decline(plan, vera, actions.ask(plan, bob, vera, None).digest, "Never by name.")
    with pytest.raises(RefusedError, match="said no"):
        actions.act_first(plan, bob, "I do it anyway.")
    actions.move(plan, bob, "new", State.DROPPED, "no")
    actions.put_task(plan, bob, Task("again", "publish  her name"))
    with pytest.raises(RefusedError, match="said no"):
        actions.act_first(plan, bob, "By another key.")
    actions.put_task(plan, bob, Task("again", "Bring her out tonight"))
    actions.act_first(plan, bob, "They come for her at dawn.")
    actions.move(plan, bob, "again", State.BEGUN)


def test_nothing_new_begins_under_what_was_done_first_once_nobody_ratified_it_in_time(
    plan: Book, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("runs", "new"):
        actions.put_task(plan, bob, Task(key, f"Bring her out: {key}"))
    actions.act_first(plan, bob, "They come for her at dawn.")
    actions.move(plan, bob, "runs", State.BEGUN)
    later = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(RefusedError, match="ratified in time"):
        actions.move(plan, bob, "new", State.BEGUN)
    actions.put_task(plan, bob, Task("more", "And her sister"))
    with pytest.raises(RefusedError, match="ratified in time"):
        actions.act_first(plan, bob, "Once more.")
    actions.move(plan, bob, "runs", State.DONE, "she is out")
    actions.move(plan, bob, "t1", State.BEGUN)  # the yes from before still holds


def test_a_plan_that_is_covered_asks_for_nothing(plan: Book, bob: Person, vera: Person) -> None:
    with pytest.raises(RefusedError):
        actions.ask(plan, bob, vera, None)
    with pytest.raises(RefusedError):
        actions.approve(plan, vera, plan.read().digest)


def test_an_older_log_keeps_its_hashes() -> None:
    assert {"at_once", "grave"}.isdisjoint(pack(TASK))
    assert pack(ASK)["at_once"] is True


# On the pages


def test_pages_say_what_may_begin_and_what_is_not_covered(bob: Person, vera: Person, browse: Browse) -> None:
    book = _begun(bob, ASK, TASK)
    client = browse(bob)
    page = client.get(f"/plans/{book.id}/").content.decode()
    assert "needs no yes" in page
    assert "Tasks that need no yes can begin now." in page
    assert "Begin it" in client.get(f"/plans/{book.id}/tasks/ask/").content.decode()
    assert "Begin it" not in client.get(f"/plans/{book.id}/tasks/t1/").content.decode()
    client.post(f"/plans/{book.id}/tasks/ask/move", {"state": "begun"})
    assert _state(book, "ask") is State.BEGUN
    _approved(book, bob, vera)
    client.post(f"/plans/{book.id}/tasks/new/", {"title": "Publish her name", "function": "duty"})
    page = client.get(f"/plans/{book.id}/").content.decode()
    assert "Approved as it stands" in page
    assert "1 task came or was reworded since" in page
    assert "not covered by the yes" in page
    key = next(one.key for one in book.read().tasks if one.title == "Publish her name")
    task = client.get(f"/plans/{book.id}/tasks/{key}/").content.decode()
    assert "Ask for a yes to it" in task
    assert "Begin it" not in task
    client.post(f"/plans/{book.id}/ask/", {"approver": vera.pk, "deputy": "0"})
    theirs = browse(vera)
    assert "Your yes or no is asked" in theirs.get("/plans/").content.decode()
    answer = theirs.get(f"/plans/{book.id}/answer/").content.decode()
    assert "Publish her name" in answer
    assert "needs a new yes" in answer
    theirs.post(f"/plans/{book.id}/answer/", {"do": "approve", "digest": book.read().digest})
    assert book.read().uncovered == ()


def test_who_sees_their_part_alone_begins_what_is_covered(bob: Person, vera: Person, browse: Browse) -> None:
    stan = Person.objects.create(email="stan@example.org", name="Stan", roles=int(Role.STAKEHOLDER))
    mine = Task("mine", "Read the order", Function.LEGAL, owner=stan.pk)
    book = _begun(bob, mine, TASK)
    actions.write(book, bob, replace(CONTENT, stakeholders=(Stakeholder(Function.LEGAL, stan.pk),)), 1)
    _approved(book, bob, vera)
    client = browse(stan)
    assert "Begin it" in client.get(f"/plans/{book.id}/tasks/mine/").content.decode()
    client.post(f"/plans/{book.id}/tasks/mine/move", {"state": "begun"})
    assert _state(book, "mine") is State.BEGUN
