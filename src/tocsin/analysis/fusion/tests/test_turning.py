"""What would change our mind: the observations that would turn the likeliest cause, computed and not guessed."""

from dataclasses import replace

import pytest

from tocsin.analysis.fusion import (
    BOUND,
    TOLD,
    Cause,
    Next,
    Steady,
    Turn,
    Window,
    judge,
    turns,
    turns_told,
    weigh,
    weigh_own,
)
from tocsin.analysis.fusion.telling import reports
from tocsin.analysis.fusion.tests.test_weighing import BLOCK, CUT, DAY, NOON, PAPER, papers, window
from tocsin.analysis.series import Stream

SITE = frozenset({Cause.BLOCKED, Cause.WIDER})


def by_says(found: tuple[Turn, ...]) -> dict[str, Turn]:
    return {one.says: one for one in found}


def test_a_loss_that_leans_to_an_outage_is_turned_by_a_named_order() -> None:
    cable = window(replace(CUT, now=400.0), told=papers(1, harm="", actor="", technical=True))
    assert weigh(cable).shares[0].cause is Cause.OUTAGE
    found = by_says(turns(cable, weigh))
    assert len(found) <= 3
    order = found[Next.ORDERED.value]
    assert order.after < order.before
    assert order.turns is (order.leader is not Cause.OUTAGE)


def test_what_would_turn_it_does_when_it_comes() -> None:
    block = window(BLOCK)
    found = turns(block, weigh)
    assert [one.turns for one in found] == sorted((one.turns for one in found), reverse=True)
    turn = by_says(found)[Next.OURS_FAIL.value]
    second = replace(BLOCK, source="signal:2", kind="next.web", subject="our sites", network="", now=0.95)
    judged = weigh(window(BLOCK, replace(second, opened=block.now)))
    assert judged.shares[0].cause is turn.leader
    assert judged.shares[0].probability == pytest.approx(turn.probability, abs=0.02)


def test_a_situation_stays_within_what_its_own_origins_can_do_and_says_what_would_lift_it() -> None:
    alone = replace(window(BLOCK, about="site-ban"), own=frozenset({BLOCK.source}))
    found = turns(alone, lambda then: weigh_own(then, SITE))
    assert found
    assert all(one.before <= BOUND + 1e-9 for one in found)
    assert any(one.after > one.before or one.turns for one in found)


def test_a_harm_that_nothing_measures_wants_another_source() -> None:
    text = replace(PAPER, harm="arrest")
    now = judge(reports([text]), TOLD)
    (found,) = turns_told([text], [], now)
    assert found.says == Next.TOLD.value
    assert found.leader is Cause.HAPPENED
    assert turns_told([], [], now) == ()


def test_what_was_seen_already_is_not_asked_for_again() -> None:
    steady = (
        Steady(Stream.CONNECTIVITY, "ioda.bgp", "routes", ours=False),
        Steady(Stream.BLOCKING, "ooni.web", "news.example", ours=False),
    )
    known = window(BLOCK, steady=steady)
    assert not {Next.REACH_STEADY.value, Next.OTHERS_FINE.value} & by_says(turns(known, weigh)).keys()
    assert Next.REACH_LOST.value not in by_says(turns(window(CUT), weigh))


def test_the_order_of_what_is_known_changes_nothing_and_nothing_is_added_to_it() -> None:
    told = papers(5)
    one = Window("TR", NOON + DAY, measured=(BLOCK, CUT), told=told)
    other = Window("TR", NOON + DAY, measured=(CUT, BLOCK), told=told[::-1])
    assert turns(one, weigh) == turns(other, weigh)
    assert one.told == told
