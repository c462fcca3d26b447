"""Analysis has no clock, no randomness and no door to the outside: times and seeds are arguments."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import HERE, House, plant, tree

OUTSIDE = {
    "random",
    "secrets",
    "time",
    "uuid",
    "socket",
    "ssl",
    "asyncio",
    "threading",
    "multiprocessing",
    "subprocess",
}
OUTSIDE |= {"httpx", "httpcore", "urllib", "requests", "django", "logging"}
CLOCKS = {"now", "utcnow", "today"}


def impure(house: House) -> Iterator[str]:
    for path in house.code("analysis"):
        for node in ast.walk(tree(path)):
            for name in _imports(node):
                if name.split(".")[0] in OUTSIDE:
                    yield f"{house.name(path)}:{node.lineno} imports {name}"  # type: ignore[attr-defined]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
                yield f"{house.name(path)}:{node.lineno} reads a clock"


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_analysis_is_pure() -> None:
    assert list(impure(HERE)) == []


def test_a_clock_and_a_die_are_found(tmp_path: Path) -> None:
    text = (
        "import random\nfrom datetime import datetime\n\n\ndef judge():\n    return datetime.now(), random.random()\n"
    )
    house = plant(tmp_path, {"src/tocsin/analysis/detectors/odd.py": text})
    name = "src/tocsin/analysis/detectors/odd.py"
    assert list(impure(house)) == [f"{name}:1 imports random", f"{name}:6 reads a clock"]
