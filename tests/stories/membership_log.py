"""Checks the membership log against the places that it is said to have led to."""

from collections import Counter

from tocsin.signals.models import Signal
from tocsin.situations.membership import destination
from tocsin.situations.models import Member, MembershipEvent, Situation


def places() -> dict[str, int | None]:
    """Each signal by name with its situation; fails unless each has one place and the log tells the same."""
    stands = dict(Member.objects.values_list("signal", "situation"))
    assert Member.objects.count() == len(stands) == Signal.objects.count()
    told = dict.fromkeys(stands, None) | _told()
    assert stands == {signal: told.get(signal) for signal in stands}
    joined = Counter(
        signal
        for event in MembershipEvent.objects.filter(verb=MembershipEvent.Verb.JOIN)
        for signal, _ in event.signals
    )
    assert not [signal for signal, times in joined.items() if times > 1]
    counted = Counter(number for number in stands.values() if number is not None)
    kept = dict(Situation.objects.exclude(state=Situation.State.MERGED).values_list("pk", "signals"))
    assert {number: count for number, count in kept.items() if count} == counted
    names = {pk: " ".join(part or "" for part in name) for pk, *name in _names()}
    assert len(set(names.values())) == len(names)
    return {names[signal]: situation for signal, situation in stands.items()}


def _told() -> dict[int, int | None]:
    told: dict[int, int | None] = {}
    for event in MembershipEvent.objects.order_by("pk"):
        told.update({signal: destination(event) for signal, _ in event.signals})
    return told


def _names() -> list[tuple[int, *tuple[str | None, ...]]]:
    item = ("item__source__name", "item__key", "item__digest")
    finding = ("finding__kind", "finding__country", "finding__subject", "finding__network", "finding__direction")
    return list(Signal.objects.values_list("pk", *item, *finding))
