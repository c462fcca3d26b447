"""What may rest on something restricted is read through the gate that knows its readers."""

import ast
from pathlib import Path

from tests.rules.house import HERE, House, plant, tree

_MANAGERS = {"objects", "_default_manager", "_base_manager"}


def _past_the_gate(house: House) -> list[str]:
    """Where threat levels are read or written outside their own room."""
    return [
        f"{house.name(path)}:{node.lineno}"
        for path in house.code()
        if path.relative_to(house.package).parts[0] != "situations"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.expr) and _reads(node)
    ]


def _reads(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id="ThreatLevel"), attr=attr):
            return attr in _MANAGERS
        case ast.Call(args=[ast.Name(id="ThreatLevel"), *_]):
            return True
        case ast.Constant(value="ThreatLevel" | "situations.ThreatLevel" | "situations.threatlevel"):
            return True
    return False


def test_threat_levels_are_read_through_their_gate_alone() -> None:
    assert _past_the_gate(HERE) == []


def test_levels_that_are_read_past_their_gate_are_found(tmp_path: Path) -> None:
    house = plant(
        tmp_path,
        {
            "src/tocsin/situations/levels.py": "ThreatLevel.objects.all()",
            "src/tocsin/console/world.py": "rows: list[ThreatLevel] = []\nThreatLevel.objects.filter(current=True)",
            "src/tocsin/reports/drawing.py": "QuerySet(ThreatLevel)",
        },
    )
    assert _past_the_gate(house) == ["src/tocsin/console/world.py:2", "src/tocsin/reports/drawing.py:1"]
