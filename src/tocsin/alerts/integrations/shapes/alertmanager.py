"""Alertmanager's webhook, version 4, and what Grafana's shares with it.

Fields: prometheus.io/docs/alerting/latest/configuration/#webhook_config.
"""

import json
from datetime import datetime
from typing import Any

from tocsin.alerts.integrations.shapes.base import (
    BadPayloadError,
    Reported,
    Shape,
    State,
    key_of,
    language_of,
    moment_of,
    severity_of,
    text_in,
    urgency_of,
)
from tocsin.alerts.integrations.shapes.json_bodies import canonical, json_object


def read(body: bytes) -> list[Reported]:
    """Every alert of a group. Labels ``severity``, ``urgency`` and ``language`` are understood, no other is looked at.

    An entry that is no object is taken as a severe alert all the same. Alerts that Alertmanager left out of the body
    count as one more.

    Raises:
        BadPayloadError: when there is no list of alerts.
    """
    group = json_object(body)
    entries = group.get("alerts")
    if not isinstance(entries, list) or not entries:
        raise BadPayloadError("alerts: expected a list with at least one alert, as webhooks of version 4 send.")
    found = [_alert(entry, group) for entry in entries]
    return [*found, *_left_out(group, found)]


def _alert(entry: Any, group: dict[str, Any]) -> Reported:
    labels = entry.get("labels") if isinstance(entry, dict) else None
    severity, assumed = severity_of(text_in(labels, "severity") or text_in(group.get("commonLabels"), "severity"))
    return Reported(
        dedupe=_key(entry, labels, group),
        severity=severity,
        state=_state(entry, group),
        urgency=urgency_of(text_in(labels, "urgency")),
        language=language_of(text_in(labels, "language", "lang")),
        occurred_at=moment_of(text_in(entry, "startsAt")),
        assumed=assumed,
    )


def _key(entry: Any, labels: Any, group: dict[str, Any]) -> str:
    if fingerprint := text_in(entry, "fingerprint"):
        return key_of("fingerprint", fingerprint)
    # Labels are what makes an alert the same one; versions before 0.20 send no fingerprint.
    if isinstance(labels, dict) and labels:
        return key_of("labels", canonical(labels))
    return key_of("entry", text_in(group, "groupKey"), canonical(entry))


def _state(entry: Any, group: dict[str, Any]) -> State:
    stated = text_in(entry, "status") or text_in(group, "status")
    return State.RESOLVED if stated.strip().lower() == State.RESOLVED else State.FIRING


def _left_out(group: dict[str, Any], found: list[Reported]) -> list[Reported]:
    number = group.get("truncatedAlerts")
    firing = [one for one in found if one.state == State.FIRING]
    if not isinstance(number, int) or number < 1 or not firing:
        return []
    gravest = max(firing, key=lambda one: one.severity)
    key = key_of("left out", text_in(group, "groupKey"))
    return [Reported(key, gravest.severity, occurred_at=gravest.occurred_at, assumed=True)]


def example(at: datetime) -> bytes:
    """A group with one alert."""
    labels = {"alertname": "TestFromTocsin", "severity": "info"}
    entry = {
        "status": "firing",
        "labels": labels,
        "annotations": {},
        "startsAt": at.isoformat(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "",
        "fingerprint": "746f6373696e0001",
    }
    group = {
        "version": "4",
        "groupKey": '{}:{alertname="TestFromTocsin"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "tocsin",
        "groupLabels": {"alertname": "TestFromTocsin"},
        "commonLabels": labels,
        "commonAnnotations": {},
        "externalURL": "",
        "alerts": [entry],
    }
    return json.dumps(group).encode()


SHAPE = Shape("alertmanager", "Alertmanager", "application/json", read, example)
