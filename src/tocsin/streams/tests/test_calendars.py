"""A calendar at an address becomes occasions and follows what it says later; programs bring one as a file."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.actions import issue_token
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role
from tocsin.streams import actions, occasions, work
from tocsin.streams.coverage import coverage
from tocsin.streams.drafts import RefusedError, RequirementDraft, SourceDraft
from tocsin.streams.models import BlindSpot, Fetch, Health, Item, Occasion, Source
from tocsin.streams.tests.conftest import AddSource
from tocsin.streams.tests.server import Site
from tocsin.streams.tests.test_occasions import DAY, calendar, event

pytestmark = pytest.mark.django_db
Again = Callable[[Source], Source]
ELECTIONS = {"countries": ["KE"], "sort": "election"}


def names() -> list[tuple[str, str, str]]:
    return [
        (one.country, one.sort, one.name) for one in Occasion.objects.filter(removed_at=None).order_by("name", "pk")
    ]


def subscribed(add: AddSource, served: Site, body: bytes, **more: Any) -> Source:
    return add(served.put("/days.ics", body, "text/calendar"), "calendars", options={**ELECTIONS, **more})


def test_its_days_become_occasions_of_each_of_its_countries(served: Site, add_source: AddSource) -> None:
    source = subscribed(add_source, served, calendar(event("20990809", name="Vote")), countries=["KE", "TZ"])
    work.step()
    assert names() == [("KE", "election", "Vote"), ("TZ", "election", "Vote")]
    source.refresh_from_db()
    assert (source.health, Fetch.objects.get().items, Item.objects.count()) == (Health.FRESH, 2, 0)


def test_it_follows_what_the_calendar_says_later(served: Site, add_source: AddSource, due_again: Again) -> None:
    was = event("19990809", name="Long ago", uid="old")
    source = subscribed(
        add_source, served, calendar(was, event("20990809", name="Vote"), event("20990901", name="Run", uid="b"))
    )
    work.step()
    subscribed_anew = calendar(event("20990816", name="Vote, put off"), event("20990901", name="Second round", uid="b"))
    served.put("/days.ics", subscribed_anew, "text/calendar")
    due_again(source)
    work.step()
    assert names() == [
        ("KE", "election", "Long ago"),
        ("KE", "election", "Second round"),
        ("KE", "election", "Vote, put off"),
    ]


def test_what_people_did_stands_and_an_empty_calendar_takes_nothing(
    served: Site, add_source: AddSource, due_again: Again, alice: Person
) -> None:
    events = [event(f"2099080{number}", name=f"Vote {number}", uid=str(number)) for number in range(1, 5)]
    source = subscribed(add_source, served, calendar(*events))
    work.step()
    one, two, three, _four = Occasion.objects.order_by("name")
    occasions.remove(alice, one)
    occasions.edit(alice, two, occasions.OccasionDraft("KE", "election", "Our word", DAY))
    served.put("/days.ics", calendar(events[0], events[2].replace("Vote 3", "Third")), "text/calendar")
    due_again(source)
    work.step()
    assert [name for _country, _sort, name in names()] == ["Our word", "Third"]
    served.put("/days.ics", calendar(), "text/calendar")
    due_again(source)
    work.step()
    assert [name for _country, _sort, name in names()] == ["Our word", "Third"]
    source.refresh_from_db()
    assert source.health == Health.EMPTY
    assert Occasion.objects.get(pk=three.pk).source == source


def test_a_calendar_that_was_brought_by_hand_is_not_there_twice(
    served: Site, add_source: AddSource, alice: Person
) -> None:
    body = calendar(event("20990809", name="Vote"))
    occasions.bring(alice, body, "KE", "election")
    subscribed(add_source, served, body)
    work.step()
    assert Occasion.objects.get().added_by == alice


@pytest.mark.parametrize(
    ("body", "health", "days"),
    [
        (b"<html>Sign in first</html>", Health.BROKEN, 0),
        (calendar(event("20990809", more="RRULE:FREQ=WEEKLY;INTERVAL=0")), Health.FRESH, 1),
        (calendar(event("20990809", more="RRULE:FREQ=SECONDLY;COUNT=1000000")), Health.FRESH, 1),
        (
            calendar(*(event("20990101", more="RRULE:FREQ=WEEKLY", uid=str(one)) for one in range(60))),
            Health.FRESH,
            2_000,
        ),
        (b"x" * 3_000_000, Health.BROKEN, 0),
        (calendar(event("20990809", name="\u202eVote" + "!" * 999)), Health.FRESH, 1),
    ],
)
def test_a_hostile_calendar_costs_a_bounded_number_of_days_and_one_line(
    served: Site, add_source: AddSource, body: bytes, health: str, days: int
) -> None:
    source = subscribed(add_source, served, body)
    work.step()
    source.refresh_from_db()
    assert (source.health, Occasion.objects.count()) == (health, days)
    assert len(Occasion.objects.values_list("name", flat=True).first() or "") <= 120


def test_nobody_is_watched_by_a_calendar_and_its_silence_is_no_blindness(
    served: Site, add_source: AddSource, alice: Person
) -> None:
    source = subscribed(add_source, served, calendar(event("20990809")))
    Source.objects.update(countries=["KE"], created_at=timezone.now() - timedelta(days=99), health=Health.UNCHANGED)
    actions.add_requirement(alice, RequirementDraft("Will they vote?", "the team", countries=("KE",)))
    assert [part.cover.value for row in coverage(alice) for part in row.countries] == ["nobody"]
    work.watch_silence()
    actions.pause_source(alice, source)
    work.watch_silence()
    assert not BlindSpot.objects.filter(source=source).exists()


def test_a_calendar_can_not_be_for_some_only_and_needs_a_country(alice: Person) -> None:
    draft = {"name": "Days", "kind": "calendars", "url": "https://days.example/x.ics"}
    with pytest.raises(RefusedError, match="can’t be restricted"):
        actions.add_source(alice, SourceDraft(**draft, options=ELECTIONS, readers=int(Role.LEAD)))  # type: ignore[arg-type]
    with pytest.raises(RefusedError) as refused:
        actions.add_source(alice, SourceDraft(**draft))  # type: ignore[arg-type]
    assert refused.value.field == "option_countries"


def bring(person: Person, body: bytes, query: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {issue_token(person, 'a program', [Right.READ, Right.REQUIRE], 30)}"}
    address = "/api/occasions/file"
    answer = Client().generic("POST", address, body, "text/calendar", headers=headers, QUERY_STRING=query)
    return answer.status_code, json.loads(answer.content)


def test_a_program_brings_a_calendar_as_it_is(alice: Person) -> None:
    body = calendar(event("20990809"), event("20990801", more="RRULE:FREQ=HOURLY", uid="b"), event("00010101", uid="c"))
    said = {"new": 2, "known": 0, "lost": 1, "first_only": 1}
    assert bring(alice, body, "country=KE&sort=exam") == (201, said)
    assert bring(alice, body, "country=KE&sort=exam") == (201, said | {"new": 0, "known": 2})


@pytest.mark.parametrize(
    ("body", "query", "status"),
    [
        (b"", "country=KE&sort=exam", 422),
        (b"no calendar", "country=KE&sort=exam", 422),
        (calendar(event("20990809")), "country=XX&sort=exam", 422),
        (calendar(event("20990809")), "country=KE&sort=party", 422),
        (b"x" * (occasions.LARGEST + 1), "country=KE&sort=exam", 413),
    ],
)
def test_what_can_not_be_brought_is_refused_by_its_field(alice: Person, body: bytes, query: str, status: int) -> None:
    assert bring(alice, body, query)[0] == status
    assert not Occasion.objects.exists()


def test_it_is_subscribed_to_and_tried_on_pages(
    browse: Callable[[Person], Client], served: Site, add_source: AddSource, alice: Person
) -> None:
    client = browse(alice)
    assert "/sources/new/calendars/" in client.get("/sources/occasions/bring/").content.decode()
    address = served.put("/days.ics", calendar(event("20990809", name="Vote")), "text/calendar")
    given = {
        "name": "Votes", "url": address, "reliability": "B", "tlp": "clear", "expected_every": "86400",
        "option_countries": "KE", "option_sort": "election", "allow_private": served.name, "try": "1",
    }  # fmt: skip
    page = client.post("/sources/new/calendars/", given).content.decode()
    assert "Vote" in page, page[page.index("<main") :][:1500]
    assert not Occasion.objects.exists()
