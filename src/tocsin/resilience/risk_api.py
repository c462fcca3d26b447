"""The register, for programs: everything that its pages can do."""

from django.http import Http404, HttpRequest
from ninja import Query, Router

from tocsin.alerts import clock
from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import access, judging, registers, risk_access
from tocsin.resilience import api_risk_shapes as shapes
from tocsin.resilience.api_shapes import PublicId, WhyIn
from tocsin.resilience.judging import About
from tocsin.resilience.risk_narrowing import narrowed
from tocsin.situations.access import access_situation

router = Router(tags=["resilience"])

_TEAM = Bearer(Right.RESILIENCE)
_STEWARD = Bearer(Right.STEWARD)
_Detail = shapes.RiskDetail


@router.get("/risks", response=Listed[shapes.RiskOut], auth=_TEAM, summary="List risks")
def risks(request: HttpRequest, filters: Query[shapes.RiskFilters]) -> Listed[shapes.RiskOut]:
    """Risks, those written down last first."""
    person = caller(request)
    chosen = {name: getattr(filters, name) or "" for name in ("community", "harm", "band", "state")}
    rows = narrowed(risk_access.risks_for(person), chosen, "current", person)
    found, following = after(rows, filters.cursor, filters.limit)
    items = [shapes.RiskOut(**shapes.risk_fields(row)) for row in found]
    return Listed[shapes.RiskOut](items=items, next=following)


@router.get("/risks/heat/{stage}", response=list[shapes.HeatOut], auth=_TEAM, summary="The heat map")
def risk_heat(request: HttpRequest, stage: shapes.StageName) -> list[shapes.HeatOut]:
    """How many open risks stand at each likelihood and impact."""
    cells = [one for row in registers.heat(caller(request), stage) for one in row]
    return [shapes.HeatOut(likelihood=a.likelihood, impact=a.impact, band=a.band.key, risks=a.count) for a in cells]


@router.get("/risks/moved", response=list[shapes.RiskMovedOut], auth=_TEAM, summary="What moved this quarter")
def risks_moved(request: HttpRequest) -> list[shapes.RiskMovedOut]:
    """Open risks whose level is not what it was when this quarter began."""
    found = registers.moved(caller(request), clock.now().date())
    return [
        shapes.RiskMovedOut(risk=shapes.RiskOut(**shapes.risk_fields(one.risk)), level_before=one.level_before)
        for one in found
    ]


@router.get("/risks/suggestions", response=list[shapes.RiskSuggestedOut], auth=_TEAM, summary="What may be a risk")
def risk_suggestions(request: HttpRequest) -> list[shapes.RiskSuggestedOut]:
    """Grave situations and raised levels, of those that you may read, where communities live."""
    return [
        shapes.RiskSuggestedOut(
            community=one.community.public_id,
            situation=one.situation.public_id if one.situation is not None else None,
            country=one.country,
            harm=one.harm,
            probability=one.probability,
        )
        for one in registers.suggested(caller(request), clock.now())
    ]


@router.post("/risks/suggestions", response={204: None}, auth=_TEAM, summary="Answer a suggestion")
def answer_suggestion(request: HttpRequest, given: shapes.SuggestionAnswerIn) -> tuple[int, None]:
    """Take a suggestion into a risk of the community, or refuse it with a reason."""
    person = caller(request)
    community = access.access_community(person, given.community)
    about = About(None, given.country or "", given.harm)
    if given.situation is not None:
        found = access_situation(person, given.situation)
        about = About(found, found.country, found.harm)
    elif not (given.country and given.harm):
        raise Http404
    if given.risk is not None:
        judging.take_suggestion(person, community, about, risk_access.access_risk(person, given.risk))
    else:
        judging.refuse_suggestion(person, community, about, given.reason)
    return 204, None


@router.post("/risks", response={201: _Detail}, auth=_TEAM, summary="Write a risk down")
def register_risk(request: HttpRequest, given: shapes.NewRiskIn) -> tuple[int, shapes.RiskDetail]:
    """Write a risk of a community down."""
    person = caller(request)
    community = access.access_community(person, given.community)
    return 201, _detail(person, judging.register(person, community, given.risk.draft(), given.once).public_id)


@router.get("/risks/{public_id}", response=_Detail, auth=_TEAM, summary="Read one risk")
def risk(request: HttpRequest, public_id: PublicId) -> shapes.RiskDetail:
    """A risk with its ratings, its treatments and what happened."""
    return _detail(caller(request), public_id)


@router.put("/risks/{public_id}", response=_Detail, auth=_TEAM, summary="Change a risk")
def revise_risk(request: HttpRequest, public_id: PublicId, given: shapes.RiskIn) -> shapes.RiskDetail:
    """Change what stands about a risk; its ratings stay."""
    person = caller(request)
    judging.revise(person, risk_access.access_risk(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post("/risks/{public_id}/ratings", response=_Detail, auth=_TEAM, summary="Rate a risk")
def rate_risk(request: HttpRequest, public_id: PublicId, given: shapes.RatingIn) -> shapes.RiskDetail:
    """Add a judgement; the one before stays."""
    person = caller(request)
    judging.rate(person, risk_access.access_risk(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post("/risks/{public_id}/treatments", response=_Detail, auth=_TEAM, summary="Add a treatment")
def treat_risk(request: HttpRequest, public_id: PublicId, given: shapes.TreatmentIn) -> shapes.RiskDetail:
    """Add something that is to be done."""
    person = caller(request)
    judging.treat(person, risk_access.access_risk(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post("/risks/{public_id}/treatments/{number}/end", response=_Detail, auth=_TEAM, summary="End a treatment")
def end_treatment(
    request: HttpRequest, public_id: PublicId, number: Id, given: shapes.TreatmentEndIn
) -> shapes.RiskDetail:
    """Say that a treatment is done, or dropped with a reason."""
    person = caller(request)
    row = risk_access.access_risk(person, public_id)
    judging.end_treatment(person, row, number, given.done, given.on, given.reason)
    return _detail(person, public_id)


@router.post("/risks/{public_id}/acceptance", response=_Detail, auth=_STEWARD, summary="Bear a risk for a time")
def accept_risk(request: HttpRequest, public_id: PublicId, given: shapes.AcceptanceIn) -> shapes.RiskDetail:
    """Bear a risk until a day; then it is to be treated again."""
    person = caller(request)
    judging.accept(person, risk_access.access_risk(person, public_id), given.why, given.until)
    return _detail(person, public_id)


@router.delete("/risks/{public_id}/acceptance", response=_Detail, auth=_STEWARD, summary="Take an acceptance back")
def end_acceptance(request: HttpRequest, public_id: PublicId) -> shapes.RiskDetail:
    """The risk is to be treated."""
    person = caller(request)
    judging.end_acceptance(person, risk_access.access_risk(person, public_id))
    return _detail(person, public_id)


@router.post("/risks/{public_id}/incidents", response=_Detail, auth=_TEAM, summary="Say where a risk came true")
def link_incident(request: HttpRequest, public_id: PublicId, given: shapes.RiskSituationIn) -> shapes.RiskDetail:
    """Link a situation that you may read."""
    person = caller(request)
    judging.link(person, risk_access.access_risk(person, public_id), access_situation(person, given.situation))
    return _detail(person, public_id)


@router.delete("/risks/{public_id}/incidents/{situation}", response=_Detail, auth=_TEAM, summary="Undo the same")
def unlink_incident(request: HttpRequest, public_id: PublicId, situation: PublicId) -> shapes.RiskDetail:
    """A situation is no incident of this risk."""
    person = caller(request)
    judging.unlink(person, risk_access.access_risk(person, public_id), access_situation(person, situation))
    return _detail(person, public_id)


@router.post("/risks/{public_id}/close", response=_Detail, auth=_STEWARD, summary="Close a risk")
def close_risk(request: HttpRequest, public_id: PublicId, given: WhyIn) -> shapes.RiskDetail:
    """Close a risk, with a reason."""
    person = caller(request)
    judging.close(person, risk_access.access_risk(person, public_id), given.reason)
    return _detail(person, public_id)


@router.post("/risks/{public_id}/reopen", response=_Detail, auth=_STEWARD, summary="Open a risk again")
def reopen_risk(request: HttpRequest, public_id: PublicId) -> shapes.RiskDetail:
    """Undo closing."""
    person = caller(request)
    judging.reopen(person, risk_access.access_risk(person, public_id))
    return _detail(person, public_id)


def _detail(person: Person, public_id: str) -> shapes.RiskDetail:
    row = risk_access.access_risk(person, public_id)
    return shapes.risk_detail(row, risk_access.incidents_of(person, row), clock.now().date())
