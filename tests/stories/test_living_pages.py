"""Pages that keep themselves fresh, and hands that never leave the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from tests.stories.conftest import Open
from tests.stories.newsroom import AGAIN, ARREST, BLOCK, Newsroom
from tests.stories.window import Window
from tocsin.people.models import Person
from tocsin.situations.models import Assessment, Situation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Browse = Callable[[Person], Client]


def statuses(window: Window) -> list[int]:
    """The statuses as they come over the wire; a page's scripts are told 200 also where the server said 304."""
    found: list[int] = []
    session = window.page.context.new_cdp_session(window.page)
    session.send("Network.enable")

    def came(event: dict[str, Any]) -> None:
        found.append(event["statusCode"])

    session.on("Network.responseReceivedExtraInfo", came)
    return found


def half_a_minute(page: Page) -> None:
    """Let the page's clock run until it has asked again, and been answered."""
    with page.expect_event("requestfinished"):
        page.clock.run_for(31_000)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_home_asks_every_half_minute_and_shows_only_what_is_new(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST)
    window = open_as(bob)
    page = window.page
    page.clock.install()
    window.go("/")
    window.go("/")
    wire = statuses(window)
    page.evaluate("document.querySelector('#part-ranked').dataset.mark = 'as it was'")
    half_a_minute(page)
    half_a_minute(page)
    assert set(wire) == {304}
    newsroom.publish("weekly", BLOCK)
    half_a_minute(page)
    expect(page.locator("#part-changed")).to_contain_text(BLOCK[0])
    expect(page.locator("#part-ranked[data-mark]")).to_have_count(0)
    expect(page.locator("#live")).to_have_text("2 changes since you last looked")
    expect(page.locator("#freshness")).to_contain_text("Updated")
    assert wire[-1] == 200


def test_a_part_in_use_is_left_alone_while_the_others_go_on(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST)
    row = Situation.objects.get()
    window = open_as(bob)
    page = window.page
    page.clock.install()
    window.go(f"/situations/{row.public_id}/")
    page.locator("[name=signal]").first.check()
    page.click("text=Merge or rename")
    page.fill("[name=title]", "Half a title")
    field = page.locator("[name=title]")
    place = field.bounding_box()
    newsroom.publish("weekly", AGAIN)
    half_a_minute(page)
    expect(page.locator("#part-verdict")).to_contain_text("independent sources: 2")
    expect(page.locator("#freshness")).to_contain_text("left as it is")
    assert page.locator("[name=signal]").first.is_checked()
    assert page.input_value("[name=title]") == "Half a title"
    assert page.evaluate("document.activeElement.name") == "title"
    assert field.bounding_box() == place
    assert page.locator("#part-timeline li").count() == 1
    page.locator("[name=signal]").first.uncheck()
    page.locator("h1").click()
    half_a_minute(page)
    expect(page.locator("#part-timeline li")).to_have_count(2)


def test_a_page_says_calmly_that_its_session_ended(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST)
    window = open_as(bob)
    page = window.page
    page.clock.install()
    window.go("/")
    Session.objects.all().delete()
    half_a_minute(page)
    expect(page.locator(".notice-now")).to_contain_text("Your session has ended")
    expect(page.locator("#part-ranked")).to_contain_text(ARREST[0])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(95_000)
    assert asked == []
    page.click("text=Sign in again")
    page.wait_for_url(lambda url: "/account/login/?next=" in url)
    window.forgive("Response Status Error Code 401")


def test_a_page_says_that_the_server_is_out_of_reach_and_recovers(
    newsroom: Newsroom, open_as: Open, bob: Person
) -> None:
    newsroom.publish("daily", ARREST)
    window = open_as(bob)
    page = window.page
    page.clock.install()
    window.go("/")
    page.context.set_offline(True)
    page.clock.run_for(31_000)
    expect(page.locator(".notice-now")).to_contain_text("can’t reach the server")
    expect(page.locator("#part-ranked")).to_contain_text(ARREST[0])
    page.context.set_offline(False)
    half_a_minute(page)
    expect(page.locator(".notice-now")).to_have_count(0)
    window.forgive("ERR_INTERNET_DISCONNECTED")
    window.forgive("htmx:")


def test_a_form_on_a_kept_page_works_after_signing_in_again(
    newsroom: Newsroom, open_as: Open, browse: Browse, bob: Person
) -> None:
    newsroom.publish("daily", ARREST)
    window = open_as(bob)
    page = window.page
    window.go("/")
    page.context.clear_cookies(name="csrf")
    session = browse(bob).cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": session, "url": window.site}])
    window.go("/")
    page.click("text=I have seen these")
    assert "Nothing moved" in page.inner_text("#part-changed")


def test_back_shows_what_is_true_now(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST)
    row = Situation.objects.get()
    window = open_as(bob)
    page = window.page
    window.go("/situations/")
    page.click(f"text={ARREST[0]}")
    newsroom.publish("weekly", BLOCK)
    page.go_back()
    expect(page.locator("#part-situations")).to_contain_text(BLOCK[0])
    page.go_forward()
    assert page.url.endswith(f"/situations/{row.public_id}/")


def test_rows_are_walked_opened_and_searched_by_single_keys(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST, BLOCK)
    window = open_as(bob)
    page = window.page
    window.go("/situations/")
    keys = page.keyboard
    keys.press("j")
    first = focused(page)
    keys.press("j")
    assert focused(page) != first
    keys.press("k")
    assert focused(page) == first
    keys.press("Enter")
    page.wait_for_url("**/situations/*/")
    assert page.inner_text("h1") == first
    keys.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    assert "Assess" in page.inner_text("#shortcuts")
    keys.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    keys.press("/")
    page.wait_for_url("**/search/")
    keys.press("/")
    keys.type("arrested")
    assert page.input_value("[name=words]") == "arrested"
    keys.press("Enter")
    expect(page.locator("#hits")).to_contain_text("1 text found")
    keys.press("g")
    keys.press("h")
    page.wait_for_url(f"{window.site}/")


def test_single_keys_can_be_switched_off(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST)
    window = open_as(bob)
    page = window.page
    window.go("/situations/")
    page.keyboard.press("?")
    page.locator("#shortcuts-on").uncheck()
    page.click("#shortcuts button")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.rows')") is None
    window.go("/situations/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('.rows')") is None


def test_a_situation_is_found_and_assessed_without_a_mouse(newsroom: Newsroom, open_as: Open, bob: Person) -> None:
    newsroom.publish("daily", ARREST)
    window = open_as(bob)
    page, keys = window.page, window.page.keyboard
    window.go("/")
    keys.press("j")
    keys.press("Enter")
    page.wait_for_url("**/situations/*/")
    keys.press("a")
    page.wait_for_url("**/assess")

    def onto(name: str) -> None:
        for _stop in range(20):
            if page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()") == name:
                return
            keys.press("Tab")
        pytest.fail(f"Tab does not reach {name}")

    onto("probability")
    keys.press("Control+a")
    keys.type("70")
    onto("impact")
    keys.press("5")
    onto("reasons")
    keys.type("Seen by two who do not know each other.")
    onto("rivals")
    keys.type("A rumour.")
    onto("Save this assessment")
    keys.press("Enter")
    page.wait_for_url("**/situations/*/")
    made = Assessment.objects.get()
    assert (made.probability, made.impact, made.by) == (0.7, 5, bob)
