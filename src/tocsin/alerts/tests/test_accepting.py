"""What is accepted is stored, counts once, and calls anew when it becomes worse."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tocsin.alerts import actions, clock, rules
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Escalation, Lane, Policy, Severity
from tocsin.alerts.tests.drums import Drums
from tocsin.audit.models import Entry
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def _new(**more: object) -> New:
    said: dict[str, object] = {
        "kind": "source",
        "severity": Severity.SEVERE,
        "lane": Lane.WAKE,
        "dedupe": "source:1",
        **more,
    }
    return New(**said)  # type: ignore[arg-type]


def test_an_accepted_alert_is_stored_with_the_moment_at_which_it_calls(policy: Policy) -> None:
    alert = accept(_new()).alert
    row = Escalation.objects.get(alert=alert)
    assert (alert.state, row.rung, row.due_at) == (Alert.State.OPEN, 0, alert.accepted_at)
    assert Entry.objects.filter(verb="alert.accepted", target=f"alert:{alert.public_id}").exists()


def test_the_same_again_is_counted_and_calls_nobody_anew(
    policy: Policy, works: Callable[[], None], drums: Drums
) -> None:
    first = accept(_new())
    works()
    again = accept(_new())
    works()
    assert (again.alert.pk, again.fresh, again.raised) == (first.alert.pk, False, False)
    assert Alert.objects.get().seen_count == 2
    assert sum(drums.counts().values()) == 1


def test_a_higher_severity_calls_anew_even_after_an_answer(
    policy: Policy, works: Callable[[], None], drums: Drums, bob: Person
) -> None:
    alert = accept(_new(severity=Severity.MODERATE)).alert
    works()
    actions.acknowledge(alert, bob, "console", confirmed=True)
    assert accept(_new(severity=Severity.EXTREME)).raised
    works()
    alert.refresh_from_db()
    assert (alert.state, alert.severity) == (Alert.State.OPEN, Severity.EXTREME)
    assert len(drums.heard_by(bob)) == 2


def test_after_it_was_resolved_the_same_is_a_new_alert(policy: Policy, bob: Person) -> None:
    first = accept(_new()).alert
    actions.resolve(first, bob, Alert.Outcome.TRUE)
    second = accept(_new())
    assert second.fresh
    assert second.alert.pk != first.pk


@pytest.mark.parametrize("ugly", ["\x00" * 10, "\ud800 half", "x" * 10_000, "‮mirrored", ""])
def test_ugly_text_is_cut_and_never_refused(policy: Policy, ugly: str) -> None:
    alert = accept(_new(dedupe=ugly, reference=ugly, kind=ugly, language=ugly, urgency=ugly)).alert
    assert Alert.objects.filter(pk=alert.pk).exists()


def test_what_another_system_calls_over_still_waits_for_a_person(
    policy: Policy, works: Callable[[], None], drums: Drums
) -> None:
    alert = accept(_new()).alert
    actions.remote_resolved(alert)
    works()
    alert.refresh_from_db()
    assert alert.state == Alert.State.OPEN
    assert alert.remote_resolved_at is not None
    assert sum(drums.counts().values()) == 1


def test_a_rule_that_used_up_its_budget_wakes_nobody(policy: Policy, works: Callable[[], None]) -> None:
    rule = actions.rule("test.rule", "A rule", budget_per_week=2)
    lanes = [accept(_new(rule=rule, dedupe=f"x:{number}")).alert for number in range(3)]
    assert [(one.lane, one.withheld) for one in lanes] == [("wake", ""), ("wake", ""), ("quiet", "budget")]


def test_a_rule_that_was_wrong_too_often_waits_until_a_person_trusts_it_again(policy: Policy, alice: Person) -> None:
    rule = actions.rule("test.rule", "A rule", budget_per_week=100)
    for number in range(4):
        outcome = Alert.Outcome.TRUE if number == 0 else Alert.Outcome.FALSE
        actions.resolve(accept(_new(rule=rule, dedupe=f"x:{number}")).alert, alice, outcome)
    rule.refresh_from_db()
    assert not rule.may_wake
    assert accept(_new(rule=rule, dedupe="y")).alert.withheld == "precision"
    actions.let_rule_wake(rule, alice)
    rule.refresh_from_db()
    assert accept(_new(rule=rule, dedupe="z")).alert.lane == Lane.WAKE


def test_named_alerts_count_in_no_precision_and_no_budget(policy: Policy, alice: Person) -> None:
    made = actions.rule("named", "A rule", budget_per_week=1)
    for number in range(6):
        new = New("x", Severity.SEVERE, Lane.WAKE, dedupe=f"n{number}", rule=made, named=True, knowers=(alice.pk,))
        alert = accept(new).alert
        assert alert.withheld == ""
        actions.resolve(alert, alice, Alert.Outcome.FALSE)
    assert (rules.precision(made).judged, rules.used_this_week(made, clock.now())) == (0, 0)
    made.refresh_from_db()
    assert made.may_wake
    assert accept(New("x", Severity.SEVERE, Lane.WAKE, dedupe="open", rule=made)).alert.withheld == ""
    assert accept(New("x", Severity.SEVERE, Lane.WAKE, dedupe="second", rule=made)).alert.withheld == "budget"


def test_no_rule_and_no_budget_holds_back_an_alert_about_a_life(policy: Policy) -> None:
    rule = actions.rule("test.rule", "A rule", budget_per_week=0, may_wake=False)
    alert = accept(_new(rule=rule, lane=Lane.LIFE, named=True)).alert
    assert (alert.lane, alert.withheld) == (Lane.LIFE, "")


def test_what_only_named_people_may_know_leaves_no_name_in_the_record(policy: Policy, bob: Person) -> None:
    alert = accept(_new(lane=Lane.LIFE, named=True, raised_by=bob)).alert
    actions.acknowledge(alert, bob, "console", confirmed=True)
    for entry in Entry.objects.all():
        assert alert.public_id not in f"{entry.target}{entry.facts}{entry.verb}"
        assert entry.actor != bob.pk


def test_it_can_be_put_off_for_a_day_at_most_and_never_without_a_reason(policy: Policy, bob: Person) -> None:
    alert = accept(_new()).alert
    for until, reason in ((alert.accepted_at + timedelta(hours=25), "asleep"), (alert.accepted_at, "x"), (None, " ")):
        with pytest.raises(actions.RefusedError):
            actions.snooze(alert, bob, until or alert.accepted_at + timedelta(hours=1), reason)


def test_about_a_life_nothing_is_put_off(policy: Policy, bob: Person) -> None:
    alert = accept(_new(lane=Lane.LIFE)).alert
    with pytest.raises(actions.RefusedError):
        actions.snooze(alert, bob, alert.accepted_at + timedelta(minutes=5), "soon")


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_make_one_alert(policy: Policy) -> None:
    found: list[int] = []

    def report() -> None:
        found.append(accept(_new()).alert.pk)
        connection.close()

    threads = [threading.Thread(target=report) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1
    assert Alert.objects.get().seen_count == 12
