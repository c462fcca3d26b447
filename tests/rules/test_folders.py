"""Each folder says in one sentence what it is, has its page in the docs, and holds files of a size to read."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import APART, HERE, House, plant, tree

LONGEST_FILE = 500
VAGUE = {"utils", "util", "helpers", "helper", "managers", "manager", "misc", "common"}


def folders_without_a_sentence(house: House) -> Iterator[str]:
    for folder in [house.package, *sorted(house.package.rglob("*"))]:
        inside = folder.relative_to(house.package).parts
        if not folder.is_dir() or APART & set(inside) or not list(folder.glob("*.py")):
            continue
        start = folder / "__init__.py"
        words = ast.get_docstring(tree(start)) if start.exists() else None
        if not words or not _one_sentence(words):
            yield house.name(folder)


def _one_sentence(words: str) -> bool:
    text = " ".join(words.split())
    return text.endswith(".") and ". " not in text


def rooms_without_a_page(house: House) -> Iterator[str]:
    yield from (room for room in house.rooms if not house.document(room).strip())


def long_files(house: House) -> Iterator[str]:
    for path in [*house.code(tests=True), *house.templates(), *sorted((house.root / "tests").rglob("*.py"))]:
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE:
            yield house.name(path)


def vague_names(house: House) -> Iterator[str]:
    yield from (house.name(path) for path in house.package.rglob("*") if path.stem in VAGUE)


def test_every_folder_says_in_one_sentence_what_it_is() -> None:
    assert list(folders_without_a_sentence(HERE)) == []


def test_a_folder_that_says_nothing_or_too_much_is_found(tmp_path: Path) -> None:
    house = plant(
        tmp_path,
        {
            "src/tocsin/__init__.py": '"""It is."""',
            "src/tocsin/silent/__init__.py": "",
            "src/tocsin/chatty/__init__.py": '"""One. Two."""',
            "src/tocsin/bare/models.py": "",
            "src/tocsin/silent/tests/__init__.py": "",
        },
    )
    found = list(folders_without_a_sentence(house))
    assert found == ["src/tocsin/bare", "src/tocsin/chatty", "src/tocsin/silent"]


def test_every_room_has_its_page_in_the_docs() -> None:
    assert list(rooms_without_a_page(HERE)) == []


def test_a_room_without_a_page_is_found(tmp_path: Path) -> None:
    house = plant(
        tmp_path, {"src/tocsin/new/__init__.py": "", "src/tocsin/old/__init__.py": "", "docs/old.md": "# Old"}
    )
    assert list(rooms_without_a_page(house)) == ["new"]


def test_no_file_is_too_long_to_read() -> None:
    assert list(long_files(HERE)) == []


def test_a_long_file_is_found(tmp_path: Path) -> None:
    house = plant(tmp_path, {"src/tocsin/lib/long.py": "\n" * 501, "src/tocsin/lib/short.py": "\n" * 500})
    assert list(long_files(house)) == ["src/tocsin/lib/long.py"]


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert list(vague_names(HERE)) == []


def test_a_vague_name_is_found(tmp_path: Path) -> None:
    assert list(vague_names(plant(tmp_path, {"src/tocsin/lib/utils.py": ""}))) == ["src/tocsin/lib/utils.py"]
