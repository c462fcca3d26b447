"""What the worker does for this room: rings the clocks of plans; a tick that was missed is caught up, once."""

from django.db import transaction

from tocsin.alerts import clock as time
from tocsin.alerts.models import Severity
from tocsin.lib.claims import hold
from tocsin.responses import calling, drills
from tocsin.responses.log.books import NOBODY, OpenBook
from tocsin.responses.models import Clock

_MOST = 100


def step() -> bool:
    """Ring what is due; True when anything was."""
    if not hold("responses.work"):
        return False
    # Made ahead of need: were it made by the first severe plan, its being there would tell of a sealed one.
    calling.policy(Severity.SEVERE)
    due = Clock.objects.filter(rang_at=None, due_at__lte=time.now()).order_by("due_at", "pk")
    numbers = list(due.values_list("pk", flat=True)[:_MOST])
    rang = [ring(number) for number in numbers]
    # The log is asked, not the clock: what came already does not come again, and its clock goes with the line. What
    # comes in a sealed drill comes when one of its members looks.
    drilling = sorted({one.plan for one in due.filter(what=Clock.What.INJECT, sealed=False)[:_MOST]})
    return any([*rang, *(drills.inject(OpenBook(plan), NOBODY) for plan in drilling)])


def ring(number: int) -> bool:
    """Ring one clock, if it is still there and did not ring; all of it or nothing."""
    with transaction.atomic():
        waiting = Clock.objects.select_for_update().filter(pk=number, rang_at=None)
        clock = waiting.exclude(what=Clock.What.INJECT).first()
        if clock is None:
            return False
        clock.rang_at = time.now()
        calling.ring(clock)
        clock.save()
        return True
