"""One ally: the page, its forms, and each step that changes where they stand."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.alliances import access, actions, shown, words
from tocsin.alliances.forms import (
    ContactForm,
    NewForm,
    PurposeForm,
    ReachForm,
    ReasonForm,
    Refusable,
    VerifyForm,
    begin,
)
from tocsin.alliances.models import Contact, Reach
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.usability import usable
from tocsin.alliances.views.acting import tried
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

_LINES = 40
_STEPS: dict[str, tuple[Callable[[Person, Contact, str], Contact], words.Words, words.Words, words.Words]] = {
    "suspend": (
        actions.suspend, gettext_lazy("Suspend"), gettext_lazy("Turn to them no more for now?"),
        gettext_lazy("Whatever was shared with them by link is recalled at once. You can undo the rest."),
    ),
    "let-go": (
        actions.let_go, gettext_lazy("Let go"), gettext_lazy("Let them go?"),
        gettext_lazy("Whatever was shared with them by link is recalled at once. A year later everything about them "
                     "is erased. Until then you can take them back."),
    ),
    "lift": (
        actions.lift, gettext_lazy("End the suspension"), gettext_lazy("End the suspension?"),
        gettext_lazy("They stand again as they did before."),
    ),
    "take-back": (
        actions.take_back, gettext_lazy("Take back"), gettext_lazy("Take them back?"),
        gettext_lazy("They are proposed, and vetted anew."),
    ),
}  # fmt: skip


@require_safe
@needs(Right.ALLIES)
@never_cache
def contact(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything that stands about an ally; of a protected one not how to reach them."""
    person = person_of(request)
    return _page(request, person, access.access_contact(person, public_id))


def _page(
    request: HttpRequest,
    person: Person,
    row: Contact,
    reach: Reach | None = None,
    form: PurposeForm | None = None,
) -> HttpResponse:
    at = clock.now()
    events = row.events.select_related("by", "verification").order_by("-pk")
    may_reach = access.may_reach(person, row)
    if may_reach and not row.protected:
        reach = actions.open_reach(person, row)
    step = actions.undoable(row)
    context = {
        "contact": row,
        "line": shown.line(row, at),
        "usable": usable(row, at),
        "ceiling": words.CEILINGS[Tlp(row.tlp)],
        "fees": words.FEES[row.fees],
        "conflict_places": shown.conflict_places(row),
        "history": shown.history(events[:_LINES]),
        "reach": reach,
        "may_reach": may_reach,
        "purpose": form or PurposeForm(),
        "may_vet": person.may(Right.VET),
        "undo": shown.history([step])[0].words if step is not None else "",
    }
    return render(request, "alliances/contact.html", context, status=422 if form is not None else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ALLIES)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Propose an ally."""
    person = person_of(request)
    start = {"once": random_name(16), "owner": person.pk}
    form = NewForm(access.team(), _given(request), initial=start)
    made: list[Contact] = []
    if _sent(request, form):
        given = form.cleaned_data["once"]
        if _done(form, lambda: made.append(actions.propose(person, form.draft(), form.reach(), given))):
            tried(request, lambda: None, _("They are proposed. Nobody turns to them before somebody has vetted them."))
            return redirect("alliances:contact", made[0].public_id)
    title = _("Propose an ally")
    return _form(request, form, title, _("Propose"), "", "")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VET)
@never_cache
def edit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Change what stands about an ally."""
    person = person_of(request)
    row = access.access_contact(person, public_id)
    form = ContactForm(access.team(), _given(request), initial=begin(row))
    if _sent(request, form) and _done(form, lambda: actions.change(person, row, form.draft())):
        tried(request, lambda: None, _("Changed."))
        return redirect("alliances:contact", row.public_id)
    under = _("Another name or organisation asks for a new verification.")
    return _form(request, form, _("Change what stands here"), _("Save"), under, row.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VET)
@never_cache
def reach(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Change how an ally is reached; of a protected one the form begins empty, and what is written replaces it."""
    person = person_of(request)
    row = access.access_contact(person, public_id)
    kept = Reach.objects.get(contact=row)
    start: dict[str, Any] = {} if row.protected else {"ways": kept.ways, "instructions": kept.instructions}
    form = ReachForm(_given(request), initial=start)
    if _sent(request, form) and _done(form, lambda: actions.set_reach(person, row, form.reach())):
        tried(request, lambda: None, _("Changed. Verify them again, by a way that you knew before."))
        return redirect("alliances:contact", row.public_id)
    under = _("Another way to reach them asks for a new verification: a swapped number is how allies are stolen.")
    if row.protected:
        under += " " + _("What you write here replaces what stands there.")
    return _form(request, form, _("How to reach them"), _("Save"), under, row.public_id)


@require_POST
@needs(Right.ALLIES)
@never_cache
def open_reach(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Show how a protected ally is reached, once, and record it with its purpose."""
    person = person_of(request)
    row = access.access_contact(person, public_id)
    form = PurposeForm(request.POST)
    found: list[Reach] = []
    purpose = request.POST.get("purpose", "")[:20]
    if form.is_valid() and _done(form, lambda: found.append(actions.open_reach(person, row, purpose))):
        return _page(request, person, row, found[0])
    return _page(request, person, row, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VET)
@never_cache
def verify(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Write down that somebody made sure of an ally."""
    person = person_of(request)
    row = access.access_contact(person, public_id)
    form = VerifyForm(_given(request))
    if _sent(request, form) and _done(form, lambda: actions.verify(person, row, form.draft())):
        tried(request, lambda: None, _("Written down. You can undo it."))
        return redirect("alliances:contact", row.public_id)
    under = _("Make sure by a way that you knew before, not by one that they sent you.")
    return _form(request, form, _("Verify %(name)s") % {"name": row.name}, _("Write it down"), under, row.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VET)
@never_cache
def step(request: HttpRequest, public_id: str, verb: str) -> HttpResponseBase:
    """Suspend, let go, end a suspension or take back, with a reason."""
    if verb not in _STEPS:
        raise Http404
    do, act, title, under = _STEPS[verb]
    person = person_of(request)
    row = access.access_contact(person, public_id)
    form = ReasonForm(_given(request))
    if _sent(request, form) and _done(form, lambda: do(person, row, form.cleaned_data["reason"])):
        tried(request, lambda: None, _("Done."))
        return redirect("alliances:contact", row.public_id)
    return _form(request, form, str(title), str(act), str(under), row.public_id)


@require_POST
@needs(Right.VET)
def undo(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take the newest step back."""
    person = person_of(request)
    row = access.access_contact(person, public_id)
    tried(request, lambda: actions.undo(person, row), _("Undone. What was recalled stays recalled."))
    return redirect("alliances:contact", row.public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VET)
@never_cache
def forget(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Erase an ally who was let go, after asking once."""
    person = person_of(request)
    row = access.access_contact(person, public_id)
    form = Refusable(_given(request))
    if request.method == "POST" and _done(form, lambda: actions.forget(person, row)):
        tried(request, lambda: None, _("Everything about them is erased from here. Backups forget it as they expire."))
        return redirect("alliances:index")
    under = _("Every word about them, their history and their verifications. This can’t be undone.")
    return _form(request, form, _("Erase %(name)s?") % {"name": row.name}, _("Erase"), under, row.public_id)


def _given(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _sent(request: HttpRequest, form: Refusable) -> bool:
    return request.method == "POST" and form.is_valid()


def _done(form: Refusable, verb: Callable[[], object]) -> bool:
    try:
        verb()
    except RefusedError as refusal:
        if form.is_bound:
            form.refuse(refusal)
        return False
    return True


def _form(request: HttpRequest, form: Refusable, title: str, act: str, under: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "act": act, "under": under, "back": back}
    return render(request, "alliances/form.html", context, status=422 if form.errors else 200)
