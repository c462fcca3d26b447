"""What another system hands over is stored before it hears so, once, and only from who may."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from tocsin.alerts import actions as alerts
from tocsin.alerts import clock
from tocsin.alerts.integrations import actions, receiving
from tocsin.alerts.integrations.actions import Wanted
from tocsin.alerts.integrations.receiving import KEPT, forget
from tocsin.alerts.integrations.tests.conftest import Sender, Time, said
from tocsin.alerts.integrations.tests.test_shapes import LAUGHS, WORDS, entry, event, group, info, message
from tocsin.alerts.models import Alert, Delivery, Escalation, Event, Integration, Lane, Policy, Severity
from tocsin.audit.models import Entry
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db

Opens = Callable[..., Sender]
CAP = {"Content_Type": "application/cap+xml"}


def bearer(sender: Sender) -> dict[str, str]:
    return {"Authorization": f"Bearer {sender.token}"}


def stored() -> str:
    """Everything that the tables of alerts and the record hold, as text."""
    tables = (Alert, Delivery, Escalation, Event, Integration, Entry)
    return repr([list(table.objects.values()) for table in tables])


def test_an_alert_is_stored_and_calls_before_its_sender_hears_so(opens: Opens) -> None:
    sender = opens()
    answer = sender.post(group(entry(severity="critical", language="am")))
    assert (answer.status_code, said(answer)["status"]) == (200, "accepted")
    alert = Alert.objects.get()
    assert (alert.kind, alert.severity, alert.lane, alert.language) == ("webhook", Severity.EXTREME, Lane.WAKE, "am")
    assert (alert.integration, alert.rule) == (sender.row, sender.row.rule)
    assert alert.occurred_at <= alert.accepted_at
    assert Escalation.objects.get(alert=alert).due_at == alert.accepted_at
    assert sender.now().last_used_at is not None


@pytest.mark.parametrize("shape", ["alertmanager", "grafana", "pagerduty", "cap"])
def test_every_shape_comes_in_and_none_of_its_words_stays(opens: Opens, shape: str) -> None:
    sender = opens(shape)
    bodies = {"pagerduty": event(), "cap": message("Alert", info())}
    answer = sender.post(bodies.get(shape, group(entry(severity="error"))))
    assert answer.status_code == (202 if shape == "pagerduty" else 200)
    assert Alert.objects.get().severity == Severity.SEVERE
    kept = stored()
    for word in (WORDS, "DoorSilent", "door/7", "warn@example.org", "00aa11bb22cc33dd", sender.token):
        assert word not in kept


def test_pagerduty_s_senders_put_the_token_into_the_body_and_read_its_answers(opens: Opens) -> None:
    sender = opens("pagerduty")
    path = sender.path + "/v2/enqueue"
    answer = sender.post(event(routing_key=sender.token), path, User_Agent="a sender")
    assert answer.status_code == 202
    assert said(answer) == {"status": "success", "message": "Event processed", "dedup_key": "door/7"}
    assert sender.post(event("acknowledge", routing_key=sender.token), path, User_Agent="a").status_code == 202
    refused = sender.post(event("shout", routing_key=sender.token), path, User_Agent="a sender")
    assert (refused.status_code, said(refused)["status"]) == (400, "invalid event")
    assert said(refused)["errors"][0].startswith("event_action")
    assert sender.post(event(routing_key="f" * 32), path, User_Agent="a sender").status_code == 401


def test_a_password_does_as_well_as_a_bearer(opens: Opens) -> None:
    sender = opens("grafana")
    given = base64.b64encode(f"anybody:{sender.token}".encode()).decode()
    assert sender.post(group(entry()), Authorization=f"Basic {given}").status_code == 200


def test_a_slash_at_the_end_costs_no_alert(opens: Opens) -> None:
    sender = opens()
    assert sender.post(group(entry()), sender.path + "/").status_code == 200
    assert Alert.objects.count() == 1


WRONG = ["", "Bearer", "Bearer ", "Bearer wrong", "Basic !!!", "Basic d3Jvbmc=", "Digest x", "Bearer ü\udcff", "token"]


@pytest.mark.parametrize("header", WRONG)
def test_a_wrong_proof_an_unknown_address_and_a_revoked_one_look_the_same(
    opens: Opens, alice: Person, header: str
) -> None:
    sender, ended = opens(), opens()
    actions.revoke(alice, ended.row)
    header = header.encode("utf-8", "surrogatepass").decode("latin-1")
    paths = (sender.path, "/alerts/in/zzzzzzzzzzzz", ended.path)
    answers = [sender.post(group(entry()), path, Authorization=header) for path in paths]
    answers += [ended.post(group(entry()))]
    for one in answers:
        del one.headers["Expires"]  # the moment of the answer, whoever asks
    seen = {(one.status_code, one.content, tuple(sorted(one.headers.items()))) for one in answers}
    assert len(seen) == 1
    assert answers[0].status_code == 401
    assert not Alert.objects.exists()
    assert sender.now().refused == 1
    assert "bearer" in sender.now().refused_why


def test_a_token_in_the_address_is_none(opens: Opens) -> None:
    sender = opens()
    assert sender.post(group(entry()), f"{sender.path}?token={sender.token}", Accept="*/*").status_code == 401


def test_a_token_opens_its_own_door_only(opens: Opens) -> None:
    sender, other = opens(), opens()
    assert sender.post(group(entry()), other.path).status_code == 401


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch", "options", "trace"])
def test_nothing_but_a_post_is_taken(opens: Opens, method: str) -> None:
    sender = opens()
    for path in (sender.path, "/alerts/in/zzzzzzzzzzzz"):
        answer = getattr(Client(), method)(path, headers=bearer(sender))
        assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_the_session_of_a_browser_opens_nothing(
    opens: Opens, alice: Person, browse: Callable[[Person], Client]
) -> None:
    sender = opens()
    answer = browse(alice).post(sender.path, group(entry()), content_type="application/json")
    assert answer.status_code == 401


def test_the_same_body_again_is_known_and_does_nothing(opens: Opens, bob: Person) -> None:
    sender = opens()
    body = group(entry(severity="critical"))
    assert said(sender.post(body))["status"] == "accepted"
    alerts.resolve(Alert.objects.get(), bob, Alert.Outcome.TRUE)
    before = stored()
    again = sender.post(body)
    assert (again.status_code, said(again)["status"]) == (200, "known")
    assert stored() == before


def test_a_body_without_a_moment_counts_to_what_stands_and_is_new_once_that_is_resolved(
    opens: Opens, bob: Person
) -> None:
    sender = opens("pagerduty")
    body = event(payload={"summary": WORDS, "severity": "critical", "source": "cron"})
    for _ in range(2):
        assert sender.post(body).status_code == 202
    alert = Alert.objects.get()
    assert alert.seen_count == 2
    alerts.resolve(alert, bob, Alert.Outcome.TRUE)
    sender.post(body)
    assert Alert.objects.filter(state=Alert.State.OPEN).count() == 1


def test_bodies_are_remembered_for_a_month_and_then_forgotten(opens: Opens, time: Time) -> None:
    sender = opens()
    sender.post(group(entry()))
    time.passes(days=30)
    assert forget(clock.now()) == 0
    assert said(sender.post(group(entry())))["status"] == "known"
    time.passes(days=KEPT.days)
    assert forget(clock.now()) == 1


def test_a_higher_severity_calls_anew_and_a_lower_one_does_not(opens: Opens, bob: Person) -> None:
    sender = opens()
    sender.post(group(entry(severity="warning")))
    alerts.acknowledge(Alert.objects.get(), bob, "console", confirmed=True)
    sender.post(group(entry(severity="info")))
    assert Alert.objects.get().state == Alert.State.ANSWERED
    sender.post(group(entry(severity="critical")))
    assert (Alert.objects.get().state, Alert.objects.get().severity) == (Alert.State.OPEN, Severity.EXTREME)


@pytest.mark.parametrize("shape", ["alertmanager", "pagerduty", "cap"])
def test_a_resolve_from_outside_is_noted_and_silences_nobody(opens: Opens, shape: str) -> None:
    begin, over = {
        "alertmanager": (group(entry()), group(entry(status="resolved"))),
        "pagerduty": (event(), event("resolve", payload=None)),
        "cap": (
            message("Alert", info()),
            message("Cancel", info(), identifier="A2", references="warn@example.org,A1,2031-05-04T05:12:09+02:00"),
        ),
    }[shape]
    sender = opens(shape)
    sender.post(begin)
    due = Escalation.objects.get().due_at
    assert sender.post(over).status_code < 300
    alert = Alert.objects.get()
    assert alert.state == Alert.State.OPEN
    assert alert.remote_resolved_at is not None
    assert Escalation.objects.get().due_at == due


def test_a_resolve_of_what_nobody_knows_is_taken_and_makes_no_alert(opens: Opens) -> None:
    sender = opens()
    assert sender.post(group(entry(status="resolved"))).status_code == 200
    assert not Alert.objects.exists()


def test_a_cap_update_counts_to_an_alert_that_stands_under_any_of_its_references(opens: Opens) -> None:
    sender = opens("cap")
    sender.post(message("Alert", info("Minor"), identifier="A2"))
    old, known = "warn@example.org,A1,2031-05-04T05:12:09+02:00", "warn@example.org,A2,2031-05-04T03:30:00Z"
    sender.post(message("Update", info("Extreme"), identifier="A3", references=f"{old} {known}"))
    assert Alert.objects.get().severity == Severity.EXTREME


def test_an_exercise_from_outside_wakes_nobody_and_hides_no_real_alert(opens: Opens) -> None:
    sender = opens("cap")
    sender.post(message("Alert", info("Extreme"), status="Exercise"))
    sender.post(message("Alert", info("Extreme")))
    exercise, real = Alert.objects.order_by("pk")
    assert (exercise.exercise, exercise.lane) == (True, Lane.QUIET)
    assert (real.exercise, real.lane) == (False, Lane.WAKE)


def test_an_unknown_severity_is_said_to_the_sender_and_on_the_timeline(opens: Opens) -> None:
    answer = opens().post(group(entry(severity="mauve")))
    assert "taken as severe" in said(answer)["detail"]
    assert Event.objects.filter(verb="severity_assumed", alert=Alert.objects.get()).exists()


def test_a_moment_in_the_future_is_taken_as_now(opens: Opens) -> None:
    opens().post(group(entry() | {"startsAt": "2199-01-01T00:00:00Z"}))
    alert = Alert.objects.get()
    assert alert.occurred_at <= alert.accepted_at


def test_alerts_take_the_lane_and_policy_of_their_integration(opens: Opens) -> None:
    policy = Policy.objects.create(public_id="mine", name="Mine")
    sender = opens(lane=Lane.QUIET, policy=policy)
    sender.post(group(entry("a")))
    assert (Alert.objects.get().lane, Alert.objects.get().policy) == (Lane.QUIET, policy)
    Policy.objects.filter(pk=policy.pk).update(ended_at=clock.now())
    sender.post(group(entry("b")))
    assert Alert.objects.order_by("-pk")[0].policy.is_default


def test_about_life_an_alert_is_known_to_the_called_alone_and_not_even_its_coming_shows(opens: Opens) -> None:
    sender = opens(lane=Lane.LIFE)
    sender.post(group(entry()))
    assert Alert.objects.get().named
    assert sender.now().last_used_at is None


# What can't be read


def test_a_body_of_the_right_sender_that_can_not_be_read_is_told_to_a_person_once(opens: Opens) -> None:
    sender = opens()
    for number in range(3):
        answer = sender.post(b'{"alerts": %d}' % number)
        assert answer.status_code == 400
        assert said(answer)["detail"].startswith("alerts: expected")
    alert = Alert.objects.get()
    assert (alert.kind, alert.lane) == ("integration", Lane.WAKE)
    assert (sender.now().refused, sender.now().refused_why[:7]) == (3, "alerts:")


@pytest.mark.parametrize("body", [b"", b"\x1f\x8b\x08", b"{" * 200_000, b"[[[[", LAUGHS, b"\x00" * 1_000])
@pytest.mark.parametrize("shape", ["alertmanager", "pagerduty", "grafana", "cap"])
def test_garbage_is_refused_with_a_reason_and_never_an_error(opens: Opens, shape: str, body: bytes) -> None:
    sender = opens(shape)
    assert sender.post(body).status_code == 400
    assert sender.post(body, Accept="*/*").status_code == 401


def test_a_stranger_s_garbage_raises_nothing(opens: Opens) -> None:
    assert opens().post(b"garbage", Authorization="Bearer wrong").status_code == 401
    assert not Alert.objects.exists()


def test_a_giant_is_refused_whoever_sends_it_and_told_when_the_right_one_did(opens: Opens) -> None:
    sender = opens()
    giant = group(entry()).replace(WORDS.encode(), b"x" * 2_000_001)
    assert sender.post(giant, Authorization="Bearer wrong").status_code == 413
    assert not Alert.objects.exists()
    assert sender.post(giant).status_code == 413
    assert Alert.objects.get().kind == "integration"


def test_a_megabyte_of_summary_is_no_reason_to_lose_an_alert(opens: Opens) -> None:
    sender = opens()
    assert sender.post(group(entry(severity="info")).replace(WORDS.encode(), b"\xff" * 300_000)).status_code == 200
    assert sender.post(group(entry("b") | {"annotations": {"summary": "\x00é" * 80_000}})).status_code == 200
    assert Alert.objects.filter(kind="webhook").count() == 2


def test_a_compressed_body_is_refused_with_what_to_do(opens: Opens) -> None:
    sender = opens()
    answer = sender.post(group(entry()), Content_Encoding="gzip", **bearer(sender))
    assert answer.status_code == 415
    assert "Content-Encoding" in said(answer)["detail"]


def test_the_type_that_is_stated_does_not_matter(opens: Opens) -> None:
    sender = opens()
    for kind in ("text/plain", "application/octet-stream", "x", "multipart/form-data; boundary=x"):
        assert sender.post(group(entry(kind)), Content_Type=kind, **bearer(sender)).status_code == 200
    assert Alert.objects.count() == 4


def test_when_nothing_can_be_stored_the_sender_is_told_to_try_again(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = opens()

    def broken(*_: Any) -> None:
        raise DatabaseError("disk full: secret words")

    monkeypatch.setattr(receiving, "accept", broken)
    answer = sender.post(group(entry()))
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert b"secret words" not in answer.content
    assert not Delivery.objects.exists()
    monkeypatch.undo()
    assert said(sender.post(group(entry())))["status"] == "accepted"


def test_new_secrets_end_the_old_ones_at_once(opens: Opens, alice: Person) -> None:
    sender = opens()
    fresh = actions.rotate(alice, sender.row)
    assert sender.post(group(entry())).status_code == 401
    assert sender.post(group(entry()), Authorization=f"Bearer {fresh.token}").status_code == 200


def test_a_door_that_closes_while_a_body_is_on_its_way_takes_nothing(opens: Opens, alice: Person) -> None:
    sender = opens()
    actions.revoke(alice, sender.row)
    taken = receiving.receive(sender.row, [], "d" * 64)
    assert taken.verdict is receiving.Verdict.CLOSED


def test_a_test_is_a_drill_in_the_integration_s_own_lane(opens: Opens, alice: Person) -> None:
    sender = opens(lane=Lane.LIFE)
    alert = actions.send_test(alice, sender.row)
    assert (alert.drill, alert.lane, alert.integration, alert.raised_by) == (True, Lane.LIFE, sender.row, alice)


@pytest.mark.parametrize("wanted", [Wanted(" "), Wanted("x" * 81), Wanted("a", quota_per_hour=0)])
def test_what_can_not_be_is_refused(alice: Person, wanted: Wanted) -> None:
    with pytest.raises(alerts.RefusedError):
        actions.create(alice, "cap", wanted)
