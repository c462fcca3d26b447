"""Lists: plans, my tasks across plans, and what is sealed, which an open vault alone can list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tocsin.alerts import clock
from tocsin.keys.access import needs_vault, vault_of
from tocsin.keys.directory import ForgedDirectoryError
from tocsin.keys.holder.client import NoKeyholderError
from tocsin.keys.holder.holding import ClosedError
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import access, involved, listing, waiting
from tocsin.responses.log import acts, vouching
from tocsin.responses.log.content import Task
from tocsin.responses.log.folding import Plan
from tocsin.situations import access as situations

_PAGE, _NEEDS = 25, 8
_FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One sealed plan in a list; ``plan`` None: it does not open, perhaps until keys are compared with somebody."""

    id: UUID
    plan: Plan | None
    compare: int = 0


@dataclass(frozen=True, slots=True)
class SealedTask:
    """A task of a sealed plan."""

    id: UUID
    plan: Plan
    task: Task

    @property
    def due_at(self) -> datetime | None:
        """The moment of life at which it is due."""
        return self.plan.due_at(self.task)


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponseBase:
    """What needs this person, then the plans of one tab, the gravest first."""
    person = person_of(request)
    if not any(person.may(one) for one in (Right.READ, Right.PLANS, Right.APPROVE)):
        raise Http404
    show = request.GET.get("show", "")
    show = show if show in listing.SHOWS else "open"
    code = request.GET.get("situation", "").replace("\0", "")[:12]
    known = situations.titles(person, [code]) if code else {}
    rows = listing.ordered(listing.narrowed(person, show, code), closed=show == "closed")
    page = Paginator(rows.values_list("pk", flat=True), _PAGE).get_page(request.GET.get("page"))
    late = waiting.overdue(waiting.tasks(person, access.plans_for(person))).count() if show == "open" else 0
    answers = show in {"open", "approve"} and not code and person.may(Right.APPROVE)
    vault = _vault(request) if answers else None
    needs = [*waiting.answers(person), *waiting.own(person)][:_NEEDS] if show == "open" and not code else []
    context = {
        "page": page,
        "rows": listing.shown(person, page.object_list),
        "show": show,
        "situation": code,
        "situation_title": known.get(code, ""),
        "needs": needs,
        "sealed_needs": _asking(vault, person) if vault is not None else [],
        # The same words whether or not anything waits, or is there at all.
        "sealed_may_wait": answers and vault is None,
        "late": late,
        "may_write": person.may(Right.PLANS),
        "none_at_all": not page.object_list and show == "open" and not code,
        "now_at": clock.now(),
    }
    response = render(request, "responses/index.html", context)
    if vault is not None:
        response["Cache-Control"] = "no-store"
    return response


@require_safe
@signed_in
def tasks(request: HttpRequest) -> HttpResponseBase:
    """My tasks across plans, or everybody's that are overdue; those of sealed plans while my vault is open."""
    person = person_of(request)
    everybody = request.GET.get("of") == "everybody" and person.may(Right.PLANS)
    rows = waiting.tasks(None if everybody else person, access.plans_for(person))
    rows = waiting.overdue(rows) if everybody else rows
    page = Paginator(rows.order_by("due_at", "pk"), _PAGE).get_page(request.GET.get("page"))
    vault = None if everybody else _vault(request)
    sealed = sorted(_mine(vault), key=lambda one: one.due_at or _FAR) if vault is not None else []
    context = {
        "page": page,
        "believed": vouching.wholly({one.plan for one in page}),
        "everybody": everybody,
        "sealed_tasks": sealed,
        "vault_open": vault is not None,
        "may_see_all": person.may(Right.PLANS),
        "now_at": clock.now(),
    }
    response = render(request, "responses/tasks.html", context)
    if vault is not None:
        response["Cache-Control"] = "no-store"
    return response


def _vault(request: HttpRequest) -> OpenVault | None:
    try:
        return vault_of(request)
    except NoKeyholderError:
        return None


def _asking(vault: OpenVault, person: Person) -> list[SealedRow]:
    """The sealed plans that wait for this person's yes or no, as their open vault reads them; the gravest first."""
    try:
        rows = sealed_rows(vault)
    except (ClosedError, NoKeyholderError, ForgedDirectoryError):
        return []
    return sorted((row for row in rows if row.plan is not None and _awaits(row.plan, person)), key=_gravest)


def _awaits(plan: Plan, person: Person) -> bool:
    ratify = plan.closed is None and plan.unratified is not None and plan.owner != person.pk
    return asks(plan, person) or (ratify and not involved.refusal(plan, person))


def _mine(vault: OpenVault) -> Iterator[SealedTask]:
    try:
        rows = sealed_rows(vault)
    except (ClosedError, NoKeyholderError, ForgedDirectoryError):
        return
    for row in rows:
        for task in row.plan.open_tasks if row.plan is not None and row.plan.closed is None else ():
            if task.owner == vault.person:
                assert row.plan is not None
                yield SealedTask(row.id, row.plan, task)


@require_safe
@needs_vault
def sealed_index(request: HttpRequest, vault: OpenVault) -> HttpResponse:
    """The sealed plans of which this vault holds keys."""
    rows = sealed_rows(vault)
    here = [row for row in rows if row.plan is not None and row.plan.closed is None]
    context = {
        "rows": sorted(here, key=_gravest),
        "over": [row for row in rows if row.plan is not None and row.plan.closed is not None],
        "shut": [row for row in rows if row.plan is None],
        "waits": {row.id for row in here if row.plan is not None and asks(row.plan, person_of(request))},
        "may_write": person_of(request).may(Right.PLANS),
    }
    return render(request, "responses/sealed_index.html", context)


def _gravest(row: SealedRow) -> tuple[int, float]:
    assert row.plan is not None
    return (-row.plan.severity, -row.plan.changed_at.timestamp())


def asks(plan: Plan, person: Person) -> bool:
    """Whether somebody is asked for a yes or a no to a plan."""
    if plan.question is None or not isinstance(plan.question.act, acts.Asked):
        return False
    act = plan.question.act
    return person.pk == act.approver or (person.pk == act.deputy and plan.pace.told(clock.now()) >= act.until)


def sealed_rows(vault: OpenVault) -> list[SealedRow]:
    """Every sealed plan of which this vault holds keys: one that does not open hides none of the others."""
    return [_sealed_row(vault, number) for number in access.sealed_numbers(vault)]


def _sealed_row(vault: OpenVault, number: UUID) -> SealedRow:
    try:
        return SealedRow(number, access.access_sealed(vault, number).plan)
    except UnverifiedError as unknown:
        return SealedRow(number, None, unknown.person)
    except (Http404, SealError):
        return SealedRow(number, None)


@require_safe
@signed_in
def called(request: HttpRequest, plan: str) -> HttpResponse:
    """Lead from an alert to its plan, open or sealed; nothing here tells which, or whether there is one."""
    try:
        return redirect("responses:sealed_plan", UUID(plan))
    except ValueError:
        return redirect("responses:plan", plan)
