"""Swaps: two people change hours when both have said yes, once, and only hours that they hold."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.oncall import actions, duty, work
from tocsin.oncall.actions import RefusedError
from tocsin.oncall.models import Override, Rota, Swap
from tocsin.oncall.tests.arranging import DAY, HOUR, midnight, rota_of
from tocsin.people.models import Person

AGREED, ASKED = Swap.State.AGREED, Swap.State.ASKED


def holders(rota: Rota, *days: int) -> list[str]:
    """Who holds the rota at noon of these days."""
    found = (duty.on_duty(rota, midnight(day) + 12 * HOUR).person for day in days)
    return [one.name if one else "-" for one in found]


@pytest.fixture
def rota(alice: Person, bob: Person, vera: Person) -> Rota:
    """Alice today, then Bob, then Vera, and so on."""
    return rota_of(alice, bob, vera)


@pytest.fixture
def asked(rota: Rota, bob: Person, vera: Person) -> Swap:
    """Bob asks Vera for tomorrow, and gives her the day after."""
    return actions.ask_swap(bob, rota, bob, vera, midnight(1), midnight(2), midnight(2), midnight(3))


def test_a_swap_holds_once_both_have_said_yes(rota: Rota, asked: Swap, vera: Person) -> None:
    assert holders(rota, 1, 2) == ["Bob", "Vera"]
    assert actions.agree(asked, vera).state == AGREED
    assert holders(rota, 0, 1, 2, 3) == ["Alice", "Vera", "Bob", "Alice"]
    verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs[-3:] == ["oncall.swap_asked", "oncall.swap_agreed", "oncall.swapped"]


def test_hours_can_be_given_without_hours_back(rota: Rota, bob: Person, vera: Person) -> None:
    swap = actions.ask_swap(bob, rota, bob, vera, midnight(1) + 6 * HOUR, midnight(2))
    actions.agree(swap, vera)
    shifts = duty.upcoming(rota, midnight(1), midnight(3))
    assert [(one.person.name, one.since) for one in shifts][:2] == [
        ("Bob", midnight(1)),
        ("Vera", midnight(1) + 6 * HOUR),
    ]


def test_agreeing_twice_changes_nothing(rota: Rota, asked: Swap, bob: Person, vera: Person) -> None:
    actions.agree(asked, vera)
    entries = Entry.objects.count()
    assert {actions.agree(asked, one).state for one in (vera, bob, vera)} == {AGREED}
    assert Override.objects.count() == 2
    assert Entry.objects.count() == entries


def test_a_lead_proposes_for_two_and_both_must_agree(rota: Rota, alice: Person, bob: Person, vera: Person) -> None:
    swap = actions.ask_swap(alice, rota, bob, vera, midnight(1), midnight(2))
    assert actions.agree(swap, bob).state == ASKED
    assert actions.agree(swap, bob).state == ASKED
    assert holders(rota, 1) == ["Bob"]
    assert actions.agree(swap, vera).state == AGREED
    assert holders(rota, 1) == ["Vera"]


def test_only_the_two_answer_and_only_a_lead_proposes_for_others(
    rota: Rota, asked: Swap, alice: Person, bob: Person, vera: Person, charlie: Person
) -> None:
    with pytest.raises(RefusedError, match="between two others"):
        actions.agree(asked, alice)
    with pytest.raises(RefusedError, match="between two others"):
        actions.decline(asked, charlie)
    with pytest.raises(RefusedError, match="Only a lead"):
        actions.ask_swap(bob, rota, alice, vera, midnight(3), midnight(4))
    with pytest.raises(RefusedError, match="Only a lead"):
        actions.withdraw(asked, vera)


# Hours counted from today's midnight; Bob holds 24 to 48, Vera 48 to 72.
@pytest.mark.parametrize(
    ("words", "hours", "back"),
    [
        ("does not hold", (48, 72), ()),
        ("does not hold", (24, 49), ()),
        ("does not hold", (24, 48), (72, 96)),
        ("overlap", (24, 48), (40, 72)),
        ("is over", (-48, -24), ()),
        ("have begun", (-48, 48), ()),
        ("after the beginning", (48, 24), ()),
        ("after the beginning", (24, 24), ()),
        ("too far away", (24, 24 * 900), ()),
        ("both the beginning", (24, 48), (48,)),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_words(
    rota: Rota, bob: Person, vera: Person, words: str, hours: tuple[int, int], back: tuple[int, ...]
) -> None:
    since, until, *returned = (midnight(0) + hour * HOUR for hour in (*hours, *back))
    with pytest.raises(RefusedError, match=words):
        actions.ask_swap(bob, rota, bob, vera, since, until, *returned)
    assert not Swap.objects.exists()


def test_nobody_swaps_with_themselves(rota: Rota, bob: Person) -> None:
    with pytest.raises(RefusedError, match="with themselves"):
        actions.ask_swap(bob, rota, bob, bob, midnight(1), midnight(2))


def test_somebody_away_or_gone_is_not_asked(rota: Rota, bob: Person, vera: Person) -> None:
    absence = actions.away(vera, vera, midnight(1) + HOUR, midnight(1) + 2 * HOUR)
    with pytest.raises(RefusedError, match="Vera is away"):
        actions.ask_swap(bob, rota, bob, vera, midnight(1), midnight(2))
    actions.back(vera, absence)
    vera.is_active = False
    vera.save()
    with pytest.raises(RefusedError, match="account of Vera was ended"):
        actions.ask_swap(bob, rota, bob, vera, midnight(1), midnight(2))


def test_asking_twice_gives_the_same_swap_and_another_over_the_same_hours_waits(
    rota: Rota, asked: Swap, alice: Person, bob: Person, vera: Person
) -> None:
    again = actions.ask_swap(bob, rota, bob, vera, midnight(1), midnight(2), midnight(2), midnight(3))
    assert again.pk == asked.pk
    with pytest.raises(RefusedError, match="another open swap"):
        actions.ask_swap(bob, rota, bob, alice, midnight(1) + HOUR, midnight(1) + 3 * HOUR)
    with pytest.raises(RefusedError, match="another open swap"):
        actions.ask_swap(vera, rota, vera, alice, midnight(2), midnight(3))
    actions.withdraw(asked, bob)
    assert actions.ask_swap(bob, rota, bob, alice, midnight(1), midnight(2)).state == ASKED


def test_a_yes_after_the_hours_changed_hands_is_refused_and_leaves_all_as_it_was(
    rota: Rota, asked: Swap, alice: Person, vera: Person
) -> None:
    actions.override(alice, rota, alice, midnight(1) + 3 * HOUR, midnight(1) + 4 * HOUR)
    with pytest.raises(RefusedError, match="have changed"):
        actions.agree(asked, vera)
    asked.refresh_from_db()
    assert (asked.state, asked.taker_agreed_at) == (ASKED, None)
    actions.override(alice, rota, alice, midnight(1), midnight(2))
    with pytest.raises(RefusedError, match="does not hold"):
        actions.agree(asked, vera)


def test_a_no_ends_it_and_a_later_yes_is_refused(rota: Rota, asked: Swap, bob: Person, vera: Person) -> None:
    assert actions.decline(asked, vera).state == Swap.State.DECLINED
    assert actions.decline(asked, vera).state == Swap.State.DECLINED
    with pytest.raises(RefusedError, match="already ended: declined"):
        actions.agree(asked, vera)
    with pytest.raises(RefusedError, match="already ended"):
        actions.withdraw(asked, bob)


def test_what_was_not_agreed_before_it_begins_lapses(rota: Rota, asked: Swap, bob: Person, vera: Person) -> None:
    Swap.objects.update(back_since=timezone.now() - timedelta(seconds=1))
    assert work.step()
    asked.refresh_from_db()
    assert asked.state == Swap.State.LAPSED
    with pytest.raises(RefusedError, match="already ended: lapsed"):
        actions.agree(asked, vera)
    assert Entry.objects.filter(verb="oncall.swap_lapsed").count() == 1
    assert not work.step()


def test_a_lead_can_cancel_an_agreed_swap_as_a_whole(rota: Rota, asked: Swap, alice: Person, vera: Person) -> None:
    actions.agree(asked, vera)
    actions.cancel(alice, Override.objects.earliest("pk"))
    assert holders(rota, 1, 2) == ["Bob", "Vera"]


def test_a_swap_of_a_week_of_days_takes_only_the_hours_that_its_giver_holds(
    rota: Rota, alice: Person, bob: Person, vera: Person
) -> None:
    # Bob holds tomorrow and three days later; what lies between is Vera's and Alice's.
    swap = actions.ask_swap(bob, rota, bob, vera, midnight(1), midnight(5))
    actions.agree(swap, vera)
    assert holders(rota, 1, 2, 3, 4) == ["Vera", "Vera", "Alice", "Vera"]
    assert Override.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_agree_at_once_make_one_swap(alice: Person, bob: Person, vera: Person) -> None:
    rota = rota_of(alice, bob, vera)
    swap = actions.ask_swap(alice, rota, bob, vera, midnight(1), midnight(2))
    _at_once([lambda: actions.agree(swap, bob), lambda: actions.agree(swap, vera), lambda: actions.agree(swap, vera)])
    swap.refresh_from_db()
    assert swap.state == AGREED
    assert Override.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_swaps_over_the_same_hours_only_one_holds(alice: Person, bob: Person, vera: Person) -> None:
    rota = rota_of(alice, bob, vera)
    first = actions.ask_swap(bob, rota, bob, vera, midnight(1), midnight(2))
    Swap.objects.update(state=Swap.State.DECLINED)
    second = actions.ask_swap(bob, rota, bob, alice, midnight(1), midnight(2))
    Swap.objects.update(state=ASKED)
    refused = _at_once([lambda: actions.agree(first, vera), lambda: actions.agree(second, alice)])
    assert len(refused) == 1
    assert Swap.objects.filter(state=AGREED).count() == Override.objects.count() == 1


def _at_once(verbs: list[Callable[[], Swap]]) -> list[RefusedError]:
    refused: list[RefusedError] = []

    def run(verb: Callable[[], Swap]) -> None:
        try:
            verb()
        except RefusedError as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_hours_over_a_change_of_clocks_are_swapped_whole(alice: Person, bob: Person) -> None:
    rota = rota_of(alice, bob, unit="week")
    shifts = duty.upcoming(rota, timezone.now(), timezone.now() + 370 * DAY)
    last: datetime | None = None
    for shift in shifts[1:-1]:
        giver, taker = (alice, bob) if shift.person == alice else (bob, alice)
        if last is None or shift.since >= last:
            swap = actions.ask_swap(giver, rota, giver, taker, shift.since, shift.until)
            actions.agree(swap, taker)
            last = shift.until + 7 * DAY
    assert len(duty.gaps(rota, shifts[0].since, shifts[-1].until)) == 0
    taken = [one for one in duty.upcoming(rota, shifts[0].since, shifts[-1].until) if one.because == "swap"]
    assert len(taken) == Swap.objects.count() == 26
