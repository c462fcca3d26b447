"""Bodies as other systems write them become reports, and no ugly text makes an alert vanish."""

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.integrations.shapes.base import BadPayloadError, Reported, State
from tocsin.alerts.models import Integration, Severity

BEGAN = datetime(2031, 5, 4, 3, 12, 9, tzinfo=UTC)
WORDS = "Someone named in a label"


def group(*entries: Any, **more: Any) -> bytes:
    """An Alertmanager group as version 4 of the webhook writes it."""
    found = {
        "version": "4",
        "groupKey": '{}/{team="help"}:{alertname="DoorSilent"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tocsin",
        "groupLabels": {"alertname": "DoorSilent"},
        "commonLabels": {"alertname": "DoorSilent"},
        "commonAnnotations": {"summary": WORDS},
        "externalURL": "https://alerts.example.org",
        "alerts": list(entries),
    }
    return json.dumps(found | more).encode()


def entry(fingerprint: str = "00aa11bb22cc33dd", status: str = "firing", **labels: str) -> dict[str, Any]:
    return {
        "status": status,
        "labels": {"alertname": "DoorSilent", "instance": WORDS} | labels,
        "annotations": {"summary": WORDS, "description": WORDS},
        "startsAt": "2031-05-04T05:12:09.000000000+02:00",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example.org/graph?g0.expr=up",
        "fingerprint": fingerprint,
    }


def event(action: str = "trigger", **more: Any) -> bytes:
    """An event of PagerDuty's Events API v2."""
    found = {
        "routing_key": "0123456789abcdef0123456789abcdef",
        "event_action": action,
        "dedup_key": "door/7",
        "client": WORDS,
        "payload": {
            "summary": WORDS,
            "source": "door.example.org",
            "severity": "error",
            "timestamp": "2031-05-04T03:12:09.000+0000",
            "component": "door",
            "group": "help",
            "class": "silence",
            "custom_details": {"free": WORDS},
        },
        "links": [{"href": "https://example.org", "text": WORDS}],
        "images": [],
    }
    return json.dumps(found | more).encode()


def info(severity: str = "Severe", language: str = "ar", urgency: str = "Expected", extra: str = "") -> str:
    tag = f"<language>{language}</language>" if language else ""
    return f"""<info>{tag}<category>Security</category><event>{WORDS}</event>{extra}
    <urgency>{urgency}</urgency><severity>{severity}</severity><certainty>Observed</certainty>
    <headline>{WORDS}</headline><description>{WORDS}</description>
    <area><areaDesc>{WORDS}</areaDesc><polygon>1,1 1,2 2,2 1,1</polygon></area></info>"""


def message(
    kind: str = "Alert", *infos: str, identifier: str = "A1", references: str = "", status: str = "Actual"
) -> bytes:
    """A CAP 1.2 message."""
    refers = f"<references>{references}</references>" if references else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>
<sender>warn@example.org</sender><sent>2031-05-04T05:12:09+02:00</sent><status>{status}</status>
<msgType>{kind}</msgType><scope>Public</scope>{refers}{"".join(infos)}</alert>""".encode()


def read(shape: str, body: bytes) -> list[Reported]:
    return SHAPES[shape].read(body)


def one(shape: str, body: bytes) -> Reported:
    (found,) = read(shape, body)
    return found


def refusal(shape: str, body: bytes) -> str:
    with pytest.raises(BadPayloadError) as refused:
        read(shape, body)
    return refused.value.message


def test_every_shape_that_a_row_may_have_is_there_and_reads_its_own_example() -> None:
    assert set(SHAPES) == set(Integration.Shape.values)
    for shape in SHAPES.values():
        (found,) = shape.read(shape.example(BEGAN))
        assert found.state == State.FIRING
        assert found.severity == Severity.MINOR
        assert found.occurred_at == BEGAN


@pytest.mark.parametrize("shape", ["alertmanager", "grafana"])
def test_a_group_gives_each_of_its_alerts(shape: str) -> None:
    body = group(entry("aa", severity="critical", language="fa"), entry("bb", "resolved", severity="warning"))
    worse, over = read(shape, body)
    assert (worse.severity, worse.state, worse.language) == (Severity.EXTREME, State.FIRING, "fa")
    assert (over.severity, over.state) == (Severity.MODERATE, State.RESOLVED)
    assert worse.occurred_at == over.occurred_at == BEGAN
    assert worse.dedupe != over.dedupe


def test_the_same_alert_keeps_its_key_whatever_else_is_said_of_it() -> None:
    one_way, other_way = entry(severity="warning"), entry(severity="critical")
    assert one("alertmanager", group(one_way)).dedupe == one("alertmanager", group(other_way)).dedupe
    del one_way["fingerprint"], other_way["fingerprint"]
    assert one("alertmanager", group(one_way)).dedupe != one("alertmanager", group(other_way)).dedupe


def test_grafana_s_own_fields_do_no_harm() -> None:
    found = entry(severity="high") | {"silenceURL": "", "dashboardURL": "", "values": {"B": 22.5, "C": 1}}
    body = group(found, orgId=1, title=WORDS, state="alerting", message=WORDS, version="1")
    assert one("grafana", body).severity == Severity.SEVERE


def test_grafana_s_old_alerting_is_refused_with_what_to_use() -> None:
    assert "unified alerting" in refusal("grafana", b'{"evalMatches": [], "state": "alerting", "ruleId": 1}')


@pytest.mark.parametrize("stated", ["", "purple", "critical!", "7"])
def test_an_unknown_severity_is_taken_as_severe_and_said(stated: str) -> None:
    found = one("alertmanager", group(entry(severity=stated)))
    assert (found.severity, found.assumed) == (Severity.SEVERE, True)
    assert not one("alertmanager", group(entry(severity=" Critical "))).assumed


def test_a_severity_of_the_whole_group_counts_for_alerts_without_one() -> None:
    body = group(entry(), commonLabels={"severity": "info"})
    assert one("alertmanager", body).severity == Severity.MINOR


def test_alerts_that_were_left_out_of_the_body_count_as_one_more() -> None:
    first, rest = read("alertmanager", group(entry(severity="warning"), truncatedAlerts=40))
    assert rest.state == State.FIRING
    assert rest.severity == Severity.MODERATE
    assert rest.dedupe != first.dedupe


@pytest.mark.parametrize("broken", [None, "text", 7, ["a"], {}, {"labels": 3, "status": []}])
def test_an_entry_that_is_no_alert_does_not_take_the_others_with_it(broken: Any) -> None:
    found = read("alertmanager", group(broken, entry(severity="info")))
    assert [(one.severity, one.assumed) for one in found] == [(Severity.SEVERE, True), (Severity.MINOR, False)]


@pytest.mark.parametrize("alerts", [[], None, {}, "x"])
def test_a_group_without_alerts_names_the_field(alerts: Any) -> None:
    assert refusal("alertmanager", group(alerts=alerts)).startswith("alerts: expected a list")


def test_a_trigger_and_its_resolve_are_about_the_same() -> None:
    begun, over = one("pagerduty", event()), one("pagerduty", event("resolve"))
    assert begun.dedupe == over.dedupe
    assert (begun.severity, begun.state, begun.occurred_at) == (Severity.SEVERE, State.FIRING, BEGAN)
    assert over.state == State.RESOLVED


def test_another_system_s_acknowledgement_is_none_here() -> None:
    assert read("pagerduty", event("acknowledge")) == []


def test_a_trigger_without_a_key_is_answered_with_the_one_that_resolves_it() -> None:
    body = event(dedup_key=None)
    answer = SHAPES["pagerduty"].answer(body, 200, "accepted", ())
    assert answer.status == 202
    assert (
        one("pagerduty", body).dedupe == one("pagerduty", event("resolve", dedup_key=answer.body["dedup_key"])).dedupe
    )


@pytest.mark.parametrize("action", ["", "fire", None, 3])
def test_an_unknown_action_names_the_three(action: Any) -> None:
    assert refusal("pagerduty", event(event_action=action)).startswith("event_action: expected one of trigger")


def test_a_trigger_needs_no_payload() -> None:
    found = one("pagerduty", event(payload=None))
    assert (found.severity, found.assumed, found.occurred_at) == (Severity.SEVERE, True, None)


def test_a_cap_alert_takes_the_gravest_of_its_infos() -> None:
    infos = (info("Moderate", "ar", "Future"), info("Extreme", "en", "Immediate"), info("Minor", "fr", "Past"))
    found = one("cap", message("Alert", *infos))
    assert (found.severity, found.urgency, found.language) == (Severity.EXTREME, "immediate", "ar")
    assert found.occurred_at == BEGAN
    assert not found.exercise


def test_a_cap_update_and_cancellation_count_to_the_message_that_was_sent_first() -> None:
    first = one("cap", message("Alert", info()))
    old, newer = "warn@example.org,A1,2031-05-04T05:12:09+02:00", "warn@example.org,A2,2031-05-04T03:30:00Z"
    update = one("cap", message("Update", info("Extreme"), identifier="A3", references=f"{newer} {old}"))
    cancel = one("cap", message("Cancel", info(), identifier="A4", references=f"{old}\n{newer}"))
    assert first.dedupe == update.dedupe == cancel.dedupe
    assert (update.state, cancel.state) == (State.FIRING, State.RESOLVED)
    assert one("cap", message("Alert", info(), identifier="A2")).dedupe in update.earlier


def test_an_all_clear_says_that_it_is_over() -> None:
    clear = "<responseType>AllClear</responseType>"
    assert one("cap", message("Update", info(extra=clear))).state == State.RESOLVED
    assert one("cap", message("Update", info(extra=clear), info())).state == State.FIRING


@pytest.mark.parametrize("status", ["Exercise", "Test"])
def test_an_exercise_is_one_and_never_counts_to_a_real_alert(status: str) -> None:
    found = one("cap", message("Alert", info(), status=status))
    assert found.exercise
    assert found.dedupe != one("cap", message("Alert", info())).dedupe


@pytest.mark.parametrize(
    ("kind", "status"), [("Ack", "Actual"), ("Error", "Actual"), ("Alert", "Draft"), ("Alert", "System")]
)
def test_what_is_not_for_people_is_none(kind: str, status: str) -> None:
    assert read("cap", message(kind, info(), status=status)) == []


def test_a_cap_message_without_infos_or_with_an_unknown_severity_is_taken_as_severe() -> None:
    for body in (message(), message("Alert", info("Unknown"))):
        found = one("cap", body)
        assert (found.severity, found.assumed) == (Severity.SEVERE, True)


@pytest.mark.parametrize("prefix", ["cap:", "x:"])
def test_a_namespace_may_have_a_prefix_and_foreign_elements_are_passed_over(prefix: str) -> None:
    body = (
        message("Alert", info("Minor"))
        .decode()
        .replace("<alert xmlns=", f'<alert xmlns:o="urn:o" xmlns:{prefix[:-1]}=')
    )
    for name in ("alert", "identifier", "sender", "sent", "status", "msgType", "scope", "info", "severity", "urgency"):
        body = body.replace(f"<{name}>", f"<{prefix}{name}>").replace(f"</{name}>", f"</{prefix}{name}>")
    body = body.replace("<alert ", f"<{prefix}alert ").replace("<x:info>", "<x:info><o:severity>Extreme</o:severity>")
    assert one("cap", body.encode()).severity == Severity.MINOR


@pytest.mark.parametrize("namespace", ["urn:oasis:names:tc:emergency:cap:1.1", "http://www.incident.com/cap/1.0"])
def test_earlier_versions_are_read(namespace: str) -> None:
    body = message("Alert", info("Minor")).replace(b"urn:oasis:names:tc:emergency:cap:1.2", namespace.encode())
    assert one("cap", body).severity == Severity.MINOR


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&d;</identifier></alert>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a SYSTEM "file:///etc/hostname">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&a;</identifier></alert>"""
ELSEWHERE = b"""<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>a</identifier></alert>"""


@pytest.mark.parametrize("body", [LAUGHS, FILE, ELSEWHERE, b"\xff" + LAUGHS, LAUGHS.decode().encode("utf-16")])
def test_entities_and_document_types_are_refused(body: bytes) -> None:
    assert "entities" in refusal("cap", body) or "well-formed" in refusal("cap", body)


def test_xml_that_is_nested_a_hundred_thousand_times_ends() -> None:
    depth = 100_000
    assert "CAP message" in refusal("cap", b"<a>" * depth + b"</a>" * depth)


@pytest.mark.parametrize(
    "body", [b"", b" ", b"{}", b"<alert>", b"<rss version='2.0'></rss>", b"<alert xmlns='urn:other'/>", b"\x00\x01"]
)
def test_what_is_no_cap_message_is_refused_with_a_reason(body: bytes) -> None:
    assert "expected" in refusal("cap", body)


def test_a_cap_message_without_an_identifier_names_the_field() -> None:
    assert refusal("cap", message(identifier=" ")).startswith("identifier: expected")


@pytest.mark.parametrize("shape", ["alertmanager", "grafana", "pagerduty"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"alerts=1",
        b"<alert/>",
        b"\x1f\x8b\x08\x00compressed",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_json_object_is_refused_with_a_reason(shape: str, body: bytes) -> None:
    assert refusal(shape, body).endswith(".")


def test_deep_labels_end_in_a_reason_or_an_alert() -> None:
    for depth in (300, 600, 900, 5_000):
        body = b'{"alerts": [{"labels": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}]}"
        with contextlib.suppress(BadPayloadError):
            assert len(read("alertmanager", body)) == 1


UGLY = [
    "\x00\x01\x02",
    "\\ud800",
    "‮‭",
    "\U0001f514" * 2_000,
    "x" * 1_000_000,
    "'; DROP TABLE alerts; --",
    "{{ settings }}",
]


@pytest.mark.parametrize("text", UGLY)
def test_ugly_text_is_no_reason_to_lose_an_alert(text: str) -> None:
    for body in (group(entry(severity="info")), event(payload={"summary": WORDS, "severity": "info"})):
        ugly = body.decode().replace(WORDS, text).encode()
        shape = "alertmanager" if b"groupKey" in body else "pagerduty"
        assert one(shape, ugly).severity == Severity.MINOR
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    assert (
        one("cap", message("Alert", info("Minor")).decode().replace(WORDS, escaped).encode()).severity == Severity.MINOR
    )


@pytest.mark.parametrize("bad", [b"\xff\xfe\xfa", b"\xc3", b"\xed\xa0\x80", b"\x00"])
def test_bytes_that_are_no_letters_are_no_reason_to_lose_an_alert(bad: bytes) -> None:
    words = WORDS.encode()
    assert one("alertmanager", group(entry(severity="info")).replace(words, bad)).severity == Severity.MINOR
    assert one("pagerduty", event().replace(words, bad)).severity == Severity.SEVERE
    assert one("cap", message("Alert", info("Minor")).replace(words, bad)).severity == Severity.MINOR


@pytest.mark.parametrize("text", ["Tom & Jerry", "&nbsp;", "&#0;", "&#xD800;", "&unknown;"])
def test_careless_xml_is_mended(text: str) -> None:
    assert one("cap", message("Alert", info("Minor")).replace(WORDS.encode(), text.encode())).severity == Severity.MINOR


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_in_other_encodings_is_read(encoding: str) -> None:
    assert one("alertmanager", group(entry(severity="info")).decode().encode(encoding)).severity == Severity.MINOR


def test_of_members_that_stand_twice_no_alert_is_lost() -> None:
    body = group(entry("aa", severity="info")).decode()
    twice = body[:-1] + ', "alerts": ' + json.dumps([entry("bb", severity="critical")]) + "}"
    assert [one.severity for one in read("alertmanager", twice.encode())] == [Severity.MINOR, Severity.EXTREME]


def test_numbers_without_measure_are_no_trouble() -> None:
    body = group(entry(severity="info"), truncatedAlerts=0).replace(
        b'"truncatedAlerts": 0', b'"truncatedAlerts": ' + b"9" * 100_000
    )
    assert len(read("alertmanager", body)) == 1


@pytest.mark.parametrize(
    "stated",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "yesterday", "", 12, None, "2031-13-01", "²031-05-04"],
)
def test_a_moment_that_can_not_be_is_left_out(stated: Any) -> None:
    assert one("alertmanager", group(entry() | {"startsAt": stated})).occurred_at is None


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("en", "en"),
        ("PT-br", "pt-BR"),
        ("zh-hant-TW", "zh-Hant-TW"),
        ("ann-smith", ""),
        ("Bob", "bob"),
        ("persian", ""),
        ("", ""),
    ],
)
def test_no_word_hides_in_a_language(stated: str, kept: str) -> None:
    assert one("alertmanager", group(entry(language=stated))).language == kept


def test_a_report_holds_no_word_of_the_sender() -> None:
    bodies = {"alertmanager": group(entry()), "pagerduty": event(), "cap": message("Alert", info())}
    for shape, body in bodies.items():
        shown = repr(read(shape, body))
        for word in (WORDS, "DoorSilent", "door/7", "A1", "00aa11bb22cc33dd", "example.org"):
            assert word not in shown
