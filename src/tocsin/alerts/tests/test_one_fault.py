"""One thing that is broken holds up nothing else: a page, an alert, a provider's answer, a channel, a clock."""

import threading
from collections.abc import Callable

import pytest

from tocsin.alerts import clock, escalating, sending, wording
from tocsin.alerts.actions import New, accept
from tocsin.alerts.channels.base import Message, Outcome, Result
from tocsin.alerts.models import Address, Alert, Escalation, Lane, Notice, NoticeAlert, Page, Policy, Severity, Target
from tocsin.alerts.sending import Sender, overdue
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import FAILED, REFUSED, TAKEN, Drums, address
from tocsin.oncall.models import Rota
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def raise_alert(dedupe: str = "x", lane: Lane = Lane.WAKE) -> Alert:
    return accept(New(kind="source", severity=Severity.SEVERE, lane=lane, dedupe=dedupe)).alert


def sent_of(alert: Alert) -> list[Page]:
    return list(Page.objects.filter(notice__alerts__alert=alert, state=Page.State.SENT))


def test_an_alert_that_can_not_climb_holds_up_no_other_and_calls_whoever_leads(
    policy: Policy, drums: Drums, works: Callable[[], None], alice: Person, bob: Person
) -> None:
    broken, whole = raise_alert("broken"), raise_alert("whole")
    # A rung of this round that is written already: the one thing that the database refuses.
    now = clock.now()
    notice = Notice.objects.create(person=bob, purpose="alert", lane="wake", made_at=now, leaves_at=now, ended_at=now)
    NoticeAlert.objects.create(notice=notice, alert=broken, person=bob, round=0, rung=0, at=now)
    works()
    assert sent_of(whole)
    assert {page.notice.person_id for page in sent_of(broken)} == {alice.pk}


def test_a_rota_that_can_not_be_read_still_lets_whoever_leads_be_called(
    policy: Policy, drums: Drums, works: Callable[[], None], alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    rota = Rota.objects.create(public_id="r", name="Nights")
    Target.objects.create(policy=policy, rung=policy.rungs.get(position=0), kind=Target.Kind.ON_DUTY, rota=rota)

    def unreadable(*_given: object, **_more: object) -> None:
        raise ValueError("a rota of a newer version")

    monkeypatch.setattr("tocsin.alerts.circles.Roster.person", unreadable)
    alert = raise_alert()
    works()
    assert {page.notice.person_id for page in sent_of(alert)} == {alice.pk}


def test_an_alert_that_can_be_called_by_nothing_lets_the_others_pass_and_shows_as_overdue(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalating, "_resting", {})
    broken, whole = raise_alert("broken"), raise_alert("whole")
    call = escalating._Climb._climb

    def some(climb: escalating._Climb, row: Escalation) -> None:
        if row.alert_id == broken.pk:
            raise ValueError("nobody knows why")
        call(climb, row)

    fault = pytest.MonkeyPatch()
    fault.setattr(escalating._Climb, "_climb", some)
    works()
    assert sent_of(whole)
    time.passes(minutes=1)
    assert overdue(clock.now()) >= 60
    fault.undo()
    escalating._resting.clear()
    works()
    assert sent_of(broken), "it climbs as soon as it can"


def test_a_page_without_words_holds_up_no_other(
    policy: Policy, drums: Drums, works: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    half = raise_alert("broken")
    escalating.climb()
    broken = Page.objects.filter(notice__alerts__alert=half, position=0).get().public_id
    words = wording.message

    def some(page: Page, attempt: int) -> Message:
        if page.public_id == broken:
            raise KeyError("no such words")
        return words(page, attempt)

    monkeypatch.setattr(sending, "message", some)
    whole = raise_alert("whole", Lane.LIFE)
    works()
    assert sent_of(whole)
    assert Page.objects.get(public_id=broken).state == Page.State.FAILED
    assert sent_of(half), "the person's next way is used instead"


def test_ugly_answers_of_a_provider_are_written_down_all_the_same(
    policy: Policy, drums: Drums, works: Callable[[], None]
) -> None:
    drums["signal"].plan.append(Outcome(Result.TAKEN, "", "a\x00b\ud800" + "c" * 500))
    alert = raise_alert()
    works()
    assert [page.channel for page in sent_of(alert)] == ["signal"]


def test_a_channel_that_answers_nonsense_holds_up_no_other(
    policy: Policy, drums: Drums, works: Callable[[], None]
) -> None:
    drums["signal"].plan.append(lambda: "done")  # type: ignore[arg-type, return-value]
    alert = raise_alert()
    works()
    assert [page.channel for page in sent_of(alert)] == ["sms"]


def test_an_answer_about_a_page_that_was_erased_meanwhile_holds_up_no_other(
    policy: Policy, drums: Drums, works: Callable[[], None]
) -> None:
    drums["signal"].plan.append(lambda: (Notice.objects.count(), TAKEN)[1])
    raise_alert("erased")
    escalating.climb()
    sender = Sender(drums.of)
    sender.tick()
    Notice.objects.all().delete()
    for one in sender._under_way:
        one.future.exception(timeout=30)
    assert sender.tick()
    sender.close()
    whole = raise_alert("whole")
    works()
    assert sent_of(whole)


def test_an_alert_calls_on_at_once_only_once_round_when_every_provider_refuses(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, alice: Person
) -> None:
    for channel in ("signal", "sms"):
        drums[channel].plan.extend([REFUSED] * 1000)
    raise_alert("x", Lane.LIFE)
    works()
    assert drums.heard_by(alice)
    assert Notice.objects.count() == 3
    time.passes(minutes=5, seconds=1)
    works()
    assert Notice.objects.count() == 4


def test_one_of_a_rung_who_can_not_be_reached_wakes_nobody_of_the_next(
    policy: Policy, drums: Drums, works: Callable[[], None], alice: Person, vera: Person
) -> None:
    Target.objects.create(policy=policy, rung=policy.rungs.get(position=0), kind=Target.Kind.PERSON, person=vera)
    address(vera, "signal")
    Address.objects.filter(channel="sms").delete()
    drums["signal"].plan.append(REFUSED)
    raise_alert("x", Lane.LIFE)
    works()
    assert not drums.heard_by(alice)


def test_pages_of_a_channel_that_no_pager_has_any_more_move_on(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time
) -> None:
    alert = raise_alert()
    escalating.climb()
    Page.objects.update(channel="pigeon")
    time.passes(minutes=2, seconds=1)
    works()
    assert set(Page.objects.filter(channel="pigeon").values_list("state", flat=True)) == {Page.State.FAILED}
    assert sent_of(alert), "the next rung was called"
    assert overdue(clock.now()) == 0.0


def test_a_channel_that_is_not_set_up_here_is_left_to_another_pager(
    policy: Policy, drums: Drums, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_alert()
    escalating.climb()
    monkeypatch.setattr(type(drums["signal"]), "ready", lambda drum: type("No", (), {"ready": drum.key == "sms"})())
    sender = Sender(drums.of)
    sender.tick()
    sender.close()
    assert Page.objects.get(channel="signal", position=0).state == Page.State.WAITING
    assert not drums["signal"].heard


def test_nothing_goes_to_an_address_that_was_removed_while_it_failed(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, bob: Person, alice: Person
) -> None:
    drums["signal"].plan.append(FAILED)
    drums["sms"].plan.append(FAILED)
    raise_alert()
    works()
    Address.objects.filter(person=bob).update(ended_at=clock.now())
    time.passes(seconds=11)
    works()
    assert len(drums.heard_by(bob)) == 2
    assert drums.heard_by(alice), "and whoever is next does not wait for it"


def test_nothing_goes_to_somebody_whose_account_ended(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, bob: Person, alice: Person
) -> None:
    drums["signal"].plan.append(FAILED)
    drums["sms"].plan.append(FAILED)
    raise_alert()
    works()
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    time.passes(seconds=11)
    works()
    assert len(drums.heard_by(bob)) == 2
    assert drums.heard_by(alice)


def test_nothing_goes_out_without_an_address(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, bob: Person
) -> None:
    drums["signal"].plan.append(FAILED)
    raise_alert()
    works()
    Address.objects.filter(person=bob, channel="signal").delete()
    time.passes(seconds=11)
    works()
    assert "" not in [value for value, _message in drums["signal"].heard]


def test_an_alert_after_a_clock_was_set_back_is_not_put_to_a_message_that_left_already(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, bob: Person
) -> None:
    raise_alert("before")
    works()
    time.passes(minutes=2)
    works()
    clock.watch()
    time.passes(hours=-1)
    clock.watch()
    alert = raise_alert("after")
    works()
    time.passes(minutes=1)
    works()
    assert [one.notice.person_id for one in sent_of(alert)][:1] == [bob.pk]
    assert not NoticeAlert.objects.filter(notice__alerts__alert=alert).exclude(alert=alert).exists()


def test_a_failure_that_comes_late_does_not_undo_the_attempt_after_it(policy: Policy, drums: Drums, time: Time) -> None:
    first, second = threading.Event(), threading.Event()
    drums["signal"].plan.append(lambda: (first.wait(30), FAILED)[1])
    drums["signal"].plan.append(lambda: (second.wait(30), TAKEN)[1])
    raise_alert()
    escalating.climb()
    one, other = Sender(drums.of), Sender(drums.of)
    one.tick()
    time.passes(seconds=21)
    other.tick()
    first.set()
    one._under_way[0].future.exception(timeout=30)
    one.tick()
    page = Page.objects.get(channel="signal", position=0)
    second.set()
    other.close(30)
    one.close(30)
    assert page.state == Page.State.SENDING
    page.refresh_from_db()
    assert page.state == Page.State.SENT


def test_a_sender_ends_while_a_provider_hangs_and_another_sends_it_again(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time
) -> None:
    hang = threading.Event()
    drums["signal"].plan.append(lambda: (hang.wait(60), FAILED)[1])
    alert = raise_alert()
    escalating.climb()
    sender = Sender(drums.of)
    sender.tick()
    sender.close(patience=0)
    assert sender.under_way == 1
    time.passes(seconds=21)
    works()
    hang.set()
    assert sent_of(alert)
