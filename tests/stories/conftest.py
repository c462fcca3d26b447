"""A real browser for journeys: Debian's Chromium, with the address of a server of the test's own."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.stories.newsroom import Newsroom
from tests.stories.window import Window
from tocsin.console import work as searching
from tocsin.console.index import Index, NodeLock
from tocsin.lib.http import Client as Fetcher
from tocsin.lib.http import Politeness
from tocsin.people.models import Person
from tocsin.streams import collecting
from tocsin.streams.tests.server import site

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# SQLite lets one write at a time: there is nothing to race.
collect_ignore = [] if os.environ.get("TOCSIN_DATABASE") else ["test_moved_at_once.py", "test_two_at_once.py"]

# Without motion, so that what is looked at is what stays.
PATIENCE = 90_000  # milliseconds; a busy machine is slow, and that is no fault of a page
_LOOK: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
Open = Callable[..., Window]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "There is no Chromium here: apt-get install chromium"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A window of its own, without anybody's cookies; what the content policy blocks fails the test."""
    context = chromium.new_context(locale="en")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    blocked: list[str] = []
    page.on("console", lambda line: blocked.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert blocked == []


@pytest.fixture
def open_as(chromium: Browser, live_server: LiveServer, browse: Callable[[Person], Client]) -> Iterator[Open]:
    """Opens a window signed in as a person (None: as a stranger); whatever goes wrong in it fails the test."""
    opened: list[Window] = []

    def window(person: Person | None, cookies: tuple[tuple[str, str], ...] = (), **look: Any) -> Window:
        context = chromium.new_context(locale="en", **{**_LOOK, **look})
        context.set_default_timeout(PATIENCE)
        if person is not None:
            cookies += ((settings.SESSION_COOKIE_NAME, browse(person).cookies[settings.SESSION_COOKIE_NAME].value),)
        context.add_cookies([{"name": name, "value": value, "url": live_server.url} for name, value in cookies])
        opened.append(Window(context.new_page(), live_server.url))
        return opened[-1]

    yield window
    faults = [fault for one in opened for fault in one.faults]
    for one in opened:
        one.page.context.close()
    assert faults == []


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Newsroom]:
    """Feeds on loopback, a collector that need not wait between requests, and a search cache of the test's own."""
    index, lock = Index(tmp_path), NodeLock(tmp_path)
    monkeypatch.setattr(searching, "search_index", lambda: index)
    monkeypatch.setattr(searching, "_lock", lambda: lock)
    monkeypatch.setattr("tocsin.console.search.search_index", searching.search_index)
    impatient = Fetcher("Tocsin test", politeness=Politeness(timedelta(0)))
    monkeypatch.setattr(collecting, "client", lambda: impatient)
    with site() as served:
        yield Newsroom(served)
