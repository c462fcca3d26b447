"""Who is called for a yes is who may give it: by the plan's weight, however small somebody graded it."""

import pytest

from tocsin.alerts import escalating
from tocsin.alerts.models import Alert, Knower, Lane, Notice
from tocsin.alerts.tests.conftest import drums
from tocsin.alerts.tests.drums import Drums, address
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, models, waiting, work
from tocsin.responses.log import acts
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK

__all__ = ["drums"]


@pytest.fixture
def small(bob: Person) -> Book:
    """A plan of a severe playbook that was graded minor."""
    book = actions.begin(bob, acts.Begun(severity=3, playbook="detained"), CONTENT, [TASK], None)
    actions.grade(book, bob, 1, privileged=False)
    assert (book.read().severity, book.read().weight) == (1, 4)
    return book


def test_only_who_may_ratify_is_asked_to(small: Book, bob: Person, alice: Person, vera: Person) -> None:
    actions.act_first(small, bob, "He is at the airport now.")
    assert [one.what for one in waiting.answers(vera)] == [waiting.What.RATIFY]
    assert not waiting.answers(alice)
    alert = Alert.objects.get(kind="plan_ratify")
    assert alert.policy.public_id == "approvers"
    assert alert.lane == Lane.QUIET


def test_nobody_is_rung_first_for_a_yes_that_they_cannot_give(
    small: Book, drums: Drums, bob: Person, alice: Person, vera: Person
) -> None:
    for person in (alice, vera):
        address(person, "sms")
    dora = Person.objects.create(email="dora@example.org", name="Dora", roles=int(Role.APPROVER))
    actions.ask(small, bob, vera, dora)
    Person.objects.filter(pk=dora.pk).update(roles=int(Role.LEAD))
    models.Clock.objects.filter(what="deputy").update(due_at=small.read().opened_at)
    while work.step():
        pass
    escalating.climb()
    second = Alert.objects.filter(kind="plan_ask").order_by("pk").last()
    assert second is not None
    assert Alert.objects.count() == 2
    assert not Knower.objects.filter(alert=second, person=dora).exists()
    assert second.policy.public_id == "approvers"
    assert not Notice.objects.filter(person__in=[alice, dora]).exists()
    dora.refresh_from_db()
    assert not waiting.answers(dora)
    assert [one.what for one in waiting.answers(vera)] == [waiting.What.APPROVE]


def test_a_clock_that_waits_learns_that_its_plan_became_graver(bob: Person, alice: Person, vera: Person) -> None:
    book = actions.begin(bob, acts.Begun(severity=1), CONTENT, [TASK], None)
    actions.ask(book, bob, alice, None)
    assert [one.what for one in waiting.answers(alice)] == [waiting.What.APPROVE]
    actions.grade(book, bob, 3, privileged=False)
    assert not waiting.answers(alice)
