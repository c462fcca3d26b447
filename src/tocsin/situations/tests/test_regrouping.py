"""Later texts set right what was grouped too early, and leave alone what a person has put a hand to."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from tocsin.analysis.text.stories import Part
from tocsin.people.models import Person
from tocsin.situations import actions, work
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation
from tocsin.situations.regrouping import RULE, regroup
from tocsin.situations.tests.arriving import FLOOD, arrive, run
from tocsin.streams.models import Source

FIRST = ("Editor held", "A volunteer was held in Ankara over an article.")
SECOND = ("Dam article leads to court", "A court in Ankara looks at what was written about the Bursa dam.")
TIES = (
    "Editor held in Ankara over Bursa dam article",
    "A volunteer editor was held in Ankara over an article about the Bursa dam. A court in Ankara looks at what the "
    "volunteer has written about the dam in Bursa, and may hold the editor for a month.",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def tied(source: Callable[..., Source]) -> Callable[..., None]:
    """Two texts that stand apart at first; calling it lets those arrive that tie them together."""
    daily = source()
    for title, text in (FIRST, SECOND, FLOOD):
        arrive(daily, title, text)
        run()
    assert Situation.objects.count() == 3

    def more(paper: str = "Herald") -> None:
        for hours in (1, 2, 3):
            arrive(source(f"{paper}{hours}"), f"{TIES[0]}, {hours}", f"{TIES[1]} This is hour {hours}.", hours)
        run()

    return more


def _open() -> list[int]:
    return sorted(Situation.objects.exclude(state="merged").values_list("signals", flat=True))


def test_texts_that_belong_together_end_in_one_situation(tied: Callable[..., None]) -> None:
    tied()
    assert _open() == [1, 5]
    line = MembershipEvent.objects.get(rule=RULE)
    assert line.verb == "merge"
    assert line.other is not None
    assert (line.other.state, line.other.merged_into) == ("merged", line.situation)


def test_a_person_can_take_it_back_and_it_stays_so(tied: Callable[..., None], alice: Person) -> None:
    tied()
    actions.undo(alice, MembershipEvent.objects.get(rule=RULE), "They are two matters.")
    tied("Gazette")
    assert len(_open()) == 3
    assert MembershipEvent.objects.filter(rule=RULE).count() == 1


def test_what_a_person_judged_is_left_alone(tied: Callable[..., None], alice: Person) -> None:
    judgement = actions.Judgement(0.5, 3, "low", "Two voices.", "A rumour.", date(2026, 4, 1))
    for one in Situation.objects.all():
        actions.assess(alice, one, judgement)
    tied()
    assert not MembershipEvent.objects.filter(rule=RULE).exists()
    assert Assessment.objects.exclude(situation__state="merged").count() == 3


def test_the_same_texts_make_the_same_situations_after_the_worker_forgot(tied: Callable[..., None]) -> None:
    work.forget()
    tied()
    assert _open() == [1, 5]


@pytest.mark.parametrize("resting", [0, 1])
def test_nothing_open_comes_to_rest_because_it_went_into_what_rests(tied: Callable[..., None], resting: int) -> None:
    number = Situation.objects.order_by("pk").values_list("pk", flat=True)[resting]
    Situation.objects.filter(pk=number).update(state="quiet")
    tied()
    assert MembershipEvent.objects.filter(rule=RULE).exists()
    assert not Situation.objects.filter(state="quiet").exists()


def test_what_a_person_closed_and_opened_again_is_left_alone(tied: Callable[..., None], alice: Person) -> None:
    for one in Situation.objects.all():
        actions.close(alice, one, True)
        actions.close(alice, one, False)
    tied()
    assert not MembershipEvent.objects.filter(rule=RULE).exists()


def test_every_text_stands_where_its_situation_counts_it(tied: Callable[..., None]) -> None:
    tied()
    for one in Situation.objects.all():
        assert one.members.count() == (0 if one.state == "merged" else one.signals)


def test_nothing_goes_into_what_was_merged_a_moment_before(source: Callable[..., Source]) -> None:
    daily = source()
    for title, text in (FIRST, SECOND, FLOOD):
        arrive(daily, title, text)
        run()
    (first, a), (second, b), (third, c) = Member.objects.order_by("pk").values_list("situation_id", "signal_id")
    asked = {first: [Part((a, b), first)], third: [Part((c,), second)]}
    told: list[int] = []
    with transaction.atomic():
        regroup(
            {first: {second}, third: {second}}, lambda number, _close: asked[number], lambda _ids, to: told.append(to)
        )
    assert Situation.objects.get(pk=second).state == "merged"
    assert not Member.objects.filter(situation__state="merged").exists()
    assert told
