"""Pulls signals into situations, and keeps what situations show true to their members."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Count, F, OuterRef
from django.utils import timezone

from tocsin.lib.claims import advance, confirm, hold, position, unread
from tocsin.signals.actions import mark_copies
from tocsin.signals.models import Change, Signal
from tocsin.situations import levels, membership
from tocsin.situations.grouping import RULE, Choice, Grouper, compartment
from tocsin.situations.known import NOTICES
from tocsin.situations.models import Member, Situation
from tocsin.situations.regrouping import regroup
from tocsin.situations.standing import refresh_all, refresh_beside, wake_all

BATCH = 250  # what situations show is written once for all of them
QUIET_AFTER = timedelta(days=14)
_LEASE = "situations.group"
_NEW = "situations.signals"
_CHANGED = "situations.changes"

SWEEP_SECONDS = 600

_grouper: Grouper | None = None
_swept: float | None = None


def step() -> bool:
    """Do one piece of work; False when there was none."""
    if not hold(_LEASE):
        forget()
        return False
    # What must leave a situation leaves before anything new comes.
    return any([follow_changes(), group(), sweep()])


def group(limit: int = BATCH) -> bool:
    """Give each new signal its place."""
    if not _without_place(1):
        return False
    try:
        with transaction.atomic():
            # Read in our turn and under the lease: a person may have placed one, another worker all of them.
            membership.take_turn()
            signals = _locked(_without_place(limit)) if confirm(_LEASE) else []
            if signals:
                _place(_memory(), signals)
                advance(_NEW, signals[-1].pk)
    except BaseException:
        # The index may hold what the database just refused: make it again from the log.
        forget()
        raise
    return bool(signals)


def _without_place(limit: int) -> list[Signal]:
    rows = Signal.objects.select_related("finding", "item__source")
    rows = rows.defer("why", "item__text", "item__original", "item__facts")
    return unread(rows, _NEW, Member.objects.filter(signal=OuterRef("pk")), limit)


def _locked(signals: Sequence[Signal]) -> list[Signal]:
    """Those of them that nobody is deleting, and nobody can delete until the end of this transaction."""
    rows = Signal.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=[one.pk for one in signals])
    there = set(rows.values_list("pk", flat=True))
    return [one for one in signals if one.pk in there]


def _place(grouper: Grouper, signals: Sequence[Signal]) -> None:
    membership.take_turn()
    grouper.follow()
    # A signal that had a place and lost it by its state is placed like a new one.
    Member.objects.filter(signal__in=signals, situation=None, by_person=False).delete()
    apart = [one for one in signals if one.state != Signal.State.READ]
    Member.objects.bulk_create([Member(signal=one, situation=None, since=timezone.now()) for one in apart])
    placed = [(one, _choice(grouper, one)) for one in signals if one.state == Signal.State.READ]
    homes = _homes(grouper, placed)
    stirred: dict[int, set[int]] = {}
    compartments: dict[int, str] = {}
    for signal, choice in placed:
        if signal.finding_id is None:
            stirred.setdefault(homes[signal.pk].pk, set()).update(choice.close)
            compartments[homes[signal.pk].pk] = compartment(signal)
    joinings = [membership.Joining(one.pk, homes[one.pk], choice.reason) for one, choice in placed]
    copies = {one.pk: choice.copy_of for one, choice in placed if choice.copy_of is not None}
    if joinings:
        grouper.wrote(membership.join(joinings, RULE))
    mark_copies(_still_there(copies))
    touched = {one.situation.pk for one in joinings}
    wake_all(touched)
    touched |= regroup(stirred, lambda number, close: grouper.parts(number, close, compartments[number]), grouper.shift)
    grouper.follow()
    refresh_all(Situation.objects.filter(pk__in=touched).order_by("pk"))
    refresh_beside({signal.country for signal in signals if _speaks_beside(signal)}, touched)


def _speaks_beside(signal: Signal) -> bool:
    """Whether it may move other situations of its country as well."""
    return signal.finding_id is not None or signal.harm in NOTICES or signal.technical


def _still_there(copies: Mapping[int, int]) -> dict[int, int]:
    """Without those of an original that expired since the memory learnt of it, or that is being deleted right now."""
    there = Signal.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=copies.values())
    kept = set(there.values_list("pk", flat=True))
    return {copy: original for copy, original in copies.items() if original in kept}


def _choice(grouper: Grouper, signal: Signal) -> Choice:
    """Where a signal goes; from now on the next ones may follow it there."""
    choice = grouper.choose(signal)
    number = membership.begin(signal).pk if choice.situation is None else choice.situation
    grouper.took(signal, number)
    return replace(choice, situation=number)


def _homes(grouper: Grouper, placed: Sequence[tuple[Signal, Choice]]) -> dict[int, Situation]:
    """By signal, the situation that was chosen, or a new one where that may not take it."""
    rows = Situation.objects.exclude(state=Situation.State.MERGED)
    standing = rows.in_bulk({choice.situation for _, choice in placed})
    homes: dict[int, Situation] = {}
    for signal, choice in placed:
        home = standing.get(choice.situation)
        if home is None or home.readers != signal.readers:
            home = membership.begin(signal)
            grouper.took(signal, home.pk)
        homes[signal.pk] = home
    return homes


def follow_changes(limit: int = BATCH) -> bool:
    """Let situations follow corrections of their signals, and signals that expired."""
    changes = list(Change.objects.filter(pk__gt=position(_CHANGED)).order_by("pk")[:limit])
    if not changes:
        return False
    ids = {change.signal for change in changes if not change.new}
    try:
        with transaction.atomic():
            membership.take_turn()
            if not confirm(_LEASE):
                return False
            _follow(ids)
            advance(_CHANGED, changes[-1].pk)
    except BaseException:
        forget()
        raise
    return True


def _follow(ids: Collection[int]) -> None:
    membership.take_turn()
    members = Member.objects.filter(signal__in=ids, situation__isnull=False).select_related("signal", "situation")
    touched: dict[int, Situation] = {}
    for member in members:
        if member.situation is None:
            continue
        touched[member.situation.pk] = member.situation
        why = _why_out(member.signal, member.situation)
        if why:
            membership.move(membership.Verb.LEAVE, [member.signal_id], None, log_in=member.situation, rule=why)
    refresh_all([touched[pk] for pk in sorted(touched)])
    moved = {member.signal.country for member in members if _speaks_beside(member.signal)}
    refresh_beside(moved, touched)
    returned = Signal.objects.filter(
        pk__in=Member.objects.filter(signal__in=ids, situation=None, by_person=False).values("signal"),
        state=Signal.State.READ,
    )
    _place(_memory(), list(returned.select_related("finding").order_by("pk")))


def _why_out(signal: Signal, situation: Situation) -> str:
    """Why a signal can't stay where it is; empty while it can."""
    if signal.state != Signal.State.READ:
        return "not about us"
    return "for other readers now" if signal.readers != situation.readers else ""


def sweep(limit: int = BATCH) -> bool:
    """Let situations rest of which nothing was heard for two weeks, and follow signals that expired."""
    global _swept
    if _swept is not None and monotonic() < _swept + SWEEP_SECONDS:
        return False
    still = Situation.objects.filter(state=Situation.State.OPEN, changed_at__lt=timezone.now() - QUIET_AFTER)
    counted = Situation.objects.exclude(state=Situation.State.MERGED).annotate(now=Count("members"))
    resting = list(still.values_list("pk", flat=True)[:limit])
    thinned = list(counted.exclude(now=F("signals")).values_list("pk", flat=True)[:limit])
    strayed = Member.objects.filter(situation__isnull=False).exclude(signal__readers=F("situation__readers"))
    astray = set(strayed.values_list("signal_id", flat=True)[:limit])
    if not resting and not thinned and not astray:
        _swept = monotonic()
        return False
    with transaction.atomic():
        _follow(astray)
        # Read anew now that it is our turn: a person may have merged or renamed one of them meanwhile.
        for situation in still.select_for_update().filter(pk__in=resting).order_by("pk"):
            situation.state = Situation.State.QUIET
            situation.save(update_fields=["state"])
            levels.refresh(situation.country, situation.harm)
        standing = Situation.objects.exclude(state=Situation.State.MERGED)
        refresh_all(standing.select_for_update().filter(pk__in=thinned).order_by("pk"))
    return True


def _memory() -> Grouper:
    global _grouper
    if _grouper is None:
        _grouper = Grouper()
    return _grouper


def forget() -> None:
    """Drop what this process remembers; it is made again from the rows."""
    global _grouper, _swept
    _grouper = _swept = None
