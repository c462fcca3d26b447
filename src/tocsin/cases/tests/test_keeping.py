"""A closed case is kept as its class says, ended by two people or by its clock, and by nobody while a hold stands."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse

from tocsin.alerts.models import Notice
from tocsin.cases import actions, keeping, work
from tocsin.cases.kinds.course import About, Closing
from tocsin.cases.kinds.support import Promise
from tocsin.cases.refusals import RefusedError
from tocsin.cases.tests.conftest import Browse, Found, Know, only, today
from tocsin.keys import holds, retention
from tocsin.keys import work as keys
from tocsin.keys.holds import Order
from tocsin.keys.models import Safe, Timer
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db
CLOSING = Closing(why="safe", words="She is safe.", told="Told, and how to come back.")


@pytest.fixture
def closed(opened: Open, know: Know, found: Found, alice: Person, bob: Person) -> UUID:
    know(alice, bob)
    case = found(alice, (bob, "owner"))
    actions.close(opened(alice), case, CLOSING)
    return case


def _hold(opened: Open, vera: Person, case: UUID) -> Any:
    Person.objects.filter(pk=vera.pk).update(roles=int(Role.COUNSEL))
    vera.refresh_from_db()
    return holds.set_hold(vera, opened(vera), Order(today() + timedelta(days=30), "2026/17", case))


def test_closing_lets_the_clock_of_its_class_run_and_opening_again_stops_it(
    opened: Open, closed: UUID, alice: Person
) -> None:
    safe = OpenSafe(opened(alice), closed)
    assert retention.due_on(safe) == today() + timedelta(days=730)
    assert only(opened(alice), closed, About)[1].erase_on == (today() + timedelta(days=730)).isoformat()
    actions.reopen(opened(alice), closed)
    assert not Timer.objects.exists()
    assert only(opened(alice), closed, About)[1].erase_on == ""


def test_counsel_sets_other_days_for_a_class(opened: Open, found: Found, alice: Person, vera: Person) -> None:
    Person.objects.filter(pk=vera.pk).update(roles=int(Role.COUNSEL))
    vera.refresh_from_db()
    retention.set_days(vera, "case usual", 40)
    case = found(alice)
    actions.close(opened(alice), case, CLOSING)
    assert retention.due_on(OpenSafe(opened(alice), case)) == today() + timedelta(days=40)


def test_a_promise_that_is_open_keeps_it_from_being_closed_and_no_clock_begins(
    opened: Open, found: Found, alice: Person
) -> None:
    case = found(alice)
    actions.write(opened(alice), case, Promise(words="Call her", owner=alice.pk, due=today()), "account")
    with pytest.raises(RefusedError):
        actions.close(opened(alice), case, CLOSING)
    assert not Timer.objects.exists()


def test_a_clock_that_was_lost_begins_again_when_a_page_finds_none(
    opened: Open, enter: Browse, closed: UUID, alice: Person
) -> None:
    Timer.objects.all().delete()
    assert enter(alice).get(reverse("cases:case", args=[closed])).status_code == 200
    assert Timer.objects.count() == 1


def test_when_its_day_has_come_the_worker_shreds_it(opened: Open, enter: Browse, closed: UUID, alice: Person) -> None:
    Timer.objects.update(due=today())
    while keys.step() or work.step():
        pass
    assert not Safe.objects.filter(pk=closed).exists()
    assert enter(alice).get(reverse("cases:case", args=[closed])).status_code == 404


def test_a_hold_stops_the_clock_and_the_people_and_says_so_on_the_page(
    opened: Open, enter: Browse, closed: UUID, alice: Person, bob: Person, vera: Person
) -> None:
    keeping.ask(opened(alice), closed, "Nothing of it is needed.")
    _hold(opened, vera, closed)
    Timer.objects.update(due=today())
    keys.step()
    assert Safe.objects.filter(pk=closed).exists()
    with pytest.raises(RefusedError, match="legal hold"):
        keeping.end(opened(bob), closed)
    for name in ("case", "keeping"):
        page = enter(bob).get(reverse(f"cases:{name}", args=[closed])).text
        assert "A legal hold keeps it until" in page
        assert "2026/17" not in page
    answer = enter(bob).post(reverse("cases:keeping", args=[closed]), {"act": "end", "sure": "SHRED"})
    assert answer.status_code == 422
    assert Safe.objects.filter(pk=closed).exists()


def test_two_owners_end_it_and_the_certificate_is_shown(
    opened: Open, enter: Browse, closed: UUID, alice: Person, bob: Person
) -> None:
    address = reverse("cases:keeping", args=[closed])
    enter(bob).get(reverse("cases:sheet", args=[closed]))
    assert Notice.objects.filter(reference__contains=str(closed)).exists()
    assert enter(alice).post(address, {"act": "ask", "ask-why": "They asked us to."}).status_code == 302
    assert "They asked us to." in enter(bob).get(address).text
    assert enter(alice).post(address, {"act": "end", "sure": "SHRED"}).status_code == 422
    assert enter(bob).post(address, {"act": "end", "sure": "yes"}).status_code == 422
    assert Safe.objects.filter(pk=closed).exists()
    answer = enter(bob).post(address, {"act": "end", "sure": "shred"})
    assert "Certificate of shredding" in answer.text
    assert not Safe.objects.filter(pk=closed).exists()
    assert not Timer.objects.exists()
    assert not Notice.objects.filter(reference__contains=str(closed)).exists()


def test_nobody_shreds_a_case_alone_by_the_page_of_the_vault(enter: Browse, closed: UUID, alice: Person) -> None:
    address = reverse("keys:shred", args=[closed])
    assert enter(alice).post(address, {"what": "", "sure": "SHRED"}).status_code == 404
    assert Safe.objects.filter(pk=closed).exists()
    assert address not in enter(alice).get(reverse("keys:custodians", args=[closed])).text


def test_an_open_case_is_not_shredded_and_an_asking_is_taken_back(
    opened: Open, enter: Browse, closed: UUID, alice: Person, bob: Person
) -> None:
    address = reverse("cases:keeping", args=[closed])
    keeping.ask(opened(alice), closed, "Done with it.")
    enter(bob).post(address, {"act": "take_back"})
    with pytest.raises(RefusedError, match="Two owners"):
        keeping.end(opened(bob), closed)
    keeping.ask(opened(alice), closed, "Done with it.")
    actions.reopen(opened(alice), closed)
    with pytest.raises(RefusedError, match="closed case"):
        keeping.end(opened(bob), closed)
    assert enter(bob).get(address).status_code == 404


def test_keeping_it_longer_needs_a_later_day_and_a_reason_that_the_log_keeps(
    opened: Open, enter: Browse, closed: UUID, alice: Person
) -> None:
    address, later = reverse("cases:keeping", args=[closed]), today() + timedelta(days=1000)
    early = {"act": "extend", "longer-until": today().isoformat(), "longer-reason": "A trial."}
    assert enter(alice).post(address, early).status_code == 422
    assert enter(alice).post(address, {**early, "longer-until": later.isoformat()}).status_code == 302
    safe = OpenSafe(opened(alice), closed)
    assert retention.due_on(safe) == later
    assert any(one["code"] == "timer extended" and one["reason"] == "A trial." for one in safe.read_log())


def test_two_owners_are_not_the_only_custodians(
    opened: Open, know: Know, enter: Browse, found: Found, alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, bob, vera)
    case = found(alice, (bob, "owner"))
    address = reverse("keys:custodians", args=[case])
    refused = enter(alice).post(address, {"people": [alice.pk, bob.pk], "quorum": 2})
    assert refused.status_code == 422
    assert "Choose somebody beside them, too." in refused.text
    assert enter(alice).post(address, {"people": [bob.pk, vera.pk], "quorum": 2}).status_code == 302
