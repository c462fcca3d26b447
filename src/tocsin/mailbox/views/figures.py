"""What the whole team may know of letters: how their clocks were kept, and which languages somebody reviewed."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tocsin.alerts import words as alerts
from tocsin.mailbox import clocks, reviews
from tocsin.mailbox.words import CLOCKS
from tocsin.people.access import needs
from tocsin.people.roles import Right


@require_safe
@needs(Right.READ)
def kept(request: HttpRequest) -> HttpResponseBase:
    """The last twelve whole months: a month that still runs would tell that somebody wrote. It needs no vault."""
    last = timezone.now().date().replace(day=1) - timedelta(days=1)
    found = clocks.measured(last - timedelta(days=335), last)
    context = {
        "found": found,
        "whole": [(CLOCKS[one.clock], one) for one in found.whole],
        "months": [(CLOCKS[one.clock], one) for one in reversed(found.months)],
        "fewest": clocks.FEWEST,
    }
    return render(request, "mailbox/clocks.html", context)


@require_safe
@needs(Right.READ)
def languages(request: HttpRequest) -> HttpResponseBase:
    """Which words that people at risk read were reviewed, by whom and when."""
    found = [(alerts.language_name(parts[0].language), parts) for parts in reviews.every()]
    context = {"languages": found, "waiting": len(reviews.waiting())}
    return render(request, "mailbox/languages.html", context)
