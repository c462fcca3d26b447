"""``tocsin check``: prints every safeguard, its state and its mend."""

import json
from dataclasses import asdict

from tocsin.config import options
from tocsin.config.starting import start

_MARKS = {"holds": "✓", "warning": "▲", "missing": "✗"}


def main(arguments: list[str]) -> int:
    """Print them; 1 when a fatal one is missing, else 0."""
    parser = options.parser(
        "check", "Print every safeguard, its state and its mend.", options.where(), options.address()
    )
    parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")
    given = parser.parse_args(arguments)
    options.apply(given)
    start(safe=False)
    from tocsin.config.safeguards.base import State
    from tocsin.config.safeguards.every import all_of

    found = all_of()
    if given.json:
        print(json.dumps([asdict(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            print(f"{_MARKS[one.state]} {one.name:<15} {one.state:<8} {one.line}")
            if one.mend:
                print(f"{'':<27} Mend: {one.mend}")
    return int(any(one.state is State.FATAL for one in found))
