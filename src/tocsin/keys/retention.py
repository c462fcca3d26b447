"""How long each class of safe is kept once its work is over, and the timers that end it."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tocsin.audit.actions import record
from tocsin.keys import filing, holds, proofs, sealing, shredding, tampering
from tocsin.keys.holds import NoRightError
from tocsin.keys.models import Hold, Retention, Safe, Timer
from tocsin.keys.proofs import Order
from tocsin.keys.safes import NotYoursError, OpenSafe
from tocsin.keys.sealing import Context, SealError
from tocsin.keys.tampering import mark
from tocsin.people.models import Person
from tocsin.people.roles import Right

USUAL_DAYS = 730
LONGEST_DAYS = 36_500


class NoTimerError(Exception):
    """No timer runs for this safe."""


def set_days(by: Person, policy: str, days: int) -> None:
    """For how many days safes of this class are kept; timers that run keep their day.

    Raises:
        NoRightError: for somebody who is not counsel.
        ValueError: for less than a day or more than a hundred years.
    """
    if not by.may(Right.HOLD):
        raise NoRightError
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError("between a day and a hundred years")
    with transaction.atomic():
        Retention.objects.update_or_create(policy=policy, defaults={"days": days})
        record(by.pk, "keys.retention_set", f"retention:{policy}", days=days)


def days_of(policy: str, usual: int = USUAL_DAYS) -> int:
    """For how many days; ``usual`` where counsel said nothing."""
    return Retention.objects.filter(policy=policy).values_list("days", flat=True).first() or usual


def start(opened: OpenSafe, policy: str = "", usual: int = USUAL_DAYS) -> date:
    """Let the time of a safe run from today, as its class says; gives the day that it is shredded. Again: from anew.

    Whoever says so signs it: a timer shreds by their order, and its certificate cites it. It is stored with whatever
    else was changed in the safe. Who does not hold every compartment for good can give no such order: nothing runs
    until somebody does who can.

    Raises:
        ChangedError: when somebody changed the safe meanwhile.
    """
    policy = policy or opened.kind
    due = timezone.now().date() + timedelta(days=days_of(policy, usual))
    if not opened.leads or opened.me.until:
        return due
    _order(opened, policy, due)
    opened.log("timer", due=due.isoformat(), policy=policy)
    return due


def extend(opened: OpenSafe, until: date, reason: str) -> None:
    """Keep it longer, by a new order. The reason stands in the safe's log, with its day.

    Raises:
        NoTimerError: when none runs.
        NotInError: for somebody who does not hold every compartment for good.
        ValueError: without a reason, or for a day that is not later.
    """
    timer = Timer.objects.filter(mark=_mark(opened)).first()
    if timer is None:
        raise NoTimerError
    if not reason.strip() or until <= timer.due:
        raise ValueError("an extension needs a reason and a later day")
    if not opened.leads or opened.me.until:
        raise NotYoursError
    _order(opened, timer.policy, until)
    opened.log("timer extended", until=until.isoformat(), reason=reason.strip())


def stop(opened: OpenSafe) -> None:
    """Its work goes on: no time runs, and no order stands."""
    if Timer.objects.filter(mark=_mark(opened)).exists() or opened.head.order:
        with transaction.atomic():
            opened.order("")
            opened.commit()
            Timer.objects.filter(mark=_mark(opened)).delete()
        opened.log("timer stopped")


def _order(opened: OpenSafe, policy: str, due: date) -> None:
    made = proofs.order(opened.vault, opened.id, policy, due, opened.version + 1)
    with transaction.atomic():
        opened.order(made.digest.hex())
        opened.commit()
        # A timer reads nothing: it removes the files that are known by then.
        named = [(one.compartment, file) for one in opened.records() for file in filing.named_in(one.body)]
        filing.note(opened.id, named)
        values = {"due": due, "policy": policy, "order": _sealed(opened.id, made)}
        Timer.objects.update_or_create(mark=_mark(opened), defaults=values)


def _key() -> bytes:
    return sealing.derive(sha256(settings.SECRET_KEY.encode()).digest(), "orders")


def _place(safe: UUID) -> Context:
    return Context(safe.bytes, "", 0, b"", "order", 0)


def _sealed(safe: UUID, order: Order) -> bytes:
    return sealing.seal(_key(), json.dumps(order.pack()).encode(), _place(safe))


def _ordered(safe: UUID, timer: Timer) -> Order | None:
    """The order of a timer; None where it has none that is its own."""
    try:
        return Order(**json.loads(sealing.open_sealed(_key(), bytes(timer.order), _place(safe))))
    except (SealError, ValueError, TypeError):
        return None


def due_on(opened: OpenSafe) -> date | None:
    """The day on which it is shredded; None while no time runs."""
    return Timer.objects.filter(mark=_mark(opened)).values_list("due", flat=True).first()


def _mark(opened: OpenSafe) -> str:
    return mark("timer", opened.id.hex)


def held(opened: OpenSafe) -> Hold | None:
    """The hold that keeps it, if one does."""
    return holds.over(opened.id, opened.kind)


def apply() -> bool:
    """Shred what is due and not held. The worker's part; True when it did anything."""
    due = {one.mark: one for one in Timer.objects.filter(due__lte=timezone.now().date())}
    done = False
    for safe in _marked(due) if due else ():
        with transaction.atomic():
            # Holds first, then the safe: in this order everywhere.
            held = holds.over(safe.pk, safe.kind)
            standing = Safe.objects.select_for_update().filter(pk=safe.pk).first()
            # What was found above may have been extended, held or shredded meanwhile.
            timer = Timer.objects.filter(mark=mark("timer", safe.pk.hex), due__lte=timezone.now().date()).first()
            if standing is None or timer is None or held is not None:
                continue
            shredding.shred_due(standing, _ordered(safe.pk, timer))
            tampering.note("timer", timer.pk.hex)
            done = True
    return done


def _marked(marks: dict[str, Timer]) -> Iterator[Safe]:
    """The safes that these marks stand for: only who holds this server's secret can tell."""
    for safe in Safe.objects.all().iterator():
        if mark("timer", safe.pk.hex) in marks:
            yield safe
