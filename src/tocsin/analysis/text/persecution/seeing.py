"""Everything that is found in a text before anything is concluded from it."""

import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from tocsin.analysis.text.folding import Folded
from tocsin.analysis.text.languages import detect
from tocsin.analysis.text.lexicon import Entry, Hit, Lexicon, entry_of, languages_read, lexicon
from tocsin.analysis.text.persecution.account import Span
from tocsin.analysis.text.persecution.dates import Dated, dates
from tocsin.analysis.text.reading import LIMIT, Text

LEAD = 600
# Kinds of act that are done to a person.
HARMFUL = ("detain", "kidnap", "vanish", "kill", "torture", "threat", "assault", "sexual", "displace", "raid")


@dataclass(frozen=True, slots=True)
class Seen:
    """A text with its hits; all places are of the folded text, and ``title`` is where its title ends."""

    text: Folded
    title: int
    language: str
    read: bool
    published: date | None
    source_country: str
    hits: tuple[Hit, ...]
    acts: tuple[Hit, ...]
    dates: tuple[Dated, ...]
    harmful: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """The source span of a folded one."""
        return Span(*self.text.span(start, end))

    def nearest(self, place: int) -> int:
        """How many characters lie between a place and the nearest word of harm; 9999 without any."""
        at = bisect_left(self.harmful, place)
        return min((abs(place - start) for start in self.harmful[max(0, at - 1) : at + 1]), default=9999)

    def zone(self, place: int) -> str:
        """``title``, ``lead`` or ``body``."""
        if place < self.title:
            return "title"
        return "lead" if place < self.title + LEAD else "body"


def see(text: Text) -> Seen:
    """Looks at a text; never raises, whatever the strings hold. Only the first 60,000 characters are read."""
    title = text.title[:LIMIT]
    source = f"{title}\n{text.body[: max(0, LIMIT - len(title))]}"
    language = detect(title[:1_000], text.body, text.language)[0]
    folded = Folded(source)
    acts = tuple(_without_doubles(act_lexicon().hits(folded, language)))
    hits = tuple(lexicon().hits(folded, language))
    published = text.published.date() if text.published is not None else None
    harmful = sorted(
        {hit.start for hit in acts if hit.sign.key in HARMFUL} | {hit.start for hit in hits if hit.sign.kind == "harm"}
    )
    return Seen(
        text=folded,
        title=folded.position(len(title)),
        language=language,
        read=language in languages_read() or language in act_languages(),
        published=published,
        source_country=text.source_country,
        hits=hits,
        acts=acts,
        dates=tuple(dates(folded, language, published)),
        harmful=tuple(harmful),
    )


def _without_doubles(hits: list[Hit]) -> Iterator[Hit]:
    reach: dict[str, int] = {}
    for hit in hits:
        if hit.end > reach.get(hit.sign.key, -1):
            reach[hit.sign.key] = hit.end
            yield hit


@cache
def _acts() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("tocsin.analysis.text.persecution") / "acts.toml").read_text("utf-8"))


@cache
def act_languages() -> frozenset[str]:
    """Languages with a list of acts of their own."""
    return frozenset(_acts())


@cache
def act_lexicon() -> Lexicon:
    """The acts of all languages in one automaton, built when first asked for and kept."""
    return Lexicon(_entries())


def _entries() -> Iterator[Entry]:
    for language, kinds in _acts().items():
        for kind, words in kinds.items():
            for word in words.split("|"):
                made = entry_of(word, "act", kind, 1.0, language)
                if made is not None:
                    yield made
