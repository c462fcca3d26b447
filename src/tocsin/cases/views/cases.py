"""Cases: one's own list, beginning one, the case with its compartments, its log, hand-over and closing."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.cases import access, actions, duty, forms, members, referrals
from tocsin.cases.entries import entries, first, of
from tocsin.cases.evidence.access import attached
from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.course import CLASSES, About, Closing, Handover
from tocsin.cases.kinds.happened import SOURCES, Contact, Happened
from tocsin.cases.kinds.people import Need
from tocsin.cases.kinds.registry import KINDS, UNSEEN, offered
from tocsin.cases.looking import looked
from tocsin.cases.names import code_name
from tocsin.cases.refusals import RefusedError
from tocsin.cases.roles import COMPARTMENTS, PURPOSES, ROLES
from tocsin.cases.shown import card, with_files
from tocsin.cases.views.opening import in_case, names, page, tried
from tocsin.keys import retention
from tocsin.keys.access import needs_vault
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.people.access import person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

_NEWEST, _PAGE = 20, 60


@require_safe
@needs_vault
def index(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """The cases of which this person holds keys."""
    shown: list[tuple[Any, ...]] = []
    closed: list[tuple[Any, ...]] = []
    reporters: list[tuple[Any, ...]] = []
    opened, shut = access.open_all(vault, *access.BOTH)
    for safe in opened:
        _entry, about = first(entries(safe, "account"), About)
        row = (safe.id, code_name(safe.id), about, ROLES.get(safe.me.role, ""))
        kept = closed if about is not None and about.state == "closed" else shown
        (reporters if safe.kind == access.REPORTER and kept is shown else kept).append(row)
    may_found = person_of(request).may(Right.CASES)
    context = {"cases": shown, "over": closed, "reporters": reporters, "may_found": may_found, "shut": shut}
    return render(request, "cases/index.html", context)


def second_owners(vault: OpenVault) -> list[Person]:
    """Whom this person could let in at once: their keys were compared."""
    people = Person.objects.filter(is_active=True).exclude(pk=vault.person).order_by("name", "pk")
    return [one for one in people if (keys := vault.directory.now(one.pk)) is not None and vault.trusts(keys)]


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def new(request: HttpRequest, vault: OpenVault, kind: str = access.CASE) -> HttpResponseBase:
    """Begin a case, or a reporter's safe."""
    person = person_of(request)
    if not person.may(Right.CASES):
        raise Http404
    choices = {"urgent": base.asks(About)["urgent"].choices, "source": SOURCES, "retention": CLASSES}
    form = forms.FoundForm(choices, second_owners(vault), request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        about = About(line=given["line"], urgent=given["urgent"], retention=given["retention"])
        happened = Happened(what=given["what"], source=given["source"], certain="unknown")
        try:
            case = actions.found(person, vault, about, happened, kind)
        except WrongError as wrong:
            form.add_error(wrong.name if wrong.name in form.fields else None, str(wrong.words))
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            if second := given["second"]:
                went = tried(
                    request,
                    lambda: members.let_in(vault, case, second, "owner"),
                    _("Whom you chose owns the case as you do."),
                )
                if went is not None:
                    return went
            return redirect("cases:case", case)
    return render(
        request,
        "cases/new.html",
        {"form": form, "reporter": kind == access.REPORTER},
        status=422 if form.errors else 200,
    )


@require_safe
@in_case
def case(request: HttpRequest, safe: OpenSafe) -> HttpResponse:
    """One case: what is due, the consent, and the newest of every part that this person holds."""
    if referrals.pull(safe):
        safe = access.access_case(safe.vault, safe.id, access.BOTH)
    found, rolls = entries(safe), duty.Rolls()
    if duty.follow(safe, found, rolls):
        safe = access.access_case(safe.vault, safe.id, access.BOTH)
        found = entries(safe)
    known = names(safe)
    cards = [card(one, known, found, safe.vault.person) for one in found if one.what.kind not in UNSEEN]
    gap = next(iter(duty.gaps(safe, found, rolls)), None) if safe.me.role == "owner" else None
    more: dict[str, Any] = {"cards": cards[:_NEWEST], "more": len(cards) > _NEWEST, "quick": _quick(safe), "gap": gap}
    return page(request, safe, "case", found, **more)


def _quick(safe: OpenSafe) -> list[tuple[str, Any]]:
    wanted = ("report", "task", "contact", "happened", "promise", "consent", "vetting", "harm", "referral", "checkin")
    kinds = [(key, KINDS[key]) for key in wanted if key in offered(safe.kind)]
    return [(key, kind.title) for key, kind in kinds if set(kind.compartments) & safe.compartments]


@require_safe
@in_case
def compartment(request: HttpRequest, safe: OpenSafe, name: str) -> HttpResponse:
    """One compartment: who else reads it, what stands in it, and what can be added."""
    if name not in COMPARTMENTS or name not in safe.compartments or name == "identity":
        raise Http404
    found = entries(safe)
    known = names(safe)
    mine = [one for one in found if one.compartment == name and one.what.kind not in UNSEEN]
    cards = with_files(
        [card(one, known, found, safe.vault.person) for one in mine],
        attached(safe),
        holds="evidence" in safe.compartments,
    )
    kinds = [(key, KINDS[key].title) for key in offered(safe.kind) if name in KINDS[key].compartments]
    shown = cards if request.GET.get("all") else cards[:_PAGE]
    more: dict[str, Any] = {
        "title": COMPARTMENTS[name],
        "cards": shown,
        "older": len(cards) - len(shown),
        "kinds": kinds,
    }
    return page(request, safe, "compartment", found, current=name, **more)


@require_http_methods(["GET", "HEAD", "POST"])
@in_case
def identity(request: HttpRequest, safe: OpenSafe) -> HttpResponse:
    """Who the case is about: opened on purpose, by a form; no address leads to it."""
    if "identity" not in safe.compartments:
        raise Http404
    form = forms.PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        found = actions.open_identity(safe, purpose, form.cleaned_data["words"])
        known = names(safe)
        cards = [card(one, known, found, safe.vault.person) for one in found]
        return page(
            request, safe, "identity", current="identity", cards=cards, opened=True, why=PURPOSES[purpose], seen=""
        )
    return page(request, safe, "identity", current="identity", form=form, status=422 if form.errors else 200)


@require_safe
@in_case
def handover(request: HttpRequest, safe: OpenSafe) -> HttpResponse:
    """The sheet for whoever takes over: what is open, what was promised, whom one talks with, and how."""
    if "account" not in safe.compartments:
        raise Http404
    looked(request, safe, "handed_over")
    found = entries(safe)
    known = names(safe)
    waiting = [
        card(one, known, found, safe.vault.person) for one in found if one.what.is_open and one.what.kind != "duress"
    ]
    notes = [card(one, known, found, safe.vault.person) for one, _what in of(found, Handover)]
    contacts = [card(one, known, found, safe.vault.person) for one, _what in of(found, Contact)[:5]]
    needs = [card(one, known, found, safe.vault.person) for one, what in of(found, Need) if what.state == "open"]
    return page(request, safe, "handover", found, waiting=waiting, notes=notes, contacts=contacts, needs=needs, seen="")


@require_http_methods(["GET", "HEAD", "POST"])
@in_case
def close(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Close it, once nothing is open."""
    if safe.me.role != "owner":
        raise Http404
    found = entries(safe)
    known = names(safe)
    form = forms.record_form(Closing, known, found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.close(safe.vault, safe.id, Closing(**form.values()))
        except WrongError as wrong:
            form.refuse(wrong)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            return redirect("cases:case", safe.id)
    waiting = [card(one, known, found, safe.vault.person) for one in actions.pending(found)]
    _entry, about = first(found, About)
    ends = clock.now().date() + timedelta(days=retention.days_of(*about.policy)) if about is not None else None
    status = 422 if form.errors else 200
    return page(request, safe, "close", found, form=form, waiting=waiting, ends=ends, status=status)


@require_POST
@in_case
def reopen(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Open a closed case again."""
    tried(request, lambda: actions.reopen(safe.vault, safe.id), _("It is open again."))
    return redirect("cases:case", safe.id)
