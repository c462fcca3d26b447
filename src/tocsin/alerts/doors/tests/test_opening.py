"""The doors that the pager keeps open itself: each by itself, and none that holds up the others."""

import smtplib
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tocsin.alerts.channels.base import Settings
from tocsin.alerts.doors.opening import open_doors
from tocsin.alerts.doors.tests.conftest import Call
from tocsin.alerts.doors.tests.test_receive import Service, message, words
from tocsin.alerts.models import Alert
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        return int(found.getsockname()[1])


def until(true: Callable[[], bool]) -> None:
    """Look until it is so; a test that waits for ever is a test that fails."""
    while not true():
        pass


def test_what_is_not_set_up_stays_shut() -> None:
    for values in ({}, {"signal_url": "http://signal.example.org:8080", "signal_number": "+41440000000"}):
        with open_doors(Settings(values)) as parts:
            assert parts == []


def test_mail_is_taken_while_the_block_runs_and_not_after() -> None:
    port = free_port()
    with open_doors(Settings({"mail_in": f"127.0.0.1:{port}"})) as (part,):
        part.do()
        part.do()
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as line:
            assert line.ehlo()[0] == 250
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 20)


def test_a_port_that_is_taken_is_tried_again() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = int(other.getsockname()[1])
        with open_doors(Settings({"mail_in": f"127.0.0.1:{port}"})) as (part,):
            with pytest.raises(OSError, match="address"):
                part.do()
            other.close()
            part.do()
            with smtplib.SMTP("127.0.0.1", port, timeout=20) as line:
                assert line.ehlo()[0] == 250


def test_signal_is_polled_beside_the_pager(tmp_path: Path, paged: Call, bob: Person) -> None:
    service = Service(tmp_path / "s")
    service.brings(message(words(paged("signal"))))
    values = {"signal_url": f"unix:{tmp_path / 's'}", "signal_number": "+41440000000"}
    try:
        with open_doors(Settings(values)) as (part,):
            part.do()
            until(lambda: Alert.objects.get().answered_by == bob)
    finally:
        service.close()
