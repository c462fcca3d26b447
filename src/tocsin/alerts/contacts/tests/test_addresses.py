"""One's own addresses: proved before they are used, ordered by their owner, and known to nobody else."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tocsin.alerts import addresses, answering, clock
from tocsin.alerts.actions import RefusedError
from tocsin.alerts.addresses import Reachable, reachability
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.models import Address, Lane, Notice, Page, Preference
from tocsin.alerts.reach import Book
from tocsin.alerts.secrets import number_of, proof_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import REFUSED, Drums
from tocsin.alerts.tests.drums import address as drum_address
from tocsin.audit.models import Entry
from tocsin.oncall.models import Override, Rota
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

NIGHT, DAY = Preference.Hours.NIGHT, Preference.Hours.DAY
Works = Callable[[], None]


def code_sent(address: Address) -> str:
    page = Page.objects.filter(address=address, notice__purpose=Notice.Purpose.VERIFY).latest("pk")
    return proof_of(page.public_id)


def own(person: Person, channel: str, value: str = "") -> Address:
    """A verified address."""
    address = addresses.add(person, channel, value or f"{channel}:{person.name}")
    return addresses.verify(person, address, code_sent(address))


def names(person: Person, lane: Lane = Lane.LIFE, hours: Preference.Hours = NIGHT) -> list[str]:
    return [one.address.channel for one in addresses.order_of(person, lane, hours)]


def on_duty(person: Person, in_hours: float = 0) -> None:
    now = clock.now()
    rota = Rota.objects.create(public_id="rota", name="Duty")
    since = now + timedelta(hours=in_hours)
    Override.objects.create(rota=rota, person=person, since=since, until=since + timedelta(hours=8), made_at=now)


def test_the_code_comes_through_the_very_channel(bob: Person, works: Works, drums: Drums) -> None:
    address = addresses.add(bob, "sms", "+41446681800", "work phone")
    works()
    ((value, message),) = drums["sms"].heard
    assert value == "+41446681800"
    found = re.search(r"\b\d{6}\b", message.text)
    assert found is not None
    assert "/a/" not in message.text
    assert addresses.verify(bob, address, f" {found[0][:3]} {found[0][3:]} ").verified_at is not None


def test_an_address_is_used_only_once_it_is_proved(bob: Person) -> None:
    address = addresses.add(bob, "signal", "+41446681800")
    assert Book([bob], ["signal", "mail"]).ways(bob, Lane.LIFE, clock.now())[0].address is None
    assert reachability(bob) == Reachable(0, 0)
    addresses.verify(bob, address, code_sent(address))
    assert Book([bob], ["signal"]).ways(bob, Lane.LIFE, clock.now())[0].address == address
    assert reachability(bob) == Reachable(1, 1)


def test_three_wrong_codes_end_it(bob: Person) -> None:
    address = addresses.add(bob, "sms", "+41446681800")
    right = code_sent(address)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(3):
        with pytest.raises(RefusedError):
            addresses.verify(bob, address, wrong)
    with pytest.raises(RefusedError, match="no longer counts"):
        addresses.verify(bob, address, right)
    addresses.send_code(bob, address)
    assert addresses.verify(bob, address, code_sent(address)).verified_at is not None


def test_a_code_holds_for_fifteen_minutes(bob: Person, time: Time) -> None:
    address = addresses.add(bob, "sms", "+41446681800")
    time.passes(minutes=15, seconds=1)
    with pytest.raises(RefusedError, match="no longer counts"):
        addresses.verify(bob, address, code_sent(address))


def test_a_new_code_ends_the_one_before(bob: Person) -> None:
    address = addresses.add(bob, "sms", "+41446681800")
    first = code_sent(address)
    addresses.send_code(bob, address)
    with pytest.raises(RefusedError):
        addresses.verify(bob, address, first)


@pytest.mark.parametrize("code", ["", "12345", "x" * 500, "１２３４５６", "\x00"])
def test_what_is_no_code_is_a_wrong_one(bob: Person, code: str) -> None:
    address = addresses.add(bob, "sms", "+41446681800")
    with pytest.raises(RefusedError):
        addresses.verify(bob, address, code)


def test_only_so_many_codes_go_to_one_phone_in_a_day_whoever_asks(bob: Person, alice: Person, time: Time) -> None:
    address = addresses.add(bob, "sms", "+41446681800")
    for _ in range(addresses.CODES_PER_DAY - 1):
        addresses.send_code(bob, address)
    with pytest.raises(RefusedError, match="in a day"):
        addresses.send_code(bob, address)
    with pytest.raises(RefusedError, match="in a day"):
        addresses.add(alice, "sms", "+41446681800")
    time.passes(hours=25)
    addresses.send_code(bob, address)


def test_a_verified_address_needs_no_other_code(bob: Person) -> None:
    address = own(bob, "sms")
    with pytest.raises(RefusedError, match="verified already"):
        addresses.send_code(bob, address)
    with pytest.raises(RefusedError, match="already"):
        addresses.add(bob, "sms", "sms:Bob")


def test_what_can_not_be_an_address_is_refused_with_its_words(
    bob: Person, drums: Drums, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clean(value: str) -> str:
        raise AddressError("Write the number with its country.")

    monkeypatch.setattr(drums["sms"], "clean", clean)
    with pytest.raises(RefusedError, match=r"^Write the number with its country\.$"):
        addresses.add(bob, "sms", "044")
    with pytest.raises(RefusedError, match="not set up here"):
        addresses.add(bob, "pigeon", "roof")
    assert not Address.objects.exists()


def test_nobody_keeps_more_than_twelve(bob: Person) -> None:
    now = clock.now()
    for number in range(addresses.MOST):
        Address.objects.create(person=bob, channel="sms", value=str(number), made_at=now)
    with pytest.raises(RefusedError, match="Remove one first"):
        addresses.add(bob, "sms", "+41446681800")


def test_nobody_touches_the_address_of_another(bob: Person, alice: Person) -> None:
    address = own(bob, "sms")
    for verb in (
        lambda: addresses.verify(alice, address, "000000"),
        lambda: addresses.remove(alice, address),
        lambda: addresses.send_code(alice, address),
        lambda: addresses.save_words(alice, address, "mine", False),
        lambda: addresses.send_test(alice, address),
        lambda: addresses.set_order(alice, Lane.LIFE, NIGHT, [(address.pk, 60)]),
    ):
        with pytest.raises(RefusedError):
            verb()
    address.refresh_from_db()
    assert (address.ended_at, address.label) == (None, "")


def test_the_record_holds_no_address(bob: Person) -> None:
    address = own(bob, "sms", "+41446681800")
    addresses.save_words(bob, address, "my secret phone", True)
    addresses.set_order(bob, Lane.LIFE, NIGHT, [(address.pk, 60)])
    addresses.remove(bob, address)
    verbs = set(Entry.objects.values_list("verb", flat=True))
    assert {"address.added", "address.verified", "address.changed", "address.ordered", "address.removed"} <= verbs
    written = " ".join(f"{one.target} {one.purpose} {one.facts}" for one in Entry.objects.all())
    assert "446681800" not in written
    assert "secret" not in written


def test_without_a_choice_what_wakes_comes_first_and_by_day_what_is_quiet(bob: Person) -> None:
    for channel in ("mail", "sms", "signal"):
        own(bob, channel)
    assert names(bob) == ["signal", "sms", "mail"]
    assert names(bob, Lane.QUIET, DAY) == ["mail", "signal", "sms"]


def test_an_address_moves_up_and_down_and_waits_stay_where_they_are(bob: Person) -> None:
    signal, sms, mail = (own(bob, channel) for channel in ("signal", "sms", "mail"))
    addresses.set_order(bob, Lane.LIFE, NIGHT, [(signal.pk, 0), (sms.pk, 30), (mail.pk, 120)])
    addresses.move(bob, Lane.LIFE, NIGHT, mail, -1)
    assert names(bob) == ["signal", "mail", "sms"]
    assert [one.after_seconds for one in addresses.order_of(bob, Lane.LIFE, NIGHT)] == [0, 30, 120]
    addresses.move(bob, Lane.LIFE, NIGHT, signal, 1)
    assert names(bob) == ["mail", "signal", "sms"]
    addresses.move(bob, Lane.LIFE, NIGHT, mail, -1)
    assert names(bob) == ["mail", "signal", "sms"]
    assert names(bob, Lane.LIFE, DAY) == ["signal", "sms", "mail"], "the day keeps its own"


def test_the_order_is_what_the_pager_follows(bob: Person) -> None:
    signal, sms = own(bob, "signal"), own(bob, "sms")
    for hours in (DAY, NIGHT):
        addresses.set_order(bob, Lane.LIFE, hours, [(sms.pk, 0), (signal.pk, 20)])
    ways = Book([bob], ["signal", "sms"]).ways(bob, Lane.LIFE, clock.now())
    assert [(way.channel, way.after) for way in ways] == [("sms", 0), ("signal", 20)]


def test_an_order_of_what_may_wake_keeps_something_that_wakes(bob: Person) -> None:
    signal, mail = own(bob, "signal"), own(bob, "mail")
    with pytest.raises(RefusedError, match="can wake you"):
        addresses.set_order(bob, Lane.WAKE, NIGHT, [(mail.pk, 0)])
    with pytest.raises(RefusedError, match="can wake you"):
        addresses.leave_out(bob, Lane.WAKE, NIGHT, signal)
    addresses.set_order(bob, Lane.QUIET, DAY, [(mail.pk, 0)])
    with pytest.raises(RefusedError, match="only address"):
        addresses.leave_out(bob, Lane.QUIET, DAY, mail)


@pytest.mark.parametrize("seconds", [-1, 601])
def test_a_wait_has_bounds(bob: Person, seconds: int) -> None:
    signal = own(bob, "signal")
    with pytest.raises(RefusedError, match="ten minutes"):
        addresses.set_wait(bob, Lane.LIFE, NIGHT, signal, seconds)


def test_an_order_holds_each_address_once_and_only_verified_ones(bob: Person) -> None:
    signal = own(bob, "signal")
    new = addresses.add(bob, "sms", "+41446681800")
    for places in ([(signal.pk, 0), (signal.pk, 60)], [(signal.pk, 0), (new.pk, 60)], [(2**62, 0)]):
        with pytest.raises(RefusedError, match="verified addresses of yours"):
            addresses.set_order(bob, Lane.LIFE, NIGHT, places)


def test_an_empty_order_goes_back_to_the_one_without_a_choice(bob: Person) -> None:
    signal, sms = own(bob, "signal"), own(bob, "sms")
    addresses.set_order(bob, Lane.LIFE, NIGHT, [(sms.pk, 0), (signal.pk, 20)])
    addresses.set_order(bob, Lane.LIFE, NIGHT, [])
    assert names(bob) == ["signal", "sms"]
    assert not addresses.is_chosen(bob, Lane.LIFE, NIGHT)


def test_a_new_address_stands_at_the_end_of_orders_that_were_chosen_before(bob: Person) -> None:
    mail = own(bob, "mail")
    addresses.set_order(bob, Lane.LIFE, NIGHT, [(mail.pk, 0)])
    addresses.set_order(bob, Lane.QUIET, DAY, [(mail.pk, 0)])
    own(bob, "sms")
    assert names(bob) == ["mail", "sms"]
    assert names(bob, Lane.QUIET, DAY) == ["mail"], "what wakes is not added to what must not"


@pytest.mark.parametrize("in_hours", [0, 11])
def test_the_last_address_that_wakes_stays_while_its_owner_is_on_duty(bob: Person, in_hours: float) -> None:
    sms = own(bob, "sms")
    own(bob, "mail")
    on_duty(bob, in_hours)
    with pytest.raises(RefusedError, match="You are on duty"):
        addresses.remove(bob, sms)
    own(bob, "signal")
    addresses.remove(bob, sms)
    assert reachability(bob) == Reachable(2, 1)


def test_it_goes_when_duty_is_far_away_or_somebody_elses(bob: Person, alice: Person) -> None:
    sms = own(bob, "sms")
    on_duty(bob, 13)
    Override.objects.update(person=alice, since=clock.now() - timedelta(hours=1))
    addresses.remove(bob, sms)
    assert reachability(bob) == Reachable(0, 0)


def test_a_lost_phone_goes_at_once_and_its_links_answer_no_more(bob: Person, works: Works, drums: Drums) -> None:
    sms = own(bob, "sms")
    on_duty(bob)
    addresses.send_test(bob, sms)
    works()
    addresses.remove(bob, sms, lost=True)
    page = Page.objects.filter(notice__purpose=Notice.Purpose.ASK).get()
    assert page.tries_left == 0
    assert reachability(bob) == Reachable(0, 0)
    assert Entry.objects.get(verb="address.removed").facts["lost"] is True


def test_what_waits_for_a_removed_address_does_not_go_out(bob: Person, works: Works, drums: Drums) -> None:
    sms = own(bob, "sms")
    works()
    heard = len(drums["sms"].heard)
    addresses.send_test(bob, sms)
    addresses.remove(bob, sms)
    works()
    assert len(drums["sms"].heard) == heard


def test_a_removed_address_can_come_back_with_a_new_code(bob: Person) -> None:
    addresses.remove(bob, own(bob, "sms"))
    again = own(bob, "sms")
    assert again.verified_at is not None


def test_an_address_that_its_provider_refuses_counts_as_no_way(bob: Person, works: Works, drums: Drums) -> None:
    sms = own(bob, "sms")
    works()
    drums["sms"].plan.append(REFUSED)
    addresses.send_test(bob, sms)
    works()
    assert reachability(bob) == Reachable(0, 0)


def test_a_test_page_goes_by_ones_own_order_and_is_answered_like_a_real_one(
    bob: Person, works: Works, drums: Drums
) -> None:
    own(bob, "sms")
    own(bob, "signal")
    works()
    drums["signal"].heard.clear()
    notice = addresses.send_test(bob)
    works()
    ((_value, message),) = drums["signal"].heard
    assert "test that you asked for" in message.text
    page = Page.objects.get(notice=notice, channel="signal")
    assert answering.answer(page, "arrived", number_of(page.public_id), "link").good
    found = addresses.last_test(bob)
    assert found is not None
    assert (found.answer, found.answered_via) == ("arrived", "link")


def test_test_pages_have_a_limit_and_need_an_address(bob: Person) -> None:
    with pytest.raises(RefusedError, match="no verified address"):
        addresses.send_test(bob)
    sms = own(bob, "sms")
    for _ in range(addresses.TESTS_PER_HOUR):
        addresses.send_test(bob, sms)
    with pytest.raises(RefusedError, match="in an hour"):
        addresses.send_test(bob)


def test_many_people_are_asked_about_at_once(
    bob: Person, alice: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    own(bob, "sms")
    own(alice, "mail")
    with django_assert_num_queries(1):
        found = addresses.reachabilities([alice, bob])
    assert found == {alice.pk: Reachable(1, 0), bob.pk: Reachable(1, 1)}


def test_one_who_has_nothing_but_a_voice_is_called_by_day_where_mail_is_not_set_up(
    bob: Person,
) -> None:
    drum_address(bob, "voice")

    def ways(*usable: str) -> list[str]:
        return [one.channel for one in Book([bob], usable).ways(bob, Lane.QUIET, clock.now())]

    assert ways("voice") == ["voice"]
    assert ways("voice", "mail") == ["mail"]
