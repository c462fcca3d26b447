"""A signature over the body and its moment opens the door; any other opens nothing."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.alerts import clock
from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.tests.conftest import Sender, said
from tocsin.alerts.integrations.tests.test_shapes import entry, event, group
from tocsin.alerts.models import Alert
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Opens = Callable[..., Sender]


def bearer(sender: Sender) -> dict[str, str]:
    return {"Authorization": f"Bearer {sender.token}"}


def test_a_signature_opens_the_door_without_a_bearer(opens: Opens) -> None:
    sender = opens(signed=True)
    assert sender.signed(group(entry())).status_code == 200


def test_where_only_signatures_count_a_bearer_is_refused_with_the_reason(opens: Opens) -> None:
    sender = opens(signed=True)
    answer = sender.post(group(entry()))
    assert answer.status_code == 403
    assert "signed" in said(answer)["detail"]
    assert not Alert.objects.exists()


@pytest.mark.parametrize("age", [301, 86_400, -400])
def test_a_signature_of_another_time_is_refused_with_the_reason(opens: Opens, age: int) -> None:
    answer = opens(signed=True).signed(group(entry()), age=age)
    assert answer.status_code == 409
    assert "clock" in said(answer)["detail"]
    assert not Alert.objects.exists()


@pytest.mark.parametrize("age", [290, -290])
def test_a_clock_that_is_a_little_off_is_no_matter(opens: Opens, age: int) -> None:
    assert opens(signed=True).signed(group(entry()), age=age).status_code == 200


def test_a_signed_request_that_is_sent_again_is_known(opens: Opens) -> None:
    sender = opens("pagerduty", signed=True)
    body, moment = event(payload=None), clock.now()
    sender.signed(body, at=moment)
    Alert.objects.update(state=Alert.State.RESOLVED)
    sender.signed(body, at=moment)
    assert Alert.objects.count() == 1


def test_the_same_words_signed_later_are_a_new_alert_once_the_first_is_over(opens: Opens) -> None:
    sender = opens("pagerduty", signed=True)
    body, moment = event(payload=None), clock.now()
    sender.signed(body, at=moment)
    Alert.objects.update(state=Alert.State.RESOLVED)
    sender.signed(body, at=moment + timedelta(seconds=1))
    assert Alert.objects.count() == 2


HEADERS = ["t=1,v1=", "v1=00", "t=,v1=00", "t=99999999999999999999,v1=00", "t=-5,v1=00", "x", "t=1;v1=2", "t=1,v1=é"]


@pytest.mark.parametrize("header", HEADERS)
def test_a_signature_that_is_none_looks_like_no_proof(opens: Opens, header: str) -> None:
    sender = opens(signed=True)
    assert sender.post(group(entry()), X_Tocsin_Signature=header, **bearer(sender)).status_code == 401


def test_a_signature_of_another_body_key_or_generation_is_none(opens: Opens, alice: Person) -> None:
    sender, other = opens(signed=True), opens(signed=True)
    assert sender.signed(group(entry()), key="0" * 64).status_code == 401
    assert sender.signed(group(entry()), path=other.path).status_code == 401
    old = str(actions.show_key(alice, sender.row))
    actions.rotate(alice, sender.row)
    assert sender.signed(group(entry()), key=old).status_code == 401
    assert sender.signed(group(entry())).status_code == 200


def test_a_signature_of_an_address_that_is_not_there_is_none(opens: Opens) -> None:
    answer = opens().signed(group(entry()), path="/alerts/in/zzzzzzzzzzzz")
    assert answer.status_code == 401
