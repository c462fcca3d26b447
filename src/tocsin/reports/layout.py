"""The small language in which a report is laid out: headings, hints for editors, and places for facts.

It has no loop, no condition, no inclusion and no file. A text is read line by line, whole or not at all::

    # A part            ## A smaller part
    > A hint for the editor; it is never printed.
    {facts topic=change most=5}      facts of one topic, the weightiest first
    {table measures}   {chart threat-levels}   {map threat-levels}
    {write}            a place for the editor's own assessment

Words that would be printed stand in no template: each sentence of a report comes from a fact or from an editor.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.utils.translation import gettext as _

from tocsin.reports.facts import Nature, Topic

LARGEST = 20_000
MOST_LINES = 300
MOST_PLACES = 60
MOST_FACTS = 200
LONGEST_LINE = 300
LONGEST_HEADING = 80

DRAWN: Mapping[str, frozenset[str]] = {
    "table": frozenset({"measures", "situations", "support"}),
    "chart": frozenset({"threat-levels", "alerts", "tasks"}),
    "map": frozenset({"threat-levels"}),
}
_LOOPS = frozenset(
    {"for", "while", "loop", "repeat", "each", "foreach", "endfor", "if", "elif", "else", "endif", "set"}
)
_FILES = frozenset(
    {"include", "import", "from", "file", "read", "open", "load", "extends", "exec", "run", "url", "src"}
)
_PLACE = re.compile(r"\{\s*([a-z]+)((?:\s+[a-z-]+(?:=[a-z0-9-]+)?)*)\s*\}")
_BRACES = re.compile(r"[{}]|<%|%>|\$\(")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Hint:
    """Words for the editor alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where facts go (``what`` is facts), something drawn (table, chart, map: ``name``), or an editor writes."""

    what: str
    name: str = ""
    topic: Topic | None = None
    nature: Nature | None = None
    most: int = MOST_FACTS
    line: int = 0


Line: TypeAlias = Part | Hint | Place


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong in which line, counted from 1."""

    line: int
    says: str

    def __str__(self) -> str:
        return _("Line %(line)d: %(says)s") % {"line": self.line, "says": self.says}


class LayoutError(Exception):
    """A text can't be used; ``wrong`` names each line."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("a layout that can't be used")
        self.wrong = tuple(wrong)


@dataclass(slots=True)
class _Reading:
    lines: list[Line] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def read(text: str) -> tuple[Line, ...]:
    """A text as its lines.

    Raises:
        LayoutError: with every line that can't be used.
    """
    given = text.replace("\r\n", "\n").split("\n")
    if len(text) > LARGEST or len(given) > MOST_LINES:
        over = next((at for at in range(len(given)) if len("\n".join(given[: at + 1])) > LARGEST), MOST_LINES)
        values = {"letters": LARGEST, "lines": MOST_LINES}
        says = _("From here on it is too long. At most %(letters)d letters in %(lines)d lines.") % values
        raise LayoutError([Wrong(min(over, MOST_LINES) + 1, says)])
    found = _Reading()
    for at, line in enumerate(given, 1):
        _line(line.strip(), at, found)
    places = [one for one in found.lines if isinstance(one, Place)]
    if len(places) > MOST_PLACES:
        line_at = places[MOST_PLACES].line
        found.wrong.append(Wrong(line_at, _("This is one place too many. At most %(n)d.") % {"n": MOST_PLACES}))
    if not places and not found.wrong:
        found.wrong.append(Wrong(len(given), _("There is no place for facts. Write at least {facts topic=situation}.")))
    if found.wrong:
        raise LayoutError(sorted(found.wrong, key=lambda one: one.line))
    return tuple(found.lines)


def _line(line: str, at: int, found: _Reading) -> None:
    if not line:
        return
    if len(line) > LONGEST_LINE:
        says = _("It is too long. At most %(n)d letters in a line.") % {"n": LONGEST_LINE}
        found.wrong.append(Wrong(at, says))
    elif line.startswith(">"):
        found.lines.append(Hint(line[1:].strip()))
    elif line.startswith("{") and "}" in line:
        _place(line, at, found)
    elif _BRACES.search(line):
        found.wrong.append(Wrong(at, _("Braces stand in a line of their own, such as {facts topic=change most=5}.")))
    elif match := re.fullmatch(r"(#{1,2})\s+(.+)", line):
        words = match[2].strip()
        if len(words) > LONGEST_HEADING:
            says = _("A heading has at most %(n)d letters: it is printed, and rests on no fact.")
            found.wrong.append(Wrong(at, says % {"n": LONGEST_HEADING}))
        found.lines.append(Part(words, len(match[1])))
    elif line.startswith("#"):
        found.wrong.append(Wrong(at, _("A heading is # or ##, a space, and its words.")))
    else:
        says = _("A report has no sentence without a source. Begin the line with > to make it a hint for the editor.")
        found.wrong.append(Wrong(at, says))


def _place(line: str, at: int, found: _Reading) -> None:
    try:
        found.lines.append(_placed(line, at))
    except _BadPlaceError as bad:
        found.wrong.append(Wrong(at, bad.says))


class _BadPlaceError(Exception):
    def __init__(self, says: str) -> None:
        super().__init__(says)
        self.says = says


def _placed(line: str, at: int) -> Place:
    named = {word.lower() for word in re.findall(r"[A-Za-z]+", line)[:3]}
    match = _PLACE.fullmatch(line)
    what = match[1] if match is not None else ""
    if what not in {"facts", "write", "people", *DRAWN}:
        if named & _LOOPS or "%" in line:
            raise _BadPlaceError(
                _("There are no loops and no conditions here. {facts …} takes all that fit by itself.")
            )
        if named & _FILES or "/" in line or ".." in line:
            raise _BadPlaceError(_("Nothing can be read or brought in from elsewhere."))
        raise _BadPlaceError(_("This is not known. There are: facts, table, chart, map, people and write."))
    assert match is not None
    words = match[2].split()
    options = dict(one.split("=", 1) for one in words if "=" in one)
    names = [one for one in words if "=" not in one]
    if what in DRAWN:
        return _drawn(what, names, options, at)
    if names:
        raise _BadPlaceError(
            _("“%(word)s” is not known here. Write it as topic=…, nature=… or most=….") % {"word": names[0]}
        )
    return _facts(what, options, at)


def _drawn(what: str, names: Sequence[str], options: Mapping[str, str], at: int) -> Place:
    if options or len(names) != 1 or names[0] not in DRAWN[what]:
        known = ", ".join(f"{{{what} {name}}}" for name in sorted(DRAWN[what]))
        raise _BadPlaceError(_("Write one of: %(known)s.") % {"known": known})
    return Place(what, names[0], line=at)


def _facts(what: str, options: Mapping[str, str], at: int) -> Place:
    if unknown := sorted(options.keys() - {"topic", "nature", "most"}):
        raise _BadPlaceError(
            _("“%(word)s” is not known here. There are topic, nature and most.") % {"word": unknown[0]}
        )
    if what == "write":
        return Place("write", line=at)
    topic = "people" if what == "people" else options.get("topic", "")
    if topic not in set(Topic):
        known = ", ".join(one.value for one in Topic)
        raise _BadPlaceError(_("Say about what: topic= one of %(known)s.") % {"known": known})
    nature = options.get("nature", "")
    if nature and nature not in set(Nature):
        known = ", ".join(one.value for one in Nature)
        raise _BadPlaceError(_("nature= is one of %(known)s.") % {"known": known})
    most = options.get("most", str(MOST_FACTS))
    if not (most.isascii() and most.isdecimal()) or len(most) > 3 or not 1 <= int(most) <= MOST_FACTS:
        raise _BadPlaceError(_("most= is a number from 1 to %(n)d.") % {"n": MOST_FACTS})
    return Place("facts", topic=Topic(topic), nature=Nature(nature) if nature else None, most=int(most), line=at)
