"""Each integration says from which severity on its alerts wake people: less grave ones are taken and wait."""

from collections.abc import Callable

import pytest
from django.test import Client

from tocsin.alerts.integrations.tests.conftest import Sender, said
from tocsin.alerts.integrations.tests.test_api import Call, call
from tocsin.alerts.integrations.tests.test_shapes import entry, group
from tocsin.alerts.models import Alert, Integration, Lane, Severity
from tocsin.audit.models import Entry
from tocsin.people.models import Person

__all__ = ["call"]
pytestmark = pytest.mark.django_db
Opens = Callable[..., Sender]


def labelled(severity: str) -> bytes:
    return group(entry(severity=severity) if severity else entry())


def test_below_it_an_alert_is_taken_and_waits_for_the_day(opens: Opens) -> None:
    sender = opens(wakes_from=Severity.SEVERE)
    assert sender.post(labelled("warning")).status_code == 200
    alert = Alert.objects.get()
    assert (alert.lane, alert.severity, alert.withheld) == (Lane.QUIET, Severity.MODERATE, "")


def test_what_becomes_graver_wakes_people_then(opens: Opens) -> None:
    sender = opens(wakes_from=Severity.SEVERE)
    sender.post(labelled("warning"))
    sender.post(labelled("high"))
    alert = Alert.objects.get()
    assert (alert.lane, alert.severity) == (Lane.WAKE, Severity.SEVERE)


def test_what_reaches_it_wakes_at_once(opens: Opens) -> None:
    opens(wakes_from=Severity.MODERATE).post(labelled("warning"))
    assert Alert.objects.get().lane == Lane.WAKE


def test_life_and_liberty_knows_no_such_limit(opens: Opens) -> None:
    opens(wakes_from=Severity.EXTREME, lane=Lane.LIFE).post(labelled("info"))
    assert Alert.objects.get().lane == Lane.LIFE


def test_a_severity_that_nobody_stated_holds_nothing_back(opens: Opens) -> None:
    opens(wakes_from=Severity.EXTREME).post(labelled(""))
    assert Alert.objects.get().lane == Lane.WAKE


def test_people_choose_it_on_the_page_and_the_record_knows(
    opens: Opens, browse: Callable[[Person], Client], alice: Person
) -> None:
    row = opens().row
    fields = {"name": "Our servers", "lane": "wake", "policy": "", "quota_per_hour": "120", "wakes_from": "3"}
    answer = browse(alice).post(f"/alerts/integrations/{row.public_id}/", fields, follow=True)
    assert "from severe on" in answer.content.decode()
    assert Integration.objects.get().wakes_from == Severity.SEVERE
    assert Entry.objects.filter(verb="integration.changed").latest("pk").facts["wakes_from"] == Severity.SEVERE


def test_programs_choose_it_too(call: Call) -> None:
    made = said(call("POST", "", {"name": "Probes", "shape": "grafana", "wakes_from": "severe"}))["integration"]
    assert made["wakes_from"] == "severe"
    changed = call("PUT", f"/{made['id']}", {"name": "Probes", "wakes_from": "extreme"})
    assert said(changed)["wakes_from"] == "extreme"
    assert call("PUT", f"/{made['id']}", {"name": "Probes", "wakes_from": "worst"}).status_code == 422
