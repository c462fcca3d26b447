"""People who take part, a pager that beats drums, a clock that tests may move, and a country that is cut off."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.alerts import clock
from tocsin.alerts.models import Notice, Page
from tocsin.alerts.tests.conftest import Time, drums, policy, time, works
from tocsin.alerts.tests.drums import Drums, address
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.rollcalls import taking_part, work
from tocsin.rollcalls.models import Fallback, Participant
from tocsin.rollcalls.taking_part import Part
from tocsin.signals.models import Finding, Signal
from tocsin.situations import membership
from tocsin.situations.models import Situation
from tocsin.situations.standing import refresh

__all__ = ["Time", "drums", "policy", "time", "works"]

Works = Callable[[], None]
TEA, CAKE = "Shall we have tea?", "Is there cake left?"


def _person(name: str, roles: Role | None = None) -> Person:
    person = Person(email=f"{name.lower()}@example.org", name=name, roles=int(roles or 0), time_zone="Africa/Lagos")
    person.set_password("correct horse battery staple")
    person.save()
    return person


@pytest.fixture
def rosa(db: None) -> Person:
    """A responder: may hold roll-calls."""
    return _person("Rosa", Role.RESPONDER)


@pytest.fixture
def dana(drums: Drums, rosa: Person) -> Person:
    """A volunteer in TR without any role, asked in words of her own by SMS and then by Signal."""
    person = _person("Dana")
    first, second = address(person, "sms"), address(person, "signal")
    part = Part(
        safe_check=True, can_help=True, manner=Participant.Manner.AGREED, languages=("tr", "ku"), skills=("medical",),
        country="TR", own_words=TEA, help_words=CAKE, address=first.pk, second_address=second.pk,
        fallback=Fallback.WAIT, fallback_hours=6, contact=rosa.pk,
    )  # fmt: skip
    taking_part.take_part(person, part)
    return person


@pytest.fixture
def emre(drums: Drums) -> Person:
    """A volunteer in TR without any role, asked openly."""
    person = _person("Emre")
    address(person, "signal")
    part = Part(safe_check=True, can_help=False, manner=Participant.Manner.OPEN, languages=("tr",), country="TR")
    taking_part.take_part(person, part)
    return person


@pytest.fixture
def runs(works: Works) -> Works:
    """Let the worker and the pager do everything that is due."""

    def all_due() -> None:
        for _ in range(20):
            did = False
            while work.step():
                did = True
            works()
            if not did:
                return
        raise AssertionError("the worker finds no end")

    return all_due


def cut_off(country: str = "TR", *, hours: float = 2, harm: str = "shutdown", readers: int = 0) -> Situation:
    """An open situation that rests on a measured finding."""
    at = clock.now() - timedelta(hours=hours)
    finding = Finding.objects.create(
        rule="outage/1", stream="outages", kind="ioda", country=country, subject=f"{country}{readers}", opened_at=at,
        seen_at=clock.now(), direction="fall", score=0.9, before=1.0, now=0.1, points=5, evidence="scored",
        readers=readers,
    )  # fmt: skip
    signal = Signal.objects.create(
        finding=finding, at=at, title="The network is cut", country=country, countries=[country], harm=harm,
        reliability="B", credibility=2, rule="outage/1", readers=readers,
    )  # fmt: skip
    row = membership.begin(signal)
    membership.join([membership.Joining(signal.pk, row, "measured")], "grouping/1")
    refresh(row)
    return Situation.objects.get(pk=row.pk)


def last_page(person: Person) -> Page:
    """The newest message to this person."""
    return Page.objects.filter(notice__person=person, notice__purpose=Notice.Purpose.ASK).order_by("-pk")[0]
