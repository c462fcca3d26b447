"""A keyholder on a socket of its own, and vaults of people who compared their keys."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.keys import vaults
from tocsin.keys.holder.holding import Holder
from tocsin.keys.holder.server import Server
from tocsin.keys.sealing import Cost
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

Open = Callable[[Person], OpenVault]


@pytest.fixture
def holder(settings: Any) -> Iterator[Holder]:
    with tempfile.TemporaryDirectory() as folder:
        settings.KEYHOLDER = Path(folder) / "run" / "k.sock"
        held = Holder(Cost(*settings.VAULT_COST))
        server = Server(settings.KEYHOLDER, held, lambda: 1)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield held
        server.ended.set()
        thread.join()


@pytest.fixture
def opened(holder: Holder) -> Open:
    """A vault of a person, opened anew each time; the first time it is made."""
    cookies: dict[int, bytes] = {}

    def open_it(person: Person) -> OpenVault:
        if person.pk not in cookies:
            _, cookies[person.pk] = vaults.make(person.pk)
        return OpenVault(person.pk, cookies[person.pk])

    return open_it


@pytest.fixture
def know(opened: Open) -> Callable[..., None]:
    """Each of these people compared the keys of each other."""

    def compare(*people: Person) -> None:
        for person in people:
            opened(person)
        for person in people:
            vault = opened(person)
            for other in people:
                keys = vault.directory.now(other.pk)
                assert keys is not None
                if other != person:
                    vault.verify(keys)

    return compare
