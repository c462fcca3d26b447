"""Whoever was verified too long ago is chased, without a name on any phone, until somebody verifies them again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.models import Notice
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.wording import TOLD
from tocsin.alliances import actions, work
from tocsin.alliances.drafts import ReachDraft
from tocsin.alliances.models import Again, Contact
from tocsin.alliances.tests.conftest import Makes, sure
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def runs() -> None:
    while work.step():
        pass


def told() -> list[str]:
    return sorted(one.person.name for one in Notice.objects.filter(words="verify", ended_at=None) if one.person)


def test_owner_and_lead_are_told_once_and_again_after_a_fortnight(vetted: Makes, alice: Person, time: Time) -> None:
    vetted(days=30)
    runs()
    assert told() == []
    time.passes(days=30)
    runs()
    runs()
    assert told() == ["Alice", "Rosa"]
    time.passes(days=15)
    runs()
    assert told() == ["Alice", "Alice", "Rosa", "Rosa"]


def test_a_message_names_nobody(vetted: Makes, time: Time) -> None:
    row = vetted(days=30)
    time.passes(days=30)
    runs()
    notice = Notice.objects.filter(words="verify")[0]
    assert "Amina" not in notice.reference + notice.own_words + str(TOLD["verify"])
    assert row.public_id in notice.reference


def test_several_at_once_are_one_message(vetted: Makes, time: Time) -> None:
    for name in ("A", "B", "C"):
        vetted(days=30, name=name)
    time.passes(days=30)
    runs()
    assert told() == ["Alice", "Rosa"]


def test_it_ends_when_they_are_verified_suspended_or_let_go(vetted: Makes, alice: Person, time: Time) -> None:
    rows = [vetted(days=30, name=name) for name in ("A", "B", "C")]
    time.passes(days=30)
    runs()
    assert Again.objects.filter(closed_at=None).count() == 3
    actions.verify(alice, rows[0], sure())
    actions.suspend(alice, rows[1], "Their phone was taken.")
    actions.let_go(alice, rows[2], "They stopped practising.")
    assert not Again.objects.filter(closed_at=None).exists()
    time.passes(days=20)
    runs()
    assert told() == ["Alice", "Rosa"]


def test_a_changed_number_is_chased_at_once(vetted: Makes, alice: Person) -> None:
    actions.set_reach(alice, vetted(), ReachDraft("Signal +254 711 111 111"))
    runs()
    assert told() == ["Alice", "Rosa"]


def test_the_page_shows_all_to_a_lead_and_their_own_to_others(
    vetted: Makes, alice: Person, rosa: Person, time: Time, browse: Callable[[Person], Client]
) -> None:
    vetted(days=30)
    vetted(days=30, name="Of Alice", owner=alice.pk)
    time.passes(days=31)
    runs()

    def page(person: Person, path: str = "/alliances/due/") -> str:
        return browse(person).get(path).content.decode()

    assert "Amina Odera" in page(alice)
    assert "Of Alice" in page(alice)
    assert "Amina Odera" in page(rosa)
    assert "Of Alice" not in page(rosa)
    assert "2 allies are to be verified again" in page(alice, "/")
    assert "1 ally is to be verified again" in page(rosa, "/")


def test_who_was_let_go_a_year_ago_is_erased(vetted: Makes, alice: Person, time: Time) -> None:
    actions.let_go(alice, vetted(), "They stopped practising.")
    time.passes(days=364)
    runs()
    assert Contact.objects.exists()
    time.passes(days=2)
    runs()
    assert not Contact.objects.exists()


def test_an_owner_who_left_is_not_told(vetted: Makes, rosa: Person, alice: Person, time: Time) -> None:
    vetted(days=30)
    Person.objects.filter(pk=rosa.pk).update(is_active=False)
    time.passes(days=30)
    runs()
    assert told() == ["Alice"]
    assert clock.now() - Again.objects.get().opened_at < timedelta(days=1)
