"""What two texts say differently, line by line, in a form that a page can show."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from tocsin.responses.playbooks.covering import parts_of

AROUND: Final = 2
_WHOLE: Final = 1_000_000


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    GONE = "gone"
    COME = "come"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison. ``number`` counts in the newer text, in the older one for a line that is gone; of what
    is left out it says how many lines."""

    kind: Kind
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that two texts say differently, whole: its name, and each of its lines."""

    name: str
    lines: tuple[Line, ...]


def compared(before: str, after: str, *, around: int = AROUND, starts: tuple[int, int] = (1, 1)) -> list[Line]:
    """What changed, with ``around`` lines of what did not around it; empty when nothing did.

    ``starts`` are the numbers of the first line of the older and of the newer text.
    """
    old, new = before.splitlines(), after.splitlines()
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    if all(tag == "equal" for tag, *_ in steps):
        return []
    return [
        line
        for number, step in enumerate(steps)
        for line in _lines(old, new, step, (around if number else 0, around if number < len(steps) - 1 else 0), starts)
    ]


def by_part(before: str, after: str) -> tuple[list[Difference], list[str]]:
    """Each part that reads differently, is new or is gone, whole, so that a look at it sees all of it; and the names of
    those that read as before."""
    old = {one.name: one for one in parts_of(before)}
    new = {one.name: one for one in parts_of(after)}
    found: list[Difference] = []
    same: list[str] = []
    for name in [*new, *(name for name in old if name not in new)]:
        there, here = old.get(name), new.get(name)
        if there is not None and here is not None and there.digest == here.digest:
            same.append(name)
            continue
        texts = (there.text if there is not None else "", here.text if here is not None else "")
        starts = (there.line if there is not None else 1, here.line if here is not None else 1)
        found.append(Difference(name, tuple(compared(*texts, around=_WHOLE, starts=starts))))
    return found, same


def _lines(
    old: list[str],
    new: list[str],
    step: tuple[str, int, int, int, int],
    around: tuple[int, int],
    starts: tuple[int, int],
) -> Iterator[Line]:
    tag, old_from, old_to, new_from, new_to = step
    if tag != "equal":
        for number in range(old_from, old_to):
            yield Line(Kind.GONE, number + starts[0], old[number])
        for number in range(new_from, new_to):
            yield Line(Kind.COME, number + starts[1], new[number])
        return
    first, end = new_from + around[0], new_to - around[1]
    for number in range(new_from, new_to):
        if first <= number < end:
            if number == first:
                yield Line(Kind.LEFT_OUT, end - first, "")
        else:
            yield Line(Kind.SAME, number + starts[1], new[number])
