"""Every write to signals."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.analysis.taxonomy import ACTORS, HARMS, TARGETS
from tocsin.audit.actions import record
from tocsin.lib.claims import advance, in_order
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.signals import expecting
from tocsin.signals.accounts import await_reading, is_personal
from tocsin.signals.models import Change, Correction, Replay, Signal
from tocsin.streams import lake
from tocsin.streams.actions import keep_names
from tocsin.streams.models import Item

CORRECTABLE = ("country", "harm", "actor", "target", "our_link", "state")
# A person's answer in one of these ends the wait of a text; "seen" says that they can't tell.
ANSWERS = ("harm", "state", "seen")
ABSTAINED = "abstain"


class RefusedError(Exception):
    """The write can't be done; the message says why, in words for the person who asked."""


@transaction.atomic
def store(signals: Sequence[Signal], cursor: str, position: int) -> int:
    """Store new signals and remember how far the reader came. An item that already has a signal keeps it.

    An item that was deleted while it was read gets none, and one that was restricted since is stored for its readers.
    """
    read = {one.item_id: one for one in signals if one.item_id is not None}
    known = set(Signal.objects.filter(item__in=read).values_list("item_id", flat=True))
    there = Item.objects.select_for_update(no_key=True).filter(pk__in=read).exclude(pk__in=known)
    fresh = []
    for pk, readers, tlp in there.values_list("pk", "readers", "tlp"):
        read[pk].readers, read[pk].tlp = readers, tlp
        fresh.append(read[pk])
    Signal.objects.bulk_create(fresh, ignore_conflicts=True)
    stored = Signal.objects.filter(item__in=[one.item_id for one in fresh]).only("pk", "harm", "item")
    await_reading([one for one in stored if is_personal(one)])
    ids = [one.pk for one in stored]
    keep_names({one.item_id: one.item.named or [] for one in fresh if one.item is not None and one.item_id is not None})
    note_change(*ids, new=True)
    advance(cursor, position)
    return len(fresh)


@transaction.atomic
def store_masks(signals: Sequence[Signal]) -> None:
    """Keep what was masked in signals that stand, and tell those who follow signals."""
    keep_names(
        {one.item_id: one.item.named or [] for one in signals if one.item is not None and one.item_id is not None}
    )
    Signal.objects.bulk_update(signals, ["title", "summary", "url", "masked"], batch_size=200)
    note_change(*[one.pk for one in signals])


def note_change(*signals: int, new: bool = False) -> None:
    """Tell those who follow signals that these changed; call it in the transaction of the change."""
    in_order("signals.changes")
    Change.objects.bulk_create([Change(signal=pk, new=new) for pk in signals])


def mark_copies(copies: Mapping[int, int]) -> None:
    """Say which signals are copies of which others, so that they count once."""
    # A copy waits for nobody: what is said of its original is said of it.
    rows = [Signal(pk=pk, copy_of_id=original, waiting=False) for pk, original in copies.items()]
    Signal.objects.bulk_update(rows, ["copy_of", "waiting"], batch_size=200)


@transaction.atomic
def restrict(signals: Sequence[Signal]) -> None:
    """Give each signal the readers and the TLP of its item, and tell those who follow signals."""
    for signal in signals:
        if signal.item is not None:
            signal.readers, signal.tlp = signal.item.readers, signal.item.tlp
    Signal.objects.bulk_update(signals, ["readers", "tlp"], batch_size=200)
    # That something is a copy would tell that there is an original.
    Signal.objects.filter(copy_of__in=signals).update(copy_of=None)
    note_change(*[signal.pk for signal in signals])


@transaction.atomic
def correct(person: Person, signal: Signal, field: str, value: str) -> Correction:
    """Put a person's word over the machine's, keeping both.

    Raises:
        RefusedError: for a field that can't be corrected or a value outside the taxonomy.
    """
    allowed = _allowed(field)
    if value not in allowed:
        raise RefusedError(f"“{value}” is not one of the values of {field}.")
    row = Signal.objects.select_for_update().get(pk=signal.pk)
    before = _as_text(getattr(row, field))
    _put(row, field, value)
    correction = Correction.objects.create(signal=row, by=person, field=field, before=before, after=value)
    weigh(row)
    if is_personal(row):
        await_reading([row])
    note_change(row.pk)
    record(person.pk, "signal.correct", f"signal:{row.pk}", field=field, before=before, after=value)
    return correction


@transaction.atomic
def accept(person: Person, signal: Signal) -> Correction:
    """Say that the kind of harm which the machine read is right; as good an example as a correction."""
    return correct(person, signal, "harm", Signal.objects.values_list("harm", flat=True).get(pk=signal.pk))


@transaction.atomic
def abstain(person: Person, signal: Signal) -> Correction:
    """Say that one can't tell. The machine's word stays, nothing is learned, and the text waits no longer."""
    row = Signal.objects.select_for_update().get(pk=signal.pk)
    correction = Correction.objects.create(signal=row, by=person, field="seen", after=ABSTAINED)
    weigh(row)
    record(person.pk, "signal.abstain", f"signal:{row.pk}")
    return correction


def weigh(row: Signal) -> None:
    """Write anew how much harm is to be expected and whether the text waits; in the caller's transaction."""
    row.expected = expecting.expected(row)
    answered = Correction.objects.filter(signal=row, field__in=ANSWERS, undone_at=None).exists()
    row.waiting = expecting.waits(row) and not answered
    row.save(update_fields=["expected", "waiting"])


@transaction.atomic
def undo(person: Person, correction: Correction) -> None:
    """Take a correction back.

    Raises:
        RefusedError: when it was undone before, or a later correction of the same field stands on it.
    """
    row = Correction.objects.select_for_update().get(pk=correction.pk)
    if row.undone_at is not None:
        raise RefusedError("This correction was undone already.")
    later = Correction.objects.filter(signal=row.signal_id, field=row.field, pk__gt=row.pk, undone_at=None)
    if later.exists():
        raise RefusedError("A later correction of the same field stands. Undo that one first.")
    signal = Signal.objects.select_for_update().get(pk=row.signal_id)
    _put(signal, row.field, row.before)
    row.undone_at = timezone.now()
    row.save(update_fields=["undone_at"])
    weigh(signal)
    note_change(row.signal_id)
    record(person.pk, "signal.undo", f"signal:{row.signal_id}", field=row.field, correction=row.pk)


@transaction.atomic
def judge_again(person: Person | None, kind: str) -> bool:
    """Let the past of a kind be judged anew, from its beginning, as soon as a worker comes to it.

    Raises:
        RefusedError: when nothing was measured so.
    """
    if kind not in lake.kinds():
        raise RefusedError(_("Nothing of this kind was measured."))
    anew: dict[str, Any] = {"rules": {}, "after": None, "begun_at": None, "finished_at": None, "paused": False}
    Replay.objects.update_or_create(kind=kind, defaults={**anew, "cause": Replay.Cause.ASKED})
    _record(person, "replay.again", kind)
    return True


@transaction.atomic
def pause_replay(person: Person | None, kind: str) -> bool:
    """Let a replay rest; what was done stays. Whether there was one that went on."""
    return _rest(person, kind, paused=True)


@transaction.atomic
def resume_replay(person: Person | None, kind: str) -> bool:
    """Go on with a replay that rests. Whether there was one."""
    return _rest(person, kind, paused=False)


def _rest(person: Person | None, kind: str, *, paused: bool) -> bool:
    if not Replay.objects.filter(kind=kind, finished_at=None, paused=not paused).update(paused=paused):
        return False
    _record(person, "replay.pause" if paused else "replay.resume", kind)
    return True


def _record(person: Person | None, verb: str, kind: str) -> None:
    record(person.pk if person is not None else None, verb, f"replay:{kind}")


def _allowed(field: str) -> set[str]:
    sets = {
        "country": {"", *TERRITORIES},
        "harm": {"", *(one.key for one in HARMS)},
        "actor": {"", *(one.key for one in ACTORS)},
        "target": {"", *(one.key for one in TARGETS)},
        "our_link": {"yes", "no"},
        "state": {Signal.State.READ.value, Signal.State.NOT_OURS.value, Signal.State.DEAD.value},
    }
    if field not in sets:
        raise RefusedError(f"“{field}” can't be corrected. These can: {', '.join(CORRECTABLE)}.")
    return sets[field]


def _as_text(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _put(row: Signal, field: str, value: str) -> None:
    if field == "seen":
        return
    setattr(row, field, value == "yes" if field == "our_link" else value)
    row.save(update_fields=[field])
