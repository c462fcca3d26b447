"""Calendar feeds, opened as a calendar program opens them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from tocsin.oncall import actions, duty
from tocsin.oncall.calendar import BEHIND, feed, of_rota
from tocsin.oncall.models import CalendarLink, Layer, LayerPerson, Rota
from tocsin.oncall.secrets import CalendarToken
from tocsin.people.models import Person
from tocsin.people.roles import Role

NOW = datetime(2027, 3, 20, 15, 30, tzinfo=UTC)


def weekly(rota: Rota, *people: Person, zone: str = "Europe/Berlin") -> Layer:
    layer = Layer.objects.create(
        rota=rota, position=0, time_zone=zone, starts_on=date(2026, 12, 28), handover_at=time(9), unit="week"
    )
    LayerPerson.objects.bulk_create(LayerPerson(layer=layer, person=p, position=n) for n, p in enumerate(people))
    return layer


@pytest.fixture
def rota(alice: Person, bob: Person) -> Rota:
    rota = actions.create_rota(alice, "First call; line, two", "Europe/Berlin")
    weekly(rota, alice, bob)
    return rota


def begin(event: icalendar.Event) -> datetime:
    """The moment at which an event begins."""
    assert isinstance(event.start, datetime)
    return event.start


def opened(token: CalendarToken, now: datetime = NOW) -> Sequence[icalendar.Event]:
    """The events that a program shows within the feed's time, in order."""
    found = feed(token, now)
    assert found is not None
    calendar = icalendar.Calendar.from_ical(found.body)
    events = recurring_ical_events.of(calendar).between(NOW - timedelta(days=300), NOW + timedelta(days=300))
    return sorted(events, key=lambda one: one.start)


def test_a_program_reads_the_hand_overs_at_the_same_local_time_before_and_after_the_clocks_change(
    rota: Rota, bob: Person
) -> None:
    events = opened(actions.make_calendar_link(bob)[1])
    berlin = ZoneInfo("Europe/Berlin")
    starts = [begin(one).astimezone(berlin) for one in events]
    assert {(one.weekday(), one.hour) for one in starts} == {(0, 9)}
    assert {one.utcoffset() for one in starts} == {timedelta(hours=1), timedelta(hours=2)}
    assert all(b - a == timedelta(days=14) for a, b in pairwise(starts) if a.dst() == b.dst())


def test_a_personal_feed_shows_exactly_the_own_shifts_and_names_nobody_else(
    rota: Rota, alice: Person, bob: Person
) -> None:
    token = actions.make_calendar_link(bob)[1]
    shifts = [one for one in duty.upcoming(rota, NOW - BEHIND, NOW + timedelta(weeks=20)) if one.person == bob]
    events = opened(token)
    assert {one.since for one in shifts[1:]} <= {one.start for one in events}
    assert {str(one["summary"]) for one in events} == {"On duty: First call; line, two"}
    found = feed(token, NOW)
    assert found is not None
    assert b"Alice" not in found.body


def test_a_rota_feed_shows_everybody_without_hole_or_overlap_and_names_the_gaps(rota: Rota, alice: Person) -> None:
    Layer.objects.filter(rota=rota).update(weekdays=0b0111111)
    events = opened(actions.make_calendar_link(alice, rota)[1])
    assert all(a.end == b.start for a, b in pairwise(events))
    names = {str(one["summary"]).split(":")[0] for one in events}
    assert names == {"Alice", "Bob", "Nobody"}
    sundays = [one for one in events if str(one["summary"]).startswith("Nobody")]
    assert {begin(one).astimezone(ZoneInfo("Europe/Berlin")).weekday() for one in sundays} == {6}


def test_an_event_keeps_its_uid_from_day_to_day_and_when_its_end_moves(rota: Rota, alice: Person, bob: Person) -> None:
    token = actions.make_calendar_link(alice, rota)[1]
    before = {one.start: str(one["uid"]) for one in opened(token)}
    later = {one.start: str(one["uid"]) for one in opened(token, NOW + timedelta(days=3))}
    assert all(before[start] == uid for start, uid in later.items() if start in before)
    assert len(set(before.values())) == len(before)
    middle = datetime(2027, 4, 1, tzinfo=UTC)
    rota.overrides.create(person=bob, since=middle, until=middle + timedelta(hours=6), made_at=NOW)
    after = {one.start: str(one["uid"]) for one in opened(token)}
    assert before.items() <= after.items()
    assert len(after) == len(before) + 2


def test_a_feed_stays_the_same_all_day_unless_a_shift_changes(rota: Rota, alice: Person, bob: Person) -> None:
    token = actions.make_calendar_link(alice, rota)[1]
    tags = {one.etag for hours in range(8) if (one := feed(token, NOW + timedelta(hours=hours)))}
    assert len(tags) == 1
    rota.overrides.create(person=bob, since=NOW, until=NOW + timedelta(days=9), made_at=NOW)
    changed = feed(token, NOW)
    assert changed is not None
    assert changed.etag not in tags


def test_a_revoked_link_and_an_unknown_one_open_nothing(rota: Rota, bob: Person, alice: Person) -> None:
    link, token = actions.make_calendar_link(bob)
    assert not actions.revoke_calendar_link(alice, link.pk)
    assert feed(token, NOW) is not None
    assert actions.revoke_calendar_link(bob, link.pk)
    assert not actions.revoke_calendar_link(bob, link.pk)
    assert feed(token, NOW) is None
    assert feed(CalendarToken.mint(), NOW) is None


def test_a_link_ends_with_the_account_and_a_rotas_link_with_the_right_to_see_it(rota: Rota, bob: Person) -> None:
    own, whole = actions.make_calendar_link(bob)[1], actions.make_calendar_link(bob, rota)[1]
    Person.objects.filter(pk=bob.pk).update(roles=int(Role.STAKEHOLDER))
    assert feed(own, NOW) is not None
    assert feed(whole, NOW) is None
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    assert feed(own, NOW) is None


def test_nobody_makes_a_link_to_a_rota_that_they_may_not_see(rota: Rota, charlie: Person) -> None:
    with pytest.raises(actions.RefusedError, match="may not see"):
        actions.make_calendar_link(charlie, rota)


def test_the_store_keeps_no_token_and_notes_its_use_now_and_then(rota: Rota, bob: Person) -> None:
    token = actions.make_calendar_link(bob)[1]
    feed(token, NOW)
    feed(token, NOW + timedelta(minutes=5))
    link = CalendarLink.objects.get()
    assert link.last_used_at == NOW
    assert str(token) not in {str(value) for value in vars(link).values()}
    assert str(token) not in repr(token)


def test_a_name_can_write_no_line_of_its_own(rota: Rota, bob: Person) -> None:
    Rota.objects.update(name="Night\r\nBEGIN:VEVENT\nUID:x")
    calendar = icalendar.Calendar.from_ical(of_rota(Rota.objects.get(), NOW).to_ical())
    assert {str(one["summary"]).split(": ", 1)[1].count("UID:x") for one in calendar.walk("VEVENT")} == {1}
    assert all(len(str(one["uid"])) > 30 for one in calendar.walk("VEVENT"))
