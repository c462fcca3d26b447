"""Desks: what waits at each, and how each is arranged."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault, has_vault
from tocsin.mailbox import desks, letters, standing
from tocsin.mailbox.desks import Shown
from tocsin.mailbox.forms import DoorForm, MemberForm, NewDeskForm
from tocsin.mailbox.mail import addresskeys, openpgp
from tocsin.mailbox.models import Desk
from tocsin.mailbox.views.acting import for_members, tried
from tocsin.people.access import person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

# Of so many letters the tags are opened for one page of the list.
PAGE: Final = 50


@require_safe
@for_members
def index(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """Every desk of this person, with the letters that wait."""
    for desk, safe in desks.mine(vault):
        desks.keep_fresh(vault, desk)
        addresskeys.end_old(vault, desk, safe)
    found = [_waiting(request, desk, safe) for desk, safe in desks.mine(vault)]
    context = {"desks": found, "may_type": person_of(request).may(Right.READ), "live": True}
    return render(request, "mailbox/index.html", context)


def _waiting(request: HttpRequest, row: Desk, safe: OpenSafe) -> dict[str, object]:
    """One desk with a page of its letters: of those that wait, and where asked for of those that are over."""
    chosen = request.GET.get("page", "") if request.GET.get("desk") == row.public_id else ""
    page = Paginator(letters.waiting(row), PAGE).get_page(chosen)
    shows_over = request.GET.get("over") == row.public_id
    over = Paginator(letters.over(row), PAGE).get_page(request.GET.get("page")) if shows_over else None
    return {
        "desk": row,
        "page": page,
        "waiting": letters.heads(safe, page.object_list),
        "over_page": over,
        "over": letters.heads(safe, over.object_list) if over is not None else [],
        "canary": standing.canary_of(row),
        "held": desks.held(row),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def new(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """Make a desk."""
    form = NewDeskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("mailbox:desk", desks.make(vault, form.cleaned_data["name"]).public_id)
    return render(request, "mailbox/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def desk(request: HttpRequest, vault: OpenVault, public_id: str) -> HttpResponseBase:
    """How one desk is arranged."""
    row, safe = desks.one(vault, public_id)
    team = desks.team(row, safe)
    form = DoorForm(team, request.POST or None, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        shown = Shown(given["name"], form.names(), tuple(given["languages"]), tuple(given["named"]), given["at_door"])
        if tried(request, lambda: desks.show(vault, row, shown), _("Kept. The door shows it within a minute.")):
            return redirect("mailbox:desk", row.public_id)
    inside = {one.pk for one in team}
    outside = [one for one in Person.objects.filter(is_active=True).order_by("name", "pk") if one.pk not in inside]
    context = {
        "desk": row,
        "team": team,
        "form": form,
        "member": MemberForm([one for one in outside if has_vault(one.pk)]),
        "may_come": any(has_vault(one.pk) for one in outside),
        "without": [one for one in outside if not has_vault(one.pk) and one.may(Right.READ)],
        "epoch": standing.key_of(row),
        "held": desks.held(row),
        "canary": standing.canary_of(row),
        "address": settings.EMERGENCY_ADDRESS,
        "signal": settings.EMERGENCY_SIGNAL,
        "older": addresskeys.keys_of(safe)[1:],
        "fingerprint": openpgp.fingerprint(row.openpgp.encode()) if row.openpgp else "",
    }
    return render(request, "mailbox/desk.html", context, status=422 if form.errors else 200)


def _initial(row: Desk) -> dict[str, object]:
    names = {f"name_{code}": name for code, name in row.names.items()}
    return {"name": row.name, "at_door": row.at_door, "languages": row.languages, "named": row.named, **names}


@require_POST
@for_members
def let_in(request: HttpRequest, vault: OpenVault, public_id: str) -> HttpResponseBase:
    """Let somebody in."""
    row, safe = desks.one(vault, public_id)
    given = request.POST.get("person", "")
    person = Person.objects.filter(pk=int(given) if given.isdecimal() and len(given) < 18 else 0).first()
    if person is not None:
        barred = standing.barred(row, safe)
        said = _("%(who)s is in, and can read every letter that is still here.") % {"who": person.name}
        tried(request, lambda: desks.let_in(vault, row, person, barred), said)
    return redirect("mailbox:desk", row.public_id)


@require_POST
@for_members
def put_out(request: HttpRequest, vault: OpenVault, public_id: str, number: int) -> HttpResponseBase:
    """Take somebody out."""
    row, _safe = desks.one(vault, public_id)
    done = tried(request, lambda: desks.put_out(vault, row, number), _("Out. What comes from now on has a new key."))
    return redirect("mailbox:index") if done and number == vault.person else redirect("mailbox:desk", row.public_id)


def _arranged(act: Callable[[HttpRequest, OpenVault, Desk], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @require_POST
    @for_members
    def view(request: HttpRequest, vault: OpenVault, public_id: str) -> HttpResponseBase:
        row, _safe = desks.one(vault, public_id)
        return act(request, vault, row)

    return view


def _canary(request: HttpRequest, vault: OpenVault, row: Desk) -> HttpResponseBase:
    word = desks.set_canary(vault, row)
    return render(request, "mailbox/word.html", {"desk": row, "word": word, "address": settings.EMERGENCY_ADDRESS})


def _mail(request: HttpRequest, vault: OpenVault, row: Desk) -> HttpResponseBase:
    said = _("Mail to the emergency address comes here from now on.")
    tried(request, lambda: desks.take_mail(vault, row), said)
    return redirect("mailbox:desk", row.public_id)


def _signal(request: HttpRequest, vault: OpenVault, row: Desk) -> HttpResponseBase:
    said = _("Messages to the Signal number come here from now on.")
    tried(request, lambda: desks.take_signal(vault, row), said)
    return redirect("mailbox:desk", row.public_id)


def _key(request: HttpRequest, vault: OpenVault, row: Desk) -> HttpResponseBase:
    tried(request, lambda: addresskeys.make(vault, row), _("Made. Publish its public half where the old one stands."))
    return redirect("mailbox:desk", row.public_id)


canary, mail, key, signal = _arranged(_canary), _arranged(_mail), _arranged(_key), _arranged(_signal)
