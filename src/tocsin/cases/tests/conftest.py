"""Vaults of the cast, cases, and clients whose browser has a vault open."""

import base64
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tocsin.cases import actions, members
from tocsin.cases.entries import Entry, entries
from tocsin.cases.kinds.base import Kind
from tocsin.cases.kinds.consent import Consent, Vetting
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.kinds.safety import CheckIn, HarmCheck
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]
Browse = Callable[[Person], Client]
Found = Callable[..., UUID]
Know = Callable[..., None]


@pytest.fixture
def enter(opened: Open, browse: Browse) -> Browse:
    """A client signed in as a person, with their vault open in it."""

    def as_person(person: Person) -> Client:
        client = browse(person)
        client.cookies[settings.VAULT_COOKIE] = cookie_of(opened(person))
        return client

    return as_person


def cookie_of(vault: OpenVault) -> str:
    return base64.urlsafe_b64encode(vault._cookie).decode()


@pytest.fixture
def found(opened: Open) -> Found:
    """A case that a person began, with whoever they let in."""

    def make(person: Person, *others: tuple[Person, str], line: str = "An editor fears a visit.") -> UUID:
        about = About(line=line, urgent="days", retention="usual")
        happened = Happened(what="Two men asked at her door.", source="person", certain="likely")
        case = actions.found(person, opened(person), about, happened)
        for other, role in others:
            members.let_in(opened(person), case, other.pk, role)
        return case

    return make


def read(vault: OpenVault, case: UUID, *compartments: str) -> list[Entry]:
    return entries(OpenSafe(vault, case), *compartments)


def only(vault: OpenVault, case: UUID, kind: type[Kind]) -> tuple[Entry, Any]:
    (one,) = [one for one in read(vault, case) if isinstance(one.what, kind)]
    return one, one.what


def today() -> date:
    return timezone.now().date()


def soon(hours: int = 1) -> datetime:
    return timezone.now() + timedelta(hours=hours)


def vetting(**more: Any) -> Vetting:
    return Vetting(**{"asker": "person", "capacity": "For herself", "how": ("callback",), "impersonation": "low",
                      "coercion": "low", "enough": "yes", **more})  # fmt: skip


def consent(**more: Any) -> Consent:
    given = {"giver": "person", "free": "free", "purpose": "referral", "recipient": "A lawyer", "what": "Her name",
             "how": "By voice", "given_on": today(), "lapses_on": today() + timedelta(days=90)}  # fmt: skip
    return Consent(**{**given, **more})


def harm(**more: Any) -> HarmCheck:
    given = {"step": "Call the lawyer", "seen_by": "Nobody", "worse": "If the line is tapped", "wish": "wants",
             "instead": "Nothing", "decision": "go", "on": today()}  # fmt: skip
    return HarmCheck(**{**given, **more})


def checkin(**more: Any) -> CheckIn:
    given = {"channel": "Signal, as a cousin", "next_at": soon(), "every_hours": 24, "grace_minutes": 30,
             "safe_word": "lemon tree", "duress_word": "blue bicycle", "in_silence": "Call the lawyer."}  # fmt: skip
    return CheckIn(**{**given, **more})
