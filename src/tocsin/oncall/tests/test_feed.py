"""Calendars as programs fetch them: without signing in, by their secret alone."""

import re
from collections.abc import Callable

import icalendar
import pytest
from django.core.cache import cache
from django.test import Client

from tocsin.oncall import actions
from tocsin.oncall.models import CalendarLink
from tocsin.oncall.tests.arranging import rota_of
from tocsin.oncall.views import feed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


def test_a_link_is_shown_once_opens_the_calendar_and_is_ended(browse: Callable[[Person], Client], bob: Person) -> None:
    rota_of(bob)
    client, stranger = browse(bob), Client()
    made = client.post("/duty/mine/calendar", {"rota": ""})
    address = re.search(r"https?://[^/]+(/duty/calendar/[\w-]+\.ics)", made.content.decode())
    assert address is not None
    assert made.headers["Cache-Control"].find("no-store") >= 0
    assert address[1] not in client.get("/duty/mine/").content.decode()
    answer = stranger.get(address[1])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.get(address[1], HTTP_IF_NONE_MATCH=answer.headers["ETag"]).status_code == 304
    client.post(f"/duty/mine/calendar/{CalendarLink.objects.get().pk}/end")
    assert stranger.get(address[1]).status_code == 404


def test_unknown_revoked_and_forbidden_links_look_the_same_to_the_byte(alice: Person, bob: Person) -> None:
    rota = rota_of(bob)
    link, revoked = actions.make_calendar_link(bob)
    actions.revoke_calendar_link(bob, link.pk)
    _, forbidden = actions.make_calendar_link(alice, rota)
    Person.objects.filter(pk=alice.pk).update(roles=0)
    tokens = (revoked, forbidden, "unknown", "x" * 500, "ünknown", "%00", "'")
    answers = [Client().get(f"/duty/calendar/{token}.ics") for token in tokens]
    assert {one.status_code for one in answers} == {404}
    assert len({one.content for one in answers}) == 1
    assert len({tuple(sorted(one.headers.items())) for one in answers}) == 1


def test_who_fetches_too_often_waits(bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "_TRIES", 3)
    _, token = actions.make_calendar_link(bob)
    statuses = [Client().get(f"/duty/calendar/{token}.ics").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_calendar_is_only_read(bob: Person) -> None:
    _, token = actions.make_calendar_link(bob)
    assert Client().post(f"/duty/calendar/{token}.ics").status_code == 405
    assert Client().head(f"/duty/calendar/{token}.ics").status_code == 200
