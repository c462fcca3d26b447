"""The first day: an alert that came before anybody could be reached calls as soon as somebody can be, at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tocsin.alerts import clock, escalating, reaching
from tocsin.alerts.accepting import New, accept
from tocsin.alerts.models import Address, Alert, Escalation, Lane, Page, Policy, Reached, Rung, Severity, Target
from tocsin.alerts.pager import Pager
from tocsin.alerts.sending import Sender
from tocsin.alerts.tests.conftest import Time, Works
from tocsin.alerts.tests.drums import Drums, address
from tocsin.oncall.tests.arranging import rota_of
from tocsin.people.models import Person
from tocsin.people.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def drums(drums: Drums) -> Drums:
    """As in life, mail wakes nobody."""
    drums["mail"].wakes = False
    return drums


def comes(severity: Severity = Severity.EXTREME, lane: Lane = Lane.WAKE) -> Alert:
    return accept(New("situation", severity, lane, dedupe=str(severity))).alert


def first_account() -> Person:
    return Person.objects.create(email="first@example.org", name="First", roles=int(Role.LEAD))


def a_while(works: Works, time: Time, minutes: int) -> None:
    """The pager goes round for so long, looking every minute as it does while nobody can be reached."""
    for _ in range(minutes):
        reaching.call_better()
        time.passes(minutes=1)
        works()


def due_in(alert: Alert) -> timedelta:
    moment = Escalation.objects.get(alert=alert).due_at
    assert moment is not None
    return moment - clock.now()


def test_an_alert_from_before_the_first_account_calls_it_at_once_and_then_at_the_usual_pace(
    drums: Drums, works: Works, time: Time
) -> None:
    alert = comes()
    a_while(works, time, 22)
    assert not Page.objects.exists()
    assert alert.events.filter(verb="nobody").count() == 1, "said once, not every minute"
    first = first_account()
    assert reaching.call_better() == 1
    works()
    assert len(drums.heard_by(first)) == 1
    assert due_in(alert) <= timedelta(minutes=5), "rounds that found nobody are none"


class Never:
    """A pager that is not asked to end."""

    def __bool__(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        return False


def test_the_pager_sees_to_it_by_itself(drums: Drums, works: Works) -> None:
    comes()
    Pager(Sender(drums.of), Never()).once()
    assert not Page.objects.exists()
    first = first_account()
    Pager(Sender(drums.of), Never()).once()
    assert Page.objects.filter(notice__person=first).exists()


def test_who_was_called_by_mail_alone_is_called_at_once_when_a_phone_is_verified(
    drums: Drums, works: Works, time: Time
) -> None:
    alert, first = comes(), first_account()
    works()
    assert Escalation.objects.get().reached == Reached.UNWOKEN
    assert reaching.call_better() == 0
    time.passes(minutes=1)
    phone = address(first, "sms")
    Address.objects.filter(pk=phone.pk).update(verified_at=None)
    assert reaching.call_better() == 0, "an address that nobody proved reaches nobody"
    Address.objects.filter(pk=phone.pk).update(verified_at=clock.now())
    assert reaching.call_better() == 1
    works()
    assert drums["sms"].heard
    assert reaching.unreached(Alert.objects.get(pk=alert.pk)) is None
    for _ in range(3):
        assert reaching.call_better() == 0, "it called once, and now goes on by its policy"


def test_whoever_is_put_on_duty_is_called_at_once(
    drums: Drums, works: Works, policy: Policy, alice: Person, bob: Person, time: Time
) -> None:
    Target.objects.filter(policy=policy).delete()
    rung = Rung.objects.get(policy=policy, position=0)
    alert = comes()
    works()
    assert drums.heard_by(alice), "whoever leads, since nobody stands on a step"
    assert not drums.heard_by(bob)
    time.passes(minutes=1)
    Target.objects.create(policy=policy, rung=rung, kind=Target.Kind.ON_DUTY, rota=rota_of(bob))
    assert reaching.call_better() == 1
    works()
    assert drums.heard_by(bob)
    assert Escalation.objects.get(alert=alert).reached == Reached.STEPS


def test_what_was_answered_or_is_for_the_day_is_left_alone(
    drums: Drums, works: Works, alice: Person, time: Time
) -> None:
    quiet = comes(Severity.MINOR, Lane.QUIET)
    works()
    alice.is_active = False
    alice.save()
    time.passes(days=1)
    works()
    assert Escalation.objects.get(alert=quiet).reached == Reached.NOBODY
    first_account()
    before = Escalation.objects.get(alert=quiet).again
    for _ in range(4):
        reaching.call_better()
        works()
    assert Escalation.objects.get(alert=quiet).again <= before + 1, "whoever sleeps is not tried every second"
    Alert.objects.update(state=Alert.State.ANSWERED)
    Escalation.objects.update(reached=Reached.NOBODY, due_at=clock.now() + timedelta(minutes=1))
    assert reaching.call_better() == 0


def test_the_wider_circle_is_called_where_nobody_else_can_be(drums: Drums, works: Works) -> None:
    helper = Person.objects.create(email="helper@example.org", name="Helper", roles=int(Role.ANALYST))
    comes()
    works()
    assert drums.heard_by(helper)


def test_a_policy_that_fails_calls_nobody_every_second(
    policy: Policy, drums: Drums, works: Works, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes()
    escalating._together(list(Escalation.objects.values_list("alert", flat=True)), by_policy=False)
    assert reaching.call_better() == 0


def test_pages_say_plainly_that_nobody_was_reached(
    drums: Drums, works: Works, alice: Person, browse: Callable[[Person], Client]
) -> None:
    alice.is_active = False
    alice.save()
    alert = comes()
    works()
    Person.objects.filter(pk=alice.pk).update(is_active=True)
    client = browse(alice)
    for where in ("/alerts/", f"/alerts/{alert.public_id}/", "/"):
        assert "Nobody could be reached. It calls as soon as somebody can." in client.get(where).content.decode(), where
    reaching.call_better()
    works()
    assert "It went out by quiet ways only" in client.get("/alerts/").content.decode()
    address(alice, "sms")
    reaching.call_better()
    works()
    assert "● It went out" not in client.get("/alerts/").content.decode()
