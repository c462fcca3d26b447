"""Reports for several audiences at once: one press, and the drafts of a round side by side."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.lib.names import random_name
from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, together
from tocsin.reports.abreast import abreast
from tocsin.reports.forms_typed import SetForm
from tocsin.reports.models import Draft, ReportSet, Round
from tocsin.reports.refusals import RefusedError
from tocsin.reports.views.acting import ended, tried

_NEWEST = 12
_WEEK = timedelta(days=7)


@require_POST
@needs(Right.REPORTS)
def week(request: HttpRequest) -> HttpResponseBase:
    """One press: the last seven days, for all audiences or those that are ticked, each a draft from the same facts."""
    person = person_of(request)
    made: list[Round] = []
    once, chosen = request.POST.get("once", "")[:32], request.POST.getlist("audiences")

    def do() -> None:
        if not once or not chosen:
            raise RefusedError(_("Choose for whom it is."))
        made.append(together.the_week(person, once, chosen, exercise=settings.EXERCISE))

    if tried(request, do, ""):
        tried(request, lambda: None, _drafted(made[0]))
        return redirect("reports:set", made[0].together.public_id)
    return redirect("reports:index")


def _drafted(row: Round) -> str:
    count = row.drafts.count()
    said = ngettext(
        "%(n)d draft, from the same facts. It waits for a person.",
        "%(n)d drafts, from the same facts. Each waits for a person.",
        count,
    )
    return said % {"n": count}


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.REPORTS)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Set up reports for several audiences, and draft the first round if days were chosen."""
    person = person_of(request)
    today = timezone.localdate()
    start = {
        "once": random_name(16), "time_zone": person.time_zone or "UTC", "title": _("The week"),
        "audiences": [key for key, _label in _audiences(person)], "first": today - _WEEK, "last": today,
        "situation": request.GET.get("situation", "")[:12],
    }  # fmt: skip
    form = SetForm(person, request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            made = _arranged(person, form)
        except RefusedError as refusal:
            form.add_error(None, refusal.message)
        else:
            tried(request, lambda: None, _("The set stands. Each draft waits for a person; nothing leaves by itself."))
            return redirect("reports:set", made.public_id)
    return render(request, "reports/set_new.html", {"form": form}, status=422 if form.errors else 200)


def _audiences(person: Person) -> list[tuple[str, str]]:
    return list(SetForm(person).fields["audiences"].choices)  # type: ignore[attr-defined]


def _arranged(person: Person, form: SetForm) -> ReportSet:
    given, wanted = form.cleaned_data, form.wanted(exercise=settings.EXERCISE)
    period = None
    if given["first"] is not None:
        period = together.days(given["first"], given["last"], ZoneInfo(wanted.time_zone))
    made = together.arrange(person, wanted, given["audiences"])
    if period is not None:
        together.draft_now(person, made, wanted.once, period)
    return made


@require_safe
@signed_in
@never_cache
def one(request: HttpRequest, public_id: str) -> HttpResponse:
    """A set with its newest round, or the one that is asked for: each draft beside the others."""
    person = person_of(request)
    row = access.access_set(person, public_id)
    asked = request.GET.get("round", "")[:12]
    rounds = access.rounds_for(person).filter(together=row).order_by("-pk")
    shown = access.access_round(person, asked) if asked else rounds.first()
    context = {
        "set": row,
        "round": shown,
        "lines": abreast(person, shown) if shown is not None else [],
        "earlier": [each for each in rounds[:_NEWEST] if shown is None or each.pk != shown.pk],
        "members": row.members.order_by("pk"),
        "once": random_name(16),
        "may_draft": person.may(Right.REPORTS),
    }
    return render(request, "reports/set.html", context)


@require_POST
@needs(Right.REPORTS)
def draft(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Draft a round at once; or with ``round`` one audience of it anew, from the same facts."""
    person = person_of(request)
    row = access.access_set(person, public_id)
    again = request.POST.get("round", "")[:12]
    if again:
        return _again(request, person, row, access.access_round(person, again))
    made: list[Round] = []
    once = request.POST.get("once", "")[:32] or random_name(16)
    if tried(request, lambda: made.append(together.draft_now(person, row, once)), ""):
        tried(request, lambda: None, _drafted(made[0]))
    return redirect("reports:set", row.public_id)


def _again(request: HttpRequest, person: Person, row: ReportSet, old: Round) -> HttpResponseBase:
    report = access.access_report(person, request.POST.get("report", "")[:12])
    made: list[Draft] = []
    if tried(request, lambda: made.append(together.again(person, old, report)), ""):
        return redirect("reports:draft", made[0].public_id)
    return redirect("reports:set", row.public_id)


@require_POST
@needs(Right.REPORTS)
def end(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """End a set, or take it up again."""
    person = person_of(request)
    row = access.access_set(person, public_id)
    ended(request, lambda: together.end(person, row), lambda: together.reopen(person, row))
    return redirect("reports:set", row.public_id)
