"""How each audience's issues are laid out: a text that whoever drafts can change, after looking what it gives."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, eyes, shown, templates_kept
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.layout import LARGEST, LayoutError, read
from tocsin.reports.models import TemplateText
from tocsin.reports.refusals import RefusedError
from tocsin.reports.views.acting import number, tried


@require_safe
@needs(Right.REPORTS)
@never_cache
def layouts(request: HttpRequest) -> HttpResponse:
    """Every audience, and which text lays its issues out."""
    rows = [(one, templates_kept.newest(one.key)) for one in AUDIENCES.values()]
    return render(request, "reports/layouts.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.REPORTS)
@never_cache
def layout(request: HttpRequest, audience: str) -> HttpResponseBase:
    """One text: look what it gives with the facts of the newest draft, save it, or go back to an earlier one."""
    person = person_of(request)
    if audience not in AUDIENCES:
        raise Http404
    row = templates_kept.newest(audience)
    text, version = templates_kept.text_of(audience), row.version if row is not None else 0
    lines: tuple[str, ...] = ()
    if request.method == "POST":
        text = request.POST.get("text", "")[: LARGEST * 4].replace("\r\n", "\n")
        version = number(request.POST.get("version"))
        if request.POST.get("do") == "save":
            note = " ".join(request.POST.get("note", "").split())
            try:
                templates_kept.write(person, audience, text, note, version)
            except RefusedError as refusal:
                lines = (refusal.message, *refusal.lines)
            else:
                tried(
                    request,
                    lambda: None,
                    _("Saved. The next draft is laid out by it; drafts that stand stay as they are."),
                )
                return redirect("reports:layout", audience)
    return _page(request, person, audience, text, version, lines)


def _page(
    request: HttpRequest, person: Person, audience: str, text: str, version: int, lines: tuple[str, ...]
) -> HttpResponse:
    body, title, draft = "", "", None
    try:
        read_lines = read(text)
    except LayoutError as error:
        lines = lines or tuple(str(one) for one in error.wrong)
    else:
        draft = access.drafts_for(person).order_by("-pk").first()
        if draft is not None:
            closed = eyes.closed_to(person, draft)
            title = eyes.titled(person, draft, closed).title
            body = shown.preview(draft, AUDIENCES[audience], closed, read_lines)[1]
    context = {
        "audience": AUDIENCES[audience],
        "text": text,
        "version": version,
        "lines": lines,
        "body": body,
        "draft": draft,
        "title": title,
        "versions": TemplateText.objects.filter(audience=audience).select_related("by").order_by("-version")[:20],
        "shipped": templates_kept.shipped(audience),
    }
    return render(request, "reports/layout.html", context, status=422 if lines else 200)
