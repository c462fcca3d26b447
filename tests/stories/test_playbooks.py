"""Playbooks in a real browser: one writes, another looks at it on a phone without scripts, and it is in force."""

import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks import actions, authorities, library
from tocsin.responses.playbooks.authorities import Given, Told

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 320, "height": 640}
LOOK = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")


@pytest.fixture
def rosa(db: None) -> Person:
    return Person.objects.create(email="rosa@example.org", name="Rosa", roles=int(Role.RESPONDER))


def rewritten() -> str:
    return library.shipped()["detained", "en"].replace("Ask for silence on wiki", "Ask for quiet on wiki")


@pytest.mark.once
def test_no_page_of_playbooks_or_authorities_has_a_barrier(open_as: Open, alice: Person, rosa: Person) -> None:
    for number in (2, 3):
        text = rewritten().replace("Ask for quiet", f"Ask for quiet {number} " + "unbroken" * 12)
        row = actions.write(rosa, "detained", "en", text, base=number - 1, note="Quiet is the better word.")
        if number == 2:
            actions.review(alice, row, 0)
    row_of = authorities.state(rosa, "KE", Given("yes", "legal", note="The cyber unit only. " + "unbroken" * 12))
    authorities.verify(alice, row_of)
    authorities.state(rosa, "KE", Given("no", note="Changed."))
    authorities.disclose(rosa, Told("KE", "police", "fact", "life", row_of.at.date()), "k3v9x2mw7q")
    at = "/plans/playbooks/"
    pages = [at, at + "detained/", at + "detained/ar/", at + "self-harm/", at + "protections/", at + "new/"]
    pages += [at + f"detained/en/{tail}" for tail in ("edit/", "history/", "diff/", "diff/?from=0", "2/")]
    pages += [at + "detained/pt/edit/", "/plans/authorities/", "/plans/authorities/KE/", "/plans/authorities/TZ/"]
    pages += ["/plans/authorities/KE/edit/", "/plans/authorities/disclosures/", "/plans/authorities/disclosures/new/"]
    for window, rules in (
        (open_as(alice), ()),
        (open_as(alice, viewport=PHONE, color_scheme="dark"), LOOK),
        (open_as(alice, viewport=PHONE, cookies=(("django_language", "ar-xb"),)), LOOK),
    ):
        for path in pages:
            assert window.go(path) == 200, path
            assert window.barriers(*rules) == [], path
            assert not window.too_wide(), path


def test_from_a_better_word_to_a_text_in_force(open_as: Open, alice: Person, rosa: Person) -> None:
    writer = open_as(rosa)
    writer.go("/plans/playbooks/detained/")
    writer.page.get_by_role("link", name="Change", exact=True).click()
    box = writer.page.get_by_label("Text", exact=True)
    box.fill(box.input_value().replace("[15 min] lead", "[15 min] boss").replace("silence on wiki", "quiet on wiki"))
    writer.page.get_by_label("What is new, and why").fill("Quiet is the better word.")
    writer.page.get_by_role("button", name="Save as a new version").click()
    expect(writer.page.get_by_text("Nobody is called “boss”")).to_be_visible()
    box.fill(box.input_value().replace("[15 min] boss", "[15 min] lead"))
    writer.page.get_by_role("button", name="Save as a new version").click()
    expect(writer.page.get_by_text("You wrote this.")).to_be_visible()

    reader = open_as(alice, viewport=PHONE, java_script_enabled=False)
    reader.go("/plans/playbooks/detained/")
    reader.page.get_by_role("link", name="See what is different").click()
    expect(reader.page.get_by_text("Ask for quiet on wiki")).to_be_visible()
    reader.page.get_by_role("button", name="Put it into force").click()
    expect(reader.page.get_by_text("reviewed by Alice")).to_be_visible()
    assert PlaybookText.objects.get().reviewed_by == alice
