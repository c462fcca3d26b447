"""What a threat level still tells of a situation that was restricted after it moved the level."""

import pytest

from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.situations import levels
from tocsin.situations.access import levels_for
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


def test_an_earlier_level_names_a_restricted_situation_only_to_who_may_read_it(
    secret: Situation, alice: Person, bob: Person
) -> None:
    hidden, shown = levels_for(bob).get(), levels_for(alice).get()
    assert (hidden.clues, hidden.rivals, len(hidden.moved_by)) == ([], [], 1)
    assert secret.public_id not in hidden.moved_by
    assert SAYS in shown.clues
    assert shown.moved_by[0] == secret.public_id
    assert [one.clues for one in levels_for(bob).filter(country="TR").order_by("-at")[:5]] == [[]]
