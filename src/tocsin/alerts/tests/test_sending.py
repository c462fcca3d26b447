"""Pages go out until somebody answers; a page sent again is the same page."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.alerts import actions, clock, escalating
from tocsin.alerts.actions import New, accept
from tocsin.alerts.channels.base import Outcome
from tocsin.alerts.models import Address, Alert, Attempt, Lane, Notice, NoticeAlert, Page, Policy, Severity
from tocsin.alerts.outcomes import MOST_ATTEMPTS
from tocsin.alerts.sending import LEASE, Sender, overdue
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import FAILED, REFUSED, UNKNOWN, Drums, address
from tocsin.oncall.models import Load
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


def raise_alert(dedupe: str = "x", lane: Lane = Lane.WAKE, severity: Severity = Severity.SEVERE) -> Alert:
    return accept(New(kind="source", severity=severity, lane=lane, dedupe=dedupe)).alert


def test_the_intent_is_written_before_the_call_and_the_outcome_after(
    policy: Policy, drums: Drums, works: Callable[[], None]
) -> None:
    seen: list[tuple[str, int]] = []

    def look() -> Outcome:
        seen.append(("called", 0))
        return Outcome(FAILED.result)

    drums["signal"].plan.append(look)
    raise_alert()
    works()
    first = Attempt.objects.order_by("pk")[0]
    assert seen
    assert (first.number, first.outcome) == (1, Attempt.Outcome.FAILED)
    assert first.outcome_at is not None
    assert first.outcome_at >= first.intent_at


def test_a_page_sent_again_keeps_its_id_its_link_and_its_number(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time
) -> None:
    drums["signal"].plan.extend([FAILED, FAILED])
    raise_alert()
    for _ in range(3):
        works()
        time.passes(seconds=21)
    first, second, third = [message for _value, message in drums["signal"].heard]
    assert (first.page, first.link, first.number) == (second.page, second.link, second.number)
    assert (first.attempt, second.attempt, third.attempt) == (1, 2, 3)


def test_a_provider_that_fails_lets_the_next_channel_go_at_once(
    policy: Policy, drums: Drums, works: Callable[[], None]
) -> None:
    drums["signal"].plan.append(FAILED)
    raise_alert()
    works()
    assert len(drums["sms"].heard) == 1


def test_an_address_that_is_refused_is_not_tried_again_and_comes_last_from_then_on(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person, time: Time
) -> None:
    drums["signal"].plan.append(REFUSED)
    raise_alert()
    works()
    assert Page.objects.get(channel="signal").state == Page.State.FAILED
    assert Address.objects.get(person=bob, channel="signal").failing_since is not None
    time.passes(minutes=1)
    raise_alert("y", Lane.LIFE)
    works()
    first = Page.objects.filter(notice__person=bob, position=0).order_by("-pk")[0]
    assert first.channel == "sms"


def test_whoever_can_be_reached_by_nothing_passes_the_alert_on_at_once(
    policy: Policy, drums: Drums, works: Callable[[], None], alice: Person
) -> None:
    drums["signal"].plan.append(REFUSED)
    drums["sms"].plan.append(REFUSED)
    raise_alert()
    works()
    assert len(drums.heard_by(alice)) == 1


def test_what_may_have_arrived_is_sent_again_after_its_lease_and_nothing_else_is(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time
) -> None:
    drums["signal"].plan.append(UNKNOWN)
    raise_alert()
    works()
    assert len(drums["signal"].heard) == 1
    time.passes(seconds=LEASE.total_seconds() + 1)
    works()
    pages = [message.page for _value, message in drums["signal"].heard]
    assert len(pages) == 2
    assert len(set(pages)) == 1
    time.passes(seconds=LEASE.total_seconds() + 1)
    works()
    assert len(drums["signal"].heard) == 2


def test_a_page_that_always_fails_is_given_up_and_its_alert_climbs(
    policy: Policy, drums: Drums, works: Callable[[], None], time: Time, alice: Person
) -> None:
    for channel in ("signal", "sms"):
        drums[channel].plan.extend([FAILED] * 1000)
    raise_alert()
    for _ in range(MOST_ATTEMPTS + 2):
        works()
        time.passes(seconds=301)
    assert Page.objects.filter(state=Page.State.FAILED).exists()
    assert Attempt.objects.filter(page__notice__person=alice).exists()


def test_an_answer_stops_pages_that_have_not_gone_out(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person, time: Time
) -> None:
    alert = raise_alert()
    works()
    actions.acknowledge(alert, bob, "console", confirmed=True)
    time.passes(minutes=10)
    works()
    assert not drums["sms"].heard
    assert Page.objects.get(channel="sms", notice__purpose=Notice.Purpose.ALERT).state == Page.State.NOT_NEEDED


def test_a_provider_that_hangs_holds_up_no_other(policy: Policy, drums: Drums, alice: Person, bob: Person) -> None:
    Address.objects.filter(person=alice, channel="signal").delete()
    let_go = threading.Event()

    def hang() -> Outcome:
        let_go.wait(30)
        return Outcome(UNKNOWN.result)

    drums["signal"].plan.extend([hang] * 20)
    sender = Sender(drums.of, at_once=6, each=2)
    try:
        for number in range(5):
            alert = raise_alert(f"x:{number}", Lane.LIFE)
            escalating.climb()
            actions.escalate_now(alert, bob)
            escalating.climb()
        sender.tick()
        done = [one for one in sender._under_way if one.channel == "sms"]
        for one in done:
            one.future.result(timeout=30)
        assert len(done) == 2
        assert len(drums["sms"].heard) == 2
    finally:
        let_go.set()
        sender.close()


def test_a_storm_is_one_page_at_once_and_one_for_all_the_rest(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person, time: Time
) -> None:
    for number in range(120):
        raise_alert(f"x:{number}")
    works()
    assert len(drums.heard_by(bob)) == 1
    time.passes(seconds=31)
    works()
    told = [message for message in drums.heard_by(bob) if message.attempt == 1]
    assert len({message.page for message in told if "signal" in drums.of}) == 2
    assert NoticeAlert.objects.filter(person=bob).values("alert").distinct().count() == 120


def test_about_a_life_each_alert_is_a_page_of_its_own(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person
) -> None:
    for number in range(5):
        raise_alert(f"x:{number}", Lane.LIFE)
    works()
    assert len(drums.heard_by(bob)) == 5


def test_what_is_graver_is_not_held_back_by_what_went_before(
    policy: Policy, drums: Drums, works: Callable[[], None], bob: Person
) -> None:
    raise_alert("a", severity=Severity.MODERATE)
    works()
    raise_alert("b", severity=Severity.EXTREME)
    works()
    assert len(drums.heard_by(bob)) == 2


def test_everybodys_first_page_goes_before_anybodys_second(
    policy: Policy, drums: Drums, alice: Person, bob: Person, vera: Person, time: Time
) -> None:
    address(vera, "signal")
    heard: list[str] = []
    for number in range(3):
        raise_alert(f"a:{number}", Lane.WAKE, Severity(number + 1))
        escalating.climb()
    for person in (alice, vera):
        actions.ask(person, f"q:{person.pk}", "safe", ["safe", "help"], clock.now() + LEASE)
    sender = Sender(drums.of, at_once=1, each=1)
    try:
        for _ in range(40):
            sender.tick()
            for one in sender._under_way:
                one.future.result(timeout=30)
    finally:
        sender.close()
    heard = [value.split(":")[1] for value, _message in drums["signal"].heard]
    firsts = [heard.index(name) for name in ("Alice", "Bob", "Vera")]
    assert max(firsts) < 3
    assert heard.count("Bob") == 3


def test_each_page_that_went_out_counts_for_rest(policy: Policy, works: Callable[[], None], bob: Person) -> None:
    raise_alert()
    works()
    assert Load.objects.get(person=bob).private is False


def test_how_late_the_pager_is_can_be_asked(policy: Policy, works: Callable[[], None], time: Time) -> None:
    assert overdue() == 0
    raise_alert()
    time.passes(seconds=90)
    assert overdue() >= 90
    works()
    assert overdue() == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="its planner needs the very words of an index")
def test_looking_for_what_is_due_reads_only_the_index_of_what_is_open(policy: Policy) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert not Sender({}).tick()
        assert overdue() == 0.0
    about_pages = [one["sql"] for one in asked if "alerts_page" in one["sql"]]
    assert len(about_pages) == 2
    for question in about_pages:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {question}")
            plan = " ".join(str(row[3]) for row in cursor.fetchall())
        assert "INDEX page_due" in plan, plan
