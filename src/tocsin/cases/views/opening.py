"""What the views of this room share: a case is opened, or nothing is said about it; and the frame of its pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.cases import access, keeping, members
from tocsin.cases.entries import Entry, dues, entries, first, of
from tocsin.cases.kinds.base import Words
from tocsin.cases.kinds.consent import Consent, Vetting
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.position import Position
from tocsin.cases.looking import looked, purpose_of
from tocsin.cases.names import code_name
from tocsin.cases.refusals import RefusedError
from tocsin.cases.roles import COMPARTMENTS, LOOKS, ROLES
from tocsin.keys import retention
from tocsin.keys.access import needs_vault
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault, UnverifiedError

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]
CaseView = Callable[Concatenate[HttpRequest, OpenSafe, P], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Tab:
    """One compartment that this person holds, and who reads it beside them."""

    key: str
    title: Words
    readers: str


def in_case(view: CaseView[P]) -> View:
    """Give a view the case of its address, open; who holds no key of it gets the page for what isn't there."""

    def guarded(request: HttpRequest, vault: OpenVault, /, *args: Any, case: UUID, **kwargs: Any) -> HttpResponseBase:
        return view(request, access.access_case(vault, case, access.BOTH), *args, **kwargs)

    return wraps(view)(needs_vault(guarded))


def tried(request: HttpRequest, verb: Callable[[], object], said: str = "") -> HttpResponse | None:
    """Do it, and say what came of it; gives the page to go to when keys must be compared first."""
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    except UnverifiedError as unverified:
        messages.error(request, _("Compare keys with them first: then you know that nobody stands in between."))
        return redirect("keys:compare", unverified.person)
    else:
        if said:
            messages.success(request, said)
    return None


def names(safe: OpenSafe) -> dict[int, str]:
    """What the members of a case are called, and whoever wrote in it earlier."""
    found = access.people(safe.head.members)
    return {number: found[number].name if number in found else _("somebody who left") for number in safe.head.members}


def readers(safe: OpenSafe, known: Mapping[int, str]) -> dict[str, str]:
    """By compartment that this person holds, who reads it beside them."""
    found = {}
    for name in COMPARTMENTS:
        if name in safe.compartments:
            others = [known[one] for one in safe.head.holders(name) if one != safe.vault.person]
            found[name] = ", ".join(others) if others else _("nobody else")
    return found


def frame(safe: OpenSafe, found: Sequence[Entry], current: str = "") -> dict[str, Any]:
    """What every page of a case shows: never a name, always the consent, and who reads what."""
    known = names(safe)
    reads = readers(safe, known)
    now = clock.now()
    _about_entry, about = first(found, About)
    _vetting_entry, vetting = first(found, Vetting)
    positions = [one for _entry, one in of(found, Position) if one.state == "holds"]
    consents = of(found, Consent)
    closed = about is not None and about.state == "closed"
    return {
        "case": safe.id,
        "reporter": safe.kind == access.REPORTER,
        "name": code_name(safe.id),
        "about": about,
        "closed": closed,
        "kept_until": _kept_until(safe) if closed else None,
        "held": retention.held(safe),
        "tabs": [Tab(key, COMPARTMENTS[key], reads[key]) for key in reads],
        "current": current,
        "known": known,
        "me": safe.vault.person,
        "role": ROLES.get(safe.me.role, ""),
        "owner": safe.me.role == "owner",
        "reads_log": "log" in safe.compartments,
        "sees_account": "account" in safe.compartments,
        "alone": len(safe.head.members) == 1 or bool(members.alone(safe)),
        "alone_in": [COMPARTMENTS[one] for one in members.alone(safe) if one in COMPARTMENTS],
        "stale": safe.stale,
        "vetting": vetting,
        "position": positions[0] if positions else None,
        "consents": [(entry, one, one.holds(now.date())) for entry, one in consents if one.state == "given"],
        "withdrawn": sum(one.state == "withdrawn" for _entry, one in consents),
        "dues": dues(found, now),
        "today": now.date(),
    }


def _kept_until(safe: OpenSafe) -> date | None:
    """The day on which a closed case is shredded; an owner's page begins a clock that is not there."""
    return keeping.begin(safe) if safe.me.role == "owner" else retention.due_on(safe)


def page(
    request: HttpRequest,
    safe: OpenSafe,
    template: str,
    found: Sequence[Entry] | None = None,
    status: int = 200,
    *,
    seen: str = "viewed",
    **more: Any,
) -> HttpResponse:
    """A page of a case. That it was looked at stands in the log, with the purpose; no ``seen``: who calls wrote it."""
    rows = entries(safe) if found is None else found
    current = str(more.pop("current", ""))
    if seen and request.method == "GET":
        part = current if current in COMPARTMENTS else ""
        looked(request, safe, seen, page=template, compartment=part)
    context = frame(safe, rows, current)
    context |= {"looks": list(LOOKS.items()), "looks_now": purpose_of(request, safe.id)}
    context["looks_words"] = LOOKS[context["looks_now"]]
    return render(request, f"cases/{template}.html", {**context, **more}, status=status)
