"""The page of a closed case: how long it is kept, what stops its end, keeping it longer, shredding it by two."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.cases import forms, keeping
from tocsin.cases.entries import entries, first
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.course import About
from tocsin.cases.refusals import RefusedError
from tocsin.cases.views.opening import in_case, page, tried
from tocsin.keys.safes import OpenSafe


@require_http_methods(["GET", "HEAD", "POST"])
@in_case
def kept(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """How long a closed case is kept; owners keep it longer, or end it together."""
    found = entries(safe)
    _entry, about = first(found, About)
    if safe.me.role != "owner" or about is None or about.state != "closed":
        raise Http404
    act = request.POST.get("act", "") if request.method == "POST" else ""
    if act == "take_back":
        went = tried(request, lambda: keeping.take_back(safe.vault, safe.id), _("It is kept."))
        return went or redirect("cases:keeping", safe.id)
    keeping.begin(safe)
    extending = forms.ExtendForm(request.POST if act == "extend" else None)
    asking = forms.EndForm(request.POST if act == "ask" else None)
    ending = forms.SureForm(request.POST if act == "end" else None)
    if act == "end" and ending.is_valid():
        try:
            made = keeping.end(safe.vault, safe.id)
        except RefusedError as refusal:
            ending.add_error(None, refusal.args[0])
        else:
            return render(request, "keys/certificate.html", {"made": made, "signature": made.signature.hex()})
    if (act == "extend" and _extended(request, safe, extending)) or (act == "ask" and _asked(request, safe, asking)):
        return redirect("cases:keeping", safe.id)
    wrong = any(one.errors for one in (extending, asking, ending))
    more: dict[str, Any] = {
        "keeping": keeping.standing(safe),
        "extending": extending,
        "asking": asking,
        "ending": ending,
    }
    return page(request, safe, "keeping", found, status=422 if wrong else 200, **more)


def _extended(request: HttpRequest, safe: OpenSafe, form: forms.ExtendForm) -> bool:
    if not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        keeping.extend(safe.vault, safe.id, given["until"], given["reason"])
    except WrongError as wrong:
        form.add_error(wrong.name, str(wrong.words))
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
    else:
        tried(request, lambda: None, _("It is kept until then. The log says why."))
    return not form.errors


def _asked(request: HttpRequest, safe: OpenSafe, form: forms.EndForm) -> bool:
    if not form.is_valid():
        return False
    try:
        keeping.ask(safe.vault, safe.id, form.cleaned_data["why"])
    except (RefusedError, WrongError) as refusal:
        form.add_error(None, str(refusal.args[0]) if isinstance(refusal, RefusedError) else str(refusal.words))
    else:
        tried(request, lambda: None, _("Asked. Another owner finds it on their desk."))
    return not form.errors
