"""Allies in a real browser: a lead vets one by keyboard, and an ally opens a slice on an old phone without scripts."""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.stories.conftest import Open
from tocsin.alerts import clock
from tocsin.alliances import actions
from tocsin.alliances.drafts import ContactDraft, ReachDraft, VerificationDraft
from tocsin.alliances.models import Contact, Slice
from tocsin.keys.sealing import box_keys, new_key, open_box
from tocsin.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 320, "height": 640}
LOOK = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
SEED = new_key()


@pytest.fixture
def ally(alice: Person) -> Contact:
    draft = ContactDraft(
        name="Amina Odera " + "unbroken" * 10, kinds=("lawyer", "partner"), helps=("legal", "advocacy"), owner=alice.pk,
        organisation="Odera & Co", help_words="Bail.\nNo civil suits.", countries=("KE",), regions=("014",),
        languages=("sw", "ar"), within_hours=6, by_night=True, tlp="amber", conflict_countries=("UG",),
        conflict_organisations=("Acme",), conflict_words="Sat on a panel.",
    )  # fmt: skip
    row = actions.propose(alice, draft, ReachDraft("Signal +254 700 000 000", "By day."), "k3v9x2mw7q")
    until = clock.now().date() + timedelta(days=90)
    actions.verify(alice, row, VerificationDraft("sure", "doubt", "not", "Called back by the bar.", "holds", until))
    return row


@pytest.mark.once
def test_no_page_of_allies_has_a_barrier(ally: Contact, open_as: Open, alice: Person) -> None:
    at = f"/alliances/{ally.public_id}/"
    due = actions.propose(
        alice,
        ContactDraft(name="Due", kinds=("host",), helps=("shelter",), owner=alice.pk, protected=True),
        ReachDraft(),
        "k3v9x2mw7r",
    )
    Contact.objects.filter(pk=due.pk).update(state="vetted", verified_at=clock.now(), next_due=clock.now().date())
    pages = ["/alliances/", "/alliances/?q=nobody", "/alliances/find/", "/alliances/find/?help=legal&country=UG"]
    pages += ["/alliances/due/", "/alliances/new/", "/alliances/import/", at, f"/alliances/{due.public_id}/"]
    pages += [at + tail for tail in ("edit/", "reach/", "verify/", "step/suspend/", "step/let-go/", "erase/")]
    for window, rules in (
        (open_as(alice), ()),
        (open_as(alice, viewport=PHONE, color_scheme="dark"), LOOK),
        (open_as(alice, viewport=PHONE, cookies=(("django_language", "ar-xb"),)), LOOK),
    ):
        for path in pages:
            assert window.go(path) == 200, path
            assert window.barriers(*rules) == [], path
            assert not window.too_wide(), path


def test_a_lead_suspends_and_undoes_by_keyboard(ally: Contact, open_as: Open, alice: Person) -> None:
    window = open_as(alice)
    window.go("/")
    page = window.page
    page.keyboard.press("g")
    page.keyboard.press("y")
    page.wait_for_url("**/alliances/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alliances/{ally.public_id}/")
    page.get_by_role("link", name="Suspend").press("Enter")
    page.get_by_label("Why").press_sequentially("Their phone was taken.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("They are suspended: Their phone was taken.")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("Undone. What was recalled stays recalled.")).to_be_visible()
    ally.refresh_from_db()
    assert ally.state == "vetted"


def test_an_ally_opens_a_slice_and_answers_without_scripts(ally: Contact, open_as: Open, alice: Person) -> None:
    public, _private = box_keys(SEED)
    until = clock.now() + timedelta(days=1)
    text = "Somebody needs a lawyer at the central station.\nBefore noon."
    link = actions.make_slice(ally, text.encode(), until, alice, tlp="amber", reply_to=public)
    window = open_as(None, viewport=PHONE)
    with_scripts = window.page
    watched = open_as(None, viewport=PHONE, java_script_enabled=False)
    page = watched.page
    for one in (window, watched):
        assert one.go(f"/s/{link.token}") == 200
    assert window.barriers() == []
    _enter(page, "wrong-wrong")
    expect(page.get_by_role("alert")).to_contain_text("2 tries are left")
    _enter(page, link.code.upper())
    expect(page.get_by_text("Before noon.")).to_be_visible()
    _enter(with_scripts, link.code)
    assert window.barriers() == []
    assert not window.too_wide()
    page.get_by_label("What you want to say").fill("I am on my way.")
    page.get_by_role("button", name="I can help").click()
    expect(page.get_by_role("status")).to_contain_text("Your answer arrived")
    said = [json.loads(open_box(SEED, one.sealed)) for one in actions.replies([link.slice])]
    assert [(one["kind"], one["words"]) for one in said][-1] == ("accept", "I am on my way.")
    actions.recall(link.slice, alice)
    assert watched.go(f"/s/{link.token}") == 404
    assert bytes(Slice.objects.get().blob) == b""
    assert page.context.cookies() == []


def _enter(page: Page, code: str) -> None:
    page.get_by_label("The code").fill(code)
    page.get_by_role("button", name="Open it").click()
