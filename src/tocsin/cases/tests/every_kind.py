"""One record of every kind, filled through the form that people use, with words of one's own in every field."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tocsin.cases.entries import Entry, body
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Kind, Shape
from tocsin.cases.kinds.registry import APART, KINDS, REPORTING
from tocsin.keys import safes
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault

# What can't be chosen freely: the choices that go together.
CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "vetting": {"how": ["callback"], "impersonation": "low", "coercion": "low", "enough": "yes"},
    "consent": {"giver": "person", "free": "free", "purpose": "public"},
    "harm": {"wish": "wants", "decision": "go"},
    "position": {"stance": "public"},
    "money": {"amount": "300", "sanctions": "clear", "currency": "EUR"},
    "citation": {"code": "k3f9x2"},
    "checkin": {"every_hours": "24", "grace_minutes": "30"},
}
ORDER = ("vetting", "consent", "harm", *(one for one in KINDS if one not in {"vetting", "consent", "harm"}))


def filled(kind: type[Kind], canary: str, member: int, found: Sequence[Entry]) -> dict[str, Any]:
    """What somebody types into the form of a kind: ``canary`` stands in each field of words."""
    given: dict[str, Any] = {}
    now = timezone.now()
    for name in base.first_fields(kind):
        ask = base.asks(kind)[name]
        match ask.shape:
            case Shape.LINE | Shape.TEXT:
                given[name] = f"{canary}-{name}"
            case Shape.DAY:
                given[name] = (now + timedelta(days=20 if name == "lapses_on" else 0)).date().isoformat()
            case Shape.MOMENT:
                given[name] = (now + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
            case Shape.CHOICE:
                given[name] = ask.choices[0][0]
            case Shape.CHOICES:
                given[name] = [ask.choices[0][0]]
            case Shape.PERSON:
                given[name] = str(member)
            case Shape.LINK:
                given[name] = next((str(one.id) for one in found if one.what.kind in ask.of), "")
            case _:
                given[name] = "1"
    return {**given, **CHOSEN.get(kind.kind, {})}


def write_all(client: Client, case: UUID, canary: str, member: int, read: Any) -> list[str]:
    """Add one of every kind to the compartment where it stands first; gives the kinds."""
    written = []
    for key in ORDER:
        kind = KINDS[key]
        if key in APART | REPORTING:
            continue
        given = filled(kind, f"{canary}-{key}", member, read())
        answer = client.post(reverse("cases:add", args=[case, key]), {**given, "compartment": kind.compartments[0]})
        assert answer.status_code == 302, (key, answer.context["form"].errors if answer.context else answer)
        written.append(key)
    return written


def fill(vault: OpenVault, case: UUID, canary: str) -> None:
    """The same without forms, in one change: one record of every kind in the compartment where it stands first."""

    def act(safe: OpenSafe) -> None:
        for key, kind in KINDS.items():
            if key not in APART | REPORTING:
                words = {
                    name: f"{canary}-{key}-{name}"
                    for name in base.first_fields(kind)
                    if base.asks(kind)[name].shape in {Shape.LINE, Shape.TEXT}
                }
                safe.add(kind.compartments[0], body(kind(**words), timezone.now(), vault.person))

    safes.changing(vault, case, act)
