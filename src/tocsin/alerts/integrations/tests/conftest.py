"""An integration of each kind, somebody who sends to it, and a clock that tests may move."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tocsin.alerts import clock
from tocsin.alerts.integrations import actions
from tocsin.alerts.integrations.actions import Opened, Wanted
from tocsin.alerts.integrations.refusals import refusals
from tocsin.alerts.integrations.secrets import signature, signing_key
from tocsin.alerts.models import Integration
from tocsin.lib import claims
from tocsin.people.models import Person


class Time:
    """The database's clock, moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def passes(self, **by: float) -> None:
        self.ahead += timedelta(**by)


class Sender:
    """Another system that holds the secrets of an integration."""

    def __init__(self, opened: Opened) -> None:
        self.row, self.token = opened.integration, str(opened.token)
        self.path = f"/alerts/in/{self.row.public_id}"
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def post(self, body: bytes | dict[str, Any], path: str = "", **headers: str) -> HttpResponse:
        """Send a body as it stands; ``headers`` in place of the bearer."""
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = sent.pop("Content-Type", "application/json")
        answer: Any = self.client.post(
            path or self.path,
            written,
            content_type=kind,
            headers=sent or {"Authorization": f"Bearer {self.token}"},
        )
        return answer  # type: ignore[no-any-return]

    def signed(
        self, body: bytes, age: int = 0, key: str = "", path: str = "", at: datetime | None = None
    ) -> HttpResponse:
        """Send a body with a signature that is so many seconds old, or made at a moment of its own."""
        row = Integration.objects.get(pk=self.row.pk)
        stamp = str(int((at or clock.now()).timestamp()) - age)
        made = signature(type(signing_key(row))(key) if key else signing_key(row), stamp, body)
        return self.post(body, path, X_Tocsin_Signature=f"t={stamp},v1={made}")

    def now(self) -> Integration:
        """The integration as it stands."""
        return Integration.objects.get(pk=self.row.pk)


def said(answer: HttpResponse) -> dict[str, Any]:
    """The answer's JSON."""
    found: dict[str, Any] = json.loads(answer.content)
    return found


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time()
    monkeypatch.setattr(clock, "now", lambda: claims.database_now() + moved.ahead)
    return moved


@pytest.fixture
def opens(alice: Person, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Sender]:
    """Makes an integration of a shape and gives who sends to it."""
    monkeypatch.setattr(refusals, "_every", 0.0)

    def made(shape: str = "alertmanager", **wanted: Any) -> Sender:
        return Sender(actions.create(alice, shape, Wanted(**{"name": "Our servers", **wanted})))

    return made
