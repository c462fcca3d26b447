"""Documents that people bring: uploaded by one who is signed in, or dropped into a folder on this machine."""

import hashlib
import logging
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.lib import jail
from tocsin.lib.claims import hold
from tocsin.lib.logs import where
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.streams import drafts, storing
from tocsin.streams.drafts import RefusedError
from tocsin.streams.models import Fetch, Health, Item, Source
from tocsin.streams.sources.base import NewItem
from tocsin.streams.sources.cleaning import line
from tocsin.streams.sources.documents.kind import LARGEST, LIMITS, PARSER
from tocsin.streams.sources.reading import items_of, lines_of
from tocsin.streams.turns import turn

QUIET = timedelta(seconds=10)  # a file that changed later than this may still be half written
DONE, REFUSED = "done", "refused"
LONGEST_NAME = 200  # bytes; file systems take 255, and a number and the reason's ending must fit behind it
LONGEST_SUFFIX = 20

log = logging.getLogger(__name__)

_UNFINISHED = (".part", ".tmp", ".crdownload", ".partial", ".swp", "~")
_DROPPED_FOR = int(Role.LEAD | Role.ANALYST)


@dataclass(frozen=True, slots=True)
class Brought:
    """A document as somebody brings it. ``country`` and ``language`` are hints; ``readers`` roles as bits."""

    name: str
    body: bytes
    tlp: str = Tlp.AMBER
    readers: int = 0
    language: str = ""
    country: str = ""


def upload(person: Person, brought: Brought) -> Item:
    """Read a document in the jail and keep it with its original.

    The same document brought again, by the same person for the same readers, is the same item.

    Raises:
        RefusedError: for one that can't be read, or limits that don't fit each other.
    """
    checked = _checked(person, brought)
    with turn():
        new, refused = _read(checked)
    source = _source("uploads", "Uploaded documents", Tlp.CLEAR, 0)
    # Who brings it and for whom belongs to the key: nobody learns that another has brought it before.
    key = f"{hashlib.sha256(checked.body).hexdigest()}|{person.pk}|{checked.readers}|{checked.tlp}"
    facts = {**new.facts, "owner": person.pk, "notes": refused[:5]}
    row = storing.item_row(source, replace(new, key=key, facts=facts), timezone.now())
    row.tlp, row.readers = checked.tlp, checked.readers
    with transaction.atomic():
        storing.add_items(source, [row])
        item = Item.objects.get(source=source, key=row.key, digest=row.digest)
        record(person.pk, "document.upload", f"item:{item.pk}", tlp=item.tlp, readers=item.readers)
    return item


def _checked(person: Person, brought: Brought) -> Brought:
    if not brought.body:
        raise RefusedError(_("The file is empty. Look whether it was saved."), "documents")
    if len(brought.body) > LARGEST:
        raise RefusedError(_("The file is larger than %(mb)s MB. Split it.") % {"mb": LARGEST // 2**20}, "documents")
    if brought.tlp not in {one.value for one in Tlp}:
        raise RefusedError(_("This is not one of the choices."), "tlp")
    drafts.check_secrecy(brought.tlp, drafts.readers(brought.readers, person))
    (language,) = drafts.languages([brought.language], "language") or [""]
    (country,) = drafts.countries([brought.country], "country") or [""]
    return replace(brought, name=line(brought.name, 200), language=language, country=country)


def _read(brought: Brought) -> tuple[NewItem, list[str]]:
    argument = {"name": brought.name, "keep": False}
    result = jail.run(PARSER, brought.body, limits=LIMITS, argument=argument)
    if result.failure is not None:
        raise RefusedError(result.failure.message, "documents")
    try:
        (item,) = items_of(result.data)
        refused = lines_of(result.data)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise RefusedError(_("The reader of this document gave something that makes no sense."), "documents") from None
    facts = {**item.facts, "file": brought.name} | ({"country": brought.country} if brought.country else {})
    language = brought.language or item.language
    return replace(item, original=zlib.compress(brought.body, 6), facts=facts, language=language), refused


def original(item: Item) -> bytes:
    """An item's original as it came, unpacked.

    Raises:
        ValueError: if it is larger than any original may be, or damaged.
    """
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(bytes(item.original), LARGEST + 1)
    except zlib.error as error:
        raise ValueError("damaged") from error
    if len(body) > LARGEST:
        raise ValueError("too large")
    return body


def step(now: datetime | None = None) -> bool:
    """Take in one document of the drop folder; False when none could be taken, or another process does this."""
    folder = settings.DROP_FOLDER
    if not folder.is_dir() or not hold("streams.documents", 60):
        return False
    for path in list(_ready(folder, now or timezone.now())):
        try:
            _take(folder, path)
        except OSError as error:
            # It stays where it is; those behind it must not wait for it.
            log.error("a dropped document can't be moved", extra={"kind": where(type(error), error.__traceback__)})
            continue
        return True
    return False


def prepare() -> None:
    """Make the drop folder and the two beside its files, readable by this account alone."""
    for path in (settings.DROP_FOLDER, settings.DROP_FOLDER / DONE, settings.DROP_FOLDER / REFUSED):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _ready(folder: Path, now: datetime) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith(_UNFINISHED):
            continue
        try:
            about = path.lstat()
        except FileNotFoundError:
            continue
        if not stat.S_ISDIR(about.st_mode) and now.timestamp() - about.st_mtime >= QUIET.total_seconds():
            yield path


def _take(folder: Path, path: Path) -> None:
    started = timezone.now()
    # Whoever may write into the folder may let others read: its source says how far.
    source = _source("folder", "Document folder", Tlp.AMBER, _DROPPED_FOR)
    try:
        body = _content(path)
        new, refused = _read(Brought(line(path.name, 200), body))
    except RefusedError as error:
        if not os.path.lexists(path):
            return  # gone meanwhile: nothing was refused
        _note(source, started, Health.BROKEN, error.message, 0)
        _move(path, folder / REFUSED, error.message)
        return
    row = storing.item_row(source, replace(new, key=hashlib.sha256(body).hexdigest()), timezone.now())
    # Stored first, moved then: killed in between, the file is read again and found to be stored.
    with transaction.atomic():
        fresh = storing.add_items(source, [row])
        words = " ".join(refused)[:300] if fresh else "This document was here already."
        _note(source, started, Health.FRESH, words, fresh)
    _move(path, folder / DONE)


def _content(path: Path) -> bytes:
    """The bytes of a plain file; a link could lead to anything on this machine."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        raise RefusedError(_("This is not a plain file, or it can't be opened. Put a copy of the file here.")) from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise RefusedError(_("This is not a plain file. Put a copy of the file here."))
        body = file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise RefusedError(_("The file is larger than %(mb)s MB. Split it.") % {"mb": LARGEST // 2**20})
    return body


def _move(path: Path, folder: Path, why: str = "") -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    stem, suffix = _short(path)
    goal, number = folder / f"{stem}{suffix}", 1
    while goal.exists():
        number += 1
        goal = folder / f"{stem}-{number}{suffix}"
    try:
        path.rename(goal)
    except FileNotFoundError:
        # Whoever dropped it took it back, or another process that had the lease meanwhile moved it.
        return
    if why:
        goal.with_name(f"{goal.name}.why.txt").write_text(f"{why}\n", encoding="utf-8")


def _short(path: Path) -> tuple[str, str]:
    """Stem and suffix of a file's name, cut so that more can be written behind them."""
    if len(os.fsencode(path.name)) <= LONGEST_NAME:
        return path.stem, path.suffix
    suffix = os.fsencode(path.suffix)[:LONGEST_SUFFIX].decode("utf-8", "ignore")
    return os.fsencode(path.stem)[: LONGEST_NAME - LONGEST_SUFFIX].decode("utf-8", "ignore") or "document", suffix


def _note(source: Source, at: datetime, health: Health, message: str, items: int) -> None:
    seconds = (timezone.now() - at).total_seconds()
    Fetch.objects.create(
        source=source, at=at, seconds=round(seconds, 3), outcome=health, items=items, message=message[:300]
    )
    changes = {"last_news_at": at} if items else {}
    Source.objects.filter(pk=source.pk).update(health=health, message=message[:300], last_fetch_at=at, **changes)


def _source(variant: str, name: str, tlp: str, readers: int) -> Source:
    source, _made = Source.objects.get_or_create(
        kind="documents",
        url="",
        variant=variant,
        defaults={
            "name": name,
            "tlp": tlp,
            "readers": readers,
            "reliability": "C",
            "expected_every": timedelta(days=30),
            "next_fetch_at": timezone.now(),
        },
    )
    return source
