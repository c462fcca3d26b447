"""People entrust, ask, agree, stop, shred and keep on pages; who has no part in it learns nothing there."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.keys import holds, safes, vaults
from tocsin.keys.holds import Order
from tocsin.keys.models import Hold, Recovery, Retention, Safe
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[[Person], Client]


@pytest.fixture
def enter(opened: Open, browse: Callable[[Person], Client], settings: Any) -> Enter:
    """A browser in which somebody is signed in and their vault is open."""
    settings.CONFIGURATION = replace(settings.CONFIGURATION, recovery_hours=0)

    def as_person(person: Person) -> Client:
        client = browse(person)
        client.cookies[settings.VAULT_COOKIE] = base64.urlsafe_b64encode(opened(person)._cookie).decode()
        return client

    return as_person


@pytest.fixture
def safe(opened: Open, know: Callable[..., None], alice: Person, bob: Person, vera: Person, charlie: Person) -> UUID:
    know(alice, bob, vera, charlie)
    one = safes.found(opened(alice), "folder", ["account"], "owner")
    one.add("account", {"text": "What happened."})
    one.commit()
    return one.id


def _entrust(client: Client, safe: UUID, *people: Person, quorum: int = 2) -> Any:
    return client.post(f"/keys/safes/{safe}/custodians/", {"people": [one.pk for one in people], "quorum": quorum})


def test_what_would_be_lost_is_said_until_it_is_entrusted(
    safe: UUID, enter: Enter, alice: Person, bob: Person, vera: Person
) -> None:
    client = enter(alice)
    page = client.get(f"/keys/safes/{safe}/custodians/").content.decode()
    assert "If Alice loses their words" in page
    assert _entrust(client, safe, bob).status_code == 422
    assert _entrust(client, safe, bob, vera).status_code == 302
    page = client.get(f"/keys/safes/{safe}/custodians/").content.decode()
    assert "nothing is lost" in page


def test_a_whole_recovery_on_pages(
    safe: UUID, enter: Enter, opened: Open, alice: Person, bob: Person, vera: Person, charlie: Person
) -> None:
    _entrust(enter(alice), safe, bob, vera)
    kept = enter(bob).get("/keys/recovery/").content.decode()
    assert str(safe) in kept
    asked = {"holder": charlie.pk, "length": "good", "reason": "She lost her words."}
    assert enter(bob).post(f"/keys/safes/{safe}/ask/", asked).status_code == 302
    at = f"/keys/recovery/{Recovery.objects.get().pk}/"
    assert "She lost her words." in enter(vera).get(at).content.decode()
    assert "She lost" not in enter(charlie).get(at).content.decode()
    assert "Agree" not in enter(alice).get(at).content.decode()
    refused = enter(charlie).post(at, {"act": "finish"})
    assert (refused.status_code, "0 of 2" in refused.content.decode()) == (409, True)
    for person in (bob, vera):
        assert "Agree" in enter(person).get(at).content.decode()
        assert enter(person).post(at, {"act": "agree"}).status_code == 302
    assert "Alice" in enter(charlie).get(at).content.decode()
    refused = enter(charlie).post(at, {"act": "finish", "leave_out": [alice.pk]})
    assert (refused.status_code, "made new keys since" in refused.content.decode()) == (409, True)
    vaults.make(alice.pk)
    assert enter(charlie).post(at, {"act": "finish", "leave_out": [alice.pk]}).status_code == 302
    assert [one.body["text"] for one in OpenSafe(opened(charlie), safe).records()] == ["What happened."]


def test_a_member_stops_one_on_a_page(
    safe: UUID, enter: Enter, alice: Person, bob: Person, vera: Person, charlie: Person
) -> None:
    _entrust(enter(alice), safe, bob, vera)
    asked = {"holder": charlie.pk, "length": "4", "life": "on", "reason": "Now."}
    enter(bob).post(f"/keys/safes/{safe}/ask/", asked)
    at = f"/keys/recovery/{Recovery.objects.get().pk}/"
    assert enter(alice).post(at, {"act": "stop"}).status_code == 302
    assert "stopped" in enter(alice).get(at).content.decode()
    assert enter(vera).post(at, {"act": "agree"}).status_code == 409


def test_missing_and_forbidden_look_alike(safe: UUID, enter: Enter, charlie: Person, alice: Person) -> None:
    client = enter(charlie)
    for what in ("ask", "custodians", "shred"):
        there = client.get(f"/keys/safes/{safe}/{what}/")
        nowhere = client.get(f"/keys/safes/{UUID(int=1)}/{what}/")
        assert (there.status_code, nowhere.status_code) == (404, 404)
    assert client.get(f"/keys/recovery/{UUID(int=1)}/").status_code == 404
    assert str(safe) not in client.get("/keys/recovery/").content.decode()


def test_nothing_opens_while_the_vault_is_closed(safe: UUID, browse: Callable[[Person], Client], alice: Person) -> None:
    for path in ("/keys/recovery/", f"/keys/safes/{safe}/shred/", "/keys/holds/", "/keys/certificates/"):
        answer = browse(alice).get(path)
        assert (answer.status_code, answer["Location"].startswith("/keys/unlock/")) == (302, True)


def test_shredding_is_typed_and_its_certificate_is_shown_once(safe: UUID, enter: Enter, alice: Person) -> None:
    client, at = enter(alice), f"/keys/safes/{safe}/shred/"
    assert client.post(at, {"what": "", "sure": "yes"}).status_code == 422
    assert Safe.objects.exists()
    page = client.post(at, {"what": "", "sure": "shred"}).content.decode()
    assert "Certificate of shredding" in page
    assert not Safe.objects.exists()
    assert client.get(at).status_code == 404
    assert "Certificate of shredding" in client.get("/keys/certificates/").content.decode()


def test_a_hold_refuses_on_the_page_with_who_and_when_and_not_why(
    safe: UUID, enter: Enter, opened: Open, alice: Person
) -> None:
    cora = Person.objects.create(email="cora@example.org", name="Cora", roles=int(Role.COUNSEL))
    until = timezone.now().date() + timedelta(days=9)
    client = enter(cora)
    assert client.post("/keys/holds/", {"scope": "safe", "until": until, "reference": "Docket 9"}).status_code == 422
    given = {"scope": "safe", "safe": safe, "until": until.isoformat(), "reference": "Docket 9"}
    assert client.post("/keys/holds/", given).status_code == 302
    assert "Docket 9" in client.get("/keys/holds/").content.decode()
    answer = enter(alice).post(f"/keys/safes/{safe}/shred/", {"what": "", "sure": "SHRED"})
    said = answer.content.decode()
    assert (answer.status_code, "Cora" in said, "Docket" in said) == (409, True, False)
    assert Safe.objects.exists()
    assert enter(alice).post(f"/keys/holds/{Hold.objects.get().pk}/lift").status_code == 403
    assert client.post(f"/keys/holds/{Hold.objects.get().pk}/lift").status_code == 302
    assert not holds.standing().exists()


def test_only_counsel_and_the_auditor_see_holds_and_only_counsel_changes_days(
    enter: Enter, opened: Open, alice: Person
) -> None:
    otto = Person.objects.create(email="otto@example.org", name="Otto", roles=int(Role.AUDITOR))
    cora = Person.objects.create(email="cora@example.org", name="Cora", roles=int(Role.COUNSEL))
    holds.set_hold(cora, opened(cora), Order(timezone.now().date(), "Docket 9"))
    assert enter(alice).get("/keys/holds/").status_code == 403
    page = enter(otto).get("/keys/holds/").content.decode()
    assert ("Cora" in page, "Docket" in page, "Keep it" in page) == (True, False, False)
    for person, status in ((alice, 403), (otto, 403), (cora, 302)):
        assert enter(person).post("/keys/holds/days", {"policy": "case", "days": 90}).status_code == status
    assert Retention.objects.get().days == 90
