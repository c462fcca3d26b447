"""My desk: what is due across all my cases, opened one by one in this very session; and the quick contact log."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tocsin.alerts import clock
from tocsin.cases import access, actions, duty, forms, protocols
from tocsin.cases.duty import Rolls
from tocsin.cases.entries import Dated, Entry, dues, entries
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.happened import Contact
from tocsin.cases.kinds.safety import CheckIn, Protocol
from tocsin.cases.kinds.support import Money
from tocsin.cases.looking import looked
from tocsin.cases.names import code_name
from tocsin.cases.refusals import RefusedError
from tocsin.cases.roles import APPROVES
from tocsin.keys.access import needs_vault
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Rest
from tocsin.oncall.shown import Measure, measures
from tocsin.people.access import person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

_AHEAD, _MOST = 60, 60  # days, lines of each list
_LOGGED = "desk_seen"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on the desk."""

    case: UUID
    name: str
    dated: Dated
    mine: bool
    late: bool
    checkin: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """Somebody waits on this person."""

    case: UUID
    name: str
    entry: Entry
    words: str


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def desk(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """What is due, in order of time, and who waits on me."""
    cases, shut = access.open_all(vault, *access.BOTH)
    _log(request, cases)
    today = clock.now().date()
    lines: list[Line] = []
    waits: list[Waits] = []
    rolls, gaps = Rolls(), []
    for safe in cases:
        found = entries(safe)
        safe, found = _followed(safe, found, rolls)
        if safe.me.role == "owner" and (gap := next(iter(duty.gaps(safe, found, rolls)), None)) is not None:
            gaps.append((safe.id, code_name(safe.id), gap))
        lines += _lines(safe, found, today)
        waits += _waits(safe, found)
    lines.sort(key=lambda one: (one.dated.due.on, one.dated.due.at or clock.now(), str(one.case)))
    holding = [one.id for one in cases if "account" in one.compartments]
    form = forms.ContactForm(holding, Contact, request.POST or None) if holding else None
    if form is not None and request.method == "POST" and form.is_valid() and _write(vault, form, holding):
        messages.success(request, _("Written down, and sealed."))
        return redirect("desk")
    near = [one for one in lines if (one.dated.due.on - today).days <= _AHEAD]
    context = {
        "rest": _rest(person_of(request)),
        "late": [one for one in near if one.late][:_MOST],
        "today": [one for one in near if not one.late and one.dated.due.on <= today][:_MOST],
        "ahead": [one for one in near if not one.late and one.dated.due.on > today][:_MOST],
        "left_out": max(0, len(near) - _MOST),
        "waits": waits,
        "shut": shut,
        "gaps": gaps,
        "cases": [(one.id, code_name(one.id)) for one in cases],
        "form": form,
        "may_found": person_of(request).may(Right.CASES),
    }
    wrong = form is not None and bool(form.errors)
    return render(request, "cases/desk.html", context, status=422 if wrong else 200)


@dataclass(frozen=True, slots=True)
class Rested:
    """One's own rest: until when, and what the last seven days took. Nobody else sees it."""

    until: datetime | None
    measures: tuple[Measure, ...]

    @property
    def full(self) -> bool:
        """Whether a limit is reached, and no rest has begun."""
        return self.until is None and any(one.full for one in self.measures)


def _rest(person: Person) -> Rested:
    now = clock.now()
    until = Rest.objects.filter(person=person, ended_at=None, until__gt=now).values_list("until", flat=True).first()
    return Rested(until, tuple(measures(person, Roster.load(now=now), now)))


def _log(request: HttpRequest, cases: list[OpenSafe]) -> None:
    """Each case hears once in an hour of this session that it was seen from the desk."""
    hour = clock.now().strftime("%Y-%m-%dT%H")
    if request.session.get(_LOGGED) != hour:
        request.session[_LOGGED] = hour
        for safe in cases:
            looked(request, safe, "desk")


def _followed(safe: OpenSafe, found: list[Entry], rolls: Rolls) -> tuple[OpenSafe, list[Entry]]:
    """The case with its duty sheet wrapped for whoever is on duty next."""
    if not duty.follow(safe, found, rolls):
        return safe, found
    again = access.access_case(safe.vault, safe.id, access.BOTH)
    return again, entries(again)


def _lines(safe: OpenSafe, found: list[Entry], today: date) -> list[Line]:
    name, made = code_name(safe.id), []
    for dated in dues(found, clock.now()):
        late = dated.due.grave or dated.due.on < today
        mine = dated.due.who in {0, safe.vault.person}
        made.append(Line(safe.id, name, dated, mine, late, isinstance(dated.entry.what, CheckIn)))
    return made


def _waits(safe: OpenSafe, found: list[Entry]) -> list[Waits]:
    """Money that I could approve, steps of protocols that need my yes."""
    name, made = code_name(safe.id), []
    for one in found:
        if isinstance(one.what, Money) and one.what.state == "asked" and one.by != safe.vault.person:
            made.append(Waits(safe.id, name, one, _("Money waits for your yes")))
        if isinstance(one.what, Protocol) and one.what.is_open and _my_yes(safe, one.what):
            made.append(Waits(safe.id, name, one, _("A protocol needs your yes")))
    return made


def _my_yes(safe: OpenSafe, what: Protocol) -> bool:
    mine, done = APPROVES.get(safe.me.role, ()), what.ticked
    return any(one.approver in mine and one.key not in done for one in protocols.steps(what.threat))


def _write(vault: OpenVault, form: forms.ContactForm, holding: list[UUID]) -> bool:
    case = next(one for one in holding if str(one) == form.cleaned_data["case"])
    try:
        actions.write(vault, case, Contact(**form.values()), "account")
    except WrongError as wrong:
        form.refuse(wrong)
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
    return not form.errors
