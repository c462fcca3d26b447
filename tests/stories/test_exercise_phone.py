"""A newcomer's first quarter of an hour: the exercise starts, a number is added, its pages are answered by phone."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.stories.conftest import PATIENCE
from tests.stories.window import Window
from tocsin.people.tests.cast import PASSWORD, code_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PHONE: ViewportSize = {"width": 390, "height": 780}
NUMBER = "+10000000001"
SUBMIT = "main button[type=submit]"
# The exercise calls the same phone, in drills of its own too: each of these says that an answer was taken.
CALL = "li:has-text('text message'):has-text('Please look')"
TAKEN = ("You have it", "and you answered it", "You need do nothing")


@dataclass(frozen=True)
class Played:
    """A running exercise: where its console and its phone are, and the link that creates the first account."""

    console: str
    phone: str
    join: str


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOCSIN_", "DJANGO_"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "tocsin.config.cli", "up", "--example", "--port", str(port)],
        env=kept | {"TOCSIN_HOME": str(tmp_path / "home"), "TOCSIN_MINIMUM_FREE_MB": "64"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith("Ctrl-C"):
            break
    try:
        phone = re.search(r"http://localhost:\d+/phone", said)
        join = re.search(r"http://localhost:\d+/join/\S+", said)
        assert phone is not None, said
        assert join is not None, said
        yield Played(f"http://localhost:{port}", phone[0], join[0])
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A phone's browser without scripts, in which nothing may go wrong."""
    context = chromium.new_context(locale="en", viewport=PHONE, has_touch=True, java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def calls(page: Page, played: Played) -> int:
    """How many calls by text message the phone shows; mail stands on the same page."""
    page.goto(played.phone)
    return page.locator(CALL).count()


def called(page: Page, played: Played, before: int) -> tuple[str, str]:
    """The number and the link of the newest call, once there is one more than before; read in one go, since the page
    comes anew by itself."""
    page.goto(played.phone)
    page.wait_for_selector(f":nth-match({CALL}, {before + 1})")
    newest = page.locator(CALL).first.inner_html()
    number, address = re.search(r"Number: <strong>(\d{4})<", newest), re.search(r'href="([^"]*/a/[^"]*)"', newest)
    assert number is not None, newest
    assert address is not None, newest
    return number[1], address[1]


def join(page: Page, played: Played) -> None:
    page.goto(played.join)
    page.fill("[name=name]", "Nadia")
    page.fill("[name=email]", "nadia@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click(SUBMIT)
    page.click("text=Set up an app")
    page.fill("[name=code]", code_of(page.inner_text(".secret")))
    page.click(SUBMIT)
    page.wait_for_url("**/account/second-factor/codes/")


def come(page: Page, played: Played, words: str, times: int = 1) -> str:
    """Watch the phone, which comes anew by itself, until these words came so often; gives the newest message of them.

    The exercise goes on meanwhile, and calls the same phone as soon as somebody can be woken.
    """
    page.goto(played.phone)
    page.wait_for_selector(f":nth-match(.text:has-text('{words}'), {times})")
    return page.locator(f"li .text:has-text('{words}')").first.inner_text()


def page_now(page: Page, played: Played) -> None:
    page.goto(f"{played.console}/alerts/page-now/")
    page.click("text=Look whom it calls")
    page.click("button[value=send]")
    assert "Nadia" in page.inner_text("main")


def add_number(page: Page, played: Played) -> None:
    page.goto(f"{played.console}/alerts/contacts/")
    assert NUMBER in page.inner_text("main")
    assert page.get_attribute(f"a[href='{played.phone}']", "rel") == "noopener noreferrer"
    page.click("text=Add what wakes you")
    page.select_option("[name=channel]", "sms")
    page.fill("[name=value]", NUMBER)
    page.click("text=Send the code")
    contact = page.url
    code = re.search(r"\d{6}", come(page, played, "to prove that this is yours"))
    assert code is not None
    page.goto(contact)
    page.fill("[name=code]", code[0])
    page.click("text=This is the code")
    assert "It is yours" in page.inner_text("main")


def test_a_newcomer_adds_a_number_is_paged_and_answers_on_the_phone(
    page: Page, played: Played, chromium: Browser
) -> None:
    join(page, played)
    page.goto(f"{played.console}/alerts/")
    assert "Nobody can be woken" not in page.inner_text("body")
    page.goto(played.phone)
    assert NUMBER in page.inner_text("main")
    add_number(page, played)

    before = calls(page, played)
    page_now(page, played)
    alert = page.url
    number, address = called(page, played, before)
    link = page.context.new_page()
    link.goto(address)
    link.fill("input[name=number]", number)
    link.click("text=I have it")
    assert any(words in link.inner_text("[role=status]") for words in TAKEN)
    page.goto(alert)
    for _again in range(300):
        if "reached the device" in page.inner_text("main"):
            break
        page.wait_for_timeout(200)  # the receipt follows the page by some moments
        page.reload()
    assert "reached the device" in page.inner_text("main")

    before = calls(page, played)
    page_now(page, played)
    number, _address = called(page, played, before)
    page.click("a.act:has-text('Reply')")
    page.fill("[name=text]", f"{(int(number) + 1) % 10_000:04}")
    page.click("button:has-text('Send')")
    page.wait_for_selector(".text:has-text('Wrong number. 2 tries left.')")
    page.click("a.act:has-text('Reply')")
    page.fill("[name=text]", number)
    page.click("button:has-text('Send')")
    page.wait_for_selector(", ".join(f".text:has-text('{words}')" for words in TAKEN))
    nobody_meets_a_barrier(played, chromium)


def nobody_meets_a_barrier(played: Played, chromium: Browser) -> None:
    context = chromium.new_context(locale="en", viewport={"width": 320, "height": 640})
    context.set_default_timeout(PATIENCE)
    window = Window(context.new_page(), played.phone.removesuffix("/phone"))
    for path in ("/phone", "/phone/reply?to=%2B10000000001", "/phone/reply?to=nobody"):
        window.go(path)
        # The page comes anew by itself, as a phone does; nothing on it can be lost by that.
        assert [one for one in window.barriers() if not one.startswith("meta-refresh")] == [], path
        assert not window.too_wide(), path
    context.close()
    assert window.faults == []
