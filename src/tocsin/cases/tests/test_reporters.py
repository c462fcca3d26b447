"""A field reporter's words stay sealed; an extract leaves under their terms, when a second person has read it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.cases import actions, members
from tocsin.cases.access import REPORTER
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.course import About, Closing
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.kinds.reporters import Report, Task, Terms
from tocsin.cases.refusals import RefusedError
from tocsin.cases.tests.conftest import Browse, Found, Know, consent, today
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.streams.models import Item

pytestmark = pytest.mark.django_db
RAW = "Rawword. I stood at the corner by the bakery at 9:12 and saw two vans."
EXTRACT = "Police vans were seen near a university in the capital this week, according to a person on the ground."


@pytest.fixture
def safe(opened: Open, know: Know, alice: Person, bob: Person) -> UUID:
    know(alice, bob)
    about = About(line="A reporter in the capital", urgent="steady", retention="usual")
    happened = Happened(what="Met at a conference.", source="own", certain="confirmed")
    made = actions.found(alice, opened(alice), about, happened, REPORTER)
    members.let_in(opened(alice), made, bob.pk, "caseworker")
    return made


def _terms(**more: Any) -> Terms:
    return Terms(**{"use": "extract", "risks": "Told.", "lapses_on": today() + timedelta(days=90), **more})


def _do(opened: Open, person: Person, safe: UUID, row: UUID, name: str, given: dict[str, Any]) -> None:
    one = actions.read(OpenSafe(opened(person), safe), row)
    verb = next(each for each in one.what.verbs if each.name == name)
    actions.do(opened(person), safe, row, one.version, verb, given)


def _report(opened: Open, alice: Person, safe: UUID, terms: Terms) -> UUID:
    held = actions.write(opened(alice), safe, terms, "account")
    row = actions.write(opened(alice), safe, Report(words=RAW, came="Signal"), "account")
    given = {"extract": EXTRACT, "country": "TR", "terms": str(held), "clean": True}
    with pytest.raises(WrongError):
        _do(opened, alice, safe, row, "extract", {**given, "clean": False})
    _do(opened, alice, safe, row, "extract", given)
    return row


def test_an_extract_leaves_when_another_has_read_it_and_nothing_else_does(
    opened: Open, safe: UUID, alice: Person, bob: Person
) -> None:
    row = _report(opened, alice, safe, _terms())
    with pytest.raises(RefusedError, match="Somebody else"):
        _do(opened, alice, safe, row, "release", {})
    assert not Item.objects.exists()
    _do(opened, bob, safe, row, "release", {})
    item = Item.objects.get()
    assert EXTRACT in item.text
    assert "Rawword" not in "".join(str(value) for value in Item.objects.values_list()[0])


@pytest.mark.parametrize("terms", [{"use": "safety"}, {"lapses_on": today() - timedelta(days=1)}, {"state": "over"}])
def test_without_terms_that_hold_nothing_leaves(
    terms: dict[str, Any], opened: Open, safe: UUID, alice: Person, bob: Person
) -> None:
    row = _report(opened, alice, safe, _terms(**terms))
    with pytest.raises(RefusedError):
        _do(opened, bob, safe, row, "release", {})
    assert not Item.objects.exists()


def test_a_case_holds_no_reports_and_a_reporter_no_consents(
    opened: Open, enter: Browse, found: Found, safe: UUID, alice: Person
) -> None:
    case = found(alice)
    with pytest.raises(RefusedError):
        actions.write(opened(alice), case, Report(words=RAW, came="Signal"), "account")
    with pytest.raises(RefusedError):
        actions.write(opened(alice), safe, consent(), "account")
    assert enter(alice).get(reverse("cases:add", args=[case, "report"])).status_code == 404
    page = enter(alice).get(reverse("cases:index")).text
    assert str(safe) in page
    assert "Field reporters" in page


def test_a_task_that_is_open_keeps_a_reporter_from_being_let_go(opened: Open, safe: UUID, alice: Person) -> None:
    task = Task(words="Are vans there?", limits="Take no pictures.", due=today())
    row = actions.write(opened(alice), safe, task, "account")
    closing = Closing(why="wish", words="They stop.", told="Thanked, and how to come back.")
    with pytest.raises(RefusedError):
        actions.close(opened(alice), safe, closing)
    _do(opened, alice, safe, row, "done", {})
    actions.close(opened(alice), safe, closing)


def test_pages_of_a_reporter_open_for_members_alone(
    opened: Open, enter: Browse, safe: UUID, alice: Person, vera: Person
) -> None:
    for name in ("case", "people", "sheet", "log", "handover", "close", "identity"):
        assert enter(alice).get(reverse(f"cases:{name}", args=[safe])).status_code == 200, name
        assert enter(vera).get(reverse(f"cases:{name}", args=[safe])).status_code == 404, name
    assert enter(alice).get(reverse("cases:reporter_new")).status_code == 200
