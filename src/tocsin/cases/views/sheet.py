"""The duty sheet: one screen for whoever is on duty, and the way to it from an alert."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tocsin.alerts import clock
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.cases import access
from tocsin.cases.checkins import KIND
from tocsin.cases.entries import entries, first, of
from tocsin.cases.kinds.happened import Instruction
from tocsin.cases.kinds.safety import CheckIn, Duress, DutySheet
from tocsin.cases.kinds.support import Promise
from tocsin.cases.looking import looked
from tocsin.cases.models import Deadline
from tocsin.cases.names import code_name
from tocsin.cases.telling import sheet_was_opened
from tocsin.cases.views.opening import in_case, names
from tocsin.keys.access import needs_vault
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault, has_vault
from tocsin.people.access import person_of, signed_in


@require_safe
@in_case
def sheet(request: HttpRequest, safe: OpenSafe) -> HttpResponse:
    """What to do tonight. Opening it is logged, and the owners are told."""
    if "duty" not in safe.compartments:
        raise Http404
    looked(request, safe, "sheet")
    sheet_was_opened(safe)
    found = entries(safe, "duty")
    _entry, written = first(found, DutySheet)
    now = clock.now()
    known = names(safe)
    context = {
        "case": safe.id,
        "name": code_name(safe.id),
        "sheet": written,
        "entry": _entry,
        "steps": _lines(written.tonight) if written else [],
        "call": _lines(written.call) if written else [],
        "never": _lines(written.never) if written else [],
        "checkins": [
            (entry, one, one.next_at < now) for entry, one in of(found, CheckIn) if one.is_open and one.next_at
        ],
        "duress": [(entry, one) for entry, one in of(found, Duress) if one.is_open],
        "paused": [one for _each, one in of(found, Instruction) if one.is_open],
        "promises": [(one, known.get(one.owner, "")) for _each, one in of(found, Promise) if one.is_open],
        "owners": [known[number] for number, member in safe.head.members.items() if member.role == "owner"],
        "holds_more": len(safe.compartments & {"account", "security", "legal"}) > 0,
    }
    return render(request, "cases/sheet.html", context)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


@require_safe
@signed_in
def called(request: HttpRequest, number: UUID) -> HttpResponseBase:
    """From an alert to the duty sheet that it is about, for who holds it.

    Whoever was called by an alert and holds no key of the sheet learns what to do instead; for others nothing is here.
    """
    if not access.takes_part(person_of(request)) and (stuck := _stuck(request, number)) is not None:
        return stuck
    return _called(request, number)


@needs_vault
def _called(request: HttpRequest, vault: OpenVault, number: UUID) -> HttpResponseBase:
    """The alert knows the id of a moment, not of a case: each safe of this person is asked."""
    mine = access.numbers_of(vault, *access.BOTH)
    if number in mine:
        return redirect("cases:sheet", number)
    opened, _shut = access.open_all(vault, *access.BOTH)
    for safe in opened:
        found = entries(safe, "duty")
        if any(str(number) in {what.deadline, *what.earlier, str(row.id)} for row, what in of(found, CheckIn)):
            return redirect("cases:sheet", safe.id)
    stuck = _stuck(request, number)
    if stuck is None:
        raise Http404
    return stuck


def _stuck(request: HttpRequest, number: UUID) -> HttpResponse | None:
    """What to do before a closed door, for who knows of the alert; who is woken first can let them in."""
    person = person_of(request)
    alert = alerts_for(person).filter(reference=f"{KIND}:{number}").exclude(state=Alert.State.RESOLVED).first()
    if alert is None:
        return None
    owner = access.people(one.wake for one in Deadline.objects.filter(pk=number) if one.wake is not None)
    context = {"alert": alert, "owners": list(owner.values()), "has_vault": has_vault(person.pk)}
    return render(request, "cases/stuck.html", context)
