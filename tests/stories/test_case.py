"""A case on a laptop and a phone: begun after a call, its identity opened on purpose, handed to the one on duty."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.stories.conftest import Open
from tests.stories.window import Window
from tocsin.alerts.models import Alert, Knower
from tocsin.cases import access, actions, keeping, members, work
from tocsin.cases.evidence import actions as evidence
from tocsin.cases.evidence.tests import making
from tocsin.cases.kinds.course import About, Closing
from tocsin.cases.kinds.happened import Happened
from tocsin.cases.kinds.reporters import Farewell, Report, Task, Terms
from tocsin.cases.models import Deadline
from tocsin.cases.tests.conftest import read
from tocsin.cases.tests.every_kind import write_all
from tocsin.keys import files
from tocsin.keys.tests.conftest import Open as OpenVaultOf
from tocsin.keys.tests.conftest import holder, know, opened
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox import desks
from tocsin.people.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["holder", "know", "opened"]
PHONE = {"width": 320, "height": 640}
HAND = {"width": 375, "height": 740}
LIGHT = 30_000


def _cookies(vault: OpenVault, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return ((settings.VAULT_COOKIE, base64.urlsafe_b64encode(vault._cookie).decode()), *more)


def _found(window: Window, opened: OpenVaultOf, person: Person) -> UUID:
    page = window.page
    window.go("/cases/new/")
    page.get_by_label("In a line, without names").fill("An editor fears a visit")
    page.get_by_label("What happened, as it was told").fill("Two men asked at her door.")
    page.get_by_label("within days").check()
    page.get_by_label("Who says so").select_option("person")
    page.get_by_role("button", name="Begin it").click()
    page.get_by_text("Nobody else can open this").wait_for()
    (case,) = access.numbers_of(opened(person))
    return case


def test_a_case_from_the_call_to_the_night(
    open_as: Open, opened: OpenVaultOf, know: Callable[..., None], alice: Person, bob: Person
) -> None:
    know(alice, bob)
    window = open_as(alice, cookies=_cookies(opened(alice)), java_script_enabled=False)
    page = window.page
    case = _found(window, opened, alice)
    window.go(f"/cases/{case}/identity/")
    page.get_by_role("link", name="Only add somebody").click()
    page.get_by_label("Name, or what the group calls itself").fill("Dana Example")
    page.get_by_label("Relation to the movement").select_option("contributor")
    page.get_by_label("adult").check()
    page.get_by_role("button", name="Seal it").click()
    assert "Dana" not in page.content()
    page.get_by_label("to get in touch with them").check()
    page.get_by_role("button", name="Open it").click()
    page.get_by_text("Dana Example").first.wait_for()
    window.go(f"/cases/{case}/add/sheet/")
    page.get_by_label("What to do tonight").fill("Wait for the call at six\nThen call the lawyer")
    page.get_by_label("Whom to call").fill("The lawyer, from 7")
    page.get_by_label("Whom NEVER to call").fill("Her husband: his phone is read")
    page.get_by_role("button", name="Seal it").click()
    window.go(f"/cases/{case}/people/")
    page.locator("#duty-title").locator("..").get_by_label("Bob").check()
    page.get_by_role("button", name="Let these open it").click()
    _at_night(open_as, opened, bob, case)


def _at_night(open_as: Open, opened: OpenVaultOf, bob: Person, case: UUID) -> None:
    night = open_as(bob, cookies=_cookies(opened(bob)), viewport=PHONE, color_scheme="dark", java_script_enabled=False)
    sizes: list[int] = []
    night.page.on("response", lambda answer: sizes.append(len(answer.body())))
    night.go(f"/cases/{case}/sheet/")
    assert night.page.get_by_role("heading", name="Tonight").is_visible()
    assert night.page.get_by_text("Her husband").is_visible()
    assert "Dana" not in night.page.content()
    assert not night.too_wide()
    assert sum(sizes) < LIGHT, sizes
    night.go(f"/cases/{case}/in/account/")
    assert night.page.get_by_text("Two men").count() == 0


@pytest.fixture
def full(
    opened: OpenVaultOf, know: Callable[..., None], browse: Callable[[Person], Client], alice: Person, bob: Person
) -> UUID:
    """A case with a record of every kind, and an hour that has passed in silence."""
    know(alice, bob)
    client = browse(alice)
    client.cookies[settings.VAULT_COOKIE] = _cookies(opened(alice))[0][1]
    given = {"line": "An editor fears a visit", "what": "Two men asked at her door.", "urgent": "now",
             "source": "person", "retention": "usual", "second": "0"}  # fmt: skip
    client.post("/cases/new/", given)
    (case,) = access.numbers_of(opened(alice))
    write_all(client, case, "Unbroken" * 12, alice.pk, lambda: read(opened(alice), case))
    members.let_in(opened(alice), case, bob.pk, "legal")
    Deadline.objects.update(due=timezone.now() - timedelta(minutes=2))
    work.step()
    return case


def _addresses(case: UUID, opened: OpenVaultOf, alice: Person) -> list[str]:
    start = f"/cases/{case}/"
    parts = ("account", "legal", "communications", "security", "money", "duty")
    kinds = ("contact", "consent", "checkin", "harm", "person", "money", "protocol", "sheet", "referral")
    found = [start, *(f"{start}in/{one}/" for one in parts), *(f"{start}add/{one}/" for one in kinds)]
    found += [f"{start}{one}/" for one in ("identity", "people", "log", "handover", "close", "sheet", "reseal")]
    rows = read(opened(alice), case)
    for kind, verb in (("consent", "withdraw"), ("promise", "moved"), ("referral", "hand_over")):
        one = next(each for each in rows if each.what.kind == kind)
        found.append(f"{start}records/{one.id}/do/{verb}/")
    hears = next(each for each in rows if each.what.kind == "checkin")
    return [*found, f"{start}records/{hears.id}/heard/", f"{start}records/{hears.id}/correct/",
            "/cases/", "/cases/new/", "/desk/"]  # fmt: skip


@pytest.mark.once
def test_no_page_of_a_case_has_a_barrier(full: UUID, open_as: Open, opened: OpenVaultOf, alice: Person) -> None:
    addresses = _addresses(full, opened, alice)
    looks = (
        {"cookies": _cookies(opened(alice))},
        {"cookies": _cookies(opened(alice), ("django_language", "ar-xb")), "viewport": PHONE, "color_scheme": "dark"},
    )
    for look in looks:
        window, wrong = open_as(alice, **look), {}
        for address in addresses:
            window.go(address)
            found = window.barriers() + (["too wide"] if window.too_wide() else [])
            if found:
                wrong[address] = found
        assert wrong == {}, look


@pytest.fixture
def more(
    opened: OpenVaultOf, know: Callable[..., None], alice: Person, bob: Person, vera: Person, settings: Any,
    tmp_path: Path,
) -> list[str]:  # fmt: skip
    """A reporter with a report and its file, a closed case that is to end, a desk; the pages of each."""
    settings.SEALED_FILES = tmp_path / "vault"
    know(alice, bob, vera)
    desks.make(opened(alice), "Safety")
    vault = opened(alice)
    about = About(line="A reporter in the capital", urgent="steady", retention="usual")
    met = Happened(what="Met at a conference.", source="own", certain="confirmed")
    safe = actions.found(alice, vault, about, met, access.REPORTER)
    day = timezone.localdate() + timedelta(days=30)
    for one in (
        Terms(use="extract", risks="Told.", lapses_on=day, wait_days=3),
        Task(words="Are vans there?", limits="Take no pictures.", due=day),
        Report(words="Two vans stood there.", came="Signal"),
        Farewell(thanked="By voice.", owed="paid", done=("kept",), left_out="Not needed.", risks="None.", ask_on=day),
    ):
        actions.write(vault, safe, one, "account")
    (report,) = [one.id for one in read(vault, safe) if isinstance(one.what, Report)]
    arrived = files.Incoming(tmp_path / "vault")
    arrived.write(making.photo())
    arrived.finish()
    piece = evidence.take(vault, safe, evidence.Draft("Two vans", "The reporter", about=str(report)), arrived, "a.jpg")
    over = actions.found(alice, vault, replace(about, line="Somebody is safe again"), met)
    members.let_in(opened(alice), over, bob.pk, "owner")
    actions.close(opened(alice), over, Closing(why="safe", words="Safe.", told="How to come back."))
    keeping.ask(opened(bob), over, "They asked us to.")
    start, end = f"/cases/{safe}/", f"/cases/{over}/"
    pages = [start, *(f"{start}add/{one}/" for one in ("report", "task", "terms", "farewell", "checkin"))]
    pages += [f"{start}in/account/", f"{start}log/", f"{start}people/", f"{start}records/{report}/do/extract/"]
    pages += [f"{start}evidence/", f"{start}evidence/new/?about={report}"]
    pages += [f"{start}evidence/{piece}/{one}" for one in ("", "describe/", "copy/", "remove/")]
    return [*pages, end, f"{end}keeping/", "/cases/reporters/new/", "/cases/risk/", f"/keys/safes/{over}/custodians/"]


@pytest.mark.once
def test_reporters_evidence_keeping_and_risks_have_no_barrier(
    more: list[str], open_as: Open, opened: OpenVaultOf, alice: Person
) -> None:
    looks = (
        {"cookies": _cookies(opened(alice), ("django_language", "ar-xb"))},
        {"cookies": _cookies(opened(alice)), "viewport": HAND, "color_scheme": "dark"},
    )
    for look in looks:
        window, wrong = open_as(alice, **look), {}
        for address in more:
            assert window.go(address) == 200, address
            if found := window.barriers() + (["too wide"] if window.too_wide() else []):
                wrong[address] = found
        assert wrong == {}, look


def test_who_stands_before_a_closed_door_at_night_reads_what_to_do(
    full: UUID, open_as: Open, opened: OpenVaultOf, vera: Person
) -> None:
    number = Deadline.objects.get().pk
    Knower.objects.create(alert=Alert.objects.get(), person=vera, why="told", at=timezone.now())
    night = open_as(vera, viewport=HAND, color_scheme="dark", java_script_enabled=True)
    assert night.go(f"/cases/called/{number}/") == 200
    assert night.page.get_by_text("Call Alice now").is_visible()
    assert night.barriers() == []
    assert not night.too_wide()
