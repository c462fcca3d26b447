"""The account of a text: what it says happened, read by the worker where a text tells of harm to a person.

It reads in the worker, since the words of all languages take seconds and hundreds of megabytes to load, and keeps what
it read, since a page may show many. Only a text whose kind of harm is done to a person is read unasked; for any other a
person asks. A new version of the rule reads every account again; what people said stands beside it unchanged.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from tocsin.analysis.taxonomy import HARMS
from tocsin.analysis.text import Text
from tocsin.analysis.text.persecution import RULE, Value, tell
from tocsin.analysis.text.persecution import Account as Told
from tocsin.lib.claims import confirm, hold
from tocsin.lib.territories import EXERCISE_MARK
from tocsin.signals.models import Account, Signal
from tocsin.streams.models import Item

BATCH = 10
BUSY = 2  # while texts wait to be read at all
_LEASE = "signals.accounts"
_SPANS = 5
_LONGEST = 60
# Harms that are done to somebody's person.
PERSONAL = frozenset(one.key for one in HARMS if one.endangers >= 0.5)


def await_reading(signals: Iterable[Signal]) -> None:
    """Let the worker read what the texts of these say happened, unless it did; call it in the caller's transaction."""
    Account.objects.bulk_create([Account(signal=one) for one in signals], ignore_conflicts=True)


def is_personal(signal: Signal) -> bool:
    """Whether a text's kind of harm is done to somebody's person."""
    return signal.item_id is not None and signal.harm in PERSONAL


def step(limit: int = BATCH) -> bool:
    """Read up to ``limit`` texts that wait, those first that were never read and of these the newest."""
    if not hold(_LEASE):
        return False
    waiting = Account.objects.filter(version__lt=RULE.version).select_related("signal__item__source")
    rows = list(waiting.defer("signal__item__original", "signal__terms").order_by("version", "-pk")[:limit])
    if not rows:
        return False
    # Reading takes most of the time and happens outside the transaction; storing is short.
    for row in rows:
        _read(row)
    with transaction.atomic():
        if not confirm(_LEASE):
            return False
        Account.objects.bulk_update(rows, ["version", "known", "told", "failure", "read_at"])
    return True


def _read(row: Account) -> None:
    row.version, row.read_at = RULE.version, timezone.now()
    row.told, row.failure = [], ""
    item = row.signal.item
    if item is None:
        return
    try:
        told = tell(_text(item))
    except Exception as error:  # noqa: BLE001 — one ugly text must not stop the queue; what failed is shown.
        row.failure = type(error).__name__[:_LONGEST]
        return
    row.known = told.read
    row.told = [[field, one.value[:_LONGEST], round(one.confidence, 3), _spans(one)] for field, one in _values(told)]


def _text(item: Item) -> Text:
    """An item as it stands, so that spans fit; the mark of an exercise is taken for no word."""
    source = item.source
    language = item.language or (source.languages[0] if len(source.languages) == 1 else "")
    country = source.countries[0] if len(source.countries) == 1 else ""
    text = Text(item.title, item.text, language, country, item.published_at)
    if not source.exercise:
        return text
    mark = EXERCISE_MARK.strip()
    blank = " " * len(mark)
    return replace(text, title=text.title.replace(mark, blank), body=text.body.replace(mark, blank))


def _values(told: Told) -> Iterator[tuple[str, Value]]:
    yield from (("violation", one) for one in told.violations)
    mentioned = told.perpetrator_told
    if mentioned is not None:
        yield "mentioned", Value("yes", mentioned.confidence, mentioned.spans)
    victims = told.victims
    single = {
        "perpetrator": told.perpetrator, "country": told.country, "region": told.region, "city": told.city,
        "year": told.year, "month": told.month, "day": told.day, "count": victims.count, "sex": victims.sex,
        "age": victims.age,
    }  # fmt: skip
    yield from ((field, one) for field, one in single.items() if one is not None)
    yield from (("kind", one) for one in victims.kinds)


def _spans(value: Value) -> list[list[int]]:
    return [[one.start, one.end] for one in value.spans[:_SPANS]]
