"""Every sealed file that a safe names has a row that tells whose it is to nobody else, and goes with the safe."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tocsin.keys import files, filing, safes, shredding, work
from tocsin.keys.files import StoredFile
from tocsin.keys.models import Filed
from tocsin.keys.safes import ChangedError, OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
LATER = 1e12


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.SEALED_FILES, settings.LETTER_FILES = tmp_path / "files", tmp_path / "letters"
    settings.LETTER_FILES.mkdir()
    return tmp_path / "files"


@pytest.fixture
def safe(opened: Open, alice: Person) -> UUID:
    return safes.found(opened(alice), "case", ["account", "identity"], "owner").id


def _name(one: StoredFile) -> Callable[[OpenSafe], UUID]:
    return lambda safe: safe.add("account", {"kind": "evidence", "file": one.pack()})


def test_a_file_whose_writer_died_before_its_record_is_swept_and_one_that_is_named_stays(
    folder: Path, opened: Open, safe: UUID, alice: Person
) -> None:
    stray, named, died = (files.store(folder, [b"a picture"]) for _ in range(3))
    safes.changing(opened(alice), safe, _name(named))
    safes.changing(opened(alice), safe, _name(died))
    # Killed after the record was stored, and before its sign was taken down.
    files._announce(files._path(folder, died.id))
    assert filing.sweep() == 0
    assert filing.sweep(LATER) == 1
    assert [files.is_there(folder, one) for one in (stray, named, died)] == [False, True, True]
    assert filing.sweep(LATER) == 0
    assert not list(folder.glob("*/*.new"))


def test_a_file_of_before_is_never_taken_for_a_stray(folder: Path) -> None:
    old = files.store(folder, [b"a picture"])
    files.settled(folder, old.id)
    os.utime(files._path(folder, old.id), (0, 0))
    assert filing.sweep(LATER) == 0
    assert files.is_there(folder, old)


def test_a_record_that_was_refused_names_no_file(folder: Path, opened: Open, safe: UUID, alice: Person) -> None:
    late = OpenSafe(opened(alice), safe)
    _name(files.store(folder, [b"a picture"]))(late)
    safes.changing(opened(alice), safe, lambda one: one.add("account", {}))
    with pytest.raises(ChangedError):
        late.commit()
    assert not Filed.objects.exists()
    assert filing.sweep(LATER) == 1


def test_a_compartment_takes_its_files_with_it_and_no_others(
    folder: Path, opened: Open, safe: UUID, alice: Person
) -> None:
    mine, other, shared = (files.store(folder, [b"a picture"]) for _ in range(3))

    def fill(one: OpenSafe) -> None:
        one.add("identity", {"files": [mine.pack(), shared.pack()]})
        one.add("account", {"files": [other.pack(), shared.pack()]})

    safes.changing(opened(alice), safe, fill)
    shredding.shred(OpenSafe(opened(alice), safe), "identity")
    assert [files.is_there(folder, one) for one in (mine, other, shared)] == [False, True, True]
    shredding.shred(OpenSafe(opened(alice), safe))
    assert not any(files.is_there(folder, one) for one in (mine, other, shared))
    assert not Filed.objects.exists()


def test_the_worker_goes_on_where_somebody_died_while_files_went(
    folder: Path, opened: Open, safe: UUID, alice: Person
) -> None:
    one = files.store(folder, [b"a picture"])
    safes.changing(opened(alice), safe, _name(one))
    Filed.objects.update(gone=True)
    while work.step():
        pass
    assert not files.is_there(folder, one)
    assert not Filed.objects.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 32, "ab"])
def test_a_name_that_is_none_removes_nothing(folder: Path, name: str) -> None:
    for place in Filed.Place.values:
        Filed.objects.create(place=place, name=name, mark="m", part=place, gone=True)
    assert not filing.remove()
    assert not Filed.objects.exists()
