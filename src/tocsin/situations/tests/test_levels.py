"""What a threat level still tells of a situation that was restricted after it moved the level."""

import pytest

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.situations import levels
from tocsin.situations.access import heights, levels_for, levels_for_all
from tocsin.situations.models import Situation, ThreatLevel
from tocsin.situations.tests.arriving import NOW

pytestmark = pytest.mark.django_db

SAYS = "measurements of secret.example failed more often"


def situation(title: str, probability: float, rivals: list[dict[str, object]]) -> Situation:
    return Situation.objects.create(
        public_id=title.lower(), title=title, country="TR", harm="site-ban", probability=probability,
        probability_rule="credence/3", rivals=rivals, first_at=NOW, last_at=NOW, changed_at=NOW,
    )  # fmt: skip


@pytest.fixture
def secret(db: None) -> Situation:
    clue = [SAYS, 2.0, ["signal:1"], "measured"]
    made = situation("Secret", 0.71, [{"cause": "blocked", "probability": 0.71, "for": [clue], "against": []}])
    situation("Open", 0.70, [])
    levels.refresh("TR", "site-ban")
    Situation.objects.filter(pk=made.pk).update(readers=int(Role.LEAD))
    return made


def test_a_level_that_barely_moves_is_written_anew_when_its_first_situation_is_restricted(secret: Situation) -> None:
    levels.refresh("TR", "site-ban")
    level = ThreatLevel.objects.get(current=True)
    assert (level.probability, SAYS in level.clues, secret.public_id in level.moved_by) == (0.70, False, False)
    levels.refresh("TR", "site-ban")
    assert ThreatLevel.objects.count() == 2


def test_a_level_that_rests_on_a_restricted_situation_is_for_who_may_read_it(
    secret: Situation, alice: Person, bob: Person
) -> None:
    assert list(levels_for(bob)) == list(levels_for_all()) == []
    shown = levels_for(alice).get()
    assert SAYS in shown.clues
    assert shown.moved_by[0] == secret.public_id
    assert [one.clues for one in levels_for(alice).filter(country="TR").order_by("-at")[:5]] == [shown.clues]


def test_a_level_names_nothing_that_was_restricted_behind_its_likeliest_situation(
    secret: Situation, bob: Person
) -> None:
    Situation.objects.update(readers=0)
    Situation.objects.exclude(pk=secret.pk).update(readers=int(Role.LEAD))
    assert levels_for(bob).get().moved_by == [secret.public_id]


@pytest.mark.parametrize("reader", ["alice", "bob"])
@pytest.mark.parametrize("followed", [False, True])
def test_the_map_says_what_the_page_of_a_country_and_the_api_say(
    secret: Situation, request: pytest.FixtureRequest, reader: str, followed: bool
) -> None:
    person = request.getfixturevalue(reader)
    situation("Calm", 0.0, [])
    if followed:
        levels.refresh("TR", "site-ban")
    listed = [(one.country, one.harm, one.probability) for one in levels_for(person).filter(current=True)]
    assert heights(person) == listed
    assert bool(listed) == (followed or reader == "alice")


def test_a_level_that_stood_before_stands_again_once_what_raised_it_was_restricted(bob: Person) -> None:
    situation("Open", 0.2, [])
    levels.refresh("TR", "site-ban")
    known = list(levels_for(bob).values())
    made = situation("Raid", 0.9, [])
    levels.refresh("TR", "site-ban")
    Situation.objects.filter(pk=made.pk).update(readers=int(Role.LEAD))
    levels.refresh("TR", "site-ban")
    assert list(levels_for(bob).values()) == known, "not even the hour at which something was restricted shows"


def test_nothing_is_left_of_a_level_that_rested_on_a_restricted_situation_alone(alice: Person, bob: Person) -> None:
    made = situation("Raid", 0.9, [])
    levels.refresh("TR", "site-ban")
    Situation.objects.filter(pk=made.pk).update(readers=int(Role.LEAD))
    levels.refresh("TR", "site-ban")
    assert not levels_for(bob).exists()
    assert [one.current for one in levels_for(alice)] == [False]
