"""From a playbook to a question: what is offered, what is still missing, and that it is short to fill in."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, beginning, models
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function, Stakeholder
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library
from tocsin.responses.tests.test_plans import CONTENT, TASK

pytestmark = pytest.mark.django_db

Browse = Callable[[Person], Client]


@pytest.fixture
def eve(db: None) -> Person:
    return Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.EXECUTIVE))


@pytest.fixture
def plan(bob: Person) -> Book:
    return actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK], None)


def page_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def open_folds(page: str) -> list[str]:
    """What the form shows open: the headings of its parts."""
    return [part.split("</summary>")[0] for part in page.split('<details class="fold" open>')[1:]]


def test_every_playbook_that_came_brings_an_objective_of_one_line() -> None:
    for book in library.playbooks():
        assert 20 < len(beginning.objective_of(book)) < 120, book.key


def test_the_objective_of_a_playbook_is_offered_and_can_be_worded_otherwise(bob: Person, browse: Browse) -> None:
    client = browse(bob)
    assert "The person is free and safe" in page_of(client, "/plans/new/?playbook=detained")
    assert "asked for a yes without it" in page_of(client, "/plans/new/?playbook=none")
    given = {"title": "Editor held", "objective": "She is home by Friday.", "severity": "4"}
    client.post("/plans/new/?playbook=detained", given)
    assert "She is home by Friday." in page_of(client, f"/plans/{models.Plan.objects.get().public_id}/")


def test_what_a_plan_from_a_playbook_still_lacks_is_a_choice_and_nothing_else(bob: Person, browse: Browse) -> None:
    book = library.playbook("detained")
    assert book is not None
    first = beginning.content_of(book, book.title, beginning.objective_of(book))
    plan = actions.begin(bob, acts.Begun(severity=4, playbook=book.key), first, [], None)
    asked = page_of(browse(bob), f"/plans/{plan.id}/ask/")
    assert "Choose an option." in asked
    assert f'href="/plans/{plan.id}/edit/#options"' in asked
    assert "Say what is to be reached" not in asked
    form = page_of(browse(bob), f"/plans/{plan.id}/edit/")
    assert open_folds(form) == [], "what is chosen stands beside the folded options"
    assert form.count('<input type="radio" name="chosen"') == len(book.options)


def test_everything_that_is_missing_is_said_at_once(bob: Person, browse: Browse) -> None:
    bare = replace(CONTENT, objective="", exit_condition="", chosen="")
    plan = actions.begin(bob, acts.Begun(severity=3), bare, [], None)
    asked = page_of(browse(bob), f"/plans/{plan.id}/ask/")
    for words in ("Say what is to be reached", "Choose an option.", "Say when this is over."):
        assert words in asked, words
    (over,) = open_folds(page_of(browse(bob), f"/plans/{plan.id}/edit/"))
    assert "When it is over" in over


def test_what_is_new_or_wrong_lies_open(plan: Book, bob: Person, browse: Browse) -> None:
    edit = f"/plans/{plan.id}/edit/"
    given = {"title": CONTENT.title, "base": "1", "options-count": "0", "indicators-count": "0", "add": "indicators"}
    sign = open_folds(browse(bob).post(edit, given).content.decode())
    assert "What to watch" in sign[-2]
    assert "Sign 1" in sign[-1]
    given |= {"words-count": "1", "words-0-audience": "public", "words-0-language": "?", "words-0-text": "Hello"}
    answer = browse(bob).post(edit, {**given, "add": ""})
    assert answer.status_code == 422
    assert any("For the public: Hello" in one or "Hello" in one for one in open_folds(answer.content.decode()))


def test_a_folded_part_says_whose_it_is(bob: Person, vera: Person, browse: Browse) -> None:
    shared = replace(CONTENT, stakeholders=(Stakeholder(Function.LEGAL, person=vera.pk, part="Look"),))
    plan = actions.begin(bob, acts.Begun(severity=3), shared, [], None)
    assert "Vera</span></summary>" in page_of(browse(bob), f"/plans/{plan.id}/edit/")


def test_whoever_edits_what_somebody_is_asked_about_is_told_to_ask_again(
    plan: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    counts = dict.fromkeys(("options-count", "stakeholders-count", "words-count", "indicators-count"), "0")
    edit, given = f"/plans/{plan.id}/edit/", {"title": "Another", "update_hours": "24", **counts}
    actions.ask(plan, bob, vera, None)
    page = browse(bob).post(edit, {**given, "base": "1"}, follow=True).content.decode()
    assert "Nobody is asked any more" in page
    page = browse(bob).post(edit, {**given, "title": "A third", "base": "2"}, follow=True).content.decode()
    assert "Earlier versions are kept" in page
    assert "Nobody is asked any more" not in page


def test_nobody_is_asked_and_deputy_at_once(plan: Book, bob: Person, vera: Person, eve: Person, browse: Browse) -> None:
    form = page_of(browse(bob), f"/plans/{plan.id}/ask/")
    assert form.count('type="radio" name="approver"') == 2
    answer = browse(bob).post(f"/plans/{plan.id}/ask/", {"approver": vera.pk, "deputy": vera.pk})
    assert answer.status_code == 422
    assert "Choose somebody else as deputy." in answer.content.decode()
    browse(bob).post(f"/plans/{plan.id}/ask/", {"approver": vera.pk, "deputy": eve.pk})
    assert plan.read().question is not None


def test_where_one_person_may_approve_no_deputy_is_offered(
    plan: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    form = page_of(browse(bob), f"/plans/{plan.id}/ask/")
    assert "Vera alone may approve it" in form
    assert 'name="deputy"' not in form
    browse(bob).post(f"/plans/{plan.id}/ask/", {"approver": vera.pk})
    assert plan.read().question is not None
