"""Imports point up the house: the contracts stand in pyproject.toml, import-linter reads them."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.rules.house import ROOT, plant

_LINTER = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
_EMPTY = '"""A room."""\n'


def _lint(root: Path) -> tuple[int, str]:
    done = subprocess.run(
        [*_LINTER, "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _named() -> set[str]:
    """Every module of ours that a contract names, without those in brackets, which need not be there."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named: set[str] = set()
    for one in contracts:
        layers = [name.strip() for layer in one.get("layers", []) for name in re.split(r"[|:]", layer)]
        for container in one.get("containers", []):
            named |= {container, *(f"{container}.{name}" for name in layers if not name.startswith("("))}
        named |= {*one.get("source_modules", []), *one.get("forbidden_modules", [])}
    return {name.replace("*", "feeds") for name in named if name.startswith("tocsin.")}


def _small_house(root: Path, files: dict[str, str]) -> tuple[int, str]:
    named = {part for name in _named() for part in _with_parents(name)}
    packages = {name.rpartition(".")[0] for name in named} | {name for name in named if name.count(".") == 1}
    # A single file of a room may be planted as a folder by a test, and the other way round.
    planted = {name[4:].removesuffix("/__init__.py").removesuffix(".py").replace("/", ".") for name in files}
    packages |= {parent for name in planted for parent in _with_parents(name)[:-1]}
    empty = {
        f"src/{name.replace('.', '/')}{'/__init__' if name in packages else ''}.py": _EMPTY
        for name in named | packages
        if name
    }
    plant(root, {**empty, **files})
    return _lint(root)


def _with_parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def test_every_import_points_up_the_house() -> None:
    code, said = _lint(ROOT)
    assert code == 0, said


def test_a_small_house_in_order_passes(tmp_path: Path) -> None:
    code, said = _small_house(tmp_path, {})
    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "text", "broken"),
    [
        ("lib/tlp.py", "import tocsin.people", "A room imports only rooms that stand above it"),
        ("streams/work.py", "def late():\n    import tocsin.config", "A room imports only rooms that stand above it"),
        ("weather/__init__.py", _EMPTY, "A room imports only rooms that stand above it"),
        ("analysis/series/points.py", "import tocsin.analysis.text", "Analysis imports only what stands above it"),
        ("analysis/text/reading.py", "import django", "Analysis knows no framework"),
        ("replay/server.py", "import tocsin.streams", "Replay stands alone"),
        ("lib/jail/running.py", "import tocsin.lib.claims", "The HTTP client and the jail"),
        ("alerts/channels/base.py", "import tocsin.alerts.access", "The pager reaches no analysis"),
        ("streams/sources/feeds/parse.py", "import tocsin.streams.models", "Parsers run in the jail"),
    ],
)
def test_a_planted_import_breaks_its_contract(tmp_path: Path, file: str, text: str, broken: str) -> None:
    code, said = _small_house(tmp_path, {f"src/tocsin/{file}": text + "\n"})
    assert code == 1
    assert any(line.startswith(broken) and line.endswith("BROKEN") for line in said.splitlines()), said


def test_every_room_of_the_house_is_named_in_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert all(one["exhaustive"] for one in contracts if one["type"] == "layers")
