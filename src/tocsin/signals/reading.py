"""Turns what a source delivered into a signal, without touching the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tocsin.analysis.taxonomy import HARMS
from tocsin.analysis.text import Reading, Text, languages_read
from tocsin.analysis.text.learning import Model, Verdict
from tocsin.analysis.text.persecution import Span
from tocsin.analysis.text.persecution.masking import RULE as MASKING
from tocsin.lib.territories import EXERCISE_MARK, TERRITORIES
from tocsin.signals import expecting
from tocsin.signals.models import Signal
from tocsin.signals.telling import Answer, Asked, answer, names, strongest
from tocsin.streams import masking, naming
from tocsin.streams.models import Item

# A single source is believed no further than its reliability allows; a second independent one may raise it.
_CREDIBILITY = {"A": 2, "B": 3, "C": 3, "D": 4, "E": 5, "F": 6}
_HARMS = frozenset(one.key for one in HARMS)


def signal_of(item: Item, model: Model | None = None) -> Signal:
    """The signal of one item, with what a model learned from corrections, if one is given.

    A text that can't be read becomes a signal that says so, so that nothing is lost.
    """
    return signal_told(item, answer(asked(item), model))


def asked(item: Item) -> Asked:
    """What is to be read of an item, and judged by a model if there is one."""
    source = item.source
    text = Text(
        title=_unmarked(item.title, source.exercise),
        body=_unmarked(item.text, source.exercise),
        language=item.language or (source.languages[0] if len(source.languages) == 1 else ""),
        source_country=source.countries[0] if len(source.countries) == 1 else "",
        published=item.published_at,
    )
    return Asked(text, masking.written(item), isinstance(item.facts, dict) and bool(item.facts.get("coded")))


def signal_told(item: Item, told: Answer) -> Signal:
    """The signal of one item, made of what was read of it."""
    _keep_names(item, told.named)
    try:
        signal = _told(item, told)
    except Exception as error:  # noqa: BLE001 — one ugly text must not stop the queue; what failed is shown.
        signal = _blank(item, Signal.State.UNREADABLE, {"failure": type(error).__name__})
    signal.expected = expecting.expected(signal)
    signal.waiting = expecting.waits(signal)
    return signal


def _told(item: Item, told: Answer) -> Signal:
    if told.reading is None or told.own is None:
        return _blank(item, Signal.State.UNREADABLE, {"failure": told.failure})
    signal = _read(item, told.reading, told.own)
    if told.verdict is not None:
        _learned(signal, told.verdict)
    return signal


def _read(item: Item, reading: Reading, own: Reading) -> Signal:
    stated = item.facts.get("country", "")
    signal = _blank(item, Signal.State.READ, _why(reading))
    signal.summary = masking.names_kept(item).masked(reading.summary)[:600]
    signal.title = (masking.title(item) if item.title else signal.summary or masking.address(item))[:500]
    signal.language = reading.language[:16]
    signal.country = reading.country or (stated if stated in TERRITORIES else "")
    signal.countries = [code for code, _ in reading.countries[:8]]
    signal.harm = reading.harm or _known_harm(item.facts.get("harm"))
    signal.actor = reading.actor
    signal.target = reading.target
    signal.our_link = reading.our_link
    signal.technical = reading.technical
    signal.urgency = reading.urgency
    signal.people = reading.people
    signal.rule = str(reading.rule)
    signal.terms = [[term, round(weight, 3)] for term, weight in own.terms]
    signal.fingerprint = own.fingerprint
    return signal


def _learned(signal: Signal, verdict: Verdict) -> None:
    """Put the model's verdict over that of the word lists, where it is one."""
    signal.why["learned"] = {
        "version": verdict.version,
        "label": verdict.label,
        "probability": verdict.probability,
        "listed": signal.harm,
        "took_its_place": verdict.learned,
        "chance": verdict.chance,
    }
    signal.rule = f"{signal.rule} learned/{verdict.version}"
    if verdict.learned:
        signal.harm = verdict.harm


def seen_by_models(item: Item) -> str:
    """Title and text of an item without names, so that no model learns one."""
    return naming.without(masking.written(item), masking.spans_of(item))


def _keep_names(item: Item, named: Sequence[Span] | None) -> None:
    """Keep where an item names somebody; one that nobody could look through is masked as a whole."""
    if named is None:
        named = (Span(0, len(item.title)), Span(len(item.title) + 1, len(item.title) + 1 + len(item.text)))
    item.named = [[one.start, one.end] for one in named]


def mask(signal: Signal) -> None:
    """Look for names anew in a signal of a text, and mask what lists, titles and answers show of it."""
    item = signal.item
    if item is None:
        return
    _keep_names(item, names(masking.written(item)))
    # What the reader summed up is a part of the text; names in it are found by their words.
    signal.summary = masking.names_kept(item).masked(signal.summary)[:600]
    signal.title = (masking.title(item) if item.title else signal.summary or masking.address(item))[:500]
    signal.url = masking.address(item)
    signal.masked = MASKING.version


def _unmarked(text: str, exercise: bool) -> str:
    """Without the word that marks every text of an exercise, which would make them all alike."""
    return text.replace(EXERCISE_MARK, "").replace("EXERCISE", "") if exercise else text


def _known_harm(stated: object) -> str:
    return stated if isinstance(stated, str) and stated in _HARMS else ""


def _blank(item: Item, state: Signal.State, why: dict[str, Any]) -> Signal:
    source = item.source
    return Signal(
        item=item,
        state=state,
        at=happened(item),
        title=masking.title(item)[:500],
        url=masking.address(item),
        masked=MASKING.version,
        origin=(item.origin or source.name)[:200],
        reliability=source.reliability,
        credibility=_CREDIBILITY.get(source.reliability, 6),
        tlp=item.tlp,
        readers=item.readers,
        exercise=source.exercise,
        why=why,
    )


def happened(item: Item) -> datetime:
    """When the text says that it was published, or when it came if that was not believed."""
    return item.published_at or item.fetched_at


def _why(reading: Reading) -> dict[str, Any]:
    """The spans and weights that the verdict rests on: positions and keys, not the words themselves."""
    return {
        "has_words": reading.language in languages_read(),
        "language_confidence": round(reading.language_confidence, 3),
        "countries": [[code, round(weight, 3)] for code, weight in reading.countries[:5]],
        "harms": [[key, round(weight, 3)] for key, weight in strongest(reading)],
        "places": [[one.start, one.end, one.key] for one in reading.places[:20]],
        "harm_spans": [[one.start, one.end, one.key] for one in reading.harm_mentions[:20]],
        "fault_spans": [[one.start, one.end, one.key] for one in reading.fault_mentions[:10]],
        "our_spans": [[one.start, one.end, one.key] for one in reading.our_mentions[:10]],
    }
