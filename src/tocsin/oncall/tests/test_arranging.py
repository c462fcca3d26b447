"""What a lead arranges: rotas, layers, overrides, limits; and what everybody says of themselves."""

from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.oncall import actions, duty
from tocsin.oncall.actions import Bounds, RefusedError
from tocsin.oncall.models import Layer, Limits, Override, Rota
from tocsin.oncall.tests.arranging import DAY, HOUR, midnight, rota_of, turns
from tocsin.people.models import Person


def holder(rota: Rota, days: float) -> str:
    found = duty.on_duty(rota, midnight(0) + days * DAY).person
    return found.name if found else "-"


def test_a_new_rota_is_held_by_nobody_and_says_so(alice: Person) -> None:
    rota = actions.create_rota(alice, "  First   line ", "Africa/Lagos")
    found = duty.on_duty(rota, timezone.now())
    assert (rota.name, found.person, found.because) == ("First line", None, "nobody")
    assert Entry.objects.get().verb == "oncall.rota_created"


def test_only_who_arranges_duty_arranges_it(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    layer = rota.layers.get()
    for verb in (
        lambda: actions.create_rota(bob, "Mine"),
        lambda: actions.change_rota(bob, rota, "Mine", "UTC"),
        lambda: actions.end_rota(bob, rota),
        lambda: actions.add_layer(bob, rota, turns(bob)),
        lambda: actions.change_layer(bob, layer, turns(bob)),
        lambda: actions.move_layer(bob, layer, up=True),
        lambda: actions.remove_layer(bob, layer),
        lambda: actions.override(bob, rota, bob, midnight(1), midnight(2)),
        lambda: actions.away(bob, alice, midnight(1), midnight(2)),
        lambda: actions.set_limits(bob, None, Bounds()),
    ):
        with pytest.raises(RefusedError, match="Only a lead"):
            verb()
    assert not Override.objects.exists()


@pytest.mark.parametrize(
    ("name", "zone", "words"), [("", "UTC", "a name"), ("A", "Mars/Base", "Europe/Berlin"), ("A", "", "zone")]
)
def test_a_rota_without_name_or_with_an_unknown_zone_is_refused(
    alice: Person, name: str, zone: str, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        actions.create_rota(alice, name, zone)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"time_zone": "Europe/Berlim"}, "time zone “Europe/Berlim”"),
        ({"unit": "hour", "length": 5}, "1, 2, 3, 4, 6, 8 or 12"),
        ({"unit": "fortnight"}, "hours, days or weeks"),
        ({"length": 0}, "at most 60 days"),
        ({"unit": "week", "length": 13}, "at most 60 days"),
        ({"weekdays": 0}, "at least one day"),
        ({"weekdays": 128}, "at least one day"),
        ({"from_time": time(9)}, "or neither"),
        ({"starts_on": date(1999, 1, 1)}, "ten years"),
        ({"starts_on": date(9999, 12, 31)}, "ten years"),
    ],
)
def test_turns_that_make_no_sense_are_refused_with_words(alice: Person, change: dict[str, object], words: str) -> None:
    rota = actions.create_rota(alice, "First line")
    with pytest.raises(RefusedError, match=words):
        actions.add_layer(alice, rota, turns(alice, **change))
    assert not Layer.objects.exists()


def test_a_layer_needs_people_who_are_here(alice: Person, bob: Person) -> None:
    rota = actions.create_rota(alice, "First line")
    with pytest.raises(RefusedError, match="Nobody is in this layer"):
        actions.add_layer(alice, rota, turns())
    bob.is_active = False
    bob.save()
    with pytest.raises(RefusedError, match="account of Bob"):
        actions.add_layer(alice, rota, turns(alice, bob))
    bob.delete()
    with pytest.raises(RefusedError, match="not known here"):
        actions.add_layer(alice, rota, actions.Turns((10**6,), midnight(0).date(), time(9)))


def test_a_new_layer_stands_on_top_and_leaves_the_past_alone(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    actions.add_layer(alice, rota, turns(bob, starts_on=midnight(-30).date()))
    assert (holder(rota, -1), holder(rota, 1)) == ("Alice", "Bob")


def test_a_changed_layer_leaves_the_past_alone(alice: Person, bob: Person, vera: Person) -> None:
    rota = rota_of(alice, bob)
    before = [holder(rota, day + 0.5) for day in range(-6, 0)]
    changed = actions.change_layer(alice, rota.layers.get(), turns(vera, starts_on=midnight(-10).date()))
    assert [holder(rota, day + 0.5) for day in range(-6, 0)] == before
    assert [holder(rota, day + 0.5) for day in range(1, 4)] == ["Vera"] * 3
    assert changed.position == 0


def test_a_change_in_the_future_waits_for_its_first_hand_over_without_a_gap(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    planned = actions.change_layer(alice, rota.layers.get(), turns(bob, starts_on=midnight(5).date()))
    assert [holder(rota, day + 0.5) for day in (0, 4, 5, 6)] == ["Alice", "Alice", "Bob", "Bob"]
    later = actions.change_layer(alice, planned, turns(bob, starts_on=midnight(8).date()))
    assert [holder(rota, day + 0.5) for day in (0, 5, 7, 8)] == ["Alice", "Alice", "Alice", "Bob"]
    assert Layer.objects.filter(rota=rota).count() == 2
    assert duty.gaps(rota, timezone.now(), midnight(30)) == []
    assert actions.turns_of(later).people == (bob.pk,)


def test_saving_a_layer_unchanged_makes_no_new_one_and_a_stale_form_is_refused(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    layer = rota.layers.get()
    same = actions.change_layer(alice, layer, actions.turns_of(layer))
    assert same.pk == layer.pk
    actions.change_layer(alice, layer, turns(bob))
    with pytest.raises(RefusedError, match="changed meanwhile"):
        actions.change_layer(alice, layer, turns(alice))


def test_layers_change_places_and_can_go(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    top = actions.add_layer(alice, rota, turns(bob))
    actions.move_layer(alice, top, up=True)
    assert holder(rota, 1) == "Bob"
    actions.move_layer(alice, top, up=False)
    assert (holder(rota, -1), holder(rota, 1)) == ("Alice", "Alice")
    upper = rota.layers.filter(closed_at=None).latest("position")
    actions.remove_layer(alice, upper)
    assert (holder(rota, -1), holder(rota, 1)) == ("Alice", "Bob")


def test_an_ended_rota_is_held_by_nobody_and_takes_nothing_new(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    actions.override(alice, rota, bob, midnight(1), midnight(2))
    actions.end_rota(alice, rota)
    assert [holder(rota, day + 0.5) for day in (-1, 1, 2)] == ["Alice", "-", "-"]
    with pytest.raises(RefusedError, match="was ended"):
        actions.override(alice, rota, bob, midnight(1), midnight(2))


def test_an_override_holds_and_ends_and_asking_twice_makes_one(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    made = actions.override(alice, rota, bob, midnight(1), midnight(2))
    assert actions.override(alice, rota, bob, midnight(1), midnight(2)).pk == made.pk
    assert [holder(rota, day + 0.5) for day in (0, 1, 2)] == ["Alice", "Bob", "Alice"]
    actions.cancel(alice, made)
    actions.cancel(alice, made)
    assert holder(rota, 1.5) == "Alice"
    assert Entry.objects.filter(verb="oncall.override_cancelled").count() == 1


def test_what_is_past_of_an_override_is_left_out_and_stays_when_it_is_cancelled(alice: Person, bob: Person) -> None:
    rota = rota_of(alice)
    actions.override(alice, rota, bob, midnight(-3), midnight(2))
    assert (holder(rota, -1), holder(rota, 1)) == ("Alice", "Bob")
    made = Override.objects.get()
    Override.objects.update(since=midnight(-2))
    actions.cancel(alice, made)
    assert (holder(rota, -1), holder(rota, 1)) == ("Bob", "Alice")


def test_nobody_is_put_on_duty_while_away_or_resting(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    # Not tomorrow: late in the evening that would be within the hour.
    actions.away(bob, bob, midnight(3), midnight(4))
    with pytest.raises(RefusedError, match="Bob is away then"):
        actions.override(alice, rota, bob, midnight(3) + HOUR, midnight(5))
    rest = actions.ask_rest(bob, 12)
    with pytest.raises(RefusedError, match="Bob rests then"):
        actions.override(alice, rota, bob, timezone.now() + HOUR, timezone.now() + 2 * HOUR)
    actions.end_rest(bob, rest)
    assert actions.override(alice, rota, bob, timezone.now(), timezone.now() + 2 * HOUR)


def test_being_away_moves_turns_and_coming_back_early_returns_them(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    absence = actions.away(bob, bob, midnight(1), midnight(4))
    assert actions.away(bob, bob, midnight(2), midnight(3)).pk == absence.pk
    assert [holder(rota, day + 0.5) for day in (1, 3, 5)] == ["Alice", "Alice", "Bob"]
    actions.back(bob, absence)
    actions.back(bob, absence)
    assert [holder(rota, day + 0.5) for day in (1, 3, 5)] == ["Bob", "Bob", "Bob"]
    assert Entry.objects.filter(verb="oncall.back").count() == 1


def test_a_lead_says_that_somebody_is_away_who_can_not_say_it(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    actions.away(alice, bob, midnight(1), midnight(2))
    assert holder(rota, 1.5) == "Alice"
    with pytest.raises(RefusedError, match="is over"):
        actions.away(alice, bob, midnight(-2), midnight(-1))


def test_somebody_whose_account_ended_holds_nothing_from_then_on(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob)
    bob.is_active = False
    bob.save()
    assert [holder(rota, day + 0.5) for day in (-1, 1, 3)] == ["Bob", "Alice", "Alice"]


def test_gaps_are_seen_weeks_ahead(alice: Person) -> None:
    rota = rota_of(alice)
    actions.away(alice, alice, midnight(20), midnight(22))
    found = duty.gaps(rota, timezone.now(), timezone.now() + duty.WEEKS_AHEAD)
    assert [(one.since, one.until, one.because) for one in found] == [(midnight(20), midnight(22), "all_away")]


def test_hand_overs_are_told_in_each_persons_own_time(alice: Person, bob: Person) -> None:
    alice.time_zone, bob.time_zone = "Asia/Kathmandu", ""
    alice.save()
    rota = rota_of(alice, bob)
    Rota.objects.update(time_zone="America/Sao_Paulo")
    rota.refresh_from_db()
    found = duty.Roster.load([rota]).handovers(rota, midnight(0) + HOUR, midnight(1) + HOUR)
    assert [(one.giver, one.taker, one.at) for one in found] == [(alice, bob, midnight(1))]
    assert found[0].giver_local.strftime("%H:%M") == "05:45"
    assert found[0].taker_local.strftime("%H:%M") == "21:00"


def test_ones_own_shifts_come_from_every_rota_in_order(alice: Person, bob: Person) -> None:
    rota_of(alice, bob, name="First line")
    rota_of(bob, alice, name="Second line")
    found = duty.shifts_of(bob, midnight(0), midnight(3))
    assert [(one.rota.name, one.since) for one in found] == [
        ("Second line", midnight(0)),
        ("First line", midnight(1)),
        ("Second line", midnight(2)),
    ]


def test_a_roster_of_many_rotas_costs_as_many_queries_as_one(
    alice: Person, bob: Person, django_assert_num_queries: object
) -> None:
    rotas = [rota_of(alice, bob, name=str(number)) for number in range(5)]
    actions.override(alice, rotas[0], bob, midnight(1), midnight(2))
    with django_assert_num_queries(6):  # type: ignore[operator]
        roster = duty.Roster.load(rotas)
        now = timezone.now()
        assert [roster.at(one, now, life=True).person for one in rotas] == [alice] * 5
        assert [roster.standbys(one, now) for one in rotas] == [[bob]] * 5


# Limits


def test_limits_of_ones_own_may_be_lower_than_the_teams_but_not_higher(alice: Person, bob: Person) -> None:
    actions.set_limits(alice, None, Bounds(hours=100, nights=5))
    actions.set_limits(bob, bob, Bounds(hours=40, nights=2))
    with pytest.raises(RefusedError, match="not higher"):
        actions.set_limits(bob, bob, Bounds(hours=101, nights=2))
    with pytest.raises(RefusedError, match="not shorter"):
        actions.set_limits(bob, bob, Bounds(hours=40, nights=2, rest_hours=12))
    actions.set_limits(alice, bob, Bounds(hours=120))
    assert Limits.objects.get(person=bob).hours == 120
    actions.set_limits(bob, bob, None)
    assert [(one.person, one.hours) for one in Limits.objects.all()] == [(None, 100)]


@pytest.mark.parametrize("bounds", [Bounds(hours=0), Bounds(nights=8), Bounds(rest_hours=4)])
def test_a_limit_out_of_range_is_refused(alice: Person, bounds: Bounds) -> None:
    with pytest.raises(RefusedError, match="lies between"):
        actions.set_limits(alice, None, bounds)


def test_every_day_is_somebodys(alice: Person, bob: Person, vera: Person) -> None:
    rota = rota_of(alice, bob, vera)
    shifts = duty.upcoming(rota, midnight(0), midnight(365))
    assert len(shifts) == 365
    assert sum((one.until - one.since for one in shifts), timedelta(0)) == 365 * DAY
