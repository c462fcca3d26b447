"""The weights that ship are readable, and no name can stand in them."""

import json
import re
from importlib.resources import files

from tocsin.analysis.text.persecution import PERPETRATORS, RULE, VIOLATIONS
from tocsin.analysis.text.persecution.weights import parsed, shipped, written

_FILE = files("tocsin.analysis.text.persecution") / "weights.json"


def test_the_vocabulary_holds_words_in_plain_lower_case_that_many_texts_share() -> None:
    weights = shipped()
    n = json.loads(_FILE.read_text("utf-8"))["learned"]["texts"]
    assert weights.rarity
    for word, rarity in weights.rarity.items():
        assert re.fullmatch(r"[a-z]{3,}", word)
        # ln(texts / texts with the word): ten texts at least share it.
        assert rarity <= 0.001 + __import__("math").log(n / 10)


def test_every_feature_is_a_word_of_the_vocabulary_or_a_key_of_ours() -> None:
    weights = shipped()
    for model in weights.models.values():
        for name in model.weights:
            if name.startswith("w:"):
                assert name[2:] in weights.rarity
            else:
                assert re.fullmatch(r"[a-z0-9:-]+(:[A-Z]{2})?", name), name


def test_there_is_a_model_for_each_answer() -> None:
    weights = shipped()
    assert weights.version == RULE.version
    for variant in ("words", "signs"):
        assert {f"violation:{variant}:{kind}" for kind in VIOLATIONS} <= set(weights.models)
        assert {f"perpetrator:{variant}:{kind}" for kind in PERPETRATORS} <= set(weights.models)
    assert {"country", "city", "region", "victim", "when:year", "when:month", "when:day"} <= set(weights.models)


def test_what_is_written_is_read_again() -> None:
    text = _FILE.read_text("utf-8")
    assert written(parsed(text)) == text
