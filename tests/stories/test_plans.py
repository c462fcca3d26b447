"""A plan in a real browser: from a situation and a playbook to a second person's yes on a phone, to its end."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from tests.stories.conftest import Open
from tests.stories.window import Window
from tocsin.keys.tests.conftest import Open as OpenVaultOf
from tocsin.keys.tests.conftest import holder, know, opened
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, beginning, models
from tocsin.responses import members as in_plan
from tocsin.responses.log import acts
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.content import Function, Stakeholder, State
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library
from tocsin.situations.models import Situation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["holder", "know", "opened"]
PHONE = {"width": 360, "height": 740}
LOOK = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
OPEN_PAGES = ("", "?tasks=board", "?tasks=time", "log/", "versions/", "versions/1/", "edit/", "ask/", "answer/",
              "act-first/", "withdraw/", "standing/", "tasks/new/", "tasks/s1/", "tasks/s1/edit/", "tasks/s1/risk/",
              "team/", "recovery/", "debrief/")  # fmt: skip


@pytest.fixture
def situation(db: None) -> Situation:
    now = timezone.now()
    return Situation.objects.create(
        public_id="abc234", title="A contributor was arrested", first_at=now, last_at=now, changed_at=now, country="TR",
        harm="arrest",
    )  # fmt: skip


def test_from_a_situation_to_a_yes_on_a_phone_to_the_end(
    open_as: Open, situation: Situation, alice: Person, bob: Person, vera: Person
) -> None:
    writer = open_as(bob, java_script_enabled=False)
    plan = _begun(writer, situation)
    _asked(writer, plan, vera)
    _approved(open_as(vera, viewport=PHONE, color_scheme="dark", java_script_enabled=False), plan)
    page = writer.page
    writer.go(f"/plans/{plan}/")
    assert page.get_by_role("heading", name="Approved as it stands").is_visible()
    book = OpenBook(plan)
    first, *rest = book.read().open_tasks
    writer.go(f"/plans/{plan}/tasks/{first.key}/")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_label("What shows that it is done").fill("Spoke with her brother at 14:10.")
    page.get_by_role("button", name="It is done").click()
    page.get_by_role("heading", name="It is done").wait_for()
    for task in rest:
        actions.move(book, bob, task.key, State.DROPPED, "She was freed at noon.")
    writer.go(f"/plans/{plan}/standing/")
    page.get_by_label("was met").first.check()
    page.get_by_label("What was reached, and what was not").fill("She is at home. No charge is open.")
    page.get_by_role("button", name="Close the plan").click()
    assert page.get_by_text("Closed: the exit condition was met.").is_visible()
    writer.go(f"/plans/?show=closed&situation={situation.public_id}")
    assert page.get_by_role("link", name="Editor held").is_visible()


def _begun(window: Window, situation: Situation) -> str:
    page = window.page
    window.go(f"/situations/{situation.public_id}/")
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("link", name="Begin a plan").click()
    assert page.get_by_text("fits this situation").first.is_visible()
    page.get_by_role("link", name="A contributor is detained").click()
    page.get_by_label("Title").fill("Editor held")
    page.get_by_label("Objective").fill("She is free and safe.")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_role("heading", name="Nobody has approved this yet").wait_for()
    return models.Plan.objects.get().public_id


def _asked(window: Window, plan: str, vera: Person) -> None:
    page = window.page
    window.go(f"/plans/{plan}/ask/")
    page.get_by_role("link", name="Choose an option.").click()
    page.get_by_label("Choose this one").first.check()
    page.get_by_label("Why the chosen option").fill("A lawyer at the first hearing changes most.")
    page.get_by_role("button", name="Add another option").click()
    added = page.get_by_role("group", name="Option 5")
    added.get_by_label("Name").fill("Do nothing")
    added.get_by_label("Risk to the person").fill("She sees a judge alone.")
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_role("link", name="Ask for approval").click()
    page.locator(f"[name=approver][value='{vera.pk}']").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    assert page.get_by_role("heading", name="Waits for a yes or a no").is_visible()


def _approved(window: Window, plan: str) -> None:
    page = window.page
    window.go("/plans/")
    page.get_by_role("link", name="Editor held").first.click()
    assert page.get_by_text("What it may do to the person").is_visible()
    assert not window.too_wide()
    page.get_by_label("Words beside your yes").fill("Go, and call me after the hearing.")
    page.get_by_role("button", name="Approve this exact version").click()
    page.get_by_role("heading", name="Approved as it stands").wait_for()
    assert OpenBook(plan).read().standing is Standing.APPROVED


def _walk(window: Window, addresses: list[str], *rules: str) -> dict[str, list[str]]:
    wrong = {}
    for address in addresses:
        assert window.go(address) == 200, address
        found = window.barriers(*rules) + (["too wide"] if window.too_wide() else [])
        if found:
            wrong[address] = found
    return wrong


@pytest.fixture
def full(bob: Person, vera: Person) -> Book:
    """A plan with words that never break, that was approved, changed since, and is under way."""
    playbook = library.playbook("detained")
    assert playbook is not None
    first = beginning.content_of(playbook, "Unbroken" * 20, "Unbroken" * 20)
    parts = (*first.stakeholders, Stakeholder(Function.LEGAL, vera.pk, part="Unbroken" * 40))
    first = replace(first, chosen="o1", reasons="Unbroken" * 40, stakeholders=parts)
    tasks = beginning.tasks_of(playbook, timezone.now() - timedelta(hours=3))
    tasks = [replace(one, owner=bob.pk, needs=("s1",) if one.key == "s2" else ()) for one in tasks]
    book = actions.begin(bob, acts.Begun(severity=3, playbook="detained"), first, tasks, None)
    asked = actions.ask(book, bob, vera, None, "Unbroken" * 40)
    actions.approve(book, vera, asked.digest, "Unbroken" * 40)
    actions.move(book, bob, "s1", State.DONE, "Unbroken" * 40)
    actions.update(book, bob, "Unbroken" * 40)
    actions.decide(book, bob, "Unbroken" * 40, "Because.")
    actions.write(book, bob, replace(first, objective="Another" * 20), 1, "Unbroken" * 20)
    actions.ask(book, bob, vera, None)
    return book


@pytest.mark.once
def test_nobody_meets_a_barrier_on_the_pages_of_plans(full: Book, open_as: Open, bob: Person, vera: Person) -> None:
    own = [f"/plans/{full.id}/{rest}" for rest in OPEN_PAGES]
    across = ["/plans/", "/plans/?show=mine", "/plans/?show=closed", "/plans/tasks/", "/plans/tasks/?of=everybody",
              "/plans/new/", "/plans/new/?playbook=detained", "/plans/lessons/", "/plans/missed/"]  # fmt: skip
    assert _walk(open_as(bob), own + across) == {}
    dark = {"viewport": PHONE, "color_scheme": "dark"}
    assert _walk(open_as(bob, **dark), own + across, *LOOK) == {}
    assert _walk(open_as(vera, **dark), ["/plans/", f"/plans/{full.id}/", f"/plans/{full.id}/answer/"]) == {}
    mirrored = open_as(bob, cookies=(("django_language", "ar-xb"),), viewport=PHONE)
    assert _walk(mirrored, own[:8], "target-size") == {}


def _cookies(vault: OpenVault) -> tuple[tuple[str, str], ...]:
    return ((settings.VAULT_COOKIE, base64.urlsafe_b64encode(vault._cookie).decode()),)


def test_a_sealed_plan_from_its_beginning_to_a_yes(
    open_as: Open, opened: OpenVaultOf, know: Callable[..., None], alice: Person
) -> None:
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.EXECUTIVE))
    know(alice, eve)
    window = open_as(alice, cookies=_cookies(opened(alice)), java_script_enabled=False)
    page = window.page
    window.go("/plans/sealed/new/?playbook=detained")
    page.get_by_label("Title").fill("Held at the border")
    page.get_by_label("Objective").fill("He is free.")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_role("heading", name="Held at the border").wait_for()
    plan = UUID(page.url.rstrip("/").rsplit("/", 1)[-1])
    page.get_by_role("link", name="Who is in it").click()
    page.get_by_label("Who").select_option(str(eve.pk))
    page.get_by_role("button", name="Let in").click()
    assert page.get_by_text("They are in.").is_visible()
    _asked_sealed(window, plan, eve)
    night = open_as(eve, cookies=_cookies(opened(eve)), viewport=PHONE, java_script_enabled=False)
    night.go("/plans/sealed/")
    night.page.get_by_role("link", name="Held at the border").click()
    night.page.get_by_role("link", name="Approve or decline").click()
    night.page.get_by_role("button", name="Approve this exact version").click()
    night.page.get_by_role("heading", name="Approved as it stands").wait_for()
    looked = open_as(alice, cookies=_cookies(opened(alice)), viewport=PHONE)
    pages = ("", "?tasks=time", "edit/", "answer/", "people/", "log/", "standing/")
    assert _walk(looked, ["/plans/sealed/", *(f"/plans/sealed/{plan}/{rest}" for rest in pages)]) == {}
    in_plan.put_out(opened(alice), plan, eve.pk)
    assert night.go(f"/plans/sealed/{plan}/") == 404


def _asked_sealed(window: Window, plan: UUID, eve: Person) -> None:
    page = window.page
    window.go(f"/plans/sealed/{plan}/edit/")
    page.get_by_label("Choose this one").first.check()
    page.get_by_label("Why the chosen option").fill("It changes most.")
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_role("link", name="Ask for approval").click()
    page.locator(f"[name=approver][value='{eve.pk}']").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("heading", name="Waits for a yes or a no").wait_for()
