"""An issue: what was released, its files, who received it, and corrections; and the page behind a link."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, drafting, drawn, sending, versions
from tocsin.reports.forms import name_of
from tocsin.reports.forms_typed import WrongForm
from tocsin.reports.keeping import document_in
from tocsin.reports.models import Delivery, Draft, Form, Issue
from tocsin.reports.secrets import link_of
from tocsin.reports.views.acting import number, tried
from tocsin.responses.views.approving import confirmed

_FILES = frozenset(drawn.Form) - {drawn.Form.HTML}


@require_safe
@signed_in
@never_cache
def issue(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was released, its files, and for who releases also who received it."""
    person = person_of(request)
    row = access.access_issue(person, public_id)
    may_release = person.may(Right.RELEASE)
    lines = [(one, sending.why(one)) for one in row.deliveries.order_by("name", "pk")] if may_release else []
    had = {one.address for one, _why in lines}
    others = row.report.recipients.filter(ended_at=None).exclude(address__in=had) if may_release else []
    context = {
        "issue": row,
        "body": _html(row),
        "forms": row.forms.exclude(form="html").order_by("form"),
        "no_pdf": not row.forms.filter(form="pdf").exists(),
        "deliveries": lines,
        "others": others,
        "takes_part": access.takes_part(person),
        "may_correct": person.may(Right.REPORTS) and versions.newer(row) is None,
        "may_release": may_release,
        "may_hand_over": may_release and not sending.why_not_handed(row),
        "confirm": not confirmed(request),
        "corrected_by": versions.newer(row),
        "form": WrongForm(),
        **_languages(person, row),
    }
    return render(request, "reports/issue.html", context)


def _languages(person: Person, row: Issue) -> dict[str, object]:
    """In which languages it is to be had, which are being translated, and who waits for one of those."""
    original = row.translates or row
    released = versions.released_in(original)
    drafts = versions.being_translated(original.draft) if access.takes_part(person) else []
    gets = row.report.recipients.filter(ended_at=None).exclude(language="") if person.may(Right.RELEASE) else []
    return {
        "original": original,
        "in_languages": [one for one in (original, *released.values()) if one.pk != row.pk],
        "translating": [(one, len(versions.untranslated(one))) for one in drafts],
        "waiting": [one for one in gets if one.language in {each.language for each in drafts}],
        "may_translate": person.may(Right.REPORTS) and versions.newer(original) is None,
    }


def _html(row: Issue) -> str:
    return mark_safe(bytes(row.forms.get(form="html").body).decode())  # noqa: S308  # drawn by us, all text escaped


@require_safe
@signed_in
@never_cache
def download(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """One file of an issue, as it was drawn at its release."""
    return _file(access.access_issue(person_of(request), public_id), form)


def _file(row: Issue, form: str) -> HttpResponse:
    found = Form.objects.filter(issue=row, form=form).first() if form in _FILES else None
    if found is None:
        raise Http404
    kind = drawn.Form(form)
    answer = HttpResponse(bytes(found.body), content_type=drawn.MEDIA[kind])
    name = name_of(document_in(row.document), kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_POST
@needs(Right.REPORTS)
def correct(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Begin a correction, with what was wrong."""
    person = person_of(request)
    row = access.access_issue(person, public_id)
    made: list[Draft] = []
    wrong, withdraw = request.POST.get("wrong", "")[:2_000], request.POST.get("withdraw") == "1"
    said = _("Mend what was wrong, and release it. It goes to exactly those who got the old one.")
    if withdraw:
        said = _("Look at the notice, and release it. It goes to exactly those who got the issue.")
    if tried(request, lambda: made.append(drafting.make_correction(row, wrong, person, withdraw=withdraw)), said):
        return redirect("reports:draft", made[0].public_id)
    return redirect("reports:issue", row.public_id)


@require_POST
@needs(Right.REPORTS)
def translate(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Begin a version in another language."""
    person = person_of(request)
    row = access.access_issue(person, public_id)
    made: list[Draft] = []
    if tried(request, lambda: made.append(versions.begin(person, row, request.POST.get("language", "")[:16])), ""):
        return redirect("reports:draft", made[0].public_id)
    return redirect("reports:issue", row.public_id)


@require_POST
@needs(Right.RELEASE)
def send(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send an issue to one more of those who get its report."""
    person = person_of(request)
    row = access.access_issue(person, public_id)
    to = access.access_recipient(person, row.report, number(request.POST.get("recipient")))
    tried(request, lambda: sending.send_to(person, row, to), _("It goes out now."))
    return redirect("reports:issue", row.public_id)


@require_POST
@needs(Right.RELEASE)
@never_cache
def hand_over(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Make a link for somebody without an account, and show it once; it needs a second factor, given minutes ago."""
    person = person_of(request)
    row = access.access_issue(person, public_id)
    made: list[Delivery] = []
    if not confirmed(request):
        messages.error(request, _("Show once more that it is you. No link was made yet."))
        return redirect("reports:issue", row.public_id)
    if not tried(request, lambda: made.append(sending.hand_over(person, row, request.POST.get("name", ""))), ""):
        return redirect("reports:issue", row.public_id)
    context = {"issue": row, "delivery": made[0], "link": link_of(made[0].public_id)}
    return render(request, "reports/handed.html", context)


@require_POST
@needs(Right.RELEASE)
def revoke(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take a link back, or stop a mail that has not left."""
    person = person_of(request)
    row = access.access_issue(person, public_id)
    found = access.access_delivery(person, row, request.POST.get("delivery", "")[:20])
    said = _("Taken back. What was read or sent before can’t be taken back.")
    tried(request, lambda: sending.revoke(person, found), said)
    return redirect("reports:issue", row.public_id)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind a link. Programs open links, so it shows nothing before somebody presses a button."""
    found = sending.behind(token)
    if found is None:
        return _private(render(request, "reports/link_nothing.html", status=404))
    if request.method != "POST":
        return _private(render(request, "reports/link.html", {"delivery": found}))
    sending.opened(found)
    form, shown, original = request.POST.get("form", ""), sending.shown_by(found), sending.original_behind(found)
    in_original = original is not None and request.POST.get("original") == "1"
    if original is not None and in_original:
        shown = original
    if form:
        return _private(_file(shown, form))
    forms = Form.objects.filter(issue=shown).exclude(form="html").order_by("form")
    context = {
        "delivery": found,
        "issue": shown,
        "body": _html(shown),
        "corrected": versions.newer(shown),
        "forms": forms,
        "original": original,
        "in_original": in_original,
    }
    return _private(render(request, "reports/link_open.html", context))


def _private(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer
