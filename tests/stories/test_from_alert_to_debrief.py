"""The whole way in a real browser: measured block, page, answer, plan, a yes on a phone, recovery, debrief, reports."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from tests.stories.conftest import Open
from tests.stories.every_write import source, until_idle
from tests.stories.newsroom import Newsroom
from tests.stories.test_every_page import PHONE
from tests.stories.test_reports import release, set_up
from tests.stories.window import Window
from tocsin.alerts.models import Alert
from tocsin.people.models import Person
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.models import Issue
from tocsin.responses import actions as plans
from tocsin.responses import models, recovering
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.content import State
from tocsin.responses.log.folding import Standing
from tocsin.signals import measuring
from tocsin.signals.models import Finding
from tocsin.situations import actions as situations
from tocsin.situations import paging
from tocsin.situations.models import Situation
from tocsin.streams import lake
from tocsin.streams.models import Observation, Source

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FIRST, BLOCKED, BACK, LAST = 24, 10, 5, 0  # days before today
TEXTS = (
    ("Government blocks Wikipedia in Pakistan", "The regulator ordered providers in Pakistan to block Wikipedia."),
    ("Wikipedia blocked across Pakistan, users say", "Since the order of the regulator Wikipedia opens nowhere."),
)


def _measure(measures: Source, days: range, newsroom: Newsroom) -> None:
    """What probes saw on these days before today: nearly everything fails while it is blocked."""
    rows = []
    for back in days:
        at, blocked = TODAY - timedelta(days=back), BACK < back <= BLOCKED
        for network in ("AS64500", "AS64501"):
            rows.append(
                Observation(
                    source=measures, stream="blocking", kind="ooni.web", country="PK", subject="en.wikipedia.org",
                    network=network, epoch=int(at.timestamp()), step=86_400, n=40, k=38 if blocked else 1,
                    evidence="scored", day=at.date(), fetched=int(at.timestamp()) + 90_000,
                    landing=secrets.randbits(62),
                )
            )  # fmt: skip
    Observation.objects.bulk_create(rows)
    until_idle(lake.step, measuring.step)
    newsroom.work()


def test_from_a_measured_block_to_a_debrief_and_six_reports(
    newsroom: Newsroom, open_as: Open, alice: Person, bob: Person, vera: Person
) -> None:
    measures = source("Measures", "ooni")
    _measure(measures, range(FIRST, BACK, -1), newsroom)
    for outlet, text in zip(("daily", "weekly"), TEXTS, strict=True):
        newsroom.publish(outlet, text)
    finding = Finding.objects.filter(closed_at=None, score__gt=0).first()
    assert finding is not None
    situation = Situation.objects.get(members__signal__finding=finding)
    _judged(alice, situation)
    alert = _answered(open_as(bob, viewport=PHONE, java_script_enabled=False), situation)
    assert alert.answered_by == bob

    writer = open_as(bob)
    plan = _planned(writer, situation, vera)
    _said_yes(open_as(vera, viewport=PHONE, java_script_enabled=False), plan)
    assert OpenBook(plan).read().standing is Standing.APPROVED
    _done(writer, plan, bob)

    _measure(measures, range(BACK, LAST, -1), newsroom)
    writer.go(f"/plans/{plan}/recovery/")
    assert "was back as usual after" in writer.page.inner_text("main")
    lasted = recovering.recovered(recovering.readings(bob, OpenBook(plan).read()))
    assert lasted is not None
    assert abs(lasted - timedelta(days=BLOCKED - BACK)) <= timedelta(days=3)

    _closed_and_debriefed(writer, plan)
    phone = open_as(vera, viewport=PHONE)
    for key, audience in AUDIENCES.items():
        draft = set_up(writer, key).drafts.get()
        looked_through(writer, agreed=audience.agreed)
        release(phone, draft)
    assert set(Issue.objects.values_list("audience", flat=True)) == set(AUDIENCES)
    team = str(Issue.objects.get(audience="operational").document)
    assert "Block in Pakistan" in team
    assert "Agree in advance who may speak" in team


def _judged(alice: Person, situation: Situation) -> None:
    review = timezone.localdate() + timedelta(days=3)
    judgement = situations.Judgement(0.95, 5, "high", "Two feeds and two networks.", "An outage: others work.", review)
    situations.assess(alice, situation, judgement)


def _answered(phone: Window, situation: Situation) -> Alert:
    """The rule calls; whoever is on duty has it with one thumb, without scripts."""
    until_idle(paging.step)
    alert = Alert.objects.get(reference=f"situation:{situation.public_id}")
    phone.go("/alerts/")
    phone.page.locator(f"a[href*='/alerts/{alert.public_id}/']").first.click()
    phone.page.get_by_role("button", name="I have it").first.click()
    alert.refresh_from_db()
    return alert


def _planned(writer: Window, situation: Situation, vera: Person) -> str:
    page = writer.page
    writer.go(f"/plans/new/?situation={situation.public_id}&playbook=blocked")
    page.get_by_label("Title").fill("Block in Pakistan")
    page.get_by_label("Objective").fill("Readers reach the site again, and nobody is harmed by how.")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_role("heading", name="Nobody has approved this yet").wait_for()
    plan = models.Plan.objects.get().public_id
    writer.go(f"/plans/{plan}/edit/")
    page.get_by_label("Choose this one").first.check()
    page.get_by_label("Why the chosen option").fill("It harms nobody, and can be taken back.")
    page.get_by_role("button", name="Save as a new version").click()
    page.get_by_role("link", name="Ask for approval").click()
    page.locator(f"[name=approver][value='{vera.pk}']").check()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("heading", name="Waits for a yes or a no").wait_for()
    return plan


def _said_yes(phone: Window, plan: str) -> None:
    phone.go("/")
    phone.page.locator(f"a[href*='/plans/{plan}/']").first.click()
    phone.go(f"/plans/{plan}/answer/")
    phone.page.get_by_role("button", name="Approve this exact version").click()
    phone.page.get_by_role("heading", name="Approved as it stands").wait_for()


def _done(writer: Window, plan: str, bob: Person) -> None:
    book = OpenBook(plan)
    first, *rest = [one for one in book.read().open_tasks if not one.risk_check]
    writer.go(f"/plans/{plan}/tasks/{first.key}/")
    writer.page.get_by_role("button", name="Begin it").click()
    evidence = writer.page.get_by_label("What shows that it is done")
    evidence.fill("https://example.org/what-was-said")
    writer.page.get_by_role("button", name="It is done").click()
    writer.page.get_by_role("heading", name="It is done").wait_for()
    for task in book.read().open_tasks:
        plans.move(book, bob, task.key, State.DROPPED, "Not needed: it was over by itself.")
    assert rest


def _closed_and_debriefed(writer: Window, plan: str) -> None:
    page = writer.page
    writer.go(f"/plans/{plan}/standing/")
    page.get_by_label("was met").first.check()
    page.get_by_label("What was reached, and what was not").fill("The site opens everywhere again.")
    page.get_by_role("button", name="Close the plan").click()
    assert page.get_by_text("Closed: the exit condition was met.").is_visible()
    writer.go(f"/plans/{plan}/debrief/")
    assert "✓ kept" in page.inner_text("main")
    page.get_by_label("What happened").fill("We knew within a day, and nobody knew who may speak for us.")
    page.get_by_role("button", name="Store the debrief").click()
    page.get_by_text("Add a lesson").click()
    page.get_by_role("textbox", name="What will be different").fill("Agree in advance who may speak in the first hour")
    page.get_by_label("Who sees to it").select_option(index=1)
    page.get_by_role("button", name="Add it").click()
    assert page.get_by_text("It is chased from now on").is_visible()


def looked_through(writer: Window, *, agreed: bool) -> None:
    """What the checks ask a person about is answered: names that are none, places that may stand, an agreement."""
    page = writer.page
    for name in ("It is no name", "It may stand"):
        while page.get_by_role("button", name=name).count():
            page.get_by_role("button", name=name).first.click()
    if agreed:
        page.click("text=They agreed with this version")
        page.fill("input[name=with_whom]", "The user group")
        page.fill("input[name=how]", "A call with its board")
        page.fill("input[name=agreed_on]", timezone.localdate().isoformat())
        page.click("text=Write it down")
