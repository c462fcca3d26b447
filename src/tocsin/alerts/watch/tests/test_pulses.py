"""The pager's own heartbeat goes out and comes back over real servers on loopback."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import pytest_django
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tocsin.alerts import clock
from tocsin.alerts.channels import here
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.doors import mail_in
from tocsin.alerts.models import Attempt, Notice, Page, Pulse
from tocsin.alerts.sending import Sender
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.watch.pulses import Pulses, channel_of, is_late
from tocsin.alerts.watch.tests.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)


class PostOffice:
    """A mail server that hands over what is for ``pulse+…`` to the pager's own door, as a team's would."""

    lost = False

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        if not self.lost:
            content, sender, names = envelope.content, envelope.mail_from, tuple(envelope.rcpt_tos)
            carrier = threading.Thread(target=mail_in.take, args=(content, sender, names))
            carrier.start()
            carrier.join()
        return "250 OK"


@pytest.fixture
def post_office() -> Iterator[tuple[PostOffice, int]]:
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(office, hostname="127.0.0.1", port=port)
    server.start()
    yield office, port
    server.stop()


@contextmanager
def pager(paging: Settings, settings: pytest_django.Settings) -> Iterator[tuple[Pulses, Callable[[], None]]]:
    """The two parts that the heartbeat needs, with real channels."""
    before = here._made
    settings.PAGING = paging
    sender, pulses = Sender(here.channels()), Pulses(paging)

    def once() -> None:
        pulses.tick()
        sender.tick()

    yield pulses, once
    pulses.close()
    sender.close()
    here._made = before


def by_mail(port: int) -> Settings:
    values: dict[str, str | int | bool] = {
        "pulse_channel": "mail", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none",
        "mail_from": "pager@tocsin.example", "mail_reply": "answer@tocsin.example", "mail_in": "127.0.0.1:8525",
    }  # fmt: skip
    return Settings(values)


def came_back() -> bool:
    return Pulse.objects.filter(returned_at__isnull=False).exists()


def test_a_heartbeat_by_mail_comes_back_through_the_door_for_mail(
    post_office: tuple[PostOffice, int], settings: pytest_django.Settings
) -> None:
    with pager(by_mail(post_office[1]), settings) as (_pulses, once):
        assert is_late("mail", clock.now()), "before the first one nothing is known"
        until(came_back, once)
    assert not is_late("mail", clock.now())
    page = Pulse.objects.get().page
    assert page.notice.purpose == Notice.Purpose.PULSE
    assert page.notice.person is None


def test_one_heartbeat_leaves_in_five_minutes_whoever_asks(
    post_office: tuple[PostOffice, int], settings: pytest_django.Settings, time: Time
) -> None:
    with pager(by_mail(post_office[1]), settings) as (pulses, once):
        until(came_back, once)
        other = Pulses(settings.PAGING)
        for one in (pulses, other, pulses):
            one.tick()
        assert Pulse.objects.count() == 1
        time.passes(minutes=5, seconds=1)
        other.tick()
        pulses.tick()
        other.close()
    assert Pulse.objects.count() == 2


def test_a_heartbeat_that_does_not_come_back_within_two_minutes_is_late(
    post_office: tuple[PostOffice, int], settings: pytest_django.Settings, time: Time
) -> None:
    office, port = post_office
    with pager(by_mail(port), settings) as (_pulses, once):
        until(came_back, once)
        office.lost = True
        time.passes(minutes=6)
        until(lambda: Page.objects.filter(state=Page.State.SENT).count() == 2, once)
        assert not is_late("mail", clock.now()), "it may still come"
        time.passes(minutes=2, seconds=1)
        assert is_late("mail", clock.now())
        office.lost = False
        time.passes(minutes=4)
        until(lambda: Pulse.objects.filter(returned_at__isnull=False).count() == 2, once)
        assert not is_late("mail", clock.now())


def test_after_six_hours_asleep_one_heartbeat_leaves_and_the_old_ones_prove_nothing(
    post_office: tuple[PostOffice, int], settings: pytest_django.Settings, time: Time
) -> None:
    with pager(by_mail(post_office[1]), settings) as (_pulses, once):
        until(came_back, once)
        time.passes(hours=6)
        assert is_late("mail", clock.now())
        until(lambda: Pulse.objects.filter(returned_at__isnull=False).count() == 2, once)
        assert not is_late("mail", clock.now())
    assert Pulse.objects.count() == 2


def test_a_clock_set_back_by_an_hour_does_not_stop_the_heartbeat_for_an_hour(
    post_office: tuple[PostOffice, int], settings: pytest_django.Settings, time: Time
) -> None:
    time.passes(hours=1)
    with pager(by_mail(post_office[1]), settings) as (_pulses, once):
        until(came_back, once)
        time.passes(hours=-1)
        until(lambda: Pulse.objects.filter(returned_at__isnull=False).count() == 2, once)


class Topic(BaseHTTPRequestHandler):
    """As much of an ntfy server as a heartbeat needs: what is published is kept, and given to who polls."""

    kept: ClassVar[list[dict[str, object]]] = []

    def do_POST(self) -> None:  # the library's name
        note = json.loads(self.rfile.read(int(self.headers["content-length"])))
        told = {"id": f"m{len(self.kept)}", "event": "message", "topic": note["topic"]}
        self.kept.append(told)
        self._say(json.dumps(told))

    def do_GET(self) -> None:  # the library's name
        topic = self.path.split("/")[1]
        mine = [one for one in self.kept if one["topic"] == topic]
        self._say("\n".join(["no JSON", *(json.dumps(one) for one in mine)]))

    def log_message(self, *_said: object) -> None:
        pass

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def ntfy() -> Iterator[str]:
    Topic.kept.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Topic)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_heartbeat_by_ntfy_is_polled_back_from_a_topic_of_its_own(
    ntfy: str, settings: pytest_django.Settings
) -> None:
    with pager(Settings({"pulse_channel": "ntfy", "ntfy_url": ntfy}), settings) as (_pulses, once):
        until(came_back, once)
    assert Attempt.objects.get().outcome == Attempt.Outcome.TAKEN
    assert str(Topic.kept[0]["topic"]).startswith("pulse-")


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"pulse_channel": "mail", "smtp_host": "mail.example", "mail_from": "a@example.org"},
        {"pulse_channel": "ntfy"},
        {"pulse_channel": "signal", "signal_url": "http://127.0.0.1:8080", "signal_number": "+41446681800"},
    ],
)
def test_a_channel_that_can_bring_nothing_back_has_no_heartbeat(values: dict[str, str]) -> None:
    assert channel_of(Settings(values)) == ""
