"""Measures masking on labelled articles: how many names of victims it masks, and how much else with capitals."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.analysis.evaluation.persecution import Labelled, Share, share
from tocsin.analysis.text.folding import fold_name
from tocsin.analysis.text.persecution import Span
from tocsin.analysis.text.persecution.masking import names_in

_ADDRESSED = frozenset(("ms", "mr", "mrs", "dr", "hon", "father"))
_WORD = re.compile(r"\b[^\W\d_a-z][\w’'-]*")
# Two capitalised words or more amid a sentence.
_ROW = re.compile(r"(?<![.!?\n] )\b[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)+")


@dataclass(frozen=True, slots=True)
class Masked:
    """Shares that are masked: of victims' names that stand in their text (every capitalised word of it, everywhere),
    and of all other rows of capitalised words, where a part is enough: people, organisations, places."""

    victims: Share
    others: Share


def masked_of(labelled: Sequence[Labelled]) -> Masked:
    """How masking does on these articles."""
    hidden = names = taken = rows = 0
    for one in labelled:
        source = f"{one.text.title}\n{one.text.body}"
        spans = names_in(one.text).spans(source)
        for victim in one.victims:
            places = list(_words(source, victim.name))
            names += bool(places)
            hidden += bool(places) and all(_covered(spans, start, end) for start, end in places)
        own = {word for victim in one.victims for word in fold_name(victim.name).split()}
        others = {
            found.group(): found.span() for found in _ROW.finditer(source) if not own & set(fold_name(found[0]).split())
        }
        rows += len(others)
        taken += sum(any(one.start < end and start < one.end for one in spans) for start, end in others.values())
    return Masked(share(hidden, names), share(taken, rows))


def _words(source: str, name: str) -> Iterator[tuple[int, int]]:
    """Where the capitalised words of a name stand, wherever it stands as a whole."""
    for found in re.finditer(re.escape(name), source):
        for word in _WORD.finditer(name):
            if len(word[0]) > 1 and fold_name(word[0]) not in _ADDRESSED:
                yield found.start() + word.start(), found.start() + word.end()


def _covered(spans: Sequence[Span], start: int, end: int) -> bool:
    return any(one.start <= start and end <= one.end for one in spans)
