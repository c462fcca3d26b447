"""The page of one alert is light enough for a phone on a bad network, without anything being compressed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tocsin.alerts import actions
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Lane, Policy, Severity
from tocsin.alerts.tests.conftest import Time
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
MOST_BYTES = 30_000


def weight(client: Client, address: str) -> int:
    """Bytes of the page and of every file that it asks for."""
    page = client.get(address).content
    files = re.findall(rb'(?:src|href)="/static/([^"]+)"', page)
    assert files
    return len(page) + sum(Path(str(finders.find(name.decode()))).stat().st_size for name in set(files))


def test_an_alert_that_climbed_for_hours_weighs_less_than_30_kb(
    policy: Policy,
    works: Callable[[], None],
    time: Time,
    browse: Callable[[Person], Client],
    bob: Person,
) -> None:
    alert = accept(New(kind="source", severity=Severity.SEVERE, lane=Lane.WAKE, dedupe="x", language="ar")).alert
    client, address = browse(bob), f"/alerts/{alert.public_id}/"
    works()
    assert weight(client, address) < MOST_BYTES
    for _ in range(12):
        time.passes(minutes=10)
        works()
    assert weight(client, address) < MOST_BYTES
    assert "Everything that happened" in client.get(address).content.decode()
    everything = client.get(address + "?all=yes").content.decode()
    assert everything.count("<li") > client.get(address).content.decode().count("<li")


def test_the_gravest_one_with_many_knowers_is_light_too(
    policy: Policy, browse: Callable[[Person], Client], bob: Person
) -> None:
    for number in range(12):
        Person.objects.create(email=f"p{number}@example.org", name=f"Person of a long name {number}", roles=2)
    alert = actions.page_now(bob, actions.PageNow(Severity.EXTREME, Lane.LIFE, language="ar", urgency="immediate"))
    assert weight(browse(bob), f"/alerts/{alert.public_id}/") < MOST_BYTES


def test_it_asks_for_no_more_than_a_sheet_a_script_and_a_mark(
    policy: Policy, browse: Callable[[Person], Client], bob: Person
) -> None:
    alert = actions.page_now(bob, actions.PageNow(Severity.EXTREME, Lane.LIFE))
    page = browse(bob).get(f"/alerts/{alert.public_id}/").content.decode()
    parts = ["alerts/dot.svg", "alerts/phone.css", "alerts/phone.js", "console/ago.js"]
    assert sorted(re.findall(r'/static/([^"]+)', page)) == parts
    assert "<style" not in page
    assert "style=" not in page
