"""Elections, exams and holidays: entered by hand, taken from a calendar, taken out and put back."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # icalendar brings it
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.lib.jail.results import UnreadableError
from tocsin.people.models import Person
from tocsin.streams import occasions
from tocsin.streams.calendars import days
from tocsin.streams.drafts import RefusedError
from tocsin.streams.models import Occasion
from tocsin.streams.occasions import OccasionDraft
from tocsin.streams.recurring import times

Browse = Callable[[Person], Client]
DAY = date(2099, 8, 9)


def event(begin: str, end: str = "", name: str = "Heroes' Day", more: str = "", uid: str = "a") -> str:
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{name}", f"DTSTART;VALUE=DATE:{begin}"]
    lines += [f"DTEND;VALUE=DATE:{end}"] if end else []
    return "\r\n".join([*lines, *([more] if more else []), "END:VEVENT"])


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x", *events, "END:VCALENDAR", ""]).encode()


def test_whole_days_end_on_the_day_before_the_end_that_is_given() -> None:
    found = days(calendar(event("20990809", "20990811")))["days"]
    assert [(one["first"], one["last"]) for one in found] == [("2099-08-09", "2099-08-10")]


def test_what_repeats_every_year_is_taken_for_three_and_what_is_not_followed_is_counted() -> None:
    yearly = event("20960229", more="RRULE:FREQ=YEARLY")
    hourly = event("20990801", more="RRULE:FREQ=HOURLY", uid="b")
    found = days(calendar(yearly, hourly))
    assert [one["first"] for one in found["days"]] == ["2096-02-29", "2099-08-01"]
    assert found["first_only"] == 1
    plain = days(calendar(event("20990809", more="RRULE:FREQ=YEARLY")))
    assert [one["first"] for one in plain["days"]] == ["2099-08-09", "2100-08-09"]


@pytest.mark.parametrize("body", [b"", b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT"])
def test_what_is_no_calendar_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(UnreadableError, match="Export it again"):
        days(body)


def test_events_without_a_day_or_of_months_are_left_out_and_counted() -> None:
    no_day = "BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:x\r\nEND:VEVENT"
    found = days(calendar(no_day, event("20990101", "20991231"), event("00010101")))
    assert (found["days"], found["lost"]) == ([], 3)


@pytest.mark.django_db
def test_the_same_calendar_twice_changes_nothing_and_what_was_taken_out_stays_out(alice: Person) -> None:
    body = calendar(event("20990809"), event("20991212", uid="b", name="Jamhuri Day"))
    assert occasions.bring(alice, body, "ke", "holiday") == occasions.Brought(2, 0, 0, 0)
    occasions.remove(alice, Occasion.objects.get(name="Jamhuri Day"))
    assert occasions.bring(alice, body, "KE", "holiday") == occasions.Brought(0, 2, 0, 0)
    assert [one.name for one in occasions.occasions_for(alice)] == ["Heroes' Day"]
    assert occasions.bring(alice, body, "TZ", "holiday").new == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "odd",
    [
        {"country": "XX"},
        {"country": ""},
        {"sort": "party"},
        {"name": " "},
        {"first": date(9999, 12, 31)},
        {"last": DAY - timedelta(days=1)},
        {"last": DAY + timedelta(days=99)},
    ],
)
def test_what_can_not_be_is_refused_at_its_field(alice: Person, odd: dict[str, object]) -> None:
    given = {"country": "KE", "sort": "election", "name": "Election", "first": DAY, **odd}
    with pytest.raises(RefusedError) as refused:
        occasions.add(alice, OccasionDraft(**given))  # type: ignore[arg-type]
    assert refused.value.field == next(iter(odd))
    assert not Occasion.objects.exists()


@pytest.mark.django_db
def test_an_occasion_is_added_changed_taken_out_and_put_back_on_pages(browse: Browse, alice: Person) -> None:
    client = browse(alice)
    given = {"name": "Election", "country": "KE", "sort": "election", "first": "2099-08-09", "last": ""}
    assert client.post("/sources/occasions/new/", given).status_code == 302
    row = Occasion.objects.get()
    assert (row.country, row.first, row.last, row.added_by) == ("KE", DAY, DAY, alice)
    page = client.get("/sources/occasions/").content.decode()
    assert "Election" in page
    assert "Kenya" in page
    client.post(f"/sources/occasions/{row.pk}/", {**given, "name": "General election", "last": "2099-08-10"})
    removed = client.post(f"/sources/occasions/{row.pk}/remove").content.decode()
    assert "General election" in removed
    assert client.get(f"/sources/occasions/{row.pk}/").status_code == 404
    client.post(f"/sources/occasions/{row.pk}/restore")
    assert "General election" in client.get("/sources/occasions/").content.decode()
    verbs = set(Entry.objects.filter(verb__startswith="occasion.").values_list("verb", flat=True))
    assert verbs == {"occasion.add", "occasion.edit", "occasion.remove", "occasion.restore"}


@pytest.mark.django_db
def test_a_calendar_is_brought_on_a_page_and_what_is_past_stands_apart(browse: Browse, alice: Person) -> None:
    client = browse(alice)
    today = timezone.localdate()
    file = SimpleUploadedFile("days.ics", calendar(event("19990809"), event(f"{today:%Y%m%d}", uid="b", name="Today")))
    answer = client.post(
        "/sources/occasions/bring/", {"file": file, "country": "KE", "sort": "holiday"}, follow=True
    ).content.decode()
    assert "2 occasions were added." in answer
    assert "Heroes" not in answer.split("<main")[1].split("rows")[1]
    assert "Heroes" in client.get("/sources/occasions/?past=1").content.decode()
    bad = client.post(
        "/sources/occasions/bring/",
        {"file": SimpleUploadedFile("x.ics", b"no"), "country": "KE", "sort": "holiday"},
    )
    assert "This is not a calendar" in bad.content.decode()


@pytest.mark.django_db
def test_who_may_only_read_changes_nothing_and_others_see_nothing(
    browse: Browse, vera: Person, charlie: Person
) -> None:
    row = Occasion.objects.create(country="KE", sort="exam", name="KCSE", first=DAY, last=DAY)
    reader = browse(vera)
    assert reader.get("/sources/occasions/").status_code == 200
    words = "Add an election or an exam by hand"
    assert words not in reader.get("/sources/occasions/?past=1").content.decode(), "no words without a button"
    assert reader.post(f"/sources/occasions/{row.pk}/remove").status_code == 403
    assert browse(charlie).get("/sources/occasions/").status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        "RRULE:FREQ=YEARLY\r\nRRULE:FREQ=DAILY", "RRULE:FREQ=SECONDLY;COUNT=1000000", "RRULE:FREQ=DAILY",
        "RRULE:FREQ=DAILY;COUNT=1000000", "RRULE:FREQ=WEEKLY;INTERVAL=0", "RRULE:FREQ=DAILY;INTERVAL=-1",
        "RRULE:FREQ=YEARLY;BYDAY=1MO", "RRULE:FREQ=MONTHLY;BYDAY=2MO", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,WE",
        "RRULE:FREQ=YEARLY\r\nRDATE;VALUE=DATE:20990901", "RRULE:FREQ=MONTHLY;BYSETPOS=1;BYDAY=SU",
    ],
)  # fmt: skip
def test_of_a_repeat_that_is_not_followed_or_too_frequent_only_the_first_day_is_taken(more: str) -> None:
    found = days(calendar(event("20990809", more=more)))
    assert [one["first"] for one in found["days"]] == ["2099-08-09"]
    assert found["first_only"] == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("RRULE:FREQ=DAILY;COUNT=3", ["0809", "0810", "0811"]),
        ("RRULE:FREQ=DAILY;UNTIL=20990811T220000Z", ["0809", "0810", "0811"]),
        ("RRULE:FREQ=WEEKLY;COUNT=3", ["0809", "0816", "0823"]),
        ("RRULE:FREQ=WEEKLY;BYDAY=SU,WE;COUNT=4", ["0809", "0812", "0816", "0819"]),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=20990915", ["0809", "0823", "0906"]),
        ("RRULE:FREQ=MONTHLY;UNTIL=20991231", ["0809", "0909", "1009", "1109", "1209"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=2SU;COUNT=3", ["0809", "0913", "1011"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=-4SU;UNTIL=20991101", ["0809", "0906", "1004"]),
        ("RRULE:FREQ=YEARLY;INTERVAL=5", ["0809"]),
        ("RRULE:FREQ=WEEKLY;COUNT=3\r\nEXDATE;VALUE=DATE:20990816", ["0809", "0823"]),
    ],
)
def test_repeats_by_day_week_and_month_are_followed(more: str, expected: list[str]) -> None:
    found = days(calendar(event("20990809", more=more)))
    assert [one["first"].replace("-", "")[4:] for one in found["days"]] == expected
    assert (found["first_only"], found["lost"]) == (0, 0)


def test_a_month_without_the_day_is_passed_over() -> None:
    found = days(calendar(event("20990131", more="RRULE:FREQ=MONTHLY;UNTIL=20990601")))
    assert [one["first"] for one in found["days"]] == ["2099-01-31", "2099-03-31", "2099-05-31"]
    assert days(calendar(event("20990131", more="RRULE:FREQ=MONTHLY;COUNT=3")))["first_only"] == 1


def test_one_time_of_a_repeat_that_was_moved_or_called_off_stands_once() -> None:
    weekly = event("20990809", more="RRULE:FREQ=WEEKLY;COUNT=3")
    moved = event("20990818", more="RECURRENCE-ID;VALUE=DATE:20990816")
    off = event("20990823", more="RECURRENCE-ID;VALUE=DATE:20990823\r\nSTATUS:CANCELLED")
    found = days(calendar(weekly, moved, off))
    assert [one["first"] for one in found["days"]] == ["2099-08-09", "2099-08-18"]


def test_what_ended_long_ago_is_not_there_and_not_lost() -> None:
    found = days(calendar(event("20000809", more="RRULE:FREQ=WEEKLY;UNTIL=20020809")))
    assert found == {"days": [], "lost": 0, "first_only": 0}


def test_twenty_thousand_rules_of_a_million_times_are_read_in_bounded_work() -> None:
    rules = (
        "FREQ=DAILY;COUNT=1000000",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=YEARLY;INTERVAL=1",
        "FREQ=MONTHLY;COUNT=999999",
    )
    body = calendar(*(event("19900101", more=f"RRULE:{rules[one % 4]}", uid=str(one)) for one in range(2_000)))
    found = days(body)
    assert (len(found["days"]), found["first_only"]) == (2_000, 1_000)
    assert found["lost"] > 0, "what is above the bound is counted, not kept"


def test_rules_agree_with_the_library_that_expands_them_step_by_step() -> None:
    window = date(2026, 1, 1), date(2028, 12, 31)
    for first in (date(2024, 2, 29), date(2026, 3, 8), date(2010, 1, 31), date(2025, 12, 1)):
        for written in (
            "FREQ=DAILY;INTERVAL=11", "FREQ=WEEKLY;INTERVAL=3", "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=5",
            "FREQ=YEARLY", "FREQ=YEARLY;INTERVAL=2", "FREQ=DAILY;INTERVAL=40;COUNT=30",
            f"FREQ=MONTHLY;BYMONTHDAY={first.day}",
        ):  # fmt: skip
            rule = {name: value.split(",") for name, _, value in (part.partition("=") for part in written.split(";"))}
            begin = datetime.combine(first, time())
            steps = rrulestr(written, dtstart=begin).between(datetime(2026, 1, 1), datetime(2028, 12, 31), inc=True)
            assert times(first, rule, window) == [one.date() for one in steps], (first, written)


def test_what_has_repeated_every_year_for_long_stands_in_the_years_that_come() -> None:
    found = days(calendar(event("20100809", more="RRULE:FREQ=YEARLY")))
    this_year = timezone.now().year
    assert [one["first"][:4] for one in found["days"]] == [str(this_year + off) for off in (-1, 0, 1)]


def test_what_was_cancelled_is_not_taken() -> None:
    assert days(calendar(event("20990809", more="STATUS:CANCELLED"))) == {"days": [], "lost": 0, "first_only": 0}


@pytest.mark.parametrize(
    "bad", ["DTSTART;VALUE=DATE:99991231", "DTSTART:foo", "DTSTART;VALUE=TIME:120000", "RRULE:FREQ=", "RRULE:nonsense"]
)
def test_one_bad_event_costs_no_other(bad: str) -> None:
    broken = "\r\n".join(["BEGIN:VEVENT", "UID:b", "SUMMARY:Bad", bad, "END:VEVENT"])
    found = days(calendar(event("20990809"), broken))
    assert [one["name"] for one in found["days"]] == ["Heroes' Day"]
    assert found["lost"] == 1


def test_what_ends_at_midnight_ended_the_day_before() -> None:
    timed = "BEGIN:VEVENT\r\nSUMMARY:Vote\r\nDTSTART:20990809T000000Z\r\nDTEND:20990810T000000Z\r\nEND:VEVENT"
    assert [one["last"] for one in days(calendar(timed))["days"]] == ["2099-08-09"]


def test_two_events_of_a_day_without_a_name_of_their_own_are_both_kept() -> None:
    nameless = [event("20990809", name=name).replace("UID:a\r\n", "") for name in ("Exam", "Election")]
    assert len({one["key"] for one in days(calendar(*nameless))["days"]}) == 2
