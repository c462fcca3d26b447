"""Somebody at risk writes in Arabic on an old phone without scripts or mouse, and comes back for the answer."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.stories.public_door import SEED, PublicDoor, public_door
from tests.stories.window import Window
from tocsin.intake.phrases import Words
from tocsin.keys.sealing import open_box

pytestmark = [pytest.mark.browser, pytest.mark.once]
SMALL = {"width": 320, "height": 640}
TEXT = "جاؤوا إلى البيت الليلة"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicDoor]:
    with public_door(tmp_path_factory.mktemp("door")) as made:
        yield made


@pytest.fixture
def phone(chromium: Browser, door: PublicDoor) -> Iterator[Page]:
    """An old phone with scripts off, set to Arabic."""
    context = chromium.new_context(locale="ar", viewport=SMALL, java_script_enabled=False)  # type: ignore[arg-type]
    context.set_default_timeout(90_000)
    page = context.new_page()
    window = Window(page, door.url)
    yield page
    context.close()
    assert window.faults == []


def press(page: Page, name: str) -> None:
    """Go to a thing by Tab alone, and press it."""
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reach(page: Page, name: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"Tab does not reach “{name}” on “{page.locator('h1').inner_text()}”")


def focused(page: Page) -> str:
    """What the focus is on, as a screen reader says it."""
    on = page.locator(":focus")
    if on.count() == 0:
        return ""
    words: str = on.evaluate(
        "one => (one.labels && one.labels.length ? one.labels[0].innerText : one.innerText || one.name).trim()"
    )
    return words


def heading(page: Page) -> str:
    return page.locator("h1").inner_text()


def test_by_keyboard_alone_in_arabic_without_scripts(phone: Page, door: PublicDoor, tmp_path: Path) -> None:
    w = Words("ar")
    phone.goto(door.url)
    assert phone.locator("html").get_attribute("dir") == "rtl"
    press(phone, w["start_go"])
    reach(phone, w["tell_label"])
    phone.keyboard.insert_text(TEXT)
    press(phone, w["next"])
    reach(phone, w["safe_yes"])
    phone.keyboard.press("ArrowDown")
    reach(phone, w["urgency_now"])
    phone.keyboard.press("Space")
    press(phone, w["next"])
    reach(phone, "Charlie")
    phone.keyboard.press("Space")
    press(phone, w["next"])
    press(phone, w["next"])
    assert heading(phone) == w["check_title"]
    assert phone.get_by_label(w["tell_label"]).input_value() == TEXT
    assert "Charlie" in phone.locator("dl").inner_text()
    press(phone, w["next"])
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    phone.get_by_label(w["files_label"]).set_input_files(tmp_path / "photo.jpg")
    press(phone, w["send"])
    assert heading(phone) == w["receipt_title"]
    words = phone.locator("ol.words li").all_inner_texts()
    assert len(words) == 10
    assert told(door)["text"] == TEXT
    press(phone, w["receipt_open"])
    reach(phone, w["box_label"])
    phone.keyboard.insert_text("\n".join(words))
    press(phone, w["box_open"])
    assert w["box_empty"] in phone.locator("main").inner_text()


def told(door: PublicDoor) -> dict[str, object]:
    """What the newest envelope says, read from the door's database as the desk would."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(door.folder / "door.sqlite3")) as database:
        (sealed,) = database.execute("SELECT sealed FROM intake_envelope ORDER BY rowid DESC LIMIT 1").fetchone()
    found: dict[str, object] = json.loads(open_box(SEED, sealed))
    return found


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_is_too_wide(chromium: Browser, door: PublicDoor, language: str, scheme: str) -> None:
    w = Words(language)
    # Scripts are on here for axe alone; the policy that forbids them is set aside for it.
    context = chromium.new_context(viewport=SMALL, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    context.set_default_timeout(90_000)
    window = Window(context.new_page(), door.url)
    page, found = window.page, dict[str, list[str]]()

    def look() -> None:
        found[heading(page)] = window.barriers() + (["too wide"] if window.too_wide() else [])

    def button(name: str) -> None:
        look()
        page.get_by_role("button", name=w[name], exact=True).click()

    window.go(f"/{language}/nothing")
    look()
    window.go(f"/{language}/")
    look()
    page.get_by_role("link", name=w["start_go"]).click()
    button("next")
    page.get_by_label(w["tell_label"]).fill("word " * 200 + "w" * 200)
    for _ in range(5):
        button("next")
    button("send")
    look()
    words = page.locator("ol.words").inner_text()
    page.get_by_role("link", name=w["receipt_open"]).click()
    button("box_open")
    page.get_by_label(w["box_label"]).fill(words)
    page.get_by_role("button", name=w["box_open"]).click()
    for each in page.locator("summary").all():
        each.click()
    look()
    window.go(f"/{language}/wait/none")
    look()
    context.close()
    assert {title: barriers for title, barriers in found.items() if barriers} == {}
    assert len(found) >= 10
    assert window.faults == []


def test_leaving_is_the_first_thing_on_every_page(phone: Page, door: PublicDoor) -> None:
    for path in ("/ar/", "/ar/tell", "/ar/box", "/ar/nothing"):
        phone.goto(door.url + path)
        phone.keyboard.press("Tab")
        assert focused(phone) == Words("ar")["exit"]
        assert phone.locator(":focus").get_attribute("href") == "https://www.timeanddate.com/weather/"


def test_a_browser_with_scripts_makes_its_proof_in_silence(chromium: Browser, door: PublicDoor) -> None:
    context = chromium.new_context(locale="en", viewport=SMALL)  # type: ignore[arg-type]
    context.set_default_timeout(90_000)
    page = context.new_page()
    window = Window(page, door.url)
    page.goto(f"{door.url}/en/box")
    expect(page.locator("input[name=proof]")).not_to_have_value("")
    proof = page.locator("input[name=proof]").input_value()
    bits = int(proof.split(".")[1])
    assert sha256(proof.encode()).digest()[: bits // 8] == bytes(bits // 8)
    page.locator("textarea").fill("no such words at all")
    with page.expect_navigation():
        page.locator("button.main").click()
    assert page.locator("h1").inner_text() == Words("en")["box_title"]
    context.close()
    assert window.faults == []
