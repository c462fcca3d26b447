"""My desk shows one's own rest to nobody else, and a check-in says in whose time it is told."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.safety import CheckIn
from tocsin.cases.tests.conftest import Browse, Found, only
from tocsin.keys import safes
from tocsin.keys.tests.conftest import Open
from tocsin.oncall.actions import note_load
from tocsin.oncall.models import Load
from tocsin.oncall.resting import ask_rest
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def test_one_s_own_rest_stands_on_the_desk(enter: Browse, alice: Person, bob: Person) -> None:
    note_load(alice.pk, Load.Kind.EXPOSURE, timezone.now(), 999, private=True)
    page = enter(alice).get(reverse("desk")).text
    assert "My own rest" in page
    assert "minutes with distressing material" in page
    assert "You reached a limit." in page
    ask_rest(alice, 12)
    assert "You rest until" in enter(alice).get(reverse("desk")).text
    assert "You reached a limit." not in enter(bob).get(reverse("desk")).text


def test_a_check_in_is_told_in_ours_or_in_their_time_and_shown_in_both(
    opened: Open, enter: Browse, found: Found, alice: Person
) -> None:
    Person.objects.filter(pk=alice.pk).update(time_zone="Europe/Berlin")
    alice.refresh_from_db()
    case, client = found(alice), enter(alice)
    address = reverse("cases:add", args=[case, "checkin"])
    page = client.get(address).text
    for words in ("In whose time", "yours: Europe/Berlin", "Time zone where they are", "Asia/Tokyo"):
        assert words in page
    there = ZoneInfo("Asia/Tokyo")
    at = (timezone.now() + timedelta(days=2)).astimezone(there).replace(second=0, microsecond=0)
    given = {"compartment": "duty", "channel": "Signal", "next_at": at.strftime("%Y-%m-%dT%H:%M"), "every_hours": "24",
             "grace_minutes": "30", "safe_word": "lemon", "duress_word": "bicycle", "in_silence": "Call.",
             "told_in": "there", "zone": ""}  # fmt: skip
    assert client.post(address, given).status_code == 422
    answer = client.post(address, {**given, "zone": "Asia/Tokyo"})
    assert answer.status_code == 302
    _entry, what = only(opened(alice), case, CheckIn)
    assert (what.next_at, what.zone) == (at, "Asia/Tokyo")
    for name, more in (("compartment", ["duty"]), ("sheet", [])):
        page = client.get(reverse(f"cases:{name}", args=[case, *more])).text
        assert at.strftime("%H:%M") in page, name
        assert at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") in page, name


def test_the_zone_of_the_country_of_the_case_is_offered_first(
    opened: Open, enter: Browse, found: Found, alice: Person
) -> None:
    case = found(alice)
    entry, about = only(opened(alice), case, About)

    def name_it(safe: safes.OpenSafe) -> None:
        record = safe.record(entry.id)
        safe.change(entry.id, entry.version, {**record.body, "is": {**record.body["is"], "country": "TR"}})

    safes.changing(opened(alice), case, name_it)
    assert about.country == ""
    page = enter(alice).get(reverse("cases:add", args=[case, "checkin"])).text
    assert "theirs: Europe/Istanbul" in page
    assert '<option value="Europe/Istanbul" selected>' in page
