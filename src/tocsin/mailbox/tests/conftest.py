"""A desk of two, with vaults that were compared, and letters of somebody who must stay unknown to everybody else."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.test import Client

from tocsin.keys.access import give_cookie
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.mailbox import actions, desks, letters, phrases
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.models import Desk
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

TEXT = "qzxletterbodycanary they came to my flat"
Browse = Callable[[Person], Client]
Typed = Callable[..., UUID]


@pytest.fixture(autouse=True)
def vault_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Sealed files of letters, of this test alone."""
    settings.LETTER_FILES = tmp_path / "letters"
    settings.EMERGENCY_ADDRESS = "help@tocsin.example"
    yield settings.LETTER_FILES
    phrases.languages.cache_clear()


@pytest.fixture
def desk(opened: Open, know: Callable[..., None], alice: Person, bob: Person) -> Desk:
    """Alice's desk, to which she let Bob in."""
    know(alice, bob)
    made = desks.make(opened(alice), "First desk")
    desks.let_in(opened(alice), made, bob, ())
    return made


@pytest.fixture
def typed(desk: Desk, alice: Person) -> Typed:
    """A letter that Alice types in for a caller."""

    def type_it(text: str = TEXT, by: Person = alice, excluded: tuple[int, ...] = (), **more: Any) -> UUID:
        content = {"text": text, "kind": "detention", "safe": "no", "urgency": "now", "language": "en", **more}
        return actions.type_in(by, desk, content, excluded)

    return type_it


@pytest.fixture
def read(opened: Open, alice: Person) -> Callable[..., Opened]:
    """A letter as somebody reads it."""
    return lambda number, person=alice: letters.one(opened(person), number)


@pytest.fixture
def with_vault(browse: Browse, opened: Open) -> Browse:
    """A browser in which this person's vault is open."""

    def browser(person: Person) -> Client:
        client, answer = browse(person), HttpResponse()
        give_cookie(answer, opened(person)._cookie)
        client.cookies[django_settings.VAULT_COOKIE] = answer.cookies[django_settings.VAULT_COOKIE].value
        return client

    return browser
