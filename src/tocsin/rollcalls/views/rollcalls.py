"""Asking a group: the form, a second look at whom it asks, and the page that is watched until all have answered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.lib.names import random_name
from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls import access, asking, shown, taking_part
from tocsin.rollcalls.forms import ExtendForm, PersonForm, RollCallForm
from tocsin.rollcalls.freshness import polled
from tocsin.rollcalls.models import RollCall
from tocsin.rollcalls.raising import holders
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.views.acting import tried


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.ROLLCALLS)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """The form; with ``do=look`` whom it would ask; with ``do=send`` they are asked."""
    person = person_of(request)
    if request.method != "POST":
        given = {"once": random_name(16), "question": "safe", "situation": request.GET.get("situation", "")[:12]}
        return render(request, "rollcalls/new.html", {"form": RollCallForm(person, initial=given)})
    form = RollCallForm(person, request.POST)
    if not form.is_valid():
        return render(request, "rollcalls/new.html", {"form": form}, status=422)
    if request.POST.get("do") == "back":
        return render(request, "rollcalls/new.html", {"form": form})
    asked = form.asked()
    if request.POST.get("do") == "send":
        try:
            made = asking.hold(person, asked)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
            return render(request, "rollcalls/new.html", {"form": form}, status=422)
        tried(request, lambda: None, _("It is stored, and goes out now. Below you see who answers."))
        return redirect("rollcalls:rollcall", made.public_id)
    found = asking.find(person, asked)
    names = [one.person.name for one in found]
    context = {"form": form, "asked": asked, "names": names, "readers": _names(person, asked.readers)}
    return render(request, "rollcalls/second_look.html", context)


def _names(person: Person, numbers: tuple[int, ...]) -> list[str]:
    return list(taking_part.contacts(person).filter(pk__in=numbers).values_list("name", flat=True))


@require_safe
@signed_in
@polled
def rollcall(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who answered what, and who is silent; those who need something first."""
    person = person_of(request)
    row = access.access_rollcall(person, public_id)
    found = shown.lines(row)
    raised = alerts_for(person).filter(pk__in=row.raised.values("alert")).exclude(state=Alert.State.RESOLVED)
    mates = Person.objects.filter(pk__in=holders(row)).order_by("name")
    others = taking_part.contacts(person).exclude(pk__in=holders(row))
    context = {
        "rollcall": row,
        "lines": found,
        "counts": shown.counts(found),
        "alerts": raised,
        "situation": access.situation_for(person, row.situation),
        "holders": mates,
        "let_in": PersonForm(others) if others.exists() else None,
        "extend": ExtendForm(),
        "quiet": any(one.state.key == "help" and one.member.quiet for one in found),
        "live": True,
    }
    return render(request, "rollcalls/rollcall.html", context)


def _act(do: Callable[[HttpRequest, RollCall, Person], str]) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A view that does one thing to a roll-call and comes back to its page."""

    @require_POST
    @signed_in
    def view(request: HttpRequest, public_id: str) -> HttpResponseBase:
        person = person_of(request)
        row = access.access_rollcall(person, public_id)
        said: list[str] = []
        if tried(request, lambda: said.append(do(request, row, person)), ""):
            tried(request, lambda: None, said[0])
        return redirect("rollcalls:rollcall", row.public_id)

    return view


def _again(request: HttpRequest, row: RollCall, person: Person) -> str:
    count = asking.ask_again(person, row)
    return ngettext("%(n)d person is asked again.", "%(n)d people are asked again.", count) % {"n": count}


def _extend(request: HttpRequest, row: RollCall, person: Person) -> str:
    form = ExtendForm(request.POST)
    if not form.is_valid():
        raise RefusedError(_("Choose by how much."))
    asking.extend(person, row, form.cleaned_data["minutes"])
    return _("It lasts longer. Those who are silent are asked once more.")


def _close(request: HttpRequest, row: RollCall, person: Person) -> str:
    asking.close(person, row)
    return _("Closed. You can undo this below.")


def _open(request: HttpRequest, row: RollCall, person: Person) -> str:
    asking.open_again(person, row)
    return _("Open again.")


def _let_in(request: HttpRequest, row: RollCall, person: Person) -> str:
    form = PersonForm(taking_part.contacts(person), request.POST)
    if not form.is_valid():
        raise RefusedError(_("Choose somebody."))
    other = Person.objects.get(pk=form.cleaned_data["person"])
    asking.let_in(person, row, other)
    return _("%(who)s holds it with you now.") % {"who": other.name}


again, extend, close, open_again, let_in = _act(_again), _act(_extend), _act(_close), _act(_open), _act(_let_in)


@require_POST
@signed_in
def heard(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """A person heard from somebody whose answer came from the phone number alone, or did not after all."""
    person = person_of(request)
    row = access.access_rollcall(person, public_id)
    member = access.access_member(person, row, number)
    done = request.POST.get("undo") != "1"
    said = _("Noted. You can take it back below.") if done else _("Taken back.")
    tried(request, lambda: asking.heard(person, member, done=done), said)
    return redirect("rollcalls:rollcall", row.public_id)


@require_POST
@signed_in
def helped(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """A call for help was looked after, or was not after all."""
    person = person_of(request)
    row = access.access_rollcall(person, public_id)
    member = access.access_member(person, row, number)
    undo = request.POST.get("undo") == "1"
    verb = asking.not_helped if undo else asking.helped
    tried(request, lambda: verb(person, member), _("Taken back.") if undo else _("Noted. You can take it back below."))
    return redirect("rollcalls:rollcall", row.public_id)
