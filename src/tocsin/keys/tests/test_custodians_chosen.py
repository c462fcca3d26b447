"""Who chooses custodians gives everything away: only who holds all of it for good does, and everybody hears of it."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.alerts.models import Notice
from tocsin.keys import safes
from tocsin.keys.expiring import NotLastingError
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("account", "identity", "log")


@pytest.fixture
def safe(opened: Open, know: Callable[..., None], alice: Person, bob: Person, vera: Person) -> UUID:
    """Alice's."""
    know(alice, bob, vera)
    return safes.found(opened(alice), "case", ["account", "identity"], "owner").id


def _let_in(opened: Open, safe: UUID, by: Person, person: Person, *names: str, hours: int = 0) -> None:
    until = timezone.now() + timedelta(hours=hours) if hours else None
    safes.changing(opened(by), safe, lambda one: one.let_in(person.pk, names, until=until))


def _choose(opened: Open, safe: UUID, by: Person, *people: Person) -> None:
    safes.changing(opened(by), safe, lambda one: one.set_custodians([one.pk for one in people], 2))


def test_who_does_not_hold_every_compartment_makes_nobody_a_custodian(
    opened: Open, safe: UUID, alice: Person, bob: Person, vera: Person
) -> None:
    _let_in(opened, safe, alice, bob, "account")
    with pytest.raises(NotInError):
        _choose(opened, safe, bob, bob, vera)
    assert OpenSafe(opened(alice), safe).head.custodians == {}


def test_who_is_in_it_for_a_while_makes_nobody_a_custodian(
    opened: Open, safe: UUID, alice: Person, bob: Person, vera: Person
) -> None:
    _let_in(opened, safe, alice, bob, *ALL, hours=1)
    with pytest.raises(NotLastingError):
        _choose(opened, safe, bob, bob, vera)


def test_all_members_hear_who_chose_custodians_and_the_page_names_them(
    opened: Open,
    safe: UUID,
    browse: Callable[[Person], Client],
    settings: Any,
    alice: Person,
    bob: Person,
    vera: Person,
) -> None:
    _let_in(opened, safe, alice, vera, "account")
    _let_in(opened, safe, alice, bob, *ALL)
    _choose(opened, safe, bob, bob, vera)
    told = Notice.objects.filter(reference__startswith="keys:", words="custodians")
    assert {one.person_id for one in told} == {alice.pk, vera.pk}
    safes.changing(opened(alice), safe, lambda one: one.renew("account"))
    for person in (alice, vera):
        client = browse(person)
        client.cookies[settings.VAULT_COOKIE] = base64.urlsafe_b64encode(opened(person)._cookie).decode()
        assert "Chosen by Bob." in client.get(f"/keys/safes/{safe}/custodians/").content.decode()
    refused = client.post(f"/keys/safes/{safe}/custodians/", {"people": [alice.pk, vera.pk], "quorum": 2})
    assert (refused.status_code, "holds all of it" in refused.content.decode()) == (422, True)


def test_nobody_who_is_in_it_for_good_gets_an_end(opened: Open, safe: UUID, alice: Person, bob: Person) -> None:
    _let_in(opened, safe, alice, bob, "account")
    _let_in(opened, safe, alice, bob, "identity", hours=1)
    bobs = OpenSafe(opened(alice), safe).head.members[bob.pk]
    assert (bobs.until, "identity" in bobs.compartments) == ("", True)


def test_who_is_in_it_for_a_while_changes_nobody_who_is_in_it_for_good(
    opened: Open, safe: UUID, alice: Person, bob: Person
) -> None:
    _let_in(opened, safe, alice, bob, *ALL, hours=1)
    with pytest.raises(NotLastingError):
        _let_in(opened, safe, bob, alice, "account")
    with pytest.raises(NotLastingError):
        OpenSafe(opened(bob), safe).put_out(alice.pk)
    assert OpenSafe(opened(alice), safe).head.members[alice.pk].until == ""


def test_who_is_in_it_for_a_while_changes_nobody_who_stays_longer(
    opened: Open, safe: UUID, alice: Person, bob: Person, vera: Person
) -> None:
    _let_in(opened, safe, alice, bob, *ALL, hours=1)
    _let_in(opened, safe, alice, vera, "account", hours=5)
    with pytest.raises(NotLastingError):
        _let_in(opened, safe, bob, vera, "identity")
