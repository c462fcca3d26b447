"""A policy, drums instead of channels, and a clock that tests may move."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tocsin.alerts import clock, escalating
from tocsin.alerts.actions import default_policy
from tocsin.alerts.channels import here
from tocsin.alerts.models import Policy, Rung, Target
from tocsin.alerts.sending import Sender
from tocsin.alerts.tests.drums import Drums, address
from tocsin.lib import claims
from tocsin.people.models import Person

Works = Callable[[], None]


class Time:
    """The database's clock, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def passes(self, **by: float) -> None:
        """Let so much time pass (or, negative, set the clock back)."""
        self.ahead += timedelta(**by)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(clock, "now", lambda: claims.database_now() + moved.ahead)
    return moved


@pytest.fixture
def drums() -> Iterator[Drums]:
    before = here._made
    yield Drums("signal", "sms", "mail")
    here._made = before


@pytest.fixture
def policy(alice: Person, bob: Person, drums: Drums) -> Policy:
    """Bob first, Alice after five minutes, both by Signal and SMS."""
    made = default_policy()
    made.rungs.all().delete()
    Target.objects.filter(policy=made).delete()
    for position, person in enumerate((bob, alice)):
        rung = Rung.objects.create(policy=made, position=position, wait_minutes=5)
        Target.objects.create(policy=made, rung=rung, kind=Target.Kind.PERSON, person=person)
        for channel in ("signal", "sms"):
            address(person, channel)
    return made


@pytest.fixture
def works(drums: Drums) -> Iterator[Callable[[], None]]:
    """Let the pager do everything that is due."""
    sender = Sender(drums.of)

    def all_due() -> None:
        for _ in range(50):
            climbed = escalating.climb()
            sent = sender.tick()
            if sender.under_way:
                for one in sender._under_way:
                    one.future.exception(timeout=30)
                continue
            if not climbed and not sent:
                return
        raise AssertionError("the pager finds no end")

    yield all_due
    sender.close()
