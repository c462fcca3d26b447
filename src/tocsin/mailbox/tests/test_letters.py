"""A letter is sealed before it is stored, calls its desk, is read there alone, and stops its clocks when answered."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Knower, Lane, Severity
from tocsin.keys import safes
from tocsin.keys.models import Epoch
from tocsin.keys.safes import NotInError
from tocsin.keys.sealing import box_keys, new_key
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import actions, arriving, clocks, desks, letters, standing, work
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.models import Desk, Due, Letter, Measured
from tocsin.mailbox.refusals import RefusedError
from tocsin.mailbox.tests.conftest import TEXT, Typed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
Read = Callable[..., Opened]


def test_what_a_caller_says_is_read_at_the_desk(typed: Typed, read: Read, bob: Person) -> None:
    number = typed()
    for one in (read(number), read(number, bob)):
        assert one.content.text == TEXT
        assert [running.clock for running in one.head.clocks] == ["acknowledge", "reply"]


def test_nobody_else_reads_it_and_a_missing_one_looks_alike(
    typed: Typed, read: Read, opened: Open, charlie: Person
) -> None:
    opened(charlie)
    number = typed()
    for one in (number, type(number)(int=5)):
        with pytest.raises(NotInError):
            read(one, charlie)


def test_its_arrival_calls_the_desk_without_a_word_of_it(
    typed: Typed, desk: Desk, opened: Open, alice: Person, bob: Person, vera: Person
) -> None:
    number = typed()
    alert = Alert.objects.get()
    assert (alert.lane, alert.severity) == (Lane.LIFE, Severity.EXTREME)
    assert letters.by_arrival(desk, desks.open_safe(opened(alice), desk), alert.reference.partition(".")[2]) == number
    fields = [str(getattr(alert, one.attname)) for one in Alert._meta.concrete_fields]
    assert not any(str(number) in text or number.hex in text for text in fields)
    assert (alert.named, alert.language, alert.urgency) == (True, "en", "immediate")
    assert set(Knower.objects.values_list("person", flat=True)) == {alice.pk, bob.pk}
    assert not alerts_for(vera).exists()


def test_a_letter_that_comes_again_is_kept_once(typed: Typed, desk: Desk) -> None:
    epoch, blob = arriving.sealed_now(desk, b"{}")
    coming = arriving.Coming(desk=desk, door="intake", epoch=epoch, blob=blob)
    assert [arriving.arrive(coming), arriving.arrive(coming)] == [True, False]
    assert (Letter.objects.count(), Alert.objects.count(), Due.objects.count()) == (1, 1, 2)


def test_a_desk_without_a_key_takes_nothing(typed: Typed, desk: Desk, alice: Person) -> None:
    Epoch.objects.filter(compartment="letters").delete()
    with pytest.raises(RefusedError):
        typed()
    assert not Letter.objects.exists()
    assert not Alert.objects.exists()


def test_an_acknowledgement_stops_the_first_clock_and_an_answer_both(
    typed: Typed, read: Read, opened: Open, alice: Person
) -> None:
    number = typed()
    actions.acknowledge(opened(alice), read(number), "", "", send=False)
    assert [one.clock for one in read(number).head.clocks] == ["reply"]
    Due.objects.update(due_at=timezone.now() - timedelta(hours=1))
    actions.reply(opened(alice), read(number), "", "I called her back.", send=False)
    one = read(number)
    assert one.head.clocks == ()
    assert [line.verb for line in one.did] == ["acknowledged", "answered"]
    assert one.did[1].facts["text"] == "I called her back."
    assert list(Measured.objects.order_by("pk").values_list("clock", "how")) == [
        ("acknowledge", "met"),
        ("reply", "late"),
    ]
    assert not Due.objects.exists()
    assert Alert.objects.get().state == Alert.State.ANSWERED


def test_a_clock_that_runs_out_calls_the_desk_once(typed: Typed, desk: Desk, alice: Person, bob: Person) -> None:
    typed()
    Due.objects.filter(policy__startswith="ack").update(due_at=timezone.now() - timedelta(minutes=1))
    assert work.call_late()
    assert not work.call_late()
    late = Alert.objects.get(kind="letter_late")
    assert (late.reference, late.named) == (f"desk:{desk.public_id}", True)
    assert set(Knower.objects.filter(alert=late).values_list("person", flat=True)) == {alice.pk, bob.pk}


def test_what_nobody_ever_answered_is_counted_as_missed(typed: Typed) -> None:
    typed()
    assert clocks.give_up(timezone.now() + timedelta(days=15))
    assert list(Measured.objects.values_list("how", flat=True)) == ["missed", "missed"]


def test_what_is_set_aside_can_be_taken_back_with_its_clocks(
    typed: Typed, read: Read, opened: Open, alice: Person
) -> None:
    number = typed()
    before = list(Due.objects.order_by("due_at").values_list("pk", "due_at"))
    actions.set_aside(opened(alice), read(number), Letter.Aside.SPAM)
    assert not Due.objects.exists()
    assert not Measured.objects.exists()
    assert Alert.objects.get().outcome == Alert.Outcome.FALSE
    actions.take_back(opened(alice), read(number))
    assert read(number).letter.state == Letter.State.NEW
    assert list(Due.objects.order_by("due_at").values_list("pk", "due_at")) == before
    with pytest.raises(RefusedError):
        actions.take_back(opened(alice), read(number))


def test_a_letter_goes_over_into_another_safe(typed: Typed, read: Read, opened: Open, alice: Person) -> None:
    number = typed()
    case = safes.found(opened(alice), "case", ["account"])
    row = actions.take_into(opened(alice), read(number), case.id, "account")
    body = safes.OpenSafe(opened(alice), case.id).record(row).body
    assert (body["text"], body["threat"], body["door"]) == (TEXT, "detention", "phone")
    # Whoever wrote it still waits: it stays open, and both clocks run on.
    assert read(number).letter.state == Letter.State.NEW
    assert Due.objects.count() == 2


def test_whom_the_sender_excluded_is_not_woken_cannot_be_let_in_and_sees_nothing(
    typed: Typed, read: Read, opened: Open, know: Callable[..., None], desk: Desk, alice: Person, vera: Person
) -> None:
    know(alice, vera)
    number = typed(excluded=(vera.pk,))
    assert list(Alert.objects.get().subjects.values_list("person", flat=True)) == [vera.pk]
    barred = standing.barred(desk, desks.open_safe(opened(alice), desk))
    assert barred == {vera.pk}
    with pytest.raises(RefusedError):
        desks.let_in(opened(alice), desk, vera, barred)
    assert read(number).content.hidden == {vera.pk}


def test_nobody_types_to_a_desk_that_the_excluded_person_reads(typed: Typed, bob: Person) -> None:
    with pytest.raises(RefusedError):
        typed(excluded=(bob.pk,))
    assert not Letter.objects.exists()


def test_keys_are_new_every_week_and_old_ones_go_once_all_is_dealt_with(
    typed: Typed, read: Read, opened: Open, desk: Desk, alice: Person
) -> None:
    first, second = typed("one"), typed("two")
    Epoch.objects.filter(compartment="letters").update(began_on=timezone.now().date() - timedelta(days=8))
    desks.keep_fresh(opened(alice), desk)
    assert arriving.key_of(desk).number == 2
    third = typed("three")
    assert Letter.objects.get(epoch=2).pk == third
    Epoch.objects.filter(compartment="letters", number=2).update(began_on=timezone.now().date() - timedelta(days=3))
    actions.finish(opened(alice), read(first))
    desks.keep_fresh(opened(alice), desk)
    assert read(second).content.text == "two"
    actions.set_aside(opened(alice), read(second), Letter.Aside.NOT_OURS)
    desks.keep_fresh(opened(alice), desk)
    with pytest.raises(NotInError):
        read(second)
    assert work.remove_ended()
    assert list(Letter.objects.values_list("epoch", flat=True)) == [2]
    assert desks.open_safe(opened(alice), desk).records("notes")
    desks.keep_fresh(opened(alice), desk)
    assert desks.open_safe(opened(alice), desk).records("notes") == []


def test_a_public_key_that_somebody_put_in_its_place_is_refused_and_put_right(
    typed: Typed, opened: Open, desk: Desk, alice: Person
) -> None:
    right = bytes(arriving.key_of(desk).public)
    Epoch.objects.filter(compartment="letters").update(public=box_keys(new_key())[0])
    with pytest.raises(TamperError):
        desks.open_safe(opened(alice), desk)
    assert bytes(arriving.key_of(desk).public) == right
    assert desks.open_safe(opened(alice), desk)


def test_who_is_put_out_reads_nothing_that_comes_since(
    typed: Typed, read: Read, opened: Open, desk: Desk, alice: Person, bob: Person
) -> None:
    desks.put_out(opened(alice), desk, bob.pk)
    number = typed()
    with pytest.raises(NotInError):
        read(number, bob)
    assert arriving.members(desk) == (alice.pk,)
    with pytest.raises(RefusedError):
        desks.put_out(opened(alice), desk, alice.pk)


def test_the_list_has_what_is_due_first(typed: Typed, opened: Open, desk: Desk, alice: Person, read: Read) -> None:
    answered, waiting = typed("a"), typed("b")
    actions.reply(opened(alice), read(answered), "", "Done.", send=False)
    found = letters.heads(desks.open_safe(opened(alice), desk), letters.waiting(desk))
    assert [one.letter.pk for one in found] == [waiting, answered]


def test_what_is_finished_without_an_answer_counts_as_not_kept_and_only_once(
    typed: Typed, read: Read, opened: Open, alice: Person
) -> None:
    number = typed()
    actions.finish(opened(alice), read(number))
    actions.take_back(opened(alice), read(number))
    actions.finish(opened(alice), read(number))
    assert sorted(Measured.objects.values_list("clock", "how")) == [("acknowledge", "missed"), ("reply", "missed")]
