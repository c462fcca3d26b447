"""Somebody took the database and the home folder, and tries every key that they can find there."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import product
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings

from tocsin.keys import heads, safes, sealing, wraps
from tocsin.keys.holder import vault
from tocsin.keys.holder.holding import Holder
from tocsin.keys.models import Epoch, LogLine, Row, Safe, Vault, Wrap
from tocsin.keys.safes import OpenSafe
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.vaults import _locked
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def _everything() -> Iterator[bytes]:
    """Whatever lies on the disk and has, or gives, the length of a key."""
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            for value in row:
                raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                yield from (raw[at : at + 32] for at in {0, 8, 16, 24, 32, max(0, len(raw) - 32)})
                yield hashlib.sha256(raw).digest()
    for path in (settings.HOME / "secrets").glob("*"):
        yield hashlib.sha256(path.read_bytes()).digest()
        yield path.read_bytes()[:32]
    yield hashlib.sha256(settings.SECRET_KEY.encode()).digest()


def _opened(keys: set[bytes]) -> set[str]:
    """What opens with any of these, each in its own place."""
    found: set[str] = set()
    sealed = [
        *((f"row {row.compartment}", bytes(row.blob), _place(row)) for row in Row.objects.all()),
        *(("head", bytes(one.head), heads.place(one.pk, 1, one.version)) for one in Safe.objects.all()),
        *(("seeds", bytes(one.seeds), vault._place(_locked(one), "seeds")) for one in Vault.objects.all()),
        *(("key", bytes(one.key), vault._place(_locked(one), "key")) for one in Vault.objects.all()),
    ]
    for key, (name, blob, context) in product(keys, sealed):
        if _opens(lambda key=key, blob=blob, context=context: sealing.open_sealed(key, blob, context)):  # type: ignore[misc]
            found.add(name)
    boxes = [("wrap", bytes(one.sealed)) for one in Wrap.objects.all()]
    boxes += [("log", bytes(one.blob)) for one in LogLine.objects.all()]
    for key, (name, blob) in product(keys, boxes):
        if _opens(lambda key=key, blob=blob: sealing.open_box(key, blob)):  # type: ignore[misc]
            found.add(name)
    return found


def _opens(act: Callable[[], bytes]) -> bool:
    try:
        act()
    except SealError:
        return False
    return True


def _place(row: Row) -> Context:
    return Context(row.safe_id.bytes, row.compartment, row.epoch, row.pk.bytes, "body", row.version)


@pytest.fixture
def case(opened: Open, know: Callable[..., None], alice: Person, bob: Person) -> UUID:
    """Bob is in what happened, not in who it was."""
    know(alice, bob)
    safe = safes.found(opened(alice), "case", ["account", "identity"]).id
    for compartment in ("account", "identity"):
        safes.changing(opened(alice), safe, lambda one, name=compartment: one.add(name, {"text": name}))  # type: ignore[misc]
    safes.changing(opened(alice), safe, lambda one: one.let_in(bob.pk, ["account"]))
    OpenSafe(opened(bob), safe).log("opened")
    return safe


def test_nothing_sealed_opens_with_anything_that_lies_on_the_disk(case: UUID, holder: Holder) -> None:
    holder.lock_all()
    keys = {one.ljust(32, b"\0") for one in _everything()}
    assert len(keys) > 100
    assert _opened(keys) == set()


def test_with_one_vault_open_exactly_what_its_owner_may_read_opens(case: UUID, opened: Open, bob: Person) -> None:
    keys, _ = wraps.keys_of(opened(bob), case)[:2]
    assert _opened(set(keys.values())) == {"row account", "head"}
    assert Epoch.objects.filter(compartment="identity").exists()


def test_the_search_finds_a_key_that_was_left_lying(case: UUID, opened: Open, alice: Person) -> None:
    """The attack itself works: a key in a column of the database opens what it is for."""
    keys, _ = wraps.keys_of(opened(alice), case)[:2]
    Epoch.objects.filter(compartment="identity").update(public=keys["identity", 1])
    assert _opened({one.ljust(32, b"\0") for one in _everything()}) == {"row identity"}
