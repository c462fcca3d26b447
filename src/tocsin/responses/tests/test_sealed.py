"""A sealed plan: the same verbs over a safe of its own, each line signed by whoever wrote it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.http import Http404
from django.utils import timezone

from tocsin.alerts import actions as alerts
from tocsin.alerts import escalating
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Escalation, Knower, Notice
from tocsin.alerts.tests.conftest import drums
from tocsin.alerts.tests.drums import Drums, address
from tocsin.keys import safes
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import access, actions, members, work
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts, books
from tocsin.responses.log.books import PART, SealedBook
from tocsin.responses.log.content import State, material
from tocsin.responses.log.folding import Line, Standing
from tocsin.responses.models import Clock
from tocsin.responses.tests.test_plans import CONTENT, TASK

__all__ = ["drums"]


def _let_in(opened: Open, by: Person, book: SealedBook, person: Person) -> None:
    safes.changing(opened(by), book.safe, lambda safe: safe.let_in(person.pk, [PART]))


@pytest.fixture
def book(alice: Person, vera: Person, opened: Open, know: object) -> SealedBook:
    know(alice, vera)  # type: ignore[operator]
    made = actions.begin_sealed(alice, opened(alice), acts.Begun(severity=3), CONTENT, [TASK])
    assert isinstance(made, SealedBook)
    return made


def test_it_is_approved_as_an_open_one_is(book: SealedBook, alice: Person, vera: Person, opened: Open) -> None:
    _let_in(opened, alice, book, vera)
    asked = actions.ask(SealedBook(opened(alice), book.safe), alice, vera, None)
    approved = actions.approve(SealedBook(opened(vera), book.safe), vera, asked.digest)
    assert approved.standing is Standing.APPROVED
    seen = access.access_sealed(opened(alice), book.safe)
    assert seen.plan.standing is Standing.APPROVED
    broken = actions.write(SealedBook(opened(alice), book.safe), alice, replace(CONTENT, chosen="wait"), 1)
    assert broken.standing is Standing.BROKEN


def test_who_is_not_in_it_cannot_know_of_it(book: SealedBook, vera: Person, opened: Open) -> None:
    with pytest.raises(Http404):
        access.access_sealed(opened(vera), book.safe)


def test_a_member_cannot_say_yes_for_another(book: SealedBook, alice: Person, vera: Person, opened: Open) -> None:
    _let_in(opened, alice, book, vera)
    asked = actions.ask(SealedBook(opened(alice), book.safe), alice, vera, None)

    def forge(safe: safes.OpenSafe) -> None:
        lines = sorted((one.body for one in safe.records(PART)), key=lambda body: int(body["number"]))
        yes = acts.Approved(asked.version, asked.digest, "0" * 64)
        forged = {**json.loads(json.dumps(lines[-1])), "number": len(lines) + 1, "by": vera.pk}
        safe.add(PART, {**forged, "verb": yes.verb, "is": acts.packed(yes)})

    safes.changing(opened(alice), book.safe, forge)
    assert SealedBook(opened(vera), book.safe).read().standing is Standing.UNPROVED


@pytest.mark.parametrize("own", [False, True])
def test_a_member_who_signs_a_yes_to_what_they_wrote_past_the_verbs_is_not_believed(
    book: SealedBook, alice: Person, opened: Open, own: bool
) -> None:
    vault = opened(alice)
    now = SealedBook(vault, book.safe).read()
    yes = acts.Approved(1, now.digest, material(now.content), own=own)

    def forge(safe: safes.OpenSafe) -> None:
        line = Line(len(now.lines) + 1, timezone.now(), alice.pk, yes)
        safe.add(PART, books._sealed_line(vault, str(book.safe), line, now.lines[-1]))

    safes.changing(vault, book.safe, forge)
    read = SealedBook(opened(alice), book.safe).read()
    assert read.standing is Standing.UNPROVED
    with pytest.raises(RefusedError):
        actions.move(SealedBook(opened(alice), book.safe), alice, "t1", State.DONE, "done")


def test_nobody_outside_is_called_about_it_whatever_happens(
    book: SealedBook, alice: Person, vera: Person, bob: Person, drums: Drums
) -> None:
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.EXECUTIVE | Role.LEAD))
    for person in (alice, bob, vera, eve):
        address(person, "sms")
    actions.act_first(book, alice, "It can't wait.")
    Clock.objects.filter(plan=book.id).update(due_at=timezone.now() - timedelta(days=3))
    for _round in range(12):
        work.step()
        escalating.climb()
        Escalation.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(hours=1))
    about = Alert.objects.filter(reference=f"plan:{book.id}")
    assert Knower.objects.filter(alert__in=about, person=alice).exists()
    for outside in (vera, bob, eve):
        assert not Knower.objects.filter(alert__in=about, person=outside).exists()
        assert not Notice.objects.filter(person=outside).exists()
        assert not alerts_for(outside).exists()


def test_who_joins_the_home_after_an_alert_was_raised_is_not_called_about_it_either(
    book: SealedBook, alice: Person, vera: Person, drums: Drums
) -> None:
    for person in (alice, vera):
        address(person, "sms")
    actions.act_first(book, alice, "It can't wait.")
    Clock.objects.filter(plan=book.id).update(due_at=timezone.now() - timedelta(days=3))
    for _round in range(4):
        work.step()
    eve = Person.objects.create(email="eve@example.org", name="Eve", roles=int(Role.EXECUTIVE | Role.LEAD))
    address(eve, "sms")
    for _round in range(12):
        escalating.climb()
        Escalation.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(hours=1))
    about = Alert.objects.filter(reference=f"plan:{book.id}").latest("pk")
    assert Notice.objects.filter(person=alice).exists()
    assert not Notice.objects.filter(person=eve).exists()
    assert not alerts_for(eve).exists()
    with pytest.raises(alerts.RefusedError):
        alerts.let_in(about, alice, eve)
    alerts.resolve(about, alice, Alert.Outcome.TRUE)
    assert not Notice.objects.filter(person=eve).exists()


def test_who_is_let_in_later_is_called_as_well(
    book: SealedBook, alice: Person, vera: Person, opened: Open, drums: Drums
) -> None:
    actions.act_first(book, alice, "It can't wait.")
    Clock.objects.filter(plan=book.id).update(due_at=timezone.now() - timedelta(days=3))
    for _round in range(4):
        work.step()
    address(vera, "sms")
    members.let_in(opened(alice), book.safe, vera.pk, members.MEMBER)
    for _round in range(4):
        escalating.climb()
        Escalation.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(hours=1))
    assert Notice.objects.filter(person=vera).exists()
    members.put_out(opened(alice), book.safe, vera.pk)
    Notice.objects.filter(person=vera).delete()
    for _round in range(4):
        escalating.climb()
        Escalation.objects.exclude(due_at=None).update(due_at=timezone.now() - timedelta(hours=1))
    assert not Notice.objects.filter(person=vera).exists()


def test_who_was_put_out_is_called_no_more(book: SealedBook, alice: Person, vera: Person, opened: Open) -> None:
    members.let_in(opened(alice), book.safe, vera.pk, members.MEMBER)
    actions.ask(SealedBook(opened(alice), book.safe), alice, vera, None)
    assert alerts_for(vera).exists()
    members.put_out(opened(alice), book.safe, vera.pk)
    assert not alerts_for(vera).exists()
