"""From a feed to a judgement: what an analyst does in a morning, with scripts and without."""

import pytest
from playwright.sync_api import Page

from tests.stories.conftest import Open
from tests.stories.newsroom import AGAIN, ARREST, BLOCK, LATER, Newsroom
from tocsin.people.models import Person
from tocsin.signals.models import Signal
from tocsin.situations.models import Assessment, MembershipEvent, Situation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def said(page: Page) -> str:
    """What the page says about the last act."""
    return page.locator(".messages").inner_text()


def assess(page: Page) -> None:
    page.click("text=Assess")
    page.fill("[name=probability]", "85")
    page.select_option("[name=confidence]", "high")
    page.click("text=Save this assessment")
    assert "This field is required" in page.inner_text("main")
    assert page.input_value("[name=probability]") == "85"
    page.fill("[name=reasons]", "Two outlets that do not copy each other.")
    page.fill("[name=rivals]", "A namesake: his account fell silent that day.")
    page.click("text=Save this assessment")
    assert "Your assessment stands" in said(page)


def correct(page: Page) -> None:
    page.select_option("[name=harm]", "violence")
    page.click("button:has-text('Correct')")
    assert "Corrected" in said(page)
    page.click("button:has-text('Undo')")
    assert "Undone" in said(page)


def merge(page: Page, other: str) -> None:
    page.click("text=Merge or rename")
    page.fill("[name=other]", other)
    page.fill("[name=reason]", "One wave of pressure")
    page.click("text=Merge it into this one")
    assert "Merged" in said(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_feed_becomes_a_situation_that_an_analyst_judges(
    newsroom: Newsroom, open_as: Open, bob: Person, scripts: bool
) -> None:
    newsroom.publish("daily", ARREST, BLOCK)
    newsroom.publish("weekly", AGAIN)
    window = open_as(bob, java_script_enabled=scripts)
    page = window.page

    window.go("/")
    changed = page.locator("#part-changed")
    assert ARREST[0] in changed.inner_text()
    assert "ours" in changed.inner_text()
    page.locator("#part-ranked .row-title", has_text="arrested in Turkey").click()
    assert page.inner_text("h1") == ARREST[0]
    assert "No person has judged this yet" in page.inner_text("#part-verdict")

    assess(page)
    verdict = page.inner_text("#part-verdict")
    assert "0.85" in verdict
    assert "very likely" in verdict
    assert "confidence high" in verdict
    assert "A namesake" in verdict
    assert Assessment.objects.get().by == bob

    page.locator("#part-timeline .row-title").first.click()
    correct(page)
    newsroom.work()
    assert Signal.objects.exclude(corrections=None).get().harm == "arrest"

    page.click("text=Its situation")
    here = page.url
    blocked = Situation.objects.get(title=BLOCK[0])
    merge(page, f"{window.site}/situations/{blocked.public_id}/")
    assert BLOCK[0] in page.inner_text("#part-timeline")
    window.go(f"/situations/{blocked.public_id}/")
    assert page.url == here
    assert "was merged into this one" in said(page)
    page.locator("#part-history button:has-text('Undo')").first.click()
    assert "Undone" in said(page)
    assert BLOCK[0] not in page.inner_text("#part-timeline")
    window.go(f"/situations/{blocked.public_id}/")
    assert page.inner_text("h1") == BLOCK[0]

    window.go("/")
    page.click("text=I have seen these")
    assert "Nothing moved" in page.inner_text("#part-changed")
    newsroom.publish("daily", LATER)
    window.go("/")
    assert "Pakistan" in page.inner_text("#part-changed")


def test_signals_are_split_off_and_taken_out_and_both_are_undone(
    newsroom: Newsroom, open_as: Open, bob: Person
) -> None:
    newsroom.publish("daily", ARREST)
    newsroom.publish("weekly", AGAIN)
    one = Situation.objects.get(signals=2)
    window = open_as(bob)
    page = window.page
    window.go(f"/situations/{one.public_id}/")
    page.click("text=Split chosen off")
    assert "Choose the signals" in said(page)
    page.locator("[name=signal]").first.check()
    page.click("text=Split chosen off")
    assert "This is the new situation" in said(page)
    assert page.locator("#part-timeline li").count() == 1
    page.locator("#part-history button:has-text('Undo')").first.click()
    window.go(f"/situations/{one.public_id}/")
    assert page.locator("#part-timeline li").count() == 2
    page.locator("[name=signal]").first.check()
    page.click("text=Take chosen out")
    assert "1 signal was taken out" in said(page)
    page.keyboard.press("u")
    page.wait_for_selector("text=Undone")
    assert page.locator("#part-timeline li").count() == 2
    assert MembershipEvent.objects.filter(verb="undo").count() == 2


def test_two_taps_save_one_assessment_and_nobody_overwrites_unread(
    newsroom: Newsroom, open_as: Open, bob: Person, alice: Person
) -> None:
    newsroom.publish("daily", ARREST)
    row = Situation.objects.get()
    hers, his = open_as(alice), open_as(bob)
    for window in (hers, his):
        window.go(f"/situations/{row.public_id}/assess")
        window.page.fill("[name=reasons]", "As I see it.")
        window.page.fill("[name=rivals]", "None.")
    hers.page.click("text=Save this assessment")
    hers.page.wait_for_url(lambda url: not url.endswith("/assess"))
    hers.page.go_back()
    hers.page.click("text=Save this assessment")
    assert Assessment.objects.count() == 1
    his.page.click("text=Save this assessment")
    assert "Somebody assessed this while you wrote" in his.page.inner_text("main")
    assert "Version 1 by Alice" in his.page.inner_text("main")
    assert his.page.input_value("[name=reasons]") == "As I see it."
    his.page.click("text=Save this assessment")
    his.page.wait_for_url("**/situations/*/")
    assert list(Assessment.objects.order_by("version").values_list("by__name", flat=True)) == ["Alice", "Bob"]
