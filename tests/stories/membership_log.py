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


def replayed() -> dict[int, int | None]:
    """Each signal's place by the log alone: every line in its order, with merges and undoes as they were then.

    Fails unless the rows say the same.
    """
    told: dict[int, int | None] = {}
    went_into: dict[int, int] = {}
    for event in MembershipEvent.objects.select_related("undoes").order_by("pk"):
        if event.undoes is not None:
            _take_back(event, event.undoes, told, went_into)
            continue
        if event.verb == MembershipEvent.Verb.MERGE and event.other_id is not None:
            went_into[event.other_id] = event.situation_id
        told.update({signal: destination(event) for signal, _ in event.signals})
    merged = dict(Situation.objects.filter(merged_into__isnull=False).values_list("pk", "merged_into"))
    assert merged == went_into
    stands: dict[int, int | None] = dict(Member.objects.values_list("signal", "situation"))
    assert stands == {signal: told.get(signal) for signal in stands}
    counted = Counter(number for number in stands.values() if number is not None)
    shown = dict(Situation.objects.filter(signals__gt=0).values_list("pk", "signals"))
    assert shown == counted
    return stands


def _take_back(
    line: MembershipEvent, undone: MembershipEvent, told: dict[int, int | None], went_into: dict[int, int]
) -> None:
    if undone.verb == MembershipEvent.Verb.MERGE and went_into.get(undone.other_id or 0) == undone.situation_id:
        del went_into[undone.other_id or 0]
    origins = dict(undone.signals)
    for signal, _ in line.signals:
        home = origins[signal]
        while home in went_into:
            home = went_into[home]
        told[signal] = home


def _told() -> dict[int, int | None]:
    told: dict[int, int | None] = {}
    for event in MembershipEvent.objects.order_by("pk"):
        told.update({signal: destination(event) for signal, _ in event.signals})
    return told


def _names() -> list[tuple[int, *tuple[str | None, ...]]]:
    item = ("item__source__name", "item__key", "item__digest")
    finding = ("finding__kind", "finding__country", "finding__subject", "finding__network", "finding__direction")
    return list(Signal.objects.values_list("pk", *item, *finding))
