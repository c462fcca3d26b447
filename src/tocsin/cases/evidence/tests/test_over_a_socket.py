"""The same over a real socket, with the server that is used in earnest."""

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
import uvicorn
from django.urls import reverse

from tocsin.cases.evidence.access import access_evidence, pieces
from tocsin.cases.evidence.tests.conftest import BOUNDARY, Visitor, application, form
from tocsin.cases.evidence.tests.test_uploading import _address, _on_disk
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
Enter = Callable[[Person], Visitor]


@pytest.fixture
def port() -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(application, log_config=None, access_log=False, lifespan="off", ws="none", http="h11")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()


def _begin(port: int, visitor: Visitor, address: str, length: int) -> http.client.HTTPConnection:
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.putrequest("POST", address, skip_accept_encoding=True)
    line.putheader("Cookie", "; ".join(f"{name}={one.value}" for name, one in visitor.client.cookies.items()))
    line.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    line.putheader("Content-Length", str(length))
    line.endheaders()
    return line


def test_a_large_file_comes_and_a_refused_one_gets_its_answer(
    enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path, port: int
) -> None:
    visitor, body = enter(alice), b"".join(form([b"x" * 8_000_000]))
    address = _address(visitor, case)
    for status in (302, 409):
        line = _begin(port, visitor, address, len(body))
        line.send(body)
        answer = line.getresponse()
        assert answer.status == status
        assert b"sent already" in answer.read() or status == 302
        line.close()
    (kept,) = pieces(access_evidence(opened(alice), case))
    assert kept.piece.file.size == 8_000_000
    assert len(_on_disk(vault)) == 1


def test_a_line_that_breaks_leaves_nothing(
    enter: Enter, opened: Open, alice: Person, case: UUID, vault: Path, port: int
) -> None:
    visitor, body = enter(alice), b"".join(form([b"x" * 4_000_000]))
    line = _begin(port, visitor, _address(visitor, case), len(body))
    line.send(body[:-1000])
    while not _on_disk(vault):
        time.sleep(0.01)
    line.close()
    while _on_disk(vault):
        time.sleep(0.01)
    assert pieces(access_evidence(opened(alice), case)) == []


def test_a_copy_streams_back_as_it_came(enter: Enter, alice: Person, case: UUID, port: int) -> None:
    visitor, content = enter(alice), bytes(range(256)) * 12_000
    body = b"".join(form([content], name="a.bin"))
    line = _begin(port, visitor, _address(visitor, case), len(body))
    line.send(body)
    place = line.getresponse().headers["Location"]
    line.close()
    path = reverse("cases:evidence:copy", args=[case, UUID(place.rstrip("/").rpartition("/")[2])])
    page = visitor.client.get(path).content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    words = f"what=original&why=For+the+file.&csrfmiddlewaretoken={token}"
    line = http.client.HTTPConnection("127.0.0.1", port)
    cookies = "; ".join(f"{name}={one.value}" for name, one in visitor.client.cookies.items())
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "gzip"}
    line.request("POST", path, words, headers)
    answer = line.getresponse()
    assert (answer.status, answer.headers["Content-Length"]) == (200, str(len(content)))
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.read() == content
    line.close()
