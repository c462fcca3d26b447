"""The register: its list and heat map, one risk with every form that changes it, how it moved, what is suggested."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.alerts import clock
from tocsin.alliances.forms import Refusable
from tocsin.analysis.taxonomy import HARMS
from tocsin.lib.names import random_name
from tocsin.lib.territories import TERRITORIES
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import access, judging, registers, risk_access
from tocsin.resilience.forms import ReasonForm
from tocsin.resilience.judging import About
from tocsin.resilience.risk_forms import (
    AcceptForm,
    NewRiskForm,
    RatingForm,
    RiskForm,
    TakeForm,
    TreatmentEndForm,
    TreatmentForm,
    begin,
)
from tocsin.resilience.risk_models import Rating, Risk, Treatment
from tocsin.resilience.risk_narrowing import narrowed
from tocsin.resilience.scales import BANDS, IMPACT, LIKELIHOOD, VULNERABILITY, band
from tocsin.resilience.views.acting import Asked, ask, given, tried
from tocsin.situations.access import access_situation

A_PAGE = 50
_METHODS = ["GET", "HEAD", "POST"]
_FILTERS = ("q", "community", "harm", "band", "state", "cell", "stage")


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Open risks, the gravest first, under their heat map."""
    person, today = person_of(request), clock.now().date()
    chosen = {name: request.GET.get(name, "").replace("\x00", "").strip()[:60] for name in _FILTERS}
    stage = chosen["stage"] if chosen["stage"] in Rating.Stage.values else Rating.Stage.CURRENT.value
    rows = risk_access.risks_for(person)
    found = narrowed(rows, chosen, stage, person)
    page = Paginator(found.order_by("-level", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    late = Treatment.objects.filter(risk__in=list(page), ended_on=None, due__lt=today).values_list("risk_id", flat=True)
    context = {
        "page": page,
        "rows": [(row, band(row.level), list(late).count(row.pk)) for row in page],
        "chosen": chosen | {"stage": stage},
        "total": rows.exists(),
        "heat": registers.heat(person, stage),
        "impacts": [(step, IMPACT[step]) for step in range(1, 6)],
        "likelihoods": LIKELIHOOD,
        "stages": Rating.Stage.choices,
        "bands": BANDS,
        "states": Risk.State.choices,
        "harms": [(one.key, _(one.title)) for one in HARMS],
        "communities": access.communities_for(person).filter(put_away_at=None).order_by("name"),
    }
    return render(request, "resilience/risks.html", context)


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def risk(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One risk: its ratings, what is done about it, whether it is borne, and what happened."""
    person, row = _found(request, public_id)
    today = clock.now().date()
    incidents = risk_access.incidents_of(person, row)
    ratings = [
        (one, band(one.likelihood * one.impact), LIKELIHOOD[one.likelihood], IMPACT[one.impact],
         VULNERABILITY[one.vulnerability])
        for one in row.ratings.select_related("by").order_by("-at", "-pk")[:60]
    ]  # fmt: skip
    treatments = row.treatments.select_related("owner").order_by("ended_on", "due", "pk")
    context = {
        "risk": row,
        "band": band(row.level),
        "ratings": ratings,
        "holding": [one for one in ratings if one[0].until is None],
        "treatments": [(one, one.late(today), registers.effect(one, incidents, today)) for one in treatments[:60]],
        "acceptances": row.acceptances.select_related("by").order_by("-at")[:20],
        "incidents": incidents[:60],
        "may_steward": person.may(Right.STEWARD),
        "open": row.state != Risk.State.CLOSED,
    }
    return render(request, "resilience/risk.html", context)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def new(request: HttpRequest) -> HttpResponseBase:
    """Write a risk down; from a suggestion, which is taken with it."""
    person = person_of(request)
    here = access.communities_for(person).filter(put_away_at=None).order_by("name")
    community = here.filter(public_id=request.GET.get("community", "")[:12]).first()
    about = _about(request, person) if community is not None else None
    start = {"once": random_name(16), "owner": person.pk, "community": community.public_id if community else ""}
    start["harm"] = about.harm if about is not None else ""
    form = NewRiskForm(here, access.team(), given(request), initial=start)
    asked = Asked(_("Write a risk down"), _("Write it down"), reverse("resilience:risks"), _("Written down. Rate it."))

    def do() -> str:
        given_one = here.get(public_id=form.cleaned_data["community"])
        draft, once = form.draft(), form.cleaned_data["once"]
        if about is not None and given_one == community:
            return _at(judging.register_suggestion(person, given_one, draft, once, about))
        return _at(judging.register(person, given_one, draft, once))

    return ask(request, form, asked, do)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def edit(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Change what stands about a risk."""
    person, row = _found(request, public_id)
    form = RiskForm(access.team(), given(request), initial=begin(row))
    return _ask(request, form, row, _("Change what stands here"), lambda: judging.revise(person, row, form.draft()))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def rate(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Judge a risk; the judgement before stays."""
    person, row = _found(request, public_id)
    form = RatingForm(given(request))
    return _ask(request, form, row, _("Rate this risk"), lambda: judging.rate(person, row, form.draft()), row.scenario)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def treat(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Add something to be done."""
    person, row = _found(request, public_id)
    form = TreatmentForm(access.team(), given(request), initial={"owner": person.pk})
    return _ask(request, form, row, _("Do something about it"), lambda: judging.treat(person, row, form.draft()))


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def end(request: HttpRequest, public_id: str, number: int) -> HttpResponseBase:
    """Say how a treatment ended."""
    person, row = _found(request, public_id)
    found = row.treatments.filter(pk=number).first()
    if found is None:
        raise Http404
    form = TreatmentEndForm(given(request))

    def do() -> object:
        sent = form.cleaned_data
        return judging.end_treatment(person, row, number, sent["done"] == "yes", sent["on"], sent["reason"])

    return _ask(request, form, row, _("How did this treatment end?"), do, found.words)


@require_http_methods(_METHODS)
@needs(Right.STEWARD)
@never_cache
def accept(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Bear a risk for a time."""
    person, row = _found(request, public_id)
    form = AcceptForm(given(request))

    def do() -> object:
        return judging.accept(person, row, form.cleaned_data["why"], form.cleaned_data["until"])

    return _ask(request, form, row, _("Bear this risk for a time?"), do, row.scenario)


@require_http_methods(_METHODS)
@needs(Right.STEWARD)
@never_cache
def close(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Close a risk, with a reason."""
    person, row = _found(request, public_id)
    form = ReasonForm(given(request))

    def do() -> object:
        return judging.close(person, row, form.cleaned_data["reason"])

    return _ask(request, form, row, _("Close this risk?"), do, _("It stays readable, and can be opened again."))


@require_POST
@needs(Right.STEWARD)
@never_cache
def step(request: HttpRequest, public_id: str, verb: str) -> HttpResponseBase:
    """Take an acceptance back, or open a closed risk again."""
    person, row = _found(request, public_id)
    verbs: dict[str, tuple[Callable[[], object], str]] = {
        "withdraw": (lambda: judging.end_acceptance(person, row), _("Taken back: it is to be treated.")),
        "reopen": (lambda: judging.reopen(person, row), _("Undone: it is to be treated.")),
    }
    if verb not in verbs:
        raise Http404
    tried(request, *verbs[verb])
    return redirect(_at(row))


@require_POST
@needs(Right.RESILIENCE)
@never_cache
def unlink(request: HttpRequest, public_id: str, situation: str) -> HttpResponseBase:
    """A situation is no incident of this risk."""
    person, row = _found(request, public_id)
    found = access_situation(person, situation)
    tried(request, lambda: judging.unlink(person, row, found), _("Taken off. The situation stays as it is."))
    return redirect(_at(row))


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def changes(request: HttpRequest) -> HttpResponseBase:
    """How the register moved since this quarter began, and over two years."""
    person, today = person_of(request), clock.now().date()
    quarters = registers.quarters(person, today)
    context = {
        "since": registers.quarter_start(today).date(),
        "moved": registers.moved(person, today),
        "most": registers.MOST_MOVED,
        "bands": BANDS,
        "quarters": quarters,
        "tallest": max((max(one.counts) for one in quarters), default=0),
    }
    return render(request, "resilience/changes.html", context)


@require_safe
@needs(Right.RESILIENCE)
@never_cache
def suggestions(request: HttpRequest) -> HttpResponseBase:
    """What may be a risk: grave situations and raised levels where communities live."""
    person = person_of(request)
    context = {"rows": [(one, _query(one)) for one in registers.suggested(person, clock.now())]}
    return render(request, "resilience/suggestions.html", context)


@require_http_methods(_METHODS)
@needs(Right.RESILIENCE)
@never_cache
def answer(request: HttpRequest) -> HttpResponseBase:
    """Take a suggestion into a risk, or refuse it with a reason."""
    person = person_of(request)
    community = access.access_community(person, request.GET.get("community", "")[:12])
    about = _about(request, person)
    if about is None:
        raise Http404
    risks = risk_access.risks_for(person).filter(community=community).exclude(state=Risk.State.CLOSED)
    form = TakeForm(risks.order_by("-level", "-pk"), given(request))
    asked = Asked(_("Is it a risk of theirs?"), _("Answer"), reverse("resilience:suggestions"), _("Answered."),
                  community.name)  # fmt: skip

    def do() -> str | None:
        chosen = form.cleaned_data["risk"]
        if chosen == "new":
            return f"{reverse('resilience:new_risk')}?{request.GET.urlencode()}"
        if chosen:
            judging.take_suggestion(person, community, about, risks.get(public_id=chosen))
        else:
            judging.refuse_suggestion(person, community, about, form.cleaned_data["reason"])
        return None

    return ask(request, form, asked, do)


def _about(request: HttpRequest, person: Person) -> About | None:
    """What the address says that a suggestion rests on; None for nothing that could be one."""
    name = request.GET.get("situation", "")[:12]
    country, harm = request.GET.get("country", "")[:2], request.GET.get("harm", "")[:30]
    if name:
        found = access_situation(person, name)
        return About(found, found.country, found.harm)
    if country in TERRITORIES and harm in {one.key for one in HARMS}:
        return About(None, country, harm)
    return None


def _query(one: registers.Suggested) -> str:
    about = {"situation": one.situation.public_id} if one.situation else {"country": one.country, "harm": one.harm}
    return urlencode({"community": one.community.public_id, **about})


def _found(request: HttpRequest, public_id: str) -> tuple[Person, Risk]:
    person = person_of(request)
    return person, risk_access.access_risk(person, public_id)


def _at(row: Risk) -> str:
    return reverse("resilience:risk", args=[row.public_id])


def _ask(
    request: HttpRequest, form: Refusable, row: Risk, title: str, do: Callable[[], object], under: str = ""
) -> HttpResponseBase:
    def act() -> None:
        do()

    return ask(request, form, Asked(title, _("Save"), _at(row), _("Written down."), under), act)
