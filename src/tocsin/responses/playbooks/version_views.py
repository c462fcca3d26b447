"""The versions of a text (a playbook, or the table of protections): what differs, and everybody's look at it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.playbook_models import PlaybookText
from tocsin.responses.playbooks import actions, covering, library, shown
from tocsin.responses.playbooks.forms import WhyForm
from tocsin.responses.playbooks.library import Held
from tocsin.responses.playbooks.protecting import TABLE
from tocsin.responses.playbooks.reading import ReadingError
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.words import fault

_LAST = 100


@require_safe
@needs(Right.READ)
@never_cache
def history(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """Every version, the newest first."""
    person = person_of(request)
    here = held(key, language)
    rows = _rows(key, language)[:_LAST]
    context = {
        "here": here,
        "versions": shown.versions(here, rows),
        "came": library.came(key, language) is not None,
        "may_write": person.may(Right.PLANS),
    }
    return render(request, "playbooks/history.html", context)


@require_safe
@needs(Right.READ)
@never_cache
def diff(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """What differs between two versions; without asking, between what is in force and what waits."""
    return _diff(request, key, language, WhyForm())


def _diff(request: HttpRequest, key: str, language: str, why: WhyForm) -> HttpResponseBase:
    person = person_of(request)
    here = held(key, language)
    waiting = here.waiting
    before = _number(request, "from", here.in_force)
    after = _number(request, "to", waiting.version if waiting is not None else here.in_force)
    first, second = _text(key, language, before), _text(key, language, after)
    asked = waiting if waiting is not None and waiting.version == after else None
    may_write = person.may(Right.PLANS)
    mine = [name for name, _digest in actions.own_parts(person, key, language)] if asked and may_write else []
    differences, same = shown.differences(key, first, second, mine)
    context = {
        "here": here,
        "before": before,
        "after": after,
        "differences": differences,
        "same": same,
        "row": asked,
        "whole": before == here.in_force,
        "own": asked is not None and asked.by_id == person.pk,
        "partly_own": _partly_own(person, asked, first, second),
        "may_write": may_write,
        "why": why,
    }
    return render(request, "playbooks/diff.html", context, status=422 if why.errors else 200)


@require_safe
@needs(Right.READ)
@never_cache
def version(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """An old version as it was written, to the letter."""
    context = {"here": held(key, language), "number": version, "text": _text(key, language, version)}
    return render(request, "playbooks/version.html", context)


@require_POST
@needs(Right.PLANS)
def review(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """Put a version into force."""
    row = get_object_or_404(PlaybookText, key=key, language=language, version=version)
    seen = request.POST.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 7 else -1
    if not _tried(request, lambda: actions.review(person_of(request), row, number)):
        return redirect("playbooks:diff", key, language)
    messages.success(request, _("It is in force. Your review covers the parts that you saw."))
    return _to_page(key, language)


@require_POST
@needs(Right.PLANS)
def decline(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """Put a version aside, with the reason."""
    row = get_object_or_404(PlaybookText, key=key, language=language, version=version)
    form = WhyForm(request.POST)
    if not form.is_valid():
        return _diff(request, key, language, form)
    if not _tried(request, lambda: actions.decline(person_of(request), row, form.cleaned_data["why"])):
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


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PLANS)
@never_cache
def look(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """The text in force part by part, to say of each that somebody read it and that it holds."""
    person = person_of(request)
    here = held(key, language)
    if here.waiting_alone:
        return redirect("playbooks:diff", key, language)
    if request.method == "POST":
        digests = {one[:64] for one in request.POST.getlist("part")[:_LAST]}
        count = 0

        def verb() -> None:
            nonlocal count
            count = actions.look(person, key, language, digests)

        if _tried(request, verb):
            said = ngettext("Written down: you reviewed %(n)d part.", "Written down: you reviewed %(n)d parts.", count)
            messages.success(request, said % {"n": count})
            return _to_page(key, language)
    own = actions.own_parts(person, key, language)
    context = {"here": here, "parts": shown.parts(here, own), "left": len(here.unreviewed)}
    return render(request, "playbooks/look.html", context)


def held(key: str, language: str) -> Held:
    """How a text stands.

    Raises:
        Http404: where there is none.
    """
    found = library.held(key, language)
    if found is None:
        raise Http404
    return found


def _partly_own(person: Person, asked: PlaybookText | None, before: str, after: str) -> bool:
    """Whether somebody wrote a part of what differs that nobody else has looked at."""
    parts = covering.changed(before, after)
    return asked is not None and bool(actions.own_alone(person, asked.key, asked.language, parts))


def _to_page(key: str, language: str) -> HttpResponse:
    return redirect("playbooks:protections") if key == TABLE else redirect("playbooks:page", key, language)


def _rows(key: str, language: str) -> list[PlaybookText]:
    rows = PlaybookText.objects.filter(key=key, language=language).select_related("by", "reviewed_by", "declined_by")
    return list(rows.order_by("-version"))


def _text(key: str, language: str, number: int) -> str:
    """A version's text; 0 is the one that came with Tocsin, or nothing where none did."""
    if number == 0:
        return library.came(key, language) or ""
    return get_object_or_404(PlaybookText, key=key, language=language, version=number).text


def _number(request: HttpRequest, name: str, usual: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else usual


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
