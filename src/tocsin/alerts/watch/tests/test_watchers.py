"""Watchers outside hear once a minute from a pager that could deliver, and nothing from one that could not."""

import threading
import time as real
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import pytest_django

from tocsin.alerts import clock
from tocsin.alerts.actions import New, accept, resolve
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.models import Alert, Escalation, Lane, Notice, Page, Policy, Pulse, Severity, Watcher
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.alerts.watch import able, clocks
from tocsin.alerts.watch.able import Unable
from tocsin.alerts.watch.tests.conftest import until
from tocsin.alerts.watch.watchers import Watchers, same_host
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


class Outside(BaseHTTPRequestHandler):
    """Both watchers on one loopback server, by path; ``says`` is what each answers."""

    heard: ClassVar[list[str]] = []
    says: ClassVar[dict[str, int]] = {}

    def do_GET(self) -> None:  # the library's name
        self.heard.append(self.path)
        self.send_response(self.says.get(self.path, 200))
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        pass


@pytest.fixture
def outside() -> Iterator[Settings]:
    Outside.heard.clear()
    Outside.says.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    port = server.server_address[1]
    urls = {"watch_url_1": f"http://127.0.0.1:{port}/one", "watch_url_2": f"http://127.0.0.1:{port}/two"}
    yield Settings({"inside_hosts": f"127.0.0.1:{port}"}, urls)
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def watchers(outside: Settings, drums: Drums) -> Iterator[Watchers]:
    made = Watchers(outside, lambda: able.why_not(outside, ""))
    yield made
    made.close()


def both_told(watchers: Watchers) -> None:
    until(lambda: Watcher.objects.filter(told_at__isnull=False).count() == 2, watchers.tick)


def both_called(watchers: Watchers) -> None:
    wanted = len(Outside.heard) + 2
    until(lambda: len(Outside.heard) >= wanted and not watchers._under_way, watchers.tick)


def test_both_are_told_once_a_minute(watchers: Watchers, time: Time) -> None:
    both_told(watchers)
    for _ in range(3):
        watchers.tick()
    assert sorted(Outside.heard) == ["/one", "/two"]
    time.passes(seconds=61)
    until(lambda: len(Outside.heard) == 4, watchers.tick)


def test_of_two_pagers_one_calls(watchers: Watchers, outside: Settings) -> None:
    both_told(watchers)
    other = Watchers(outside, lambda: None)
    other.tick()
    other.close()
    assert len(Outside.heard) == 2


def test_nothing_is_told_while_something_is_overdue(watchers: Watchers, policy: Policy, time: Time) -> None:
    accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x"))
    time.passes(seconds=61)
    watchers.tick()
    assert Outside.heard == []
    assert able.why_not(Settings(), "") is Unable.OVERDUE
    Escalation.objects.update(due_at=None)
    both_told(watchers)


def test_nothing_is_told_while_the_heartbeat_does_not_come_back(outside: Settings, drums: Drums, time: Time) -> None:
    paging = Settings({"pulse_channel": "ntfy", "ntfy_url": "https://ntfy.example", **outside.values}, outside.secrets)
    assert able.why_not(paging, "") is Unable.UNHEARD
    now = clock.now()
    notice = Notice.objects.create(purpose=Notice.Purpose.PULSE, lane=Lane.WAKE, made_at=now, leaves_at=now)
    page = Page.objects.create(public_id="p", notice=notice, channel="ntfy", token_hash="h", due_at=now)
    Pulse.objects.create(page=page, channel="ntfy", sent_at=now, returned_at=now)
    assert able.why_not(paging, "") is None
    assert able.why_not(paging, "send") is Unable.FAILING


def test_nothing_is_told_while_the_clocks_differ(drums: Drums, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clocks.apart() < clocks.MOST_SECONDS
    assert clocks.apart(lambda: real.time() + 3) == pytest.approx(3, abs=0.5)
    assert clocks.apart(lambda: real.time() - 3) == pytest.approx(3, abs=0.5)
    monkeypatch.setattr(clocks, "apart", lambda: 3.0)
    assert able.why_not(Settings(), "") is Unable.CLOCK


def test_nothing_is_told_while_no_channel_is_set_up(settings: pytest_django.Settings) -> None:
    settings.PAGING = Settings()
    assert able.why_not(Settings(), "") is Unable.NO_CHANNEL


def test_a_watcher_that_fails_is_seen_and_told_to_leads_by_day_once(
    watchers: Watchers, policy: Policy, alice: Person, time: Time
) -> None:
    Outside.says["/two"] = 500
    until(lambda: Watcher.objects.filter(number=2, failed_at__isnull=False).exists(), watchers.tick)
    assert Watcher.objects.get(number=1).failed_at is None
    for minute in range(6):
        time.passes(seconds=61)
        both_called(watchers)
        Escalation.objects.update(due_at=None)  # as if it were called
        if minute == 0:
            assert not Alert.objects.exists(), "one call that fails is bad luck"
    alert = Alert.objects.get()
    assert (alert.kind, alert.lane, alert.policy.public_id) == ("pager", Lane.QUIET, "leads")
    resolve(alert, alice, Alert.Outcome.TRUE)
    time.passes(seconds=61)
    both_called(watchers)
    assert Alert.objects.count() == 1
    Outside.says.clear()
    time.passes(seconds=61)
    until(lambda: Watcher.objects.filter(failed_at=None).count() == 2, watchers.tick)


def test_a_watcher_that_is_named_no_more_is_forgotten(watchers: Watchers) -> None:
    both_told(watchers)
    none = Watchers(Settings(), lambda: None)
    none.tick()
    none.close()
    assert not Watcher.objects.exists()


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("https://a.example/1", "https://a.example/2", True),
        ("https://a.example/1", "https://b.example/1", False),
        ("https://a.example/1", "", False),
    ],
)
def test_two_watchers_on_one_host_are_noticed(one: str, two: str, same: bool) -> None:
    assert same_host(Settings({}, {"watch_url_1": one, "watch_url_2": two})) is same
