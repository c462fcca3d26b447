"""By which addresses a person is reached, in which order and when."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

from tocsin.alerts.models import Address, Lane, Preference
from tocsin.people.models import Person

MORNING, EVENING = time(8), time(22)
# Without an order of one's own: what wakes first, then the rest, a minute apart.
_LOUDEST = ("signal", "sms", "ntfy", "voice", "webhook", "apprise", "mail")
_QUIETEST = ("mail", "ntfy", "signal", "webhook", "apprise", "sms")
_NEXT_AFTER = 60


@dataclass(frozen=True, slots=True)
class Way:
    """One address, and how many seconds after the beginning it is used. ``address`` is empty for the account's own."""

    channel: str
    address: Address | None
    after: int


class Book:
    """The addresses of some people, read once."""

    def __init__(self, people: Collection[Person], usable: Collection[str]) -> None:
        """Read them; ``usable`` are the channels that are set up here."""
        self._usable = set(usable)
        self._addresses: dict[int, list[Address]] = defaultdict(list)
        self._preferences: dict[tuple[int, str, str], list[Preference]] = defaultdict(list)
        known = Address.objects.filter(person__in=people, ended_at=None, verified_at__isnull=False)
        for address in known.order_by("pk"):
            self._addresses[address.person_id].append(address)
        for chosen in Preference.objects.filter(person__in=people).select_related("address").order_by("position"):
            self._preferences[chosen.person_id, chosen.lane, chosen.hours].append(chosen)

    def ways(self, person: Person, lane: Lane, at: datetime) -> list[Way]:
        """The person's own order for this lane and hour; without one a sensible order; at the least the account's mail.

        Addresses that their provider refuses come last, not never.
        """
        hours = Preference.Hours.NIGHT if is_night(person, at) else Preference.Hours.DAY
        chosen = self._preferences.get((person.pk, lane, hours), [])
        usable = [one for one in chosen if self._works(one.address)]
        if usable:
            return _at_once_first(_spaced((one.address, one.after_seconds) for one in usable))
        order = _QUIETEST if lane == Lane.QUIET else _LOUDEST
        mine = [one for one in self._addresses[person.pk] if self._works(one) and one.channel in order]
        mine.sort(key=lambda one: (one.failing_since is not None, order.index(one.channel), one.pk))
        if not mine and "mail" not in self._usable:
            # A call by day, in the lane that waits for it, is better than no way at all.
            mine = [one for one in self._addresses[person.pk] if self._works(one)]
        if mine:
            return _at_once_first(_spaced((one, _NEXT_AFTER) for one in mine))
        return [Way("mail", None, 0)] if "mail" in self._usable else []

    def _works(self, address: Address) -> bool:
        return address.channel in self._usable and address.ended_at is None and address.verified_at is not None


def _spaced(pairs: Iterable[tuple[Address, int]]) -> list[Way]:
    ways, after = [], 0
    for address, seconds in pairs:
        after += seconds
        ways.append(Way(address.channel, address, after))
    return ways


def _at_once_first(ways: list[Way]) -> list[Way]:
    """The first one is used at once, whatever was chosen for it: the others keep their distance."""
    first = ways[0].after
    return [Way(one.channel, one.address, one.after - first) for one in ways]


def zone_of(person: Person) -> ZoneInfo:
    """The person's own zone, or the house's."""
    return _zone(person.time_zone or settings.CONFIGURATION.time_zone)


def is_night(person: Person, at: datetime) -> bool:
    """Whether it is between 22:00 and 08:00 where the person is."""
    here = at.astimezone(zone_of(person)).time()
    return here < MORNING or here >= EVENING


def morning_after(person: Person, at: datetime) -> datetime:
    """The next 08:00 where the person is."""
    zone = zone_of(person)
    here = at.astimezone(zone)
    day = here.date() if here.time() < MORNING else here.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone)


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
