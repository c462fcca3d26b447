"""The pages of what holds for authorities by country, and of every time that one was told something."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.alliances import access as allies
from tocsin.alliances.models import Contact
from tocsin.alliances.usability import usable
from tocsin.lib import territories
from tocsin.lib.names import random_name
from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.access import titles
from tocsin.responses.playbook_models import Authority, Disclosure
from tocsin.responses.playbooks import authorities
from tocsin.responses.playbooks.authorities import advice_of
from tocsin.responses.playbooks.forms import AuthorityForm, DisclosureForm, Refusable
from tocsin.responses.playbooks.refusals import RefusedError
from tocsin.responses.playbooks.words import FUNCTIONS, Words, answer, because

A_PAGE = 50
_HISTORY = 30


@require_safe
@needs(Right.READ)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every country of which somebody wrote something, and the answer for any other."""
    person, at = person_of(request), clock.now()
    asked = request.GET.get("country", "")
    if asked in territories.TERRITORIES:
        return redirect("authorities:country", asked)
    advices = [advice_of(row.country, row, at) for row in authorities.in_force()]
    context = {
        "lines": [(one, answer(one), because(one), _who(one.function)) for one in advices],
        "countries": territories.choices(get_language() or "en"),
        "may_write": person.may(Right.PLANS),
        "may_count": authorities.may_count(person),
    }
    return render(request, "playbooks/authorities.html", context)


@require_safe
@needs(Right.READ)
@never_cache
def country(request: HttpRequest, code: str) -> HttpResponseBase:
    """What holds for one country, and what was written before."""
    person, at = person_of(request), clock.now()
    _known(code)
    rows = list(authorities.history(code)[:_HISTORY])
    row = rows[0] if rows and rows[0].replaced_at is None else None
    one = advice_of(code, row, at)
    ally = _ally(person, row)
    context = {
        "code": code,
        "advice": one,
        "shape": answer(one),
        "because": because(one),
        "who": _who(one.function),
        "row": row,
        "ally": ally,
        "ally_use": usable(ally, at) if ally is not None else None,
        "ally_hidden": row is not None and bool(row.ally) and ally is None,
        "earlier": rows[1:] if row is not None else rows,
        "may_write": person.may(Right.PLANS),
        "own": row is not None and row.by_id == person.pk and row.verified_at is None,
        "may_verify": row is not None and row.by_id != person.pk and _may_verify(person),
    }
    return render(request, "playbooks/authority.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PLANS)
@never_cache
def edit(request: HttpRequest, code: str) -> HttpResponseBase:
    """Write what holds for a country."""
    person = person_of(request)
    _known(code)
    row = authorities.in_force().filter(country=code).first()
    form = AuthorityForm(_allies(person, row), _given(request), initial=_begin(row))
    if form.is_bound and form.is_valid() and _done(form, lambda: authorities.state(person, code, form.given())):
        messages.success(request, _("Saved. Until somebody else has verified it, a yes reads as: ask counsel first."))
        return redirect("authorities:country", code)
    context = {"form": form, "code": code}
    return render(request, "playbooks/authority_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs(Right.PLANS)
def bring_back(request: HttpRequest, code: str) -> HttpResponseBase:
    """Write again what stood there before."""
    row = get_object_or_404(Authority, country=code, pk=_number(request))
    said = _("It stands there again. Until somebody else has verified it, a yes reads as: ask counsel first.")
    _tried(request, lambda: authorities.bring_back(person_of(request), row), said)
    return redirect("authorities:country", code)


@require_POST
@signed_in
def verify(request: HttpRequest, code: str) -> HttpResponseBase:
    """Say that what stands there was checked today."""
    person = person_of(request)
    if not _may_verify(person):
        raise PermissionDenied
    row = get_object_or_404(Authority, country=code, replaced_at=None, pk=_number(request))
    _tried(request, lambda: authorities.verify(person, row), _("Verified. It holds for 180 days."))
    return redirect("authorities:country", code)


@require_safe
@signed_in
@never_cache
def disclosures(request: HttpRequest) -> HttpResponseBase:
    """Every time that an authority was told something, and how many by quarter."""
    person = person_of(request)
    _may_count(person)
    page = Paginator(authorities.disclosures(), A_PAGE).get_page(request.GET.get("page"))
    plans = titles(person, {one.plan for one in page if one.plan})
    context = {
        "page": page,
        "lines": [(one, _waits_for(person, one), plans.get(one.plan, "")) for one in page],
        "quarters": authorities.by_quarter()[::-1],
        "open": authorities.counted().filter(approved_at=None).count(),
        "may_write": person.may(Right.PLANS),
    }
    return render(request, "playbooks/disclosures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.PLANS)
@never_cache
def disclose(request: HttpRequest) -> HttpResponseBase:
    """Count one."""
    person = person_of(request)
    start = {"once": random_name(16), "on": clock.now().date(), "plan": request.GET.get("plan", "")[:12]}
    form = DisclosureForm(_given(request), initial=start)
    if form.is_bound and form.is_valid():
        once = form.cleaned_data["once"]
        if _done(form, lambda: authorities.disclose(person, form.told(), once)):
            messages.success(request, _("Counted. Somebody else says yes to it, or asks."))
            return redirect("authorities:disclosures")
    return render(request, "playbooks/disclosure_form.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@signed_in
def approve(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Say yes to one that somebody else counted."""
    person = person_of(request)
    _may_count(person)
    row = get_object_or_404(Disclosure, public_id=public_id)
    _tried(request, lambda: authorities.approve(person, row), _("Approved."))
    return redirect("authorities:disclosures")


@require_POST
@signed_in
def take_back(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take one back that was counted wrongly."""
    person = person_of(request)
    _may_count(person)
    row, why = get_object_or_404(Disclosure, public_id=public_id), request.POST.get("why", "").replace("\0", "")
    _tried(request, lambda: authorities.take_back(person, row, why), _("Taken back: it counts no more."))
    return redirect("authorities:disclosures")


def _waits_for(person: Person, row: Disclosure) -> bool:
    return row.by_id != person.pk and row.approved_at is None and row.taken_back_at is None


def _may_count(person: Person) -> None:
    if not authorities.may_count(person):
        raise PermissionDenied


def _may_verify(person: Person) -> bool:
    return person.may(Right.PLANS) or person.may(Right.HOLD)


def _known(code: str) -> None:
    if code not in territories.TERRITORIES:
        raise Http404


def _who(function: object) -> Words:
    return next((words for one, words in FUNCTIONS.items() if one == function), "")


def _ally(person: Person, row: Authority | None) -> Contact | None:
    if row is None or not row.ally:
        return None
    return allies.contacts_for(person).filter(public_id=row.ally).first()


def _allies(person: Person, row: Authority | None) -> list[tuple[str, str]]:
    """Allies who may be chosen; one who stands there already stays, also for a reader who may not see allies."""
    rows = allies.contacts_for(person).exclude(state__in=[Contact.State.SUSPENDED, Contact.State.LET_GO])
    found = [(one.public_id, f"{one.name} · {one.organisation}" if one.organisation else one.name) for one in rows]
    if row is not None and row.ally and row.ally not in dict(found):
        found.append((row.ally, _("the one who stands there now")))
    return sorted(found, key=lambda pair: pair[1].casefold())


def _begin(row: Authority | None) -> dict[str, str]:
    names = ("police", "by_function", "ally", "note")
    return {name: getattr(row, name) for name in names} if row is not None else {}


def _given(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _number(request: HttpRequest) -> int:
    given = request.POST.get("row", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else 0


def _done(form: Refusable, verb: Callable[[], object]) -> bool:
    try:
        verb()
    except RefusedError as refusal:
        form.refuse(refusal)
        return False
    return True


def _tried(request: HttpRequest, verb: Callable[[], object], said: str) -> None:
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said)
