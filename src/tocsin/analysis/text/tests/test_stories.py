"""Entries find their group, and a person's word stands."""

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.analysis.text import Entry, Stories, Text, read

START = datetime(2024, 3, 1, 12, tzinfo=UTC)
BAN = "Kenya blocks encyclopedia site"
BAN_BODY = (
    "Operators in Nairobi blocked the encyclopedia site after an order of the communications authority on Friday."
)
BAN_AGAIN = (
    "The communications authority of Kenya ordered operators to block the encyclopedia; users in Nairobi lost access."
)
FLOOD = "Floods close roads in Peru"
FLOOD_BODY = "Heavy rain closed the road to Cusco and swept away two bridges, rescue teams in Peru said."


def entry(number: int, title: str, body: str, *, days: float = 0, compartment: str = "") -> Entry:
    reading = read(Text(title, body))
    at = START + timedelta(days=days)
    return Entry(
        number, at, reading.country, reading.harm, reading.terms, reading.fingerprint, "paper.example", compartment
    )


def test_the_first_entry_opens_a_group() -> None:
    place = Stories().place(entry(1, BAN, BAN_BODY))
    assert (place.group, place.copy_of) == (None, None)


def test_a_second_text_on_the_same_event_joins_and_says_why() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 7)
    place = stories.place(entry(2, "Encyclopedia unreachable", BAN_AGAIN, days=0.5))
    assert place.group == 7
    assert any(reason.startswith("words: ") for reason in place.reasons)
    assert "country: KE" in place.reasons


def test_another_event_stays_apart() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 7)
    assert stories.place(entry(2, FLOOD, FLOOD_BODY)).group is None


def test_a_copied_wire_text_names_its_original() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY * 3), 7)
    place = stories.place(entry(2, BAN, BAN_BODY * 3 + " Reported by our staff.", days=1))
    assert (place.group, place.copy_of) == (7, 1)


def test_a_story_is_taken_up_again_after_months_and_no_more_after_years() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 7)
    soon, later = (stories.place(entry(2, BAN, BAN_AGAIN, days=days)) for days in (1, 100))
    assert later.group == 7
    assert later.similarity < soon.similarity
    assert stories.place(entry(2, BAN, BAN_AGAIN, days=1_200)).group is None


def test_compartments_never_meet() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 7)
    hidden = entry(2, BAN, BAN_BODY, compartment="legal")
    assert stories.place(hidden).group is None
    with pytest.raises(ValueError, match="compartments"):
        stories.add(hidden, 7)
    stories.add(hidden, 8)
    with pytest.raises(ValueError, match="compartments"):
        stories.move(2, 7)


def test_a_moved_entry_takes_its_words_along() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 1)
    stories.add(entry(2, FLOOD, FLOOD_BODY), 1)
    stories.move(2, 2)
    assert stories.place(entry(3, "Cusco road still closed", FLOOD_BODY)).group == 2
    assert stories.place(entry(4, "Nairobi", BAN_AGAIN)).group == 1


def test_a_removed_entry_leaves_no_trace() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 1)
    stories.remove(1)
    stories.remove(99)
    assert len(stories) == 0
    assert stories.place(entry(2, BAN, BAN_BODY)).group is None


def test_the_store_stays_within_its_limit() -> None:
    stories = Stories(limit=3)
    for number in range(10):
        stories.add(entry(number, BAN, BAN_BODY), number)
    assert len(stories) == 3
    assert stories.place(entry(99, BAN, BAN_BODY)).copy_of == 7


def test_an_entry_without_country_groups_by_words() -> None:
    stories = Stories()
    body = "Operators blocked the encyclopedia site after an order of the communications authority on Friday."
    stories.add(entry(1, "Encyclopedia blocked", body), 5)
    assert (
        stories.place(
            entry(2, "Authority orders block", "The communications authority told operators to block it.")
        ).group
        == 5
    )


def test_the_same_calls_give_the_same_groups() -> None:
    texts = [(BAN, BAN_BODY), (FLOOD, FLOOD_BODY), ("Encyclopedia", BAN_AGAIN), ("Rain in Cusco", FLOOD_BODY)] * 5

    def run() -> list[int]:
        stories, groups = Stories(), []
        for number, (title, body) in enumerate(texts):
            new = entry(number, title, body, days=number / 10)
            group = stories.place(new).group
            groups.append(number if group is None else group)
            stories.add(new, groups[-1])
        return groups

    assert run() == run()
    assert len(set(run())) == 2


def test_a_time_without_zone_is_refused() -> None:
    known = entry(1, BAN, BAN_BODY)
    naive = Entry(2, datetime(2024, 3, 1), "", "", known.terms, b"", "")
    with pytest.raises(ValueError, match="zone"):
        Stories().place(naive)
    with pytest.raises(ValueError, match="zone"):
        Stories().add(naive, 1)


def test_an_entry_is_filed_once() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 1)
    with pytest.raises(ValueError, match="already"):
        stories.add(entry(1, BAN, BAN_BODY), 2)


def test_what_one_compartment_holds_changes_no_answer_about_another() -> None:
    alone, beside = Stories(), Stories()
    for number in range(20):
        beside.add(entry(100 + number, BAN, f"{BAN_AGAIN} {number}", compartment="legal"), 100 + number)
    for stories in (alone, beside):
        stories.add(entry(1, BAN, BAN_BODY), 7)
    asked = entry(2, "Encyclopedia unreachable", BAN_AGAIN, days=0.5)
    assert alone.place(asked) == beside.place(asked)


def test_an_id_may_return_after_it_was_removed() -> None:
    stories = Stories(limit=2)
    stories.add(entry(1, BAN, BAN_BODY), 1)
    stories.remove(1)
    stories.add(entry(1, FLOOD, FLOOD_BODY), 2)
    stories.add(entry(2, FLOOD, FLOOD_BODY), 2)
    assert len(stories) == 2
    assert stories.place(entry(3, FLOOD, FLOOD_BODY)).group == 2


def test_what_came_too_early_to_be_joined_is_joined_once_later_texts_tie_it_together() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 1)
    stories.add(entry(2, "Encyclopedia unreachable", BAN_AGAIN), 2)
    stories.add(entry(3, FLOOD, FLOOD_BODY), 3)
    new = entry(4, BAN, BAN_AGAIN)
    close = stories.place(new).close
    assert {1, 2} <= set(close)
    stories.add(new, 1)
    joined, *others = stories.regrouped(1, close)
    assert joined.entries == (1, 2, 4)
    assert joined.group == 1
    assert all(part.entries == (3,) and part.group == 3 for part in others)


def test_what_was_joined_by_mistake_falls_apart_again() -> None:
    stories = Stories()
    for number, (title, body) in enumerate([(BAN, BAN_BODY), (FLOOD, FLOOD_BODY), (BAN, BAN_AGAIN)]):
        stories.add(entry(number, title, body), 7)
    assert [(part.entries, part.group) for part in stories.regrouped(7, ())] == [((1,), None)]


def test_where_nothing_would_change_nothing_is_proposed() -> None:
    stories = Stories()
    stories.add(entry(1, BAN, BAN_BODY), 1)
    stories.add(entry(2, FLOOD, FLOOD_BODY), 2)
    assert stories.regrouped(1, (2,)) == ()
    assert stories.regrouped(99, ()) == ()
    assert stories.regrouped(1, (2,), compartment="legal") == ()
