"""Somebody pages one chosen person: they are called now, and the policy follows if they don't answer."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tocsin.alerts import actions
from tocsin.alerts.actions import PageNow, RefusedError, page_now
from tocsin.alerts.models import Alert, Lane, Policy, Severity
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import REFUSED, Drums, address
from tocsin.oncall.tests.test_api import Program
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]
Works = Callable[[], None]


@pytest.fixture
def vera(vera: Person) -> Person:
    """Vera responds, has a phone, and stands on no policy."""
    vera.roles = int(Role.RESPONDER)
    vera.save()
    address(vera, "sms")
    return vera


@pytest.mark.parametrize("lane", [Lane.WAKE, Lane.LIFE])
def test_the_chosen_one_is_called_first_and_the_policy_after_the_usual_wait(
    lane: Lane, policy: Policy, vera: Person, alice: Person, bob: Person, works: Works, drums: Drums, time: Time
) -> None:
    page_now(alice, PageNow(Severity.SEVERE, lane, whom=vera))
    works()
    assert (len(drums.heard_by(vera)), drums.heard_by(bob)) == (1, [])
    time.passes(minutes=4, seconds=50)
    works()
    assert drums.heard_by(bob) == []
    time.passes(seconds=20)
    works()
    assert drums.heard_by(bob)


def test_whoever_was_chosen_answers_and_nobody_else_is_called(
    policy: Policy, vera: Person, alice: Person, bob: Person, works: Works, drums: Drums, time: Time
) -> None:
    alert = page_now(alice, PageNow(Severity.SEVERE, Lane.WAKE, whom=vera))
    works()
    actions.acknowledge(alert, vera, "console", confirmed=True)
    time.passes(minutes=30)
    works()
    assert drums.heard_by(bob) == []


def test_one_whose_phone_refuses_holds_up_nobody(
    policy: Policy, vera: Person, alice: Person, bob: Person, works: Works, drums: Drums
) -> None:
    drums["sms"].plan.append(REFUSED)
    page_now(alice, PageNow(Severity.SEVERE, Lane.WAKE, whom=vera))
    works()
    assert drums.heard_by(bob)


def test_whoever_may_not_answer_alerts_is_refused(policy: Policy, alice: Person, charlie: Person) -> None:
    charlie.roles = 0
    charlie.save()
    with pytest.raises(RefusedError):
        page_now(alice, PageNow(Severity.SEVERE, Lane.WAKE, whom=charlie))
    assert not Alert.objects.exists()


def test_the_second_look_shows_the_chosen_one_at_once_and_then_the_policy(
    policy: Policy, vera: Person, alice: Person, bob: Person, browse: Browse, works: Works, drums: Drums
) -> None:
    client = browse(alice)
    given = {"severity": "3", "lane": "wake", "policy": policy.public_id, "whom": str(vera.pk)}
    look = client.post("/alerts/page-now/", {**given, "do": "look"}).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", look).split())
    assert "At once Vera reachable 1 way" in words
    assert "After 5 min Bob reachable 2 ways" in words
    assert f'name="whom" value="{vera.pk}"' in look
    client.post("/alerts/page-now/", {**given, "do": "send", "once": "x"})
    works()
    assert drums.heard_by(vera)
    assert drums.heard_by(bob) == []
    assert client.post("/alerts/page-now/", {**given, "whom": "999999", "do": "look"}).status_code == 422


def test_a_program_pages_one_person(
    policy: Policy, vera: Person, alice: Person, bob: Person, works: Works, drums: Drums
) -> None:
    call = Program(alice, Right.ALERTS)
    call("POST", "alerts", {"severity": "severe", "person": vera.pk}, 201)
    works()
    assert drums.heard_by(vera)
    assert drums.heard_by(bob) == []
    call("POST", "alerts", {"severity": "severe", "person": 999_999}, 404)


@pytest.mark.parametrize("exercise", [True, False])
def test_what_is_paged_in_an_exercise_is_one(exercise: bool, policy: Policy, alice: Person, settings: Settings) -> None:
    settings.EXERCISE = exercise
    assert page_now(alice, PageNow(Severity.SEVERE, Lane.WAKE)).exercise is exercise
