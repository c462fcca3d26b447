"""Reports in a real browser: from what happened to six issues; every page without barriers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.stories.conftest import Open
from tests.stories.newsroom import AGAIN, ARREST, BLOCK, Newsroom
from tests.stories.test_every_page import LOOK, PHONE, walk
from tests.stories.window import Window
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import sending, versions, work
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.models import Delivery, Draft, Issue, Report, Round
from tocsin.reports.secrets import token_of
from tocsin.situations import actions as situations
from tocsin.situations.models import Situation, ThreatLevel
from tocsin.streams.models import BlindSpot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
UNBROKEN = "Unbroken" * 30


@pytest.fixture
def happened(newsroom: Newsroom, alice: Person) -> Situation:
    """An arrest and a block that the lead judged, threat levels that moved, a source that fell silent."""
    newsroom.publish("daily", ARREST, BLOCK, (UNBROKEN, f"Police arrested an editor in Ankara. {UNBROKEN}"))
    silent = newsroom.publish("weekly", AGAIN)
    newsroom.work()
    row = Situation.objects.get(title=ARREST[0])
    for probability in (0.6, 0.85):
        when = timezone.localdate() + timedelta(days=7)
        situations.assess(alice, row, situations.Judgement(probability, 4, "high", "Two outlets.", "A namesake.", when))
    for days, level in ((5, 0.2), (2, 0.7)):
        ThreatLevel.objects.create(
            country="TR", harm="arrest", at=timezone.now() - timedelta(days=days), probability=level, current=False
        )
    BlindSpot.objects.create(
        source=silent, since=timezone.now() - timedelta(days=2), countries=["IR"], reason="Silent."
    )
    return row


def set_up(window: Window, audience: str) -> Report:
    """Set a report up in the form, as a person would."""
    window.go("/reports/new/")
    window.page.fill("input[name=title]", f"Brief: {audience}")
    window.page.check(f"input[name=audience][value={audience}]")
    window.page.select_option("select[name=cadence]", "hand")
    window.page.click("text=Set it up")
    window.page.click("text=Draft one now")
    return Report.objects.get(title=f"Brief: {audience}")


def release(window: Window, draft: Draft) -> None:
    """Look at the version that stands there, and release it."""
    window.go(f"/reports/drafts/{draft.public_id}/")
    window.page.click("text=Release this version")
    window.page.wait_for_url("**/reports/issues/**")


def test_from_what_happened_to_six_reports(happened: Situation, open_as: Open, bob: Person, vera: Person) -> None:
    analyst, phone = open_as(bob), open_as(vera, viewport=PHONE)
    for key, audience in AUDIENCES.items():
        report = set_up(analyst, key)
        draft = report.drafts.get()
        while analyst.page.get_by_role("button", name="It is no name").count():
            analyst.page.get_by_role("button", name="It is no name").first.click()
        while analyst.page.get_by_role("button", name="It may stand").count():
            analyst.page.get_by_role("button", name="It may stand").first.click()
        if audience.agreed:
            analyst.page.click("text=They agreed with this version")
            analyst.page.fill("input[name=with_whom]", "The user group")
            analyst.page.fill("input[name=how]", "A call with its board")
            analyst.page.fill("input[name=agreed_on]", timezone.localdate().isoformat())
            analyst.page.click("text=Write it down")
        release(phone, draft)
    assert set(Issue.objects.values_list("audience", flat=True)) == set(AUDIENCES)
    team = Issue.objects.get(audience="operational")
    outside = Issue.objects.filter(audience__in=[one.key for one in AUDIENCES.values() if one.outside])
    assert ARREST[0] in str(team.document)
    assert not any(ARREST[0] in str(one.document) for one in outside)
    assert (analyst.faults, phone.faults) == ([], [])


def test_a_sentence_without_a_source_is_named_on_the_page_and_mended_there(
    happened: Situation, open_as: Open, bob: Person, vera: Person
) -> None:
    analyst = open_as(bob, java_script_enabled=False)
    draft = set_up(analyst, "vice-president").drafts.get()
    analyst.page.locator("summary", has_text="Write your assessment here").first.click()
    analyst.page.locator("details[open] textarea[name=text]").fill("We think that it will pass.")
    analyst.page.locator("details[open] button", has_text="Add").click()
    assert analyst.page.locator(".report-problems", has_text="We think that it will pass.").count() == 1
    approver = open_as(vera)
    approver.go(f"/reports/drafts/{draft.public_id}/")
    assert approver.page.locator("text=Release this version").count() == 0
    bare = analyst.page.locator(".report-bare")
    bare.locator("summary").click()
    bare.locator("select").select_option(index=1)
    bare.locator("button", has_text="Save").click()
    release(approver, draft)
    assert "Assessment by Bob" in approver.page.inner_text("main")


@pytest.mark.once
def test_every_page_of_reports_is_without_barriers(
    happened: Situation, open_as: Open, bob: Person, vera: Person, alice: Person
) -> None:
    analyst = open_as(bob)
    first = set_up(analyst, "operational")
    release(open_as(vera), first.drafts.get())
    issue = first.issues.get()
    sending.add(vera, first, UNBROKEN[:100], "ann@example.org", "link")
    sending.send_to(vera, issue, first.recipients.get())
    work.step()
    Delivery.objects.update(first_failed_at=timezone.now(), tries=3, why="connect", state="waiting")
    draft = set_up(analyst, "vice-president").drafts.get()
    community = set_up(analyst, "community").drafts.get()
    analyst.go("/reports/")
    analyst.page.click("text=Draft the week")
    analyst.page.wait_for_url("**/reports/sets/**")
    week = Round.objects.get()
    assert week.drafts.count() == len(AUDIENCES)
    paths = [
        "/reports/", "/reports/new/", "/reports/measures/", "/reports/measures/?over=week", "/reports/layouts/",
        "/reports/layouts/public/", f"/reports/{first.public_id}/", f"/reports/drafts/{draft.public_id}/",
        f"/reports/drafts/{draft.public_id}/?as=public", f"/reports/drafts/{draft.public_id}/?as=operational",
        f"/reports/drafts/{community.public_id}/", f"/reports/drafts/{draft.public_id}/everywhere/",
        f"/reports/gathered/{draft.gathered.public_id}/", f"/reports/issues/{issue.public_id}/", "/reports/sets/new/",
        f"/reports/sets/{week.together.public_id}/", f"/reports/drafts/{versions.begin(bob, issue, 'ar').public_id}/",
    ]  # fmt: skip
    assert walk(open_as(alice), paths) == {}
    assert walk(open_as(alice, viewport=PHONE, color_scheme="dark"), paths, *LOOK) == {}
    mirrored = open_as(alice, cookies=(("django_language", "ar-xb"),), viewport=PHONE)
    for path in paths:
        mirrored.go(path)
        assert not mirrored.too_wide(), path
    stakeholder = Person.objects.create(email="sam@example.org", name="Sam", roles=int(Role.STAKEHOLDER))
    assert walk(open_as(stakeholder, viewport=PHONE), ["/reports/", "/reports/measures/"]) == {}
    Delivery.objects.update(
        token_hash=token_of("x").digest, expires_at=timezone.now() + timedelta(days=1), public_id="x"
    )
    stranger = open_as(None, viewport=PHONE)
    assert walk(stranger, [f"/r/{token_of('x')}", "/r/never"]) == {}
    stranger.go(f"/r/{token_of('x')}")
    stranger.page.click("text=Open it")
    assert stranger.barriers() == []
    assert not stranger.too_wide()
