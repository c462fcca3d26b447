"""What a level is made of, and why a country and a situation may give one cause two numbers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.situations import levels
from tocsin.situations.access import levels_for
from tocsin.situations.explaining import Rival
from tocsin.situations.making import differing, made
from tocsin.situations.models import Situation
from tocsin.situations.tests.test_rivals import found

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def situation(title: str, probability: float, clues: list[list[Any]], **more: Any) -> Situation:
    now = timezone.now()
    blocked = {"cause": "blocked", "probability": probability, "for": clues, "against": []}
    return Situation.objects.create(
        public_id=title.lower(), title=title, country="TR", harm="site-ban", probability=probability,
        **{"probability_rule": "credence/3", "rivals": [blocked], "first_at": now, "last_at": now, "changed_at": now}
        | more,
    )  # fmt: skip


def test_a_level_names_the_one_situation_that_makes_it_and_the_clues_of_it(alice: Person) -> None:
    signal = found()
    situation("Open", 0.4, [["told by somebody", 0.5, [], "text"]])
    situation("Likely", 0.7, [["measured thus", 1.7, [f"signal:{signal.pk}"], "measured"], ["weak", 0.1, [], "text"]])
    levels.refresh("TR", "site-ban")
    one = made(alice, levels_for(alice).filter(current=True))[0]
    assert one.maker is not None
    assert (one.maker.title, one.maker.probability, one.by_person) == ("Likely", one.level.probability, False)
    assert [(clue.says, round(clue.odds, 1), clue.signals) for clue in one.speaks_for] == [
        ("measured thus", 5.5, (signal.pk,)),
        ("weak", 1.1, ()),
    ]
    assert [each.title for each in one.below] == ["Open"]


def test_what_a_level_rests_on_is_kept_from_who_may_not_read_it(alice: Person, bob: Person) -> None:
    signal = found(readers=int(Role.LEAD))
    situation("Likely", 0.7, [["measured thus", 1.7, [f"signal:{signal.pk}"], "measured"]])
    situation("Secret", 0.9, [], readers=int(Role.LEAD))
    levels.refresh("TR", "site-ban")
    for person, clues in ((alice, 1), (bob, 0)):
        one = made(person, levels_for(person).filter(current=True))[0]
        assert one.maker is not None
        assert (one.maker.title, one.below, len(one.speaks_for)) == ("Likely", (), clues)


def test_a_person_who_set_the_number_is_named_as_its_reason(alice: Person) -> None:
    situation("Judged", 0.7, [], probability_rule="")
    levels.refresh("TR", "site-ban")
    assert made(alice, levels_for(alice))[0].by_person


def test_two_numbers_of_one_cause_are_told_apart_only_where_they_differ(alice: Person) -> None:
    situation("Likely", 0.82, [])
    levels.refresh("TR", "site-ban")
    makers = made(alice, levels_for(alice))
    for here, said in ((0.61, [("blocked", 0.82, 0.61)]), (0.8, [])):
        rivals = [Rival("blocked", here, False, (), ()), Rival("outage", 0.1, False, (), ())]
        assert [(one.cause, one.there, one.here) for one in differing(alice, rivals, makers)] == said


def test_the_page_of_a_country_says_what_makes_its_level_and_why_two_numbers_differ(
    browse: Browse, alice: Person
) -> None:
    found(opened_at=timezone.now() - timedelta(hours=5), seen_at=timezone.now())
    situation("Likely", 0.9, [["measured thus", 1.7, [], "measured"]])
    situation("Slight", 0.2, [])
    levels.refresh("TR", "site-ban")
    page = browse(alice).get("/look/", {"country": "TR"}).content.decode()
    level = page[page.index('id="part-levels"') : page.index('id="part-rivals"')]
    for words in ("As high as its likeliest situation", "Likely", "odds × 5.5", "do not move it", "Slight", "0.20"):
        assert words in level, words
    rivals = page[page.index('id="part-rivals"') : page.index('id="part-measured"')]
    assert "judged by its own signals" in rivals
    assert "0.90" in rivals
