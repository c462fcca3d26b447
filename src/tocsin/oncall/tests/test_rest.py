"""What duty costs is counted, and past a limit the rota goes round the person."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tocsin.lib.claims import rewind
from tocsin.oncall import actions, duty, resting, toll, work
from tocsin.oncall.actions import Bounds, RefusedError
from tocsin.oncall.models import Absence, Load, Rest, Rota
from tocsin.oncall.tests.arranging import DAY, HOUR, midnight, rota_of
from tocsin.people.models import Person

PAGE, AT_NIGHT, EXPOSURE = Load.Kind.PAGE, Load.Kind.NIGHT_PAGE, Load.Kind.EXPOSURE
NEVER = Bounds(hours=168, nights=7, night_pages=200, exposure_minutes=10_080)


@pytest.fixture
def rota(alice: Person, bob: Person, vera: Person) -> Rota:
    """Alice today, then Bob, then Vera; limits that days of duty alone don't reach."""
    actions.set_limits(alice, None, NEVER)
    return rota_of(alice, bob, vera)


def limit(**bounds: int) -> None:
    actions.set_limits(None, None, Bounds(**{"hours": 168, "nights": 7, "night_pages": 200, **bounds}))


def step() -> bool:
    """One step of the worker, a minute after the last one."""
    rewind(work.COMPARED)
    return work.step()


def on_duty(rota: Rota, life: bool = False) -> str:
    found = duty.on_duty(rota, timezone.now(), life=life).person
    return found.name if found else "-"


# Counting


def test_a_night_counts_from_two_hours_on_duty_under_the_date_of_its_evening() -> None:
    lagos = ZoneInfo("Africa/Lagos")  # one hour ahead of UTC

    def count(since: datetime, hours: float) -> list[date]:
        return toll.nights([(since, since + hours * HOUR)], lagos)

    evening = datetime(2027, 5, 3, 21, tzinfo=UTC)
    assert count(evening, 2) == [date(2027, 5, 3)]
    assert count(evening, 1.9) == []
    assert count(evening + 8 * HOUR, 5) == [date(2027, 5, 3)]
    assert count(evening + 9 * HOUR, 12) == []
    assert count(evening, 72) == [date(2027, 5, 3), date(2027, 5, 4), date(2027, 5, 5)]


def test_the_same_hours_are_night_for_one_and_day_for_the_other(alice: Person, bob: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(time_zone="Europe/Berlin")
    Person.objects.filter(pk=bob.pk).update(time_zone="America/Costa_Rica")
    rota = actions.create_rota(None, "First line")
    since = midnight(-2)
    for person, day in ((alice, since), (bob, since + DAY)):
        rota.overrides.create(person=person, since=day, until=day + 6 * HOUR, made_at=since)
    found = toll.tolls(duty.Roster.load([rota], since=since), since, since + 2 * DAY)
    assert (found[alice.pk].hours, found[alice.pk].nights) == (6.0, 1)
    # Until six in the morning UTC it is midnight in San José: two hours of the night.
    assert (found[bob.pk].hours, found[bob.pk].nights) == (6.0, 1)


def test_two_rotas_at_once_count_once(alice: Person) -> None:
    rota_of(alice, name="First line")
    rota_of(alice, name="Second line")
    since = midnight(-3)
    assert toll.tolls(duty.Roster.load(since=since), since, midnight(-1))[alice.pk].hours == 48


def test_private_loads_are_in_no_number_for_others(rota: Rota, alice: Person) -> None:
    now = timezone.now()
    actions.note_load(alice.pk, PAGE, now - HOUR)
    actions.note_load(alice.pk, AT_NIGHT, now - HOUR, private=True)
    actions.note_load(alice.pk, EXPOSURE, now - HOUR, amount=30, private=True)
    roster = duty.Roster.load(since=now - DAY)
    shown, own = (toll.tolls(roster, now - DAY, now, private=private)[alice.pk] for private in (False, True))
    assert (shown.pages, shown.night_pages, shown.exposure_minutes) == (1, 0, 0)
    assert (own.pages, own.night_pages, own.exposure_minutes) == (2, 1, 30)
    assert next(one for one in toll.fairness(rota, now) if one.person == alice).toll.pages == 1


def test_fairness_sets_what_each_had_beside_an_equal_share(rota: Rota, alice: Person, bob: Person) -> None:
    until = midnight(0)
    actions.note_load(bob.pk, PAGE, until - DAY, amount=3)
    actions.note_load(alice.pk, AT_NIGHT, until - 2 * DAY)
    found = {one.person.name: one for one in toll.fairness(rota, until, weeks=6)}
    assert {name: round(one.equal, 3) for name, one in found.items()} == dict.fromkeys(("Alice", "Bob", "Vera"), 0.333)
    assert sum(one.hours or 0 for one in found.values()) == pytest.approx(1)
    assert found["Bob"].pages == 0.75
    assert found["Alice"].toll.night_pages == 1


def test_who_was_away_half_of_the_time_has_half_of_an_equal_share(rota: Rota, bob: Person) -> None:
    until = midnight(0)
    Absence.objects.create(person=bob, made_at=until, since=until - 28 * DAY, until=until - 14 * DAY)
    found = {one.person.name: one.equal for one in toll.fairness(rota, until, weeks=4)}
    assert found["Bob"] == pytest.approx(0.2)
    assert found["Alice"] == pytest.approx(0.4)


def test_a_plan_that_goes_past_the_limits_is_seen_before_it_happens(alice: Person, bob: Person) -> None:
    rota_of(alice, bob, unit="week")
    since = midnight(0)
    found = toll.strains(duty.Roster.load(since=since - 7 * DAY), since, since + 28 * DAY)
    assert {(one.person.name, one.limit) for one in found} == {("Alice", 4), ("Bob", 4)}
    assert all(one.amount > one.limit for one in found)
    limit()
    assert toll.strains(duty.Roster.load(since=since - 7 * DAY), since, since + 28 * DAY) == []


# Limits


@pytest.mark.parametrize(
    ("bounds", "kind", "amount", "why"),
    [
        ({"night_pages": 3}, AT_NIGHT, 1, Rest.Why.PAGES),
        ({"exposure_minutes": 90}, EXPOSURE, 30, Rest.Why.EXPOSURE),
    ],
)
def test_the_third_of_three_opens_a_rest_once(
    rota: Rota, alice: Person, bounds: dict[str, int], kind: Load.Kind, amount: int, why: Rest.Why
) -> None:
    limit(**bounds)
    for _ in range(2):
        actions.note_load(alice.pk, kind, timezone.now(), amount)
    step()
    assert not Rest.objects.exists()
    actions.note_load(alice.pk, kind, timezone.now(), amount, private=True)
    assert step()
    assert not step()
    rest = Rest.objects.get()
    assert (rest.person, rest.why, rest.substitute.name if rest.substitute else "") == (alice, why, "Bob")
    assert rest.lead_told_at is None
    assert on_duty(rota) == "Bob"
    assert on_duty(rota, life=True) == "Alice"


def test_loads_older_than_seven_days_no_longer_count(rota: Rota, alice: Person) -> None:
    limit(night_pages=1)
    actions.note_load(alice.pk, AT_NIGHT, timezone.now() - 7 * DAY - HOUR)
    step()
    assert not Rest.objects.exists()


def test_hours_on_duty_open_a_rest(rota: Rota, alice: Person, bob: Person, vera: Person) -> None:
    limit(hours=40)
    step()
    # Each had at least two whole days of the last seven; whoever has duty within a day is sent to rest.
    rests = {one.person.name: one for one in Rest.objects.all()}
    assert "Alice" in rests
    assert {one.why for one in rests.values()} == {Rest.Why.HOURS}
    assert all(one.substitute is None for one in rests.values())
    assert on_duty(rota) == "Alice" if {"Bob", "Vera"} <= rests.keys() else "Vera"


def test_who_reached_a_limit_but_has_no_duty_ahead_is_left_in_peace(rota: Rota, vera: Person) -> None:
    limit(night_pages=1, rest_hours=8)
    for person in Person.objects.all():
        actions.note_load(person.pk, AT_NIGHT, timezone.now() - HOUR)
    absence = actions.away(vera, vera, timezone.now(), timezone.now() + 30 * DAY)
    step()
    assert not Rest.objects.filter(person=absence.person).exists()


def test_a_night_that_is_not_over_yet_does_not_send_anybody_off(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob, unit="week", begun=2)
    Person.objects.update(time_zone="UTC")
    begin = duty.upcoming(rota, midnight(-20), midnight(0))[0].since
    limit(nights=2)
    # Two nights by then: the end of the one before, and the one that is still under way.
    assert work.compare(begin + 26 * HOUR) == []
    begun = work.compare(begin + 32 * HOUR)
    assert [one.why for one in begun] == [Rest.Why.NIGHTS]


def test_after_a_rest_counting_begins_anew(rota: Rota, alice: Person) -> None:
    limit(exposure_minutes=60)
    actions.note_load(alice.pk, EXPOSURE, timezone.now() - 2 * HOUR, 60)
    step()
    rest = Rest.objects.get()
    Rest.objects.update(since=timezone.now() - 2 * HOUR, until=timezone.now() - HOUR)
    step()
    rest.refresh_from_db()
    assert rest.ended_at == rest.until
    assert Rest.objects.count() == 1
    actions.note_load(alice.pk, EXPOSURE, timezone.now(), 60)
    step()
    assert Rest.objects.count() == 2


def test_a_limit_of_ones_own_counts_before_the_teams(rota: Rota, alice: Person) -> None:
    actions.set_limits(alice, alice, Bounds(hours=168, nights=7, night_pages=1))
    actions.note_load(alice.pk, AT_NIGHT, timezone.now())
    step()
    assert Rest.objects.get().person == alice


def test_whoever_reached_a_limit_too_is_not_asked_to_stand_in(rota: Rota, alice: Person, bob: Person) -> None:
    limit(night_pages=1, rest_hours=8)
    for person in (alice, bob):
        actions.note_load(person.pk, AT_NIGHT, timezone.now())
    step()
    assert [one.name for one in Person.objects.filter(pk__in=Rest.objects.values("substitute"))] == ["Vera"]


def test_if_nobody_is_left_the_person_stays_and_the_rest_has_no_substitute(alice: Person) -> None:
    limit(night_pages=1)
    rota = rota_of(alice)
    actions.note_load(alice.pk, AT_NIGHT, timezone.now())
    step()
    assert Rest.objects.get().substitute is None
    found = duty.on_duty(rota, timezone.now())
    assert (found.person, found.because) == (alice, "stays")


# Rest


def test_who_asks_for_rest_gets_it_once_and_nobody_else_learns_why(rota: Rota, alice: Person, bob: Person) -> None:
    rest = actions.ask_rest(alice)
    assert actions.ask_rest(alice).pk == rest.pk
    assert rest.until - rest.since == 24 * HOUR
    assert resting.shown_why(rest, alice) == "asked for rest"
    assert resting.shown_why(rest, bob) == "a limit was reached, or rest was asked for"
    with pytest.raises(RefusedError, match="seven days"):
        actions.ask_rest(bob, 169)


def test_once_the_substitute_accepts_every_alert_goes_to_them(rota: Rota, alice: Person, bob: Person) -> None:
    rest = actions.ask_rest(alice)
    assert (on_duty(rota), on_duty(rota, life=True)) == ("Bob", "Alice")
    actions.accept_rest(rest, bob)
    assert actions.accept_rest(rest, bob).accepted_at
    assert (on_duty(rota), on_duty(rota, life=True)) == ("Bob", "Bob")


def test_a_no_asks_the_next_and_the_last_no_tells_the_lead_again(
    rota: Rota, alice: Person, bob: Person, vera: Person
) -> None:
    rest = actions.ask_rest(alice)
    Rest.objects.update(lead_told_at=timezone.now())
    rest = actions.decline_rest(rest, bob)
    assert (rest.substitute, bool(rest.lead_told_at)) == (vera, True)
    assert actions.decline_rest(rest, bob).substitute == vera
    rest = actions.decline_rest(rest, vera)
    assert (rest.substitute, rest.lead_told_at) == (None, None)
    assert on_duty(rota, life=True) == "Alice"


def test_a_substitute_who_accepted_can_still_step_back(rota: Rota, alice: Person, bob: Person) -> None:
    rest = actions.accept_rest(actions.ask_rest(alice), bob)
    rest = actions.decline_rest(rest, bob)
    assert (rest.accepted_at, on_duty(rota, life=True)) == (None, "Alice")


def test_only_who_is_asked_accepts_and_anybody_once_nobody_is_left(
    rota: Rota, alice: Person, bob: Person, vera: Person, charlie: Person
) -> None:
    rest = actions.ask_rest(alice)
    with pytest.raises(RefusedError, match="Somebody else is asked"):
        actions.accept_rest(rest, vera)
    actions.decline_rest(rest, bob)
    actions.decline_rest(rest, vera)
    with pytest.raises(RefusedError, match="Somebody else is asked"):
        actions.accept_rest(rest, charlie)
    with pytest.raises(RefusedError, match="for yourself"):
        actions.accept_rest(rest, alice)
    assert actions.accept_rest(rest, bob).substitute == bob
    with pytest.raises(RefusedError, match="accepted already"):
        actions.accept_rest(rest, alice)


def test_a_lead_proposes_somebody_and_nobody_who_is_away(
    rota: Rota, alice: Person, bob: Person, vera: Person, charlie: Person
) -> None:
    rest = actions.ask_rest(bob)
    assert actions.propose_substitute(alice, rest, charlie).substitute == charlie
    actions.away(vera, vera, timezone.now(), timezone.now() + 2 * HOUR)
    with pytest.raises(RefusedError, match="Vera is away"):
        actions.propose_substitute(alice, rest, vera)
    with pytest.raises(RefusedError, match="for themselves"):
        actions.propose_substitute(alice, rest, bob)
    with pytest.raises(RefusedError, match="Only a lead"):
        actions.propose_substitute(vera, rest, charlie)


def test_a_rest_that_ended_takes_no_answer(rota: Rota, alice: Person, bob: Person, vera: Person) -> None:
    rest = actions.ask_rest(alice)
    with pytest.raises(RefusedError, match="Only a lead"):
        actions.end_rest(vera, rest)
    actions.end_rest(alice, rest)
    actions.end_rest(alice, rest)
    with pytest.raises(RefusedError, match="is over"):
        actions.accept_rest(rest, bob)
    assert on_duty(rota) == "Alice"


def test_who_was_away_and_what_duty_cost_is_forgotten_after_a_year_and_a_bit(rota: Rota, alice: Person) -> None:
    now = timezone.now()
    for days in (401, 399):
        then = now - timedelta(days=days)
        actions.note_load(alice.pk, PAGE, then)
        Absence.objects.create(person=alice, since=then - DAY, until=then, made_at=then)
        Rest.objects.create(
            public_id=str(days), person=alice, since=then, until=then, why=Rest.Why.ASKED, ended_at=then
        )
    step()
    assert [rows.objects.count() for rows in (Load, Absence, Rest)] == [1, 1, 1]
