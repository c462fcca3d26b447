"""While counsel's hold stands, nothing of a desk is destroyed: no letter, no key, no note."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tocsin.keys import holds
from tocsin.keys.models import Epoch, Hold
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import actions, arriving, desks, work
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.models import Desk, Letter, Outgoing, Withdrawal
from tocsin.mailbox.refusals import RefusedError
from tocsin.mailbox.tests.conftest import TEXT, Browse, Typed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
Read = Callable[..., Opened]
LOOKUP = b"l" * 16


@pytest.fixture
def hold(opened: Open, vera: Person, desk: Desk) -> Callable[..., Hold]:
    """An order of Vera, who is counsel here."""
    vera.roles = 0xFFFF
    vera.save()

    def order(**scope: object) -> Hold:
        until = timezone.now().date() + timedelta(days=300)
        return holds.set_hold(vera, opened(vera), holds.Order(until, "Court order", **scope))  # type: ignore[arg-type]

    return order


def _ago(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)


def _wished() -> None:
    """The letter's sender asked long ago that it be deleted, and meant it."""
    Letter.objects.update(lookup=LOOKUP, wish=Letter.Wish.DELETE)
    Withdrawal.objects.create(lookup=LOOKUP, erase=True, called_back=True, asked_on=_ago(15))


@pytest.mark.parametrize("scope", ["everything", "every desk", "this one"])
def test_no_letter_is_destroyed_while_it_stands(
    typed: Typed,
    desk: Desk,
    read: Read,
    hold: Callable[..., Hold],
    opened: Open,
    alice: Person,
    vera: Person,
    scope: str,
) -> None:
    number = typed()
    _wished()
    order = hold(kind="desk" if scope == "every desk" else "", safe=desk.safe if scope == "this one" else None)
    with pytest.raises(RefusedError, match=order.until.isoformat()):
        actions.destroy(opened(alice), read(number))
    assert read(number).content.text == TEXT
    assert not Outgoing.objects.exists()
    holds.lift(vera, order.pk)
    actions.destroy(opened(alice), read(number))
    assert not Letter.objects.exists()


def test_no_key_of_letters_ends_while_it_stands_and_new_ones_begin(
    typed: Typed, desk: Desk, read: Read, hold: Callable[..., Hold], opened: Open, alice: Person, vera: Person
) -> None:
    number = typed()
    actions.finish(opened(alice), read(number))
    order = hold()
    Epoch.objects.filter(safe=desk.safe, compartment="letters").update(began_on=_ago(20))
    desks.keep_fresh(opened(alice), desk)
    assert arriving.key_of(desk).number == 2
    Epoch.objects.filter(safe=desk.safe, compartment="letters", number=2).update(began_on=_ago(4))
    desks.keep_fresh(opened(alice), desk)
    assert read(number).content.text == TEXT
    holds.lift(vera, order.pk)
    desks.keep_fresh(opened(alice), desk)
    assert list(Epoch.objects.filter(safe=desk.safe, compartment="letters").values_list("number", flat=True)) == [2]


def test_the_worker_passes_over_a_held_desk(
    typed: Typed, desk: Desk, hold: Callable[..., Hold], opened: Open, alice: Person, vera: Person
) -> None:
    typed()
    Letter.objects.update(state=Letter.State.DONE, epoch=77)
    order = hold()
    assert not work.remove_ended()
    desks.keep_fresh(opened(alice), desk)
    assert Letter.objects.exists()
    holds.lift(vera, order.pk)
    assert work.remove_ended()
    assert not Letter.objects.exists()


def test_the_pages_say_so_and_offer_no_destroying(
    typed: Typed, desk: Desk, hold: Callable[..., Hold], with_vault: Browse, alice: Person
) -> None:
    client, address = with_vault(alice), f"/mailbox/letters/{typed()}/"
    _wished()
    assert f"{address}destroy" in client.get(address).content.decode()
    hold(kind="desk")
    page = client.get(address).content.decode()
    assert "A legal hold stands until" in page
    assert f"{address}destroy" not in page
    assert "A legal hold stands until" in client.get(f"/mailbox/{desk.public_id}/").content.decode()
    assert "A legal hold stands until" in client.get("/mailbox/").content.decode()
    client.post(f"{address}destroy")
    assert Letter.objects.exists()
