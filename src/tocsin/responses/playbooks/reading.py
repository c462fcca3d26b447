"""Reads the text of a playbook, strictly: whatever is wrong is named with its file and line, and with what to do.

A text is Markdown of a narrow kind behind a short TOML head. It holds no markup of its own, so nothing in it is ever
shown as anything but words. docs/playbooks.md shows one.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

from tocsin.analysis import taxonomy
from tocsin.responses.playbooks import parts
from tocsin.responses.playbooks.faults import TURNING, Fault, ReadingError, Wrong
from tocsin.responses.playbooks.parts import Item
from tocsin.responses.playbooks.shapes import (
    Function,
    Option,
    Phase,
    Phrase,
    Playbook,
    Severity,
    Sign,
    Step,
    Told,
    Undone,
)

__all__ = [
    "NOT_REVIEWED",
    "Fault",
    "Function",
    "Option",
    "Phase",
    "Phrase",
    "Playbook",
    "ReadingError",
    "Severity",
    "Sign",
    "Step",
    "Told",
    "Undone",
    "digest_of",
    "read",
    "read_translation",
]

NOT_REVIEWED: Final = "not yet reviewed"
LARGEST: Final = 60_000
LONGEST_LINE: Final = 1_000
MOST_HEAD_LINES: Final = 12
MOST_FAULTS: Final = 20
SECTIONS: Final = (
    "Use this when",
    "Must be told",
    "First hour",
    "First day",
    "First week",
    "What not to do",
    "Words for the person",
    "Indicators",
    "Stop when",
    "Options",
    "What helps nobody",
)
TOLD: Final = "Must be told"
PHASES: Final = {"First hour": Phase.HOUR, "First day": Phase.DAY, "First week": Phase.WEEK}
_ORIGINAL: Final = {"title": str, "version": int, "harms": list, "severity": str, "reviewed_by": str}
_TRANSLATION: Final = {"title": str, "version": int, "translates": str, "reviewed_by": str}
_MAY: Final = {"objective": str, "reviewed_on": date}
_HEAD_LINE: Final = re.compile(r"([a-z_]+)\s*=\s*\S")
_OF_A_VERSION: Final = re.compile(r"(version|reviewed_by|reviewed_on)\s*=")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass
class _Source:
    """A text in lines, and the faults found so far."""

    name: str
    faults: list[Fault] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)
    where: dict[str, int] = field(default_factory=dict)
    sections: dict[str, list[Item]] = field(default_factory=dict)

    def add(self, line: int, words: str, /, **given: str | int) -> None:
        """Note a fault; after many, the rest is left out."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(self.name, line, words, tuple(sorted(given.items()))))

    def raise_any(self) -> None:
        """Stop here if something was wrong."""
        if self.faults:
            raise ReadingError(tuple(sorted(self.faults, key=lambda one: one.line)))


def read(given: str | bytes, name: str, protections: Collection[str]) -> Playbook:
    """An original playbook. ``name`` is its file's, such as ``detained.md``; ``protections`` the keys that exist.

    Raises:
        ReadingError: with every fault found, by line.
    """
    text, source = _begun(given, name, _ORIGINAL)
    head = source.head
    _harms(source)
    severity = _one_of(source, "severity", Severity)
    reviewed = _reviewed(source)
    source.raise_any()
    body = _body(source, protections)
    return Playbook(
        key=name.split(".")[0], language="en", title=head["title"], version=head["version"], severity=severity,
        harms=tuple(head["harms"]), reviewed_by=reviewed[0], reviewed_on=reviewed[1],
        digest=digest_of(text), text=text, objective=head.get("objective", ""), **body,
    )  # fmt: skip


def read_translation(given: str | bytes, name: str, original: Playbook, protections: Collection[str]) -> Playbook:
    """A translation, such as ``detained.es.md``. Where it names the original's digest, it must have the same steps.

    One that names another digest is *stale*: it is read, and whoever shows it compares ``translates``.

    Raises:
        ReadingError: with every fault found, by line.
    """
    text, source = _begun(given, name, _TRANSLATION)
    head = source.head
    if not _DIGEST.fullmatch(head["translates"]):
        source.add(source.where["translates"], Wrong.DIGEST)
    reviewed = _reviewed(source)
    source.raise_any()
    body = _body(source, protections)
    if head["translates"] == original.digest:
        _same_shape(source, body, original)
    return Playbook(
        key=original.key, language=name.split(".")[1], title=head["title"], version=head["version"],
        harms=original.harms, severity=original.severity, reviewed_by=reviewed[0], reviewed_on=reviewed[1],
        digest=digest_of(text), text=text, translates=head["translates"], objective=head.get("objective", ""), **body,
    )  # fmt: skip


def digest_of(text: str) -> str:
    """The hash of what a text says, as hex: everything but its version and its review."""
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")]
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "+++"), 0)
    head = [line.strip() for line in lines[:end] if not _OF_A_VERSION.match(line.strip())]
    return sha256("\n".join([*head, *lines[end:]]).strip().encode("utf-8", "replace")).hexdigest()


def _begun(given: str | bytes, name: str, wanted: dict[str, type]) -> tuple[str, _Source]:
    source = _Source(name)
    text = _decoded(source, given)
    lines = text.split("\n")
    _characters(source, lines)
    source.raise_any()
    after = _head(source, lines, wanted)
    source.raise_any()
    _split(source, lines, after)
    return text, source


def _decoded(source: _Source, given: str | bytes) -> str:
    if len(given) > LARGEST:
        source.add(0, Wrong.LARGE, most=LARGEST)
        source.raise_any()
    if isinstance(given, bytes):
        try:
            return given.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            source.add(given.count(b"\n", 0, error.start) + 1, Wrong.ENCODING)
            raise ReadingError(tuple(source.faults)) from None
    return given.replace("\r\n", "\n")


def _characters(source: _Source, lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            source.add(number, Wrong.LONG_LINE, most=LONGEST_LINE)
        if any(sign in TURNING or unicodedata.category(sign) in {"Cc", "Cs", "Co"} for sign in line):
            source.add(number, Wrong.CONTROL)


def _head(source: _Source, lines: list[str], wanted: dict[str, type]) -> int:
    """Read what stands between the two lines of ``+++``; answers the number of the line behind it."""
    if lines[0].strip() != "+++":
        source.add(1, Wrong.NO_HEAD)
        return 0
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "+++"), 0)
    if not end or end > MOST_HEAD_LINES + 1:
        source.add(1, Wrong.OPEN_HEAD, most=MOST_HEAD_LINES)
        return 0
    for number, line in enumerate(lines[1:end], 2):
        _head_line(source, number, line.strip(), {**wanted, **_MAY})
    for name in wanted:
        if name not in source.where:
            source.add(1, Wrong.MISSING, name=name)
    return end + 1


def _head_line(source: _Source, number: int, line: str, known: dict[str, type]) -> None:
    """One line of the head, read by itself, so that a fault has its line and nothing nests over lines."""
    if not line:
        return
    found = _HEAD_LINE.match(line)
    if found is None:
        source.add(number, Wrong.HEAD_LINE)
        return
    name = found[1]
    if name not in known:
        source.add(number, Wrong.UNKNOWN_NAME, name=name, known=", ".join(known))
    elif name in source.where:
        source.add(number, Wrong.TWICE, name=name)
    else:
        source.where[name] = number
        source.head[name] = _value(source, number, name, line, known[name])


def _value(source: _Source, number: int, name: str, line: str, kind: type) -> Any:
    # What nests deeper than one list has no business here, and would run Python's own reader out of its depth.
    try:
        value: Any = tomllib.loads(line)[name] if line.count("[") + line.count("{") < 3 else None
    except (ValueError, RecursionError):
        value = None
    if type(value) is kind and _usable(value):
        return value.strip() if isinstance(value, str) else value
    source.add(number, Wrong.VALUE, name=name, like=_LIKE[name])
    return {str: "", int: 1, list: [], date: None}[kind]


def _usable(value: Any) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, list):
        return all(type(one) is str for one in value)
    return not isinstance(value, int) or 0 < value < 1_000_000


_LIKE: Final = {
    "title": 'title = "Somebody is detained"',
    "version": "version = 1",
    "harms": 'harms = ["arrest"]',
    "severity": 'severity = "severe"',
    "objective": 'objective = "The person is free and safe."',
    "reviewed_by": f'reviewed_by = "{NOT_REVIEWED}"',
    "reviewed_on": "reviewed_on = 2026-05-01",
    "translates": 'translates = "the digest on the page of the original"',
}


def _harms(source: _Source) -> None:
    known = [one.key for one in taxonomy.HARMS]
    for harm in source.head.get("harms", []):
        if harm not in known:
            source.add(source.where["harms"], Wrong.HARM, name=harm, known=", ".join(known))
    if not source.head.get("harms"):
        source.add(source.where["harms"], Wrong.VALUE, name="harms", like=_LIKE["harms"])


def _one_of(source: _Source, name: str, kind: type[Severity]) -> Severity:
    try:
        return kind(source.head[name])
    except ValueError:
        source.add(source.where[name], Wrong.CHOICE, name=name, known=", ".join(kind))
        return kind.SEVERE


def _reviewed(source: _Source) -> tuple[str, date | None]:
    by, on = source.head["reviewed_by"], source.head.get("reviewed_on")
    if by == NOT_REVIEWED:
        if on is not None:
            source.add(source.where["reviewed_on"], Wrong.NOT_REVIEWED_DAY)
        return "", None
    if on is None:
        source.add(source.where["reviewed_by"], Wrong.NO_DAY, like=NOT_REVIEWED)
    return by, on


def _split(source: _Source, lines: list[str], after: int) -> None:
    """Put each item under its section, in the one order that there is."""
    current, option = "", ""
    for number, line in enumerate(lines[after:], after + 1):
        if line.startswith("# "):
            current, option = _section(source, number, line[2:].strip()), ""
        elif line.startswith("## ") and current == "Options":
            option = line[3:].strip()
            source.sections[current].append(Item(number, "", option))
            if not option:
                source.add(number, Wrong.NO_OPTION)
        elif line.strip():
            _item(source, number, line, current, option)
    for name in SECTIONS:
        if name not in source.sections:
            source.add(len(lines), Wrong.NO_SECTION, name=name)
        elif not source.sections[name]:
            source.add(len(lines), Wrong.EMPTY_SECTION, name=name)


def _section(source: _Source, number: int, name: str) -> str:
    if name not in SECTIONS:
        source.add(number, Wrong.SECTION, known=", ".join(SECTIONS))
        return "?"
    if name in source.sections:
        source.add(number, Wrong.SECTION_TWICE, name=name)
    elif any(SECTIONS.index(one) > SECTIONS.index(name) for one in source.sections):
        source.add(number, Wrong.SECTION_ORDER, name=name, known=", ".join(SECTIONS))
    source.sections.setdefault(name, [])
    return name


def _item(source: _Source, number: int, line: str, current: str, option: str) -> None:
    items = source.sections.get(current)
    if items is None:
        if not current:
            source.add(number, Wrong.BEFORE_SECTION, name=SECTIONS[0])
        return
    if line.startswith("- ") and line[2:].strip():
        items.append(Item(number, line[2:].strip(), option))
    elif current == SECTIONS[0]:
        joins = bool(items) and items[-1].last == number - 1
        if joins:
            items[-1] = items[-1].longer(number, line.strip())
        else:
            items.append(Item(number, line.strip()))
    elif line.startswith("  ") and items and items[-1].last == number - 1:
        items[-1] = items[-1].longer(number, line.strip())
    else:
        source.add(number, Wrong.LINE)
    if len(items) > parts.MOST_ITEMS:
        source.add(number, Wrong.MANY, most=parts.MOST_ITEMS)
        source.raise_any()


def _body(source: _Source, protections: Collection[str]) -> dict[str, Any]:
    """Every section, read.

    Raises:
        ReadingError: with every fault found.
    """
    found = {name: list(_each(source, name, protections)) for name in SECTIONS}
    steps = tuple(step for name in PHASES for step in found[name])
    _no_twins(source, steps)
    source.raise_any()
    return {
        "use": tuple(found["Use this when"]),
        "told": tuple(found["Must be told"]),
        "steps": steps,
        "never": tuple(found["What not to do"]),
        "words": tuple(found["Words for the person"]),
        "indicators": tuple(found["Indicators"]),
        "stop": tuple(found["Stop when"]),
        "options": tuple(found["Options"]),
        "helps_nobody": tuple(found["What helps nobody"]),
    }


def _each(source: _Source, name: str, protections: Collection[str]) -> Iterator[Any]:
    items = source.sections.get(name, [])
    if name == "Options":
        yield from parts.options(items, source.add)
        return
    for item in items:
        if name in PHASES:
            one: object = parts.step(item, PHASES[name], protections, source.add)
        else:
            one = parts.READERS[name](item, source.add)
        if one is not None:
            yield one


def _no_twins(source: _Source, steps: tuple[Step, ...]) -> None:
    seen: dict[tuple[Function, str], int] = {}
    for step in steps:
        same = (step.function, " ".join(step.text.casefold().split()))
        if same in seen:
            source.add(step.line, Wrong.TWIN, other=seen[same])
        seen.setdefault(same, step.line)


def _same_shape(source: _Source, body: dict[str, Any], original: Playbook) -> None:
    """A translation says the same: as many of everything, and each step by the same function, with the same yes."""
    for name in ("told", "steps", "never", "words", "indicators", "stop", "options", "helps_nobody"):
        here, there = len(body[name]), len(getattr(original, name))
        if here != there:
            source.add(0, Wrong.SHAPE, name=name, here=here, there=there)
    for mine, theirs in zip(body["steps"], original.steps, strict=False):
        if _bones(mine) != _bones(theirs):
            source.add(mine.line, Wrong.STEP_DIFFERS, other=theirs.line)
    source.raise_any()


def _bones(step: Step) -> tuple[object, ...]:
    return step.phase, step.within, step.function, step.approval, step.second_look, step.protections, step.at_once
