"""Beginning a plan: from a playbook or from nothing; for a situation, for a case (sealed), or for neither."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.alerts import clock
from tocsin.analysis.taxonomy import HARMS
from tocsin.cases import access as cases
from tocsin.cases.names import code_name
from tocsin.keys.access import needs_vault
from tocsin.keys.vaults import OpenVault
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import actions, beginning, linking
from tocsin.responses.authority import RefusedError
from tocsin.responses.forms import NewForm
from tocsin.responses.log import acts
from tocsin.responses.log.content import Content, Task, WrongError
from tocsin.responses.log.keeping import Book
from tocsin.responses.playbooks import library
from tocsin.responses.playbooks.shapes import Playbook
from tocsin.responses.views.lists import sealed_rows
from tocsin.situations import access as situations
from tocsin.situations.models import Situation

_NOTHING = "none"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def new(request: HttpRequest) -> HttpResponseBase:
    """Begin an open plan."""
    person = _writer(request)
    code = request.GET.get("situation", "").replace("\0", "")[:12]
    situation = situations.access_situation(person, code) if code else None
    harm = situation.harm if situation is not None else ""

    def begin(begun: acts.Begun, first: Content, tasks: list[Task]) -> Book:
        return actions.begin(person, begun, first, tasks, situation)

    about = situation.public_id if situation is not None else ""
    return _new(request, begin, "responses:plan", about=about, harm=harm, situation=situation)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def sealed_new(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """Begin a sealed plan, for a case that this vault opens or for none."""
    person = _writer(request)
    given = request.GET.get("case", "")
    case = _case(vault, given) if given else None

    def begin(begun: acts.Begun, first: Content, tasks: list[Task]) -> Book:
        book = actions.begin_sealed(person, vault, begun, first, tasks)
        if case is not None:
            linking.cite(vault, case, UUID(book.id))
        return book

    about = str(case) if case is not None else ""
    return _new(request, begin, "responses:sealed_plan", about=about, sealed=True, case=case)


def _writer(request: HttpRequest) -> Person:
    person = person_of(request)
    if not person.may(Right.PLANS):
        raise Http404
    return person


def _case(vault: OpenVault, given: str) -> UUID:
    try:
        case = UUID(given)
    except ValueError:
        raise Http404 from None
    if "account" not in cases.access_case(vault, case).compartments:
        raise Http404
    return case


def _new(
    request: HttpRequest, begin: Any, leads_to: str, *, about: str, harm: str = "", sealed: bool = False,
    situation: Situation | None = None, case: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    key = request.GET.get("playbook", "")[:40]
    playbook = library.playbook(key) if key and key != _NOTHING else None
    if key and key != _NOTHING and playbook is None:
        raise Http404
    query = {name: value for name, value in request.GET.items() if name in {"situation", "case"} and value}
    context: dict[str, Any] = {
        "sealed": sealed,
        "situation": situation,
        "case": case,
        "case_name": code_name(case) if case is not None else "",
        "query": urlencode(query),
        "playbook": playbook,
    }
    if not key:
        return render(request, "responses/choose.html", {**context, "books": _suited(harm)})
    form = NewForm(request.POST or None, initial=_initial(playbook, situation))
    if request.method == "POST" and form.is_valid():
        begun, first, tasks = _first(form.cleaned_data, playbook, about)
        try:
            book = begin(begun, first, tasks)
        except WrongError as wrong:
            form.add_error(wrong.name if wrong.name in form.fields else None, wrong.words)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            return redirect(leads_to, book.id)
    return render(request, "responses/new.html", {**context, "form": form}, status=422 if form.errors else 200)


def _suited(harm: str) -> list[tuple[Playbook, bool, str, bool]]:
    """Every playbook, those for this kind of harm first; and whether every part of it was reviewed."""
    words = {one.key: one.key for one in HARMS}
    books = [
        (one.playbook, harm in one.playbook.harms, ", ".join(words.get(each, each) for each in one.playbook.harms),
         one.reviewed)
        for one in library.standings()
        if not one.waiting_alone
    ]  # fmt: skip
    return sorted(books, key=lambda one: (not one[1], one[0].title))


def _initial(playbook: Playbook | None, situation: Situation | None) -> dict[str, Any]:
    title = beginning.title_for(playbook, situation) if playbook is not None or situation is not None else ""
    severity = beginning.severity_of(playbook) if playbook is not None else 3
    objective = beginning.objective_of(playbook) if playbook is not None else ""
    return {"title": title, "objective": objective, "severity": severity}


def _first(given: dict[str, Any], playbook: Playbook | None, about: str) -> tuple[acts.Begun, Content, list[Task]]:
    begun = acts.Begun(
        severity=given["severity"],
        about=about,
        playbook=playbook.key if playbook is not None else "",
        playbook_digest=playbook.digest if playbook is not None else "",
        drill=given["drill"],
        exercise=settings.EXERCISE,
    )
    if playbook is None:
        return begun, Content(given["title"].strip(), given["objective"].strip()), []
    first = beginning.content_of(playbook, given["title"].strip(), given["objective"].strip())
    return begun, first, beginning.tasks_of(playbook, clock.now())


@require_safe
@needs_vault
def of_case(request: HttpRequest, vault: OpenVault, case: UUID) -> HttpResponse:
    """Lead from a case to its sealed plan, or to beginning one; the case's page knows only this address."""
    safe = cases.access_case(vault, case)
    if "account" not in safe.compartments:
        raise Http404
    found = linking.plans_of(safe)
    mine = [one for one in found if linking.opens(vault, one)]
    if len(mine) == 1 and len(found) == 1:
        return redirect("responses:sealed_plan", mine[0])
    if not found and person_of(request).may(Right.PLANS):
        return redirect(f"{reverse('responses:sealed_new')}?{urlencode({'case': case})}")
    drills = {row.id for row in sealed_rows(vault) if row.plan is not None and row.plan.begun.drill}
    others = len(found) - len(mine)
    context = {"case": case, "case_name": code_name(case), "mine": mine, "drills": drills, "others": others}
    return render(request, "responses/of_case.html", {**context, "may_write": person_of(request).may(Right.PLANS)})
