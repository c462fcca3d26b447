"""``tocsin audit``: verifies the record of who did what, and the hash of every log that outside witnesses hold."""

import sys
from argparse import ArgumentParser
from datetime import UTC
from pathlib import Path

from django.core.management import ManagementUtility

from tocsin.config import options
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Hand over to the audit room's own command, which says by its exit code whether the record is whole."""
    rest = options.take_home(arguments)
    told, rest = _told(rest)
    start(safe=False)
    if rest[:1] != ["verify"] or "--help" in rest or "-h" in rest:
        ManagementUtility(["tocsin", "audit", *rest]).execute()
        return 0
    whole = _say(told)
    try:
        ManagementUtility(["tocsin", "audit", *rest]).execute()
    except SystemExit as ended:
        return int(ended.code or not whole) if isinstance(ended.code, int | None) else 1
    return int(not whole)


def _told(words: list[str]) -> tuple[Path | None, list[str]]:
    if words[:1] != ["verify"]:
        return None, words
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--witness", type=Path)
    given, rest = parser.parse_known_args(words)
    return given.witness, rest


def _say(file: Path | None) -> bool:
    from tocsin.keys import witnessing

    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file is not None else []
    except OSError as error:
        raise RefusalError(f"{file} can't be read. Give a file with the lines that a witness kept.") from error
    told = witnessing.verify(lines)
    for words in told.wrong:
        sys.stdout.write(f"WRONG  {words}\n")
    if told.agrees_to is not None:
        sys.stdout.write(
            f"Every log: {told.lines} lines of an outside witness; the newest that agrees is of "
            f"{told.agrees_to.astimezone(UTC):%Y-%m-%d %H:%M} UTC. What is younger this server alone vouches for.\n"
        )
    elif file is not None:
        sys.stdout.write(f"Every log: none of {told.lines} lines of the outside witness agrees.\n")
    else:
        sys.stdout.write(
            "Every log: no outside witness was asked, so all of them could have been rewritten. Keep what comes to "
            "witness_mail or witness_url, and give it with --witness FILE.\n"
        )
    return not told.wrong
