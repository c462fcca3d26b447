"""A sealed plan's recovery is read when a member opens it: from findings, and from the promises of its case."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.cases import actions as cases
from tocsin.cases.entries import entries
from tocsin.cases.kinds.happened import Citation
from tocsin.cases.kinds.support import Promise
from tocsin.keys.models import LogLine
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses import actions, members
from tocsin.responses.log import acts
from tocsin.responses.log.books import SealedBook
from tocsin.responses.tests.test_plans import CONTENT, TASK
from tocsin.responses.tests.test_standing import measured, situation
from tocsin.signals.models import Finding
from tocsin.situations.models import Situation

__all__ = ["situation"]
Browse = Callable[[Person], Client]
Found = Callable[..., UUID]
Know = Callable[..., None]


@pytest.fixture
def case(found: Found, alice: Person, opened: Open, situation: Situation) -> UUID:
    made = found(alice)
    cases.write(opened(alice), made, Citation(code=situation.public_id), "account")
    day = timezone.now().date() + timedelta(days=2)
    cases.write(opened(alice), made, Promise(words="Call her aunt", owner=alice.pk, due=day), "account")
    return made


@pytest.fixture
def book(case: UUID, alice: Person, vera: Person, opened: Open, know: Know) -> SealedBook:
    know(alice, vera)
    made = actions.begin_sealed(alice, opened(alice), acts.Begun(severity=3, about=str(case)), CONTENT, [TASK])
    assert isinstance(made, SealedBook)
    members.let_in(opened(alice), made.safe, vera.pk, members.MEMBER)
    return made


def _page(client: Client, book: SealedBook, name: str) -> str:
    answer = client.get(f"/plans/sealed/{book.id}/{name}/")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return answer.content.decode()


def test_findings_of_what_the_case_cites_and_its_promises_are_read(
    book: SealedBook, case: UUID, situation: Situation, alice: Person, opened: Open, enter: Browse
) -> None:
    finding = measured(situation)
    client = enter(alice)
    page = _page(client, book, "recovery")
    for words in ("Readers fell", "Not all of it is back as usual.", "Call her aunt", "Some are still open."):
        assert words in page
    Finding.objects.filter(pk=finding.pk).update(closed_at=timezone.now() + timedelta(hours=5))
    assert "promises are still open" in _page(client, book, "recovery")
    promise = next(one for one in entries(OpenSafe(opened(alice), case)) if isinstance(one.what, Promise))
    kept = next(one for one in Promise.verbs if one.name == "kept")
    cases.do(opened(alice), case, promise.id, promise.version, kept, {})
    page = _page(client, book, "recovery")
    assert "All of it was back as usual after" in page
    assert "None is open any more" in page
    debrief = _page(client, book, "debrief")
    assert "Until promises to people were kept" in debrief
    assert "Until what was measured was back as usual" in debrief


def test_a_member_who_is_not_in_the_case_reads_none_of_it(
    book: SealedBook, situation: Situation, vera: Person, enter: Browse
) -> None:
    measured(situation)
    page = _page(enter(vera), book, "recovery")
    assert "The case of this plan does not open for you." in page
    assert "Call her aunt" not in page
    assert "Readers fell" not in page


def test_a_finding_that_the_member_may_not_read_is_left_out(
    book: SealedBook, situation: Situation, alice: Person, enter: Browse
) -> None:
    measured(situation, readers=int(Role.COUNSEL))
    assert "Readers fell" not in _page(enter(alice), book, "recovery")


def test_that_somebody_looked_stands_in_the_log_of_the_case(
    book: SealedBook, case: UUID, alice: Person, opened: Open, enter: Browse
) -> None:
    before = LogLine.objects.filter(safe=case).count()
    _page(enter(alice), book, "recovery")
    assert LogLine.objects.filter(safe=case).count() == before + 1


def test_nothing_of_it_is_stored(
    book: SealedBook, situation: Situation, alice: Person, opened: Open, enter: Browse
) -> None:
    measured(situation)
    before = [one.id for one in OpenSafe(opened(alice), book.safe).records("plan")]
    _page(enter(alice), book, "recovery")
    _page(enter(alice), book, "debrief")
    assert [one.id for one in OpenSafe(opened(alice), book.safe).records("plan")] == before
