"""How long each class of safe is kept once its work is over, and the timers that end it."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from tocsin.audit.actions import record
from tocsin.keys import holds, shredding, tampering
from tocsin.keys.holds import NoRightError
from tocsin.keys.models import Hold, Retention, Safe, Timer
from tocsin.keys.safes import OpenSafe
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
    """Let the time of a safe run from today, as its class says; gives the day that it is shredded. Again: from anew."""
    policy = policy or opened.kind
    due = timezone.now().date() + timedelta(days=days_of(policy, usual))
    with transaction.atomic():
        Timer.objects.update_or_create(mark=_mark(opened), defaults={"due": due, "policy": policy})
        opened.log("timer", due=due.isoformat(), policy=policy)
    return due


def extend(opened: OpenSafe, until: date, reason: str) -> None:
    """Keep it longer. The reason stands in the safe's log, with its day.

    Raises:
        NoTimerError: when none runs.
        ValueError: without a reason, or for a day that is not later.
    """
    timer = Timer.objects.filter(mark=_mark(opened)).first()
    if timer is None:
        raise NoTimerError
    if not reason.strip() or until <= timer.due:
        raise ValueError("an extension needs a reason and a later day")
    with transaction.atomic():
        Timer.objects.filter(pk=timer.pk).update(due=until)
        opened.log("timer extended", until=until.isoformat(), reason=reason.strip())


def stop(opened: OpenSafe) -> None:
    """Its work goes on: no time runs."""
    with transaction.atomic():
        if Timer.objects.filter(mark=_mark(opened)).delete()[0]:
            opened.log("timer stopped")


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
            standing = Safe.objects.select_for_update().filter(pk=safe.pk).first()
            # What was found above may have been extended, held or shredded meanwhile.
            timer = Timer.objects.filter(mark=mark("timer", safe.pk.hex), due__lte=timezone.now().date()).first()
            if standing is None or timer is None or holds.over(safe.pk, safe.kind) is not None:
                continue
            shredding.shred_due(standing, timer.policy)
            tampering.note("timer", timer.pk.hex)
            done = True
    return done


def _marked(marks: dict[str, Timer]) -> Iterator[Safe]:
    """The safes that these marks stand for: only who holds this server's secret can tell."""
    for safe in Safe.objects.all().iterator():
        if mark("timer", safe.pk.hex) in marks:
            yield safe
