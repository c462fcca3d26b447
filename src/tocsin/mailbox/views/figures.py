"""How the clocks of letters were kept, for the whole team: no letter, no desk, no person."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tocsin.mailbox import clocks, phrases
from tocsin.mailbox.words import CLOCKS
from tocsin.people.access import needs
from tocsin.people.roles import Right


@require_safe
@needs(Right.READ)
def kept(request: HttpRequest) -> HttpResponseBase:
    """The last twelve months. It needs no vault."""
    today = timezone.now().date()
    found = clocks.measured(today - timedelta(days=335), today)
    context = {
        "found": found,
        "whole": [(CLOCKS[one.clock], one) for one in found.whole],
        "months": [(CLOCKS[one.clock], one) for one in reversed(found.months)],
        "fewest": clocks.FEWEST,
        "reviews": phrases.languages().values(),
    }
    return render(request, "mailbox/clocks.html", context)
