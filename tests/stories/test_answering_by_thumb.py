"""Three in the morning, on a phone without scripts: the link of a message is opened and answered with one thumb."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Browser, Response, ViewportSize
from pytest_django.live_server_helper import LiveServer

from tests.stories.conftest import PATIENCE, Open
from tests.stories.window import Window
from tocsin.alerts import addresses, clock, escalating
from tocsin.alerts.actions import New, accept, ask
from tocsin.alerts.channels import here
from tocsin.alerts.models import Alert, Lane, Page, Preference, Rung, Severity, Target
from tocsin.alerts.secrets import number_of, proof_of, token_of
from tocsin.alerts.tests.drums import Drums, address
from tocsin.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: ViewportSize = {"width": 360, "height": 640}
THUMB = 44


@pytest.fixture(autouse=True)
def drums() -> Iterator[Drums]:
    before = here._made
    yield Drums("signal", "sms")
    here._made = before


@pytest.fixture
def page(alice: Person, drums: Drums) -> Page:
    """Alice's page about something grave."""
    address(alice, "signal")
    new = New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x", language="ar", urgency="immediate")
    alert = accept(new).alert
    rung = Rung.objects.get(policy=alert.policy)
    Target.objects.filter(rung=rung).update(kind=Target.Kind.PERSON, person=alice)
    escalating.climb()
    return Page.objects.get(notice__person=alice)


@pytest.fixture
def thumb(chromium: Browser, live_server: LiveServer) -> Iterator[Window]:
    """A phone of nobody's in particular, with scripts off; whatever goes wrong in it fails the test."""
    context = chromium.new_context(
        locale="en", viewport=PHONE, has_touch=True, java_script_enabled=False, color_scheme="dark"
    )
    context.set_default_timeout(PATIENCE)
    window = Window(context.new_page(), live_server.url)
    yield window
    context.close()
    assert window.faults == []


def link(page: Page) -> str:
    return f"/a/{token_of(page.public_id)}"


def test_it_is_answered_with_one_thumb_and_without_scripts(thumb: Window, page: Page, alice: Person) -> None:
    answers: list[Response] = []
    thumb.page.on("response", lambda answer: answers.append(answer))
    thumb.go(link(page))
    thumb.page.wait_for_load_state("networkidle")
    assert len(answers) > 1
    assert sum(len(one.body()) for one in answers) < 30_000
    for button in thumb.page.locator("button, input, nav a").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= THUMB
    first = thumb.page.locator("button.main").bounding_box()
    assert first is not None
    assert first["y"] + first["height"] <= PHONE["height"], "the answer is seen without scrolling"
    thumb.page.locator("input[name=number]").fill("0000" if number_of(page.public_id) != "0000" else "1111")
    thumb.page.tap("text=I have it")
    assert "Wrong number. 2 tries left." in thumb.page.inner_text("[role=alert]")
    thumb.page.locator("input[name=number]").fill(number_of(page.public_id))
    thumb.page.tap("text=I have it")
    assert thumb.page.inner_text("[role=status]").startswith("You have it until ")
    assert Alert.objects.get().answered_by == alice
    thumb.page.tap("text=How to answer safely")
    assert thumb.page.is_visible("text=It holds for 15 minutes.")
    with thumb.page.expect_navigation():
        thumb.page.tap("text=Confirm in the console")
    assert "/account/login/" in thumb.page.url


@pytest.mark.once
def test_nobody_meets_a_barrier_on_the_pages_of_links(open_as: Open, page: Page, alice: Person) -> None:
    question = ask(alice, "rollcall:1", "safe", ["safe", "help"], clock.now() + timedelta(hours=1))
    asked = Page.objects.get(notice=question)
    for look in ({"color_scheme": "dark"}, {"color_scheme": "light"}):
        window = open_as(None, viewport=PHONE, **look)
        for path in (link(page), link(asked), "/a/unknown"):
            window.go(path)
            assert window.barriers() == [], path
            assert not window.too_wide(), path
            assert window.page.locator("script").count() == 0


@pytest.mark.once
def test_right_to_left_is_mirrored(open_as: Open, page: Page, alice: Person) -> None:
    alice.language = "ar-xb"
    alice.save()
    window = open_as(None, viewport=PHONE)
    window.go(link(page))
    assert window.page.get_attribute("html", "dir") == "rtl"
    assert window.page.evaluate("getComputedStyle(document.querySelector('.alert')).borderRightWidth") == "4px"
    assert not window.too_wide()


@pytest.mark.once
def test_contacts_are_set_up_on_a_phone_without_barriers(
    open_as: Open, alice: Person, browse: Callable[[Person], Client]
) -> None:
    window = open_as(alice, viewport=PHONE, color_scheme="dark")
    walk = window.page
    window.go("/alerts/contacts/")
    assert window.barriers() == []
    walk.click("text=Add what wakes you")
    assert window.barriers() == []
    walk.select_option("[name=channel]", "signal")
    walk.fill("[name=value]", "+41446681800")
    walk.fill("[name=label]", "bed")
    walk.click("text=Send the code")
    assert window.barriers() == []
    sent = Page.objects.latest("pk")
    walk.fill("[name=code]", proof_of(sent.public_id))
    walk.click("text=This is the code")
    address(alice, "sms")
    window.go("/alerts/contacts/")
    assert window.barriers() == []
    assert not window.too_wide()
    walk.click("#order-life-night [aria-label='Move bed down']")
    # The page comes back where the thumb was.
    assert walk.url.endswith("#order-life-night")
    found = [one.address.channel for one in addresses.order_of(alice, Lane.LIFE, Preference.Hours.NIGHT)]
    assert found == ["sms", "signal"]
    walk.click("text=Send me a test page now")
    assert window.barriers() == []
    assert not window.too_wide()
    page = Page.objects.filter(notice__reference__startswith=addresses.TEST).first()
    assert page is not None
    Page.objects.filter(pk=page.pk).update(state=Page.State.SENT, sent_at=clock.now())
    walk.wait_for_selector("text=the provider took it")
