"""A program with a token, somebody with every right, and a small world to look at."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.stories.api.world import NOW, Makes, Program, World, finding, signal, situation
from tocsin.console import work as searching
from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role, rights
from tocsin.signals.actions import note_change
from tocsin.signals.models import Signal
from tocsin.streams.models import Requirement


@pytest.fixture
def program() -> Makes:
    """Gives a program that acts for somebody, with some rights of theirs or with all."""

    def make(person: Person, *asked: Right) -> Program:
        chosen = asked or tuple(rights(person.role_set))
        return Program(str(issue_token(person, "a program", chosen, 30)))

    return make


@pytest.fixture
def owner(alice: Person) -> Person:
    """Alice, who reads the record and is counsel as well: every right there is."""
    alice.roles = int(Role.LEAD | Role.AUDITOR | Role.COUNSEL | Role.APPROVER | Role.ALONE)
    alice.save()
    return alice


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """Two open situations and one that only leads may read, with measurements, and indexed for search."""
    shown = [signal(f"Editor arrested in Turkey, report {number}", number) for number in range(4)]
    hidden = signal("Internal warning about an editor in Turkey", 9, readers=int(Role.LEAD))
    found = finding()
    measured = Signal.objects.create(
        finding=found, at=NOW, title="Failed measurements rose", country="TR", harm="site-ban", our_link=True,
        origin="ooni AS1", rule="blocking/1",
    )  # fmt: skip
    with transaction.atomic():
        note_change(*[one.pk for one in [*shown, hidden, measured]], new=True)
        wanted = Requirement.objects.create(question="Is our encyclopedia reachable there?", asked_by="the team")
        made = World(situation(*shown[:3]), situation(shown[3], measured), situation(hidden), shown, hidden, wanted)
    searching.search_index().remove()
    while searching.step():
        pass
    yield made
    searching.search_index().remove()
