"""The pages as people use them: the desk after a call, keys not compared yet, sealing anew, the sheet at night."""

import pytest
from django.test import Client
from django.urls import reverse

from tocsin.alerts.models import Notice
from tocsin.cases import actions, members
from tocsin.cases.kinds.detention import Date
from tocsin.cases.kinds.happened import Contact
from tocsin.cases.kinds.people import PersonAtRisk
from tocsin.cases.kinds.safety import DutySheet, Protocol
from tocsin.cases.kinds.support import Money, Promise
from tocsin.cases.tests.conftest import Browse, Found, Know, only, read, today
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
CALL = {"way": "call", "with_whom": "person", "said": "She is at her aunt's.", "reply": "none", "next_on": ""}


def test_a_call_is_written_down_from_the_desk(opened: Open, enter: Browse, found: Found, alice: Person) -> None:
    case, client = found(alice), enter(alice)
    answer = client.post("/desk/", {**CALL, "case": str(case), "next_on": today().isoformat()})
    assert answer.status_code == 302
    _entry, what = only(opened(alice), case, Contact)
    assert what.said == "She is at her aunt's."
    assert "Next contact" in client.get("/desk/").text
    wrong = client.post("/desk/", {**CALL, "case": str(case), "reply": "substance"})
    assert wrong.status_code == 422
    assert "vetting first" in wrong.text


def test_the_desk_says_who_waits_on_me_across_cases(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    one, other = found(alice, (bob, "caseworker")), found(alice, (bob, "legal"))
    asked = Money(amount=5, currency="EUR", why="Bus", way="By hand", sanctions="clear")
    actions.write(opened(alice), one, asked, "money")
    actions.write(opened(alice), other, Protocol(threat="detention"), "legal")
    actions.write(opened(alice), one, Promise(words="Call her aunt", owner=alice.pk, due=today()), "account")
    actions.write(opened(alice), other, Date(what="hearing", words="First hearing", on=today()), "legal")
    page = enter(bob).get("/desk/").text
    for words in ("Money waits for your yes", "A protocol needs your yes", "Call her aunt", "First hearing"):
        assert words in page
    hers = enter(alice).get("/desk/").text
    assert "Money waits for your yes" not in hers


def test_somebody_whose_keys_were_not_compared_is_compared_first(
    opened: Open, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    opened(bob)
    case = found(alice)
    answer = enter(alice).post(reverse("cases:let_in", args=[case]), {"person": bob.pk, "role": "legal"})
    assert answer["Location"] == reverse("keys:compare", args=[bob.pk])
    assert bob.pk not in OpenSafe(opened(alice), case).head.members


def test_a_case_that_one_person_alone_can_open_says_so(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice)
    address = reverse("cases:case", args=[case])
    assert "Nobody else can open this" in enter(alice).get(address).text
    members.let_in(opened(alice), case, bob.pk, "owner")
    assert "nobody else can open" not in enter(alice).get(address).text.lower()


def test_putting_somebody_out_leads_through_sealing_anew(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case, client = found(alice, (bob, "caseworker")), enter(alice)
    went = client.post(reverse("cases:put_out", args=[case, bob.pk]))
    reseal = reverse("cases:reseal", args=[case])
    assert went["Location"] == reseal
    assert "records still lie" in client.get(reseal).text
    client.post(reseal)
    assert "Everything that you hold lies under the keys of now" in client.get(reseal).text
    assert enter(bob).get(reverse("cases:case", args=[case])).status_code == 404


def test_opening_the_duty_sheet_tells_the_owner_without_content_once_an_hour(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice)
    members.set_duty(opened(alice), case, [bob.pk])
    sheet = DutySheet(tonight="Wait.", call="The lawyer", never="Her husband")
    actions.write(opened(alice), case, sheet, "duty")
    client: Client = enter(bob)
    for _time in range(2):
        page = client.get(reverse("cases:sheet", args=[case]))
    assert "Her husband" in page.text
    assert "<script" not in page.text
    assert len(page.content) < 30_000
    (notice,) = Notice.objects.all()
    assert (notice.person, notice.words, notice.purpose) == (alice, "sheet", Notice.Purpose.TOLD)
    codes = [line["code"] for line in OpenSafe(opened(alice), case).read_log()]
    assert codes.count("sheet") == 2
    client_of_owner = enter(alice)
    client_of_owner.get(reverse("cases:sheet", args=[case]))
    assert Notice.objects.count() == 1


def test_identity_stays_closed_until_a_purpose_is_given(
    opened: Open, enter: Browse, found: Found, alice: Person
) -> None:
    case, client = found(alice), enter(alice)
    row = actions.write(opened(alice), case, PersonAtRisk(name="Dana", relation="reader", age="adult"), "identity")
    address = reverse("cases:identity", args=[case])
    assert "Dana" not in client.get(address).text
    assert "Dana" not in client.post(address, {"purpose": ""}).text
    assert "Dana" in client.post(address, {"purpose": "legal"}).text
    correct = reverse("cases:correct", args=[case, row])
    assert client.get(correct).status_code == 404
    assert "Dana" in client.post(correct).text
    purposes = [line.get("purpose") for line in OpenSafe(opened(alice), case).read_log() if line["code"] == "identity"]
    assert purposes == ["legal", "correct"]


def test_every_view_stands_in_the_log_with_who_and_where(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "caseworker"))
    for name in ("case", "handover", "sheet"):
        enter(bob).get(reverse(f"cases:{name}", args=[case]))
    enter(bob).get(reverse("cases:compartment", args=[case, "legal"]))
    mine = [one for one in OpenSafe(opened(alice), case).read_log() if one["by"] == bob.pk]
    assert [(one["code"], one.get("compartment")) for one in mine] == [
        ("viewed", ""), ("handed_over", None), ("sheet", None), ("viewed", "legal"),
    ]  # fmt: skip
    assert "Bob" in enter(alice).get(reverse("cases:log", args=[case])).text


def test_a_form_that_was_sent_twice_or_late_changes_nothing_twice(
    opened: Open, enter: Browse, found: Found, alice: Person
) -> None:
    case, client = found(alice), enter(alice)
    row = actions.write(opened(alice), case, Promise(words="Call", owner=alice.pk, due=today()), "account")
    address = reverse("cases:step", args=[case, row, "kept"])
    assert client.post(address, {"version": "1"}).status_code == 302
    assert client.post(address, {"version": "1"}).status_code == 422
    (promise,) = [one for one in read(opened(alice), case) if isinstance(one.what, Promise)]
    assert promise.version == 2
