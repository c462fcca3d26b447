"""Signal messages fetched from a real HTTP service on a private socket: each counts once, and none is lost."""

import json
import socketserver
import threading
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from tocsin.alerts import answering
from tocsin.alerts.doors.receive import Receiver, read
from tocsin.alerts.doors.tests.conftest import PHONE, Call
from tocsin.alerts.models import Alert, Attempt, Page
from tocsin.alerts.secrets import number_of
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

STAMP = 1_700_000_000_000


class Service:
    """signal-cli's REST service: hands out what waits for it, once."""

    def __init__(self, socket: Path) -> None:
        self.waiting: deque[bytes] = deque()
        self.asked: list[str] = []
        self.status = 200
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                body = service.waiting.popleft() if service.waiting else b"[]"
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def address_string(self) -> str:
                return "socket"

            def log_message(self, *words: object) -> None:
                pass

        class Server(socketserver.ThreadingUnixStreamServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Who asked went away in the middle, as some tests mean them to."""

        self._server = Server(str(socket), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def brings(self, *envelopes: dict[str, Any]) -> None:
        self.waiting.append(json.dumps([{"envelope": one, "account": "+41440000000"} for one in envelopes]).encode())

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    opened = Service(tmp_path / "s")
    yield opened
    opened.close()


@pytest.fixture
def receiver(service: Service, tmp_path: Path) -> Iterator[Receiver]:
    made = Receiver("http://localhost", "+41440000000", str(tmp_path / "s"))
    yield made
    made.close()


def message(text: object, at: int = STAMP, sender: str = PHONE, **more: object) -> dict[str, Any]:
    return {"sourceNumber": sender, "source": sender, "timestamp": at, "dataMessage": {"message": text, **more}}


def words(page: Page) -> str:
    return f"{page.code} {number_of(page.public_id)}"


def is_open() -> bool:
    return Alert.objects.get().state == Alert.State.OPEN


def test_code_and_number_answer(service: Service, receiver: Receiver, paged: Call, bob: Person) -> None:
    service.brings(message(words(paged("signal"))))
    assert receiver.step()
    assert Alert.objects.get().answered_by == bob
    assert service.asked[0].startswith("/v1/receive/%2B41440000000?")
    assert not receiver.step()


def test_the_account_id_names_the_sender_as_well(
    service: Service, receiver: Receiver, paged: Call, bob: Person
) -> None:
    page = paged("signal")
    account = "2b9c9c3a-0000-4000-8000-000000000000"
    assert page.address is not None
    page.address.value = account
    page.address.save()
    service.brings(message(words(page), sender="+41440000009") | {"sourceUuid": account})
    receiver.step()
    assert Alert.objects.get().answered_by == bob


def test_strangers_groups_and_what_was_heard_before_count_as_nothing(
    service: Service, receiver: Receiver, paged: Call
) -> None:
    page = paged("signal")
    service.brings(
        message(words(page), sender="+41446681801"),
        message(words(page), groupInfo={"groupId": "x"}),
        message(f"{number_of(page.public_id)} pass", at=STAMP + 1),
        message(words(page), at=STAMP + 1),
    )
    receiver.step()
    assert is_open()


def test_a_receipt_says_that_a_device_has_it(service: Service, receiver: Receiver, paged: Call) -> None:
    page = paged("signal")
    Attempt.objects.filter(page=page).update(provider_id=str(STAMP))
    receipt = {"when": STAMP + 5, "isDelivery": True, "timestamps": [STAMP, 1, "x", True]}
    foreign = {"sourceNumber": "+41446681801", "timestamp": STAMP + 5, "receiptMessage": receipt}
    service.brings(foreign)
    receiver.step()
    page.refresh_from_db()
    assert page.delivered_at is None
    service.brings({**foreign, "sourceNumber": PHONE})
    receiver.step()
    page.refresh_from_db()
    assert page.delivered_at is not None


def test_what_was_fetched_waits_for_the_database(
    service: Service, receiver: Receiver, paged: Call, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_given: object) -> None:
        raise OperationalError("the database is locked")

    service.brings(message(words(paged("signal"))))
    with monkeypatch.context() as broken:
        broken.setattr(answering, "by_message", down)
        broken.setattr("tocsin.alerts.doors.receive.connection.close", lambda: None)
        assert not receiver.step()
        assert not receiver.step()
    assert receiver.step()
    assert Alert.objects.get().answered_by == bob
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[1, null, [], {}]",
        b"[" * 100_000,
        b'[{"envelope": {"sourceNumber": 1, "timestamp": "x"}}]',
        b'[{"envelope": {"sourceNumber": "+41446681800", "timestamp": 1, "dataMessage": {"message": {"a": 1}}}}]',
        b'[{"envelope": {"sourceNumber": "+41446681800", "timestamp": 9007199254740993, "receiptMessage": "x"}}]',
        b'[{"envelope": {"sourceNumber": "+41446681800", "timestamp": -1}}]',
        b"x" * 3_000_000,
    ],
)
def test_ugly_answers_are_borne(service: Service, receiver: Receiver, paged: Call, body: bytes) -> None:
    paged("signal")
    service.waiting.append(body)
    receiver.step()
    assert is_open()


def test_a_service_that_fails_or_is_away_stops_nothing(service: Service, receiver: Receiver, tmp_path: Path) -> None:
    service.status = 500
    assert not receiver.step()
    away = Receiver("http://localhost", "+41440000000", str(tmp_path / "nothing"))
    assert not away.step()
    away.close()


def test_a_text_is_cut_before_it_is_looked_at() -> None:
    (found,) = read(json.dumps([{"envelope": message("x" * 10_000)}]).encode())
    assert len(found.text) == 200
