"""An alert about somebody never reaches them: whoever took their phone would learn of it, and could end it."""

from collections.abc import Callable

import pytest

from tocsin.alerts import answering
from tocsin.alerts.access import alerts_for
from tocsin.alerts.actions import New, accept, acknowledge
from tocsin.alerts.answering import Said
from tocsin.alerts.models import Alert, Lane, Notice, Page, Policy, Severity, Target
from tocsin.alerts.secrets import number_of, token_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db


def about(*people: Person, watchers: tuple[int, ...] = ()) -> Alert:
    """An alert about a life, which only named people know of."""
    subjects = tuple(person.pk for person in people)
    new = New("journey", Severity.SEVERE, Lane.LIFE, "journey:x", named=True, subjects=subjects, watchers=watchers)
    return accept(new).alert


def test_they_are_passed_by_on_every_rung_and_in_the_wider_circle(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person, time: Time
) -> None:
    Target.objects.create(policy=policy, kind=Target.Kind.ROLE, role=int(Role.ANALYST | Role.LEAD))
    about(bob, watchers=(bob.pk,))
    for _ in range(6):
        works()
        time.passes(minutes=6)
    assert drums.heard_by(bob) == []
    assert drums.heard_by(alice)


def test_where_only_they_could_be_called_others_who_answer_alerts_are(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person
) -> None:
    about(alice)
    policy.rungs.all().delete()
    works()
    assert drums.heard_by(alice) == []
    assert drums.heard_by(bob)


def test_they_see_it_nowhere_and_are_told_nothing_of_it(
    policy: Policy, works: Callable[[], None], drums: Drums, alice: Person, bob: Person
) -> None:
    alert = about(bob)
    works()
    acknowledge(alert, alice, "console", confirmed=True)
    works()
    assert not alerts_for(bob).exists()
    assert alerts_for(alice).exists()
    assert not Notice.objects.filter(person=bob).exists()


def test_a_page_that_they_were_sent_before_answers_no_longer(
    policy: Policy, works: Callable[[], None], alice: Person, bob: Person
) -> None:
    about(alice)
    works()
    page = Page.objects.get(notice__person=bob, channel="signal")
    about(alice, bob)
    assert answering.by_token(token_of(page.public_id)) is None
    assert answering.answer(page, "have", number_of(page.public_id), "link").said == Said.SPENT
    assert Alert.objects.get().state == Alert.State.OPEN
    assert page.address is not None
    assert not answering.by_message("signal", page.address.value, number_of(page.public_id), "m1").good
