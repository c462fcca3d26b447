"""The tree that a rule looks at: the project's own, or one with a planted violation."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_ROOMS = {"__pycache__"}
APART = {"tests", "migrations", "__pycache__", "static", "templates", "locale", "management"}


@dataclass(frozen=True)
class House:
    """One tree. Paths in messages are those below its root."""

    root: Path

    @property
    def package(self) -> Path:
        """The folder of the code."""
        return self.root / "src" / "tocsin"

    @cached_property
    def rooms(self) -> list[str]:
        """The folders directly below the package."""
        return sorted(
            path.name
            for path in self.package.iterdir()
            if path.is_dir() and path.name not in NOT_ROOMS and any(path.rglob("*.py"))
        )

    def code(self, below: str = "", tests: bool = False) -> Iterator[Path]:
        """Every file of Python, without migrations, and without tests unless asked for."""
        for path in sorted((self.package / below).rglob("*.py")):
            parts = path.relative_to(self.package).parts
            if "migrations" not in parts and (tests or "tests" not in parts):
                yield path

    def templates(self) -> Iterator[Path]:
        """Every page and part of a page."""
        yield from sorted(self.package.glob("*/templates/**/*.html"))

    def name(self, path: Path) -> str:
        """A path as a message shows it."""
        return str(path.relative_to(self.root))

    def document(self, name: str) -> str:
        """A page of the docs; empty if there is none."""
        path = self.root / "docs" / f"{name}.md"
        return path.read_text(encoding="utf-8") if path.exists() else ""


HERE = House(ROOT)


def tree(path: Path) -> ast.Module:
    """A file's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def mentions(text: str, word: str) -> bool:
    """Whether a page of the docs names this in code letters, alone or with what follows it."""
    return re.search(rf"`(?:[^`\n]*[\s.])?{re.escape(word)}(?:[^\w`][^`\n]*)?`", text) is not None


def plant(root: Path, files: dict[str, str]) -> House:
    """A small tree with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return House(root)
