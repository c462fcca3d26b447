"""Corrections teach: a version stands only if it is better, says which words moved it, and is taken back by a press."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.test import Client

from tocsin.people.models import Person
from tocsin.signals import actions, teaching
from tocsin.signals.models import Correction, HarmModel, Signal
from tocsin.signals.work import read_items
from tocsin.streams.models import Item, Source

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
PLACES = ("Lima", "Cusco", "Quito", "Accra", "Dakar", "Tunis", "Oslo", "Riga", "Bonn", "Turin", "Porto", "Lyon")
# The word lists read "outed", and miss what the people here call an attack.
OUTED = "A moth was outed in {place} number {n}: gardeners counted the winged guests of the season"
MUSTER = "Grey vans came to the muster yard in {place} number {n}: neighbours say two printers were led away"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    teaching.forget()
    yield
    teaching.forget()


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(
        name="Daily", kind="feeds", url="https://daily.example/", expected_every=timedelta(hours=1), next_fetch_at=NOW
    )


def arrive(source: Source, text: str, **more: object) -> Signal:
    key = sha256(text.encode()).hexdigest()
    item = Item.objects.create(
        source=source, key=key, digest=key, title=text, text=text, language="en", published_at=NOW, fetched_at=NOW,
        expires_at=NOW + timedelta(days=900), **more,
    )  # fmt: skip
    while read_items():
        pass
    return Signal.objects.get(item=item)


def sat(person: Person, signals: list[Signal], harm: str, when: datetime) -> None:
    """One sitting of a person, who answers for all of these within a few minutes."""
    for number, signal in enumerate(signals):
        made = actions.correct(person, signal, "harm", harm)
        Correction.objects.filter(pk=made.pk).update(at=when + timedelta(seconds=number))


def taught(source: Source, people: list[Person], sittings: int = 6) -> None:
    """Sittings, hours apart, in which people say what the two kinds of texts above are."""
    for sitting in range(sittings):
        person, when = people[sitting % len(people)], NOW + timedelta(hours=3 * sitting)
        moths = [arrive(source, OUTED.format(place=PLACES[n], n=100 * sitting + n)) for n in range(6)]
        vans = [arrive(source, MUSTER.format(place=PLACES[n], n=100 * sitting + n)) for n in range(6)]
        sat(person, moths, "", when)
        sat(person, vans, "arrest", when + timedelta(minutes=5))


def learn() -> None:
    teaching.forget()
    for _ in range(40):
        if not teaching.step():
            return


def test_the_lists_stand_alone_until_there_are_enough_examples(source: Source, alice: Person, bob: Person) -> None:
    taught(source, [alice, bob], sittings=4)
    learn()
    assert teaching.in_force() is None
    assert not HarmModel.objects.exists()


def test_what_is_learned_stands_says_why_and_is_taken_back_by_one_press(
    source: Source, alice: Person, bob: Person, browse: Callable[[Person], Client]
) -> None:
    taught(source, [alice, bob])
    learn()
    row = HarmModel.objects.get()
    assert (row.version, row.standing, row.examples, row.sittings, row.against) == (1, "stands", 72, 6, 0)
    assert row.score > row.score_against
    vans = arrive(source, MUSTER.format(place="Basel", n=999))
    assert (vans.harm, vans.rule.split(" ")[1], vans.why["learned"]["listed"]) == ("arrest", "learned/1", "")
    moths = arrive(source, OUTED.format(place="Basel", n=998))
    assert moths.harm == ""
    client = browse(bob)
    page = client.get(f"/signals/{vans.pk}/").content.decode()
    assert "What moved it:" in page
    assert "led away" in page
    page = client.get("/signals/learned/").content.decode()
    assert "Version 1 is in force" in page
    assert "muster" in page
    page = client.post("/signals/learned/back", follow=True).content.decode()
    assert "The word lists stand alone" in page
    vans.refresh_from_db()
    assert (vans.harm, " " in vans.rule) == ("", False)
    assert arrive(source, MUSTER.format(place="Basel", n=997)).harm == ""


def test_a_version_that_is_not_better_is_refused_and_says_so(
    source: Source, alice: Person, bob: Person, browse: Callable[[Person], Client]
) -> None:
    for sitting in range(6):
        texts = [arrive(source, f"The council of {place} met, day {sitting}") for place in PLACES]
        sat(alice, texts[:9], "", NOW + timedelta(hours=3 * sitting))
        sat(alice, texts[9:], ("law", "arrest", "threat")[sitting % 3], NOW + timedelta(hours=3 * sitting, minutes=2))
    learn()
    row = HarmModel.objects.get()
    assert row.standing == "refused"
    assert row.score <= row.score_against
    assert teaching.in_force() is None
    assert "not better than what stood" in browse(bob).get("/signals/learned/").content.decode()


def test_one_account_alone_changes_no_verdict_however_much_it_says_without_a_pause_of_an_hour(
    source: Source, alice: Person, bob: Person, charlie: Person
) -> None:
    taught(source, [alice, bob], sittings=6)
    plain = "Police arrested a reporter in {place}, case {n}"
    honest = [arrive(source, plain.format(place=place, n=n)) for n, place in enumerate(PLACES)]
    sat(alice, honest[:6], "arrest", NOW + timedelta(hours=30))
    sat(bob, honest[6:], "arrest", NOW + timedelta(hours=40))
    flood = [arrive(source, plain.format(place=PLACES[n % 12], n=1000 + n)) for n in range(150)]
    sat(charlie, flood, "", NOW + timedelta(hours=50))
    learn()
    again = arrive(source, plain.format(place="Basel", n=5000))
    assert HarmModel.objects.exists()
    assert again.harm == "arrest"
    lessons = teaching.lessons_given()
    names = teaching.sittings_of(lessons)
    assert len({name for name, one in zip(names, lessons, strict=True) if one.by == charlie.pk}) == 1


def test_restricted_texts_undone_answers_and_other_fields_teach_nothing(source: Source, alice: Person) -> None:
    hidden = arrive(source, "A hidden text about an arrest", readers=1)
    sat(alice, [hidden], "arrest", NOW)
    seen = arrive(source, "An open text about a moth")
    undone = actions.correct(alice, seen, "harm", "threat")
    actions.undo(alice, undone)
    actions.correct(alice, seen, "country", "PE")
    actions.abstain(alice, seen)
    assert teaching.lessons_given() == []


def test_dead_and_not_about_us_are_answers_that_teach(source: Source, alice: Person) -> None:
    one, two = arrive(source, "Buy cheap pills"), arrive(source, "The museum opened")
    actions.correct(alice, one, "state", "dead")
    actions.correct(alice, two, "harm", "threat")
    actions.correct(alice, two, "state", "not_ours")
    assert [lesson.label for lesson in teaching.lessons_given()] == ["dead", "not_ours"]
