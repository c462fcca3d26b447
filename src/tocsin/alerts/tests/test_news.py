"""People hear once, by day, of what the rotas need of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tocsin.alerts import answering, clock, news
from tocsin.alerts.models import Lane, Notice, Page, Policy, Rule
from tocsin.alerts.secrets import number_of
from tocsin.alerts.tests.conftest import Time
from tocsin.alerts.tests.drums import Drums
from tocsin.oncall import resting, swapping
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Absence, Rest
from tocsin.oncall.tests.arranging import rota_of
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def by_day(time: Time) -> None:
    """Today's noon, so that nobody's night puts anything off."""
    now = clock.now()
    time.ahead = now.replace(hour=12, minute=0, second=0) - now


def told(person: Person, words: str) -> int:
    return Notice.objects.filter(person=person, words=words, pages__isnull=False).count()


def test_leads_hear_once_that_somebody_rests(policy: Policy, alice: Person, bob: Person) -> None:
    rota_of(bob, alice)
    rest = resting.ask_rest(bob)
    for _ in range(3):
        news.step()
    assert told(alice, "rest") == 1
    rest.refresh_from_db()
    assert rest.lead_told_at is not None
    notice = Notice.objects.get(person=alice, words="rest")
    assert (notice.lane, notice.purpose) == (Lane.QUIET, Notice.Purpose.TOLD)


def test_a_lead_who_rests_is_not_told_of_their_own_rest(policy: Policy, alice: Person, bob: Person) -> None:
    rota_of(alice, bob)
    resting.ask_rest(alice)
    news.step()
    assert told(alice, "rest") == 0


def test_whoever_should_stand_in_is_asked_and_their_answer_from_the_phone_counts(
    policy: Policy, alice: Person, bob: Person, works: Callable[[], None], drums: Drums
) -> None:
    rota_of(bob, alice)
    rest = resting.ask_rest(bob)
    news.step()
    news.step()
    works()
    page = Page.objects.get(notice__purpose=Notice.Purpose.ASK, notice__person=alice, position=0)
    assert [one.page for one in drums.heard_by(alice)].count(page.public_id) == 1
    assert answering.answer(page, "yes", number_of(page.public_id), "link").good
    news.step()
    rest.refresh_from_db()
    assert rest.accepted_at is not None
    assert rest.substitute == alice


def test_after_a_no_the_next_one_is_asked_and_leads_hear_when_nobody_is_left(
    policy: Policy, alice: Person, bob: Person, vera: Person
) -> None:
    rota_of(bob, vera)
    rest = resting.ask_rest(bob)
    news.step()
    question = Notice.objects.get(purpose=Notice.Purpose.ASK, person=vera)
    Notice.objects.filter(pk=question.pk).update(answer="no", answered_at=clock.now())
    news.step()
    rest.refresh_from_db()
    assert (rest.substitute, rest.declined_by) == (None, [vera.pk])
    news.step()
    assert told(alice, "rest") == 2


def test_nobody_is_woken_to_stand_in(policy: Policy, alice: Person, bob: Person, time: Time) -> None:
    time.passes(hours=14)
    rota_of(bob, alice)
    Rest.objects.create(
        public_id="r",
        person=bob,
        since=clock.now(),
        until=clock.now() + timedelta(days=1),
        why="asked",
        substitute=alice,
    )
    news.step()
    question = Notice.objects.get(purpose=Notice.Purpose.ASK)
    assert question.leaves_at.hour == 8
    assert question.leaves_at > clock.now()


def test_each_gap_of_the_next_two_weeks_is_told_once_and_together(
    policy: Policy, alice: Person, bob: Person, time: Time
) -> None:
    rota_of(bob)
    news.tell_of_gaps()
    assert not Notice.objects.exists()
    begin = clock.now() + timedelta(days=3)
    for days in (0, 4):
        Absence.objects.create(
            person=bob, since=begin + timedelta(days=days), until=begin + timedelta(days=days + 1), made_at=clock.now()
        )
    for _ in range(3):
        news.tell_of_gaps()
        time.passes(minutes=10)
    assert told(alice, "gap") == 1
    assert Notice.objects.filter(person=alice, words="gap").count() == 2
    time.passes(days=3, hours=2)  # into the first one
    news.tell_of_gaps()
    assert told(alice, "gap") == 1
    Absence.objects.create(
        person=bob, since=begin + timedelta(days=8), until=begin + timedelta(days=9), made_at=clock.now()
    )
    news.tell_of_gaps()
    assert told(alice, "gap") == 2


def test_leads_hear_once_that_a_rule_wakes_nobody_any_more(policy: Policy, alice: Person) -> None:
    Rule.objects.create(key="x", name="x", may_wake=False, stopped_at=clock.now())
    Rule.objects.create(key="y", name="switched off by hand", may_wake=False)
    for _ in range(2):
        news.step()
    assert told(alice, "rule") == 1


def test_whoever_is_asked_to_swap_hears_so_once_without_a_word_of_it(
    policy: Policy, alice: Person, bob: Person, works: Callable[[], None], drums: Drums
) -> None:
    rota = rota_of(bob, alice)
    held = Roster.load([rota]).shifts(rota, clock.now(), clock.now() + timedelta(days=9))
    first = next(one for one in held if one.person == bob and one.since > clock.now())
    swap = swapping.ask_swap(bob, rota, bob, alice, first.since, first.until)
    for _ in range(3):
        news.step()
    works()
    assert (told(alice, "swap"), told(bob, "swap")) == (1, 0)
    (message,) = drums.heard_by(alice)
    assert "You are asked to swap duty." in message.text
    for secret in (rota.name, bob.name, swap.public_id):
        assert secret not in message.text
    assert Notice.objects.get(person=alice, words="swap").lane == Lane.QUIET


def test_a_swap_that_was_answered_is_told_to_nobody(policy: Policy, alice: Person, bob: Person) -> None:
    rota = rota_of(bob, alice)
    held = Roster.load([rota]).shifts(rota, clock.now(), clock.now() + timedelta(days=9))
    first = next(one for one in held if one.person == bob and one.since > clock.now())
    swapping.decline(swapping.ask_swap(bob, rota, bob, alice, first.since, first.until), alice)
    news.step()
    assert told(alice, "swap") == 0
