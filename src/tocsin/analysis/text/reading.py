"""Reads one text of any language: language, places, kind of harm, who and on whom, our link, terms, fingerprint."""

from dataclasses import dataclass
from datetime import datetime

from tocsin.analysis.series import RuleId
from tocsin.analysis.text.fingerprints import fingerprint
from tocsin.analysis.text.folding import Folded
from tocsin.analysis.text.harms import TOLD, people_told, weigh
from tocsin.analysis.text.keyterms import key_terms
from tocsin.analysis.text.languages import UNSPACED, detect
from tocsin.analysis.text.lexicon import Hit, lexicon, stop_words
from tocsin.analysis.text.places import locate
from tocsin.analysis.text.summaries import summarise

RULE = RuleId("text-reading", 3)
LIMIT = 60_000
_TITLE_LIMIT = 1_000
_MOST_MENTIONS = 60


@dataclass(frozen=True, slots=True)
class Text:
    """A text as its source delivered it. ``language`` and ``source_country`` are what the source says of itself."""

    title: str
    body: str
    language: str = ""
    source_country: str = ""
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of ``title + "\\n" + body`` (half open), as written there, and what it stands for."""

    start: int
    end: int
    surface: str
    key: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text tells. Empty ``country`` and ``harm`` are answers: no country stands out, no harm is told of.

    ``countries`` are shares that add up to 1 at most; ``harms`` strengths between 0 and 1, which are no
    probabilities; both strongest first. ``actor`` and ``target`` are keys of the taxonomy. ``terms`` are for grouping,
    ``fingerprint`` for finding copies (empty for a text without letters). ``technical`` says that a technical cause of
    a lost network is named, such as a cable or power, and ``fault_mentions`` where. ``region`` is the first-level
    region of ``country`` (ISO 3166-2) that stands out, empty if none does; ``region_mentions`` tell where regions are
    named. ``urgency`` is ``now``, ``soon``, ``past`` or ``over``, empty where nothing beside the harm says so;
    ``people`` how many people are said to be meant, 0 where no number says so.
    """

    rule: RuleId
    language: str
    language_confidence: float
    country: str
    countries: tuple[tuple[str, float], ...]
    places: tuple[Mention, ...]
    harm: str
    harms: tuple[tuple[str, float], ...]
    harm_mentions: tuple[Mention, ...]
    actor: str
    target: str
    our_link: bool
    our_mentions: tuple[Mention, ...]
    terms: tuple[tuple[str, float], ...]
    fingerprint: bytes
    summary: str
    technical: bool = False
    fault_mentions: tuple[Mention, ...] = ()
    region: str = ""
    region_mentions: tuple[Mention, ...] = ()
    urgency: str = ""
    people: int = 0


def read(text: Text) -> Reading:
    """Reads a text; never raises, whatever the strings hold.

    Only the first 60,000 characters are read. A language without a word list gives an empty harm: ask
    ``languages_read`` before calling that "no harm".
    """
    source = f"{text.title}\n{text.body}" if len(text.title) + len(text.body) < LIMIT else _shortened(text)
    title_length = min(len(text.title), LIMIT)
    language, confidence, script = detect(text.title[:_TITLE_LIMIT], text.body, text.language)
    folded = Folded(source)
    folded_title = folded.position(title_length)
    hits = lexicon().hits(folded, language)
    weighed = weigh(hits, folded_title, len(folded.plain))
    harm_starts = [hit.start for hit, _ in weighed.evidence]
    located = locate(folded, hits, harm_starts, folded_title, text.source_country, bool(weighed.harm), language)
    spaced = script not in UNSPACED
    named = {place for hit in weighed.ours for place in range(hit.start, hit.end)}
    return Reading(
        rule=RULE,
        language=language,
        language_confidence=round(confidence, 4),
        country=located.country,
        countries=located.countries,
        places=_mentions(folded, located.mentions),
        harm=weighed.harm,
        harms=weighed.harms,
        harm_mentions=_mentions(folded, weighed.evidence),
        actor=weighed.actor,
        target=weighed.target,
        our_link=weighed.our_link,
        our_mentions=_mentions(folded, tuple((hit, hit.sign.key) for hit in weighed.ours)),
        terms=key_terms(folded, folded_title, stop_words(language), spaced=spaced, passed=named),
        fingerprint=fingerprint(folded.plain, spaced=spaced),
        summary=summarise(text.title[:_TITLE_LIMIT], text.body),
        technical=weighed.fault >= TOLD,
        fault_mentions=_mentions(folded, tuple((hit, hit.sign.key) for hit in weighed.faults)),
        region=located.region,
        region_mentions=_mentions(folded, located.regional),
        urgency=weighed.urgency,
        people=people_told(folded.plain, hits),
    )


def _shortened(text: Text) -> str:
    title = text.title[:LIMIT]
    return f"{title}\n{text.body[: max(0, LIMIT - len(title))]}"


def _mentions(folded: Folded, hits: tuple[tuple[Hit, str], ...]) -> tuple[Mention, ...]:
    found = []
    for hit, key in hits[:_MOST_MENTIONS]:
        start, end = folded.span(hit.start, hit.end)
        found.append(Mention(start, end, folded.source[start:end], key))
    return tuple(found)
