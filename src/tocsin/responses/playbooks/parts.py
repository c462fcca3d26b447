"""Reads single entries of a playbook's sections. Each answers None after it has noted what is wrong."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Protocol

from tocsin.responses.playbooks.faults import Wrong
from tocsin.responses.playbooks.shapes import (
    LONGEST,
    Caution,
    Function,
    Option,
    Phase,
    Phrase,
    Sign,
    Step,
    Told,
    Undone,
)

LONGEST_ENTRY: Final = 1_000
MOST_ITEMS: Final = 60
WHO: Final = MappingProxyType(
    {
        "lead": Function.LEAD,
        "on duty": Function.DUTY,
        "caseworker": Function.CASEWORK,
        "legal": Function.LEGAL,
        "security": Function.SECURITY,
        "community": Function.COMMUNITY,
        "communications": Function.COMMUNICATIONS,
        "policy": Function.POLICY,
        "executive": Function.EXECUTIVE,
    }
)
"""How a text names each function."""

_ENTRY: Final = re.compile(r"\[([^\[\]]{1,20})\]\s*([^:\[\]]{1,200}):\s*(\S.*)", re.DOTALL)
_DUE: Final = re.compile(r"([1-9][0-9]{0,2}) ?(min|h|d)")
_UNITS: Final = {"min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_AT_ONCE: Final = "at once"
_OPTION_PARTS: Final = ("benefit", "risk", "cost", "reversible")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a section: where it begins, its words joined, and under which option's title it stands."""

    line: int
    text: str
    under: str = ""
    last: int = field(default=0)

    def __post_init__(self) -> None:
        if not self.last:
            object.__setattr__(self, "last", self.line)

    def longer(self, line: int, more: str) -> "Item":
        """The same with one more line of words."""
        return replace(self, text=f"{self.text} {more}".strip(), last=line)


class Note(Protocol):
    """Takes down a fault."""

    def __call__(self, line: int, words: str, /, **given: str | int) -> None: ...


def step(item: Item, phase: Phase, protections: Collection[str], note: Note) -> Step | None:
    """A step: ``[1 h] legal · approval · uses lock, block: What to do.``, or ``[5 min] on duty · at once: Ask.``"""
    found = _entry(item, note)
    if found is None:
        return None
    within, who, text = found
    if within > LONGEST[phase]:
        note(item.line, Wrong.TOO_LATE)
    name, *marks = [part.strip() for part in who.split("·")]
    function = _function(item, name, note)
    used: list[str] = []
    for mark in marks:
        if mark.startswith("uses "):
            used += [key.strip() for key in mark[5:].split(",")]
        elif mark not in {"approval", "second look", _AT_ONCE}:
            note(item.line, Wrong.MARK, name=mark[:40])
    if _AT_ONCE in marks and (len(marks) > 1 or function is Function.COMMUNICATIONS):
        note(item.line, Wrong.AT_ONCE)
    for key in used:
        if key not in protections:
            note(item.line, Wrong.PROTECTION, name=key[:40])
    if function is None:
        return None
    return Step(
        phase,
        within,
        function,
        text,
        "approval" in marks,
        "second look" in marks,
        tuple(dict.fromkeys(used)),
        item.line,
        at_once=_AT_ONCE in marks,
    )


def _told(item: Item, note: Note) -> Told | None:
    found = _entry(item, note)
    function = _function(item, found[1].strip(), note) if found is not None else None
    return Told(found[0], function, found[2]) if found is not None and function is not None else None


def _entry(item: Item, note: Note) -> tuple[timedelta, str, str] | None:
    if not _fits(item, note):
        return None
    found = _ENTRY.fullmatch(item.text)
    if found is None:
        note(item.line, Wrong.STEP)
        return None
    due = _DUE.fullmatch(found[1].strip())
    if due is None:
        note(item.line, Wrong.DUE)
        return None
    return int(due[1]) * _UNITS[due[2]], found[2], found[3]


def _function(item: Item, name: str, note: Note) -> Function | None:
    if name not in WHO:
        note(item.line, Wrong.FUNCTION, name=name[:40], known=", ".join(WHO))
        return None
    return WHO[name]


def _plain(item: Item, note: Note) -> str | None:
    return item.text if _fits(item, note) else None


def _caution(item: Item, note: Note) -> Caution | None:
    found = _pair(item, note, "Do not publish a name. | Who holds them did not have it yet.")
    return Caution(*found) if found else None


def _phrase(item: Item, note: Note) -> Phrase | None:
    found = _pair(item, note, "First answer | Thank you for writing to us.")
    return Phrase(*found) if found else None


def _sign(item: Item, note: Note) -> Sign | None:
    found = _pair(item, note, "A hearing is set. | Ask counsel who may attend.")
    return Sign(*found) if found else None


def _pair(item: Item, note: Note, like: str) -> tuple[str, str] | None:
    if not _fits(item, note):
        return None
    first, between, second = (part.strip() for part in item.text.partition("|"))
    if not first or not between or not second:
        note(item.line, Wrong.PAIR, like=like)
        return None
    return first, second


def _fits(item: Item, note: Note) -> bool:
    if len(item.text) > LONGEST_ENTRY:
        note(item.line, Wrong.LONG, most=LONGEST_ENTRY)
        return False
    return bool(item.text)


def options(items: Iterable[Item], note: Note) -> Iterator[Option]:
    """Every option: a title, then its benefit, risk, cost and whether it can be taken back."""
    said: dict[str, Item] = {}
    begun: Item | None = None
    for item in items:
        if not item.text:
            yield from _option(begun, said, note)
            begun, said = item, {}
        elif begun is None:
            note(item.line, Wrong.NO_OPTION)
        else:
            name, _, words = (part.strip() for part in item.text.partition(":"))
            if name not in _OPTION_PARTS or name in said or not words:
                note(item.line, Wrong.OPTION_PART, known=", ".join(_OPTION_PARTS))
            elif _fits(item, note):
                said[name] = replace(item, text=words)
    yield from _option(begun, said, note)


def _option(begun: Item | None, said: Mapping[str, Item], note: Note) -> Iterator[Option]:
    if begun is None:
        return
    lacking = [name for name in _OPTION_PARTS if name not in said]
    for name in lacking:
        note(begun.line, Wrong.OPTION_LACKS, name=name)
    if lacking:
        return
    word, _, how = (part.strip() for part in said["reversible"].text.partition("|"))
    if word not in list(Undone) or not how:
        note(said["reversible"].line, Wrong.REVERSIBLE)
        return
    benefit, risk, cost = (said[name].text for name in _OPTION_PARTS[:3])
    yield Option(begun.under, benefit, risk, cost, Undone(word), how)


READERS: Final[Mapping[str, Callable[[Item, Note], object]]] = MappingProxyType(
    {
        "Use this when": _plain,
        "Must be told": _told,
        "What not to do": _caution,
        "Words for the person": _phrase,
        "Indicators": _sign,
        "Stop when": _plain,
        "What helps nobody": _caution,
    }
)
