"""What came with a letter becomes evidence as it came, or not at all."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.cases.evidence import actions
from tocsin.cases.evidence.access import access_evidence, pieces
from tocsin.cases.evidence.arrivals import arrivals
from tocsin.cases.evidence.items import Act
from tocsin.cases.evidence.tests import making
from tocsin.cases.evidence.tests.conftest import Visitor
from tocsin.keys import safes
from tocsin.keys.tests.conftest import Open
from tocsin.keys.uploads import Writer
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = "0123456789abcdef" * 2
WORDS = {"description": "The photo of her letter.", "source": "Her letter", "harm": "unknown"}


@pytest.fixture
def sealed(settings: Any, tmp_path: Path, opened: Open, alice: Person, case: UUID) -> Path:
    """A letter in Alice's case with one photo, sealed by the public door."""
    settings.LETTER_FILES = tmp_path / "letters"
    settings.LETTER_FILES.mkdir()
    writer = Writer(settings.LETTER_FILES / "one.part")
    writer.write(making.photo())
    writer.finish()
    place = settings.LETTER_FILES / f"{PLACE}.sealed"
    writer.name(place)
    key = base64.b64encode(writer.key).decode()
    file = {"name": "IMG.jpg", "type": "image/jpeg", "size": writer.size, "sha256": writer.sha256}
    named = [{**file, "place": PLACE, "key": key}, {**file, "place": "../elsewhere", "key": key}]
    body = {"kind": "letter", "came": "2026-01-02T03:00:00+00:00", "files": named}
    safes.changing(opened(alice), case, lambda safe: safe.add("account", body))
    return Path(place)


def _address(opened: Open, person: Person, case: UUID) -> str:
    (one,) = arrivals(access_evidence(opened(person), case))
    return reverse("cases:evidence:adopt", args=[case, one.row, one.number])


def test_it_is_offered_and_taken_in_as_it_came(
    enter: Callable[[Person], Visitor], opened: Open, alice: Person, case: UUID, sealed: Path
) -> None:
    visitor, address = enter(alice), _address(opened, alice, case)
    index = reverse("cases:evidence:index", args=[case])
    assert address in visitor.client.get(index).content.decode()
    assert "2026-01-02" in visitor.client.get(address).content.decode()
    assert visitor.client.post(address, WORDS).status_code == 302
    (kept,) = pieces(access_evidence(opened(alice), case))
    assert b"".join(actions.original(kept.piece)).startswith(b"\xff\xd8\xff")
    assert (kept.piece.name, kept.piece.custody[0].act) == ("IMG.jpg", Act.RECEIVED)
    assert ("Model", "Canary 7") in kept.piece.facts
    assert address not in visitor.client.get(index).content.decode()
    assert visitor.client.get(address).status_code == 404
    assert sealed.exists()


def test_a_changed_one_is_refused_and_leaves_nothing(
    enter: Callable[[Person], Visitor], opened: Open, alice: Person, case: UUID, sealed: Path, vault: Path
) -> None:
    address = _address(opened, alice, case)
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"\0")
    assert enter(alice).client.post(address, WORDS).status_code == 409
    assert pieces(access_evidence(opened(alice), case)) == []
    assert [path for path in vault.rglob("*") if path.is_file()] == []
