"""What somebody could try, or what bad luck could do, to make a restricted text show or the grouping stop."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.signals import work as reading
from tocsin.signals.models import Signal
from tocsin.situations import actions, work
from tocsin.situations.access import access_situation, situations_for
from tocsin.situations.models import Member, MembershipEvent, Situation
from tocsin.situations.tests.arriving import ARREST, ARREST_AGAIN, FLOOD, arrive, run
from tocsin.streams.models import Item, ReadersChange, Source


def restrict(restricted: Source) -> None:
    """As a lead does it: the source, its items, and the log that says so."""
    Source.objects.filter(pk=restricted.pk).update(readers=1, tlp="red")
    Item.objects.filter(source=restricted).update(readers=1, tlp="red")
    ReadersChange.objects.create(source=restricted)


def shown(person: Person) -> set[str]:
    return {one.title for one in situations_for(person)}


@pytest.mark.django_db
def test_a_worker_that_dies_between_restricting_and_moving_goes_on(source: Callable[..., Source], vera: Person) -> None:
    arrive(source("Daily"), *ARREST)
    restricted = source("Herald")
    arrive(restricted, *ARREST_AGAIN, hours=2)
    run()
    restrict(restricted)
    reading.follow_readers()
    work.forget()  # as after a kill: the memory is made again from rows that don't fit any more
    arrive(source("Daily2"), *FLOOD, hours=3)
    run()
    assert Member.objects.filter(situation__isnull=False).count() == 3
    assert shown(vera) == {ARREST[0], FLOOD[0]}


@pytest.mark.django_db
def test_a_stray_that_no_change_tells_of_is_found_by_the_sweep(source: Callable[..., Source], vera: Person) -> None:
    arrive(source("Daily"), *ARREST)
    item = arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    Signal.objects.filter(item=item).update(readers=1)
    work.forget()
    run()
    assert situations_for(vera).get().signals == 1


@pytest.mark.django_db
def test_undoing_a_take_out_puts_no_restricted_signal_back(
    source: Callable[..., Source], bob: Person, vera: Person
) -> None:
    arrive(source("Daily"), *ARREST)
    restricted = source("Herald")
    item = arrive(restricted, *ARREST_AGAIN, hours=2)
    run()
    situation = Situation.objects.get()
    event = actions.take_out(bob, situation, Signal.objects.get(item=item).pk)
    restrict(restricted)
    run()
    with pytest.raises(actions.RefusedError):
        actions.undo(bob, event)
    assert access_situation(vera, situation.public_id).signals == 1
    assert ARREST_AGAIN[0] not in shown(vera)
    arrive(source("Daily2"), *FLOOD, hours=3)
    run()
    assert FLOOD[0] in shown(vera), "grouping goes on"


@pytest.mark.django_db
def test_an_undo_follows_a_merge_that_came_between(source: Callable[..., Source], alice: Person) -> None:
    arrive(source("Daily"), *ARREST)
    item = arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    arrive(source("Daily2"), *FLOOD, hours=3)
    run()
    signal = Signal.objects.get(item=item)
    arrest, flood = Situation.objects.get(harm="arrest"), Situation.objects.exclude(harm="arrest").get()
    event = actions.take_out(alice, arrest, signal.pk)
    actions.merge(alice, flood, arrest)
    actions.undo(alice, event)
    assert Member.objects.get(signal=signal).situation == flood


@pytest.mark.django_db
def test_nobody_moves_a_signal_that_they_may_not_read(source: Callable[..., Source], vera: Person, bob: Person) -> None:
    arrive(source("Daily"), *ARREST)
    restricted = source("Herald")
    item = arrive(restricted, *ARREST_AGAIN, hours=2)
    run()
    situation, signal = Situation.objects.get(), Signal.objects.get(item=item)
    restrict(restricted)
    with pytest.raises(actions.RefusedError):
        actions.take_out(bob, situation, signal.pk)
    with pytest.raises(actions.RefusedError):
        actions.split(bob, situation, [signal.pk])
    assert not MembershipEvent.objects.exclude(verb="join").exists()


@pytest.mark.django_db
def test_a_title_can_t_hide_letters_that_turn_a_line(source: Callable[..., Source], alice: Person) -> None:
    arrive(source("Daily"), *ARREST)
    run()
    actions.rename(alice, Situation.objects.get(), "Safe \u202egnihton")
    assert Situation.objects.get().title == "Safe gnihton"


@pytest.mark.django_db
def test_an_undo_that_would_move_nothing_is_refused_and_can_be_done_later(
    source: Callable[..., Source], alice: Person
) -> None:
    arrive(source("Daily"), *ARREST)
    item = arrive(source("Herald"), *ARREST_AGAIN, hours=2)
    run()
    situation = Situation.objects.get()
    new = actions.split(alice, situation, [Signal.objects.get(item=item).pk])
    split = MembershipEvent.objects.get(verb="split")
    merged = actions.merge(alice, situation, new)
    with pytest.raises(actions.RefusedError):
        actions.undo(alice, split)
    actions.undo(alice, merged)
    actions.undo(alice, split)
    assert access_situation(alice, situation.public_id).signals == 2


@pytest.mark.django_db
def test_a_title_never_shows_what_was_restricted_while_no_worker_runs(
    source: Callable[..., Source], alice: Person, vera: Person, browse: Callable[[Person], Client]
) -> None:
    restricted = source("Herald")
    arrive(restricted, *ARREST)
    arrive(source("Daily"), *ARREST_AGAIN, hours=2)
    run()
    row, client = situations_for(vera).get(), browse(vera)
    secret, plain = row.title, "Arrest or prosecution in Türkiye"
    assert row.title == ARREST[0]
    judged = actions.Judgement(0.5, 3, "low", "Its lawyer says so.", "Another person.", timezone.localdate())
    actions.assess(alice, row, judged)
    at = f"/situations/{row.public_id}/"
    client.get(at)  # the first answer sets the cookie that the others need
    before = client.get(at)
    assert secret in before.content.decode()

    restrict(restricted)
    again = client.get(at, HTTP_IF_NONE_MATCH=before["ETag"])
    assert again.status_code == 200, "not: nothing changed"
    pages = [again, *(client.get(one) for one in ("/", "/situations/", f"/look/?country={row.country}"))]
    pages += [client.get(f"/api/situations/{row.public_id}"), client.get("/api/ranking"), client.get("/api/changes")]
    for page in pages:
        assert page.status_code == 200
        assert secret not in page.content.decode(), page.request["PATH_INFO"]
    assert access_situation(vera, row.public_id).title == plain
    assert not situations_for(vera).titled(secret).exists()
    assert not client.get("/api/situations", {"words": secret}).json()["items"]

    reading.follow_readers()
    assert shown(vera) == {plain}, "half way: the signals were followed, the situation not yet"
    run()
    assert shown(vera) == {ARREST_AGAIN[0]}


@pytest.mark.django_db
def test_a_title_in_a_person_s_words_stays(source: Callable[..., Source], alice: Person, vera: Person) -> None:
    restricted = source("Herald")
    arrive(restricted, *ARREST)
    run()
    actions.rename(alice, Situation.objects.get(), "Our colleague")
    restrict(restricted)
    assert shown(vera) == {"Our colleague"}
