"""A situation's page says in one calm line how its plan stands, to who may see the plan alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, models, recovering
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function, Stakeholder, State
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.signals.models import Finding, Signal
from tocsin.situations.models import Member, Situation

Browse = Callable[[Person], Client]


@pytest.fixture
def situation(db: None) -> Situation:
    at = timezone.now()
    return Situation.objects.create(
        public_id="abc234", title="A wiki is blocked", first_at=at, last_at=at, changed_at=at, country="TR",
        harm="site-ban",
    )  # fmt: skip


@pytest.fixture
def plan(bob: Person, situation: Situation) -> Book:
    return actions.begin(bob, acts.Begun(severity=3, about="abc234"), CONTENT, [TASK], situation)


def _line(client: Client) -> str:
    page = client.get("/situations/abc234/").content.decode()
    found = re.search(r'<div id="part-beside"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_each_standing_is_said_at_once(plan: Book, bob: Person, vera: Person, alice: Person, browse: Browse) -> None:
    client = browse(alice)
    assert _line(client).startswith("Plan: Site blocked ○ draft")
    asked = actions.ask(plan, bob, vera, None)
    assert "● waits for the yes of Vera" in _line(client)
    actions.approve(plan, vera, asked.digest)
    assert _line(client).endswith("✓ approved")
    actions.write(plan, bob, replace(CONTENT, chosen="wait"), 1)
    assert "✗ changed since it was approved" in _line(client)
    actions.act_first(plan, bob, "It can't wait.")
    assert "▲ acted on first, to be ratified" in _line(client)
    actions.approve(plan, vera, plan.read().digest)
    actions.move(plan, bob, "t1", State.DROPPED, "no need")
    actions.close(plan, bob, "Back.", met=True)
    assert "■ closed" in _line(client)


def test_the_page_is_fresh_the_moment_a_plan_changed(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    client = browse(bob)
    client.cookies["csrf"] = "a" * 32
    before = client.get("/situations/abc234/")["ETag"]
    assert client.get("/situations/abc234/", headers={"if-none-match": before}).status_code == 304
    actions.approve(plan, vera, actions.ask(plan, bob, vera, None).digest)
    after = client.get("/situations/abc234/", headers={"if-none-match": before})
    assert after.status_code == 200
    assert "approved" in after.content.decode()
    actions.write(plan, bob, replace(CONTENT, chosen="wait"), 1)
    assert client.get("/situations/abc234/", headers={"if-none-match": after["ETag"]}).status_code == 200


def test_done_and_not_back_yet_reads_as_recovering(
    plan: Book, bob: Person, vera: Person, situation: Situation, browse: Browse
) -> None:
    actions.approve(plan, vera, actions.ask(plan, bob, vera, None).digest)
    actions.move(plan, bob, "t1", State.DONE, "told")
    assert _line(browse(bob)).endswith("✓ approved")
    finding = measured(situation)
    assert "things are not back as usual yet" in _line(browse(bob))
    Finding.objects.filter(pk=finding.pk).update(closed_at=timezone.now())
    assert _line(browse(bob)).endswith("✓ approved")


def test_readers_that_its_country_lost_are_part_of_the_recovery(plan: Book, bob: Person, situation: Situation) -> None:
    began = situation.first_at
    fell = {"rule": "traffic", "kind": "pageviews.country", "score": 0.9, "before": 100.0, "now": 20.0, "points": 9}
    for opened, country, stream, direction in (
        (began, "TR", "views", "drop"),
        (began, "XS", "views", "drop"),
        (began, "TR", "views", "rise"),
        (began - timedelta(days=30), "TR", "views", "drop"),
    ):
        Finding.objects.create(
            opened_at=opened, seen_at=timezone.now(), country=country, stream=stream, direction=direction,
            subject=f"{direction}.wiki", evidence="scored", **fell,
        )  # fmt: skip
    (found,) = recovering.readings(bob, plan.read())
    assert (found.fell_at, found.back_at) == (began, None)
    assert recovering.still_away(bob, situation)
    Finding.objects.update(closed_at=began + timedelta(days=2))
    assert recovering.recovered(recovering.readings(bob, plan.read())) == timedelta(days=2)


def measured(situation: Situation, **more: object) -> Finding:
    at = timezone.now()
    finding = Finding.objects.create(
        rule="readers", stream="traffic", kind="readers", country="TR", subject="wiki", opened_at=at, seen_at=at,
        direction="down", score=0.9, before=100.0, now=20.0, points=9, evidence="scored", **more,
    )  # fmt: skip
    signal = Signal.objects.create(at=at, finding=finding, title="Readers fell", country="TR", rule="readers")
    Member.objects.create(situation=situation, signal=signal, since=at)
    return finding


def test_who_may_not_see_the_plan_learns_of_none(plan: Book, bob: Person, vera: Person, browse: Browse) -> None:
    reader = Person.objects.create(email="rea@example.org", name="Rea", roles=int(Role.STAKEHOLDER))
    actions.ask(plan, bob, vera, None)
    assert _line(browse(reader)) == ""
    parts = (Stakeholder(Function.LEGAL, reader.pk, part="Read the order."),)
    actions.write(plan, bob, replace(CONTENT, stakeholders=parts), 1)
    seen = _line(browse(reader))
    assert "waits for approval" in seen
    assert "Vera" not in seen
    models.Plan.objects.update(readers=int(Role.LEAD))
    assert _line(browse(reader)) == ""


def test_a_forged_row_is_not_believed_there_either(plan: Book, bob: Person, browse: Browse) -> None:
    models.Plan.objects.update(standing="approved")
    assert "! not as it was written" in _line(browse(bob))
