"""A draft: the facts on one side, on the other the page as its audience will see it; checks, agreement and release."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, arranging, checking, editing, eyes, present, releasing, shown, versions
from tocsin.reports.audiences import AUDIENCES, barred
from tocsin.reports.editing import MetError
from tocsin.reports.forms_typed import AgreementForm, TitleForm
from tocsin.reports.keeping import fact_in
from tocsin.reports.laying import digest_of, document_of
from tocsin.reports.models import Draft, Issue
from tocsin.reports.refusals import RefusedError
from tocsin.reports.views.acting import number, tried
from tocsin.responses.views.approving import confirmed


@require_safe
@signed_in
@never_cache
@present.one_look()
def draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """The editor; with ``as`` the page as another audience would see the same facts, and what disappears there."""
    person = person_of(request)
    row = access.access_draft(person, public_id)
    other = request.GET.get("as", "")
    if other in AUDIENCES and other != row.audience:
        return _preview(request, row, other)
    return _editor(request, person, row)


def _editor(request: HttpRequest, person: Person, row: Draft, refused: RefusedError | None = None) -> HttpResponse:
    """The page of a draft; ``refused`` says why it was not changed or released just now."""
    met = refused if isinstance(refused, MetError) else None
    document = document_of(row)
    digest = digest_of(document)
    closed = eyes.closed_to(person, row)
    lines, named = shown.standing(row, closed), eyes.titled(person, row, closed)
    audience = AUDIENCES[row.audience]
    is_open = row.state == Draft.State.OPEN
    found = [checking.concealed(one, closed) for one in checking.problems(row)] if is_open else []
    seen = number(request.GET.get("seen"))
    context = {
        "draft": row,
        "title": named.title,
        "document": document,
        "digest": digest,
        "audience": audience,
        "audiences": AUDIENCES.values(),
        "groups": shown.groups(lines),
        "pieces": shown.pieces(row, closed),
        "closed": bool(closed.keys),
        "citable": [one.fact for one in lines if barred(one.fact, audience) is None],
        "problems": found,
        "blocked": any(one.blocks for one in found),
        "may_edit": person.may(Right.REPORTS) and is_open,
        "why_not_release": releasing.why_not_by(person, row),
        "places_unread": versions.places_unread(row),
        "confirm": audience.outside and not confirmed(request),
        "agreement": editing.agreement_of(row, digest),
        "agreement_form": AgreementForm() if audience.agreed else None,
        "title_form": TitleForm(initial={"title": named.title if named.by else ""}),
        "others": editing.since(row, seen, person) if seen else None,
        "met": met,
        "refused": refused if met is None else None,
        "theirs": closed.said(met.theirs) if met is not None else "",
        "issue": Issue.objects.filter(draft=row).first(),
    }
    if row.original is not None:
        context |= _progress(row)
    elif row.state != Draft.State.DROPPED:
        context["translating"] = [(one, len(versions.untranslated(one))) for one in versions.being_translated(row)]
    return render(request, "reports/draft.html", context, status=409 if refused is not None else 200)


def _progress(row: Draft) -> dict[str, object]:
    """How far a version is."""
    texts = sum("source" in one for one in versions.parts(row))
    waiting = versions.untranslated(row)
    again = sum("was" in one for one in waiting)
    first = waiting[0]["id"] if waiting else ""
    return {"texts": texts, "left": len(waiting), "translated": texts - len(waiting), "again": again,
            "first_left": first}  # fmt: skip


def _preview(request: HttpRequest, row: Draft, other: str) -> HttpResponse:
    person = person_of(request)
    closed = eyes.closed_to(person, row)
    lines, body = shown.preview(row, AUDIENCES[other], closed)
    here = {one.fact.key for one in shown.standing(row, closed) if one.where}
    rows = access.reports_for(person).filter(audience=other, ended_at=None).order_by("title", "pk")
    context = {
        "draft": row,
        "title": eyes.titled(person, row, closed).title,
        "audience": AUDIENCES[other],
        "own": AUDIENCES[row.audience],
        "audiences": AUDIENCES.values(),
        "body": body,
        "same": [one for one in rows if arranging.same_scope(one, row)] if person.may(Right.REPORTS) else [],
        "gone": [one for one in lines if not one.where and one.fact.key in here],
        "come": [one for one in lines if one.where and one.fact.key not in here],
        "groups": shown.groups(lines),
    }
    return render(request, "reports/preview.html", context)


@require_safe
@signed_in
@never_cache
@present.one_look()
def everywhere(request: HttpRequest, public_id: str) -> HttpResponse:
    """Each fact across all audiences: where it appears, and why not elsewhere."""
    person = person_of(request)
    row = access.access_draft(person, public_id)
    closed = eyes.closed_to(person, row)
    context = {
        "draft": row,
        "title": eyes.titled(person, row, closed).title,
        "rows": shown.everywhere(row, closed),
        "audiences": AUDIENCES.values(),
    }
    return render(request, "reports/everywhere.html", context)


@require_safe
@signed_in
@never_cache
def gathered(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything that was gathered, whatever became of it, and which rooms could not be asked."""
    person = person_of(request)
    row = access.access_gathered(person, public_id)
    lines = [shown.as_gathered(one) for one in eyes.gathered_for(person, map(fact_in, row.facts))]
    return render(request, "reports/gathered.html", {"gathered": row, "groups": shown.groups(lines)})


def _edit(do: Callable[[HttpRequest, Person, Draft, int], object]) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A view that changes a draft and comes back to it; what met somebody else's change is shown beside it."""

    @require_POST
    @needs(Right.REPORTS)
    @never_cache
    def view(request: HttpRequest, public_id: str) -> HttpResponseBase:
        person = person_of(request)
        row = access.access_draft(person, public_id)
        seen = number(request.POST.get("version"))
        others = editing.since(row, seen, person)
        try:
            do(request, person, row, seen)
        except MetError as met:
            return _editor(request, person, access.access_draft(person, public_id), met)
        except RefusedError as refusal:
            message = refusal.message
            tried(request, lambda: _refuse(message), "")
        else:
            said = _("Saved.")
            if others.edits:
                said += " " + _("%(who)s changed other parts meanwhile; both stand.") % {"who": others.names}
            tried(request, lambda: None, said)
        return redirect("reports:draft", row.public_id)

    return view


def _refuse(message: str) -> None:
    raise RefusedError(message)


def _write(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    keys = request.POST.getlist("facts")
    editing.write(person, row, seen, request.POST.get("part", "")[:40], request.POST.get("text", ""), keys)


def _add(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    opinion = request.POST.get("opinion") == "1"
    after = number(request.POST.get("after"))
    keys = request.POST.getlist("facts")
    editing.add(person, row, seen, after, request.POST.get("text", ""), keys, opinion=opinion)


def _remove(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.remove(person, row, seen, request.POST.get("part", "")[:40])


def _drop(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.drop(person, row, seen, request.POST.get("fact", "")[:200], back=request.POST.get("undo") == "1")


def _leave_closed(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.leave_closed(person, row, seen)


def _recount(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.recount(person, row, seen)


def _rename(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.rename(person, row, seen, request.POST.get("title", ""))


def _mask(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.mask(person, row, seen, request.POST.get("part", "")[:40])


def _clear(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    editing.clear(person, row, seen, request.POST.get("words", ""))


def _word(request: HttpRequest, person: Person, row: Draft, seen: int) -> None:
    given = {name.removeprefix("word:"): text for name, text in request.POST.items() if name.startswith("word:")}
    editing.word(person, row, seen, {name: str(text) for name, text in given.items()})


word = _edit(_word)
write, add, remove, drop, rename = _edit(_write), _edit(_add), _edit(_remove), _edit(_drop), _edit(_rename)
mask, clear, leave_closed, recount = _edit(_mask), _edit(_clear), _edit(_leave_closed), _edit(_recount)


@require_POST
@needs(Right.REPORTS)
def translate_early(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Begin a language version of a draft."""
    person = person_of(request)
    row = access.access_draft(person, public_id)
    made: list[Draft] = []
    language = request.POST.get("language", "")[:16]
    said = _("Translate each part. What changes in the original is to be translated again; the rest stays.")
    if tried(request, lambda: made.append(versions.begin_early(person, row, language)), said):
        return redirect("reports:draft", made[0].public_id)
    return redirect("reports:draft", row.public_id)


@require_POST
@needs(Right.REPORTS)
def put_away(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Make no issue of a draft."""
    person = person_of(request)
    row = access.access_draft(person, public_id)
    why = request.POST.get("why", "")
    if tried(request, lambda: editing.put_away(person, row, why), _("Put away. There is no issue for this time.")):
        return redirect("reports:report", row.report.public_id)
    return redirect("reports:draft", row.public_id)


@require_POST
@needs(Right.REPORTS)
def agree(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Write down that the affected community agreed with the version that is shown."""
    person = person_of(request)
    row = access.access_draft(person, public_id)
    form = AgreementForm(request.POST)
    if not form.is_valid():
        tried(request, lambda: _refuse(_("Say who agreed, how you asked, and on which day.")), "")
    else:
        given = form.cleaned_data
        digest = request.POST.get("digest", "")[:64]
        verb = lambda: editing.agree(person, row, digest, given["with_whom"], given["how"], given["agreed_on"])  # noqa: E731
        tried(request, verb, _("Written down, for this exact version."))
    return redirect("reports:draft", row.public_id)


@require_POST
@needs(Right.RELEASE)
def release(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Release the version whose hash the page showed; what leaves needs a second factor, given minutes ago."""
    person = person_of(request)
    row = access.access_draft(person, public_id)
    if AUDIENCES[row.audience].outside and not confirmed(request):
        return _editor(request, person, row, RefusedError(_("Show once more that it is you. It was not released yet.")))
    digest = request.POST.get("digest", "")[:64]
    without = request.POST.get("without_pdf") == "1"
    reads = request.POST.get("reads") == "1"
    no_place = request.POST.get("no_place") == "1"
    try:
        made = releasing.release(person, row, digest, without_pdf=without, reads=reads, no_place=no_place)
    except RefusedError as refusal:
        return _editor(request, person, access.access_draft(person, public_id), refusal)
    goes_out = made.deliveries.exists()
    messages.success(
        request,
        _("Released. It goes out now; you see to whom.") if goes_out else _("Released. It goes to nobody yet."),
    )
    return redirect("reports:issue", made.public_id)
