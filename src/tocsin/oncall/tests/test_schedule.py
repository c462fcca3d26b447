"""Who holds a rota: layers, overrides, absences and rest, over whole years and every jump of the clock."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.oncall import schedule
from tocsin.oncall.schedule import Away, Because, Override, Plan, Rest, Slot
from tocsin.oncall.turns import Layer, Unit

ALICE, BOB, CHARLIE, DANA, VERA = 1, 2, 3, 4, 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]
YEAR = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2027, month, day, hour, minute, tzinfo=UTC)


def weekly(*people: int, zone: str = "UTC", key: int = 1, **other: object) -> Layer:
    """Turns of a week that begin on Mondays at nine."""
    values = {"starts_on": date(2026, 12, 28), "handover_at": time(9), **other}
    return Layer(key=key, people=people, zone=ZoneInfo(zone), **values)  # type: ignore[arg-type]


def covers_without_hole(slots: list[Slot], since: datetime, until: datetime) -> bool:
    return slots[0].since == since and slots[-1].until == until and all(a.until == b.since for a, b in pairwise(slots))


def holders(slots: list[Slot]) -> list[int | None]:
    return [one.person for one in slots]


# Turns


@pytest.mark.parametrize("zone", ZONES)
def test_every_hand_over_of_a_year_is_at_the_same_wall_clock_time(zone: str) -> None:
    found = schedule.held(schedule.slots(Plan((weekly(ALICE, BOB, zone=zone),)), *YEAR))
    handovers = [one.since.astimezone(ZoneInfo(zone)) for one in found[1:]]
    assert len(handovers) == 52
    assert {one.time() for one in handovers} == {time(9)}
    assert {one.weekday() for one in handovers} == {0}
    assert all(a.date() + 7 * DAY == b.date() for a, b in pairwise(handovers))
    assert all(a.person != b.person for a, b in pairwise(found))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("handover", [time(0), time(1, 30), time(2), time(2, 15), time(2, 59), time(3)])
def test_a_daily_hand_over_within_a_jump_is_neither_skipped_nor_doubled(zone: str, handover: time) -> None:
    layer = weekly(ALICE, BOB, CHARLIE, zone=zone, unit=Unit.DAY, handover_at=handover)
    found = schedule.held(schedule.slots(Plan((layer,)), *YEAR))
    assert len(found) == 366
    assert all(b.person == a.person % 3 + 1 for a, b in pairwise(found) if a.person)
    assert all(timedelta(hours=22) <= one.length <= timedelta(hours=26) for one in found[1:-1])


def test_turns_of_hours_stay_at_their_times_of_day_when_clocks_change() -> None:
    layer = weekly(ALICE, BOB, CHARLIE, zone="Europe/Berlin", unit=Unit.HOUR, length=8, handover_at=time(6))
    found = schedule.slots(Plan((layer,)), *YEAR)
    assert {one.since.astimezone(layer.zone).hour for one in found[1:]} == {6, 14, 22}
    assert sorted({one.length // HOUR for one in found[1:-1]}) == [7, 8, 9]


def test_hourly_turns_whose_hour_does_not_exist_are_left_out() -> None:
    layer = weekly(ALICE, BOB, zone="Europe/Berlin", unit=Unit.HOUR, length=1, handover_at=time(0))
    found = schedule.slots(Plan((layer,)), utc(3, 28), utc(3, 28, 2))
    local = [(one.since.astimezone(layer.zone).hour, one.person) for one in found]
    assert local == [(1, BOB), (3, BOB)]


@given(
    zone=st.sampled_from(ZONES),
    handover=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    unit=st.sampled_from(Unit),
    length=st.sampled_from([1, 2, 3]),
    hours=st.integers(0, 24 * 200),
)
@settings(max_examples=60)
def test_the_turn_found_by_arithmetic_is_the_one_found_by_counting(
    zone: str, handover: time, unit: Unit, length: int, hours: int
) -> None:
    layer = weekly(ALICE, zone=zone, handover_at=handover, unit=unit, length=length, starts_on=date(2027, 2, 1))
    at = layer.start_of(0) + hours * HOUR
    counted = 0
    while layer.start_of(counted + 1) <= at:
        counted += 1
    assert layer.turn_at(at) == counted


def test_nobody_holds_it_before_the_first_hand_over() -> None:
    plan = Plan((weekly(ALICE, starts_on=date(2027, 1, 4)),))
    found = schedule.slots(plan, utc(1, 1), utc(1, 6))
    assert [(one.person, one.because) for one in found] == [(None, Because.NOBODY), (ALICE, Because.TURN)]
    assert found[1].since == utc(1, 4, 9)


def test_a_layer_covers_from_when_it_was_opened_until_it_was_closed_and_counts_as_before() -> None:
    old = weekly(ALICE, BOB, key=1, closed_at=utc(1, 13))
    new = weekly(CHARLIE, DANA, key=2, opened_at=utc(1, 13), starts_on=date(2027, 1, 4))
    found = schedule.slots(Plan((new, old)), utc(1, 4, 9), utc(1, 25, 9))
    assert holders(found) == [BOB, ALICE, DANA, CHARLIE]
    assert [one.since for one in found] == [utc(1, 4, 9), utc(1, 11, 9), utc(1, 13), utc(1, 18, 9)]


# Windows and layers


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday_nights = weekly(ALICE, weekdays=1 << 4, from_time=time(22), until_time=time(6))
    found = schedule.slots(Plan((friday_nights,)), utc(1, 4), utc(1, 11))
    assert [(one.since, one.until) for one in found if one.person] == [(utc(1, 8, 22), utc(1, 9, 6))]


def test_equal_times_mean_the_whole_day() -> None:
    mondays = weekly(ALICE, weekdays=1, from_time=time(9), until_time=time(9))
    found = schedule.slots(Plan((mondays,)), utc(1, 4), utc(1, 11))
    assert [(one.since, one.until) for one in found if one.person] == [(utc(1, 4, 9), utc(1, 5, 9))]


def test_a_window_within_a_skipped_hour_is_empty_on_that_day() -> None:
    layer = weekly(ALICE, zone="Europe/Berlin", from_time=time(2, 10), until_time=time(2, 50))
    found = schedule.slots(Plan((layer,)), utc(3, 27), utc(3, 30))
    assert [one.since.day for one in found if one.person] == [27, 29]


def test_a_higher_layer_covers_a_lower_one_for_its_hours_only() -> None:
    office = weekly(BOB, key=2, weekdays=0b11111, from_time=time(9), until_time=time(17))
    found = schedule.slots(Plan((office, weekly(ALICE))), utc(1, 8), utc(1, 11, 12))
    assert [(one.person, one.since) for one in found] == [
        (ALICE, utc(1, 8)),
        (BOB, utc(1, 8, 9)),
        (ALICE, utc(1, 8, 17)),
        (BOB, utc(1, 11, 9)),
    ]


def follow_the_sun() -> Plan:
    """Three places, each from eight in its morning until it is eight in the next one's."""
    manila = weekly(1, 2, key=1, zone="Asia/Manila", from_time=time(8), until_time=time(16))
    tunis = weekly(3, 4, key=2, zone="Africa/Tunis", from_time=time(8), until_time=time(16))
    san_jose = weekly(5, 6, key=3, zone="America/Costa_Rica", from_time=time(8), until_time=time(17))
    return Plan((manila, tunis, san_jose))


def test_three_places_follow_the_sun_and_only_the_hours_between_them_are_gaps() -> None:
    found = schedule.slots(follow_the_sun(), utc(6, 7), utc(6, 9))
    assert covers_without_hole(found, utc(6, 7), utc(6, 9))
    whom = [(one.since.hour, one.person) for one in found if one.since >= utc(6, 8)]
    # On Tuesday: Manila 00–08 UTC, Tunis 07–15, San José 14–23; the higher layer wins where two overlap.
    assert whom == [(0, 2), (8, 4), (15, 6), (23, None)]


def test_three_zones_with_daylight_saving_show_the_gap_that_opens_only_in_one_season() -> None:
    berlin = weekly(ALICE, key=1, zone="Europe/Berlin", from_time=time(6), until_time=time(18))
    kathmandu = weekly(BOB, key=2, zone="Asia/Kathmandu", from_time=time(21, 45), until_time=time(9, 45))

    def gaps(month: int) -> list[tuple[int, int]]:
        found = schedule.slots(Plan((berlin, kathmandu)), utc(month, 15), utc(month, 16))
        return [(one.since.hour, one.until.hour) for one in found if one.person is None]

    # Kathmandu ends at 04:00 and begins at 16:00 UTC all year; Berlin covers 05–17 in winter and 04–16 in summer.
    assert gaps(1) == [(4, 5)]
    assert gaps(7) == []


# Overrides


def test_the_newest_override_wins_and_the_others_stay_around_it() -> None:
    older = Override(1, BOB, utc(1, 5), utc(1, 7), order=1)
    newer = Override(2, CHARLIE, utc(1, 6), utc(1, 6, 12), order=2, swap=True)
    found = schedule.slots(Plan((weekly(ALICE),), (newer, older)), utc(1, 4, 9), utc(1, 8))
    assert [(one.person, one.because) for one in found] == [
        (ALICE, Because.TURN),
        (BOB, Because.OVERRIDE),
        (CHARLIE, Because.SWAP),
        (BOB, Because.OVERRIDE),
        (ALICE, Because.TURN),
    ]
    assert found[1].since == utc(1, 5)


def test_an_override_fills_a_gap() -> None:
    found = schedule.slots(Plan((), (Override(1, BOB, utc(1, 5), utc(1, 6), 1),)), utc(1, 4), utc(1, 7))
    assert holders(found) == [None, BOB, None]


def test_an_override_of_somebody_away_gives_way_to_whoever_would_hold_it_otherwise() -> None:
    plan = Plan((weekly(ALICE),), (Override(1, BOB, utc(1, 5), utc(1, 6), 1),), (Away(BOB, utc(1, 5, 12), utc(1, 9)),))
    found = schedule.slots(plan, utc(1, 5), utc(1, 7))
    assert [(one.person, one.because) for one in found] == [
        (BOB, Because.OVERRIDE),
        (ALICE, Because.AWAY),
        (ALICE, Because.TURN),
    ]
    assert found[1].instead_of == BOB


# Absence and rest


def test_turns_go_round_somebody_away_to_the_next_in_the_layer() -> None:
    plan = Plan((weekly(ALICE, BOB, CHARLIE),), absences=(Away(BOB, utc(1, 1), utc(1, 8)),))
    found = schedule.slots(plan, utc(1, 4, 9), utc(1, 18, 9))
    assert [(one.person, one.because, one.since) for one in found] == [
        (CHARLIE, Because.AWAY, utc(1, 4, 9)),
        (BOB, Because.TURN, utc(1, 8)),
        (CHARLIE, Because.TURN, utc(1, 11, 9)),
    ]


def test_where_a_whole_layer_is_away_a_lower_one_takes_over() -> None:
    plan = Plan((weekly(BOB, key=2), weekly(ALICE)), absences=(Away(BOB, utc(1, 5), utc(1, 6)),))
    assert holders(schedule.slots(plan, utc(1, 4, 12), utc(1, 7))) == [BOB, ALICE, BOB]


def test_where_everybody_is_away_there_is_a_gap_that_says_so() -> None:
    plan = Plan((weekly(ALICE),), absences=(Away(ALICE, utc(1, 5), utc(1, 6)),))
    assert [one.because for one in schedule.slots(plan, utc(1, 4, 12), utc(1, 7))] == [
        Because.TURN,
        Because.ALL_AWAY,
        Because.TURN,
    ]


def test_ordinary_alerts_go_round_who_rests_at_once() -> None:
    plan = Plan((weekly(BOB, CHARLIE),), rests=(Rest(BOB, utc(1, 5), utc(1, 6)),))
    found = schedule.slots(plan, utc(1, 4, 12), utc(1, 7))
    assert [(one.person, one.because) for one in found] == [
        (CHARLIE, Because.TURN),
    ]
    found = schedule.slots(plan, utc(1, 11, 12), utc(1, 12))
    assert holders(found) == [BOB]
    resting = Plan((weekly(BOB, CHARLIE),), rests=(Rest(BOB, utc(1, 12), utc(1, 13)),))
    found = schedule.slots(resting, utc(1, 11, 12), utc(1, 14))
    assert [(one.person, one.because) for one in found] == [
        (BOB, Because.TURN),
        (CHARLIE, Because.REST),
        (BOB, Because.TURN),
    ]


def test_for_life_and_liberty_the_person_stays_until_a_substitute_has_accepted() -> None:
    waiting = Plan((weekly(CHARLIE, BOB),), rests=(Rest(BOB, utc(1, 5), utc(1, 6)),))
    accepted = Plan((weekly(CHARLIE, BOB),), rests=(Rest(BOB, utc(1, 5), utc(1, 6), substitute=DANA),))
    now = utc(1, 5, 3)
    assert schedule.at(waiting, now, life=True).person == BOB
    assert schedule.at(waiting, now, life=True).because == Because.STAYS
    assert schedule.at(waiting, now).person == CHARLIE
    assert {schedule.at(accepted, now, life=life).person for life in (True, False)} == {DANA}
    assert schedule.at(accepted, now).because == Because.SUBSTITUTE


def test_if_nobody_else_is_left_the_person_stays_and_it_is_said() -> None:
    plan = Plan(
        (weekly(ALICE, BOB),), absences=(Away(ALICE, utc(1, 1), utc(2, 1)),), rests=(Rest(BOB, utc(1, 5), utc(1, 6)),)
    )
    found = schedule.at(plan, utc(1, 5, 3))
    assert (found.person, found.because) == (BOB, Because.STAYS)


def test_a_substitute_who_is_away_or_rests_stands_in_for_nobody() -> None:
    rests = (Rest(BOB, utc(1, 5), utc(1, 8), substitute=DANA), Rest(DANA, utc(1, 6), utc(1, 7)))
    plan = Plan((weekly(CHARLIE, BOB),), absences=(Away(DANA, utc(1, 7), utc(1, 8)),), rests=rests)
    found = [schedule.at(plan, utc(1, day, 3), life=True).person for day in (5, 6, 7)]
    assert found == [DANA, BOB, BOB]
    assert [schedule.at(plan, utc(1, day, 3)).person for day in (5, 6, 7)] == [DANA, CHARLIE, CHARLIE]


# Asking


def test_the_standing_says_since_when_until_when_and_who_next() -> None:
    plan = Plan((weekly(ALICE, BOB),), (Override(1, CHARLIE, utc(1, 6), utc(1, 7), 1),))
    found = schedule.standing(plan, utc(1, 5))
    assert (found.person, found.since, found.until, found.next) == (BOB, utc(1, 4, 9), utc(1, 6), CHARLIE)
    found = schedule.standing(plan, utc(1, 8))
    assert (found.person, found.since, found.until, found.next) == (BOB, utc(1, 7), utc(1, 11, 9), ALICE)


def test_a_standing_without_end_has_none() -> None:
    found = schedule.standing(Plan((weekly(ALICE),)), utc(6, 1))
    assert (found.person, found.since, found.until, found.next) == (ALICE, None, None, None)


def test_at_the_very_moment_of_a_hand_over_the_next_one_holds_it() -> None:
    found = schedule.standing(Plan((weekly(ALICE, BOB),)), utc(1, 4, 9))
    assert (found.person, found.since) == (BOB, utc(1, 4, 9))


def test_standbys_come_in_the_order_of_their_turns_without_who_is_away() -> None:
    plan = Plan(
        (weekly(ALICE, BOB, CHARLIE, DANA),),
        absences=(Away(CHARLIE, utc(1, 5), utc(1, 6)),),
        rests=(Rest(DANA, utc(1, 5), utc(1, 7)),),
    )
    assert schedule.standbys(plan, utc(1, 5, 12)) == [ALICE]
    assert schedule.standbys(plan, utc(1, 5, 12), life=True) == [ALICE, DANA]
    assert schedule.standbys(plan, utc(1, 8)) == [CHARLIE, DANA, ALICE]


def test_a_range_from_the_edge_cuts_no_turn() -> None:
    plan = Plan((weekly(ALICE, BOB, length=6),))
    assert schedule.edge(plan, utc(1, 20)) == datetime(2026, 12, 28, 9, tzinfo=UTC)


# Whole years


@st.composite
def years(draw: st.DrawFn) -> Plan:
    """A year of a rota with several layers, overrides, absences and rests."""
    whole = st.integers(0, 365 * 24)
    zone = st.sampled_from(ZONES)
    layers = tuple(
        Layer(
            key=key,
            people=tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))),
            zone=ZoneInfo(draw(zone)),
            starts_on=date(2026, 12, 1) + draw(st.integers(0, 60)) * DAY,
            handover_at=time(draw(st.integers(0, 23)), draw(st.sampled_from([0, 15, 30]))),
            unit=draw(st.sampled_from([Unit.DAY, Unit.WEEK])),
            length=draw(st.integers(1, 3)),
            weekdays=draw(st.sampled_from([127, 31, 96])),
            from_time=draw(st.sampled_from([None, time(9), time(22)])),
            until_time=draw(st.sampled_from([time(17), time(2, 30)])),
        )
        for key in range(draw(st.integers(1, 3)))
    )

    def spans(longest: int) -> list[tuple[int, datetime, datetime]]:
        one = st.tuples(st.integers(1, 6), whole, st.integers(1, longest))
        found = draw(st.lists(one, max_size=6))
        return [(who, YEAR[0] + begin * HOUR, YEAR[0] + (begin + length) * HOUR) for who, begin, length in found]

    return Plan(
        layers,
        tuple(Override(key, *one, order=key) for key, one in enumerate(spans(300))),
        tuple(Away(*one) for one in spans(700)),
        tuple(Rest(*one, substitute=1 + one[0] % 6) for one in spans(72)),
    )


@given(plan=years(), hours=st.lists(st.integers(0, 364 * 24), min_size=3, max_size=3), life=st.booleans())
@settings(max_examples=25, deadline=None)
def test_every_moment_of_a_year_has_one_holder_or_one_named_gap(plan: Plan, hours: list[int], life: bool) -> None:
    found = schedule.slots(plan, *YEAR, life=life)
    assert covers_without_hole(found, *YEAR)
    for hour in hours:
        at = YEAR[0] + hour * HOUR
        inside = next(one for one in found if one.since <= at < one.until)
        alone = schedule.at(plan, at, life=life)
        assert (inside.person, inside.because) == (alone.person, alone.because)
        assert inside.person not in {one.person for one in plan.absences if one.since <= at < one.until}
        if inside.person is None:
            assert inside.because in (Because.NOBODY, Because.ALL_AWAY)


@given(plan=years(), hour=st.integers(0, 300 * 24))
@settings(max_examples=25, deadline=None)
def test_a_part_of_the_year_says_the_same_as_the_whole(plan: Plan, hour: int) -> None:
    since = YEAR[0] + hour * HOUR
    until = since + 30 * DAY
    whole = [one for one in schedule.slots(plan, *YEAR) if one.since < until and since < one.until]
    part = schedule.slots(plan, since, until)
    assert holders(part) == holders(whole)
    assert [one.since for one in part[1:]] == [one.since for one in whole[1:]]


@pytest.mark.parametrize("zone", ZONES)
def test_a_year_of_turns_with_a_swap_each_month_honours_every_one_of_them(zone: str) -> None:
    layer = weekly(ALICE, BOB, CHARLIE, zone=zone)
    turns = {number: (layer.start_of(number), layer.start_of(number + 1)) for number in range(1, 50)}
    swaps: list[Override] = []
    for number in range(1, 49, 4):
        # The week's holder and the next one's change weeks.
        swaps += [
            Override(2 * number, layer.person_of(number + 1), *turns[number], order=2 * number, swap=True),
            Override(2 * number + 1, layer.person_of(number), *turns[number + 1], order=2 * number + 1, swap=True),
        ]
    found = schedule.slots(Plan((layer,), tuple(swaps)), *YEAR)
    assert covers_without_hole(found, *YEAR)
    swapped = [one for one in found if one.because == Because.SWAP]
    assert [(one.person, one.since, one.until) for one in swapped] == [
        (one.person, one.since, one.until) for one in swaps
    ]
    assert sorted({one.since for one in found} | {one.until for one in found[:-1]}) == [
        YEAR[0],
        *(layer.start_of(number) for number in range(1, 53)),
    ]
    hours = {who: sum((one.length for one in found if one.person == who), timedelta(0)) / DAY for who in (1, 2, 3)}
    assert sum(hours.values()) == 365
