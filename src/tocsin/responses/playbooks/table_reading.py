"""Reads the table of protections, strictly: whatever is wrong is named with its line, and with what to do."""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final

from tocsin.responses.playbooks.covering import PROTECTION
from tocsin.responses.playbooks.faults import TURNING, Fault, ReadingError, Wrong
from tocsin.responses.playbooks.shapes import Protection, Undone

LARGEST: Final = 60_000
LONGEST: Final = 1_000
MOST: Final = 60
LONGEST_MINUTES: Final = 60 * 24 * 60
_MOST_FAULTS: Final = 20
_KEY: Final = re.compile(r"[a-z][a-z0-9-]{1,38}[a-z0-9]")
_LINE_OF: Final = re.compile(r"line (\d+)")
_NAMES: Final = tuple(one.name for one in fields(Protection))
_KINDS: Final = {"any_hour": bool, "risk_check": bool, "minutes": int}
_LIKE: Final = {bool: "{name} = true", int: "{name} = 30", str: '{name} = "words"'}


@dataclass
class _Faults:
    name: str
    found: list[Fault] = field(default_factory=list)

    def add(self, line: int, words: str, /, **given: str | int) -> None:
        if len(self.found) < _MOST_FAULTS:
            self.found.append(Fault(self.name, line, words, tuple(sorted(given.items()))))

    def raise_any(self) -> None:
        if self.found:
            raise ReadingError(tuple(sorted(self.found, key=lambda one: one.line)))


def read_table(
    text: str, *, used: Mapping[str, str] = MappingProxyType({}), guarded: Collection[str] = ()
) -> Mapping[str, Protection]:
    """A table of protections by key, in its order.

    ``used`` are keys that must stay, each with the title of a playbook that uses it. ``guarded`` are keys that may
    never be had without a recorded risk check.

    Raises:
        ReadingError: with every fault found, by line.
    """
    faults = _Faults("protections.toml")
    text = text.replace("\r\n", "\n")
    rows = _rows(text, faults)
    starts = [number for number, line in enumerate(text.split("\n"), 1) if line.strip() == PROTECTION]
    if len(starts) != len(rows):
        # A table written in another form of TOML has no lines to point at.
        faults.add(0, Wrong.TABLE_FORM)
    faults.raise_any()
    found: dict[str, Protection] = {}
    for row, where in zip(rows, _places(text, starts), strict=True):
        one = _protection(row, where, faults)
        if one is None:
            continue
        if one.key in found:
            faults.add(where["key"], Wrong.TABLE_TWICE, name=one.key)
        if one.key in guarded and not one.risk_check:
            faults.add(where["risk_check"], Wrong.TABLE_GUARDED, name=one.key)
        found[one.key] = one
    faults.raise_any()
    for key, title in used.items():
        if key not in found:
            faults.add(0, Wrong.TABLE_USED, name=key, book=title)
    faults.raise_any()
    return MappingProxyType(found)


def _rows(text: str, faults: _Faults) -> list[Any]:
    if len(text) > LARGEST:
        faults.add(0, Wrong.LARGE, most=LARGEST)
        faults.raise_any()
    for number, line in enumerate(text.split("\n"), 1):
        if any(unicodedata.category(sign) in {"Cc", "Cs", "Co"} or sign in TURNING for sign in line):
            faults.add(number, Wrong.CONTROL)
    faults.raise_any()
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _LINE_OF.search(error.args[0]) if error.args else None
        faults.add(int(at[1]) if at else len(text.split("\n")), Wrong.TABLE_LINE)
        faults.raise_any()
    except RecursionError:
        faults.add(0, Wrong.TABLE_FORM)
        faults.raise_any()
    rows: Any = whole.get("protection", [])
    if set(whole) != {"protection"} or not isinstance(rows, list) or not 0 < len(rows) <= MOST:
        faults.add(0, Wrong.TABLE_FORM)
        faults.raise_any()
    return list(rows)


def _places(text: str, starts: list[int]) -> Iterator[dict[str, int]]:
    """For each entry the line of each name; a name that is missing leads to where the entry begins."""
    lines = text.split("\n")
    for start, end in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        where = dict.fromkeys(_NAMES, start) | {"": start}
        for number in range(start, end):
            if name := lines[number - 1].partition("=")[0].strip():
                where[name] = number
        yield where


def _protection(row: Any, where: Mapping[str, int], faults: _Faults) -> Protection | None:
    before = len(faults.found)
    if not isinstance(row, dict):
        faults.add(where[""], Wrong.TABLE_FORM)
        return None
    for name in _NAMES:
        if name not in row:
            faults.add(where[""], Wrong.TABLE_MISSING, name=name)
        else:
            _value(name, row[name], where[name], faults)
    for name in sorted(set(row) - set(_NAMES)):
        faults.add(where.get(name, where[""]), Wrong.TABLE_UNKNOWN, name=name[:40], known=", ".join(_NAMES))
    if len(faults.found) > before:
        return None
    return Protection(**{**row, "undo": Undone(row["undo"])})


def _value(name: str, value: Any, line: int, faults: _Faults) -> None:
    wanted = _KINDS.get(name, str)
    if type(value) is not wanted:
        faults.add(line, Wrong.VALUE, name=name, like=_LIKE[wanted].format(name=name))
    elif isinstance(value, str):
        _words(name, value, line, faults)
    elif not isinstance(value, bool) and isinstance(value, int) and not 0 < value <= LONGEST_MINUTES:
        faults.add(line, Wrong.VALUE, name=name, like=_LIKE[int].format(name=name))


def _words(name: str, value: str, line: int, faults: _Faults) -> None:
    if not value.strip():
        faults.add(line, Wrong.VALUE, name=name, like=_LIKE[str].format(name=name))
    elif len(value) > LONGEST:
        faults.add(line, Wrong.LONG, most=LONGEST)
    elif name == "key" and not _KEY.fullmatch(value):
        faults.add(line, Wrong.TABLE_KEY)
    elif name == "undo" and value not in list(Undone):
        faults.add(line, Wrong.CHOICE, name=name, known=", ".join(Undone))
