"""Joining and signing in with a real browser: passkeys, an app without scripts, and pages that everybody can use."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tocsin.audit import work
from tocsin.people import actions
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.people.tests.cast import PASSWORD, code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SUBMIT = "main button[type=submit]"


@pytest.fixture
def device(page: Page) -> None:
    """A device that makes and keeps passkeys, and knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def join(page: Page, site: str) -> Person:
    """Use the first invitation; ends on the page that asks for a second factor."""
    page.goto(f"{site}{actions.first_invitation()}")
    page.fill("[name=name]", "Nadia")
    page.fill("[name=email]", "nadia@example.org")
    page.fill("[name=password]", PASSWORD)
    page.click(SUBMIT)
    page.wait_for_url(f"{site}/account/second-factor/")
    return Person.objects.get()


def add_passkey(page: Page, site: str) -> None:
    """Make a passkey that is enough by itself; ends on the recovery codes."""
    # The button works once its script has come with the page.
    with page.expect_navigation():
        page.click("text=Add a passkey")
    page.click("text=Make the passkey")
    page.wait_for_url(f"{site}/account/second-factor/codes/")


def leave(page: Page, site: str) -> None:
    """Sign out."""
    page.goto(f"{site}/account/logout/")
    page.click(SUBMIT)
    page.wait_for_url(f"{site}/account/login/")


def give_password(page: Page, site: str, password: str = PASSWORD) -> None:
    """The first step with a password."""
    page.goto(f"{site}/account/login/")
    page.fill("[name=login]", "nadia@example.org")
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.click("text=Go on")


def test_a_passkey_is_set_up_when_joining_and_is_then_enough_by_itself(
    page: Page, device: None, live_server: LiveServer
) -> None:
    site = live_server.url
    join(page, site)
    add_passkey(page, site)
    assert page.locator(".codes li").count() == 10
    leave(page, site)
    page.goto(f"{site}/settings/")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{site}/settings/")
    assert page.input_value("[name=name]") == "Nadia"


def test_a_passkey_works_as_the_second_step_and_to_confirm(page: Page, device: None, live_server: LiveServer) -> None:
    site = live_server.url
    join(page, site)
    add_passkey(page, site)
    leave(page, site)
    give_password(page, site)
    page.click("text=Use a passkey")
    page.wait_for_url(f"{site}/")
    page.goto(f"{site}/settings/tokens/new/")
    page.click("text=Use a passkey")
    page.click("button:has-text('Use a passkey')")
    page.wait_for_url(f"{site}/settings/tokens/new/")


def test_a_passkey_lets_in_whoever_a_stranger_locked_out(page: Page, device: None, live_server: LiveServer) -> None:
    site = live_server.url
    join(page, site)
    add_passkey(page, site)
    leave(page, site)
    for _guess in range(5):
        give_password(page, site, "wrong horse battery staple")
    assert page.inner_text("h1") == "Too many wrong passwords"
    page.click("button:has-text('Sign in with a passkey')")
    page.wait_for_url(f"{site}/")


def test_a_passkey_of_a_deactivated_person_opens_nothing(page: Page, device: None, live_server: LiveServer) -> None:
    site = live_server.url
    nadia = join(page, site)
    add_passkey(page, site)
    leave(page, site)
    other = Person.objects.create(name="Alice", email="alice@example.org", roles=int(Role.LEAD))
    actions.deactivate(other, nadia)
    page.click("text=Sign in with a passkey")
    page.wait_for_selector(".cdx-message >> text=belong together")


def test_a_device_that_knows_no_passkey_says_what_else_there_is(
    page: Page, device: None, live_server: LiveServer
) -> None:
    page.goto(f"{live_server.url}/account/login/")
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("text=take another way")
    assert page.is_visible("[name=password]")


def test_an_app_is_set_up_and_used_with_scripts_off(chromium: Browser, live_server: LiveServer) -> None:
    site = live_server.url
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    join(page, site)
    page.click("text=Set up an app")
    secret = page.inner_text(".secret").replace(" ", "")
    assert page.is_visible("svg.qr")
    page.fill("[name=code]", code_of(secret))
    page.click(SUBMIT)
    page.wait_for_url(f"{site}/account/second-factor/codes/")
    leave(page, site)
    assert not page.is_visible("text=Sign in with a passkey")
    give_password(page, site)
    page.fill("[name=code]", code_of(secret, 1))
    page.click(SUBMIT)
    page.wait_for_url(f"{site}/")
    context.close()


def test_every_page_of_people_can_be_used_by_everybody(page: Page, device: None, live_server: LiveServer) -> None:
    site, found = live_server.url, {}

    def check(name: str) -> None:
        violations = Axe().run(page).response["violations"]
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        if violations or wide:
            found[name] = [(one["id"], one["nodes"][0]["html"]) for one in violations] + (["too wide"] if wide else [])

    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("/account/login/", "/account/lost/", "/join/none/", str(actions.first_invitation())):
        page.goto(site + path)
        check(path)
    nadia = join(page, site)
    check("set up")
    page.click("text=Set up an app")
    check("app")
    page.fill("[name=code]", code_of(page.inner_text(".secret")))
    page.click(SUBMIT)
    check("codes")
    page.goto(f"{site}/account/second-factor/passkeys/new/")
    check("new passkey")
    page.click("text=Make the passkey")
    page.wait_for_url(f"{site}/account/second-factor/")
    check("second factor")
    actions.change_roles(nadia, nadia, Role.LEAD | Role.AUDITOR)
    actions.invite(nadia, Role.ANALYST, "")
    reset = actions.reset_link(nadia, nadia)
    work.step()
    for path in (
        "/account/second-factor/passkeys/",
        "/account/second-factor/app/remove/",
        "/account/second-factor/codes/new/",
        "/account/password/",
        "/account/sessions/",
        "/account/confirm/",
        "/account/confirm/code/",
        "/account/confirm/passkey/",
        "/account/logout/",
        "/settings/",
        "/settings/tokens/new/",
        "/people/",
        "/people/invite/",
        f"/people/{nadia.pk}/",
        "/audit/",
        reset,
    ):
        page.goto(site + path)
        check(path)
    leave(page, site)
    give_password(page, site)
    check("second step")
    page.click("text=Sign in as somebody else")
    for _guess in range(5):
        give_password(page, site, "wrong horse battery staple")
        check("wrong password")
    assert found == {}
