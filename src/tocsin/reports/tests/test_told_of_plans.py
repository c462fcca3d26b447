"""A report tells of a plan what somebody said yes to, in the words of that version, and only while the yes stands."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tocsin.people.models import Person
from tocsin.reports.gathering.period import Period
from tocsin.reports.gathering.tasks import tasks_told
from tocsin.reports.laying import document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.responses import actions
from tocsin.responses.log import acts
from tocsin.responses.log.content import Content, For, Option, State, Task, Wording
from tocsin.responses.log.keeping import Book

pytestmark = pytest.mark.django_db
CONTENT = Content(
    title="Site blocked",
    objective="Readers reach the site again.",
    options=(Option("wait", "Do nothing", risk="none"), Option("mirror", "Point to mirrors", risk="may be watched")),
    chosen="mirror",
    reasons="People need it now.",
    words=(Wording(For.COMMUNITY, "Use the mirror."),),
    exit_condition="Page views are back for a week.",
)
LATER = replace(CONTENT, words=(Wording(For.COMMUNITY, "Log in with your own name."),))


@pytest.fixture
def plan(bob: Person, vera: Person) -> Book:
    """A plan that Vera said yes to."""
    tasks = [Task("t1", "Tell the community", wanted="a link")]
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, tasks, None)
    actions.approve(book, vera, book.read().digest)
    return book


def advice(draft: Draft) -> list[str]:
    return [one.says for one in facts_of(draft).values() if ":words-" in one.key]


def test_a_community_is_told_the_words_that_were_approved(plan: Book, draft: Callable[..., Draft]) -> None:
    assert "Use the mirror." in str(document_of(draft("community")))


def test_words_that_were_written_after_the_yes_are_not_told(
    plan: Book, bob: Person, draft: Callable[..., Draft]
) -> None:
    actions.write(plan, bob, LATER, 1)
    made = draft("community")
    assert "your own name" not in str(facts_of(made))
    assert advice(made) in ([], ["Use the mirror."])


def test_when_the_yes_no_longer_holds_nothing_is_told_as_approved(
    plan: Book, bob: Person, draft: Callable[..., Draft]
) -> None:
    actions.write(plan, bob, replace(CONTENT, title="Shut the wiki down", objective="No wiki"), 1)
    made = draft("operational")
    assert not advice(made)
    assert not any("approved" in one.says for one in facts_of(made).values())


def test_a_plan_is_told_once_under_the_title_that_was_approved(
    plan: Book, bob: Person, draft: Callable[..., Draft]
) -> None:
    actions.write(plan, bob, replace(CONTENT, title="Shut the wiki down", objective="No wiki"), 1)
    actions.move(plan, bob, "t1", State.DROPPED, "Nobody needs it.")
    actions.close(plan, bob, "Readers are back.", met=True)
    known = [one for one in facts_of(draft("operational")).values() if one.key.startswith("plan:")]
    (told,) = (one for one in known if one.key.endswith((":begun", ":approved", ":closed")))
    assert told.says == "The response “Site blocked” is over. What was reached: Readers are back."
    assert {one.title for one in told.sources} == {"Site blocked"}


def test_what_a_plan_needs_is_asked_and_its_tasks_are_told_day_by_day(
    plan: Book, bob: Person, draft: Callable[..., Draft]
) -> None:
    actions.write(plan, bob, replace(CONTENT, resources="Two lawyers for a month."), 1)
    actions.move(plan, bob, "t1", State.DROPPED, "Nobody needs it.")
    facts = facts_of(draft("executive"))
    assert "The response “Site blocked” needs: Two lawyers for a month." in [one.says for one in facts.values()]
    assert "tasks:done" not in facts, "what was dropped was not done"
    asked = document_of(draft("executive", once="again"))
    assert "Two lawyers" in str(asked.blocks)


def test_tasks_count_on_the_day_on_which_they_were_done_and_are_late_until_then(week: Period) -> None:
    second, fourth = (week.since + timedelta(days=number, hours=1) for number in (1, 3))
    late = Task(key="t1", title="Call", due=second, state=State.DONE, ended=fourth)
    done, over = tasks_told([SimpleNamespace(tasks=(late,))], week, exercise=False)  # type: ignore[list-item]
    assert [count for _day, count in done.course] == [0, 0, 0, 1, 0, 0, 0]
    assert [count for _day, count in over.course] == [0, 1, 1, 0, 0, 0, 0]
    assert over.value is not None
    assert over.value.amount == 0
