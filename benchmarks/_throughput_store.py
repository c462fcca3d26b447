"""Fills a database with texts that were read and placed before, as the pipeline would have left them.

The first ``READ`` texts are read in earnest. Those after them take the same readings with every telling term renamed,
alike within a thousand texts or so, so that stories and the growth of the vocabulary stay as they are.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from _texts import Newsroom, Told

if TYPE_CHECKING:
    from tocsin.analysis.text import Reading
    from tocsin.signals.models import Signal
    from tocsin.streams.models import Item, Source

READ = 3_000
SPAN = timedelta(days=40)  # all within what grouping remembers
_AT_ONCE = 2_000
_COMMON = 0.05  # terms in more of the read texts than this are no names
_MARK = 257  # bytes of a fingerprint


@dataclass(frozen=True, slots=True)
class _Known:
    """Readings of real texts, and which of their terms tell a story."""

    told: list[Told]
    readings: "list[Reading]"
    telling: frozenset[str]

    def terms(self, number: int) -> list[list[object]]:
        turn, place = divmod(number, len(self.readings))
        terms = self.readings[place].terms
        return [
            [f"{term}{turn}" if turn and term in self.telling else term, round(weight, 3)] for term, weight in terms
        ]

    def fingerprint(self, number: int) -> bytes:
        turn, place = divmod(number, len(self.readings))
        mark = self.readings[place].fingerprint
        return mark if not turn or not mark else mark[:1] + random.Random(number).randbytes(_MARK - 1)


def fill(folder: Path, count: int, now: datetime) -> None:
    """Store ``count`` texts with their signals, situations and lines of the log; Django is set up already."""
    from tocsin.lib.claims import advance
    from tocsin.signals.models import Signal
    from tocsin.streams.models import Item, Source

    known = _read(Newsroom(folder), min(count, READ))
    source = Source.objects.order_by("pk")[0]
    homes: dict[str, int] = {}
    for first in range(0, count, _AT_ONCE):
        _store(known, source, range(first, min(count, first + _AT_ONCE)), count, now, homes)
    items, signals = (model.objects.order_by("-pk").values_list("pk", flat=True).first() for model in (Item, Signal))
    advance("signals.items", items or 0)
    advance("situations.signals", signals or 0)


def _read(room: Newsroom, count: int) -> _Known:
    from collections import Counter

    from tocsin.analysis.text import Text, read

    told = [room.told(number) for number in range(count)]
    readings = [read(Text(one.title, one.text)) for one in told]
    seen = Counter(term for one in readings for term, _ in one.terms)
    return _Known(told, readings, frozenset(term for term, many in seen.items() if many <= _COMMON * count))


def _store(known: _Known, source: "Source", numbers: range, count: int, now: datetime, homes: dict[str, int]) -> None:
    from django.db import transaction

    from tocsin.signals.models import Signal
    from tocsin.situations.membership import public_id
    from tocsin.situations.models import Member, MembershipEvent, Situation
    from tocsin.streams.models import Item

    at = {number: now - SPAN * (1 - number / count) for number in numbers}
    with transaction.atomic():
        items = Item.objects.bulk_create(_items(known, source, at, now))
        signals = Signal.objects.bulk_create(_signals(known, items, at))
        stories = {number: f"{number // len(known.told)}-{known.told[number % len(known.told)].story}" for number in at}
        fresh = {
            story: Situation(
                public_id=public_id(), title=signal.title, country=signal.country, harm=signal.harm,
                first_at=signal.at, last_at=signal.at, changed_at=signal.at, signals=1, independent=1,
            )
            for story, signal in reversed(list(zip(stories.values(), signals, strict=True)))
            if story not in homes
        }  # fmt: skip
        homes |= {
            story: row.pk for story, row in zip(fresh, Situation.objects.bulk_create(fresh.values()), strict=True)
        }
        placed = [(signal, homes[story]) for signal, story in zip(signals, stories.values(), strict=True)]
        Member.objects.bulk_create(Member(signal=one, situation_id=home, since=one.at) for one, home in placed)
        MembershipEvent.objects.bulk_create(
            MembershipEvent(verb="join", situation_id=home, signals=[[one.pk, None]], rule="bench", at=one.at)
            for one, home in placed
        )


def _items(known: _Known, source: "Source", at: dict[int, datetime], now: datetime) -> "Iterator[Item]":
    from tocsin.streams.models import Item

    for number, moment in at.items():
        told = known.told[number % len(known.told)]
        yield Item(
            source=source, key=f"stored-{number}", digest=f"stored-{number}", url=f"http://made.example/{number}",
            title=told.title, text=told.text, origin=told.masthead, published_at=moment, fetched_at=moment,
            expires_at=now + timedelta(days=30),
        )  # fmt: skip


def _signals(known: _Known, items: "list[Item]", at: dict[int, datetime]) -> "Iterator[Signal]":
    from tocsin.signals.models import Signal

    for item, (number, moment) in zip(items, at.items(), strict=True):
        told, reading = known.told[number % len(known.told)], known.readings[number % len(known.told)]
        yield Signal(
            item=item, at=moment, title=told.title[:500], summary=reading.summary[:600], origin=told.masthead,
            language=reading.language, country=reading.country, harm=reading.harm, reliability="C", credibility=3,
            rule=str(reading.rule), terms=known.terms(number), fingerprint=known.fingerprint(number),
        )  # fmt: skip
