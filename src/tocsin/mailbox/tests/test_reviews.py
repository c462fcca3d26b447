"""A language counts as reviewed when somebody put their name to these very words, and not before."""

from hashlib import sha256

import pytest

from tocsin.mailbox import phrases, reviews
from tocsin.mailbox.tests.conftest import Browse
from tocsin.people.models import Person

WORDS = b"one two"
FULL = {"reviewer": "not named", "on": "2027-01-31", "sha256": sha256(WORDS).hexdigest(), "read_aloud": True}


def test_every_language_has_a_list_for_each_part_and_words_to_review() -> None:
    assert set(reviews.languages()) == set(phrases.languages())
    for language in reviews.languages():
        assert reviews.words_of(language, "door")
        assert reviews.words_of(language, "safe_words")


@pytest.mark.parametrize(
    "lacking",
    [{"reviewer": " "}, {"on": ""}, {"on": "soon"}, {"read_aloud": False}, {"sha256": ""}],
)
def test_a_list_that_is_not_filled_in_counts_for_nothing(lacking: dict[str, object]) -> None:
    assert reviews._judged("ar", "door", FULL, WORDS).holds
    assert not reviews._judged("ar", "door", {**FULL, **lacking}, WORDS).holds


def test_words_that_changed_wait_for_their_next_review() -> None:
    found = reviews._judged("ar", "door", FULL, b"one three")
    assert (found.holds, found.stale) == (False, True)


@pytest.mark.django_db
def test_the_team_sees_what_was_not_reviewed(browse: Browse, vera: Person, charlie: Person) -> None:
    page = browse(vera).get("/mailbox/languages/").content.decode()
    assert page.count("not yet reviewed</strong>") == sum(
        not one.holds and not one.stale for parts in reviews.every() for one in parts
    )
    assert browse(charlie).get("/mailbox/languages/").status_code == 403
