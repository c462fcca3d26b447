"""The texts that come with Tocsin."""

import re

import pytest

from tocsin.analysis import taxonomy
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.protecting import needs_risk_check, protections
from tocsin.responses.playbooks.shapes import Function, Phase, Playbook

pytestmark = pytest.mark.django_db

KEYS = {
    "blocked", "shutdown", "detained", "threatened", "doxxed", "user-data", "account-taken", "disinformation",
    "capture", "event-attack", "unrest-ahead", "travel", "self-harm", "staff-targeted",
}  # fmt: skip
ORIGINALS = sorted(key for key, language in library.shipped() if language == "en")
TRANSLATIONS = sorted(one for one in library.shipped() if one[1] != "en")


def book(key: str, language: str = "en") -> Playbook:
    original = library.parsed(key, "en", library.shipped()[key, "en"])
    return original if language == "en" else library.parsed(key, language, library.shipped()[key, language], original)


def test_there_is_one_for_each_kind_of_emergency() -> None:
    assert set(ORIGINALS) == KEYS


@pytest.mark.parametrize("key", ORIGINALS)
def test_each_has_every_part(key: str) -> None:
    one = book(key)
    for phase in Phase:
        assert one.during(phase)
    assert len(one.never) >= 5
    assert len(one.words) >= 3
    assert len(one.options) >= 3
    assert len(one.helps_nobody) >= 3
    assert one.told
    assert one.indicators
    assert one.stop
    assert not one.reviewed, "nobody has reviewed it, and it must say so"


@pytest.mark.parametrize("key", ORIGINALS)
def test_its_first_hour_begins_within_half_an_hour_and_its_steps_come_in_order(key: str) -> None:
    one = book(key)
    for phase in Phase:
        due = [step.within for step in one.during(phase)]
        assert due == sorted(due)
    assert one.steps[0].within.total_seconds() <= 1800
    assert one.steps[0].function in {Function.DUTY, Function.LEAD}


@pytest.mark.parametrize("key", ORIGINALS)
def test_what_may_hurt_others_is_never_done_by_one_alone(key: str) -> None:
    for step in book(key).steps:
        if any(needs_risk_check(one) for one in step.protections):
            assert step.approval or step.second_look, step.line


def test_every_harm_of_the_taxonomy_that_happens_to_people_has_a_playbook() -> None:
    covered = {harm for key in ORIGINALS for harm in book(key).harms}
    assert {one.key for one in taxonomy.HARMS} - covered <= {"killing", "law"}


def test_most_protections_are_used_somewhere_and_all_that_are_used_exist() -> None:
    used = {one for key in ORIGINALS for one in book(key).protections}
    assert used <= set(protections())
    assert len(used) > len(protections()) / 2


@pytest.mark.parametrize(("key", "language"), TRANSLATIONS)
def test_each_translation_is_of_the_original_that_comes_with_it(key: str, language: str) -> None:
    one = book(key, language)
    assert one.translates == book(key).digest
    assert not one.reviewed
    assert one.title != book(key).title
    same = [mine.text for mine, theirs in zip(one.steps, book(key).steps, strict=True) if mine.text == theirs.text]
    assert same == []


def test_the_most_urgent_are_there_in_spanish_french_and_arabic() -> None:
    assert {("detained", one) for one in ("es", "fr", "ar")} <= set(TRANSLATIONS)
    assert {("threatened", one) for one in ("es", "fr", "ar")} <= set(TRANSLATIONS)


def test_words_for_the_person_are_short() -> None:
    for key in ORIGINALS:
        for one in book(key).words:
            assert len(one.text.split()) <= 50, (key, one.when)
            assert not re.search(r"\b(victim|case number|incident)\b", one.text, re.IGNORECASE), (key, one.when)


def test_no_text_names_an_address_or_a_link() -> None:
    for text in library.shipped().values():
        assert not re.search(r"https?:|www\.|@|\+\d{6}", text)
