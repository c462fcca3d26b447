"""Every setting, command, kind of source and detector has its words in the docs."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from tests.rules.house import HERE, House, mentions, plant, tree
from tocsin.config.commands import COMMANDS
from tocsin.config.configuration import Configuration
from tocsin.config.safeguards.every import all_of
from tocsin.streams.sources import KINDS


def unmentioned(words: Iterable[str], page: str) -> list[str]:
    return [word for word in words if not mentions(page, word)]


def public_names(house: House) -> Iterator[str]:
    """What the packages of analysis offer: the names in their ``__all__``."""
    for start in sorted((house.package / "analysis").glob("*/__init__.py")):
        for node in tree(start).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                yield from (str(value) for value in ast.literal_eval(node.value))


def untested(names: Iterable[str], house: House) -> list[str]:
    tests = list(house.package.glob("analysis/**/tests/**/*.py"))
    words = {word for path in tests for word in _words(tree(path))}
    return [name for name in names if name not in words]


def _words(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name


def test_every_setting_is_documented() -> None:
    assert unmentioned([one.name for one in fields(Configuration)], HERE.document("configuration")) == []


def test_every_setting_says_what_it_is_in_the_file_itself() -> None:
    assert [one.name for one in fields(Configuration) if not str(one.metadata.get("help", "")).endswith(".")] == []


def test_every_command_is_documented() -> None:
    assert unmentioned([f"tocsin {one.name}" for one in COMMANDS], HERE.document("commands")) == []


def test_every_command_has_a_file_and_every_file_a_command() -> None:
    folder = HERE.package / "config" / "commands"
    assert {one.file for one in COMMANDS} == {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_every_kind_of_source_is_documented() -> None:
    assert unmentioned(KINDS, HERE.document("streams")) == []


def test_every_folder_of_a_source_is_in_the_list() -> None:
    folder = HERE.package / "streams" / "sources"
    found = {path.parent.name for path in folder.glob("*/__init__.py") if path.parent.name != "tests"}
    assert found == {where.split(".")[3] for where in KINDS.values()}


def test_every_public_name_of_analysis_is_documented() -> None:
    pages = HERE.document("analysis") + HERE.document("analysis-text")
    assert unmentioned(public_names(HERE), pages) == []


def test_every_public_name_of_analysis_is_tested() -> None:
    assert untested(public_names(HERE), HERE) == []


def test_every_page_of_the_docs_is_reached_from_the_readme() -> None:
    readme = (HERE.root / "README.md").read_text(encoding="utf-8")
    pages = [path.name for path in (HERE.root / "docs").glob("*.md")]
    assert [page for page in sorted(pages) if f"docs/{page}" not in readme] == []


def test_a_missing_word_is_found(tmp_path: Path) -> None:
    page = "Set `port` or `tocsin up --port 80`; the contact is free."
    assert unmentioned(["port", "tocsin up", "contact", "por"], page) == ["contact", "por"]
    house = plant(
        tmp_path,
        {
            "src/tocsin/analysis/series/__init__.py": '__all__ = ["Point", "Cell"]',
            "src/tocsin/analysis/series/tests/test_points.py": "from tocsin.analysis.series import Point",
        },
    )
    assert untested(public_names(house), house) == ["Cell"]


@pytest.mark.django_db
def test_every_safeguard_is_documented() -> None:
    names = [one.name for one in all_of()]
    assert [name for name in names if f"| {name} |" not in HERE.document("operate")] == []
