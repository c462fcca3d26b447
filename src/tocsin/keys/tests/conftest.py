"""A keyholder on a socket of its own, and vaults of people who compared their keys."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tocsin.keys import vaults
from tocsin.keys.holder.holding import Holder
from tocsin.keys.holder.server import Server
from tocsin.keys.safes import OpenSafe
from tocsin.keys.sealing import Cost
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

Open = Callable[[Person], OpenVault]
OwnCode = Callable[[], AbstractContextManager[pytest.MonkeyPatch]]


@pytest.fixture
def holder(settings: Any) -> Iterator[Holder]:
    with tempfile.TemporaryDirectory() as folder:
        settings.KEYHOLDER = Path(folder) / "run" / "k.sock"
        held = Holder(Cost(*settings.VAULT_COST))
        server = Server(settings.KEYHOLDER, held, lambda: 1)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield held
        server.end()
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


@pytest.fixture
def own_code(monkeypatch: pytest.MonkeyPatch) -> OwnCode:
    """Somebody works with code of their own, which does not ask whether what they sign is theirs to sign."""

    @contextmanager
    def working() -> Iterator[pytest.MonkeyPatch]:
        with monkeypatch.context() as theirs:
            theirs.setattr(OpenSafe, "_check_own", lambda _safe, _link: None)
            yield theirs

    return working
