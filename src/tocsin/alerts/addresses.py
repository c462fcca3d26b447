"""Each person's own addresses: adding, proving, ordering and removing them. What they are is shown to nobody else."""

import hmac
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.alerts import clock, telling
from tocsin.alerts.actions import RefusedError
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.here import channels, usable
from tocsin.alerts.models import Address, Lane, Notice, Page, Preference
from tocsin.alerts.reach import Book, zone_of
from tocsin.alerts.secrets import proof_of
from tocsin.audit.actions import record
from tocsin.oncall import duty
from tocsin.people.models import Person

MOST = 12
CODES_PER_DAY = 5
CODE_HOLDS = timedelta(minutes=15)
TESTS_PER_HOUR = 6
TEST_HOLDS = timedelta(minutes=10)
LONGEST_WAIT = 600
# Whoever is on duty now or within this time keeps a way to be woken.
DUTY_AHEAD = timedelta(hours=12)
TEST = "test:"
_DAY = timedelta(days=1)
_NEXT_AFTER = 60


@dataclass(frozen=True, slots=True)
class Reachable:
    """All that others may know of a person's addresses: how many are verified and work here, how many of them wake."""

    verified: int
    wakes: int


@dataclass(frozen=True, slots=True)
class Place:
    """One place in an order: this address, so many seconds after the one before."""

    address: Address
    after_seconds: int


def mine(person: Person) -> list[Address]:
    """The person's addresses, in the order in which they were added."""
    return list(Address.objects.filter(person=person, ended_at=None).order_by("pk"))


def access_address(person: Person, number: int) -> Address:
    """One of the person's own addresses.

    Raises:
        Http404: when it does not exist, was removed or is somebody else's; all look the same.
    """
    found = Address.objects.filter(person=person, ended_at=None)
    address = found.filter(pk=number).first() if 0 < number < 2**63 else None
    if address is None:
        raise Http404
    return address


def reachability(person: Person) -> Reachable:
    """By how many ways a person can be reached and woken."""
    return reachabilities([person])[person.pk]


def reachabilities(people: Collection[Person]) -> dict[int, Reachable]:
    """The same for many people at once, by their ids."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Address.objects.filter(person__in=people, ended_at=None, verified_at__isnull=False, failing_since=None)
    works = set(usable())
    for person, channel in rows.values_list("person", "channel"):
        if channel in works:
            found[person].append(channel)
    known = channels()
    return {
        one.pk: Reachable(len(found[one.pk]), sum(known[channel].wakes for channel in found[one.pk])) for one in people
    }


def add(person: Person, channel: str, value: str, label: str = "") -> Address:
    """Take an address and send a code to it. It is used once the code came back.

    Raises:
        RefusedError: for a channel that is not set up, an address that can't be one, or too many.
    """
    if channel not in usable():
        raise RefusedError(_("This way is not set up here. Choose another one, or ask whoever runs this server."))
    try:
        clean = channels()[channel].clean(value)
    except AddressError as error:
        raise RefusedError(error.message) from error
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        address = Address.objects.filter(person=person, channel=channel, value=clean, ended_at=None).first()
        if address is not None and address.verified_at is not None:
            raise RefusedError(_("You have this address already."))
        if address is None:
            if Address.objects.filter(person=person, ended_at=None).count() >= MOST:
                raise RefusedError(_("You have as many addresses as can be kept. Remove one first."))
            address = Address.objects.create(
                person=person, channel=channel, value=clean, label=_line(label, 60), made_at=clock.now()
            )
            record(person.pk, "address.added", f"address:{address.pk}", channel=channel)
    send_code(person, address)
    return address


def send_code(person: Person, address: Address) -> Page:
    """Send a new code to an address that is not verified yet; the one before no longer counts.

    Raises:
        RefusedError: when it is verified, or was sent too many codes today.
    """
    with transaction.atomic():
        at = clock.now()
        here = _own(person, address)
        if here.verified_at is not None:
            raise RefusedError(_("This address is verified already."))
        # Counted by what it is, whoever adds it: nobody's phone is rung by a stranger's codes all day.
        asked = Notice.objects.filter(purpose=Notice.Purpose.VERIFY, made_at__gt=at - _DAY)
        same = asked.filter(pages__channel=here.channel, pages__address__value=here.value)
        if same.count() >= CODES_PER_DAY or asked.filter(person=person).count() >= 2 * CODES_PER_DAY:
            raise RefusedError(_("That is as many codes as can be sent in a day. Try again tomorrow."))
        telling.stop(list(_proofs(here).values_list("notice", flat=True)), at)
        notice = Notice(
            person=person,
            purpose=Notice.Purpose.VERIFY,
            lane=Lane.WAKE,
            words="verify",
            reference=f"address:{here.pk}",
            made_at=at,
            leaves_at=at,
            until=at + CODE_HOLDS,
        )
        page = telling.send_by(notice, here)
        record(person.pk, "address.code_sent", f"address:{here.pk}")
        return page


def verify(person: Person, address: Address, code: str) -> Address:
    """Prove an address with the code that was sent to it.

    Raises:
        RefusedError: for a wrong code, after three of them, and after fifteen minutes.
    """
    with transaction.atomic():
        at = clock.now()
        here = _own(person, address)
        if here.verified_at is not None:
            return here
        page = _proofs(here).filter(notice__until__gt=at).select_for_update(of=("self",)).order_by("-pk").first()
        if page is None or page.tries_left == 0:
            raise RefusedError(_("This code no longer counts. Ask for a new one."))
        right = hmac.compare_digest(proof_of(page.public_id).encode(), _digits(code).encode())
        if right:
            _prove(here, page, at)
        else:
            page.tries_left -= 1
            page.save(update_fields=["tries_left"])
            record(person.pk, "address.wrong_code", f"address:{here.pk}", left=page.tries_left)
    # Out here, so that what was counted stays.
    if not right:
        raise RefusedError(
            _("That is not the code. Look again: it came as a message of its own.")
            if page.tries_left
            else _("That was the third wrong code. Ask for a new one.")
        )
    return here


def _prove(address: Address, page: Page, at: datetime) -> None:
    address.verified_at, address.failing_since = at, None
    address.save(update_fields=["verified_at", "failing_since"])
    telling.stop([page.notice_id], at)
    record(address.person_id, "address.verified", f"address:{address.pk}", channel=address.channel)
    wakes = channels()[address.channel].wakes
    # Whoever chose an order before has the new address at its end, not nowhere.
    chosen = Preference.objects.filter(person=address.person_id)
    for lane, hours in set(chosen.values_list("lane", "hours")):
        if lane != Lane.QUIET or not wakes:
            last = chosen.filter(lane=lane, hours=hours).order_by("-position").values_list("position", flat=True)[0]
            Preference.objects.create(
                person_id=address.person_id,
                lane=lane,
                hours=hours,
                position=last + 1,
                address=address,
                after_seconds=_NEXT_AFTER,
            )


def save_words(person: Person, address: Address, label: str, says_severity: bool) -> None:
    """Name an address, for oneself; choose whether its messages say how severe it is, or no more than code and link.

    Raises:
        RefusedError: when it is gone.
    """
    with transaction.atomic():
        here = _own(person, address)
        here.label, here.says_severity = _line(label, 60), says_severity
        here.save(update_fields=["label", "says_severity"])
        record(person.pk, "address.changed", f"address:{here.pk}", says_severity=says_severity)


def remove(person: Person, address: Address, *, lost: bool = False) -> None:
    """Use an address no more.

    The last one that can wake somebody who is on duty, or will be within twelve hours, stays: another must come first,
    or somebody else take the duty. ``lost`` says that the device is in other hands: then it goes at once, whoever is on
    duty, and the people who lead see that this person can't be woken.

    Raises:
        RefusedError: for that last one.
    """
    with transaction.atomic():
        here = _own(person, address)
        at = clock.now()
        if not lost and _is_last_that_wakes(person, here) and on_duty_soon(person, at):
            raise RefusedError(
                _(
                    "You are on duty, and nothing else can wake you. Verify another address first, or let somebody "
                    "take your duty. If this device is in other hands, say so, and it is removed at once."
                )
            )
        here.ended_at = at
        here.save(update_fields=["ended_at"])
        Preference.objects.filter(address=here).delete()
        waiting = Page.objects.filter(address=here, state=Page.State.WAITING)
        if lost:
            # Its links may be read by somebody else: none of them answers any more.
            Page.objects.filter(address=here).update(tries_left=0)
        waiting.update(state=Page.State.NOT_NEEDED)
        record(person.pk, "address.removed", f"address:{here.pk}", channel=here.channel, lost=lost)


def on_duty_soon(person: Person, at: datetime) -> bool:
    """Whether a person holds any rota now or within the next twelve hours."""
    return bool(duty.shifts_of(person, at, at + DUTY_AHEAD))


def _is_last_that_wakes(person: Person, address: Address) -> bool:
    def wakes(one: Address) -> bool:
        channel = channels().get(one.channel)
        return one.verified_at is not None and one.failing_since is None and channel is not None and channel.wakes

    others = [one for one in mine(person) if one.pk != address.pk]
    return wakes(address) and not any(wakes(one) for one in others)


def order_of(person: Person, lane: Lane, hours: Preference.Hours) -> list[Place]:
    """The order that holds in this lane at these hours: the person's own, or the one that stands without."""
    zone = zone_of(person)
    day = clock.now().astimezone(zone).date()
    at = datetime.combine(day, time(3) if hours == Preference.Hours.NIGHT else time(12), zone)
    ways = Book([person], usable()).ways(person, lane, at)
    before = [0, *(way.after for way in ways)]
    return [Place(way.address, way.after - earlier) for way, earlier in zip(ways, before, strict=False) if way.address]


def is_chosen(person: Person, lane: Lane, hours: Preference.Hours) -> bool:
    """Whether the person chose this order."""
    return Preference.objects.filter(person=person, lane=lane, hours=hours).exists()


def set_order(person: Person, lane: Lane, hours: Preference.Hours, places: Sequence[tuple[int, int]]) -> None:
    """Put an order in the place of the one that was: ids of addresses with the seconds after the one before.

    An empty one goes back to the order that stands without.

    Raises:
        RefusedError: for an address twice, one that is not verified, a wait beyond ten minutes, or an order of what
            may wake in which nothing wakes.
    """
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        own = {one.pk: one for one in mine(person) if one.verified_at is not None}
        chosen = [own.get(number) for number, _seconds in places]
        if None in chosen or len({number for number, _seconds in places}) < len(places):
            raise RefusedError(_("An order holds verified addresses of yours, each once."))
        if any(not 0 <= seconds <= LONGEST_WAIT for _number, seconds in places):
            raise RefusedError(_("The next address follows within ten minutes."))
        known = channels()
        wakes = [known[one.channel].wakes for one in chosen if one is not None and one.channel in known]
        can_be_woken = any(known[one.channel].wakes for one in own.values() if one.channel in known)
        if places and lane != Lane.QUIET and can_be_woken and not any(wakes):
            raise RefusedError(_("Nothing in this order can wake you. Keep at least one address that rings."))
        Preference.objects.filter(person=person, lane=lane, hours=hours).delete()
        Preference.objects.bulk_create(
            Preference(
                person=person, lane=lane, hours=hours, position=position, address_id=number, after_seconds=seconds
            )
            for position, (number, seconds) in enumerate(places)
        )
        record(person.pk, "address.ordered", f"person:{person.pk}", lane=str(lane), hours=str(hours), count=len(places))


def move(person: Person, lane: Lane, hours: Preference.Hours, address: Address, steps: int) -> None:
    """Move an address up (negative) or down in an order, or put it at the end if it is not in it.

    Raises:
        RefusedError: as ``set_order`` does.
    """
    places = [(place.address.pk, place.after_seconds) for place in order_of(person, lane, hours)]
    numbers = [number for number, _seconds in places]
    if address.pk not in numbers:
        set_order(person, lane, hours, [*places, (address.pk, _NEXT_AFTER)])
        return
    # The waits belong to the places, not to the addresses: only who stands where changes.
    start = numbers.index(address.pk)
    numbers.insert(min(max(start + steps, 0), len(numbers) - 1), numbers.pop(start))
    waits = [seconds for _number, seconds in places]
    set_order(person, lane, hours, list(zip(numbers, waits, strict=True)))


def leave_out(person: Person, lane: Lane, hours: Preference.Hours, address: Address) -> None:
    """Take an address out of an order.

    Raises:
        RefusedError: as ``set_order`` does, and for the only one.
    """
    places = [(one.address.pk, one.after_seconds) for one in order_of(person, lane, hours)]
    rest = [one for one in places if one[0] != address.pk]
    if not rest:
        raise RefusedError(_("This is the only address here. Add another one first."))
    set_order(person, lane, hours, rest)


def set_wait(person: Person, lane: Lane, hours: Preference.Hours, address: Address, seconds: int) -> None:
    """Let an address of an order follow so many seconds after the one before it.

    Raises:
        RefusedError: as ``set_order`` does.
    """
    places = [(one.address.pk, one.after_seconds) for one in order_of(person, lane, hours)]
    set_order(person, lane, hours, [(pk, seconds if pk == address.pk else wait) for pk, wait in places])


def send_test(person: Person, address: Address | None = None) -> Notice:
    """Page oneself, now: by one address, or by all in the order that holds at this moment.

    Raises:
        RefusedError: without a verified address, or too often.
    """
    with transaction.atomic():
        at = clock.now()
        Person.objects.select_for_update().get(pk=person.pk)
        tests = Notice.objects.filter(person=person, reference__startswith=TEST, made_at__gt=at - timedelta(hours=1))
        if tests.count() >= TESTS_PER_HOUR:
            raise RefusedError(_("That is as many test pages as can be sent in an hour. Try again later."))
        notice = Notice(
            person=person,
            purpose=Notice.Purpose.ASK,
            lane=Lane.WAKE,
            words="test",
            reference=f"{TEST}{person.pk}",
            options=["arrived"],
            made_at=at,
            leaves_at=at,
            until=at + TEST_HOLDS,
        )
        if address is None:
            if not any(one.verified_at for one in mine(person)):
                raise RefusedError(_("You have no verified address yet. Add one first."))
            telling.send(notice)
        else:
            here = _own(person, address)
            if here.verified_at is None:
                raise RefusedError(_("Verify this address first."))
            telling.send_by(notice, here)
        record(person.pk, "address.tested", f"person:{person.pk}")
        return notice


def last_test(person: Person) -> Notice | None:
    """The newest test page of the last hour, if there is one."""
    lately = clock.now() - timedelta(hours=1)
    return Notice.objects.filter(person=person, reference__startswith=TEST, made_at__gt=lately).order_by("-pk").first()


def _own(person: Person, address: Address) -> Address:
    """The address as it is now, locked.

    Raises:
        RefusedError: when it is gone, or somebody else's.
    """
    here = Address.objects.select_for_update().filter(pk=address.pk, person=person, ended_at=None).first()
    if here is None:
        raise RefusedError(_("This address is not there any more."))
    return here


def _proofs(address: Address) -> QuerySet[Page]:
    """The pages with codes that may still count."""
    return Page.objects.filter(address=address, notice__purpose=Notice.Purpose.VERIFY, notice__ended_at=None)


def _line(text: str, most: int) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())[:most]


def _digits(code: str) -> str:
    return "".join(one for one in code if one.isascii() and one.isdigit())[:12]
