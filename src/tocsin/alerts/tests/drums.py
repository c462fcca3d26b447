"""Channels that make no sound: they do what they were told and remember what they were given."""

from collections import defaultdict, deque
from collections.abc import Callable

from django.conf import settings

from tocsin.alerts import clock
from tocsin.alerts.channels import here
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result
from tocsin.alerts.models import Address
from tocsin.people.models import Person

TAKEN = Outcome(Result.TAKEN)
FAILED = Outcome(Result.FAILED, "status_503")
REFUSED = Outcome(Result.REFUSED, "bad_address")
UNKNOWN = Outcome(Result.UNKNOWN, "timeout")


class Drum:
    """One channel. ``plan`` holds what it answers to the next calls; then it takes everything."""

    wakes, leaks, answers, receipts = True, False, True, False

    def __init__(self, key: str) -> None:
        self.key = self.title = key
        self.plan: deque[Outcome | Callable[[], Outcome]] = deque()
        self.heard: list[tuple[str, Message]] = []

    def ready(self) -> Ready:
        return Ready(True)

    def clean(self, value: str) -> str:
        return value

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        self.heard.append((value, message))
        planned = self.plan.popleft() if self.plan else TAKEN
        return planned() if callable(planned) else planned


class Drums:
    """Some channels, in place of those of the settings."""

    def __init__(self, *keys: str) -> None:
        self.of = {key: Drum(key) for key in keys}
        here._made = (settings.PAGING, self.of)

    def __getitem__(self, key: str) -> Drum:
        return self.of[key]

    def heard_by(self, person: Person) -> list[Message]:
        """What went to this person, by whichever channel."""
        own = {f"{key}:{person.name}" for key in self.of} | {person.email}
        return [message for drum in self.of.values() for value, message in drum.heard if value in own]

    def counts(self) -> dict[str, int]:
        """How often each page id was heard."""
        found: dict[str, int] = defaultdict(int)
        for drum in self.of.values():
            for _value, message in drum.heard:
                found[message.page] += 1
        return dict(found)


def address(person: Person, channel: str) -> Address:
    """A verified address of this person on a drum."""
    now = clock.now()
    return Address.objects.create(
        person=person, channel=channel, value=f"{channel}:{person.name}", made_at=now, verified_at=now
    )
