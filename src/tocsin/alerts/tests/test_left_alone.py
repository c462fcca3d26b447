"""An alert whose holder's account is closed calls the others at once, not only when it would remind."""

import pytest

from tocsin.alerts import actions, escalating
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Lane, Policy, Severity
from tocsin.alerts.tests.conftest import Works
from tocsin.alerts.tests.drums import Drums
from tocsin.people import actions as people
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(policy: Policy, works: Works, alice: Person) -> Alert:
    """Alice's, who does not stand on its first step."""
    made = accept(New("source", Severity.SEVERE, Lane.WAKE, dedupe="x")).alert
    works()
    return made


@pytest.mark.parametrize("confirmed", [True, False])
def test_it_calls_at_once_when_the_holder_s_account_is_closed(
    confirmed: bool, alert: Alert, works: Works, drums: Drums, alice: Person, bob: Person
) -> None:
    actions.acknowledge(alert, bob, "console", confirmed=confirmed)
    works()
    assert drums.heard_by(alice) == []
    people.deactivate(alice, bob)
    before = len(drums.heard_by(bob))
    assert escalating.call_anew() == 1
    works()
    assert Alert.objects.get().state == Alert.State.OPEN
    assert drums.heard_by(alice)
    assert len(drums.heard_by(bob)) == before, "whoever left hears no more of it"
    assert escalating.call_anew() == 0


def test_what_a_person_has_is_left_with_them(alert: Alert, bob: Person) -> None:
    actions.acknowledge(alert, bob, "console", confirmed=True)
    assert escalating.call_anew() == 0
    assert Alert.objects.get().state == Alert.State.ANSWERED
