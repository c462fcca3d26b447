"""A collector that is killed loses nothing and doubles nothing."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tocsin.lib.http import Client, Politeness
from tocsin.streams import collecting, storing, work
from tocsin.streams import collector as collecting_side
from tocsin.streams.collector import Collector
from tocsin.streams.models import Collector as CollectorRow
from tocsin.streams.models import Fetch, Item, Source
from tocsin.streams.sources.base import Batch, NewItem
from tocsin.streams.tests.feed_texts import rss

FEEDS, ENTRIES = 9, 30


class Kiosk(ThreadingHTTPServer):
    """Serves feeds; from the request that it was told to wait at, it hangs in the middle of the answer."""

    daemon_threads = True

    def __init__(self, hang_at: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = 0
        self.hang_at = hang_at
        self.counting = threading.Lock()
        self.hanging = threading.Event()
        self.released = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: Kiosk

    def do_GET(self) -> None:
        with self.server.counting:
            self.server.asked += 1
            hangs = self.server.asked >= self.server.hang_at and not self.server.released.is_set()
        entries = [(f"https://n.example{self.path}/{n}", f"Title {n}", "Text. " * 50) for n in range(ENTRIES)]
        body = rss(*entries)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:1000])
        if hangs:
            self.server.hanging.set()
            self.server.released.wait()
        with suppress(OSError):  # whoever asked may be dead
            self.wfile.write(body[1000:])

    def log_message(self, *args: Any) -> None:
        """Tests are quiet."""


@contextmanager
def kiosk(hang_at: int) -> Iterator[Kiosk]:
    server = Kiosk(hang_at)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def add_feeds(server: Kiosk) -> None:
    host = f"127.0.0.1:{server.server_address[1]}"
    for number in range(FEEDS):
        Source.objects.create(
            name=f"Feed {number}",
            kind="feeds",
            url=f"http://{host}/{number}",
            expected_every=timedelta(days=1),
            allow_private=host,
            next_fetch_at=timezone.now() - timedelta(seconds=1),
        )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second between two requests to one host."""
    client = Client("Tocsin test", politeness=Politeness(timedelta(0)))
    monkeypatch.setattr(collecting, "client", lambda: client)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("hang_at", [1, 5])
def test_kill_9_in_the_middle_of_a_fetch(impatient: None, hang_at: int) -> None:
    with kiosk(hang_at) as server:
        add_feeds(server)
        own = {"DJANGO_SETTINGS_MODULE": "tocsin.config.test_settings", "TOCSIN_HOME": str(settings.HOME)}
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin.streams.tests.collector_process", str(connection.settings_dict["NAME"])],
            env={**os.environ, **own},
        )
        try:
            assert server.hanging.wait(60)
        finally:
            process.kill()
            process.wait()
        server.released.set()
        claimed = Source.objects.filter(claimed_until__isnull=False)
        assert claimed.exists()
        assert not claimed.filter(claimed_until__gt=timezone.now() + timedelta(minutes=1)).exists()
        Source.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        while work.step():
            pass
    assert Item.objects.count() == FEEDS * ENTRIES
    assert Item.objects.values("source", "key").distinct().count() == FEEDS * ENTRIES
    assert Fetch.objects.filter(outcome="fresh").count() == FEEDS
    assert not Source.objects.exclude(health="fresh").exists()


@pytest.mark.django_db(transaction=True)
def test_a_collector_fetches_side_by_side_and_ends_when_asked(impatient: None) -> None:
    with kiosk(hang_at=10_000) as server:
        add_feeds(server)
        collector = Collector(at_once=3)

        def end_when_done(*_: Any) -> None:
            if Fetch.objects.count() == FEEDS:
                collector.stop()

        running = threading.Thread(target=collector.run)
        running.start()
        while running.is_alive():
            end_when_done()
            running.join(0.05)
    assert Item.objects.count() == FEEDS * ENTRIES
    assert not CollectorRow.objects.exists()


def claims() -> list[datetime]:
    return [until for until in Source.objects.values_list("claimed_until", flat=True) if until is not None]


@pytest.mark.django_db(transaction=True)
def test_a_slow_answer_is_nobody_else_s_for_as_long_as_its_collector_lives(
    impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CLAIM", timedelta(seconds=2))
    monkeypatch.setattr(collecting_side, "KEEP_EVERY", 0.1)
    monkeypatch.setattr(collecting_side, "LOOK_EVERY", 0.05)
    with kiosk(hang_at=1) as server:
        add_feeds(server)
        collector = Collector(at_once=FEEDS)
        running = threading.Thread(target=collector.run)
        running.start()
        assert server.hanging.wait(60)
        while Source.objects.filter(claimed_until=None).exists():
            time.sleep(0.02)
        first = max(claims())
        # Asked to end, it still waits for what it asked for.
        collector.stop()
        while min(claims()) < first + work.CLAIM:
            assert work.claim_due(FEEDS) == []
            time.sleep(0.05)
        assert running.is_alive()
        server.released.set()
        running.join()
    assert Item.objects.count() == FEEDS * ENTRIES
    assert Fetch.objects.filter(outcome="fresh").count() == FEEDS


@pytest.mark.django_db
def test_a_long_answer_is_stored_to_its_end_or_left_when_another_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "ITEMS_AT_ONCE", 2)
    monkeypatch.setattr(storing, "KEEP_EVERY", 0.0)
    items = [NewItem(key=f"{n}", title=f"Title {n}", text="", stated=timezone.now(), url="") for n in range(7)]
    for lost in (False, True):
        made = Source.objects.create(
            name=f"{lost}",
            kind="feeds",
            url=f"https://{lost}.example/",
            expected_every=timedelta(days=1),
            next_fetch_at=timezone.now() - timedelta(seconds=1),
        )
        (claimed,) = work.claim_due(1)
        before = claimed.claimed_until
        if lost:
            Source.objects.filter(pk=made.pk).update(claimed_until=timezone.now())
        outcome = collecting.Outcome(at=timezone.now(), seconds=0.1, status=200, batch=Batch(items=tuple(items)))
        fetched = work.store(claimed, outcome)
        assert (fetched is None) is lost
        assert Item.objects.filter(source=made).count() == (2 if lost else 7)
        assert (claimed.claimed_until == before) is lost
