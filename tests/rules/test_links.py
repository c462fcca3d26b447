"""Links between rooms: no reverse names, no links by text, so that a row never tells what points at it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import HERE, House, plant, tree

LINKS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
OWNER_OF_ACCOUNTS = "people"


def named_reverse_links(house: House) -> Iterator[str]:
    for path, call, target in _links(house):
        names = {word.arg: word.value for word in call.keywords}
        hidden = isinstance(name := names.get("related_name"), ast.Constant) and name.value == "+"
        if target and target != _room(house, path) and not hidden:
            yield f"{house.name(path)}:{call.lineno}"


def links_by_text(house: House) -> Iterator[str]:
    for path, call, _ in _links(house):
        first = _first(call)
        if isinstance(first, ast.Constant) and "." in str(first.value):
            yield f"{house.name(path)}:{call.lineno}"
    for path in house.code():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Attribute) and node.attr == "get_model":
                yield f"{house.name(path)}:{node.lineno}"


def _links(house: House) -> Iterator[tuple[Path, ast.Call, str]]:
    """Each link with the room that it points into; empty for a row of the same room."""
    for path in house.code():
        module = tree(path)
        origins = dict(_imported(module))
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _called(node) in LINKS:
                yield path, node, _target(_first(node), origins)


def _imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tocsin."):
            for one in node.names:
                yield one.asname or one.name, str(node.module).split(".")[1]


def _target(node: ast.expr | None, origins: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute) and node.attr == "AUTH_USER_MODEL":
        return OWNER_OF_ACCOUNTS
    if isinstance(node, ast.Constant):
        return str(node.value).split(".")[0] if "." in str(node.value) else ""
    while isinstance(node, ast.Attribute):
        node = node.value
    return origins.get(node.id, "") if isinstance(node, ast.Name) else ""


def _first(call: ast.Call) -> ast.expr | None:
    return call.args[0] if call.args else next((word.value for word in call.keywords if word.arg == "to"), None)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _room(house: House, path: Path) -> str:
    return path.relative_to(house.package).parts[0]


def test_links_between_rooms_have_no_way_back() -> None:
    assert list(named_reverse_links(HERE)) == []


def test_no_link_is_made_by_text() -> None:
    assert list(links_by_text(HERE)) == []


def test_a_way_back_is_found(tmp_path: Path) -> None:
    models = """
from django.conf import settings
from django.db import models
from tocsin.streams.models import Item

class Signal(models.Model):
    item = models.ForeignKey(Item, on_delete=models.CASCADE)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, related_name="signals", on_delete=models.CASCADE)
    fine = models.ForeignKey(Item, related_name="+", on_delete=models.CASCADE)
    own = models.ForeignKey("self", related_name="copies", on_delete=models.CASCADE)
"""
    house = plant(tmp_path, {"src/tocsin/signals/models.py": models})
    assert list(named_reverse_links(house)) == ["src/tocsin/signals/models.py:7", "src/tocsin/signals/models.py:8"]


def test_a_link_by_text_is_found(tmp_path: Path) -> None:
    models = 'case = models.ForeignKey("cases.Case", related_name="+", on_delete=models.CASCADE)\n'
    house = plant(
        tmp_path,
        {
            "src/tocsin/signals/models.py": models,
            "src/tocsin/signals/work.py": 'from django.apps import apps\nCase = apps.get_model("cases", "Case")\n',
        },
    )
    assert list(links_by_text(house)) == ["src/tocsin/signals/models.py:1", "src/tocsin/signals/work.py:2"]
