"""What two texts say differently, line by line, in a form that a page can show."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

AROUND: Final = 2


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


def compared(before: str, after: str) -> list[Line]:
    """What changed, with two lines of what did not around it; empty when nothing did."""
    old, new = before.splitlines(), after.splitlines()
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    if all(tag == "equal" for tag, *_ in steps):
        return []
    return [line for number, step in enumerate(steps) for line in _lines(old, new, step, number, len(steps))]


def _lines(
    old: list[str], new: list[str], step: tuple[str, int, int, int, int], place: int, last: int
) -> Iterator[Line]:
    tag, old_from, old_to, new_from, new_to = step
    if tag != "equal":
        for number in range(old_from, old_to):
            yield Line(Kind.GONE, number + 1, old[number])
        for number in range(new_from, new_to):
            yield Line(Kind.COME, number + 1, new[number])
        return
    first = new_from + (AROUND if place else 0)
    end = new_to - (AROUND if place < last - 1 else 0)
    for number in range(new_from, new_to):
        if first <= number < end:
            if number == first:
                yield Line(Kind.LEFT_OUT, end - first, "")
        else:
            yield Line(Kind.SAME, number + 1, new[number])
