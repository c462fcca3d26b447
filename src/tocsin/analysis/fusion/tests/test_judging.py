"""Probabilities of rival causes, and how far one origin is believed whatever it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.analysis.fusion import (
    ACCESS,
    BOUND,
    HARMFUL,
    MARGIN,
    TOLD,
    Cause,
    Clue,
    Door,
    Judgement,
    Origin,
    Share,
    judge,
)

CAUSES = sorted(set(ACCESS) - {Cause.UNATTRIBUTED})
MODELS = st.sampled_from([ACCESS, TOLD])
HARMLESS = set(ACCESS) - HARMFUL - {Cause.UNATTRIBUTED}

weights = st.dictionaries(st.sampled_from([*CAUSES, Cause.HAPPENED]), st.floats(-90, 90), min_size=1, max_size=4).map(
    lambda found: tuple(sorted(found.items()))
)
origins = st.one_of(
    st.builds(Origin, st.just(Door.TEXT), st.sampled_from("ABCD"), st.sampled_from("123")),
    st.builds(Origin, st.just(Door.MEASURED), st.sampled_from(["ooni", "ioda"]), st.sampled_from(["", "AS1", "AS2"])),
    st.builds(Origin, st.just(Door.CALENDAR), st.sampled_from(["holiday", "exam"])),
)
some_clues = st.lists(st.builds(Clue, st.sampled_from("klmn"), st.just("said"), origins, weights), max_size=12)


def clue(cause: Cause, weight: float, origin: Origin, key: str = "k") -> Clue:
    return Clue(key, "said", origin, ((cause, weight),), ("signal:1",))


def paper(name: str, feed: str = "") -> Origin:
    return Origin(Door.TEXT, name, feed or f"feed of {name}")


def network(name: str) -> Origin:
    return Origin(Door.MEASURED, "ooni", name)


def harm(judgement: Judgement) -> float:
    return judgement.probability(*HARMFUL)


def test_nothing_said_is_unattributed_and_stays_at_what_is_expected_of_anything() -> None:
    found = judge([])
    assert found.verdict is Cause.UNATTRIBUTED
    assert {share.cause: share.probability for share in found.shares} == pytest.approx(dict(ACCESS))


@settings(max_examples=60, deadline=None)
@given(some_clues, MODELS)
def test_probabilities_add_up_to_one(said: list[Clue], priors: dict[Cause, float]) -> None:
    found = judge(said, priors)
    assert sum(share.probability for share in found.shares) == pytest.approx(1)
    assert all(0 <= share.probability <= 1 for share in found.shares)


@settings(max_examples=60, deadline=None)
@given(some_clues, st.randoms(use_true_random=False))
def test_the_order_of_clues_changes_nothing(said: list[Clue], chance: object) -> None:
    mixed = list(said)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    before, after = judge(said), judge(mixed)
    assert [(one.cause, one.probability) for one in before.shares] == [
        (one.cause, one.probability) for one in after.shares
    ]


@settings(max_examples=120, deadline=None)
@given(some_clues, st.sampled_from(CAUSES), st.floats(0.01, 90), origins, st.sampled_from("klmno"))
def test_one_more_clue_for_a_cause_never_lowers_it(
    said: list[Clue], cause: Cause, weight: float, origin: Origin, key: str
) -> None:
    more = [*said, clue(cause, weight, origin, key)]
    assert judge(more).probability(cause) >= judge(said).probability(cause) - 1e-12


@settings(max_examples=12, deadline=None)
@given(origins.filter(lambda one: one.door is not Door.CALENDAR), st.lists(weights, min_size=1, max_size=6), MODELS)
def test_one_origin_stays_below_the_bound_even_when_it_says_so_ten_thousand_times(
    origin: Origin, said: list[tuple[tuple[Cause, float], ...]], priors: dict[Cause, float]
) -> None:
    clues = [Clue(f"{turn % 40}", "said", origin, said[turn % len(said)]) for turn in range(10_000)]
    found = judge(clues, priors)
    assert harm(found) <= BOUND + 1e-9
    assert found.probability(*HARMLESS) <= BOUND + 1e-9


@settings(max_examples=40, deadline=None)
@given(origins.filter(lambda one: one.door is not Door.CALENDAR), weights)
def test_not_even_with_the_calendar_on_its_side(origin: Origin, said: tuple[tuple[Cause, float], ...]) -> None:
    days = [clue(cause, 80, Origin(Door.CALENDAR, "exam"), f"{cause}") for cause in CAUSES]
    assert harm(judge([Clue("k", "said", origin, said), *days])) <= BOUND + 1e-9


def test_two_independent_origins_may_pass_the_bound() -> None:
    assert harm(judge([clue(Cause.BLOCKED, 9, paper("A")), clue(Cause.BLOCKED, 9, paper("B"))])) > BOUND
    assert harm(judge([clue(Cause.BLOCKED, 9, network("AS1")), clue(Cause.BLOCKED, 9, network("AS2"))])) > BOUND
    assert harm(judge([clue(Cause.BLOCKED, 9, network("AS1")), clue(Cause.BLOCKED, 9, paper("A"))])) > BOUND


def test_one_feed_that_carries_five_hundred_names_is_one_origin() -> None:
    flood = [clue(Cause.BLOCKED, 9, paper(f"paper {number}", "one feed")) for number in range(500)]
    assert judge(flood).witnesses == 1
    assert harm(judge(flood)) <= BOUND


def test_one_name_in_five_hundred_feeds_is_one_origin() -> None:
    flood = [clue(Cause.BLOCKED, 9, paper("the agency", f"feed {number}")) for number in range(500)]
    assert judge(flood).witnesses == 1
    assert harm(judge(flood)) <= BOUND


def test_names_and_feeds_are_matched_so_that_each_origin_has_its_own() -> None:
    said = [clue(Cause.WIDER, 1, paper(name, feed)) for name, feed in (("A", "1"), ("A", "2"), ("B", "1"), ("C", "1"))]
    assert judge(said).witnesses == 2


def test_one_network_with_a_thousand_kinds_of_failure_is_one_origin() -> None:
    flood = [clue(Cause.BLOCKED, 9, network("AS1"), f"kind {number}") for number in range(1000)]
    assert harm(judge(flood)) <= BOUND


def test_a_network_does_not_count_again_in_the_count_over_all_networks() -> None:
    both = [clue(Cause.BLOCKED, 1.5, network("AS1")), clue(Cause.BLOCKED, 1.5, network(""))]
    assert judge(both).witnesses == 1
    assert harm(judge(both)) == harm(judge(both[:1]))


def test_a_hundred_networks_of_one_provider_weigh_no_more_than_two_origins() -> None:
    many = [clue(Cause.BLOCKED, 9, network(f"AS{number}")) for number in range(100)]
    assert harm(judge(many)) == pytest.approx(harm(judge(many[:2])))


def test_what_stands_out_too_little_is_unattributed() -> None:
    near = judge([clue(Cause.SHUTDOWN, 3, paper("A")), clue(Cause.OUTAGE, 1.6, paper("B"))])
    assert near.shares[0].probability - near.shares[1].probability < MARGIN
    assert near.verdict is Cause.UNATTRIBUTED
    clear = judge([clue(Cause.SHUTDOWN, 2, paper(name)) for name in "ABCDE"])
    assert clear.verdict is Cause.SHUTDOWN


def test_each_cause_shows_what_speaks_for_and_against_it_the_strongest_first() -> None:
    said = [clue(Cause.OUTAGE, weight, network("AS1"), f"{weight}") for weight in (0.5, 2.0, -1.0)]
    share: Share = next(one for one in judge(said).shares if one.cause is Cause.OUTAGE)
    assert [one.weight(Cause.OUTAGE) for one in share.speaks_for] == [2.0, 0.5]
    assert [one.weight(Cause.OUTAGE) for one in share.speaks_against] == [-1.0]
    assert share.speaks_for[0].sources == ("signal:1",)


@pytest.mark.parametrize("weights", [((Cause.UNATTRIBUTED, 1.0),), ((Cause.OUTAGE, float("nan")),)])
def test_a_clue_that_says_nothing_sound_is_refused(weights: tuple[tuple[Cause, float], ...]) -> None:
    with pytest.raises(ValueError, match="finite weight"):
        Clue("k", "said", paper("A"), weights)


def test_nothing_lifts_harm_above_the_ceiling() -> None:
    many = [clue(Cause.BLOCKED, 9, paper(f"{number}")) for number in range(30)]
    assert harm(judge(many)) == pytest.approx(0.95)
