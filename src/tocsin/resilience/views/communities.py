"""Communities: the list, one of them, and every form that changes it; promises of all of them."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.alliances.access import contacts_for
from tocsin.alliances.forms import Refusable
from tocsin.alliances.models import Contact
from tocsin.lib import territories
from tocsin.lib.names import random_name
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import access, actions, shown
from tocsin.resilience.forms import (
    CommunityForm,
    ConsentForm,
    DealingForm,
    EndForm,
    NewForm,
    ReasonForm,
    StatementForm,
    TieForm,
    begin,
)
from tocsin.resilience.models import Community, Dealing
from tocsin.resilience.narrowing import narrowed
from tocsin.resilience.views.acting import Asked, ask, given, tried

A_PAGE = 50
_LINES = 60
_FILTERS = ("q", "kind", "country", "language", "consent", "state")
_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every community, narrowed by what the reader chose."""
    person, today = person_of(request), clock.now().date()
    chosen = {name: request.GET.get(name, "").replace("\x00", "").strip()[:60] for name in _FILTERS}
    rows = access.communities_for(person)
    page = Paginator(narrowed(rows, chosen).order_by("name", "pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": shown.lines(page, today),
        "chosen": chosen,
        "total": rows.exists(),
        "late": access.late_promises(person, today).count(),
        "kinds": Community.Kind.choices,
        "consents": Community.Consent.choices,
        "countries": territories.choices(get_language() or "en"),
    }
    return render(request, "resilience/communities.html", context)


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def community(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One community: who they are, where they live, what passed between them and us."""
    person, today = person_of(request), clock.now().date()
    row = access.access_community(person, public_id)
    dealings = row.dealings.select_related("keeper", "by", "answers").order_by("-on", "-pk")
    statements = row.statements.select_related("by").order_by("withdrawn_at", "-on", "-pk")
    may_allies = person.may(Right.ALLIES)
    context = {
        "community": row,
        "places": shown.places(row.countries),
        "tongues": shown.tongues(row.languages),
        "dealings": [(one, one.late(today), shown.ended(one)) for one in dealings[:_LINES]],
        "more_dealings": max(0, dealings.count() - _LINES),
        "statements": statements[:_LINES],
        "said": shown.said_of(row.countries[: shown.MOST_COUNTRIES]),
        "other_places": [(code, shown.places([code])) for code in row.countries[shown.MOST_COUNTRIES :]],
        "ties": row.ties.select_related("contact").order_by("contact__name") if may_allies else None,
        "may_steward": person.may(Right.STEWARD),
        "today": today,
    }
    return render(request, "resilience/community.html", context)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Add a community."""
    person = person_of(request)
    form = NewForm(access.team(), given(request), initial={"once": random_name(16), "owner": person.pk})
    asked = Asked(_("Add a community"), _("Add"), reverse("resilience:communities"), _("Added."))

    def do() -> str:
        return _at(actions.add(person, form.draft(), form.cleaned_data["once"]))

    return ask(request, form, asked, do)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def edit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Change who they are."""
    person, row = _found(request, public_id)
    form = CommunityForm(access.team(), given(request), initial=begin(row))
    return _ask(request, form, row, _("Change what stands here"), lambda: actions.change(person, row, form.draft()))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def consent(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Write down whether they want to be named outside."""
    person, row = _found(request, public_id)
    start = {"consent": row.consent, "on": row.consent_on, "words": row.consent_words}
    form = ConsentForm(given(request), initial=start)
    title = _("May they be named outside the team?")
    return _ask(request, form, row, title, lambda: actions.set_consent(person, row, form.draft()))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def say(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Add a dated statement about where they live."""
    person, row = _found(request, public_id)
    form = StatementForm(given(request))
    title = _("A statement about where they live")
    return _ask(request, form, row, title, lambda: actions.say(person, row, form.draft()))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def withdraw(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """Take a statement back."""
    person, row = _found(request, public_id)
    if not row.statements.filter(pk=number).exists():
        raise Http404
    form = ReasonForm(given(request))

    def do() -> object:
        return actions.withdraw(person, row, number, form.cleaned_data["reason"])

    return _ask(request, form, row, _("Take this statement back?"), do, _("It stays readable, with your reason."))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def hear(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Add what they told us, asked for, were promised or got."""
    person, row = _found(request, public_id)
    kind = request.GET.get("kind", "")
    start = {"keeper": person.pk, "kind": kind if kind in Dealing.Kind.values else "", "answers": request.GET.get("of")}
    form = DealingForm(row, access.team(), given(request), initial=start)
    return _ask(request, form, row, _("What passed between us"), lambda: actions.hear(person, row, form.draft()))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def end(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """End a promise."""
    person, row = _found(request, public_id)
    promise = row.dealings.filter(pk=number, kind=Dealing.Kind.PROMISED).first()
    if promise is None:
        raise Http404
    form = EndForm(given(request))

    def do() -> object:
        sent = form.cleaned_data
        return actions.end_promise(person, row, number, sent["kept"] == "yes", sent["on"], sent["reason"])

    return _ask(request, form, row, _("How did this promise end?"), do, promise.words)


@require_POST
@needs(Right.RESILIENCE)
@never_cache
def reopen(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """Undo the end of a promise."""
    person, row = _found(request, public_id)
    tried(request, lambda: actions.reopen_promise(person, row, number), _("Undone: the promise is open again."))
    return redirect(_at(row))


@require_http_methods(_METHODS)
@needs(Right.ALLIES)
@needs(Right.RESILIENCE)
@never_cache
def tie(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Name an ally whom they trust."""
    person, row = _found(request, public_id)
    out = [Contact.State.SUSPENDED, Contact.State.LET_GO]
    allies = contacts_for(person).exclude(state__in=out).order_by("name", "pk")
    form = TieForm(((one.pk, _called(one)) for one in allies), given(request))

    def do() -> object:
        return actions.tie(person, row, allies.get(pk=form.cleaned_data["contact"]), form.cleaned_data["words"])

    return _ask(request, form, row, _("Whom do they trust?"), do, _("Somebody new is proposed among the allies first."))


@require_POST
@needs(Right.ALLIES)
@needs(Right.RESILIENCE)
@never_cache
def untie(request: HttpRequest, public_id: str, contact: str) -> HttpResponseBase:
    """An ally is no trusted contact of theirs any more."""
    person, row = _found(request, public_id)
    tried(request, lambda: actions.untie(person, row, contact), _("Taken off. They stay among the allies."))
    return redirect(_at(row))


@require_http_methods(_METHODS)
@needs(Right.STEWARD)
@never_cache
def put_away(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Put a community away, with a reason."""
    person, row = _found(request, public_id)
    form = ReasonForm(given(request))

    def do() -> object:
        return actions.put_away(person, row, form.cleaned_data["reason"])

    return _ask(request, form, row, _("Put them away?"), do, _("Nothing is lost, and you can take them back."))


@require_POST
@needs(Right.STEWARD)
@never_cache
def take_back(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Undo putting away."""
    person, row = _found(request, public_id)
    tried(request, lambda: actions.take_back(person, row), _("Undone: they stand in the list again."))
    return redirect(_at(row))


@require_http_methods(_METHODS)
@needs(Right.STEWARD)
@never_cache
def forget(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Erase a community that was put away, after asking once."""
    person, row = _found(request, public_id)
    form = Refusable(given(request))
    under = _("Every word about them, what they told us and what they were promised. This can’t be undone.")
    asked = Asked(_("Erase %(name)s?") % {"name": row.name}, _("Erase"), _at(row), _("Erased."), under)

    def do() -> str:
        actions.forget(person, row)
        return reverse("resilience:communities")

    return ask(request, form, asked, do)


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def promises(request: HttpRequest) -> HttpResponseBase:
    """Every open promise, the earliest first."""
    person, today = person_of(request), clock.now().date()
    mine = request.GET.get("of") == "me"
    rows = access.promises_for(person)
    rows = rows.filter(keeper=person) if mine else rows
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [(one, one.late(today)) for one in page], "mine": mine}
    return render(request, "resilience/promises.html", context)


def _found(request: HttpRequest, public_id: str) -> tuple[Person, Community]:
    person = person_of(request)
    return person, access.access_community(person, public_id)


def _at(row: Community) -> str:
    return reverse("resilience:community", args=[row.public_id])


def _ask(
    request: HttpRequest, form: Refusable, row: Community, title: str, do: Callable[[], object], under: str = ""
) -> HttpResponseBase:
    def act() -> None:
        do()

    return ask(request, form, Asked(title, _("Save"), _at(row), _("Written down."), under), act)


def _called(contact: Contact) -> str:
    return f"{contact.name} ({contact.organisation})" if contact.organisation else contact.name
