"""How well our feed source reads feedparser's own tests: title, link, date and text of entries as they expect.

Each file states in its first comment what is expected, as an expression. It is never run: of its syntax tree only
comparisons of an entry's field with a literal are taken. ``--data`` is a folder that holds the archive of these tests
(a ``tar.gz`` with ``wellformed/`` in it) at any depth, or one of its folders unpacked.
"""

import argparse
import ast
import calendar
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.lib import jail
from tocsin.streams.sources.plaintext import plain

PARSER = "tocsin.streams.sources.feeds.parse:parse"
AT_ONCE = 100
SUFFIXES = {".xml", ".json", ".rss", ".atom"}

_EXPECT = re.compile(rb"^\s*Expect:\s*(.+?)\s*$", re.MULTILINE)
_CONTENT_TYPE = re.compile(rb"^\s*Header:\s*Content-type:\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_FIELDS = {
    "title": "title",
    "link": "link",
    "summary": "text",
    "description": "text",
    "content": "text",
    "published_parsed": "date",
    "updated_parsed": "date",
    "created_parsed": "date",
}


@dataclass(frozen=True)
class Case:
    """One file, and what it expects of entries: (entry, field, value)."""

    name: str
    body: bytes
    content_type: str
    expected: tuple[tuple[int, str, Any], ...]

    @property
    def folder(self) -> str:
        """The folder that it stands in: well-formed, ill-formed, encodings."""
        return self.name.partition("/")[0]


def main(argv: list[str]) -> int:
    """Run the benchmark; prints a table and one JSON line."""
    parser = argparse.ArgumentParser(prog="tocsin bench feeds_conformance", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="also name up to N files that miss")
    given = parser.parse_args(argv)
    cases = list(_cases(given.data))
    if not cases:
        print("No tests of feedparser were found there. Give the folder that holds their archive.")
        return 2
    tally, outcomes, missed = _run(cases)
    print(f"{'field':10} {'expected':>9} {'met':>7} {'share':>7}")
    for field in ("title", "link", "date", "text"):
        met, expected = tally[field, True], tally[field, True] + tally[field, False]
        print(f"{field:10} {expected:>9} {met:>7} {met / max(1, expected):>7.3f}")
    print(f"\n{'files':14} {'read':>6} {'refused':>8} {'stopped':>8}")
    for folder in sorted({case.folder for case in cases}):
        counts = [outcomes[folder, word] for word in ("read", "refused", "stopped")]
        print(f"{folder:14} {counts[0]:>6} {counts[1]:>8} {counts[2]:>8}")
    for name in missed[: given.misses]:
        print(f"missed: {name}")
    print(json.dumps(_summary(cases, tally, outcomes)))
    return 0


def _run(cases: list[Case]) -> tuple[Counter[tuple[str, bool]], Counter[tuple[str, str]], list[str]]:
    tally: Counter[tuple[str, bool]] = Counter()
    outcomes: Counter[tuple[str, str]] = Counter()
    missed: list[str] = []
    for first in range(0, len(cases), AT_ONCE):
        part = cases[first : first + AT_ONCE]
        arguments = [{"address": "http://127.0.0.1:8097/tests/", "content_type": case.content_type} for case in part]
        results = jail.run_many(PARSER, [case.body for case in part], each=arguments)
        for case, result in zip(part, results, strict=True):
            outcomes[case.folder, _outcome(result)] += 1
            items = result.data["items"] if result.ok else []
            for entry, field, value in case.expected:
                met = entry < len(items) and _meets(items[entry], field, value)
                tally[field, met] += 1
                if not met:
                    missed.append(f"{case.name} {field}")
    return tally, outcomes, missed


def _outcome(result: jail.Result) -> str:
    if result.failure is None:
        return "read"
    return "refused" if result.failure.code == jail.Code.UNREADABLE else "stopped"


def _meets(item: dict[str, Any], field: str, value: Any) -> bool:
    if field == "link":
        return bool(item["url"] == str(value).strip())
    if field == "title":
        return bool(item["title"] in {" ".join(plain(str(value)).split()), " ".join(str(value).split())})
    if field == "text":
        # Of summary and content we keep the longer one.
        return plain(str(value)) in item["text"] or " ".join(str(value).split()) in " ".join(item["text"].split())
    try:
        return bool(item["stated"] == calendar.timegm(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _summary(cases: list[Case], tally: Counter[tuple[str, bool]], outcomes: Counter[tuple[str, str]]) -> dict[str, Any]:
    words = {word: sum(n for (_, each), n in outcomes.items() if each == word) for word in ("read", "refused")}
    stopped = sum(n for (_, each), n in outcomes.items() if each == "stopped")
    shares = {
        field: round(tally[field, True] / max(1, tally[field, True] + tally[field, False]), 4)
        for field in ("title", "link", "date", "text")
    }
    return {"bench": "feeds_conformance", "files": len(cases), **words, "stopped": stopped, "met": shares}


def _cases(data: Path) -> Iterator[Case]:
    for name, body in _files(data):
        head = body[:4096].replace(b"\x00", b"")
        expect, kind = _EXPECT.search(head), _CONTENT_TYPE.search(head)
        expected = tuple(_expected(expect[1].decode("utf-8", "replace"))) if expect else ()
        yield Case(name, body, kind[1].decode("latin-1") if kind else "", expected)


def _files(data: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(data.rglob("*.tar.gz")):
        with tarfile.open(path) as archive:
            members = [member for member in archive if member.isfile() and Path(member.name).suffix in SUFFIXES]
            if not any("wellformed/" in member.name for member in members):
                continue
            for member in members:
                opened = archive.extractfile(member)
                if opened is not None:
                    yield member.name.removeprefix("./"), opened.read(20_000_000)
            return
    if any(data.rglob("wellformed")):
        for path in sorted(one for one in data.rglob("*") if one.suffix in SUFFIXES):
            yield str(path.relative_to(data)), path.read_bytes()


def _expected(text: str) -> Iterator[tuple[int, str, Any]]:
    """What an expression says of entries, read from its syntax alone."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
            where = _path(node.left)
            if len(where) < 3 or where[0] != "entries" or not isinstance(where[1], int):
                continue
            field = _FIELDS.get(str(where[2]))
            whole = len(where) == 3 or (where[2] == "content" and where[-1] == "value" and where[3] == 0)
            if field and whole:
                try:
                    yield where[1], field, ast.literal_eval(node.comparators[0])
                except ValueError:
                    continue


def _path(node: ast.expr) -> list[Any]:
    """``entries[0]['link']`` as its parts; empty for anything else."""
    parts: list[Any] = []
    while isinstance(node, ast.Subscript):
        if not isinstance(node.slice, ast.Constant):
            return []
        parts.append(node.slice.value)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []
