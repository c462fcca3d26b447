"""The pages of playbooks: the list, one in a language, its editor, its versions and what differs between them."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.responses.playbooks import actions, library, shown
from tocsin.responses.playbooks.differing import Line, compared
from tocsin.responses.playbooks.forms import LanguageForm, NewForm, Refusable, TextForm
from tocsin.responses.playbooks.library import ENGLISH
from tocsin.responses.playbooks.protecting import TABLE, protections
from tocsin.responses.playbooks.reading import SECTIONS, ReadingError
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.shapes import Playbook
from tocsin.responses.playbooks.table_reading import read_table


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
    person = person_of(request)
    here = library.table()
    context = {
        "here": here,
        "rows": shown.protections(protections().values(), () if here.none_reviewed else here.parts),
        "unreviewed": shown.unreviewed(here),
        "none_reviewed": here.none_reviewed,
        "may_write": person.may(Right.PLANS),
    }
    return render(request, "playbooks/protections.html", context)


@require_safe
@needs(Right.READ)
@never_cache
def page(request: HttpRequest, key: str, language: str = ENGLISH) -> HttpResponseBase:
    """One playbook in one language."""
    person = person_of(request)
    here = library.standing(key, language)
    if here is None:
        raise Http404
    context = {
        "here": here,
        "book": shown.book(here.playbook, () if here.waiting_alone or here.none_reviewed else here.parts),
        "languages": shown.languages(key),
        "may_write": person.may(Right.PLANS),
        "in_force": not here.waiting_alone,
        "unreviewed": shown.unreviewed(here),
        "none_reviewed": here.none_reviewed,
        "translate": LanguageForm(),
        "original": library.playbook(key) if language != ENGLISH else None,
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
    table = key == TABLE
    trying = given is not None and given.get("do") == "try"
    original = library.playbook(key) if language != ENGLISH else None
    made_from = shown.made_from(start)
    stale = original is not None and made_from not in {"", original.digest}
    form = TextForm(table, given, initial={"text": start, "base": base}, stale=stale)
    lines: list[Line] = []
    tried: dict[str, object] = {}
    if given is not None and trying and form.only_text():
        tried = _tried(form, key, language, _caught_up(form, original))
    elif given is not None and not form.is_valid():
        # Whatever else is missing, what is wrong in the text is said as well: all at once.
        if not trying and "text" in form.cleaned_data:
            _tried(form, key, language, _caught_up(form, original))
    elif given is not None:
        # What a refusal is about is taken out of the form's cleaned data.
        data, person = {**form.cleaned_data, "text": _caught_up(form, original)}, person_of(request)
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
        "table": table,
        "sections": SECTIONS,
        "back": reverse("playbooks:protections") if table else reverse("playbooks:page", args=[key, language]),
        **tried,
        "known": protections().values(),
        "original": original,
        "moved": shown.moved_on(key, made_from, original) if stale and original is not None else None,
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


def _caught_up(form: TextForm, original: Playbook | None) -> str:
    """The text as it was typed; once somebody said that its words are those of the original now, made from that."""
    text: str = form.cleaned_data["text"]
    return shown.made_anew(text, original) if original is not None and form.cleaned_data.get("current") else text


def _tried(form: TextForm, key: str, language: str, text: str) -> dict[str, object]:
    """The text as its page would show it, without keeping anything."""
    try:
        library.check(key, language, text)
    except ReadingError as error:
        form.name_faults(error)
        return {}
    if key == TABLE:
        return {"rows": shown.protections(read_table(text).values())}
    return {"book": shown.book(library.parsed(key, language, text))}


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
