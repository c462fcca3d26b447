"""Which sealed files a safe names: one row each, under a keyed hash, so that whatever ends the safe ends them too."""

import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tocsin.keys import files
from tocsin.keys.models import Filed
from tocsin.keys.tampering import mark

_FILE: Final = {"id", "key", "size", "sha256"}
_OF_LETTER: Final = {"place", "key", "size", "sha256"}
_SUFFIX: Final = ".sealed"
_BATCH: Final = 200
# Between a file's name and the record that names it lie seconds.
STRAY_AFTER: Final = 24 * 3600.0


class Named(NamedTuple):
    """A file that a record names: in which folder, and how it is called there."""

    place: Filed.Place
    name: str


def named_in(body: Any) -> Iterator[Named]:
    """The files that the body of a record names: its own, and those of a letter that was carried over."""
    waiting = [body]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.keys() >= _FILE:
                yield Named(Filed.Place.FILE, str(one["id"]))
            elif one.keys() >= _OF_LETTER and one["place"]:
                yield Named(Filed.Place.LETTER, str(one["place"]))
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def note(safe: UUID, named: Iterable[tuple[str, Named]]) -> None:
    """Remember in the transaction of the record, by compartment, which files it names."""
    rows = [_row(safe, compartment, one) for compartment, one in named]
    Filed.objects.bulk_create(rows, ignore_conflicts=True)
    for row in rows:
        if row.place == Filed.Place.FILE:
            transaction.on_commit(partial(files.settled, settings.SEALED_FILES, row.name))


def _row(safe: UUID, compartment: str, one: Named) -> Filed:
    return Filed(place=one.place, name=one.name[:200], mark=_mark(safe), part=_part(safe, compartment))


def _mark(safe: UUID) -> str:
    return mark("files", safe.hex)


def _part(safe: UUID, compartment: str) -> str:
    return mark("files", safe.hex, compartment)


def end(safe: UUID, compartment: str | None) -> int:
    """Remove the files of a safe, or of one compartment, once this transaction stands; says how many.

    What dies in between leaves rows that the worker goes on with.
    """
    mine = Filed.objects.filter(mark=_mark(safe))
    if compartment is not None:
        mine = mine.filter(part=_part(safe, compartment))
    count = mine.update(gone=True)
    if count:
        transaction.on_commit(remove)
    return count


def remove() -> bool:
    """Remove what is to go; a file that something else names stays. True if there is more."""
    rows = list(Filed.objects.filter(gone=True).order_by("pk")[:_BATCH])
    for row in rows:
        others = Filed.objects.filter(place=row.place, name=row.name, gone=False)
        if not others.exists():
            _unlink(row)
    Filed.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows) == _BATCH


def _unlink(row: Filed) -> None:
    if not files.is_name(row.name):
        return
    if row.place == Filed.Place.LETTER:
        (Path(settings.LETTER_FILES) / (row.name + _SUFFIX)).unlink(missing_ok=True)
    else:
        files.drop(settings.SEALED_FILES, row.name)


def sweep(older_than: float | None = None) -> int:
    """Remove files that got their name, and no record, since whoever wrote them died; says how many.

    ``older_than`` is a Unix time; usually a day ago.
    """
    before = time.time() - STRAY_AFTER if older_than is None else older_than
    strays = 0
    for name in files.unsettled(settings.SEALED_FILES, before):
        if Filed.objects.filter(place=Filed.Place.FILE, name=name).exists():
            files.settled(settings.SEALED_FILES, name)
        else:
            files.drop(settings.SEALED_FILES, name)
            strays += 1
    return strays
