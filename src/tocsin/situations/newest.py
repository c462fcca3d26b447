"""Reads the newest signals of many situations at once, as light as judging them needs."""

from collections.abc import Collection, Iterator, Sequence

from django.db.models import Count, QuerySet

from tocsin.signals.models import Finding, Signal
from tocsin.situations.models import Member
from tocsin.streams.models import Source

MOST = 500
"""A development of thousands of signals is described by its newest ones; its counts come from the database."""

_HEAVY = (
    "terms", "why", "summary", "countries",
    "item__text", "item__original", "item__facts", "item__title", "item__key", "item__digest",
)  # fmt: skip
_AT_ONCE = 500


def counted(situations: Collection[int]) -> dict[int, int]:
    """How many signals each of these situations holds."""
    rows = Member.objects.filter(situation__in=situations).values_list("situation").order_by()
    return {number: count for number, count in rows.annotate(count=Count("pk")) if number is not None}


def newest(counts: dict[int, int]) -> dict[int, list[Signal]]:
    """The newest signals of each situation, newest first, ``MOST`` of one at most, given how many each holds."""
    found: dict[int, list[Signal]] = {number: [] for number in counts}
    few = [number for number, count in counts.items() if count <= MOST]
    homes: dict[int, int] = {}
    for part in _parts(few):
        homes |= dict(Member.objects.filter(situation__in=part).values_list("signal_id", "situation_id"))
    for some in _parts(sorted(homes)):
        for signal in _joined(Signal.objects.filter(pk__in=some)):
            found[homes[signal.pk]].append(signal)
    for signals in found.values():
        signals.sort(key=lambda one: (one.at, one.pk), reverse=True)
    for number in counts.keys() - set(few):
        found[number] = _first(_of(number))
    return found


def newest_live(situation: int) -> list[Signal]:
    """The same of one situation, without what a replay of the past found."""
    return _first(_of(situation).filter(replayed=False))


def _of(situation: int) -> QuerySet[Signal]:
    return Signal.objects.filter(pk__in=Member.objects.filter(situation=situation).values("signal"))


def _first(rows: QuerySet[Signal]) -> list[Signal]:
    return _joined(rows.order_by("-at", "-pk")[:MOST])


def _joined(rows: QuerySet[Signal]) -> list[Signal]:
    """With their findings and sources, which many signals share: each is read once."""
    signals = list(rows.select_related("item").defer(*_HEAVY))
    findings = Finding.objects.in_bulk({one.finding_id for one in signals if one.finding_id is not None})
    sources = Source.objects.defer("memory").in_bulk({one.item.source_id for one in signals if one.item is not None})
    for one in signals:
        if one.finding_id is not None:
            one.finding = findings[one.finding_id]
        if one.item is not None:
            one.item.source = sources[one.item.source_id]
    return signals


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
