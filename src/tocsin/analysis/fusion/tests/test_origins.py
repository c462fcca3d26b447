"""What counts as one origin, however it is written, worded or carried."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tocsin.analysis.fusion import BOUND, TOLD, Cause, Judgement, Measured, Told, Window, judge, weigh
from tocsin.analysis.fusion.measuring import counted
from tocsin.analysis.fusion.origins import best, heard, instrument, masthead, voices
from tocsin.analysis.fusion.telling import reports
from tocsin.analysis.series import Direction, Stream
from tocsin.analysis.series.networks import network
from tocsin.analysis.text.fingerprints import fingerprint

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
WIRE = (
    "authorities in the capital detained three volunteer editors on tuesday evening after a raid on an office the "
    "ministry said in a statement adding that computers and telephones were taken and that the three would appear "
    "before a judge within two days while lawyers said they had not been allowed to see them"
)
OTHER = (
    "our editors were led away before my eyes says a neighbour who watched from her window and filmed the cars that "
    "waited in the yard for an hour until nobody was left inside and the lamps went out"
)
SURGE = Measured(
    "signal:9", Stream.EVENTS, "gdelt.events", "TR", "", "", False, Direction.RISE, NOON, None, 1.0, 1, 50, 9
)
BLOCK = Measured(
    "signal:1", Stream.BLOCKING, "ooni.web", "TR", "en.wikipedia.org", "AS1", True, Direction.RISE, NOON, None, 1.0,
    0.0, 1.0, 99,
)  # fmt: skip


def told(name: str, feed: str, words: str = "") -> Told:
    mark = fingerprint(words, spaced=True)
    return Told(f"signal:{name}", name, feed, "A", "arrest", "", True, NOON, mark=mark)


def happened(*texts: Told, counts: tuple[Measured, ...] = ()) -> tuple[int, float]:
    found: Judgement = judge([*reports(texts), *counted(counts)], TOLD)
    return found.witnesses, found.probability(Cause.HAPPENED)


def reworded(text: str, each: int) -> str:
    return " ".join(f"{word}x" if place % each == 0 else word for place, word in enumerate(text.split(), 1))


def test_a_wire_story_in_other_words_is_one_origin_in_however_many_papers() -> None:
    papers = [told(f"{each}.example", f"source:{each}", reworded(WIRE, each)) for each in (9, 12, 16, 99)]
    count, probability = happened(*papers)
    assert (count, probability <= BOUND) == (1, True)
    count, probability = happened(*papers, told("own.example", "source:5", OTHER))
    assert (count, probability > BOUND) == (2, True)


def test_a_paper_that_also_copies_another_still_has_its_own_word() -> None:
    first, copied = told("a.example", "source:1", WIRE), told("b.example", "source:2", reworded(WIRE, 12))
    own = replace(told("b.example", "source:2", OTHER), source="signal:b2")
    assert happened(first, copied)[0] == 1
    assert happened(first, copied, own)[0] == 2


def test_hosts_of_one_owner_are_one_masthead() -> None:
    assert happened(told("one.owner.example", "source:1"), told("two.owner.example", "source:2"))[0] == 1
    assert happened(told("one.co.uk", "source:1"), told("two.co.uk", "source:2"))[0] == 2
    assert masthead("News.Daily.com.tr.") == "daily.com.tr"
    assert masthead("Radio Free. Today") == "radio free. today"


def test_a_paper_and_the_host_that_it_writes_from_are_one_origin_by_whatever_door() -> None:
    daily = told("Daily", "source:1")
    coded = told("daily.example", "gdelt")
    assert happened(daily, coded)[0] == 1
    named_by_its_page = replace(told("Hourly", "source:2"), host="www.daily.example")
    assert happened(named_by_its_page, coded)[0] == 1
    assert happened(replace(daily, masthead="The Daily"), coded, named_by_its_page)[0] == 1
    assert happened(daily, told("evening.example", "gdelt"))[0] == 2


@pytest.mark.parametrize(
    ("hosts", "count"),
    [
        (("one.blogspot.com", "two.blogspot.com"), 2),
        (("one.blogspot.com", "x.one.blogspot.com"), 1),
        (("t.me", "t.me"), 2),
        (("127.0.0.1", "127.0.0.1"), 2),
        (("::1", "::1"), 2),
        (("localhost", "localhost"), 2),
        (("news.daily.example.", "DAILY.example"), 1),
    ],
)
def test_a_host_names_its_owner_only_where_it_has_one(hosts: tuple[str, str], count: int) -> None:
    texts = [replace(told(f"Paper {place}", f"source:{place}"), host=host) for place, host in enumerate(hosts)]
    assert happened(*texts)[0] == count


def test_whoever_counts_origins_gets_the_same_number() -> None:
    texts = [
        told("Daily", "source:1"),
        told("daily.example", "gdelt"),
        told("b.example", "gdelt"),
        told("C", "source:3"),
    ]
    for number in range(1, len(texts) + 1):
        some = texts[:number]
        count = happened(*some)[0]
        assert heard(voices(some).values()) == len(best(some)) == count
        assert heard(voices(reversed(some)).values()) == count
    assert heard([*voices(texts).values(), instrument(SURGE)]) == happened(*texts, counts=(SURGE,))[0] == 3


def test_an_aggregators_counts_and_the_texts_it_brings_are_one_origin() -> None:
    brought = told("a.example", "gdelt")
    count, probability = happened(brought, counts=(SURGE,))
    assert (count, probability <= BOUND) == (1, True)
    assert probability == max(happened(brought)[1], happened(counts=(SURGE,))[1])
    assert happened(told("a.example", "source:1"), counts=(SURGE,))[0] == 2


@pytest.mark.parametrize("written", ["AS1", "as1", "AS01", "1", " AS1 ", "AS0", "", "home", "AS-1", "AS99999999999"])
def test_a_network_has_one_name_and_what_names_none_is_no_origin_of_its_own(written: str) -> None:
    found = weigh(Window("TR", NOON, measured=(BLOCK, replace(BLOCK, source="signal:2", network=written))))
    assert found.witnesses == 1
    assert found.probability(Cause.BLOCKED, Cause.WIDER) <= BOUND
    assert network(written) in {"AS1", ""}


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -float("inf"), -3.0])
def test_a_score_that_is_no_number_speaks_for_nothing(score: float) -> None:
    found = weigh(Window("TR", NOON, measured=(replace(BLOCK, score=score),)))
    zero = weigh(Window("TR", NOON, measured=(replace(BLOCK, score=0.0),)))
    assert found.shares == zero.shares
    assert happened(counts=(replace(SURGE, score=score),))[1] <= BOUND
