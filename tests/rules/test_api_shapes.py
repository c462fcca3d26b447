"""No two shapes of the interface for programs share a name: of two, its description would keep one for both."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.rules.house import HERE, House, plant, tree


def shapes(house: House) -> dict[str, list[str]]:
    """Where each class stands that says what goes out or comes in, by its name."""
    found = [(path, one) for path in house.code() for one in ast.walk(tree(path)) if isinstance(one, ast.ClassDef)]
    known, before = {"Schema"}, set[str]()
    while known != before:
        before = set(known)
        known |= {one.name for _path, one in found if known & set(_bases(one)) and _speaks(_path)}
    stand: dict[str, list[str]] = defaultdict(list)
    for path, one in found:
        if known & set(_bases(one)) and _speaks(path):
            stand[one.name].append(house.name(path))
    return stand


def _speaks(path: Path) -> bool:
    return "api" in path.stem.split("_") or "lib" in path.parts


def _bases(one: ast.ClassDef) -> Iterator[str]:
    for base in one.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        yield plain.attr if isinstance(plain, ast.Attribute) else getattr(plain, "id", "")


def twins(house: House) -> list[str]:
    return [f"{name}: {', '.join(sorted(where))}" for name, where in sorted(shapes(house).items()) if len(where) > 1]


def test_each_shape_has_a_name_of_its_own() -> None:
    assert len(shapes(HERE)) > 100
    assert twins(HERE) == []


def test_a_second_shape_of_the_same_name_is_seen(tmp_path: Path) -> None:
    shape = "from ninja import Schema\nclass Base(Schema):\n    a: int\nclass StepOut(Base):\n    b: int\n"
    planted = plant(
        tmp_path,
        {
            "src/tocsin/one/api.py": shape,
            "src/tocsin/two/api_shapes.py": "import ninja\nclass StepOut(ninja.Schema):\n    c: int\n",
        },
    )
    assert twins(planted) == ["StepOut: src/tocsin/one/api.py, src/tocsin/two/api_shapes.py"]
