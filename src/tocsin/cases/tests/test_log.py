"""The log of a case: every view with its purpose; for an auditor ids and keyed hashes, never a name or a word."""

from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.cases import actions
from tocsin.cases.kinds.happened import Contact
from tocsin.cases.kinds.people import PersonAtRisk
from tocsin.cases.tests.conftest import Browse, Found, Know
from tocsin.cases.views.log import LINES
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(know: Know, found: Found, alice: Person, bob: Person) -> UUID:
    know(alice, bob)
    return found(alice, (bob, "caseworker"))


def _last(opened: Open, alice: Person, case: UUID) -> Any:
    return OpenSafe(opened(alice), case).read_log()[-1]


def test_every_page_that_is_seen_leaves_a_line_with_its_purpose(
    opened: Open, enter: Browse, case: UUID, alice: Person, bob: Person
) -> None:
    row = actions.write(
        opened(alice), case, Contact(way="call", with_whom="person", said="Well.", reply="none"), "duty"
    )
    client = enter(bob)
    names = ("case", "people", "identity", "handover", "sheet", "evidence:index", "evidence:new")
    addresses = [reverse(f"cases:{name}", args=[case]) for name in names]
    addresses += [reverse("cases:compartment", args=[case, "legal"]), reverse("cases:add", args=[case, "contact"]),
                  reverse("cases:correct", args=[case, row])]  # fmt: skip
    for address in addresses:
        before = len(OpenSafe(opened(alice), case).read_log())
        assert client.get(address).status_code == 200, address
        assert len(OpenSafe(opened(alice), case).read_log()) == before + 1, address
        line = _last(opened, alice, case)
        assert (line["by"], line["purpose"]) == (bob.pk, "work"), address


def test_a_purpose_is_chosen_once_for_a_session_and_a_case(
    opened: Open, enter: Browse, found: Found, case: UUID, alice: Person, bob: Person
) -> None:
    client, other = enter(alice), found(alice)
    page = client.post(reverse("cases:purpose", args=[case]), {"purpose": "review"}, follow=True)
    assert "You look to review how it is handled" in page.text
    client.get(reverse("cases:compartment", args=[case, "legal"]))
    assert _last(opened, alice, case)["purpose"] == "review"
    client.get(reverse("cases:case", args=[other]))
    assert _last(opened, alice, other)["purpose"] == "work"
    client.post(reverse("cases:purpose", args=[case]), {"purpose": "gossip"})
    client.get(reverse("cases:case", args=[case]))
    assert _last(opened, alice, case)["purpose"] == "review"
    assert str(case) not in str(dict(client.session))
    enter(bob).get(reverse("cases:case", args=[case]))
    assert _last(opened, alice, case)["purpose"] == "work"


def test_an_auditor_reads_ids_and_hashes_and_no_name_or_word(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, "auditor"))
    said = Contact(way="call", with_whom="person", said="Qrsword", reply="none")
    row = actions.write(opened(alice), case, said, "account")
    actions.write(opened(alice), case, PersonAtRisk(name="Namename", relation="reader", age="adult"), "identity")
    page = enter(bob).get(reverse("cases:log", args=[case])).text
    body = page[page.index('id="part-title"') :]
    assert f"Person {alice.pk} wrote a record in Account." in body
    for word in (alice.name, "Qrsword", "Namename", str(row)):
        assert word not in body
    record = next(one["record"] for one in OpenSafe(opened(alice), case).read_log() if one.get("code") == "wrote")
    assert record in body
    owners = enter(alice).get(reverse("cases:log", args=[case])).text
    assert f"{alice.name} wrote a record in Account." in owners


def test_lines_can_be_read_for_one_person(opened: Open, enter: Browse, case: UUID, alice: Person, bob: Person) -> None:
    enter(bob).get(reverse("cases:case", args=[case]))
    address = reverse("cases:log", args=[case])
    page = enter(alice).get(address, {"who": str(bob.pk)}).text
    assert f"{bob.name} looked at the overview." in page
    assert f"{alice.name} began the case." not in page
    assert "Nothing was done or seen by them." in enter(alice).get(address, {"who": "0"}).text


def test_every_line_is_a_sentence() -> None:
    words = dict.fromkeys(("who", "where", "whom", "role", "act", "day", "reason"), "x")
    for code, line in LINES.items():
        made = str(line).format(**words)
        assert made[0].isupper() or made[0] == "x", code
