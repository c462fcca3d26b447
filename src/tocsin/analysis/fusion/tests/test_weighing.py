"""What findings and texts of one country amount to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tocsin.analysis.fusion import (
    BOUND,
    HARMFUL,
    Cause,
    Judgement,
    Measured,
    Occasion,
    Says,
    Share,
    Steady,
    Told,
    Window,
    clues,
    weigh,
    weigh_own,
)
from tocsin.analysis.fusion.facts import Sort
from tocsin.analysis.fusion.telling import AUTHORITIES, SITES
from tocsin.analysis.series import Direction, Evidence, Stream
from tocsin.analysis.taxonomy import ACTORS, HARMS

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

BLOCK = Measured(
    "signal:1", Stream.BLOCKING, "ooni.web", "TR", "en.wikipedia.org", "AS1", True, Direction.RISE, NOON, None, 0.95,
    0.02, 0.97, 12,
)  # fmt: skip
CUT = Measured(
    "signal:2", Stream.CONNECTIVITY, "ioda.bgp", "TR", "bgp", "", False, Direction.DROP, NOON, None, 0.95, 1000, 60, 12,
    resolution=timedelta(minutes=10),
)  # fmt: skip
VIEWS = Measured(
    "signal:3", Stream.VIEWS, "pageviews", "TR", "tr.wikipedia", "", True, Direction.DROP, NOON, None, 0.9, 9000, 500, 5
)
PAPER = Told("signal:9", "daily.example", "feed:1", "B", "site-ban", "regulator", True, NOON)


def window(*found: Measured, now: datetime = NOON + 3 * HOUR, **more: object) -> Window:
    return Window("TR", now, measured=found, **more)  # type: ignore[arg-type]


def chances(judgement: Judgement) -> dict[Cause, float]:
    return {share.cause: share.probability for share in judgement.shares}


def shares(judgement: Judgement) -> dict[Cause, Share]:
    return {share.cause: share for share in judgement.shares}


def ratio(judgement: Judgement) -> float:
    return judgement.probability(Cause.SHUTDOWN) / judgement.probability(Cause.OUTAGE)


def papers(count: int, **more: object) -> tuple[Told, ...]:
    base = replace(PAPER, **more)  # type: ignore[arg-type]
    return tuple(
        replace(base, source=f"signal:{number}", masthead=f"{number}.example", feed=f"feed:{number}")
        for number in range(count)
    )


def test_only_our_sites_fail_while_others_are_fine_so_we_are_blocked() -> None:
    fine = (Steady(Stream.BLOCKING, "ooni.web", "news.example", ours=False),)
    second = replace(BLOCK, source="signal:4", network="AS2")
    alone, beside = weigh(window(BLOCK, second)), weigh(window(BLOCK, second, steady=fine))
    assert beside.verdict is Cause.BLOCKED
    assert beside.probability(Cause.BLOCKED) > alone.probability(Cause.BLOCKED)
    assert beside.probability(Cause.WIDER) < alone.probability(Cause.WIDER)


def test_many_sites_fail_so_censorship_is_wider() -> None:
    others = [
        replace(BLOCK, source=f"signal:{number}", subject=f"{number}.example", ours=False, network=f"AS{number}")
        for number in range(4)
    ]
    assert weigh(window(*others)).verdict is Cause.WIDER


def test_the_same_in_many_countries_at_once_is_our_fault() -> None:
    elsewhere = tuple(replace(BLOCK, source=f"signal:{code}", country=code) for code in ("FR", "BR", "KE", "JP"))
    found = weigh(window(BLOCK, replace(BLOCK, network="AS2"), elsewhere=elsewhere))
    assert found.shares[0].cause is Cause.OUR_FAULT or found.shares[1].cause is Cause.OUR_FAULT
    assert found.probability(Cause.OUR_FAULT) > found.probability(Cause.BLOCKED)
    assert found.probability(Cause.OUR_FAULT) > 5 * weigh(window(BLOCK)).probability(Cause.OUR_FAULT)


def test_a_country_that_vanishes_while_another_gets_its_level_was_renamed() -> None:
    gone = replace(VIEWS, now=0)
    heir = replace(gone, source="signal:8", country="TX", direction=Direction.RISE, before=10, now=8_900)
    moved = weigh(window(gone, elsewhere=(heir,)))
    assert moved.probability(Cause.RENAMED) > 3 * weigh(window(gone, elsewhere=())).probability(Cause.RENAMED)
    assert moved.shares[1].cause is Cause.RENAMED or moved.shares[0].cause is Cause.RENAMED
    assert any("signal:8" in one.sources for share in moved.shares for one in share.speaks_for)


def test_measurements_that_can_not_be_used_speak_for_a_gap() -> None:
    stale = replace(BLOCK, evidence=Evidence.DISCARDED)
    assert weigh(window(stale)).probability(Cause.GAP) > weigh(window(BLOCK)).probability(Cause.GAP)


def test_the_same_date_last_year_speaks_for_a_season() -> None:
    before = replace(VIEWS, source="signal:7", opened=NOON - 364 * DAY, closed=NOON - 360 * DAY)
    found = weigh(window(VIEWS, earlier=(before,)))
    assert found.probability(Cause.SEASONAL) > 2 * weigh(window(VIEWS, earlier=())).probability(Cause.SEASONAL)


def test_a_holiday_speaks_for_a_season_and_an_exam_for_an_order() -> None:
    plain = weigh(window(VIEWS))
    holiday = weigh(window(VIEWS, occasions=(Occasion(NOON.date(), Sort.HOLIDAY, "New Year"),)))
    exam = weigh(window(VIEWS, occasions=(Occasion(NOON.date(), Sort.EXAM, "final exams"),)))
    assert holiday.probability(Cause.SEASONAL) > plain.probability(Cause.SEASONAL)
    assert exam.probability(Cause.SHUTDOWN) > plain.probability(Cause.SHUTDOWN)


def test_a_steady_network_speaks_against_a_shutdown() -> None:
    steady = (Steady(Stream.CONNECTIVITY, "ioda.bgp", "bgp", ours=False),)
    assert weigh(window(VIEWS, steady=steady)).probability(Cause.SHUTDOWN) < weigh(window(VIEWS)).probability(
        Cause.SHUTDOWN
    )


def test_what_is_missing_says_nothing() -> None:
    unknown = window(BLOCK, CUT, VIEWS)
    assert chances(weigh(replace(unknown, elsewhere=(), steady=()))) == pytest.approx(
        chances(weigh(replace(unknown, elsewhere=(), steady=(), occasions=())))
    )
    said = {clue.key for clue in clues(window(BLOCK, CUT))}
    assert not said & {"ALIKE", "OTHERS_FINE", "REACH_STEADY", "AGAIN", "NOT_AGAIN", "ABROAD", "NOT_ABROAD"}


def test_a_loss_on_the_hour_that_came_back_after_whole_days_leans_to_an_order() -> None:
    night = NOON.replace(hour=22)
    loss = replace(CUT, opened=night)
    earlier = tuple(replace(loss, source=f"signal:{n}", opened=night - n * DAY, closed=night) for n in (1, 2, 3))
    found = weigh(window(loss, now=night + 3 * HOUR, earlier=earlier, elsewhere=()))
    assert ratio(found) > 5
    odd = replace(loss, opened=night.replace(hour=13, minute=17), now=600)
    assert ratio(weigh(window(odd, now=night + 3 * HOUR, earlier=(), elsewhere=()))) < 0.1


def test_a_cable_that_cuts_off_several_countries_leans_to_an_outage() -> None:
    abroad = (replace(CUT, source="signal:8", country="GE"),)
    assert ratio(weigh(window(CUT, elsewhere=abroad))) < ratio(weigh(window(CUT, elsewhere=())))


def test_a_power_cut_at_an_odd_hour_that_leaves_a_part_is_no_shutdown() -> None:
    power = replace(CUT, opened=datetime(2026, 7, 22, 20, tzinfo=UTC), country="VE", before=99, now=24, resolution=HOUR)
    found = weigh(Window("VE", power.opened + 30 * HOUR, measured=(power,)))
    assert found.verdict is not Cause.SHUTDOWN
    assert ratio(found) < 0.5


def test_a_loss_of_nearly_all_that_lasts_for_days_leans_to_a_shutdown() -> None:
    loss = replace(CUT, opened=datetime(2026, 11, 16, 15, tzinfo=UTC), country="IR", before=96, now=5, resolution=HOUR)
    assert ratio(weigh(Window("IR", loss.opened + 3 * DAY, measured=(loss,)))) > 1


def test_one_source_of_measurements_is_not_enough_to_call_it_a_shutdown() -> None:
    kinds = [replace(CUT, source=f"signal:{kind}", kind=f"ioda.{kind}") for kind in ("bgp", "probing", "telescope")]
    assert weigh(window(*kinds)).probability(*HARMFUL) <= BOUND


def test_texts_and_measurements_together_pass_what_either_can_do() -> None:
    words, numbers = weigh(Window("TR", NOON, told=papers(1))), weigh(window(BLOCK))
    both = weigh(window(BLOCK, told=papers(1)))
    assert both.probability(Cause.BLOCKED) > max(one.probability(Cause.BLOCKED) for one in (words, numbers))


def test_an_order_that_is_named_weighs_more_than_a_report() -> None:
    plain = weigh(Window("TR", NOON, told=papers(1, grade="C", actor="")))
    assert weigh(Window("TR", NOON, told=papers(1, grade="C"))).probability(Cause.BLOCKED) > plain.probability(
        Cause.BLOCKED
    )


def test_a_wire_story_that_is_copied_five_hundred_times_counts_once() -> None:
    copies = tuple(replace(text, copy=number > 0) for number, text in enumerate(papers(500)))
    assert chances(weigh(Window("TR", NOON, told=copies))) == chances(weigh(Window("TR", NOON, told=papers(1))))


def test_one_probe_that_makes_up_ten_thousand_findings_stays_below_the_bound() -> None:
    flood = [
        replace(BLOCK, source=f"signal:{number}", subject=f"{number % 50}.wikipedia.org", kind=f"ooni.web{number % 7}")
        for number in range(2_000)
    ]
    fine = (Steady(Stream.BLOCKING, "ooni.web", "news.example", ours=False),)
    assert weigh(window(*flood, steady=fine)).probability(*HARMFUL) <= BOUND


def test_other_harms_say_nothing_of_access() -> None:
    others = [one.key for one in HARMS if one.key not in {"site-ban", "throttling", "shutdown", "legal-demand", "law"}]
    told = tuple(replace(PAPER, harm=harm, source=f"signal:{harm}") for harm in others)
    assert weigh(Window("TR", NOON, told=told)).verdict is Cause.UNATTRIBUTED
    assert list(clues(Window("TR", NOON, told=told))) == []


def test_every_kind_of_harm_and_actor_that_is_asked_for_is_in_the_taxonomy() -> None:
    assert {one.key for one in HARMS} >= SITES | {"shutdown", "legal-demand", "law"}
    assert {one.key for one in ACTORS} >= AUTHORITIES


def test_every_clue_leads_to_what_it_rests_on_and_says_so_in_a_known_sentence() -> None:
    fine = (Steady(Stream.BLOCKING, "ooni.web", "news.example", ours=False),)
    found = list(clues(window(BLOCK, CUT, VIEWS, told=papers(2), steady=fine, earlier=(), elsewhere=())))
    starts = tuple(one.value.partition("{")[0] for one in Says)
    assert found
    assert all(one.sources and one.says.startswith(starts) and "{" not in one.says for one in found)


def test_the_order_of_findings_and_texts_changes_nothing() -> None:
    found = (BLOCK, CUT, VIEWS, replace(BLOCK, source="signal:4", network="AS2", subject="x.example", ours=False))
    one = weigh(window(*found, told=papers(3)))
    other = weigh(window(*reversed(found), told=tuple(reversed(papers(3)))))
    assert chances(one) == chances(other)


FINE = (Steady(Stream.BLOCKING, "ooni.web", "news.example", ours=False),)
SITE = frozenset({Cause.BLOCKED, Cause.WIDER})
THREAT = papers(6, harm="shutdown", actor="regulator", ours=False, grade="A")


def readers(count: int) -> tuple[Told, ...]:
    """People who can't open our site."""
    return tuple(
        replace(one, source=f"signal:r{one.source}", masthead=f"r{one.masthead}", feed=f"r{one.feed}")
        for one in papers(count, actor="", grade="C")
    )


def test_a_cut_that_is_threatened_does_not_explain_why_our_site_alone_fails() -> None:
    half = replace(BLOCK, source="signal:own", now=0.7, score=0.9)
    found = weigh(window(half, told=(*THREAT, *readers(2)), steady=FINE))
    assert found.verdict is Cause.BLOCKED
    assert found.probability(Cause.SHUTDOWN) < 0.035
    asked = window(half, told=(*THREAT, *readers(2)), steady=FINE, about="site-ban", own=frozenset({half.source}))
    alone = weigh_own(asked, SITE)
    assert alone.shares[0].cause is Cause.BLOCKED
    assert alone.probability(*HARMFUL) == pytest.approx(BOUND)
    assert alone.witnesses == 1


def test_a_cut_that_is_told_of_explains_a_network_that_is_lost() -> None:
    assert ratio(weigh(window(CUT, told=THREAT))) > 5 * ratio(weigh(window(CUT)))
    traffic = replace(VIEWS, subject="all traffic", ours=False)
    assert ratio(weigh(window(traffic, told=THREAT))) > 5 * ratio(weigh(window(traffic)))


def test_many_levels_of_ours_are_a_lost_network_unless_a_block_of_ours_explains_them() -> None:
    levels = [replace(VIEWS, source=f"signal:v{one}", subject=f"{one}.wikipedia") for one in ("tr", "ku", "en")]
    assert ratio(weigh(window(*levels, told=THREAT))) > 5
    blocked = weigh(window(*levels, BLOCK, told=THREAT, steady=FINE))
    assert blocked.probability(Cause.BLOCKED) > blocked.probability(Cause.SHUTDOWN)


def test_a_cut_that_is_told_of_is_heard_where_nobody_measures_and_not_where_the_network_is_calm() -> None:
    calm = (Steady(Stream.CONNECTIVITY, "ioda.bgp", "bgp", ours=False),)
    unmeasured, measured = Window("TR", NOON, told=THREAT), Window("TR", NOON, told=THREAT, steady=calm)
    assert weigh(unmeasured).probability(Cause.SHUTDOWN) > BOUND
    assert weigh(measured).probability(Cause.SHUTDOWN) == pytest.approx(0.035)
    threatened = weigh(replace(measured, about="shutdown")).probability(Cause.SHUTDOWN)
    assert 0.3 < threatened <= BOUND + 1e-9


@pytest.mark.parametrize("harm", ["law", "legal-demand"])
def test_a_demand_or_a_law_says_nothing_while_nothing_is_lost(harm: str) -> None:
    told = papers(3, harm=harm)
    assert list(clues(Window("TR", NOON, told=told))) == []
    assert weigh(window(BLOCK, told=told)).probability(*SITE) > weigh(window(BLOCK)).probability(*SITE)


def test_who_can_not_open_our_site_weighs_more_than_who_finds_it_slow() -> None:
    shut, slow = (weigh(Window("TR", NOON, told=papers(1, harm=one, grade="C", actor=""))) for one in sorted(SITES))
    assert shut.probability(Cause.BLOCKED) > 1.2 * slow.probability(Cause.BLOCKED)


def test_a_country_tells_rivals_apart_and_lifts_nothing_above_what_its_own_origins_can() -> None:
    others = tuple(replace(BLOCK, source=f"signal:n{one}", network=f"AS{one}") for one in range(2, 6))
    mine = replace(BLOCK, source="signal:own")
    whole = window(mine, *others, told=papers(4), steady=FINE, about="site-ban")
    assert weigh(whole).probability(*SITE) > 0.9
    one = weigh_own(replace(whole, own=frozenset({mine.source})), SITE)
    assert one.shares[0].cause is Cause.BLOCKED
    assert one.probability(*HARMFUL) == pytest.approx(BOUND)
    two = weigh_own(replace(whole, own=frozenset({mine.source, others[0].source})), SITE)
    assert two.probability(*SITE) > 0.9
    none = weigh_own(replace(whole, own=frozenset()), SITE)
    assert none.probability(*SITE) <= 0.1 + 1e-9
    assert sum(chances(none).values()) == pytest.approx(1)


QUIET_NETWORK = (Steady(Stream.CONNECTIVITY, "ioda.bgp", "routes", ours=False),)
FAULTS = {"harm": "", "actor": "", "technical": True, "ours": False}


def test_a_technical_cause_that_is_told_of_speaks_for_an_outage_of_a_lost_network() -> None:
    lost = weigh(window(CUT))
    told = weigh(window(CUT, told=papers(2, **FAULTS)))
    assert told.probability(Cause.OUTAGE) > lost.probability(Cause.OUTAGE) + 0.2
    assert told.probability(Cause.SHUTDOWN) < lost.probability(Cause.SHUTDOWN)
    assert any(one.says.startswith("a technical cause is named") for one in shares(told)[Cause.OUTAGE].speaks_for)
    assert chances(weigh(window(BLOCK, told=papers(2, **FAULTS)))) == chances(weigh(window(BLOCK)))
    calm = window(told=papers(2, **FAULTS), steady=QUIET_NETWORK)
    assert chances(weigh(calm)) == chances(weigh(window()))


def test_a_shutdown_with_a_technical_cause_is_an_outage_unless_an_authority_gives_it() -> None:
    plain = {"harm": "shutdown", "ours": False, "technical": True}
    reported = weigh(window(CUT, told=papers(1, actor="", **plain)))
    official = weigh(window(CUT, told=papers(1, actor="state", **plain)))
    assert reported.probability(Cause.OUTAGE) > reported.probability(Cause.SHUTDOWN)
    assert official.probability(Cause.SHUTDOWN) > 2 * reported.probability(Cause.SHUTDOWN)


def test_one_house_that_blames_a_cable_a_hundred_times_hides_no_shutdown() -> None:
    told = papers(3, harm="shutdown", actor="state")
    blamed = tuple(
        replace(one, source=f"{one.source}b", masthead="house.example", feed="feed:h") for one in papers(100, **FAULTS)
    )
    found, once = (weigh(window(CUT, told=(*told, *some))) for some in (blamed, blamed[:1]))
    assert chances(found) == pytest.approx(chances(once))
    assert found.shares[0].cause is Cause.SHUTDOWN


def test_a_cut_that_is_only_told_of_stays_below_the_bound_however_many_tell_of_it() -> None:
    many = papers(40, harm="shutdown", actor="regulator", grade="A")
    names = frozenset(one.source for one in many)
    threatened = window(told=many, steady=QUIET_NETWORK, about="shutdown", own=names)
    found = weigh_own(threatened, frozenset({Cause.SHUTDOWN}))
    assert found.probability(*HARMFUL) <= BOUND + 1e-9
    assert any("as usual" in one.says for one in shares(found)[Cause.SHUTDOWN].speaks_against)
    began = weigh_own(replace(threatened, measured=(CUT,), steady=()), frozenset({Cause.SHUTDOWN}))
    assert began.probability(Cause.SHUTDOWN) > 0.8
