"""What the views of this room share: do one thing, say what came of it, and go back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tocsin.reports.refusals import RefusedError


def tried(request: HttpRequest, verb: Callable[[], object], said: str) -> bool:
    """Do it; False when it was refused, which the next page says, each thing on a line of its own."""
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.message)
        for line in refusal.lines:
            messages.error(request, line)
        return False
    if said:
        messages.success(request, said)
    return True


def ended(request: HttpRequest, end: Callable[[], object], reopen: Callable[[], object]) -> None:
    """End something that is due again and again, or with ``undo`` take it up again."""
    if request.POST.get("undo") == "1":
        tried(request, reopen, _("It is due again."))
    else:
        tried(request, end, _("It has ended. You can take it up again below."))


def number(text: str | None) -> int:
    """A whole number of a form; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
