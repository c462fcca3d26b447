"""The words that go back to senders are the same set in every language."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tocsin.mailbox import phrases

FILES = sorted((Path(phrases.__file__).parent / "phrases").glob("*.toml"))


def _shape(path: Path) -> dict[str, Any]:
    """Tables, their keys and the placeholders of each text, in order."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    tables = {name: value for name, value in found.items() if isinstance(value, list)}
    return {
        name: [(one["key"], list(one), sorted(re.findall(r"{\w+}", one["subject"] + one["text"]))) for one in rows]
        for name, rows in tables.items()
    } | {name: type(value).__name__ for name, value in found.items() if name not in tables}


def test_there_are_nine_languages() -> None:
    assert [path.stem for path in FILES] == ["ar", "en", "es", "fa", "fr", "pt", "ru", "tr", "zh"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_has_the_tables_keys_and_placeholders_of_english(path: Path) -> None:
    english = _shape(path.with_name("en.toml"))
    assert list(_shape(path).items()) == list(english.items())
    assert english["acknowledge"]
