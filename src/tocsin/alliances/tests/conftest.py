"""A responder, drafts of allies, and steps that make sure of one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tocsin.alerts import clock
from tocsin.alerts.tests.conftest import Time, time
from tocsin.alliances import actions
from tocsin.alliances.drafts import ContactDraft, ReachDraft, VerificationDraft
from tocsin.alliances.models import Contact
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Role

__all__ = ["Time", "time"]

WAY = "Signal +254 700 000 000"
Makes = Callable[..., Contact]


@pytest.fixture
def rosa(db: None) -> Person:
    """A responder: reads about allies."""
    person = Person(email="rosa@example.org", name="Rosa", roles=int(Role.RESPONDER))
    person.set_password("correct horse battery staple")
    person.save()
    return person


@pytest.fixture
def sam(db: None) -> Person:
    """A stakeholder: sees nothing of allies."""
    return Person.objects.create(email="sam@example.org", name="Sam", roles=int(Role.STAKEHOLDER))


def draft(by: Person, **more: Any) -> ContactDraft:
    """A lawyer in Kenya."""
    begin = ContactDraft(
        name="Amina Odera", kinds=("lawyer",), helps=("legal",), owner=by.pk, organisation="Odera & Co",
        countries=("KE",), languages=("sw", "en"), within_hours=6, by_night=True, tlp="amber+strict", fees="free",
    )  # fmt: skip
    return replace(begin, **more)


def sure(days: int = 180, **more: Any) -> VerificationDraft:
    """A verification that holds."""
    until = clock.now().date() + timedelta(days=days)
    begin = VerificationDraft("sure", "sure", "not", "Called back by the number of the bar.", "holds", until)
    return replace(begin, **more)


@pytest.fixture
def proposed(rosa: Person) -> Makes:
    """Makes an ally whom nobody vetted yet, looked after by Rosa."""

    def make(**more: Any) -> Contact:
        return actions.propose(rosa, draft(rosa, **more), ReachDraft(WAY, "By day only."), random_name(16))

    return make


@pytest.fixture
def vetted(proposed: Makes, alice: Person) -> Makes:
    """Makes an ally who was verified today."""

    def make(days: int = 180, **more: Any) -> Contact:
        row = proposed(**more)
        actions.verify(alice, row, sure(days))
        row.refresh_from_db()
        return row

    return make
