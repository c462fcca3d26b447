"""A plan's page: what to do now comes first, tasks are ticked where they stand, long parts fold on a phone alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.responses import actions, beginning, drawing
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function, Stakeholder, State, Task
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library
from tocsin.responses.tests.test_plans import CONTENT, TASK

Browse = Callable[[Person], Client]
PLAIN = Task("t2", "Ring her sister")
AFTER = Task("t3", "Tell the desk", needs=("t2",))
WEIGHED = Task("t4", "Suppress her edits", risk_check=True)


@pytest.fixture
def plan(bob: Person, vera: Person) -> Book:
    content = replace(CONTENT, not_to_do="Do not call her (her phone is theirs)\nDo not wait")
    book = actions.begin(bob, acts.Begun(severity=3), content, [TASK, PLAIN, AFTER, WEIGHED], None)
    actions.approve(book, vera, actions.ask(book, bob, vera, None).digest)
    return book


def _ticks(page: str) -> set[str]:
    forms = re.findall(r'class="tick" method="post" action="([^"]+)/move"', page)
    return {address.rsplit("/", 1)[-1] for address in forms}


def _page(browse: Browse, person: Person, plan: Book, more: str = "") -> str:
    return browse(person).get(f"/plans/{plan.id}/{more}").content.decode()


def test_only_what_may_be_done_and_asks_for_no_evidence_is_ticked_in_the_list(
    plan: Book, bob: Person, vera: Person, browse: Browse
) -> None:
    assert _ticks(_page(browse, bob, plan)) == {"t2"}
    assert _ticks(_page(browse, bob, plan, "?tasks=board")) == {"t2"}
    assert _ticks(_page(browse, vera, plan)) == set()


def test_a_tick_is_undone_where_it_was_made(plan: Book, bob: Person, browse: Browse) -> None:
    client = browse(bob)
    went = client.post(f"/plans/{plan.id}/tasks/t2/move", {"state": "done", "back": "list"}, follow=True)
    page = went.content.decode()
    assert went.redirect_chain == [(f"/plans/{plan.id}/?tasks=list&done=t2#now", 302)]
    assert 'class="ticked"' in page
    assert "Undo" in page
    assert _ticks(page) == {"t3"}
    undo = {"state": "open", "back": "list"}
    page = client.post(f"/plans/{plan.id}/tasks/t2/move", undo, follow=True).content.decode()
    assert 'class="ticked"' not in page
    assert _ticks(page) == {"t2"}


def test_a_tick_that_may_not_be_is_refused_all_the_same(plan: Book, bob: Person, browse: Browse) -> None:
    for key, said in (("t1", "what shows"), ("t3", "First comes"), ("t4", "Weigh first")):
        went = browse(bob).post(f"/plans/{plan.id}/tasks/{key}/move", {"state": "done", "back": "list"}, follow=True)
        page = went.content.decode()
        assert said in page
        assert 'class="ticked"' not in page
        task = plan.read().task(key)
        assert task is not None
        assert task.state is State.OPEN


def test_a_page_of_another_site_is_never_where_a_tick_leads(plan: Book, bob: Person, browse: Browse) -> None:
    moved = {"state": "done", "back": "//elsewhere.example"}
    assert browse(bob).post(f"/plans/{plan.id}/tasks/t2/move", moved)["Location"] == f"/plans/{plan.id}/tasks/t2/"


def test_who_has_a_part_ticks_their_own_alone(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    vera.roles = 8  # a stakeholder
    vera.save()
    part = (Stakeholder(Function.DUTY, vera.pk),)
    actions.write(plan, bob, replace(plan.read().content, stakeholders=part), 1)
    assert _ticks(_page(browse, vera, plan)) == set()
    actions.put_task(plan, bob, replace(PLAIN, owner=vera.pk))
    assert _ticks(_page(browse, vera, plan)) == {"t2"}


def test_what_to_do_now_stands_first_and_every_jump_leads_somewhere(plan: Book, bob: Person, browse: Browse) -> None:
    page = _page(browse, bob, plan)
    assert page.index("Do now") < page.index("Approved as it stands") < page.index('id="tasks"')
    assert page.index("Ring her sister") < page.index('id="tasks"')
    bar = page.split('class="jump-bar"')[1].split("</nav>")[0]
    jumps = re.findall(r'href="#([a-z]+)"', bar)
    assert jumps == ["now", "tasks", "words", "people", "log"]
    assert all(page.count(f'id="{one}"') == 1 for one in jumps)


def test_what_is_not_approved_says_so_before_what_could_be_done(plan: Book, bob: Person, browse: Browse) -> None:
    actions.write(plan, bob, replace(plan.read().content, chosen="wait"), 1)
    page = _page(browse, bob, plan)
    assert page.index("The seal is broken") < page.index("Nothing can begin now")
    assert _ticks(page) == set()


def test_long_parts_lie_open_without_scripts(plan: Book, bob: Person, browse: Browse) -> None:
    page = _page(browse, bob, plan)
    folds = re.findall(r"<details[^>]*data-fold[^>]*>", page)
    assert len(folds) >= 5
    assert all(" open" in one for one in folds)
    assert "fold.js" in page


def test_a_reason_not_to_do_something_stands_beside_it(plan: Book, bob: Person, browse: Browse) -> None:
    page = _page(browse, bob, plan)
    assert '<li><bdi>Do not call her</bdi> <bdi class="why">her phone is theirs</bdi></li>' in page
    assert "<li><bdi>Do not wait</bdi></li>" in page


@pytest.mark.parametrize("width", drawing.Width)
@pytest.mark.parametrize("title", ["W" * 300, "Ask the family what they need: " * 9, "\u544a" * 200, "i" * 300])
def test_titles_of_the_time_line_fit_into_it(title: str, width: drawing.Width) -> None:
    fitted = drawing.fitted(title, width)
    assert drawing.breadth(fitted) <= width
    assert fitted.endswith("…")
    assert drawing.breadth(fitted) > width - 2 * 13


@pytest.mark.parametrize("rtl", [False, True])
def test_day_labels_of_the_time_line_stay_inside_and_apart(plan: Book, bob: Person, rtl: bool) -> None:
    now = datetime(2026, 11, 28, tzinfo=UTC)
    for day in range(1, 12):
        actions.put_task(plan, bob, Task("", f"Step {day}", due=now + timedelta(days=day * 3)))
    line = drawing.time_line(plan.read(), now)
    assert line is not None
    for width in drawing.Width:
        picture = drawing.draw(line, UTC, width, rtl=rtl)
        assert f'direction="{"rtl" if rtl else "ltr"}"' in picture
        found = re.findall(r'class="chart-label" x="([\d.]+)"[^>]*>([^<]+)<', picture)
        halves = [(float(x), drawing.breadth(said) / 2) for x, said in found]
        spans = sorted((x - half, x + half) for x, half in halves)
        assert len(spans) >= 2
        assert spans[0][0] >= 0
        assert spans[-1][1] <= width
        assert all(end < start for (_start, end), (start, _end) in pairwise(spans))


def test_the_time_line_is_drawn_once_for_pages_and_once_for_phones(plan: Book, bob: Person, browse: Browse) -> None:
    page = _page(browse, bob, plan, "?tasks=time")
    assert page.count('<svg class="chart gantt') == 2
    named = re.findall(r'id="(gantt-[a-z-]+)"', page)
    assert len(named) == len(set(named)) == 4


def test_a_step_says_whom_to_tell(bob: Person, vera: Person, browse: Browse) -> None:
    book = library.playbook("detained")
    assert book is not None
    steps = beginning.tasks_of(book, clock.now())
    told = [one for one in steps if one.key.startswith("n")]
    assert told
    assert all(one.title.startswith("Tell ") and not one.title.startswith("Tell:") for one in told)
    parts = (Stakeholder(Function.LEGAL, vera.pk), Stakeholder(Function.LEGAL, name="Outside counsel"))
    plan = actions.begin(bob, acts.Begun(severity=3), replace(CONTENT, stakeholders=parts), steps, None)
    assert "legal: <bdi>Vera, Outside counsel</bdi>" in _page(browse, bob, plan)
    legal = next(one for one in told if one.function is Function.LEGAL)
    assert legal.title.startswith("Tell the lawyers: ")
    assert "legal: <bdi>Vera, Outside counsel</bdi>" in _page(browse, bob, plan, f"tasks/{legal.key}/")


def test_who_approves_reads_the_title_and_what_it_takes(bob: Person, vera: Person, browse: Browse) -> None:
    content = replace(CONTENT, title="Mirrors", resources="Two people for a week.")
    plan = actions.begin(bob, acts.Begun(severity=3), content, [TASK], None)
    actions.ask(plan, bob, vera, None)
    page = _page(browse, vera, plan, "answer/")
    assert "<strong><bdi>Mirrors</bdi></strong>" in page
    assert "Two people for a week." in page.split('class="risk"')[1].split("</dl>")[0]
