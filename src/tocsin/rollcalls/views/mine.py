"""One's own part: what one is asked, where one travels, what one watches; and how to take part, or no longer."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.lib import territories
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls import access, answers, asking, shown, taking_part
from tocsin.rollcalls.forms import DigitForm, PartForm, begin
from tocsin.rollcalls.freshness import polled
from tocsin.rollcalls.models import Participant
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.views.acting import tried
from tocsin.rollcalls.words import ANSWERS

_MOST = 50


@require_safe
@signed_in
@polled
def index(request: HttpRequest) -> HttpResponse:
    """Everything in this room that the person has a part in."""
    person = person_of(request)
    questions = [
        (row, shown.own_state(row), [(key, ANSWERS[key]) for key in answers.options_of(row)])
        for row in access.questions_for(person)[:_MOST]
    ]
    context = {
        "part": access.part_of(person),
        "questions": questions,
        "own": access.own_journeys(person)[:_MOST],
        "watched": access.watched_journeys(person)[:_MOST],
        "rollcalls": access.rollcalls_for(person).select_related("asked_by").order_by("-pk")[:_MOST],
        "silences": [
            (row, territories.name(row.country, get_language() or "en")) for row in access.silences_for(person)[:_MOST]
        ],
        "may_ask": person.may(Right.ROLLCALLS),
        "live": True,
    }
    return render(request, "rollcalls/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def me(request: HttpRequest) -> HttpResponseBase:
    """Take part, or change how; with ``do=look`` the messages as the phone would show them."""
    person = person_of(request)
    row = access.part_of(person)
    if request.method != "POST":
        form = PartForm(person, initial=begin(row))
        kept = PartForm(person, begin(row) | {"languages": ", ".join(row.languages)}) if row else None
        previews = shown.previews(person, kept.part()) if kept is not None and kept.is_valid() else []
        return _me(request, person, row, form, previews)
    form = PartForm(person, request.POST)
    if not form.is_valid():
        return _me(request, person, row, form, [], status=422)
    if request.POST.get("do") != "save":
        return _me(request, person, row, form, shown.previews(person, form.part()))
    try:
        taking_part.take_part(person, form.part())
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
        return _me(request, person, row, form, [], status=422)
    tried(request, lambda: None, _("Saved. You can change it, or withdraw, at any moment."))
    return redirect("rollcalls:me")


def _me(
    request: HttpRequest,
    person: Person,
    row: Participant | None,
    form: PartForm,
    previews: list[tuple[str, str]],
    status: int = 200,
) -> HttpResponse:
    context = {
        "part": row,
        "form": form,
        "previews": previews,
        "digit": DigitForm() if row is not None and row.manner == Participant.Manner.AGREED else None,
        "has_phone": taking_part.plain_addresses(person).exists(),
    }
    return render(request, "rollcalls/me.html", context, status=status)


@require_POST
@signed_in
def digit(request: HttpRequest) -> HttpResponseBase:
    """Choose the quiet digit; what is said is the same whichever it is."""
    form = DigitForm(request.POST)
    person = person_of(request)
    chosen = form.cleaned_data["digit"] if form.is_valid() else None
    if form.is_valid():
        tried(request, lambda: taking_part.set_quiet_digit(person, chosen), _("Saved."))
    return redirect("rollcalls:me")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def withdraw(request: HttpRequest) -> HttpResponseBase:
    """Take no part any more, after asking once."""
    if request.method == "POST":
        person = person_of(request)
        said = _("You take no part any more. What you said and everything about your journeys is erased.")
        tried(request, lambda: taking_part.withdraw(person), said)
        return redirect("rollcalls:index")
    return render(request, "rollcalls/withdraw.html", {})


@require_POST
@signed_in
def answer(request: HttpRequest, number: int) -> HttpResponseBase:
    """Answer a question here instead of by message."""
    row = access.access_question(person_of(request), number)
    said = request.POST.get("answer", "")[:12]
    tried(request, lambda: asking.answer(row, said), _("Thank you. Your answer arrived."))
    return redirect("rollcalls:index")
