"""A house with cases, letters and slices in it: no word of them stands where somebody outside could come to it."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.stories import canaries, worlds
from tests.stories.canaries import Canaries, Place, leaks, walk
from tests.stories.full_house import House
from tests.stories.newsroom import Newsroom
from tocsin.alliances import actions as allies
from tocsin.alliances import slices
from tocsin.alliances.drafts import ReachDraft
from tocsin.alliances.models import Contact
from tocsin.alliances.tests.conftest import draft, sure
from tocsin.audit.actions import PRIVATE
from tocsin.audit.models import Entry
from tocsin.cases import members
from tocsin.cases.entries import entries
from tocsin.cases.tests.conftest import Found, enter, found
from tocsin.cases.tests.every_kind import write_all
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.keys.vaults import OpenVault
from tocsin.lib.names import random_name
from tocsin.mailbox import actions as letters
from tocsin.mailbox import desks
from tocsin.mailbox import letters as reading
from tocsin.mailbox.models import Desk
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports import arranging, drawn, laying
from tocsin.reports.arranging import Wanted
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.forms import Form
from tocsin.responses import actions as plans
from tocsin.responses import linking
from tocsin.responses import members as in_plan
from tocsin.responses import work as responding
from tocsin.responses.log import acts
from tocsin.responses.log.books import SealedBook
from tocsin.responses.log.content import Content, For, Option, State, Task, Wording

__all__ = ["enter", "found", "holder", "know", "opened"]
pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.django_db(transaction=True, databases="__all__")]

Browse = Callable[[Person], Client]
STARTS = ("/", "/situations/", "/look/", "/alerts/", "/duty/", "/rollcalls/", "/search/", "/sources/", "/people/",
          "/audit/", "/settings/", "/keys/", "/cases/", "/desk/", "/letters/", "/alliances/", "/plans/",
          "/plans/tasks/", "/plans/sealed/", "/resilience/communities/",
          "/reports/", "/reports/measures/", "/reports/counting/",
          "/metrics", "/healthz", "/api/plans", "/api/situations", "/api/alerts",
          "/api/signals", "/api/audit/entries", "/api/people")  # fmt: skip


@dataclass
class Sealed:
    """The two who work on what is sealed, and what they planted there."""

    mara: Person
    noor: Person
    canaries: Canaries
    case: UUID
    letter: UUID
    plan: UUID


def _person(name: str, roles: Role) -> Person:
    return Person.objects.create(email=f"{name.lower()}@example.org", name=name, roles=int(roles), password="x")


@pytest.fixture
def team(opened: Open, know: Callable[..., None], enter: Browse, db: None) -> tuple[Person, Person]:
    """Two who compared their keys and keep a desk, before anything happened."""
    mara, noor = _person("Mara", Role.RESPONDER), _person("Noor", Role.RESPONDER | Role.APPROVER)
    know(mara, noor)
    enter(mara)
    enter(noor)
    desks.let_in(opened(mara), desks.make(opened(mara), "Night desk"), noor, ())
    responding.step()
    return mara, noor


@pytest.fixture
def seal(opened: Open, enter: Browse, found: Found, team: tuple[Person, Person]) -> Callable[[], Sealed]:
    """Fills everything that is sealed: a case with every kind of record, a letter that is answered, a slice."""

    def fill() -> Sealed:
        mara, noor = team
        planted = Canaries()
        case = found(mara, (noor, "caseworker"), line=planted.plant("the case's line"))
        read = lambda: entries(OpenSafe(opened(mara), case))  # noqa: E731
        write_all(enter(mara), case, planted.plant("every kind"), mara.pk, read)
        members.keep_out(opened(mara), case, _outsider().pk, planted.plant("why somebody is kept out"))
        desk = Desk.objects.get()
        words = {"text": planted.plant("a letter"), "kind": "detention", "safe": "no", "urgency": "now"}
        letter = letters.type_in(
            mara, desk, {**words, "language": "en", "answer": {"how": "here", "where": planted.plant("a way back")}}, ()
        )
        letters.reply(opened(mara), reading.one(opened(mara), letter), "", planted.plant("an answer"), send=False)
        until = timezone.now() + timedelta(days=2)
        plan = _plan(opened(mara), opened(noor), mara, noor, case, planted)
        slices.make_slice(Contact.objects.get(), planted.plant("a slice").encode(), until, mara, tlp="green")
        return Sealed(mara, noor, planted, case, letter, plan)

    return fill


def _plan(mine: OpenVault, theirs: OpenVault, mara: Person, noor: Person, case: UUID, planted: Canaries) -> UUID:
    """A sealed plan for the case, asked about, approved, carried on and told of."""
    options = (Option("wait", "Wait", risk="none"), Option("go", planted.plant("an option"), risk="some"))
    words = (Wording(For.PERSON, planted.plant("words for the person")),)
    content = Content(
        planted.plant("a plan's title"), planted.plant("a plan's objective"), options, "go", "Because.", words=words,
        exit_condition="She is home.", not_to_do=planted.plant("what not to do"),
    )  # fmt: skip
    task = Task("t1", planted.plant("a plan's task"), owner=mara.pk, due=timezone.now() + timedelta(hours=1))
    book = plans.begin_sealed(mara, mine, acts.Begun(3, about=str(case)), content, [task])
    plan = UUID(book.id)
    linking.cite(mine, case, plan)
    in_plan.let_in(mine, plan, noor.pk, in_plan.MEMBER)
    asked = plans.ask(book, mara, noor, None, planted.plant("words beside a question"))
    plans.approve(SealedBook(theirs, plan), noor, asked.digest, planted.plant("words beside a yes"))
    plans.move(book, mara, "t1", State.DONE, planted.plant("evidence of a task"))
    plans.update(book, mara, planted.plant("an update"))
    return plan


def _outsider() -> Person:
    return Person.objects.get(email="charlie@example.org")


@pytest.fixture
def outsiders(newsroom: Newsroom, browse: Browse, alice: Person, bob: Person, charlie: Person, vera: Person) -> Any:
    """Everybody else who has an account, each role among them, and nobody."""
    House(newsroom, alice)
    ally = allies.propose(alice, draft(alice), ReachDraft("Signal +254 700 000 000", "By day only."), random_name(16))
    allies.verify(alice, ally, sure())
    known = {"lead": alice, "analyst": bob, "without a role": charlie, "approver": vera}
    for name, role in (("Otto", Role.AUDITOR), ("Eve", Role.EXECUTIVE), ("Stan", Role.STAKEHOLDER)):
        known[name] = _person(name, role)
    known["lead who reads the record"] = _person("Lena", Role.LEAD | Role.AUDITOR)
    return {**{name: browse(person) for name, person in known.items()}, "nobody": Client()}


def test_no_word_that_was_sealed_stands_anywhere_outside(
    outsiders: dict[str, Client], seal: Callable[[], Sealed], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sealed = seal()
    guesses = [
        f"/plans/sealed/{sealed.plan}/",
        f"/plans/called/{sealed.plan}/",
        f"/cases/{sealed.case}/",
        f"/letters/{sealed.letter}/",
        f"/cases/{sealed.case}/identity/",
    ]
    assert leaks(sealed.canaries, canaries.pages(outsiders, [*STARTS, *guesses])) == []
    assert leaks(sealed.canaries, canaries.everything_stored(caplog.records)) == []
    for word in next(iter(sealed.canaries.planted.values())).split():
        answer = outsiders["lead"].get(f"/search/?words={word}").content
        # The page repeats what was searched for, and nothing else.
        assert b'href="/cases/' not in answer.replace(b'href="/cases/"', b"")


def test_their_members_read_them(outsiders: dict[str, Client], seal: Callable[[], Sealed], enter: Browse) -> None:
    """The words are where they belong: the test above is not blind."""
    sealed = seal()
    seen = walk(enter(sealed.mara), ["/plans/sealed/", "/cases/", "/desk/", "/letters/", f"/cases/{sealed.case}/"])
    told = {where for body in seen.values() for where in sealed.canaries.within(body)}
    assert {"the case's line", "every kind", "a letter", "a plan's title", "an option", "words beside a yes"} <= told


def _reports(lead: Person) -> Iterator[Place]:
    """Every report that the team can draw up, in every form; of a PDF what a reader sees and what it says of itself."""
    for key in AUDIENCES:
        report = arranging.arrange(lead, Wanted(f"For {key}", key, "hand", random_name(16)))
        document = laying.document_of(arranging.draft_now(lead, report))
        for form, body in drawn.all_of(document, [Form.PDF] if key == "executive" else []).bodies.items():
            yield from canaries.opened(f"report for {key}, {form}", body)


def test_no_word_that_was_sealed_stands_in_any_report(
    outsiders: dict[str, Client], seal: Callable[[], Sealed], alice: Person
) -> None:
    sealed = seal()
    places = dict(_reports(alice))
    assert len(places) > 5 * len(AUDIENCES)
    assert any(b"arrest" in body.lower() for body in places.values())
    assert leaks(sealed.canaries, places.items()) == []
    assert leaks(sealed.canaries, canaries.rows()) == []


def test_whoever_is_outside_sees_the_same_with_and_without_it(
    outsiders: dict[str, Client], seal: Callable[[], Sealed], monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("alerts", "situations", "rollcalls"):
        monkeypatch.setattr(f"tocsin.{room}.freshness._MINUTES", 10**9, raising=False)
    ways = {name: outsiders[name] for name in ("lead who reads the record", "without a role", "nobody")}
    missing = f"/cases/{UUID(int=1)}/"
    before = dict(worlds.world(ways, (*STARTS, missing)))
    recorded = Entry.objects.order_by("pk").last()
    sealed = seal()
    # The record tells what its readers did, so it grows by being read; by what was sealed it shows no line.
    assert recorded is not None
    assert not Entry.objects.filter(pk__gt=recorded.pk).exclude(target=PRIVATE).exists()
    after = dict(worlds.world(ways, (*STARTS, missing)))
    assert before.keys() == after.keys()
    assert worlds.differences(before, after) == []
    for client in ways.values():
        there, not_there = (client.get(one) for one in (f"/cases/{sealed.case}/", missing))
        assert there.status_code == not_there.status_code
        bodies = (_named(there.content, sealed.case), _named(not_there.content, UUID(int=1)))
        assert bodies[0] == bodies[1]


def _named(body: bytes, case: UUID) -> bytes:
    """A page that repeats what was asked for, without it."""
    return worlds.normal(body).replace(str(case).encode(), b"")
