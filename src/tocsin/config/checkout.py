"""The checkout that this runs from: tests, benchmarks and rules are there, and not in an installed package."""

import subprocess
import sys
from pathlib import Path

from tocsin.config.refusal import RefusalError


def folder() -> Path:
    """The root of the checkout.

    Raises:
        RefusalError: when this runs from an installed package.
    """
    root = Path(__file__).resolve().parents[3]
    if not (root / "pyproject.toml").exists():
        raise RefusalError("This command needs a clone of the repository; it is not part of an installed package.")
    return root


def run(title: str, *words: str, environment: dict[str, str] | None = None) -> int:
    """Run a tool of this Python in the checkout, after a line that says which; gives its exit code."""
    sys.stdout.write(f"── {title}\n")
    sys.stdout.flush()
    return subprocess.run([sys.executable, "-m", *words], cwd=folder(), env=environment, check=False).returncode
