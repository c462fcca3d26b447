"""What is asked of a text and what analysis answers: plain values, so that another process can do the work.

Neither rows nor settings are known here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tocsin.analysis.text import Reading, Text, read
from tocsin.analysis.text.learning import Model, Seen, Verdict, judge


@dataclass(frozen=True, slots=True)
class Asked:
    """A text to be read. ``words`` are all of it, for a model; ``coded``: every event of one code shares much of it."""

    text: Text
    words: str
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text tells; ``own`` is the reading of its own words, for terms and fingerprint.

    ``verdict`` is None without a model. ``failure`` names the error of a text that can't be read; all else is then
    None.
    """

    reading: Reading | None = None
    own: Reading | None = None
    verdict: Verdict | None = None
    failure: str = ""


def answer(asked: Asked, model: Model | None) -> Answer:
    """Read a text, and judge it by what a model learned, if one is given; never raises."""
    try:
        reading = read(asked.text)
        own = read(_own_words(asked.text)) if asked.coded else reading
        return Answer(reading, own, judge(model, seen(reading, asked.words)) if model is not None else None)
    except Exception as error:  # noqa: BLE001 — one ugly text must not stop the queue; what failed is shown.
        return Answer(failure=type(error).__name__)


def seen(reading: Reading, words: str) -> Seen:
    """What a model sees of a text that was read."""
    return Seen(words, tuple((key, round(strength, 3)) for key, strength in strongest(reading)), reading.our_link)


def strongest(reading: Reading) -> Iterable[tuple[str, float]]:
    """The kinds of harm that are kept of a reading."""
    return reading.harms[:5]


def _own_words(text: Text) -> Text:
    """Without what every event of one code shares, which would make all arrests of a day one story."""
    return replace(text, title=text.title.partition(": ")[2] or text.title, body=text.body.partition("; ")[2])
