"""The pages of playbooks: the list, one in a language, its editor, its versions and what differs between them."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks import actions, library, shown
from tocsin.responses.playbooks.differing import compared
from tocsin.responses.playbooks.forms import LanguageForm, NewForm, Refusable, TextForm, WhyForm
from tocsin.responses.playbooks.library import ENGLISH, Standing
from tocsin.responses.playbooks.protecting import protections
from tocsin.responses.playbooks.reading import ReadingError
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.words import fault

_LAST = 100


@require_safe
@needs(Right.READ)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every playbook, the gravest first, with its languages and what waits for a second look."""
    lines = shown.lines(library.standings())
    context = {"lines": lines, "may_write": person_of(request).may(Right.PLANS), "new": NewForm()}
    return render(request, "playbooks/index.html", context)


@require_safe
@needs(Right.READ)
@never_cache
def protections_page(request: HttpRequest) -> HttpResponseBase:
    """What can be done on the wikis, by whom at any hour, and whom it may hurt."""
    return render(request, "playbooks/protections.html", {"rows": shown.protections(protections().values())})


@require_safe
@needs(Right.READ)
@never_cache
def page(request: HttpRequest, key: str, language: str = ENGLISH) -> HttpResponseBase:
    """One playbook in one language."""
    person = person_of(request)
    here = _standing(key, language)
    waiting = here.waiting
    context = {
        "here": here,
        "book": shown.book(here.playbook),
        "languages": shown.languages(key),
        "may_write": person.may(Right.PLANS),
        "may_review": waiting is not None and waiting.by_id != person.pk and person.may(Right.PLANS),
        "in_force": waiting is None or waiting.version != here.playbook.version,
        "as_it_came": here.row is None and waiting is None,
        "translate": LanguageForm(),
        "original": _standing(key, ENGLISH).playbook if language != ENGLISH else None,
    }
    return render(request, "playbooks/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PLANS)
@never_cache
def edit(request: HttpRequest, key: str, language: str = ENGLISH) -> HttpResponseBase:
    """Write a new version, which a second person looks at before it is in force. What was typed is never lost."""
    start, base = shown.beginning(key, language)
    if start is None:
        raise Http404
    given = request.POST.copy() if request.method == "POST" else None
    form = TextForm(given, initial={"text": start, "base": base})
    lines = []
    if given is not None and form.is_valid():
        # What a refusal is about is taken out of the form's cleaned data.
        data, person = dict(form.cleaned_data), person_of(request)
        wrote = partial(actions.write, person, key, language, data["text"], base=data["base"], note=data["note"])
        if _done(form, wrote):
            messages.success(request, _("Saved. It is in force once somebody else has looked at it."))
            return redirect("playbooks:diff", key, language)
        newest = library.newest(key, language)
        if newest != data["base"]:
            lines = compared(start, data["text"].replace("\r\n", "\n"))
            given["base"] = str(newest)
    context = {
        "form": form,
        "key": key,
        "language": language,
        "lines": lines,
        "known": protections().values(),
        "original": library.playbook(key) if language != ENGLISH else None,
        "is_new": base == 0,
    }
    return render(request, "playbooks/edit.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PLANS)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Begin a playbook that there is not yet."""
    form = NewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect("playbooks:edit", form.cleaned_data["key"], ENGLISH)
    return render(request, "playbooks/new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@needs(Right.PLANS)
def translate(request: HttpRequest, key: str) -> HttpResponseBase:
    """Go to the editor of a language."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the language as a code, such as: pt or zh-hant"))
        return redirect("playbooks:page", key)
    return redirect("playbooks:edit", key, form.cleaned_data["language"])


@require_safe
@needs(Right.READ)
@never_cache
def history(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """Every version, the newest first."""
    person = person_of(request)
    here = _standing(key, language)
    rows = _rows(key, language)[:_LAST]
    context = {
        "here": here,
        "versions": shown.versions(here, rows),
        "came": library.shipped_version(key, language),
        "may_write": person.may(Right.PLANS),
    }
    return render(request, "playbooks/history.html", context)


@require_safe
@needs(Right.READ)
@never_cache
def diff(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """What differs between two versions; without asking, between what is in force and what waits."""
    person = person_of(request)
    here = _standing(key, language)
    waiting = here.waiting
    in_force = here.row.version if here.row is not None else 0
    before = _number(request, "from", in_force)
    after = _number(request, "to", waiting.version if waiting is not None else in_force)
    first, second = _text(key, language, before), _text(key, language, after)
    asked = waiting if waiting is not None and waiting.version == after else None
    context = {
        "here": here,
        "before": before,
        "after": after,
        "lines": compared(first, second),
        "row": asked,
        "own": asked is not None and asked.by_id == person.pk,
        "may_write": person.may(Right.PLANS),
        "why": WhyForm(),
    }
    return render(request, "playbooks/diff.html", context)


@require_safe
@needs(Right.READ)
@never_cache
def version(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """An old version as it was written, to the letter."""
    context = {"here": _standing(key, language), "number": version, "text": _text(key, language, version)}
    return render(request, "playbooks/version.html", context)


@require_POST
@needs(Right.PLANS)
def review(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """Put a version into force."""
    row = get_object_or_404(PlaybookText, key=key, language=language, version=version)
    if not _tried(request, lambda: actions.review(person_of(request), row)):
        return redirect("playbooks:diff", key, language)
    messages.success(request, _("It is in force. You can bring an older version back."))
    return redirect("playbooks:page", key, language)


@require_POST
@needs(Right.PLANS)
def decline(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """Put a version aside, with the reason."""
    row = get_object_or_404(PlaybookText, key=key, language=language, version=version)
    why = request.POST.get("why", "").replace("\x00", "")[:300]
    if not _tried(request, lambda: actions.decline(person_of(request), row, why)):
        return redirect("playbooks:diff", key, language)
    messages.success(request, _("Put aside. It stays among the versions."))
    return redirect("playbooks:history", key, language)


@require_POST
@needs(Right.PLANS)
def restore(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """Bring an older version back as a new one."""
    if not _tried(request, lambda: actions.restore(person_of(request), key, language, version)):
        return redirect("playbooks:history", key, language)
    messages.success(request, _("Brought back as a new version. It is in force once somebody else has looked at it."))
    return redirect("playbooks:diff", key, language)


@require_POST
@needs(Right.PLANS)
def adopt(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """Say that somebody looked at the text that came with Tocsin."""
    if _tried(request, lambda: actions.adopt(person_of(request), key, language)):
        messages.success(request, _("Written down: you looked at it, and it holds for the team."))
    return redirect("playbooks:page", key, language)


def _standing(key: str, language: str) -> Standing:
    found = library.standing(key, language)
    if found is None:
        raise Http404
    return found


def _rows(key: str, language: str) -> list[PlaybookText]:
    rows = PlaybookText.objects.filter(key=key, language=language).select_related("by", "reviewed_by", "declined_by")
    return list(rows.order_by("-version"))


def _text(key: str, language: str, number: int) -> str:
    """A version's text; 0 is the one that came with Tocsin, or nothing where none did."""
    if number == 0:
        return library.shipped().get((key, language), "")
    return get_object_or_404(PlaybookText, key=key, language=language, version=number).text


def _number(request: HttpRequest, name: str, usual: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else usual


def _done(form: Refusable, verb: Callable[[], object]) -> bool:
    try:
        verb()
    except RefusedError as refusal:
        form.refuse(refusal)
        return False
    except ReadingError as error:
        form.name_faults(error)
        return False
    return True


def _tried(request: HttpRequest, verb: Callable[[], object]) -> bool:
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.message)
        return False
    except ReadingError as error:
        messages.error(request, _("That version can’t be read any more: %(why)s") % {"why": _first(error)})
        return False
    return True


def _first(error: ReadingError) -> str:
    return fault(error.faults[0]) if error.faults else ""
