"""How many people it happened to, as a text says it."""

import re
from functools import cache
from itertools import islice

from tocsin.analysis.text.languages import UNSPACED
from tocsin.analysis.text.lexicon import script_of_name
from tocsin.analysis.text.persecution.account import Value
from tocsin.analysis.text.persecution.seeing import Seen
from tocsin.analysis.text.persecution.words import numbers, persons

_NEAR = 90
_TRIED = 200
_MOST = 100_000
_HARM = ("detain", "kidnap", "vanish", "kill", "torture")


@cache
def _pattern(language: str) -> re.Pattern[str] | None:
    """A number, at most two words, and a noun for people; without spaces between where the script has none."""
    nouns = persons(language)
    if not nouns:
        return None
    written = "|".join(re.escape(word) for word in sorted(numbers(language), key=lambda w: (-len(w), w)))
    number = rf"(?P<n>\d{{1,3}}(?:[ ,]\d{{3}})?{'|' + written if written else ''})"
    noun = "|".join(re.escape(word) for word in sorted(nouns, key=lambda w: (-len(w), w)))
    if script_of_name(nouns[0]) in UNSPACED:
        return re.compile(rf"(?<!\d){number} ?(?:{noun})")
    return re.compile(rf"(?<= ){number} (?:\S+ ){{0,2}}?(?:{noun})(?= )")


def counted(seen: Seen) -> Value | None:
    """The first number of people beside a word of harm; None where none is said."""
    pattern = _pattern(seen.language)
    if pattern is None:
        return None
    near = [hit.start for hit in seen.acts if hit.sign.key in _HARM]
    for match in islice(pattern.finditer(seen.text.plain), _TRIED):
        digits = match["n"].replace(" ", "")
        number = int(digits) if digits.isdigit() else numbers(seen.language)[match["n"]]
        if 0 < number <= _MOST and not 1900 <= number <= 2100 and any(abs(at - match.start()) < _NEAR for at in near):
            return Value(str(number), 0.5 if number > 1 else 0.4, (seen.span(match.start(), match.end()),))
    return None
