"""The membership log: every move of a signal is a line, and every line can be undone by another."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from tocsin.lib.claims import in_order
from tocsin.people.models import Person
from tocsin.signals.models import Signal
from tocsin.situations.access import standing
from tocsin.situations.models import Member, MembershipEvent, Situation

Verb = MembershipEvent.Verb
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


def public_id() -> str:
    """A random name for a situation that tells nothing of its age or number."""
    return "".join(secrets.choice(_LETTERS) for _ in range(8))


def begin(signal: Signal) -> Situation:
    """A new situation that will hold this signal; it stands in nothing yet but its own row."""
    return Situation.objects.create(
        public_id=public_id(),
        title=signal.title,
        country=signal.country,
        harm=signal.harm,
        readers=signal.readers,
        tlp=signal.tlp,
        exercise=signal.exercise,
        first_at=signal.at,
        last_at=signal.at,
        changed_at=timezone.now(),
    )


def take_turn() -> None:
    """Wait for one's turn at the log; the first thing in every transaction that changes who belongs where.

    Whoever reads where a signal stands and then moves it must not be overtaken, and two who lock situations in
    different orders would wait for each other.
    """
    in_order("situations.membership")


def move(
    verb: MembershipEvent.Verb,
    signals: Iterable[int],
    to: Situation | None,
    *,
    log_in: Situation,
    other: Situation | None = None,
    by: Person | None = None,
    rule: str = "",
    reason: str = "",
    undoes: MembershipEvent | None = None,
) -> MembershipEvent:
    """Move signals to a situation, or to none, and write the line; in the caller's transaction.

    Signals that are being deleted at this moment, because their time is over, are left out of the line.

    Raises:
        ValueError: for signals that are not for the readers of the situation, which no verb may ask for.
    """
    ids = list(signals)
    take_turn()
    if to is not None and Signal.objects.filter(pk__in=ids).exclude(readers=to.readers).exists():
        raise ValueError("a signal and its situation are for the same readers")
    before = dict(Member.objects.filter(signal__in=ids).values_list("signal_id", "situation_id"))
    fresh = _kept(pk for pk in ids if pk not in before)
    now = timezone.now()
    Member.objects.filter(signal__in=ids).update(situation=to, since=now, by_person=by is not None)
    Member.objects.bulk_create(
        [Member(signal_id=pk, situation=to, since=now, by_person=by is not None) for pk in sorted(fresh)]
    )
    return MembershipEvent.objects.create(
        verb=verb,
        situation=log_in,
        other=other,
        signals=[[pk, before.get(pk)] for pk in ids if pk in before or pk in fresh],
        by=by,
        rule=rule,
        at=now,
        reason=reason[:300],
        undoes=undoes,
    )


def _kept(signals: Iterable[int]) -> set[int]:
    """Those of the signals without a place that nobody can delete until the end of this transaction.

    Signals that have a place are not locked so: whoever expires them deletes the place first, and each would wait for
    the other.
    """
    rows = Signal.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=list(signals))
    return set(rows.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Joining:
    """A signal that never had a place, the situation that it joins, and why."""

    signal: int
    situation: Situation
    reason: str


def join(joinings: Sequence[Joining], rule: str) -> int:
    """Place new signals, one line of the log for each; in the caller's transaction. Gives the newest line's number."""
    take_turn()
    now = timezone.now()
    Member.objects.bulk_create(
        [Member(signal_id=one.signal, situation=one.situation, since=now) for one in joinings], batch_size=500
    )
    lines = [
        MembershipEvent(
            verb=Verb.JOIN,
            situation=one.situation,
            signals=[[one.signal, None]],
            rule=rule,
            at=now,
            reason=one.reason[:300],
        )
        for one in joinings
    ]
    return max(line.pk for line in MembershipEvent.objects.bulk_create(lines, batch_size=500))


@dataclass(frozen=True, slots=True)
class Moving:
    """Signals that stand in one situation and go to another, and how the log tells of it, in the situation they go to;
    ``other`` is the one that they leave."""

    verb: MembershipEvent.Verb
    signals: tuple[int, ...]
    origin: int
    to: Situation
    other: Situation
    reason: str


def move_all(moves: Sequence[Moving], rule: str) -> None:
    """What ``move`` does, for the machine's many moves at once, in this order; in the caller's transaction, which had
    its turn before it read where the signals stand.

    Raises:
        ValueError: for signals that are not for the readers of the situation, which no verb may ask for.
    """
    take_turn()
    ids = {pk for one in moves for pk in one.signals}
    readers = dict(Signal.objects.filter(pk__in=ids).values_list("pk", "readers"))
    if any(readers.get(pk, one.to.readers) != one.to.readers for one in moves for pk in one.signals):
        raise ValueError("a signal and its situation are for the same readers")
    last: dict[int, int] = {pk: one.to.pk for one in moves for pk in one.signals}
    homes: dict[int, list[int]] = {}
    for pk, to in last.items():
        homes.setdefault(to, []).append(pk)
    now = timezone.now()
    for home, some in homes.items():
        Member.objects.filter(signal__in=some).update(situation=home, since=now, by_person=False)
    MembershipEvent.objects.bulk_create(
        [
            MembershipEvent(
                verb=one.verb,
                situation=one.to,
                other=one.other,
                signals=[[pk, one.origin] for pk in one.signals],
                rule=rule,
                at=now,
                reason=one.reason[:300],
            )
            for one in moves
        ],
        batch_size=500,
    )


def entitled(situation: Situation, *, by: Person | None = None, rule: str = "", reason: str = "") -> MembershipEvent:
    """Write down that a situation is called otherwise from now on; in the caller's transaction.

    The line holds no word of a title: logs stay, and what a title was taken from may expire or be restricted.
    """
    take_turn()
    return MembershipEvent.objects.create(
        verb=Verb.TITLE, situation=situation, by=by, rule=rule, at=timezone.now(), reason=reason[:300]
    )


def destination(event: MembershipEvent) -> int | None:
    """The situation that an event moved its signals to; None for a leave, and for an undo of several origins."""
    return None if event.verb in (Verb.LEAVE, Verb.UNDO) else event.situation_id


def undo(event: MembershipEvent, by: Person, reason: str) -> tuple[MembershipEvent, Sequence[int]]:
    """Put every signal that still stands where the event put it back to where it was.

    A signal that was moved again since then stays, and so does one whose readers are no longer those of its former
    situation. Where that situation was merged, the one that it went into takes the signal. Returns the new line and
    the situations that changed.
    """
    take_turn()
    target = destination(event)
    standing_there = Member.objects.filter(signal__in=[pk for pk, _ in event.signals], situation=target)
    still = {member.signal_id: member.signal for member in standing_there.select_related("signal")}
    back: dict[int | None, list[int]] = {}
    for pk, origin in event.signals:
        home = _home(origin)
        if pk in still and (home is None or home.readers == still[pk].readers):
            back.setdefault(home.pk if home is not None else None, []).append(pk)
    now = timezone.now()
    for origin, ids in back.items():
        Member.objects.filter(signal__in=ids).update(situation=origin, since=now, by_person=True)
    line = MembershipEvent.objects.create(
        verb=Verb.UNDO,
        situation=event.situation,
        other=event.other,
        signals=[[pk, target] for pk in sorted(pk for ids in back.values() for pk in ids)],
        by=by,
        at=now,
        reason=reason[:300],
        undoes=event,
    )
    touched = {origin for origin in back if origin is not None} | {event.situation_id}
    if event.other_id is not None:
        touched.add(event.other_id)
    return line, sorted(touched)


def _home(origin: int | None) -> Situation | None:
    """The situation that a signal came from, or the one that it was merged into since."""
    found = Situation.objects.filter(pk=origin).first() if origin is not None else None
    return standing(found) if found is not None else None
