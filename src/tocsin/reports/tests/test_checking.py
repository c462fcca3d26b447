"""What an audience may not receive is found in what it reads, however it is written; and what is its own is left."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest

from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.reports import checking, comparing, editing
from tocsin.reports.facts import Fact
from tocsin.reports.keeping import fact_in, fact_out
from tocsin.reports.laying import document_of, facts_of
from tocsin.reports.models import Draft
from tocsin.situations.models import Assessment, Situation

pytestmark = pytest.mark.django_db
Drafts = Callable[..., Draft]
SECRET = "Agents will raid the café of the editors in Recife on Friday."


@pytest.fixture(autouse=True)
def world(situation: Callable[..., Situation], assess: Callable[..., Assessment]) -> Situation:
    row = situation("Block", tlp="clear", country="BR")
    assess(row, 0.9)
    return row


def fresh(draft: Draft) -> Draft:
    return Draft.objects.select_related("report", "gathered", "corrects").get(pk=draft.pk)


def blocking(draft: Draft) -> set[str]:
    return {one.kind for one in checking.problems(fresh(draft)) if one.blocks}


def state_key(draft: Draft) -> str:
    return next(key for key in facts_of(fresh(draft)) if key.endswith(":state"))


def kept_above(draft: Draft, says: str, **words: str) -> Fact:
    """A fact among those of the draft that its audience may not receive."""
    kept = draft.gathered
    base = next(fact_in(one) for one in kept.facts if one["key"].endswith(":state"))
    made = replace(base, key="held:1", says=says, words=words, tlp=Tlp.RED, places=())
    kept.facts = [*kept.facts, fact_out(made)]
    kept.save()
    return made


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        unicodedata.normalize("NFD", SECRET),
        SECRET.replace("raid", "ra\u202aid"),
        SECRET.replace("editors", "edi\u00adtors"),
        SECRET.replace("editors", "edi\u200btors"),
        SECRET.replace("editors", "edi\u3164tors"),
        "We heard that agents will raid the café of the editors.",
        SECRET.replace("a", "а").replace("e", "е").replace("o", "о"),
        SECRET.replace("o", "0"),
        SECRET.upper(),
        " ".join(SECRET),
        "".join(chr(ord(one) + 0xFEE0) if "a" <= one <= "z" else one for one in SECRET),
    ],
)
def test_secret_words_are_found_however_they_are_written(draft: Drafts, bob: Person, text: str) -> None:
    made = draft("public", title="Monthly")
    kept_above(made, SECRET)
    editing.add(bob, made, 1, 1, text, [state_key(made)], opinion=False)
    assert "ceiling" in blocking(made)


def test_secret_words_for_one_audience_are_found_too(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    kept_above(made, "Something else.", community="Meet at the old mill by the river at nine.")
    editing.rename(bob, made, 1, "Meet at the old mill by the river")
    assert "ceiling" in blocking(made)


def test_secret_words_without_spaces_are_found(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    kept_above(made, "警方将于星期五突击搜查编辑们的咖啡馆。")
    editing.add(bob, made, 1, 1, "据说警方将于星期五突击搜查编辑们。", [state_key(made)], opinion=False)
    assert "ceiling" in blocking(made)


def test_what_an_audience_may_read_is_not_taken_for_a_secret(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    fact = facts_of(fresh(made))[state_key(made)]
    kept_above(made, fact.words["public"], public=fact.words["public"])
    assert blocking(made) == set()
    editing.add(bob, made, 1, 1, "A few words of an editor about all this.", [fact.key], opinion=False)
    assert blocking(made) == set()


def test_five_words_that_anybody_says_are_no_secret() -> None:
    assert comparing.said_again(["On 7 Oct 2026 it was 13 % of 4711."], comparing.runs("7 Oct 2026")) == []
    assert comparing.said_again(["The editors went home."], comparing.runs(SECRET)) == []


def test_words_are_stored_as_they_are_drawn(draft: Drafts, bob: Person) -> None:
    made = draft("public", title="Monthly")
    editing.add(bob, made, 1, 1, "It\u202a is cafe\u0301\ufeff time.", [state_key(made)], opinion=False)
    editing.rename(bob, made, 2, "Another\u202e title")
    assert fresh(made).title == "Another title"
    assert any(one["text"] == "It is café time." for _block, one in editing.sentences(fresh(made).blocks))
    assert document_of(fresh(made)).title == "Another title"
