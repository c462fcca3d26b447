"""The webhook of Grafana's unified alerting: Alertmanager's fields, and some of its own that are not needed here.

Fields: grafana.com/docs/grafana/latest/alerting, “Webhook notifier”.
"""

import json
from datetime import datetime

from tocsin.alerts.integrations.shapes import alertmanager
from tocsin.alerts.integrations.shapes.base import BadPayloadError, Reported, Shape
from tocsin.alerts.integrations.shapes.json_bodies import json_object


def read(body: bytes) -> list[Reported]:
    """Every alert of a notification; labels as for Alertmanager.

    Raises:
        BadPayloadError: when there is no list of alerts; the alerting of before version 9 sends none.
    """
    if "evalMatches" in (found := json_object(body)) and "alerts" not in found:
        raise BadPayloadError("alerts: expected a list. This is Grafana's old alerting; use its unified alerting.")
    return alertmanager.read(body)


def example(at: datetime) -> bytes:
    """A notification with one alert."""
    group = json.loads(alertmanager.example(at)) | {"version": "1", "orgId": 1, "state": "alerting"}
    for entry in group["alerts"]:
        entry |= {"silenceURL": "", "dashboardURL": "", "panelURL": "", "values": {"A": 1}}
    return json.dumps(group).encode()


SHAPE = Shape("grafana", "Grafana", "application/json", read, example)
