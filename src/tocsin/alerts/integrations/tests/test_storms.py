"""A storm is bounded, and neither the first nor the gravest is lost in it."""

import json
import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection

from tocsin.alerts import actions as alerts
from tocsin.alerts.integrations import receiving
from tocsin.alerts.integrations.receiving import HOUR, MOST_ALERTS, reserve
from tocsin.alerts.integrations.tests.conftest import Sender, Time, said
from tocsin.alerts.integrations.tests.test_shapes import entry, event, group
from tocsin.alerts.models import Alert, Delivery, Severity

pytestmark = pytest.mark.django_db

Opens = Callable[..., Sender]


def fill(sender: Sender, count: int, severity: str = "warning") -> None:
    for number in range(count):
        assert sender.post(group(entry(f"f{number}", severity=severity))).status_code == 200


def test_over_the_quota_a_body_is_refused_until_there_is_room_and_a_person_is_told_once(
    opens: Opens, time: Time
) -> None:
    sender = opens(quota_per_hour=3)
    fill(sender, 3)
    for number in range(4):
        answer = sender.post(group(entry(f"more{number}", severity="warning")))
        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= HOUR.total_seconds() + 1
    assert Alert.objects.filter(kind="integration").count() == 1
    assert Alert.objects.filter(kind="webhook").count() == 3
    assert sender.now().refused == 4
    time.passes(minutes=61)
    assert sender.post(group(entry("more0", severity="warning"))).status_code == 200


def test_a_known_body_is_known_even_over_the_quota(opens: Opens) -> None:
    sender = opens(quota_per_hour=1)
    fill(sender, 1)
    assert said(sender.post(group(entry("f0", severity="warning"))))["status"] == "known"


def test_over_the_quota_what_is_graver_than_all_before_still_comes_in(opens: Opens) -> None:
    sender = opens(quota_per_hour=2)
    fill(sender, 2, "info")
    assert sender.post(group(entry("worse", severity="error"))).status_code == 200
    assert sender.post(group(entry("equal", severity="error"))).status_code == 429


def test_over_the_quota_something_new_that_is_extreme_comes_in_up_to_a_bound(opens: Opens) -> None:
    sender = opens(quota_per_hour=2)
    fill(sender, 2, "critical")
    assert sender.post(group(entry("f0", severity="critical"), version="4 again")).status_code == 429
    answers = [sender.post(group(entry(f"new{n}", severity="critical"))).status_code for n in range(reserve(2) + 3)]
    assert answers == [200] * reserve(2) + [429] * 3


def test_pagerduty_s_senders_are_told_of_the_quota_in_their_way(opens: Opens) -> None:
    sender = opens("pagerduty", quota_per_hour=1)
    sender.post(event())
    answer = sender.post(event(dedup_key="other"))
    assert (answer.status_code, said(answer)["status"]) == (429, "throttle exceeded")


def test_a_key_that_stands_twice_in_one_body_counts_once_as_its_worst(opens: Opens) -> None:
    opens().post(group(entry("a", severity="info"), entry("a", severity="critical"), entry("a", "resolved")))
    alert = Alert.objects.get()
    assert (alert.severity, alert.seen_count, alert.remote_resolved_at) == (Severity.EXTREME, 1, None)


def test_of_very_many_alerts_the_gravest_are_taken_and_the_rest_as_one(opens: Opens) -> None:
    sender = opens()
    many = [entry(f"n{number}", severity="warning") for number in range(MOST_ALERTS + 40)]
    answer = sender.post(group(*many, entry("worst", severity="critical")))
    assert answer.status_code == 200
    assert Alert.objects.count() == MOST_ALERTS + 1
    assert Alert.objects.order_by("pk")[0].severity == Severity.EXTREME


def test_a_large_body_that_broke_off_half_way_is_completed_when_it_comes_again(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = opens()
    body = group(*(entry(f"n{number}") for number in range(12)))
    real, left = alerts.accept, [7]

    def dies(new: alerts.New) -> alerts.Accepted:
        left[0] -= 1
        if left[0] < 0:
            raise DatabaseError
        return real(new)

    monkeypatch.setattr(receiving, "accept", dies)
    assert sender.post(body).status_code == 503
    monkeypatch.undo()
    assert sender.post(body).status_code == 200
    assert Alert.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_about_the_same_make_one_alert(opens: Opens) -> None:
    sender = opens(quota_per_hour=500)
    answers: list[int] = []

    def send(number: int) -> None:
        try:
            body = json.loads(group(entry("same"))) | {"receiver": f"n{number % 40}"}
            answers.append(sender.post(body).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 50
    assert Alert.objects.get().seen_count == 40
    assert Delivery.objects.count() == 40


@pytest.mark.django_db(transaction=True)
def test_a_quota_holds_when_all_come_at_once(opens: Opens) -> None:
    sender = opens(quota_per_hour=4)
    answers: list[int] = []

    def send(number: int) -> None:
        try:
            several = [entry(f"n{number}.{one}", severity="warning") for one in range(2)]
            answers.append(sender.post(group(*several)).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 4 + [429] * 12
