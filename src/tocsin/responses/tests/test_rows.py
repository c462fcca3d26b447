"""Lists believe a row only if all of it follows from its log, and the record knows the log's last line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db import models as fields
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.audit.models import Entry
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import access, actions, debriefs, listing, models, waiting
from tocsin.responses.log import acts, marks, projecting, vouching
from tocsin.responses.log.content import Function, Stakeholder, State, Task, canonical
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.situations.models import Situation

Browse = Callable[[Person], Client]
DAY = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def plan(bob: Person, alice: Person) -> Book:
    content = replace(CONTENT, stakeholders=(Stakeholder(Function.LEGAL, alice.pk),))
    book = actions.begin(bob, acts.Begun(severity=3), content, [TASK, Task("t2", "Ask counsel", owner=bob.pk)], None)
    debriefs.write(book, bob, acts.Debriefed("Quick.", "Slow."))
    debriefs.learn(book, bob, acts.Learnt("", "Ask sooner", acts.Changes.ROTA, bob.pk, DAY))
    return book


def _row(book: Book) -> models.Plan:
    return models.Plan.objects.get(public_id=book.id)


def _vouched(book: Book) -> bool:
    return bool(vouching.wholly([_row(book)]))


def _other(column: Any, row: Any) -> Any:
    """Another value for a column than a row has."""
    now = getattr(row, column.attname)
    match column:
        case fields.BooleanField():
            return not now
        case fields.DateTimeField():
            return None if now is not None and column.null else datetime(2031, 1, 1, tzinfo=UTC)
        case fields.ForeignKey():
            others: Any = column.related_model
            return others.objects.exclude(pk=now).values_list("pk", flat=True).first()
        case fields.IntegerField():
            return (now or 0) + 1
    return f"{now}x"[-column.max_length :]


COVERED = [
    (kind, name)
    for kind, names in (
        (models.Plan, projecting.PLAN),
        (models.PlanTask, projecting.TASK),
        (models.Part, projecting.PART),
        (models.Lesson, projecting.LESSON),
    )
    for name in names
]


@pytest.mark.parametrize("kind", [models.Plan, models.PlanTask, models.Part, models.Lesson])
def test_every_column_is_covered_or_named_as_not(kind: Any) -> None:
    covered = {name for each, name in COVERED if each is kind}
    columns = {one.attname for one in kind._meta.concrete_fields}
    assert covered | projecting.NOT_COVERED[kind] == columns
    assert not covered & projecting.NOT_COVERED[kind]


@pytest.mark.parametrize(("kind", "name"), [pair for pair in COVERED if pair != (models.Plan, "id")])
def test_a_row_is_not_believed_whichever_column_was_forged(
    plan: Book, alice: Person, vera: Person, kind: Any, name: str
) -> None:
    Situation.objects.create(public_id="aaaaaaaaaaaa", title="Elsewhere", first_at=DAY, last_at=DAY, changed_at=DAY)
    assert _vouched(plan)
    rows = kind.objects.filter(public_id=plan.id) if kind is models.Plan else kind.objects.filter(plan=_row(plan))
    one: Any = rows.order_by("pk").first()
    column = kind._meta.get_field(name)
    forged = _other(column, one)
    assert forged != getattr(one, name)
    rows.filter(pk=one.pk).update(**{name: forged})
    left = models.Plan.objects.all()
    assert not vouching.wholly(left)


@pytest.mark.parametrize("kind", [models.PlanTask, models.Part, models.Lesson])
def test_a_row_beside_a_plan_is_missed_when_it_is_gone(plan: Book, kind: Any) -> None:
    kind.objects.filter(plan=_row(plan)).order_by("pk").first().delete()
    assert not _vouched(plan)


def _rolled_back(plan: Book, bob: Person, vera: Person) -> None:
    """Somebody puts the rows of a plan and its log back to when it was approved."""
    asked = actions.ask(plan, bob, vera, None)
    actions.approve(plan, vera, asked.digest)
    before = models.Plan.objects.filter(public_id=plan.id).values().get()
    actions.withdraw(plan, vera, "I was wrong.")
    models.Line.objects.filter(plan__public_id=plan.id, verb="withdrew").delete()
    models.Plan.objects.filter(public_id=plan.id).update(**before)
    assert _row(plan).standing == "approved"


def test_lists_believe_no_plan_that_was_put_back_with_its_log(
    plan: Book, bob: Person, alice: Person, vera: Person, browse: Browse
) -> None:
    _rolled_back(plan, bob, vera)
    assert [one.proved for one in listing.shown(alice, [_row(plan).pk])] == [False]
    page = browse(alice).get("/plans/").content.decode()
    assert "Don’t believe this line" in page
    assert "approved" not in page.split('class="rows plan-rows"')[1].split("</ol>")[0]
    token = str(issue_token(alice, "a program", [Right.PLANS], 30))
    answer = Client().get("/api/plans", headers={"authorization": f"Bearer {token}"}).json()
    assert [(one["proved"], one["standing"]) for one in answer["items"]] == [(False, "unproved")]


@pytest.mark.parametrize("chained", [False, True])
def test_a_yes_shows_nowhere_once_the_words_that_it_was_given_to_read_otherwise(
    plan: Book, bob: Person, vera: Person, browse: Browse, chained: bool
) -> None:
    actions.approve(plan, vera, actions.ask(plan, bob, vera, None).digest)
    now = datetime.now(UTC)
    about = Situation.objects.create(public_id="blocked", title="B", first_at=now, last_at=now, changed_at=now)
    other = actions.begin(bob, acts.Begun(severity=1), CONTENT, [], about)
    actions.approve(other, vera, actions.ask(other, bob, vera, None).digest)
    token = issue_token(bob, "a program", [Right.READ, Right.PLANS], 30)
    for book in (plan, other):
        wrote, before = models.Line.objects.get(plan__public_id=book.id, number=2), ""
        wrote.body["content"]["objective"] = "Name everybody."
        wrote.save()
        for line in models.Line.objects.filter(plan__public_id=book.id).order_by("number") if chained else ():
            line.digest = before = marks.digest_of(book.id, line, before)
            line.save()
        assert not access.proved(_row(book))
        assert book.read().standing is Standing.UNPROVED
    standings = Client().get("/api/plans", HTTP_AUTHORIZATION=f"Bearer {token}").json()["items"]
    assert {one["standing"] for one in standings} == {"unproved"}
    for address in ("/plans/", "/situations/blocked/", f"/plans/{plan.id}/"):
        page = browse(vera).get(address).content.decode()
        assert "standing-approved" not in page
        assert "</span> approved</span>" not in page


def test_what_was_put_back_needs_whoever_owns_it(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    _rolled_back(plan, bob, vera)
    assert [one.what for one in waiting.own(bob)] == [waiting.What.UNPROVED]
    for page in ("/", "/plans/"):
        assert "is not as it was written" in browse(bob).get(page).content.decode()
    assert "Don’t believe this line" in browse(bob).get("/plans/tasks/").content.decode()


def test_nobody_is_asked_for_a_yes_to_what_was_put_back(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    actions.ask(plan, bob, vera, None)
    assert [one.what for one in waiting.answers(vera)] == [waiting.What.APPROVE]
    models.Plan.objects.filter(public_id=plan.id).update(severity=1)
    assert [one.what for one in waiting.answers(vera)] == [waiting.What.UNPROVED]
    assert "Approve plan" not in browse(vera).get("/").content.decode()


def test_a_list_asks_as_often_for_many_plans_as_for_one(plan: Book, bob: Person, alice: Person) -> None:
    def asked(rows: list[models.Plan]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert len(vouching.wholly(rows)) == len(rows)
        return len(queries)

    one = asked([_row(plan)])
    for _number in range(5):
        actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    assert asked(list(models.Plan.objects.all())) == one


def test_a_row_that_was_read_before_a_line_came_is_no_forgery(plan: Book, bob: Person, vera: Person) -> None:
    row = _row(plan)
    actions.put_task(plan, bob, Task("t3", "Call the lawyer"))
    assert vouching.wholly([row]) == {row.pk}
    row.standing = "approved"
    assert not vouching.vouched([row])


def test_an_old_row_is_no_excuse_for_what_was_put_back(plan: Book, bob: Person, vera: Person) -> None:
    row = _row(plan)
    _rolled_back(plan, bob, vera)
    assert not vouching.vouched([row, _row(plan)])


@pytest.mark.parametrize("table", ["responses_line", "audit_entry"])
@pytest.mark.parametrize("look", ["page", "list"])
def test_who_writes_while_somebody_reads_raises_no_alarm(plan: Book, bob: Person, table: str, look: str) -> None:
    """The line comes after the row was read, and before the log or the record is."""
    row = _row(plan)
    came: list[str] = []

    def between(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if table in sql and not came:
            came.append(sql)
            actions.put_task(plan, bob, Task("t3", "Call the lawyer"))
        return execute(sql, *rest)

    with connection.execute_wrapper(between):
        assert plan.read().proved if look == "page" else vouching.wholly([row])
    assert came


def test_rows_of_before_are_marked_anew_and_forged_ones_are_not(plan: Book, bob: Person) -> None:
    forged = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    for book, standing in ((plan, "draft"), (forged, "approved")):
        row = _row(book)
        newest = row.log.order_by("-number").values_list("digest", flat=True).first()
        before = [row.public_id, row.title, row.standing, row.version, row.severity, row.lines, newest]
        said = canonical(before).decode()
        models.Plan.objects.filter(pk=row.pk).update(mark=marks.mark_of(said), follows="", standing=standing)
    import_module("tocsin.responses.migrations.0005_rows_covered_whole").renew(apps, None)
    assert _vouched(plan)
    assert not _vouched(forged)


def test_a_task_that_was_begun_and_done_is_vouched_for(plan: Book, bob: Person, vera: Person) -> None:
    asked = actions.ask(plan, bob, vera, None)
    actions.approve(plan, vera, asked.digest)
    actions.put_task(plan, bob, Task("t2", "Ask counsel", owner=vera.pk, due=DAY))
    actions.move(plan, bob, "t1", State.DONE, "https://example.org/message")
    assert _vouched(plan)
    assert Entry.objects.filter(target=f"plan:{plan.id}").count() == len(plan.read().lines)
