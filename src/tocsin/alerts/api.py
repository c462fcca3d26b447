"""Alerts, policies, rules and drills, for programs: everything that their pages can do."""

from collections.abc import Callable
from typing import Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from tocsin.alerts import actions, listing, policies, rulebook, standing
from tocsin.alerts import api_shapes as shapes
from tocsin.alerts import drills as drilling
from tocsin.alerts.access import access_alert, alerts_for
from tocsin.alerts.ahead import Ahead, stairs
from tocsin.alerts.api_shapes import PublicId
from tocsin.alerts.models import Alert, Knower, Lane, Policy, Rule
from tocsin.alerts.timeline import timeline
from tocsin.alerts.warnings import warnings
from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right

router = Router(tags=["alerts"])

_ALERTS = Bearer(Right.ALERTS)
_DUTY = Bearer(Right.DUTY)
Act = Literal["have", "confirm", "take-over", "pass-on", "call-next", "reopen"]

_ACTS: dict[str, Callable[[Alert, Person], Alert]] = {
    "have": lambda row, person: actions.acknowledge(row, person, "api", confirmed=True),
    "confirm": lambda row, person: actions.confirm(row, person, "api"),
    "take-over": lambda row, person: actions.take_over(row, person, "api"),
    "pass-on": lambda row, person: actions.pass_on(row, person, "api"),
    "call-next": lambda row, person: actions.escalate_now(row, person, "api"),
    "reopen": actions.reopen,
}


@router.get("/alerts", response=Listed[shapes.AlertOut], auth=_ALERTS, summary="List alerts")
def listed(request: HttpRequest, filters: Query[shapes.AlertFilters]) -> Listed[shapes.AlertOut]:
    """Alerts that you may know of, those that came last first."""
    person = caller(request)
    wanted = _narrowed(alerts_for(person).select_related(*listing.RELATED), filters)
    rows, following = after(wanted, filters.cursor, filters.limit)
    found = listing.lines(person, rows)
    return Listed[shapes.AlertOut](items=[shapes.AlertOut(**shapes.alert_fields(one)) for one in found], next=following)


@router.post("/alerts", response={201: shapes.AlertDetail}, auth=_ALERTS, summary="Page people now")
def page_now(request: HttpRequest, given: shapes.PageIn) -> shapes.AlertDetail:
    """Call people by hand. Look first at whom a policy would call: `GET /policies/{public_id}/stairs`."""
    person = caller(request)
    asked = actions.PageNow(
        severity=shapes.SEVERITIES[given.severity],
        lane=Lane(given.lane),
        policy=_standing(given.policy) if given.policy is not None else None,
        whom=get_object_or_404(Person, pk=given.person) if given.person is not None else None,
        named=given.named,
        language=given.language,
        urgency=given.urgency,
        reference=given.reference,
    )
    return _detail(person, actions.page_now(person, asked).public_id)


@router.get("/alerts/{public_id}", response=shapes.AlertDetail, auth=_ALERTS, summary="Read one alert")
def one(request: HttpRequest, public_id: PublicId) -> shapes.AlertDetail:
    """One alert with everything that happened to it."""
    return _detail(caller(request), public_id)


@router.post("/alerts/{public_id}/acts/{verb}", response=shapes.AlertDetail, auth=_ALERTS, summary="Answer an alert")
def act(request: HttpRequest, public_id: PublicId, verb: Act) -> shapes.AlertDetail:
    """Have it, confirm that you do, take it over, pass it on, call the next step now, or undo a resolve."""
    person = caller(request)
    _ACTS[verb](access_alert(person, public_id), person)
    return _detail(person, public_id)


@router.post("/alerts/{public_id}/later", response=shapes.AlertDetail, auth=_ALERTS, summary="Put an alert off")
def later(request: HttpRequest, public_id: PublicId, given: shapes.LaterIn) -> shapes.AlertDetail:
    """Put it off to a moment within a day, with a reason. Then it calls again."""
    person = caller(request)
    actions.snooze(access_alert(person, public_id), person, given.until, given.reason)
    return _detail(person, public_id)


@router.post("/alerts/{public_id}/resolve", response=shapes.AlertDetail, auth=_ALERTS, summary="Resolve an alert")
def resolve(request: HttpRequest, public_id: PublicId, given: shapes.OutcomeIn) -> shapes.AlertDetail:
    """End it with what it turned out to be, from which its rule learns."""
    person = caller(request)
    actions.resolve(access_alert(person, public_id), person, Alert.Outcome(given.outcome), "api")
    return _detail(person, public_id)


@router.post("/alerts/{public_id}/let-in", response=shapes.AlertDetail, auth=_ALERTS, summary="Let somebody know of it")
def let_in(request: HttpRequest, public_id: PublicId, given: shapes.LetInIn) -> shapes.AlertDetail:
    """Let somebody know of a named alert."""
    person = caller(request)
    row = access_alert(person, public_id)
    other = get_object_or_404(Person, pk=given.person, is_active=True)
    actions.let_in(row, person, other)
    return _detail(person, public_id)


@router.get("/policies", response=list[shapes.PolicyOut], auth=_ALERTS, summary="List policies")
def listed_policies(request: HttpRequest) -> list[shapes.PolicyOut]:
    """Every policy that has not ended, the default one first."""
    actions.default_policy()
    rows = Policy.objects.filter(ended_at=None).order_by("-is_default", "name", "pk")
    return [_policy(row) for row in rows]


@router.post("/policies", response={201: shapes.PolicyOut}, auth=_DUTY, summary="Make a policy")
def create_policy(request: HttpRequest, given: shapes.PolicyIn) -> shapes.PolicyOut:
    """A new policy. No alert takes it before it is named or made the default."""
    return _policy(policies.create(caller(request), given.draft()))


@router.get("/policies/{public_id}", response=shapes.PolicyOut, auth=_ALERTS, summary="Read one policy")
def one_policy(request: HttpRequest, public_id: PublicId) -> shapes.PolicyOut:
    """One policy."""
    return _policy(_get(public_id))


@router.put("/policies/{public_id}", response=shapes.PolicyOut, auth=_DUTY, summary="Change a policy")
def change_policy(request: HttpRequest, public_id: PublicId, given: shapes.PolicyIn) -> shapes.PolicyOut:
    """Put this in place of what the policy says. To undo it, put back what it said before."""
    row = _get(public_id)
    policies.change(caller(request), row, given.draft())
    return _policy(_get(public_id))


@router.post("/policies/{public_id}/default", response=shapes.PolicyOut, auth=_DUTY, summary="Make it the default")
def default_policy(request: HttpRequest, public_id: PublicId) -> shapes.PolicyOut:
    """Let alerts that name no policy take this one."""
    policies.set_default(caller(request), _get(public_id))
    return _policy(_get(public_id))


@router.post("/policies/{public_id}/end", response=shapes.PolicyOut, auth=_DUTY, summary="End a policy")
def end_policy(request: HttpRequest, public_id: PublicId) -> shapes.PolicyOut:
    """Let no new alert take it. Refused while something uses it."""
    policies.end(caller(request), _get(public_id))
    return _policy(_get(public_id))


@router.post("/policies/{public_id}/back", response=shapes.PolicyOut, auth=_DUTY, summary="Bring a policy back")
def bring_policy_back(request: HttpRequest, public_id: PublicId) -> shapes.PolicyOut:
    """Undo an end."""
    policies.bring_back(caller(request), _get(public_id))
    return _policy(_get(public_id))


@router.get(
    "/policies/{public_id}/stairs", response=shapes.StairsOut, auth=_ALERTS, summary="Whom a policy would call now"
)
def climbed(request: HttpRequest, public_id: PublicId, lane: shapes.LaneName = "wake") -> shapes.StairsOut:
    """Each step with its people, as it would be called if an alert came at this moment."""
    return shapes.stairs_out(stairs(_get(public_id), Lane(lane)))


@router.get("/rules", response=list[shapes.RuleOut], auth=_ALERTS, summary="List rules")
def listed_rules(request: HttpRequest) -> list[shapes.RuleOut]:
    """Every rule that may raise alerts, with what it was worth."""
    return [shapes.rule_out(found) for found in rulebook.all_rules()]


@router.get("/rules/{number}", response=shapes.RuleOut, auth=_ALERTS, summary="Read one rule")
def one_rule(request: HttpRequest, number: Id) -> shapes.RuleOut:
    """One rule. Its alerts: `GET /alerts?rule=…&state=all`."""
    return shapes.rule_out(rulebook.worth(get_object_or_404(Rule, pk=number)))


@router.post("/rules/{number}/trust", response=shapes.RuleOut, auth=_DUTY, summary="Let a rule wake again")
def trust(request: HttpRequest, number: Id) -> shapes.RuleOut:
    """Let a stopped rule wake people again. What it got wrong before no longer counts."""
    actions.let_rule_wake(get_object_or_404(Rule, pk=number), caller(request))
    return one_rule(request, number)


@router.put("/rules/{number}/budget", response=shapes.RuleOut, auth=_DUTY, summary="Set a rule's budget")
def budget(request: HttpRequest, number: Id, given: shapes.BudgetIn) -> shapes.RuleOut:
    """How many of its alerts may wake people in a week."""
    rulebook.set_budget(caller(request), get_object_or_404(Rule, pk=number), given.per_week)
    return one_rule(request, number)


@router.get("/drills", response=Listed[shapes.DrillOut], auth=_ALERTS, summary="List drills")
def listed_drills(request: HttpRequest, part: Query[Part]) -> Listed[shapes.DrillOut]:
    """What came of each drill, newest first."""
    rows, following = after(drilling.drills_for(caller(request)), part.cursor, part.limit)
    return Listed[shapes.DrillOut](items=[shapes.drill_out(found) for found in drilling.history(rows)], next=following)


@router.post("/drills", response={201: shapes.AlertDetail}, auth=_ALERTS, summary="Start a drill now")
def drill_now(request: HttpRequest, given: shapes.DrillIn) -> shapes.AlertDetail:
    """Page people like any other page, asking for nothing but an answer."""
    person = caller(request)
    chosen = _standing(given.policy) if given.policy is not None else None
    return _detail(person, drilling.start(person, chosen).public_id)


@router.get("/pager", response=shapes.PagerOut, auth=_ALERTS, summary="How the pager is")
def pager(request: HttpRequest) -> shapes.PagerOut:
    """Whether a page would go out now."""
    return shapes.pager_out(standing.pager_state())


def _detail(person: Person, public_id: str) -> shapes.AlertDetail:
    row = alerts_for(person).select_related(*listing.RELATED).filter(public_id=public_id).first()
    if row is None:
        raise Http404
    line = listing.line(person, row, Ahead([row]))
    known = Knower.objects.filter(alert=row) if row.named else Knower.objects.none()
    return shapes.AlertDetail(
        **shapes.alert_fields(line),
        timeline=[shapes.entry_out(each) for each in timeline(row)],
        knowers=list(known.order_by("person__name").values_list("person__name", flat=True)),
    )


def _narrowed(rows: QuerySet[Alert], wanted: shapes.AlertFilters) -> QuerySet[Alert]:
    if wanted.state == "standing":
        rows = rows.exclude(state=Alert.State.RESOLVED)
    elif wanted.state != "all":
        rows = rows.filter(state=wanted.state)
    severity = shapes.SEVERITIES[wanted.severity] if wanted.severity is not None else None
    chosen = {"lane": wanted.lane, "severity": severity, "rule": wanted.rule, "drill": wanted.drill}
    return rows.filter(**{name: value for name, value in chosen.items() if value is not None})


def _get(public_id: str) -> Policy:
    return get_object_or_404(Policy, public_id=public_id)


def _standing(public_id: str) -> Policy:
    return get_object_or_404(Policy, public_id=public_id, ended_at=None)


def _policy(row: Policy) -> shapes.PolicyOut:
    return shapes.policy_out(row, policies.draft_of(row), warnings(row))
