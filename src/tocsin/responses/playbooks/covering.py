"""The parts of a text, so that a review covers what somebody saw and nothing else.

Of a playbook the head and each section is a part, of the table of protections each protection. A part is known by the
digest of its words: while it reads the same, whoever reviewed it did, in whatever version they saw it.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

HEAD: Final = "head"
PROTECTION: Final = "[[protection]]"
_NAME: Final = 60
_OF_A_VERSION: Final = re.compile(r"(version|reviewed_by|reviewed_on)\s*=")
_KEY: Final = re.compile(r'^key\s*=\s*"([a-z0-9-]{1,40})"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part. ``name`` is its heading or key, ``digest`` (hex) covers its words, ``line`` is where it begins."""

    name: str
    text: str
    digest: str
    line: int


def parts_of(text: str) -> tuple[Part, ...]:
    """Every part in its order, also of a text that can't be read; what stands before the first is the head."""
    return tuple(_parts(text.replace("\r\n", "\n")))


def changed(before: str, after: str) -> tuple[Part, ...]:
    """The parts that read differently in the newer text, or are new there."""
    known = {(one.name, one.digest) for one in parts_of(before)}
    return tuple(one for one in parts_of(after) if (one.name, one.digest) not in known)


def _parts(text: str) -> Iterator[Part]:
    lines = text.split("\n")
    first = _after_head(lines)
    # In a table, lines that begin with a cross are remarks.
    starts = [number for number, line in enumerate(lines) if number >= first and _begins(line, sections=first > 0)]
    name = HEAD
    seen: set[str] = set()
    for start, end in zip([0, *starts], [*starts, len(lines)], strict=True):
        words = "\n".join(lines[start:end]).strip("\n")
        if start in starts:
            name = _name(lines[start], words)
        # Two of one name are no text that could be in force; both are still told apart.
        name = name if name not in seen else f"{name[: _NAME - 8]} {start + 1}"
        seen.add(name)
        if words.strip():
            yield Part(name, words, _digest(words, head=name == HEAD), start + 1)


def _after_head(lines: list[str]) -> int:
    if lines[0].strip() != "+++":
        return 0
    return next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "+++"), 0) + 1


def _begins(line: str, *, sections: bool) -> bool:
    return line.startswith("# ") if sections else line.strip() == PROTECTION


def _name(line: str, words: str) -> str:
    if line.strip() == PROTECTION:
        found = _KEY.search(words)
        return found[1] if found else "?"
    return line[2:].strip()[:_NAME]


def _digest(words: str, *, head: bool) -> str:
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", words).split("\n")]
    said = [line for line in lines if not (head and _OF_A_VERSION.match(line.strip()))]
    return sha256("\n".join(said).strip().encode("utf-8", "replace")).hexdigest()
