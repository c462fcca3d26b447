import asyncio
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.test import Client

from tocsin.config import bodies
from tocsin.config.api_errors import FILE_BYTES
from tocsin.config.asgi import application
from tocsin.people.actions import deactivate, issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right

PIECE = 64_000
UPLOAD, FILE = "/sources/documents/upload/", "/api/documents/file"


class Sender:
    """Somebody who sends pieces of a body for as long as they are asked for."""

    def __init__(self, pieces: int, **headers: str) -> None:
        self.left = pieces
        self.headers = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.said: list[Mapping[str, Any]] = []
        self.taken = 0

    async def receive(self) -> Mapping[str, Any]:
        if not self.left:
            await asyncio.Event().wait()
        self.left -= 1
        self.taken += PIECE
        return {"type": "http.request", "body": b"x" * PIECE, "more_body": self.left > 0}

    async def send(self, message: Mapping[str, Any]) -> None:
        self.said.append(message)

    def post(self, path: str) -> int:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/octet-stream"), *self.headers],
            "client": ("192.0.2.7", 5000),
            "server": ("localhost", 8500),
        }
        # In a thread of its own: a browser's loop may be running in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(asyncio.run, application(scope, self.receive, self.send)).result()
        return int(self.said[0]["status"])


@pytest.fixture(autouse=True)
def no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every temporary file on the disk a failure."""

    def rolled(spooled: Any) -> None:
        raise AssertionError("a body went to the disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rolled)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/api/assessments", 256_000), ("/account/login/", 5_000_000), (UPLOAD, 5_000_000)],
)
def test_a_stated_length_that_is_too_large_is_refused_unread(path: str, most: int) -> None:
    sender = Sender(10_000, content_length=str(most + 1))
    assert sender.post(path) == 413
    assert sender.taken == 0


@pytest.mark.parametrize(
    ("path", "most"), [("/api/assessments", 256_000), ("/nowhere", 5_000_000), (UPLOAD, 5_000_000)]
)
def test_a_body_without_a_length_is_counted_and_left_unread_at_the_limit(path: str, most: int) -> None:
    sender = Sender(10_000, transfer_encoding="chunked")
    assert sender.post(path) == 413
    assert most < sender.taken <= most + PIECE
    assert (b"connection", b"close") in sender.said[0]["headers"]


def test_more_than_the_stated_length_is_not_taken_either() -> None:
    assert Sender(10_000, content_length="10").post("/nowhere") == 413


def test_the_api_refuses_in_its_own_shape() -> None:
    sender = Sender(10_000, content_length="300000")
    sender.post("/api/assessments")
    assert b'"detail"' in sender.said[1]["body"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("cookie", ["session=made-up", "session=", "other=1", "session=a; session=b", "\xff=;;"])
def test_a_cookie_that_is_nobodys_session_gets_no_allowance(cookie: str) -> None:
    assert Sender(10_000, content_length="6000000", cookie=cookie).post(UPLOAD) == 413


@pytest.mark.django_db(transaction=True)
def test_somebody_who_is_signed_in_may_upload_more_and_only_there(
    alice: Person, browse: Callable[[Person], Client]
) -> None:
    cookie = f"session={browse(alice).cookies['session'].value}"
    length = 100 * PIECE
    assert Sender(100, content_length=str(length), cookie=cookie).post(UPLOAD) != 413
    assert Sender(100, content_length=str(length), cookie=cookie).post("/sources/import/") == 413
    sent = Sender(10_000, content_length=str(bodies.UPLOAD_BYTES + 1), cookie=cookie)
    assert sent.post(UPLOAD) == 413
    assert sent.taken == 0


@pytest.mark.django_db(transaction=True)
def test_a_program_that_may_bring_documents_may_send_a_file_and_only_there(alice: Person) -> None:
    bearer = f"Bearer {issue_token(alice, 'documents', [Right.SOURCES], 30)}"
    length = 400 * PIECE
    assert length < FILE_BYTES
    assert Sender(400, content_length=str(length), authorization=bearer).post(FILE) == 422  # it has no name
    assert Sender(400, content_length=str(length), authorization=bearer).post("/api/documents") == 413
    sent = Sender(10_000, content_length=str(FILE_BYTES + 1), authorization=bearer)
    assert sent.post(FILE) == 413
    assert sent.taken == 0


@pytest.mark.django_db(transaction=True)
def test_a_calendar_may_come_as_it_is_from_who_may_state_what_we_need_and_no_larger(alice: Person) -> None:
    path, length = "/api/occasions/file", 20 * PIECE
    for right, status in ((Right.REQUIRE, 422), (Right.SOURCES, 413)):  # 422: it says no country
        bearer = f"Bearer {issue_token(alice, 'a program', [right], 30)}"
        assert Sender(20, content_length=str(length), authorization=bearer).post(path) == status
        assert Sender(400, content_length=str(400 * PIECE), authorization=bearer).post(path) == 413


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["nobody", "made up", "another right", "no more a member"])
def test_any_other_token_gets_no_allowance(alice: Person, bob: Person, who: str) -> None:
    bearer = f"Bearer {issue_token(bob, 'a program', [Right.READ if who == 'another right' else Right.SOURCES], 30)}"
    if who == "no more a member":
        deactivate(alice, bob)
    headers = {} if who == "nobody" else {"authorization": "Bearer tocsin_x" if who == "made up" else bearer}
    sent = Sender(10_000, content_length="6000000", **headers)
    assert sent.post(FILE) == 413
    assert sent.taken == 0


@pytest.mark.django_db(transaction=True)
def test_an_ordinary_body_passes() -> None:
    assert Sender(3, content_length=str(3 * PIECE)).post("/account/login/") in {400, 403, 415}
