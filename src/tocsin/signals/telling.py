"""What is asked of a text and what analysis answers: plain values, so that another process can do the work.

Neither rows nor settings are known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tocsin.analysis.text import Reading, Text, read
from tocsin.analysis.text.learning import Model, Seen, Verdict, judge
from tocsin.analysis.text.persecution import Span
from tocsin.streams import naming


@dataclass(frozen=True, slots=True)
class Asked:
    """A text to be read; ``written`` is all of it as it came; ``coded``: every event of one code shares much of it."""

    text: Text
    written: Text
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text tells; ``own`` is the reading of its own words, for terms and fingerprint.

    ``verdict`` is None without a model. ``failure`` names the error of a text that can't be read; all else but
    ``named`` is then None. ``named`` is where ``written`` names somebody who was harmed, None where nobody could look.
    """

    reading: Reading | None = None
    own: Reading | None = None
    verdict: Verdict | None = None
    failure: str = ""
    named: tuple[Span, ...] | None = None


def answer(asked: Asked, model: Model | None) -> Answer:
    """Read a text, and judge it by what a model learned, if one is given; never raises."""
    named = names(asked.written)
    try:
        reading = read(asked.text)
        own = read(_own_words(asked.text)) if asked.coded else reading
        verdict = None if model is None else judge(model, seen(reading, words(asked.written, named)))
        return Answer(reading, own, verdict, named=named)
    except Exception as error:  # noqa: BLE001 — one ugly text must not stop the queue; what failed is shown.
        return Answer(failure=type(error).__name__, named=named)


def names(written: Text) -> tuple[Span, ...] | None:
    """Where a text names somebody who was harmed; None for one that can't be looked through. Never raises."""
    try:
        return naming.found(written)
    except Exception:  # noqa: BLE001 — neither may it stop the queue, nor be shown unmasked.
        return None


def words(written: Text, named: tuple[Span, ...] | None) -> str:
    """What a model may see of a text: nothing of one in which nobody could look for names."""
    return "" if named is None else naming.without(written, named)


def seen(reading: Reading, words: str) -> Seen:
    """What a model sees of a text that was read."""
    return Seen(words, tuple((key, round(strength, 3)) for key, strength in strongest(reading)), reading.our_link)


def strongest(reading: Reading) -> Iterable[tuple[str, float]]:
    """The kinds of harm that are kept of a reading."""
    return reading.harms[:5]


def _own_words(text: Text) -> Text:
    """Without what every event of one code shares, which would make all arrests of a day one story."""
    return replace(text, title=text.title.partition(": ")[2] or text.title, body=text.body.partition("; ")[2])
