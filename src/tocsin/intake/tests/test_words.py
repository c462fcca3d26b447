"""Every language says everything, with the same numbers in it, and has words for receipts."""

import re

import pytest

from tocsin.intake import drafts, phrases
from tocsin.intake.phrases import LANGUAGES, PLACEHOLDER, Words, preferred, table
from tocsin.keys import words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_sentence_with_the_same_placeholders(language: str) -> None:
    english, here = table("en"), table(language)
    assert list(here) == list(english)
    for key, sentence in here.items():
        assert sentence.strip() == sentence != ""
        assert sorted(set(PLACEHOLDER.findall(sentence))) == sorted(set(PLACEHOLDER.findall(english[key]))), key
        assert not re.search(r"[<>]|\{\W|\w\}\}", sentence), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_words_for_receipts(language: str) -> None:
    made = words.make_receipt(language)
    assert words.normalise(" ".join(made))
    assert words.receipt_bits(language) >= words.RECEIPT_BITS


def test_every_choice_has_its_words() -> None:
    keys = [f"kind_{one}" for one in drafts.KINDS] + [f"safe_{one}" for one in drafts.SAFE]
    keys += [f"urgency_{one}" for one in drafts.URGENCY] + [f"answer_{one}" for one in drafts.ANSWERS]
    assert [key for key in keys if key not in table("en")] == []


def test_every_sentence_is_used_and_every_one_used_is_there() -> None:
    folder = phrases.FOLDER.parent
    files = [*folder.glob("templates/intake/*.html"), *folder.glob("*.py"), *folder.glob("views/*.py")]
    text = "\n".join(path.read_text() for path in files)
    used = set(re.findall(r"\bw\.(\w+)", text))
    assert sorted(used - set(table("en"))) == []
    made = {"kind", "safe", "urgency", "answer"}
    assert [
        key for key in table("en") if key.partition("_")[0] not in made and not re.search(rf"\b{key}\b", text)
    ] == []


@pytest.mark.parametrize(
    ("header", "language"),
    [("", "en"), ("en-GB", "en"), ("xx", "en"), ("xx, en;q=0.1", "en"), ("en;q=0", "en"), ("q=;=,;", "en")],
)
def test_a_header_gives_a_language_that_is_here(header: str, language: str) -> None:
    assert preferred(header) == language


def test_a_placeholder_without_a_value_stays() -> None:
    assert Words("en")["files_limit"] == "Each file can have up to {size}."
    assert Words("xx", size="2 GB")["files_limit"] == "Each file can have up to 2 GB."
