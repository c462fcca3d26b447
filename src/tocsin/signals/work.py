"""Pulls items and measured days, and turns them into signals."""

import contextlib
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, OuterRef, Q

from tocsin.analysis.text.learning import Model
from tocsin.analysis.text.persecution.masking import RULE as MASKING
from tocsin.lib.claims import advance, confirm, hold, position, unread
from tocsin.signals import accounts, actions, backfilling, measuring, teaching
from tocsin.signals.ahead import Reader, ReaderGoneError
from tocsin.signals.models import Signal
from tocsin.signals.reading import asked, mask, signal_told
from tocsin.signals.telling import Answer, answer
from tocsin.streams.models import Item, ReadersChange

BATCH = 100
_FEW = 20  # texts that are read sooner than handed over
_LEASE = "signals.read"
_CURSOR = "signals.items"
_READERS = "signals.readers"
# Each version of the rule looks at every signal once.
_MASKED = f"signals.masked.{MASKING.version}"

_reader: Reader | None = None
# What the reader was asked, and by which version of what was learned.
_ahead: tuple[int | None, list[Item]] | None = None


def step() -> bool:
    """Do one piece of work; False when there was none."""
    busy = read_items()
    told = accounts.step(accounts.BUSY if busy else accounts.BATCH)
    return any([busy, told, mask_names(), follow_readers(), measuring.step(), backfilling.step()])


def read_ahead() -> Reader:
    """From now on let a second process read while this one does the rest; for a worker that has two cores."""
    global _reader
    if _reader is None:
        _reader = Reader()
    return _reader


def read_alone() -> None:
    """Read in this process again, and end the other."""
    global _reader, _ahead
    if _reader is not None:
        _reader.close()
    _reader = _ahead = None


def read_items(limit: int = BATCH) -> bool:
    """Read up to ``limit`` items that have no signal yet, oldest first.

    With a reader, what it was asked the last time is stored and it is asked the next: it reads while whoever called
    does something else. What it holds is in no row yet, so nothing is lost with it.
    """
    global _ahead
    if not hold(_LEASE):
        _forget_ahead()
        return False
    model = teaching.in_force()
    worked = False
    if _reader is not None and _ahead is not None:
        (asked_of, items), _ahead = _ahead, None
        answers = _answers(_reader, items, model, fresh=_version(model) == asked_of)
        worked = _store(items, answers)
    items = _waiting(limit)
    if not items:
        return worked
    if _reader is not None and len(items) >= _FEW:
        with contextlib.suppress(ReaderGoneError):
            _reader.ask([asked(one) for one in items], model)
            _ahead = _version(model), items
            return True
    # Reading takes most of the time and happens outside the transaction; storing is short.
    return _store(items, [answer(asked(one), model) for one in items])


def _waiting(limit: int) -> list[Item]:
    rows = Item.objects.select_related("source").defer("original")
    return unread(rows, _CURSOR, Signal.objects.filter(item=OuterRef("pk")), limit)


def _answers(reader: Reader, items: Sequence[Item], model: Model | None, *, fresh: bool) -> list[Answer]:
    """What the reader says of these; read here where it is gone, or was asked by what no longer stands."""
    with contextlib.suppress(ReaderGoneError):
        answers = reader.answers()
        if fresh and len(answers) == len(items):
            return answers
    return [answer(asked(one), model) for one in items]


def _store(items: Sequence[Item], answers: Sequence[Answer]) -> bool:
    signals = [signal_told(item, told) for item, told in zip(items, answers, strict=True)]
    with transaction.atomic():
        if not confirm(_LEASE):
            return False
        actions.store(signals, _CURSOR, items[-1].pk)
    return True


def _forget_ahead() -> None:
    """Another worker reads now: the answer that waits in the pipe is nobody's."""
    global _ahead
    if _reader is not None and _ahead is not None:
        _reader.close()
        _ahead = None


def _version(model: Model | None) -> int | None:
    return model.version if model is not None else None


def mask_names(limit: int = BATCH) -> bool:
    """Mask names in signals that no rule, or an older one, looked through; what is shown of them follows."""
    if not hold(_LEASE):
        return False
    done = position(_MASKED)
    rows = Signal.objects.filter(pk__gt=done, masked__lt=MASKING.version, item__isnull=False)
    signals = list(rows.select_related("item").defer("item__original", "terms").order_by("pk")[:limit])
    if not signals:
        # Signals that came since were masked as they were read; they need no second look.
        newest = Signal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if newest > done:
            advance(_MASKED, newest)
        return False
    for one in signals:
        mask(one)
    with transaction.atomic():
        if not confirm(_LEASE):
            return False
        actions.store_masks(signals)
        advance(_MASKED, signals[-1].pk)
    return True


def follow_readers(limit: int = BATCH) -> bool:
    """Give signals the readers and the TLP that their items got later, as when a source was restricted."""
    if not hold(_LEASE):
        return False
    change = ReadersChange.objects.filter(pk__gt=position(_READERS)).order_by("pk").first()
    if change is None:
        return False
    mine = Signal.objects.filter(item__source=change.source_id)
    behind = mine.filter(~Q(readers=F("item__readers")) | ~Q(tlp=F("item__tlp"))).select_related("item")
    rows = list(behind.defer("item__text", "item__original")[:limit])
    actions.restrict(rows)
    if len(rows) < limit:
        advance(_READERS, change.pk)
    return True
