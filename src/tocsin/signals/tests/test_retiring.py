"""An upgrade leaves nothing open that no rule watches any more."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps

from tocsin.signals.models import CellState, Change, Finding, Replay, Signal

AT = datetime(2026, 3, 1, tzinfo=UTC)


def found(rule: str) -> Finding:
    row = Finding.objects.create(
        rule=rule, stream="blocking", kind="ooni.web", country="TR", subject="a.example", opened_at=AT, seen_at=AT,
        direction="rise", score=0.9, before=0.1, now=0.9, points=5, evidence="scored",
    )  # fmt: skip
    CellState.objects.create(rule=rule, stream="blocking", kind="ooni.web", country="TR", subject="a.example")
    Signal.objects.create(finding=row, at=AT, title="x", rule=rule)
    return row


@pytest.mark.django_db
def test_an_upgrade_retires_the_first_rules_and_asks_for_a_replay() -> None:
    old, new = found("change/1"), found("blocking/99")
    import_module("tocsin.signals.migrations.0007_retire_first_rules").retire(apps, None)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.closed_at, old.score) == (AT, 0.0)
    assert old.retired_at is not None
    assert new.closed_at is None
    signal = Signal.objects.get(finding=old)
    assert (signal.state, signal.summary[:12]) == ("not_ours", "Rule retired")
    assert Change.objects.filter(signal=signal.pk).exists()
    assert list(CellState.objects.values_list("rule", flat=True)) == ["blocking/99"]
    assert Replay.objects.get(kind="ooni.web").finished_at is None
