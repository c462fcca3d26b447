"""A field reporter's words stay sealed; an extract leaves under their terms, when a second person has read it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.alerts.models import Alert
from tocsin.cases import actions, members
from tocsin.cases.access import REPORTER
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.course import About, Closing
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.kinds.reporters import Farewell, Report, Task, Terms
from tocsin.cases.refusals import RefusedError
from tocsin.cases.tests.conftest import Browse, Found, Know, consent, today
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import desks, letters
from tocsin.mailbox.models import Letter
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.streams.models import Item, Requirement

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
    actions.write(opened(alice), safe, _farewell(ask_on=today()), "account")
    with pytest.raises(RefusedError):
        actions.close(opened(alice), safe, closing)
    _do(opened, alice, safe, row, "done", {})
    actions.close(opened(alice), safe, closing)


def _farewell(**more: Any) -> Farewell:
    done = ("open", "ways", "traces", "kept", "back")
    return Farewell(**{"thanked": "By Alice, by voice.", "owed": "paid", "done": done, "risks": "None.", **more})


def test_nobody_is_let_go_without_thanks_and_is_asked_later_how_they_are(
    opened: Open, enter: Browse, safe: UUID, alice: Person
) -> None:
    closing = Closing(why="wish", words="They stop.", told="How to come back.")
    with pytest.raises(RefusedError, match="thanked"):
        actions.close(opened(alice), safe, closing)
    with pytest.raises(WrongError):
        actions.write(opened(alice), safe, _farewell(done=("kept",)), "account")
    row = actions.write(opened(alice), safe, _farewell(ask_on=today()), "account")
    actions.close(opened(alice), safe, closing)
    assert "Ask a former reporter how they are" in enter(alice).get(reverse("desk")).text
    _do(opened, alice, safe, row, "asked", {"how_they_are": "Well."})
    assert "Ask a former reporter" not in enter(alice).get(reverse("desk")).text


def test_an_extract_has_none_of_the_reporter_s_own_words_and_waits_as_long_as_they_wish(
    opened: Open, safe: UUID, alice: Person, bob: Person
) -> None:
    held = actions.write(opened(alice), safe, _terms(wait_days=10, reach="green"), "account")
    row = actions.write(opened(alice), safe, Report(words=RAW, came="Signal", told_on=today()), "account")
    given = {"extract": "They wrote: I STOOD at the corner by the bakery.", "terms": str(held), "clean": True}
    with pytest.raises(WrongError) as wrong:
        _do(opened, alice, safe, row, "extract", given)
    assert wrong.value.name == "extract"
    _do(opened, alice, safe, row, "extract", {**given, "extract": EXTRACT})
    with pytest.raises(RefusedError, match="waits until"):
        _do(opened, bob, safe, row, "release", {})
    one = actions.read(OpenSafe(opened(bob), safe), row)
    actions.correct(opened(alice), safe, row, one.version, Report(words=RAW, came="Signal", told_on=_ago(11)))
    _do(opened, bob, safe, row, "release", {})
    assert Item.objects.get().tlp == "green"


def _ago(days: int) -> date:
    return today() - timedelta(days=days)


def test_a_task_names_the_question_that_it_serves_and_nothing_there_tells(
    opened: Open, enter: Browse, safe: UUID, alice: Person
) -> None:
    asked = Requirement.objects.create(question="Are vans used at universities?", asked_by="The lead")
    client = enter(alice)
    address = reverse("cases:add", args=[safe, "task"])
    assert "Are vans used at universities?" in client.get(address).text
    given = {"compartment": "account", "requirement": str(asked.pk), "words": "Look.", "limits": "No pictures.",
             "owner": str(alice.pk), "due": today().isoformat()}  # fmt: skip
    assert client.post(address, given).status_code == 302
    page = client.get(reverse("cases:compartment", args=[safe, "account"])).text
    assert "Are vans used at universities?" in page


def test_a_file_belongs_to_the_report_with_which_it_came(
    opened: Open, enter: Browse, safe: UUID, alice: Person, vera: Person
) -> None:
    row = actions.write(opened(alice), safe, Report(words=RAW, came="Signal"), "account")
    client = enter(alice)
    page = client.get(reverse("cases:compartment", args=[safe, "account"])).text
    assert reverse("cases:evidence:new", args=[safe]) + f"?about={row}" in page
    form = client.get(reverse("cases:evidence:new", args=[safe]), {"about": str(row)}).text
    assert f'<option value="{row}" selected>' in form
    assert enter(vera).get(reverse("cases:evidence:index", args=[safe])).status_code == 404


def test_any_colleague_reports_a_risk_that_only_a_desk_reads(
    opened: Open, know: Know, browse: Browse, alice: Person, vera: Person
) -> None:
    Person.objects.filter(pk=vera.pk).update(roles=int(Role.STAKEHOLDER))
    vera.refresh_from_db()
    address = reverse("cases:risk")
    assert "No desk has keys yet" in browse(vera).get(address).text
    desk = desks.make(opened(alice), "Safety")
    given = {"desk": desk.public_id, "what": "Riskword: he says he will find her.", "how": "She told me.",
             "kind": "threats", "urgency": "now"}  # fmt: skip
    assert browse(vera).post(address, {**given, "what": ""}).status_code == 422
    assert browse(vera).post(address, given).status_code == 302
    letter = Letter.objects.get()
    assert letter.door == "phone"
    stored = repr([bytes(one) if isinstance(one, memoryview) else one for one in Letter.objects.values_list()[0]])
    assert "Riskword" not in stored
    read = letters.one(opened(alice), letter.pk)
    assert "Riskword" in read.content.text
    assert Alert.objects.count() == 1


def test_pages_of_a_reporter_open_for_members_alone(
    opened: Open, enter: Browse, safe: UUID, alice: Person, vera: Person
) -> None:
    for name in ("case", "people", "sheet", "log", "handover", "close", "identity"):
        assert enter(alice).get(reverse(f"cases:{name}", args=[safe])).status_code == 200, name
        assert enter(vera).get(reverse(f"cases:{name}", args=[safe])).status_code == 404, name
    assert enter(alice).get(reverse("cases:reporter_new")).status_code == 200
