"""PagerDuty's Events API v2, as a server of it: senders that can be given another address need no change.

Fields and answers: developer.pagerduty.com, “Events API v2”.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from tocsin.alerts.integrations.shapes.base import (
    Answer,
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

_LONGEST_KEY = 255
_ACTIONS = ("trigger", "acknowledge", "resolve")


def read(body: bytes) -> list[Reported]:
    """The one alert of an event; none for ``acknowledge``, since only a person of the team can have an alert.

    A trigger without a ``dedup_key`` gets one made of what it says, which the answer names.

    Raises:
        BadPayloadError: when ``event_action`` is none of the three, or a resolve names no ``dedup_key``.
    """
    event = json_object(body)
    action = text_in(event, "event_action").strip().lower()
    if action not in _ACTIONS:
        raise BadPayloadError(f"event_action: expected one of {', '.join(_ACTIONS)}.")
    stated = text_in(event, "dedup_key")
    if action == "resolve" and not stated:
        raise BadPayloadError("dedup_key: expected the key of the event that this resolves.")
    if action == "acknowledge":
        return []
    payload = event.get("payload")
    severity, assumed = severity_of(text_in(payload, "severity"))
    details = payload.get("custom_details") if isinstance(payload, dict) else None
    return [
        Reported(
            dedupe=key_of("dedup_key", stated or _made_key(event)),
            severity=severity,
            state=State.RESOLVED if action == "resolve" else State.FIRING,
            urgency=urgency_of(text_in(details, "urgency")),
            language=language_of(text_in(details, "language", "lang")),
            occurred_at=moment_of(text_in(payload, "timestamp")),
            assumed=assumed and action == "trigger",
        )
    ]


def _made_key(event: dict[str, object]) -> str:
    said = {name: value for name, value in event.items() if name != "routing_key"}
    return key_of("made", canonical(said))[:32]


def bearer(body: bytes) -> str:
    """The ``routing_key``; empty when there is none, or the body is no event."""
    try:
        return text_in(json_object(body), "routing_key").strip()
    except BadPayloadError:
        return ""


def answer(body: bytes, status: int, state: str, words: Sequence[str]) -> Answer:
    """What PagerDuty would say: 202 and the key, 400 and what is wrong, or 429."""
    if status == 200:
        event = json_object(body)
        key = text_in(event, "dedup_key")[:_LONGEST_KEY] or _made_key(event)
        return Answer(202, {"status": "success", "message": "Event processed", "dedup_key": key})
    if status == 429:
        return Answer(status, {"status": "throttle exceeded", "message": " ".join(words)})
    return Answer(status, {"status": "invalid event", "message": "Event object is invalid", "errors": [*words]})


def example(at: datetime) -> bytes:
    """A trigger. Whoever sends it puts the routing key in, or a bearer into the header."""
    event = {
        "event_action": "trigger",
        "dedup_key": "test-from-tocsin",
        "payload": {
            "summary": "A test",
            "source": "tocsin",
            "severity": "info",
            "timestamp": at.isoformat(),
        },
    }
    return json.dumps(event).encode()


SHAPE = Shape("pagerduty", "PagerDuty Events v2", "application/json", read, example, bearer, answer)
