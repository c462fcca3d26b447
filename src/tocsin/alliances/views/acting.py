"""What the views of this room share: do one thing, say what came of it, and go back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest

from tocsin.alliances.refusals import RefusedError


def tried(request: HttpRequest, verb: Callable[[], object], said: str) -> bool:
    """Do it; False when it was refused, which the next page says."""
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.message)
        return False
    if said:
        messages.success(request, said)
    return True
