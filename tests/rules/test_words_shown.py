"""Nobody sees the text of a foreign exception: it may quote what somebody wrote, or tell how the machine is built.

Of an exception that the project defines the words are ours.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import HERE, House, plant, tree

_TURNS_INTO_TEXT = {"str", "repr", "format", "print"}
# These show only exceptions that say of themselves that their words are ours, for a reader.
_OWN_WORDS = {"src/tocsin/lib/jail/child.py"}


def shown_exceptions(house: House) -> Iterator[str]:
    for path in (one for one in house.code() if house.name(one) not in _OWN_WORDS):
        module = tree(path)
        own = set(_own_names(module))
        for handler in ast.walk(module):
            if isinstance(handler, ast.ExceptHandler) and handler.name and not _caught(handler) <= own:
                for line in _shown(handler, handler.name):
                    yield f"{house.name(path)}:{line}"


def _own_names(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tocsin"):
            yield from (one.asname or one.name for one in node.names)


def _caught(handler: ast.ExceptHandler) -> set[str]:
    """The names of what is caught; of a dotted one its beginning."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {next((node.id for node in ast.walk(one) if isinstance(node, ast.Name)), "") for one in kinds if one}


def _shown(handler: ast.ExceptHandler, name: str) -> Iterator[int]:
    compared = {id(part) for node in ast.walk(handler) if isinstance(node, ast.Compare) for part in ast.walk(node)}
    for node in (one for one in ast.walk(handler) if id(one) not in compared):
        if isinstance(node, ast.FormattedValue) and _is(node.value, name):
            yield node.lineno
        if isinstance(node, ast.Call) and any(_is(word, name) for word in node.args):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in _TURNS_INTO_TEXT:
                yield node.lineno
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is(node.right, name):
            yield node.lineno


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def test_no_exception_is_turned_into_words() -> None:
    assert list(shown_exceptions(HERE)) == []


def test_an_exception_turned_into_words_is_found(tmp_path: Path) -> None:
    text = """
try:
    pass
except ValueError as error:
    say(str(error))
    say(f"It failed: {error}")
    say("It failed: %s" % error)
    say("It failed: {}".format(error))
    raise Refusal("Mend this.") from error
"""
    house = plant(tmp_path, {"src/tocsin/lib/bad.py": text})
    assert sorted(shown_exceptions(house)) == [f"src/tocsin/lib/bad.py:{line}" for line in (5, 6, 7, 8)]
