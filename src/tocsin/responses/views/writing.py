"""Writing a version. Two people at once: what the other changed is shown, and what was typed is kept."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.responses import actions, involved, merging, phrases, shortening, shown
from tocsin.responses.authority import RefusedError
from tocsin.responses.forms import Draft
from tocsin.responses.log.content import Content, WrongError, lacking
from tocsin.responses.log.keeping import ChangedError
from tocsin.responses.views.opening import Opened, page, under_way, writes


def people(opened: Opened) -> dict[int, str]:
    """Whom a plan may name: who could read it, and whoever it names already."""
    found = {one.pk: one.name for one in involved.people(opened.book.id, opened.members())}
    known = shown.names(opened.plan)
    named = {one.person for one in opened.plan.content.stakeholders} | {one.owner for one in opened.plan.tasks}
    return found | {number: known[number] for number in named - {0} - found.keys()}


@require_http_methods(["GET", "HEAD", "POST"])
@writes
@under_way
def edit(request: HttpRequest, opened: Opened) -> HttpResponse:
    """The form of the newest version; a button adds another option, part, wording or indicator."""
    who = people(opened)
    if request.method != "POST":
        return _page(request, opened, Draft(who, opened.plan.content, opened.plan.version))
    if add := request.POST.get("add", ""):
        return _page(request, opened, Draft.longer(who, request.POST, add), added=add)
    draft = Draft.posted(who, request.POST)
    if not draft.is_valid():
        return _page(request, opened, draft, status=422)
    wanted, note = draft.content(), draft.head.cleaned_data["note"]
    try:
        plan = actions.write(opened.book, opened.person, wanted, draft.base, note)
    except ChangedError:
        return _meanwhile(request, opened, draft.base, wanted)
    except WrongError as wrong:
        _blame(draft, wrong)
    except RefusedError as refusal:
        draft.head.add_error(None, refusal.args[0])
    else:
        if opened.plan.question is not None and plan.question is None:
            messages.warning(
                request, _("Saved. Nobody is asked any more: a yes covers one exact version. Ask again for this one.")
            )
        else:
            messages.success(request, _("Saved. Earlier versions are kept."))
        return redirect(opened.url("plan"))
    return _page(request, opened, draft, status=422)


def _blame(draft: Draft, wrong: WrongError) -> None:
    if wrong.name in draft.head.fields:
        draft.head.add_error(wrong.name, wrong.words)
    else:
        draft.head.add_error(None, f"{phrases.FIELDS.get(wrong.name, '')}: {wrong.words}".lstrip(": "))


def _meanwhile(request: HttpRequest, opened: Opened, base: int, mine: Content) -> HttpResponse:
    """Both in one form: nothing that either wrote is lost, and it says where they clash."""
    plan = opened.book.read()
    before = plan.versions[base - 1].content if 0 < base <= plan.version else plan.versions[0].content
    merged = merging.merge(before, plan.content, mine)
    known = shown.names(plan)
    theirs = shown.changes(before, plan.content, known)
    who = known.get(plan.versions[-1].line.by, "")
    draft = Draft(people(opened), merged.content, plan.version)
    words = {"theirs": theirs, "who": who, "clash": [phrases.FIELDS[name] for name in merged.clash]}
    return _page(request, opened, draft, status=409, **words)


def _page(request: HttpRequest, opened: Opened, draft: Draft, status: int = 200, **more: object) -> HttpResponse:
    missing = lacking(opened.plan.content)
    added = str(more.get("added", ""))
    laid = shortening.shown(draft, missing, added=added, everything=status == 409)
    return page(request, opened, "edit", status=status, draft=draft, laid=laid, unsaved=status == 422, **more)
