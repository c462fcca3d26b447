"""How losses of connectivity began and went on, with nothing used that came later."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.analysis.fusion import Fit, Known, Loss, Regularity, answers, fit

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def loss(start: datetime = NOON, country: str = "MM", minutes: int = 10, **more: object) -> Loss:
    return Loss(country, start, timedelta(minutes=minutes), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("country", "minute", "is_round"),
    [("MM", 0, True), ("MM", 10, False), ("NP", 15, True), ("NP", 0, False), ("IN", 30, True), ("GB", 0, True)],
)
def test_the_full_and_the_half_hour_are_those_of_the_clocks_there(country: str, minute: int, is_round: bool) -> None:
    said = answers(loss(NOON.replace(minute=minute), country), Known.ONSET)
    assert said[Regularity.ROUND] is is_round


def test_night_is_night_there() -> None:
    assert answers(loss(NOON.replace(hour=18, minute=30), "MM"), Known.ONSET)[Regularity.NIGHT]
    assert not answers(loss(NOON, "MM"), Known.ONSET)[Regularity.NIGHT]


def test_a_start_that_is_known_by_the_day_says_nothing_of_the_clock() -> None:
    said = answers(loss(minutes=1440, earlier=(NOON - DAY,)), Known.AFTER)
    assert {said[one] for one in (Regularity.ROUND, Regularity.NIGHT, Regularity.AGAIN, Regularity.OFTEN)} == {None}


def test_a_start_that_is_known_by_the_hour_says_nothing_of_the_half_hour() -> None:
    assert answers(loss(minutes=60), Known.ONSET)[Regularity.ROUND] is None


def test_a_country_that_nobody_knows_has_no_clocks() -> None:
    said = answers(loss(country="XS"), Known.ONSET)
    assert (said[Regularity.ROUND], said[Regularity.NIGHT]) == (None, None)


def test_coming_back_after_whole_days_looks_at_the_past_alone() -> None:
    assert answers(loss(earlier=(NOON - 2 * DAY,)), Known.ONSET)[Regularity.AGAIN]
    assert not answers(loss(earlier=(NOON - 2 * DAY - HOUR,)), Known.ONSET)[Regularity.AGAIN]
    assert not answers(loss(earlier=(NOON + DAY,)), Known.ONSET)[Regularity.AGAIN]
    assert answers(loss(earlier=None), Known.ONSET)[Regularity.AGAIN] is None


def test_often_is_on_two_days_or_more() -> None:
    assert answers(loss(earlier=(NOON - DAY, NOON - 9 * DAY)), Known.ONSET)[Regularity.OFTEN]
    assert not answers(loss(earlier=(NOON - DAY, NOON - DAY + HOUR / 4)), Known.ONSET)[Regularity.OFTEN]


def test_what_other_countries_lose_later_is_not_known_at_the_onset() -> None:
    later = loss(abroad=(NOON + HOUR,))
    assert not answers(later, Known.ONSET)[Regularity.ABROAD]
    assert answers(later, Known.TWO_HOURS)[Regularity.ABROAD]


def test_neither_the_end_nor_all_signals_are_known_at_the_onset() -> None:
    said = answers(loss(end=NOON + HOUR, fell=3, watched=3), Known.ONSET)
    assert not {Regularity.BRIEF, Regularity.LONG, Regularity.EVERY_SIGNAL} & set(said)


def test_what_lasts_is_longer_than_it_has_lasted() -> None:
    lasting = answers(loss(lasted=NOON + 3 * HOUR), Known.AFTER)
    assert (lasting[Regularity.BRIEF], lasting[Regularity.LONG]) == (False, None)
    over = answers(loss(end=NOON + 30 * HOUR), Known.AFTER)
    assert (over[Regularity.BRIEF], over[Regularity.LONG]) == (False, True)


def test_one_kind_of_signal_can_not_say_that_all_fell() -> None:
    assert answers(loss(fell=1, watched=1), Known.AFTER)[Regularity.EVERY_SIGNAL] is None


def learned() -> Fit:
    rows = [{Regularity.ROUND: True}] * 8 + [{Regularity.ROUND: False}] * 2
    rows += [{Regularity.ROUND: True}] * 2 + [{Regularity.ROUND: False}] * 8
    return fit(rows, [True] * 10 + [False] * 10, ridge=1e-6)


def test_a_fit_gives_back_the_shares_that_it_was_learned_from() -> None:
    assert learned().probability({Regularity.ROUND: True}) == pytest.approx(0.8, abs=1e-3)
    assert learned().probability({Regularity.ROUND: False}) == pytest.approx(0.2, abs=1e-3)


def test_what_nobody_knows_adds_nothing() -> None:
    assert learned().weight(Regularity.ROUND, None) == 0
    assert learned().weight(Regularity.NIGHT, True) == 0
    assert learned().probability({Regularity.ROUND: None}) == pytest.approx(0.5, abs=1e-3)


@given(st.lists(st.tuples(st.sampled_from([True, False, None]), st.booleans()), min_size=2, max_size=30))
def test_a_ridge_keeps_every_fit_finite(rows: list[tuple[bool | None, bool]]) -> None:
    truths = [truth for _answer, truth in rows]
    said = [{Regularity.NIGHT: answer} for answer, _truth in rows]
    if len(set(truths)) < 2:
        with pytest.raises(ValueError, match="both"):
            fit(said, truths)
        return
    assert 0 < fit(said, truths).probability({Regularity.NIGHT: True}) < 1
