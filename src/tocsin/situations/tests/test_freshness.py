"""What a page's ETag tells, and to whom."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.signals.actions import correct
from tocsin.signals.models import Signal
from tocsin.situations import actions, freshness
from tocsin.situations.models import Situation
from tocsin.situations.tests.arriving import ARREST, FLOOD, arrive, run
from tocsin.streams.models import Fetch, Source

PAGES = ("/", "/situations/", "/look/?country=TR")


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that runs across the end of ten minutes sees the same hash."""
    monkeypatch.setattr(freshness, "_MINUTES", 10**9)


def tags(client: Client) -> list[str]:
    client.cookies["csrf"] = "a" * 32  # the cookie that the forms of a page belong to
    return [client.get(page)["ETag"] for page in PAGES]


@pytest.mark.django_db
def test_what_happens_in_a_restricted_source_changes_the_pages_of_its_readers_alone(
    source: Callable[..., Source], browse: Callable[[Person], Client], alice: Person, bob: Person, vera: Person
) -> None:
    arrive(source("Open"), *FLOOD)
    run()
    for_analysts = source("Herald", readers=int(Role.ANALYST), tlp="red")
    reader, other = browse(bob), browse(vera)
    seen, unseen = tags(reader), tags(other)

    def only_the_reader_noticed() -> bool:
        nonlocal seen
        before, seen = seen, tags(reader)
        return all(a != b for a, b in zip(before, seen, strict=True)) and tags(other) == unseen

    Fetch.objects.create(source=for_analysts, at=timezone.now(), seconds=1, outcome="broken")
    assert only_the_reader_noticed()
    arrive(for_analysts, *ARREST, readers=int(Role.ANALYST), tlp="red")
    run()
    assert only_the_reader_noticed()
    arrest = Situation.objects.get(harm="arrest")
    actions.rename(bob, arrest, "Another title")
    assert only_the_reader_noticed()
    correct(bob, Signal.objects.get(readers=int(Role.ANALYST)), "country", "PE")
    run()
    assert only_the_reader_noticed()
    source("Second", readers=int(Role.ANALYST), tlp="red")
    assert only_the_reader_noticed()
    actions.subscribe(bob, "country:TR", on=True)
    assert only_the_reader_noticed()


@pytest.mark.django_db
def test_somebody_without_a_role_is_told_nothing_by_the_hash(
    source: Callable[..., Source], browse: Callable[[Person], Client], charlie: Person
) -> None:
    client = browse(charlie)
    client.cookies["csrf"] = "a" * 32
    before = client.get("/")["ETag"]
    arrive(source("Open"), *ARREST)
    run()
    assert client.get("/")["ETag"] == before
