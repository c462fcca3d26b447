"""Whoever is inside a sealed matter and whoever is not, a public door that really runs, and what outsiders come to."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections
from django.test import Client

from tests.stories import canaries, worlds
from tests.stories.canaries import Canaries, Place
from tests.stories.public_door import PublicDoor, public_door
from tocsin.config import door as carrying
from tocsin.config.api import api
from tocsin.config.doors import database_of
from tocsin.people.models import Person
from tocsin.people.roles import Role

ROOMS = ("/", "/situations/", "/look/", "/alerts/", "/duty/", "/duty/mine/", "/rollcalls/", "/search/", "/sources/",
         "/people/", "/audit/", "/settings/", "/keys/", "/cases/", "/desk/", "/mailbox/", "/mailbox/clocks/",
         "/alliances/", "/plans/", "/plans/tasks/", "/plans/tasks/?of=everybody", "/plans/sealed/", "/plans/lessons/",
         "/plans/missed/", "/resilience/communities/", "/resilience/promises/",
         "/resilience/context/", "/reports/", "/reports/measures/", "/reports/counting/",
         "/metrics", "/healthz")  # fmt: skip
# The door keeps its rows in a file of its own, whatever the tests of this process run on.
_OWN = {"intake_database": ""}
# Texts that everybody has alike.
_MANY = ("/plans/playbooks/", "/plans/authorities/")
_OUTSIDE = {
    "an executive": Role.EXECUTIVE,
    "a stakeholder": Role.STAKEHOLDER,
    "a responder": Role.RESPONDER,
    "an auditor": Role.AUDITOR,
}


def calls() -> list[str]:
    """Every call of the API that reads a list."""
    found = {path for path, one in api.operations() if "GET" in one.methods and "{" not in path}
    return sorted(f"/api{path}" for path in found)


def outside(browse: Callable[[Person], Client], **known: Person) -> dict[str, Client]:
    """A client of each of these people, of somebody with each other role, and of nobody."""
    people = dict(known)
    for name, roles in _OUTSIDE.items():
        mail = f"{name.replace(' ', '-')}@example.org"
        people[name] = Person.objects.create(email=mail, name=name, roles=int(roles), password="x")
    return {**{name: browse(person) for name, person in people.items()}, "nobody": Client()}


def seen_by(readers: Mapping[str, Client]) -> dict[str, bytes]:
    """What these readers come to by links, as it is compared with another world."""
    return dict(worlds.world(readers, ROOMS, without=_MANY))


def come_to(readers: Mapping[str, Client], guesses: list[str]) -> Iterator[Place]:
    """Every page, file and call that these readers come to, by links or by guessing.

    Without playbooks, which are very many.
    """
    yield from canaries.pages(readers, [*ROOMS, *calls(), *guesses], without=_MANY)


def found_by(readers: Mapping[str, Client], planted: Canaries) -> list[str]:
    """Where a search for a word that was planted finds anything: it finds as little as one for a word of nowhere."""
    found = []
    for name, client in readers.items():
        for at in ("/search/?words=", "/api/search?words="):
            nowhere = _answer(client, at, canaries.canary().split()[0])
            for where, text in planted.planted.items():
                word = text.split()[0]
                if _answer(client, at, word) != nowhere:
                    found.append(f"{name} at {at}: {where}")
    return found


def _answer(client: Client, at: str, word: str) -> bytes:
    # A page repeats what was searched for.
    answer = worlds.normal(client.get(f"{at}{word}").content)
    return re.sub(re.escape(word.encode()), b"", answer, flags=re.IGNORECASE)


def guesses(case: UUID, plan: UUID, letter: UUID) -> list[str]:
    """Addresses that somebody outside would try who learnt the ids."""
    at = [f"/cases/{case}/", f"/mailbox/letters/{letter}/", f"/plans/sealed/of/{case}/", f"/plans/called/{plan}/"]
    at += [f"/cases/{case}/{part}/" for part in ("identity", "people", "log", "sheet", "in/account")]
    return at + [f"/plans/sealed/{plan}/{part}" for part in ("", "log/", "people/", "debrief/", "recovery/", "team/")]


@contextmanager
def door_of_this_house(home: Path, given: Any) -> Iterator[PublicDoor]:
    """A public door in a process of its own, with its own database; this process carries between it and the desks."""
    given.HOME, given.LETTER_FILES = home, home / "vault" / "letters"
    alias = given.DOOR_DATABASE
    before, settled = connections[alias], connections.settings[alias]
    plain = dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), "")
    connections.settings[alias] = {**settled, **plain, **database_of(home, replace(given.CONFIGURATION, **_OWN))}
    del connections[alias]
    try:
        with public_door(home) as made:
            yield made
    finally:
        connections[alias].close()
        connections.settings[alias], connections[alias] = settled, before


def carry() -> None:
    """Envelopes come in, answers go out, until nothing waits."""
    while carrying.step():
        pass
