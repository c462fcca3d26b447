"""The whole way of a sealed matter in a real browser, from the public door to six reports that tell nothing of it."""

import base64
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from tests.stories import canaries, sealed_town, worlds
from tests.stories.canaries import Canaries, leaks
from tests.stories.conftest import PATIENCE, Open
from tests.stories.newsroom import ARREST, BLOCK, Newsroom
from tests.stories.public_door import PublicDoor
from tests.stories.test_every_page import PHONE
from tests.stories.test_from_alert_to_debrief import looked_through
from tests.stories.test_reports import release, set_up
from tests.stories.window import Window
from tocsin.alerts.models import Alert
from tocsin.alerts.tests.conftest import drums, works
from tocsin.alerts.tests.drums import Drums, address
from tocsin.cases import access as cases
from tocsin.cases.models import Outcome
from tocsin.intake.phrases import Words
from tocsin.keys.tests.conftest import Open as OpenVaultOf
from tocsin.keys.tests.conftest import holder, know, opened
from tocsin.mailbox import desks
from tocsin.mailbox.desks import Shown
from tocsin.mailbox.models import Letter, Measured
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import sending
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.models import Delivery, Form, Issue
from tocsin.responses import actions as plans
from tocsin.responses import work as responding
from tocsin.responses.log.books import SealedBook
from tocsin.responses.log.content import State
from tocsin.responses.log.folding import Standing
from tocsin.responses.models import Plan
from tocsin.signals.models import Finding
from tocsin.situations.models import Situation

__all__ = ["drums", "holder", "know", "opened", "works"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, databases="__all__")]
W = Words("en")


@dataclass
class Inside:
    """The two who are inside, what opens their vaults, and what was planted where only they can read it."""

    mara: Person
    noor: Person
    vaults: OpenVaultOf
    planted: Canaries

    def window(self, open_as: Open, person: Person, **look: Any) -> Window:
        """A browser in which somebody's vault is open."""
        cookie = base64.urlsafe_b64encode(self.vaults(person)._cookie).decode()
        return open_as(person, cookies=((django_settings.VAULT_COOKIE, cookie),), **look)


@pytest.fixture
def door(tmp_path: Path, settings: Any) -> Iterator[PublicDoor]:
    with sealed_town.door_of_this_house(tmp_path, settings) as made:
        yield made


@pytest.fixture
def inside(
    door: PublicDoor, opened: OpenVaultOf, know: Callable[..., None], drums: Drums, transactional_db: None
) -> Inside:
    """Two at a desk that stands at the door, and a phone of the one who is called."""
    mara = Person.objects.create(email="mara@example.org", name="Mara", roles=int(Role.RESPONDER))
    both = int(Role.RESPONDER | Role.APPROVER)
    noor = Person.objects.create(email="noor@example.org", name="Noor", roles=both)
    know(mara, noor)
    desk = desks.make(opened(mara), "Night desk")
    desks.let_in(opened(mara), desk, noor, ())
    desks.show(opened(mara), desk, Shown("Night desk", {"en": "Night desk"}, ("en",), (), at_door=True))
    address(mara, "signal")
    sealed_town.carry()
    responding.step()
    return Inside(mara, noor, opened, Canaries())


def test_from_a_letter_at_the_door_to_a_debrief_and_six_reports_that_tell_nothing_of_it(
    inside: Inside, door: PublicDoor, drums: Drums, works: Callable[[], None], newsroom: Newsroom, chromium: Browser,
    open_as: Open, browse: Callable[[Person], Client], caplog: pytest.LogCaptureFixture, monkeypatch: Any,
    alice: Person, bob: Person, charlie: Person, vera: Person,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    newsroom.publish("daily", ARREST, BLOCK)
    newsroom.work()
    _measured()
    for room in ("alerts", "situations", "rollcalls"):
        monkeypatch.setattr(f"tocsin.{room}.freshness._MINUTES", 10**9, raising=False)
    readers = sealed_town.outside(browse, lead=alice, analyst=bob, nothing=charlie, approver=vera)
    few = {name: readers[name] for name in ("analyst", "nobody")}
    before = sealed_town.seen_by(few)

    old_phone, words = _written(chromium, door, inside.planted)
    sealed_town.carry()
    works()
    mara = inside.window(open_as, inside.mara, viewport=PHONE, java_script_enabled=False)
    letter = _answered(mara, drums, inside)
    sealed_town.carry()
    case = _case(mara, inside)
    desk = inside.window(open_as, inside.mara)
    plan = _planned(desk, inside, case)
    _said_yes(inside.window(open_as, inside.noor, viewport=PHONE, java_script_enabled=False), inside.planted)
    book = SealedBook(inside.vaults(inside.mara), plan)
    assert book.read().standing is Standing.APPROVED
    _done(desk, book, inside)
    _recovered(desk, case, plan, inside)
    _closed_and_debriefed(desk, plan, inside)
    assert inside.planted.planted["the answer"] in _read(old_phone, words)

    # Before any report is released: whoever is outside sees what they saw before anybody wrote.
    assert worlds.differences(before, sealed_town.seen_by(few)) == []
    _six_reports(open_as(bob), open_as(vera, viewport=PHONE), vera)
    guesses = sealed_town.guesses(case, plan, letter)
    assert leaks(inside.planted, sealed_town.come_to(readers, guesses)) == []
    assert leaks(inside.planted, canaries.everything_stored(caplog.records)) == []
    assert leaks(inside.planted, [("a page", repr(heard).encode()) for heard in _heard(drums)]) == []
    assert sealed_town.found_by({name: readers[name] for name in ("lead", "analyst")}, inside.planted) == []


def _measured() -> None:
    """Something that is measured there fell, and is back before long."""
    now = timezone.now()
    Finding.objects.create(
        rule="blocking/1", stream="blocking", kind="ooni.web", country="TR", subject="en.wikipedia.org",
        opened_at=now - timedelta(hours=9), seen_at=now, closed_at=now + timedelta(hours=1), direction="rise",
        score=0.9, before=0.02, now=0.02, points=9, evidence="scored",
    )  # fmt: skip


def _written(chromium: Browser, door: PublicDoor, planted: Canaries) -> tuple[Page, str]:
    """Dana writes on an old phone without scripts; gives her phone and the words of her receipt."""
    context = chromium.new_context(locale="en", viewport={"width": 320, "height": 640}, java_script_enabled=False)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{door.url}/en/")
    page.get_by_role("link", name=W["start_go"]).click()
    page.get_by_label(W["tell_label"]).fill(f"They took {planted.plant('her brother')} at the border last night.")
    page.get_by_role("button", name=W["next"], exact=True).click()
    page.get_by_label(W["urgency_now"]).check()
    for _step in ("now", "who", "answer", "check"):
        page.get_by_role("button", name=W["next"], exact=True).click()
    page.get_by_role("button", name=W["send"], exact=True).click()
    words = "\n".join(page.locator("ol.words li").all_inner_texts())
    assert len(words.split()) >= 8
    return page, words


def _read(page: Page, words: str) -> str:
    """She comes back with the words of her receipt."""
    page.get_by_role("link", name=W["receipt_open"]).click()
    page.get_by_label(W["box_label"]).fill(words)
    page.get_by_role("button", name=W["box_open"]).click()
    page.locator("article").first.wait_for()
    text = page.locator("main").inner_text()
    page.context.close()
    return text


def _heard(drums: Drums) -> Iterator[Any]:
    for drum in drums.of.values():
        yield from drum.heard


def _answered(phone: Window, drums: Drums, inside: Inside) -> UUID:
    """The page says nothing of what came; one thumb has it, and leads to the letter."""
    page, planted = phone.page, inside.planted
    heard = drums.heard_by(inside.mara)
    assert heard
    assert leaks(planted, [("the page", repr(heard).encode())]) == []
    phone.go("/alerts/")
    alert = Alert.objects.get(kind="letter")
    page.locator(f"a[href*='/alerts/{alert.public_id}/']").first.click()
    page.get_by_role("button", name="I have it").first.click()
    alert.refresh_from_db()
    assert alert.answered_by == inside.mara
    assert planted.within(page.content().encode()) == set()
    page.get_by_role("link", name="Open:").click()
    assert planted.within(page.content().encode()) == {"her brother"}
    page.get_by_role("button", name="Send these words").first.click()
    page.get_by_label("Your answer").fill(f"A lawyer is on the way: {planted.plant('the answer')}.")
    page.get_by_role("button", name="Send the answer").click()
    assert page.get_by_text("Both clocks have stopped.").is_visible()
    assert set(Measured.objects.values_list("how", flat=True)) == {"met"}
    return Letter.objects.get().pk


def _case(phone: Window, inside: Inside) -> UUID:
    """The letter becomes a case, with who it is about, a promise, and a second person."""
    page, planted = phone.page, inside.planted
    page.get_by_label("What the new case is about").fill(planted.plant("the case's line"))
    page.get_by_role("button", name="Open a case from it").click()
    page.get_by_text("Nobody else can open this").wait_for()
    (case,) = cases.numbers_of(inside.vaults(inside.mara))
    phone.go(f"/cases/{case}/add/person/")
    page.get_by_label("Name, or what the group calls itself").fill(planted.plant("a name"))
    page.get_by_label("Relation to the movement").select_option("contributor")
    page.get_by_label("adult").check()
    page.get_by_role("button", name="Seal it").click()
    phone.go(f"/cases/{case}/add/promise/")
    page.get_by_label("What we promised").fill(f"We call {planted.plant('whom we call')} by noon.")
    page.get_by_label("Who does it").select_option(str(inside.mara.pk))
    page.get_by_label("By", exact=True).fill(timezone.localdate().isoformat())
    page.get_by_role("button", name="Seal it").click()
    phone.go(f"/cases/{case}/people/")
    _let_in(phone, inside.noor)
    return case


def _let_in(window: Window, person: Person) -> None:
    window.page.locator("select[name=person]").first.select_option(str(person.pk))
    window.page.get_by_role("button", name="Let in").click()


def _planned(window: Window, inside: Inside, case: UUID) -> UUID:
    page, planted = window.page, inside.planted
    window.go(f"/cases/{case}/")
    page.get_by_role("link", name="Response plan").click()
    page.get_by_role("link", name="A contributor is detained").click()
    page.get_by_label("Title").fill(planted.plant("the plan's title"))
    page.get_by_label("Objective").fill(f"{planted.plant('the objective')} is free.")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_role("link", name="Who is in it").click()
    plan = UUID(page.url.rstrip("/").split("/")[-2])
    _let_in(window, inside.noor)
    window.go(f"/plans/sealed/{plan}/edit/")
    page.get_by_label("Choose this one").first.check()
    page.get_by_label("Why the chosen option").fill(planted.plant("the reasons"))
    page.locator("#indicators > details > summary").click()
    page.get_by_role("button", name="Add something to watch").click()
    sign = page.get_by_role("group", name="Sign").last
    sign.get_by_label("What to watch").fill(planted.plant("what to watch"))
    sign.get_by_label("Measured as").fill("findings:TR:ooni.web")
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_role("link", name="Ask for approval").click()
    page.locator(f"[name=approver][value='{inside.noor.pk}']").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("heading", name="Waits for a yes or a no").wait_for()
    assert Plan.objects.count() == 0
    return plan


def _said_yes(phone: Window, planted: Canaries) -> None:
    page = phone.page
    phone.go("/plans/sealed/")
    page.get_by_role("link", name=planted.planted["the plan's title"]).click()
    page.get_by_role("link", name="Approve or decline").click()
    page.get_by_label("Words beside your yes").fill(planted.plant("words beside a yes"))
    page.get_by_role("button", name="Approve this exact version").click()
    page.get_by_role("heading", name="Approved as it stands").wait_for()


def _done(window: Window, book: SealedBook, inside: Inside) -> None:
    first, *rest = [one for one in book.read().open_tasks if not one.risk_check]
    window.go(f"/plans/sealed/{book.id}/tasks/{first.key}/")
    window.page.get_by_role("button", name="Begin it").click()
    window.page.get_by_label("What shows that it is done").fill(inside.planted.plant("the evidence"))
    window.page.get_by_role("button", name="It is done").click()
    window.page.get_by_role("heading", name="It is done").wait_for()
    why = inside.planted.plant("why tasks were dropped")
    for task in book.read().open_tasks:
        plans.move(book, inside.mara, task.key, State.DROPPED, why)
    assert rest


def _recovered(window: Window, case: UUID, plan: UUID, inside: Inside) -> None:
    """What fell is measured as back, and what was promised is written down as kept."""
    page = window.page
    window.go(f"/plans/sealed/{plan}/recovery/")
    assert "was back as usual after" in page.inner_text("main")
    window.go(f"/cases/{case}/in/account/")
    page.locator("a[href$='/do/kept/'], button[formaction$='/do/kept/']").first.click()
    page.get_by_role("button", name="Kept").click()
    assert Outcome.objects.filter(clock="promise", result=Outcome.Result.MET).count() == 1


def _closed_and_debriefed(window: Window, plan: UUID, inside: Inside) -> None:
    page, planted = window.page, inside.planted
    window.go(f"/plans/sealed/{plan}/standing/")
    page.get_by_label("was met").first.check()
    page.get_by_label("What was reached, and what was not").fill(f"{planted.plant('who is home')} is home.")
    page.get_by_role("button", name="Close the plan").click()
    assert page.get_by_text("Closed: the exit condition was met.").is_visible()
    window.go(f"/plans/sealed/{plan}/debrief/")
    page.get_by_label("What happened").fill(f"{planted.plant('who helped')} knew the judge.")
    page.get_by_role("button", name="Store the debrief").click()
    page.get_by_text("Add a lesson").click()
    page.get_by_role("textbox", name="What will be different").fill(f"Call {planted.plant('a lesson')} first")
    page.get_by_label("Who sees to it").select_option(index=1)
    page.get_by_role("button", name="Add it").click()
    assert page.get_by_text("It is chased from now on").is_visible()


def _six_reports(writer: Window, phone: Window, vera: Person) -> None:
    """Six issues in every form, sent by mail and by link: what they tell is the open matter alone."""
    assert Situation.objects.filter(title=ARREST[0]).exists()
    for key, audience in AUDIENCES.items():
        report = set_up(writer, key)
        sending.add(vera, report, "Ann", "ann@example.org", "link")
        looked_through(writer, agreed=audience.agreed)
        release(phone, report.drafts.get())
    assert set(Issue.objects.values_list("audience", flat=True)) == set(AUDIENCES)
    assert Delivery.objects.count() == len(AUDIENCES)
    drawn = Form.objects.filter(issue__audience="operational")
    assert set(drawn.values_list("form", flat=True)) >= {"html", "pdf", "docx", "csv"}
    assert ARREST[0] in str(Issue.objects.get(audience="operational").document)
