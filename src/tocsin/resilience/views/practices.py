"""Guides: the list, one of them, and every form that changes it."""

from dataclasses import dataclass, replace
from datetime import date

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.alerts.words import language_name
from tocsin.alliances.refusals import RefusedError
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.resilience import access
from tocsin.resilience.forms import ReasonForm
from tocsin.resilience.models import Community
from tocsin.resilience.practice_forms import AdoptionForm, GuideForm, NewGuideForm, ReviewForm, TranslationForm
from tocsin.resilience.practice_models import GuideAdoption, GuideRetired, GuideText
from tocsin.resilience.practices import actions, library, rendering
from tocsin.resilience.practices.library import ENGLISH, Standing
from tocsin.resilience.views.acting import Asked, ask, given, tried

_METHODS = ["GET", "HEAD", "POST"]
_LINES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One guide in the list: its English text, its other languages, how many adopted it, and if it is retired."""

    guide: Standing
    others: tuple[Standing, ...]
    adopted: int
    retired: GuideRetired | None
    due: bool


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every guide."""
    today = clock.now().date()
    return render(request, "resilience/practices.html", {"lines": _listed(today)})


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def guide(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """One guide in one language, with who agreed with it and who adopted it."""
    person = person_of(request)
    here = _found(key, language)
    adoptions = GuideAdoption.objects.filter(key=key, withdrawn_at=None, community__in=access.communities_for(person))
    context = {
        "here": here,
        "written": mark_safe(rendering.html_of(here.text)),  # noqa: S308  the reader lets no markup through
        "languages": [(one, language_name(one.language)) for one in library.languages(key)],
        "retired": library.retired().get(key),
        "due": here.review_by < clock.now().date(),
        "waiting_reviews": library.reviews_of(here.waiting) if here.waiting is not None else [],
        "versions": GuideText.objects.filter(key=key, language=language).select_related("by").order_by("-version"),
        "adoptions": adoptions.select_related("community").order_by("-on", "-pk")[:_LINES],
    }
    return render(request, "resilience/guide.html", context)


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def version(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """One version as it was written."""
    row = GuideText.objects.filter(key=key, language=language, version=version).select_related("by").first()
    if row is None:
        raise Http404
    context = {
        "row": row,
        "here": _found(key, language),
        "written": mark_safe(rendering.html_of(row.text)),  # noqa: S308  the reader lets no markup through
        "reviews": library.reviews_of(row),
    }
    return render(request, "resilience/guide_version.html", context)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Write a guide."""
    person = person_of(request)
    form = NewGuideForm(given(request), initial={"base": 0})
    asked = _asked(_("Write a guide"), reverse("resilience:practices"), _("Kept. It waits for people affected."))

    def do() -> str:
        key = form.cleaned_data["key"]
        if library.standing(key) is not None:
            raise RefusedError(_("A guide of this name stands here already."), "key")
        actions.write(person, key, ENGLISH, form.draft())
        return _at(key, ENGLISH)

    return ask(request, form, asked, do)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def translate(request: HttpRequest, key: str) -> HttpResponseBase:
    """Choose a language to say a guide in."""
    _found(key, ENGLISH)
    form = TranslationForm(given(request))
    asked = Asked(_("Into which language?"), _("Go on"), _at(key, ENGLISH), _("Nothing is kept yet."))

    def do() -> str:
        chosen = form.cleaned_data["language"].strip().lower()
        if not actions.LANGUAGE.fullmatch(chosen):
            raise RefusedError(_("Write the language as a code, such as: pt or zh-hant"), "language")
        return reverse("resilience:edit_guide", args=[key, chosen])

    return ask(request, form, asked, do)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def edit(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """Write a new version, beginning with the newest."""
    person = person_of(request)
    original = _found(key, ENGLISH)
    here = library.standing(key, language) or original
    start = here.waiting or here
    initial = {"title": start.title, "text": start.text, "base": library.newest(key, language)}
    form = GuideForm(given(request), initial=initial, original=language == ENGLISH)
    title = _("Write a new version (%(language)s)") % {"language": language_name(language)}
    back = _at(key, language if here is not original else ENGLISH)

    def do() -> str:
        actions.write(person, key, language, form.draft())
        return _at(key, language)

    return ask(request, form, _asked(title, back, _("Kept. It waits for people affected.")), do)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def review(request: HttpRequest, key: str, language: str, digest: str) -> HttpResponseBase:
    """Write down that somebody of the people affected agreed with these words."""
    person = person_of(request)
    here = _found(key, language)
    # A version that waits, or what is in force; for any other digest there is nothing to agree with.
    words = GuideText.objects.filter(key=key, language=language, digest=digest).order_by("-version").first()
    if words is None and here.digest != digest:
        raise Http404
    title, text = (words.title, words.text) if words is not None else (here.title, here.text)
    form = ReviewForm(_communities(request), given(request))
    under = _("Somebody affected read exactly these words: “%(title)s”.") % {"title": title}
    asked = _asked(_("Who agreed with this text?"), _at(key, language), _("Written down."), under)
    asked = replace(asked, about=mark_safe(rendering.html_of(text)))  # noqa: S308  the reader lets no markup through

    def do() -> None:
        sent = form.cleaned_data
        community = access.access_community(person, sent["community"]) if sent["community"] else None
        actions.review(
            person, key, language, digest, name=sent["name"], role=sent["role"], on=sent["on"], community=community
        )

    return ask(request, form, asked, do)


@require_POST
@needs(Right.RESILIENCE)
@never_cache
def withdraw_review(request: HttpRequest, key: str, language: str, number: int) -> HttpResponseBase:
    """Take a yes back."""
    person = person_of(request)
    tried(request, lambda: actions.withdraw_review(person, key, language, number), _("Taken back."))
    return redirect(_at(key, language))


@require_POST
@needs(Right.RESILIENCE)
@never_cache
def publish(request: HttpRequest, key: str, language: str, version: int) -> HttpResponseBase:
    """Put a version into force."""
    person = person_of(request)
    said = _("Published: it stands on the site when that is built next.")
    tried(request, lambda: actions.publish(person, key, language, version), said)
    return redirect(_at(key, language))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def adopt(request: HttpRequest, key: str, language: str) -> HttpResponseBase:
    """Write down that a community took it up."""
    person = person_of(request)
    here = _found(key, language)
    form = AdoptionForm(_communities(request), given(request))
    asked = _asked(_("Who adopted it?"), _at(key, language), _("Written down."), here.title)

    def do() -> None:
        sent = form.cleaned_data
        community = access.access_community(person, sent["community"])
        actions.adopt(person, key, language, community, sent["on"], sent["changed"])

    return ask(request, form, asked, do)


@require_POST
@needs(Right.RESILIENCE)
@never_cache
def withdraw_adoption(request: HttpRequest, key: str, number: int) -> HttpResponseBase:
    """Take back that a community adopted it."""
    person = person_of(request)
    tried(request, lambda: actions.withdraw_adoption(person, key, number), _("Taken back."))
    return redirect(_at(key, ENGLISH))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def retire(request: HttpRequest, key: str) -> HttpResponseBase:
    """Retire a guide, with a reason."""
    person = person_of(request)
    here = _found(key, ENGLISH)
    form = ReasonForm(given(request))
    under = _("In every language. Its page on the site will say so, with your reason. You can undo it.")
    asked = Asked(
        _("Retire “%(title)s”?") % {"title": here.title}, _("Retire"), _at(key, ENGLISH), _("Retired."), under
    )

    def do() -> None:
        actions.retire(person, key, form.cleaned_data["reason"])

    return ask(request, form, asked, do)


@require_POST
@needs(Right.RESILIENCE)
@never_cache
def take_back(request: HttpRequest, key: str) -> HttpResponseBase:
    """Undo retiring."""
    person = person_of(request)
    tried(request, lambda: actions.take_back(person, key), _("Undone: the guide stands again."))
    return redirect(_at(key, ENGLISH))


def _listed(today: date) -> list[Line]:
    adopted: dict[str, int] = {}
    rows = GuideAdoption.objects.filter(withdrawn_at=None, community__put_away_at=None)
    for key in rows.values_list("key", flat=True):
        adopted[key] = adopted.get(key, 0) + 1
    by_key: dict[str, list[Standing]] = {}
    for one in library.standings():
        by_key.setdefault(one.key, []).append(one)
    gone = library.retired()
    lines = [
        Line(first, tuple(others), adopted.get(key, 0), gone.get(key), first.review_by < today)
        for key, (first, *others) in by_key.items()
    ]
    return sorted(lines, key=lambda line: (line.retired is not None, line.guide.title))


def _found(key: str, language: str) -> Standing:
    here = library.standing(key, language)
    if here is None:
        raise Http404
    return here


def _communities(request: HttpRequest) -> list[Community]:
    return list(access.communities_for(person_of(request)).filter(put_away_at=None).order_by("name"))


def _asked(title: str, back: str, said: str, under: str = "") -> Asked:
    return Asked(title, _("Save"), back, said, under)


def _at(key: str, language: str) -> str:
    return reverse("resilience:guide", args=[key, language])
