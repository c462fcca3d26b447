"""What the worker does for this room: rings the clocks of plans; a tick that was missed is caught up, once."""

from functools import partial

from django.db import transaction
from django.http import Http404

from tocsin.alerts import clock as time
from tocsin.alerts.models import Severity
from tocsin.lib.apart import apart
from tocsin.lib.claims import hold
from tocsin.responses import calling, drills
from tocsin.responses.authority import RefusedError
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
    # Turns of sealed drills wait until a member looks, perhaps for good: they must not fill the list.
    numbers = list(due.exclude(what=Clock.What.INJECT).values_list("pk", flat=True)[:_MOST])
    # The log is asked, not the clock: what came already does not come again, and its clock goes with the line. What
    # comes in a sealed drill comes when one of its members looks.
    turns = due.filter(what=Clock.What.INJECT, sealed=False)
    drilling = list(turns.order_by("plan").values_list("plan", flat=True).distinct()[:_MOST])
    return apart([*(partial(ring, one) for one in numbers), *(partial(_go_on, one) for one in drilling)])


def _go_on(plan: str) -> bool:
    """Let turns of a drill come; in one of which nobody believes the log nothing comes any more."""
    try:
        return drills.inject(OpenBook(plan), NOBODY)
    except (Http404, RefusedError):
        return False


def ring(number: int) -> bool:
    """Ring one clock, with those that tell the same, if it is still there and did not ring; all of it or nothing."""
    with transaction.atomic():
        waiting = Clock.objects.select_for_update().filter(pk=number, rang_at=None)
        clock = waiting.exclude(what=Clock.What.INJECT).first()
        if clock is None:
            return False
        due = Clock.objects.select_for_update().filter(rang_at=None, due_at__lte=time.now()).exclude(pk=number)
        alike = due.filter(plan=clock.plan, what=clock.what, person=clock.person)
        fellows = list(alike.order_by("due_at", "pk")) if clock.what in calling.TOLD else []
        for one in (clock, *fellows):
            one.rang_at = time.now()
        calling.ring(clock, fellows)
        for one in (clock, *fellows):
            one.save()
        return True
