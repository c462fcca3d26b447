"""A case with evidence, and the console as it is served: with the layer that reads files before the framework."""

import asyncio
import base64
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as house
from django.db import connections
from django.test import Client
from django.utils.module_loading import import_string

from tocsin.cases import actions as casework
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.happened import Happened
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.lib.tests import loops
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

# The console as it is served, layers before the framework included.
application = import_string(house.ASGI_APPLICATION)
BOUNDARY = "----tocsin-test"
WORDS = {"description": "A man is led away by two others.", "source": "Her sister, by Signal", "harm": "plain"}


@dataclass(slots=True)
class Answer:
    """What came back."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(slots=True)
class Visitor:
    """Somebody signed in, with their vault open, who meets the console as it is served."""

    client: Client

    def post(self, path: str, pieces: Iterable[bytes], boundary: str = BOUNDARY, cut: bool = False) -> Answer:
        """Send a body piece by piece; ``cut``: the line breaks after the last."""
        cookies = "; ".join(f"{name}={one.value}" for name, one in self.client.cookies.items())
        headers = [
            (b"host", b"localhost"),
            (b"cookie", cookies.encode()),
            (b"content-type", f"multipart/form-data; boundary={boundary}".encode()),
        ]
        parts = urlsplit(path)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": headers,
            "server": ("localhost", 80),
            "client": ("127.0.0.1", 1),
        }
        return loops.run(_spoken(scope, iter(pieces), cut))


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


async def _spoken(scope: dict[str, Any], pieces: Iterator[bytes], cut: bool) -> Answer:
    answer, ended = Answer(), False

    async def receive() -> dict[str, Any]:
        nonlocal ended
        if ended:
            await asyncio.Event().wait()
        # Whoever makes the pieces looks around meanwhile, and asks the database.
        piece = await sync_to_async(_next)(pieces)
        ended = piece is None
        if piece is None and cut:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece or b"", "more_body": not ended}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            answer.body += message.get("body", b"")

    await application(scope, receive, send)
    await sync_to_async(connections.close_all)()
    return answer


def form(file: Iterable[bytes], name: str = "IMG_1.jpg", words: dict[str, str] | None = None) -> Iterator[bytes]:
    """A form with words and one file, as a browser sends it."""
    for key, value in (WORDS if words is None else words).items():
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    yield f"{head}Content-Type: image/jpeg\r\n\r\n".encode()
    yield from file
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def vault(tmp_path: Path, settings: Any) -> Path:
    """Where sealed files go in this test."""
    settings.SEALED_FILES = tmp_path / "vault"
    return tmp_path / "vault"


@pytest.fixture
def case(opened: Open, alice: Person, vault: Path) -> UUID:
    """A case of Alice's."""
    about = About(line="Somebody was taken", urgent="days", retention="usual")
    happened = Happened(what="Two men asked at her door.", source="person", certain="likely")
    return casework.found(alice, opened(alice), about, happened)


@pytest.fixture
def enter(browse: Callable[[Person], Client], opened: Open, settings: Any) -> Callable[[Person], Visitor]:
    """Somebody in the console, their vault open."""

    def as_person(person: Person) -> Visitor:
        client = browse(person)
        cookie = opened(person)._cookie
        client.cookies[settings.VAULT_COOKIE] = base64.urlsafe_b64encode(cookie).decode()
        return Visitor(client)

    return as_person
