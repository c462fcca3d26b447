"""What the views of this room share: one page with a form, and one act with its word afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString

from tocsin.alliances.forms import Refusable
from tocsin.alliances.refusals import RefusedError


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a page with a form, and where it leads when it is done or left; ``about`` is the text that it is
    about, as HTML."""

    title: str
    act: str
    back: str
    said: str
    under: str = ""
    about: SafeString = field(default_factory=SafeString)


def given(request: HttpRequest) -> QueryDict | None:
    """What was sent, if anything was."""
    return request.POST if request.method == "POST" else None


def ask(
    request: HttpRequest, form: Refusable, asked: Asked, do: Callable[[], str | None], template: str = ""
) -> HttpResponseBase:
    """Show a form until it is valid and the act is not refused; ``do`` may name another page to go on to."""
    if request.method == "POST" and form.is_valid():
        try:
            onward = do()
        except RefusedError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, asked.said)
            return redirect(onward or asked.back)
    context = {"form": form, "asked": asked}
    return render(request, template or "resilience/form.html", context, status=422 if form.errors else 200)


def tried(request: HttpRequest, do: Callable[[], object], said: str) -> bool:
    """Do it; False when it was refused, which the next page says."""
    try:
        do()
    except RefusedError as refusal:
        messages.error(request, refusal.message)
        return False
    messages.success(request, said)
    return True
