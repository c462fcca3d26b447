"""Every hour one hash of every log leaves for two witnesses, and what they hold shows whether a log was rewritten."""

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.utils import timezone

from tocsin.alerts.channels.base import Settings
from tocsin.audit import work as audit
from tocsin.audit.models import Seal
from tocsin.keys import safes, witnessing
from tocsin.keys.models import DirectoryEntry, Link, LogLine, Root, Row
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.lib import claims
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address() -> Iterator[tuple[str, list[bytes]]]:
    got: list[bytes] = []

    class Taking(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/roots", got
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    claims.let_go()


def _line() -> str:
    while audit.step():
        pass
    return witnessing.line_of(witnessing.take(timezone.now()))


@pytest.fixture
def safe(opened: Open, alice: Person) -> UUID:
    made = safes.found(opened(alice), "case", ["account"], "owner").id
    OpenSafe(opened(alice), made).log("opened")
    return made


def test_a_line_has_one_size_and_goes_out_whether_or_not_anything_happened(
    address: tuple[str, list[bytes]], settings: Any, opened: Open, alice: Person
) -> None:
    where, got = address
    inside = where.split("/")[2]
    settings.CONFIGURATION = replace(settings.CONFIGURATION, witness_url=where, inside_hosts=inside)
    for round_ in range(3):
        if round_ == 2:
            safes.found(opened(alice), "case", ["account"], "owner")
        witnessing.step()
        witnessing.step()
        Root.objects.update(at=timezone.now() - timedelta(hours=1 + round_))
    assert len(got) == 3
    assert len({len(one) for one in got}) == 1
    assert len(set(got)) == 3
    assert witnessing.heard() is not None


def test_a_witness_that_does_not_answer_is_asked_again(settings: Any, address: tuple[str, list[bytes]]) -> None:
    where, got = address
    inside = where.split("/")[2]
    settings.CONFIGURATION = replace(settings.CONFIGURATION, witness_url="http://127.0.0.1:9/", inside_hosts=inside)
    witnessing.step()
    assert witnessing.heard() is None
    settings.CONFIGURATION = replace(settings.CONFIGURATION, witness_url=where)
    witnessing.step()
    assert len(got) == 1


class _Post:
    """A mail server's handler that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def mailbox(settings: Any) -> Iterator[_Post]:
    """A real mail server on loopback, and a witness behind it."""
    post = _Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(post, hostname="127.0.0.1", port=port)
    server.start()
    values = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "pager@a.example"}
    settings.PAGING = Settings({**settings.PAGING.values, **values}, {}, "http://localhost", "Tocsin")
    settings.CONFIGURATION = replace(settings.CONFIGURATION, witness_mail="witness@b.example")
    yield post
    server.stop()


def test_a_witness_with_a_mailbox_gets_a_line_that_can_be_checked_later(mailbox: _Post, safe: UUID) -> None:
    witnessing.step()
    witnessing.step()
    ((sender, to, letter),) = mailbox.taken
    assert (sender, to) == ("pager@a.example", ["witness@b.example"])
    assert ("Auto-Submitted: auto-generated" in letter, safe.hex in letter) == (True, False)
    found = witnessing.verify(letter.splitlines())
    assert (found.wrong, found.lines) == ((), 1)
    assert witnessing.heard() is not None


def test_a_mailbox_that_does_not_answer_is_tried_again(mailbox: _Post, settings: Any) -> None:
    there = settings.PAGING
    settings.PAGING = Settings({**there.values, "smtp_port": 9}, {}, "http://localhost", "Tocsin")
    witnessing.step()
    assert (mailbox.taken, witnessing.heard()) == ([], None)
    settings.PAGING = there
    witnessing.step()
    assert len(mailbox.taken) == 1


def test_logs_that_only_grew_agree_up_to_the_newest_line(safe: UUID, opened: Open, alice: Person) -> None:
    first = _line()
    OpenSafe(opened(alice), safe).log("opened")
    Root.objects.update(at=timezone.now() - timedelta(hours=1))
    # Moved in time, the first no longer fits what it said; so it is told to be what it is.
    found = witnessing.verify([first])
    assert found.agrees_to is None
    assert found.wrong


def test_what_a_witness_holds_agrees(safe: UUID, opened: Open, alice: Person) -> None:
    lines = [_line()]
    OpenSafe(opened(alice), safe).log("opened")
    lines.append(_line())
    found = witnessing.verify(["Subject: Checkpoint", "", *lines])
    assert (found.wrong, found.lines) == ((), 2)
    assert found.agrees_to == Root.objects.order_by("-pk")[0].at


def _record() -> None:
    """As somebody who owns the database, and so can lift what protects it."""
    last = Seal.objects.order_by("-sequence")[0]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_seal DISABLE TRIGGER USER")
            Seal.objects.filter(pk=last.pk).update(digest="0" * 64)
            cursor.execute("ALTER TABLE audit_seal ENABLE TRIGGER USER")
            return
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_seal_unchanged'")
        (before,) = cursor.fetchone()
        cursor.execute("DROP TRIGGER audit_seal_unchanged")
        Seal.objects.filter(pk=last.pk).update(digest="0" * 64)
        cursor.execute(before)


def _directory() -> None:
    DirectoryEntry.objects.order_by("-number")[0].delete()


def _log() -> None:
    LogLine.objects.order_by("-number")[0].delete()


def _head() -> None:
    link = Link.objects.order_by("-version")[0]
    Link.objects.filter(pk=link.pk).update(signature=bytes(64))


def _checkpoint() -> None:
    Root.objects.all().delete()


@pytest.mark.parametrize("rewrite", [_record, _directory, _log, _head, _checkpoint])
def test_every_log_that_is_rewritten_shows(safe: UUID, rewrite: Callable[[], None]) -> None:
    line = _line()
    assert witnessing.verify([line]).wrong == ()
    rewrite()
    assert witnessing.verify([line]).wrong != ()


def test_a_line_that_this_server_did_not_sign_is_named(safe: UUID) -> None:
    words = _line().split()
    forged = " ".join([*words[:3], "00" * 64])
    assert "not signed" in witnessing.verify([forged]).wrong[0]


def test_a_line_tells_nothing_without_this_servers_secret(safe: UUID, settings: Any) -> None:
    """The same state under another secret gives another hash: nobody can try counts against it."""
    first = _line().split()[2]
    root = Root.objects.get()
    settings.SECRET_KEY = "another " * 8
    assert witnessing._root(root) != first
    assert Row.objects.count() == 0
