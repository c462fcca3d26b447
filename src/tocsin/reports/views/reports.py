"""The list of reports, and one standing report with its drafts, issues and readers."""

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.lib.names import random_name
from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, arranging, eyes, sending
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.forms_typed import RecipientForm, ReportForm
from tocsin.reports.models import Draft, Issue, Report
from tocsin.reports.refusals import RefusedError
from tocsin.reports.views.acting import ended, number, tried

_NEWEST = 30


@require_safe
@signed_in
@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """Drafts that wait, standing reports with when they are due, and the newest issues."""
    person = person_of(request)
    # A round stands for its drafts.
    waiting = access.drafts_for(person).filter(state=Draft.State.OPEN)
    drafts = waiting.filter(round=None).order_by("-changed_at", "-pk")
    rounds = access.rounds_for(person).filter(drafts__state=Draft.State.OPEN)
    rounds = rounds.annotate(left=Count("drafts")).order_by("-pk")
    # A set stands for its members.
    reports = access.reports_for(person).filter(ended_at=None, together=None).order_by("due_at", "title", "pk")
    issues = list(access.issues_for(person).order_by("-released_at", "-pk")[:_NEWEST])
    context = {
        "drafts": [eyes.titled(person, one) for one in drafts[:_NEWEST]],
        "rounds": rounds[:_NEWEST],
        "reports": reports,
        "sets": access.sets_for(person).filter(ended_at=None).order_by("due_at", "title", "pk"),
        "audiences": AUDIENCES.values(),
        "once": random_name(16),
        "issues": issues,
        "takes_part": access.takes_part(person),
        "may_draft": person.may(Right.REPORTS),
        "waiting": sending.waiting(issues) if access.takes_part(person) else 0,
    }
    return render(request, "reports/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.REPORTS)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Set up a standing report."""
    person = person_of(request)
    start = {"once": random_name(16), "time_zone": person.time_zone or "UTC"}
    start["situation"] = request.GET.get("situation", "")[:12]
    form = ReportForm(person, request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            made = arranging.arrange(person, form.wanted(exercise=settings.EXERCISE))
        except RefusedError as refusal:
            form.add_error(None, refusal.message)
        else:
            tried(
                request, lambda: None, _("It stands. The first draft is made when it is due, or when you ask for it.")
            )
            return redirect("reports:report", made.public_id)
    return render(request, "reports/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@signed_in
@never_cache
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    """One standing report."""
    person = person_of(request)
    return _page(request, person, access.access_report(person, public_id))


def _page(request: HttpRequest, person: Person, row: Report, form: RecipientForm | None = None) -> HttpResponse:
    drafts = row.drafts.order_by("-pk").select_related("report", "gathered", "corrects")[:_NEWEST]
    context = {
        "report": row,
        "drafts": [eyes.titled(person, one) for one in drafts],
        "issues": Issue.objects.filter(report=row)
        .select_related("released_by", "report")
        .order_by("-number")[:_NEWEST],
        "recipients": row.recipients.filter(ended_at=None).order_by("name", "pk"),
        "form": form or RecipientForm(row),
        "may_draft": person.may(Right.REPORTS),
        "may_release": person.may(Right.RELEASE),
    }
    return render(request, "reports/report.html", context, status=422 if form is not None else 200)


@require_POST
@needs(Right.REPORTS)
def draft_now(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Draft an issue at once."""
    person = person_of(request)
    row = access.access_report(person, public_id)
    made: list[Draft] = []
    same = request.POST.get("facts", "")[:12]
    other = access.access_draft(person, same) if same else None

    def do() -> None:
        made.append(arranging.draft_from(person, row, other) if other else arranging.draft_now(person, row))

    if tried(request, do, ""):
        return redirect("reports:draft", made[0].public_id)
    return redirect("reports:report", row.public_id)


@require_POST
@needs(Right.REPORTS)
def end(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """End a report, or take it up again."""
    person = person_of(request)
    row = access.access_report(person, public_id)
    ended(request, lambda: arranging.end(person, row), lambda: arranging.reopen(person, row))
    return redirect("reports:report", row.public_id)


@require_POST
@needs(Right.REPORTS)
def languages(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Choose in which languages each issue is to be had."""
    person = person_of(request)
    row = access.access_report(person, public_id)
    chosen = request.POST.get("languages", "")[:200].replace(",", " ").split()
    said = _("Saved. From the next issue on, each waits for its translations.")
    tried(request, lambda: arranging.translate_into(person, row, chosen), said)
    return redirect("reports:report", row.public_id)


@require_POST
@needs(Right.RELEASE)
@never_cache
def add_recipient(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Let somebody get each issue from now on."""
    person = person_of(request)
    row = access.access_report(person, public_id)
    form = RecipientForm(row, request.POST)
    if not form.is_valid():
        return _page(request, person, row, form)
    given = form.cleaned_data
    account = sending.account_of(given["address"])
    who = given["name"], given["address"], given["way"], given["key"]
    try:
        sending.add(person, row, *who, account, language=given["language"])
    except RefusedError as refusal:
        form.add_error(None, refusal.message)
        return _page(request, person, row, form)
    tried(request, lambda: None, _("They get each issue from now on."))
    return redirect("reports:report", row.public_id)


@require_POST
@needs(Right.RELEASE)
def end_recipient(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send somebody no further issue."""
    person = person_of(request)
    row = access.access_report(person, public_id)
    found = access.access_recipient(person, row, number(request.POST.get("recipient")))
    tried(request, lambda: sending.end(person, found), _("They get no further issue. What they received stays known."))
    return redirect("reports:report", row.public_id)
