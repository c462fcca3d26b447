"""``tocsin look``: everything measured and read about one country: in a terminal, as JSON or a picture."""

import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.config import options
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import start

if TYPE_CHECKING:
    from tocsin.console.looking import Looked


def main(arguments: list[str]) -> int:
    """Print what everybody of the team may read of one country."""
    parser = options.parser("look", "Everything measured and read about one country, in one window.", options.where())
    parser.add_argument("country", metavar="COUNTRY", help="its English name, or its ISO 3166 code, such as TR")
    parser.add_argument("--since", type=_day, metavar="DAY", help="first day, such as 2026-01-31 (60 days back)")
    parser.add_argument("--until", type=_day, metavar="DAY", help="last day, included (today)")
    parser.add_argument("--domain", default="", help="only measurements of this site and the sites below it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="write the strips as SVG, too")
    given = parser.parse_args(arguments)
    options.apply(given)
    start(safe=False)
    seen = _look(given)
    if given.picture is not None:
        _draw(seen, given.picture)
    if given.json:
        from tocsin.console.api import look_out

        print(look_out(seen).model_dump_json())
    else:
        print("\n".join(_told(seen)))
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError("a day is written as 2026-01-31") from error


def _look(given: Namespace) -> "Looked":
    from tocsin.console import looking
    from tocsin.lib import territories

    country = territories.code(given.country)
    if not country:
        raise RefusalError(f"“{given.country}” is no country that is known here. Give its name or ISO 3166 code: TR.")
    domain = looking.subject(given.domain)
    if given.domain and not domain:
        raise RefusalError("The site is written as a domain, such as wikipedia.org.")
    try:
        window = looking.span(given.since, given.until)
    except looking.SpanError as error:
        raise RefusalError(error.args[0]) from error
    seen = looking.look_at(None, country, window, domain=domain, most=200)
    return looking.recalled(seen)


def _draw(seen: "Looked", file: Path) -> None:
    from tocsin.lib import charts
    from tocsin.signals.drawing import chart

    drawn = chart(f"look-{seen.country}", seen.cells, seen.findings, window=(seen.span.since, seen.span.until))
    if drawn is None:
        print("Nothing was measured, so there is no picture.", file=sys.stderr)
        return
    try:
        file.write_text(charts.draw(drawn), encoding="utf-8")
    except OSError as error:
        raise RefusalError(f"The picture could not be written: {error.strerror}.") from error


def _told(seen: "Looked") -> Iterator[str]:
    from tocsin.console import telling

    yield from telling.lines(seen)
