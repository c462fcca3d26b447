"""The weights that ship are readable, and no name can stand in them."""

import re
from importlib.resources import files

from tocsin.analysis.taxonomy import ACTORS, HARMS, TARGETS
from tocsin.analysis.text.persecution import PERPETRATORS, RULE, VIOLATIONS
from tocsin.analysis.text.persecution.seeing import _acts
from tocsin.analysis.text.persecution.weights import parsed, shipped, written

_FILE = files("tocsin.analysis.text.persecution") / "weights.json"


def test_every_feature_is_a_key_of_ours() -> None:
    known = _keys()
    for model in shipped().models.values():
        for name in model.weights:
            parts = [part for part in name.split(":") if not part.isdigit()]
            assert parts
            assert set(parts) <= known, name


def _keys() -> set[str]:
    """Names that stand as strings in our own code, kinds of acts and signs, and codes of countries."""
    folder = files("tocsin.analysis.text.persecution")
    code = "".join(one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".py"))
    written_there = set(re.findall(r"[a-z]+(?:-[a-z]+)*", code))
    kinds = {one.key for one in HARMS} | {one.key for one in ACTORS} | {one.key for one in TARGETS}
    return written_there | kinds | {"US", "GB"} | _acts().keys() | {key for one in _acts().values() for key in one}


def test_there_is_a_model_for_each_answer() -> None:
    weights = shipped()
    assert weights.version == RULE.version
    assert {f"violation:{kind}" for kind in VIOLATIONS} <= set(weights.models)
    assert {f"perpetrator:{kind}" for kind in ("mentioned", *PERPETRATORS)} <= set(weights.models)
    assert {"country", "city", "region", "victim", "when:year", "when:month", "when:day"} <= set(weights.models)


def test_what_is_written_is_read_again() -> None:
    text = _FILE.read_text("utf-8")
    assert written(parsed(text)) == text
