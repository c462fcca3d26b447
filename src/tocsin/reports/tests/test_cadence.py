"""Reports are drafted when they are due: missed ticks once, in the report's own zone, with what changed since."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.people.models import Person
from tocsin.reports import arranging, calendar, releasing, sending, work
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Cadence, Draft, Report
from tocsin.situations.models import Assessment, Situation

ZONES = ("UTC", "Africa/Tunis", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cadence", "now", "until", "due"),
    [
        (Cadence.DAILY, "2026-03-10T05:00", "2026-03-10", "2026-03-11"),
        (Cadence.WEEKLY, "2026-03-11T05:00", "2026-03-09", "2026-03-16"),
        (Cadence.MONTHLY, "2026-03-01T00:00", "2026-03-01", "2026-04-01"),
        (Cadence.QUARTERLY, "2026-12-31T23:59", "2026-10-01", "2027-01-01"),
    ],
)
def test_periods_end_where_calendars_say(cadence: Cadence, now: str, until: str, due: str) -> None:
    zone = ZoneInfo("UTC")
    end = calendar.last_end(cadence, at(now), zone)
    assert end.date().isoformat() == until
    assert calendar.next_due(cadence, end, zone, 6) == at(f"{due}T06:00")


# Zones are read from files: on a busy machine that takes a while, and says nothing of what is tried.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([*calendar.REGULAR]),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.lists(st.integers(1, 200), min_size=1, max_size=8),
)
def test_whatever_hours_nothing_ran_every_moment_is_covered_once(
    cadence: Cadence, name: str, begin: datetime, gaps: list[int]
) -> None:
    zone, now = ZoneInfo(name), begin
    covered = calendar.last_end(cadence, begin, zone)
    start, found = covered, []
    for days in gaps:
        now += timedelta(days=days)
        due = calendar.due_period(cadence, covered, now, zone)
        if due is not None:
            found.append(due[0])
            covered = due[0].until
    assert all(one.until == other.since for one, other in pairwise(found))
    assert not found or found[0].since == start
    assert covered <= now
    assert calendar.next_due(cadence, covered, zone, 0) > now, "nothing is left due"


def late(report: Report, periods: timedelta) -> None:
    """As if nothing had run for so long."""
    begin = calendar.last_end(Cadence(report.cadence), timezone.now() - periods, ZoneInfo(report.time_zone))
    Report.objects.filter(pk=report.pk).update(covered_until=begin, due_at=timezone.now() - timedelta(hours=1))


@pytest.mark.django_db
def test_missed_ticks_are_caught_up_once_and_it_says_so(arrange: Callable[..., Report]) -> None:
    report = arrange("operational", cadence="weekly")
    late(report, timedelta(days=28))
    while work.draft_due():
        pass
    draft = Draft.objects.get()
    assert draft.missed == 3
    assert draft.made_by is None
    assert (draft.until - draft.since).days in {27, 28, 29}
    words = str(draft.blocks[0])
    assert "It makes up for 3 issues that were not drafted in their time." in words
    report.refresh_from_db()
    assert report.due_at is not None
    assert report.due_at > timezone.now()
    assert not work.draft_due()


@pytest.mark.django_db
def test_a_report_that_was_ended_is_not_drafted_and_taken_up_again_covers_the_time_between(
    arrange: Callable[..., Report], alice: Person
) -> None:
    report = arrange("operational", cadence="daily")
    arranging.end(alice, report)
    late(report, timedelta(days=5))
    assert not work.draft_due()
    arranging.reopen(alice, report)
    while work.draft_due():
        pass
    assert Draft.objects.get().missed >= 3


@pytest.mark.django_db
def test_an_empty_period_gives_a_draft_that_says_so(arrange: Callable[..., Report]) -> None:
    report = arrange("executive", cadence="daily")
    late(report, timedelta(days=1))
    assert work.draft_due()
    assert "Nothing that changed is on record for this time." in str(Draft.objects.get().blocks)


@pytest.mark.django_db
def test_after_an_event_a_report_is_drafted_once(
    arrange: Callable[..., Report], situation: Callable[..., Situation]
) -> None:
    row = situation("Wikis blocked in the capital")
    report = arrange("policy", cadence="event", situation=row.public_id)
    assert not work.draft_after_events()
    Situation.objects.filter(pk=row.pk).update(state=Situation.State.CLOSED)
    assert work.draft_after_events()
    assert not work.draft_after_events()
    assert Draft.objects.get().report == report


@pytest.mark.django_db
def test_what_changed_since_the_last_issue_is_said(
    arrange: Callable[..., Report],
    situation: Callable[..., Situation],
    assess: Callable[..., Assessment],
    alice: Person,
    bob: Person,
) -> None:
    report = arrange("operational", cadence="hand")
    gone = situation("Editors warned by a ministry", changed_at=timezone.now() - timedelta(hours=1))
    first = arranging.draft_now(bob, report)
    releasing.release(alice, first, digest_of(document_of(first)))
    Situation.objects.filter(pk=gone.pk).update(state=Situation.State.MERGED)
    situation("Phones searched at a border")
    second = arranging.draft_now(bob, report)
    words = str(second.blocks)
    assert "New since the last issue: Phones searched at a border" in words
    assert "No longer on record since the last issue: Editors warned by a ministry" in words


@pytest.mark.django_db
def test_one_room_that_fails_costs_its_own_facts_and_is_named(
    arrange: Callable[..., Report], situation: Callable[..., Situation], bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.reports.gathering import registry

    def broken(*_given: object) -> list[object]:
        raise ZeroDivisionError

    monkeypatch.setitem(registry.ROOMS, "alerts", ("Alerts", broken))
    situation("Wikis blocked in the capital")
    draft = arranging.draft_now(bob, arrange("operational", cadence="hand"))
    assert draft.gathered.failed == ["alerts"]
    words = str(draft.blocks)
    assert "Wikis blocked in the capital" in words
    assert "Some of our own records could not be asked" in words


@pytest.mark.django_db
def test_an_exercise_and_the_world_are_never_mixed(
    arrange: Callable[..., Report], situation: Callable[..., Situation], bob: Person
) -> None:
    situation("Wikis blocked in the capital")
    situation("Drill in Sarvania", exercise=True)
    real = arranging.draft_now(bob, arrange("operational", cadence="hand"))
    played = arranging.draft_now(bob, arrange("operational", cadence="hand", exercise=True))
    assert "Drill in Sarvania" not in str(real.blocks) + str(real.gathered.facts)
    assert "Wikis blocked" not in str(played.blocks) + str(played.gathered.facts)
    assert document_of(played).exercise
    assert not document_of(real).exercise


def test_a_report_that_can_not_be_drafted_holds_up_no_other_and_no_mail(
    arrange: Callable[..., Report], draft: Callable[..., Draft], vera: Person
) -> None:
    made = draft("executive")
    sending.add(vera, made.report, "ann", "ann@example.org", "link")
    issue = releasing.release(vera, made, digest_of(document_of(made)), without_pdf=True)
    gone, other = arrange("operational", cadence="daily"), arrange("vice-president", cadence="daily")
    long_ago = timezone.now() - timedelta(days=3)
    Report.objects.filter(pk=gone.pk).update(due_at=long_ago, time_zone="US/Pacific-New")
    Report.objects.filter(pk=other.pk).update(due_at=long_ago + timedelta(days=1), covered_until=long_ago)
    with pytest.raises(ZoneInfoNotFoundError):
        work.step()
    assert issue.deliveries.get().tries == 1
    assert other.drafts.exists()
