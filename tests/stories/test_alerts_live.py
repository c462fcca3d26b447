"""The page of one alert in a browser: light on the wire, one thumb without scripts, and by itself fresh with them."""

import pytest
from playwright.sync_api import Response, expect
from pytest_django.live_server_helper import LiveServer

from tests.stories.conftest import Open
from tocsin.alerts import actions, policies
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Lane, Policy, Severity
from tocsin.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 740}
THUMB = 44


@pytest.fixture
def alert(db: None) -> Alert:
    """Severe, and nobody has it."""
    return accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x")).alert


def test_one_thumb_without_scripts_has_it_and_ends_it(alert: Alert, open_as: Open, bob: Person) -> None:
    window = open_as(bob, viewport=PHONE, java_script_enabled=False)
    page = window.page
    window.go(f"/alerts/{alert.public_id}/")
    first = page.locator("main button").first
    box = first.bounding_box()
    assert box is not None
    assert box["width"] > 0.85 * PHONE["width"]
    assert box["height"] >= THUMB
    assert box["y"] + box["height"] < PHONE["height"], "no scrolling before the first button"
    first.click()
    expect(page.locator(".standing")).to_contain_text("You have it.")
    page.get_by_role("button", name="false alarm").click()
    expect(page.locator(".standing")).to_contain_text("Resolved: false alarm.")
    page.get_by_role("button", name="Undo: it is not over").click()
    expect(page.locator(".standing")).to_contain_text("Nobody has answered.")


def test_what_another_does_shows_by_itself_and_leaves_an_open_part_open(
    alert: Alert, open_as: Open, alice: Person, bob: Person
) -> None:
    window = open_as(bob, viewport=PHONE)
    page = window.page
    page.clock.install()
    window.go(f"/alerts/{alert.public_id}/")
    page.get_by_text("How to answer safely").click()
    actions.acknowledge(alert, alice, "console", confirmed=True)
    with page.expect_event("requestfinished"):
        page.clock.run_for(16_000)
    expect(page.locator(".standing")).to_contain_text("Alice has it.")
    expect(page.get_by_text("To pass on is always right")).to_be_visible()
    expect(page.get_by_role("button", name="Take it over")).to_be_visible()


def test_everything_that_a_phone_loads_is_less_than_30_kb(alert: Alert, open_as: Open, bob: Person) -> None:
    window = open_as(bob, viewport=PHONE)
    answers: list[Response] = []
    window.page.on("response", lambda answer: answers.append(answer))
    window.go(f"/alerts/{alert.public_id}/")
    window.page.wait_for_load_state("networkidle")
    sizes = {one.url: len(one.body()) for one in answers}
    assert len(sizes) >= 3
    assert sum(sizes.values()) < 30_000, sizes


def test_a_policy_is_changed_by_keyboard_without_scripts(
    alert: Alert, open_as: Open, alice: Person, live_server: LiveServer
) -> None:
    policy = Policy.objects.get(is_default=True)
    window = open_as(alice, java_script_enabled=False)
    page = window.page
    window.go(f"/alerts/policies/{policy.public_id}/edit/")
    page.get_by_role("button", name="Add a step").click()
    page.get_by_label("Step 2, somebody more").select_option(label="Alice")
    page.get_by_label("Name").fill("Named anew")
    page.get_by_label("Name").press("Enter")
    expect(page.locator("h1")).to_have_text("Named anew")
    assert len(policies.draft_of(policy).steps) == 2
    page.get_by_role("button", name="Undo my change").click()
    expect(page.locator("h1")).to_have_text("Everyone who leads")
