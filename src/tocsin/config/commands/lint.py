"""``tocsin lint``: checks the code: ruff, mypy and the order of the rooms."""

from tocsin.config import checkout, options


def main(arguments: list[str]) -> int:
    """Run each tool; 0 when all are content."""
    options.parser("lint", "Check the code: ruff, mypy and the order of the rooms.").parse_args(arguments)
    return int(any(checks()))


def checks() -> list[int]:
    """The exit code of each tool."""
    return [
        checkout.run("ruff check", "ruff", "check", "--quiet"),
        checkout.run("ruff format", "ruff", "format", "--check", "--quiet"),
        checkout.run("mypy --strict", "mypy"),
        checkout.run("order of the rooms", "importlinter.cli", "lint_imports"),
    ]
