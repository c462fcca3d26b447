"""Who is not in a case learns nothing: missing and forbidden alike, and the same pages with and without one."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tocsin.cases import actions, members
from tocsin.cases.access import REPORTER
from tocsin.cases.evidence import actions as evidence
from tocsin.cases.evidence.tests import making
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.kinds.reporters import Report
from tocsin.cases.roles import OPENS
from tocsin.cases.tests.conftest import Browse, Found, Know
from tocsin.cases.tests.every_kind import fill
from tocsin.keys import safes
from tocsin.keys.files import Incoming
from tocsin.keys.heads import Member
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
PAGES = ("case", "people", "sheet", "log", "handover", "close", "identity", "reseal", "keeping", "evidence:index",
         "evidence:new")  # fmt: skip
# What every answer has of its own: tokens against forgery, and the moment.
OWN = re.compile(r'value="[A-Za-z0-9]{64}"|datetime="[^"]+"|\d{1,2} \w{3} \d{4}, \d{2}:\d{2}|\d+ (second|minute)s?')


def _seen(client: Client, address: str) -> tuple[int, str]:
    answer = client.get(address)
    return answer.status_code, OWN.sub("", answer.text)


def test_missing_and_forbidden_look_alike_and_cost_the_same_work(
    opened: Open, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    case, client = found(alice), enter(bob)
    client.get("/cases/")
    for name in PAGES:
        answers = []
        for one in (case, uuid4()):
            with CaptureQueriesContext(connection) as queries:
                answers.append((*_seen(client, reverse(f"cases:{name}", args=[one])), len(queries)))
        assert answers[0] == answers[1], name
        assert answers[0][0] == 404
    assert client.post(reverse("cases:add", args=[case, "contact"]), {"said": "x"}).status_code == 404


def test_a_desk_or_another_safe_is_no_case(opened: Open, enter: Browse, alice: Person) -> None:
    safe = safes.found(opened(alice), "desk", ["letters"])
    assert enter(alice).get(reverse("cases:case", args=[safe.id])).status_code == 404
    assert str(safe.id) not in enter(alice).get("/cases/").text


def test_without_an_open_vault_nothing_is_shown(browse: Browse, found: Found, alice: Person) -> None:
    case = found(alice)
    for name in PAGES:
        answer = browse(alice).get(reverse(f"cases:{name}", args=[case]))
        assert answer.status_code == 302
        assert reverse("keys:unlock") in answer["Location"]


def test_whoever_leads_is_in_no_case_by_that(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    Person.objects.filter(pk=bob.pk).update(roles=int(Role.RESPONDER))
    bob.refresh_from_db()
    case = found(bob)
    assert enter(alice).get(reverse("cases:case", args=[case])).status_code == 404
    assert str(case) not in enter(alice).get("/cases/").text


def test_the_pages_of_a_piece_of_evidence_are_there_for_nobody_outside(
    opened: Open, enter: Browse, found: Found, settings: Any, tmp_path: Path, alice: Person, bob: Person
) -> None:
    settings.SEALED_FILES = tmp_path / "vault"
    case, client = found(alice), enter(bob)
    row = _brought(opened(alice), case, tmp_path / "vault")
    client.get("/cases/")
    for name in ("item", "copy", "describe", "remove"):
        seen = [_seen(client, reverse(f"cases:evidence:{name}", args=[one, row])) for one in (case, uuid4())]
        assert seen[0] == seen[1], name
        assert seen[0][0] == 404
    for name in ("look", "check", "stamp"):
        gone = [client.post(reverse(f"cases:evidence:{name}", args=[one, row])) for one in (case, uuid4())]
        assert [one.status_code for one in gone] == [404, 404], name
        assert OWN.sub("", gone[0].text) == OWN.sub("", gone[1].text)


def _brought(vault: OpenVault, case: UUID, folder: Path) -> UUID:
    arrived = Incoming(folder)
    arrived.write(making.photo())
    arrived.finish()
    return evidence.take(vault, case, evidence.Draft("A man is led away.", "Her sister"), arrived, "IMG_1.jpg")


def test_the_house_looks_the_same_with_and_without_a_case(
    opened: Open, know: Know, enter: Browse, found: Found, settings: Any, tmp_path: Path, alice: Person, bob: Person,
    charlie: Person,
) -> None:  # fmt: skip
    settings.SEALED_FILES = tmp_path / "vault"
    know(alice, bob, charlie)
    addresses = ("/", "/desk/", "/cases/", "/cases/new/", "/cases/risk/", "/cases/reporters/new/", "/alerts/",
                 "/people/", "/search/?words=editor", "/keys/", "/settings/", "/situations/", "/duty/", "/rollcalls/",
                 "/alliances/", "/mailbox/")  # fmt: skip
    people = (bob, charlie)
    without = [_seen(enter(one), address) for one in people for address in addresses]
    case = found(alice)
    members.keep_out(opened(alice), case, charlie.pk, "In conflict.")
    fill(opened(alice), case, "word")
    _brought(opened(alice), case, tmp_path / "vault")
    about = About(line="A reporter", urgent="steady", retention="usual")
    met = Happened(what="Met.", source="own", certain="confirmed")
    reporter = actions.found(alice, opened(alice), about, met, REPORTER)
    actions.write(opened(alice), reporter, Report(words="Vans.", came="Signal"), "account")
    assert [_seen(enter(one), address) for one in people for address in addresses] == without


@pytest.mark.parametrize("role", ["caseworker", "legal", "security", "communications", "duty", "auditor"])
def test_each_role_sees_its_slice(
    role: str, opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person
) -> None:
    know(alice, bob)
    case = found(alice, (bob, role))
    fill(opened(alice), case, "Qrs")
    client = enter(bob)
    shown = "".join(_all(client, case))
    for kind, part in (("happened", "account"), ("detention", "legal"), ("position", "communications"),
                       ("money", "money"), ("sheet", "duty"), ("person", "identity")):  # fmt: skip
        holds = part in OPENS[role]
        assert (f"Qrs-{kind}-" in shown) is (holds and part != "identity"), (role, part)
        name = (
            reverse("cases:identity", args=[case])
            if part == "identity"
            else reverse("cases:compartment", args=[case, part])
        )
        assert (client.get(name).status_code == 200) is holds
    assert (client.get(reverse("cases:log", args=[case])).status_code == 200) is ("log" in OPENS[role])
    assert client.post(reverse("cases:let_in", args=[case]), {"person": bob.pk, "role": "owner"}).status_code == 302
    assert [one.role for one in _members(opened, alice, case)] == ["owner", role]


def _members(opened: Open, person: Person, case: UUID) -> list[Member]:
    return [one for _pk, one in sorted(OpenSafe(opened(person), case).head.members.items())]


def _all(client: Client, case: UUID) -> list[str]:
    found = [client.get(reverse("cases:case", args=[case])).text]
    for part in ("account", "legal", "communications", "security", "money", "duty"):
        answer = client.get(reverse("cases:compartment", args=[case, part]))
        found.append(answer.text if answer.status_code == 200 else "")
    return found
