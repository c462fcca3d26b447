"""A page that went out to Bob, and the room's drums and clock."""

from collections.abc import Callable, Iterator

import pytest

from tocsin.alerts import clock
from tocsin.alerts.actions import New, accept
from tocsin.alerts.channels import here
from tocsin.alerts.models import Address, Lane, Page, Policy, Severity
from tocsin.alerts.tests.conftest import policy as policy
from tocsin.alerts.tests.conftest import time as time
from tocsin.alerts.tests.conftest import works as works
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person

PHONE = "+41446681800"
Call = Callable[[str], Page]


@pytest.fixture
def drums() -> Iterator[Drums]:
    """A drum for each channel that takes answers."""
    before = here._made
    yield Drums("signal", "sms", "mail", "voice")
    here._made = before


@pytest.fixture
def paged(policy: Policy, works: Callable[[], None], bob: Person) -> Call:
    """Raise an alert; gives Bob's page by a channel, which goes to a real-looking address."""
    values = {"signal": PHONE, "sms": PHONE, "voice": PHONE, "mail": "bob@example.org"}
    Address.objects.filter(person=bob).delete()

    def page(channel: str) -> Page:
        now = clock.now()
        Address.objects.create(person=bob, channel=channel, value=values[channel], made_at=now, verified_at=now)
        accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe=f"by {channel}"))
        works()
        return Page.objects.select_related("notice__person").get(channel=channel, notice__person=bob)

    return page
