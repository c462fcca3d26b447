"""Passages of a signal's text, with what a verdict rests on marked and names masked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tocsin.analysis.text.persecution import Span
from tocsin.analysis.text.persecution.masking import masked
from tocsin.streams.masking import spans_of
from tocsin.streams.models import Item

Piece = tuple[str, bool]  # words, and whether something rests on them
_AROUND = 60
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Passage:
    """What a value rests on, with some words around it; names masked in all three, dots where the text goes on."""

    before: str
    words: str
    after: str


def pieces(item: Item, marks: Iterable[tuple[int, int]], most: int) -> list[Piece]:
    """The first ``most`` characters of an item's text in pieces, each with whether it is marked. Marks are spans of
    ``title + "\\n" + text``; what doesn't fit is left out."""
    source, start = f"{item.title}\n{item.text}", len(item.title) + 1
    end, at, found = min(len(source), start + most), start, list[Piece]()
    hidden = spans_of(item)
    for begin, stop in sorted(_widened(marks, hidden)):
        if begin >= at and stop <= end:
            found += [(_cut(source, at, begin, hidden), False), (_cut(source, begin, stop, hidden), True)]
            at = stop
    found.append((_cut(source, at, end, hidden), False))
    return [one for one in found if one[0]]


def passage(item: Item, start: int, end: int) -> Passage | None:
    """One span of ``title + "\\n" + text`` with what stands around it; None where it doesn't fit."""
    source, hidden = f"{item.title}\n{item.text}", spans_of(item)
    if not 0 <= start < end <= len(source):
        return None
    ((begin, stop),) = _widened([(start, end)], hidden)
    # A name that the window would cut in two stands in it as a mask.
    ((left, _), (_, right)) = _widened(
        [(max(0, begin - _AROUND), begin), (stop, min(len(source), stop + _AROUND))], hidden
    )
    before, after = _cut(source, left, begin, hidden), _cut(source, stop, right, hidden)
    if left:
        before = f"…{_behind_blank(before)}"
    if right < len(source):
        after = f"{_behind_blank(after[::-1])[::-1]}…"
    return Passage(before, _cut(source, begin, stop, hidden), after)


def _behind_blank(words: str) -> str:
    """Without the piece of a word at the beginning; all of it in a script that parts no words."""
    cut = words.partition(" ")[2]
    return cut or words


def _widened(marks: Iterable[tuple[int, int]], hidden: Sequence[Span]) -> list[tuple[int, int]]:
    """Spans that hold a name whole or not at all, so that no half of it is left."""
    found = []
    for start, end in marks:
        for one in hidden:
            if one.start < end and start < one.end:
                start, end = min(start, one.start), max(end, one.end)
        found.append((start, end))
    return found


def _cut(source: str, start: int, end: int, hidden: Sequence[Span]) -> str:
    inside = [Span(one.start - start, one.end - start) for one in hidden if one.start < end and start < one.end]
    # Signs that turn the direction of words would turn those of the page around it.
    return _TURNS.sub("", masked(source[start:end], inside))
