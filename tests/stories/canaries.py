"""Strings that stand nowhere but in what is sealed, and everything that could give one away."""

import base64
import gzip
import io
import logging
import re
import secrets
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from ahocorasick_rs import BytesAhoCorasick
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.test import Client
from pypdfium2 import PdfDocument, PdfiumError

from tocsin.lib.tests.disk import content_of, database_files

# Links that narrow or order a list lead to no other words than the list itself; those would be very many.
_LINK = re.compile(rb"""(?:href|src|action|hx-get)="(/[^"#?]*)["#]""")
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_ENOUGH = 600  # pages; far more than the house has
_PACKED = (b"PK\x03\x04", b"%PDF-")


def canary() -> str:
    """Two words that mean nothing, in capitals and small letters as names have them; nothing marks them as planted."""

    def word() -> str:
        return "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(5))

    return f"{word().capitalize()} {word().capitalize()}"


@dataclass
class Canaries:
    """What was planted, and the forms in which it could come out."""

    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, where: str) -> str:
        """A new one, remembered by where it was put."""
        self.planted[where] = canary()
        return self.planted[where]

    def forms(self) -> dict[bytes, str]:
        """Bytes to look for, with where they were planted: each of the words by itself too, however it is coded."""
        found: dict[bytes, str] = {}
        for where, text in self.planted.items():
            for part in (text, *text.split()):
                for one in _coded(part):
                    found[one] = where
        return found

    def finder(self) -> Callable[[bytes], set[str]]:
        """Says of some bytes where the canaries in them were planted; every form is looked for in one pass."""
        forms = self.forms()
        names, every = list(forms.values()), BytesAhoCorasick(list(forms))

        def within(raw: bytes) -> set[str]:
            return {names[hit] for hit, *_at in every.find_matches_as_indexes(raw.lower(), overlapping=True)}

        return within

    def within(self, raw: bytes) -> set[str]:
        """Where the canaries in some bytes were planted."""
        return self.finder()(raw)


def _coded(text: str) -> Iterator[bytes]:
    raw = text.encode()
    for one in (raw, text.encode("utf-16-le"), raw.hex().encode(), text.replace(" ", "%20").encode()):
        yield one.lower()
    for shift in range(3):
        # What stands before it moves the letters of base64; the outer ones hold a part of the neighbours.
        whole = base64.b64encode(b"\0" * shift + raw)
        yield whole[(shift * 4 + 2) // 3 + 1 : -4].lower()


def walk(client: Client, starts: Iterable[str] = ("/",), without: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Everything that a reader comes to by following links, headers included, from these addresses on.

    Addresses that begin as one of ``without`` are passed over.
    """
    waiting, seen = list(starts), dict[str, bytes]()
    passed = ("/static/", "/account/logout", *without)
    while waiting and len(seen) < _ENOUGH:
        address = waiting.pop()
        if address in seen or urlsplit(address).path.startswith(passed):
            continue
        answer = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        seen[address] = "\n".join(f"{name}: {value}" for name, value in answer.headers.items()).encode() + body
        if where := answer.headers.get("Location"):
            waiting.append(urljoin(address, where))
        waiting += [link.decode().replace("&amp;", "&") for link in _LINK.findall(body)]
    return seen


def opened(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Some bytes, and what is in them when they are compressed, or a file of a word processor, or a PDF."""
    yield name, raw
    try:
        if raw[:2] == b"\x1f\x8b":
            yield f"{name} (opened)", gzip.decompress(raw)
        elif raw[:1] == b"\x78":
            yield f"{name} (inflated)", zlib.decompress(raw)
        elif raw[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(raw)) as packed:
                yield from [(f"{name} ({one})", packed.read(one)) for one in packed.namelist()]
        elif raw[:5] == b"%PDF-":
            with PdfDocument(raw) as pdf:
                said = [page.get_textpage().get_text_bounded() for page in pdf]
                yield f"{name} (as it is read)", "\n".join([*said, str(pdf.get_metadata_dict())]).encode()
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, PdfiumError):
        # It only looked like one.
        return


def rows() -> Iterator[tuple[str, bytes]]:
    """Every value of every row of every table, as bytes."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values_list():
            for value in row:
                if isinstance(value, memoryview | bytes):
                    yield from opened(model._meta.db_table, bytes(value))
                elif value is not None:
                    yield model._meta.db_table, str(value).encode()


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, and what is in it when it is compressed."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield from opened(str(path.relative_to(folder)), content_of(path))


def letters() -> Iterator[tuple[str, bytes]]:
    """Every mail that was sent."""
    for one in getattr(mail, "outbox", []):
        yield f"mail to {one.to}", one.message().as_bytes()


def lines(records: Iterable[logging.LogRecord]) -> Iterator[tuple[str, bytes]]:
    """Every line that was logged, with its facts."""
    for record in records:
        yield f"log of {record.name}", f"{record.getMessage()} {record.__dict__}".encode()


Place = tuple[str, bytes]


def leaks(canaries: Canaries, places: Iterable[Place]) -> list[str]:
    """Each place that holds a canary, and which."""
    within = canaries.finder()
    return sorted({f"{name}: {where}" for name, raw in places for where in within(raw)})


def everything_stored(records: Iterable[logging.LogRecord], *more: Callable[[], Iterator[Place]]) -> Iterator[Place]:
    """All that lies anywhere: rows, files of the database and of the home, mails, log lines."""
    yield from rows()
    yield from database_files().items()
    yield from files(settings.HOME)
    yield from letters()
    yield from lines(records)
    for one in more:
        yield from one()


def pages(readers: Mapping[str, Client], starts: Iterable[str], without: tuple[str, ...] = ()) -> Iterator[Place]:
    """All that each of these readers comes to."""
    for name, client in readers.items():
        for address, body in walk(client, starts, without).items():
            yield f"{name} at {address}", body
            # A file that was handed out stands behind its headers.
            yield from (one for begin in _PACKED if (at := body.find(begin)) > 0 for one in opened(address, body[at:]))
