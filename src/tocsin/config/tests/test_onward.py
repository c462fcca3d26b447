"""A letter becomes a case: what it says stands in the timeline, and whoever must not see it stays outside."""

from collections.abc import Callable
from uuid import UUID

import pytest

from tocsin.cases import access
from tocsin.cases import actions as cases
from tocsin.cases.entries import entries, of
from tocsin.cases.kinds.course import CLASSES, About
from tocsin.cases.kinds.happened import Happened
from tocsin.config import onward
from tocsin.keys import safes
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.mailbox import actions, desks, letters
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.models import Letter
from tocsin.mailbox.refusals import RefusedError
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

pytestmark = pytest.mark.django_db(transaction=True)
Read = Callable[[], Opened]


@pytest.fixture
def read(opened: Open, alice: Person, vera: Person) -> Read:
    """A letter at Alice's desk that Vera must not see."""
    desk = desks.make(opened(alice), "First")
    content = {"text": "They came at night.", "kind": "detention", "urgency": "now", "language": "en"}
    number = actions.type_in(alice, desk, content, [vera.pk])
    return lambda: letters.one(opened(alice), number)


def _told(opened: Open, person: Person, case: UUID) -> list[str]:
    return [what.what for _entry, what in of(entries(access.access_case(opened(person), case)), Happened)]


def test_a_letter_begins_a_case_with_what_it_says_that_keeps_out_whom_the_sender_named(
    read: Read, opened: Open, alice: Person, vera: Person
) -> None:
    address = onward.put(opened(alice), read(), "", "An arrest at night")
    (case,) = access.numbers_of(opened(alice))
    assert str(case) in address
    assert _told(opened, alice, case) == ["They came at night."]
    assert Letter.objects.get().state == Letter.State.NEW  # the sender still waits for an answer
    assert vera.pk in access.access_case(opened(alice), case).head.barred
    with pytest.raises(RefusedError):
        onward.put(opened(alice), read(), "", "")


def test_it_goes_into_a_case_that_is_there_unless_somebody_in_it_must_not_see_it(
    read: Read, opened: Open, know: Callable[..., None], alice: Person, vera: Person
) -> None:
    know(alice, vera)
    about, said = (
        About(line="Earlier", urgent="days", retention=CLASSES[0][0]),
        Happened(what="Before.", source="own", certain="unknown"),
    )
    case = cases.found(alice, opened(alice), about, said)
    assert [number for number, _name in onward.choices(opened(alice))] == [str(case)]
    safes.changing(opened(alice), case, lambda safe: safe.let_in(vera.pk, ["account"], "worker"))
    with pytest.raises(RefusedError):
        onward.put(opened(alice), read(), str(case), "")
    assert _told(opened, alice, case) == ["Before."]
    safes.changing(opened(alice), case, lambda safe: safe.put_out(vera.pk))
    onward.put(opened(alice), read(), str(case), "")
    assert sorted(_told(opened, alice, case)) == ["Before.", "They came at night."]


def test_a_case_of_others_takes_nothing(read: Read, opened: Open, alice: Person, bob: Person) -> None:
    opened(bob)
    for case in ("00000000-0000-4000-8000-000000000000", "nonsense"):
        with pytest.raises(RefusedError):
            onward.put(opened(alice), read(), case, "")
    assert Letter.objects.get().state == Letter.State.NEW
