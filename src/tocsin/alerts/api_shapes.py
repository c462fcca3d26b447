"""What programs see of alerts, policies, rules and drills, and what they may hand over."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from tocsin.alerts.ahead import Reachable, Stair, Stairs
from tocsin.alerts.drills import Drill
from tocsin.alerts.listing import Line as AlertLine
from tocsin.alerts.models import Policy, Severity, Target
from tocsin.alerts.policies import LONGEST_WAIT, MOST_AIMS, MOST_STEPS, Aim, Draft, Step
from tocsin.alerts.rulebook import MOST_A_WEEK, Worth
from tocsin.alerts.standing import PagerState
from tocsin.alerts.timeline import Entry
from tocsin.lib.inputs import Id, Line, Moment, refusal
from tocsin.lib.pages import Part

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2x"])]
LaneName = Literal["life", "wake", "quiet"]
SeverityName = Literal["minor", "moderate", "severe", "extreme"]
Reference = Annotated[str, Field(pattern=r"^([a-z]{1,20}:[0-9A-Za-z-]{1,40})?$", examples=["situation:h7k3mq2x"])]
Language = Annotated[str, Field(pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})?)?$", max_length=16, examples=["ar"])]

SEVERITIES: dict[str, Severity] = {one.name.lower(): one for one in Severity}


def _one_of_two(text: str) -> str:
    if not text.strip():
        raise refusal("can't be empty")
    return text


Said = Annotated[Line, Field(min_length=1, max_length=120), AfterValidator(_one_of_two)]


class NextOut(Schema):
    """What happens next by itself: at `at` these people are called, or, with nobody named, it comes back."""

    at: datetime
    people: list[str]


class AlertOut(Schema):
    """Something that a person must look at now: a reference and a severity, never content."""

    id: str
    kind: str
    says: str = Field(description="What it is about, in words.")
    reference: str = Field(description="`kind:id` in the console; empty: none.")
    title: str = Field(description="What the reference is called, where you may read it; else empty.")
    severity: SeverityName
    lane: LaneName
    state: Literal["open", "answered", "snoozed", "resolved"]
    language: str
    urgency: str
    policy: str
    rule: int | None
    named: bool = Field(description="Known to some people alone; you are one of them.")
    drill: bool
    exercise: bool
    withheld: str = Field(description="Why its rule may not wake anybody: `precision`, `budget`, or empty.")
    seen: int = Field(description="How often it was reported.")
    occurred_at: datetime
    accepted_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    unconfirmed_until: datetime | None = Field(description="Until then an answer without sign-in holds.")
    snoozed_until: datetime | None
    remote_resolved_at: datetime | None = Field(
        description="The other system says that it is over; nobody is silenced."
    )
    outcome: str = Field(description="`true`, `false`, `duplicate`, `drill`, or empty while it is not resolved.")
    resolved_at: datetime | None
    resolved_by: str | None
    next: NextOut | None


class TryOut(Schema):
    """One call to a provider."""

    at: datetime
    outcome: str = Field(description="`taken`, `failed`, `refused`, or empty: unknown.")
    says: str


class HappenedOut(Schema):
    """One line of a timeline. A page names its channel, never the address."""

    at: datetime
    verb: str
    says: str
    person: str
    channel: str
    state: str
    delivered_at: datetime | None
    opened_at: datetime | None
    tries: list[TryOut]


class AlertDetail(AlertOut):
    """One alert with everything that happened, newest first."""

    timeline: list[HappenedOut]
    knowers: list[str] = Field(description="Who may know of a named alert; empty for others.")


class AlertFilters(Part):
    """Which alerts are wanted."""

    state: Literal["standing", "open", "answered", "snoozed", "resolved", "all"] = Field(
        "standing", description="`standing`: everything that is not resolved."
    )
    lane: LaneName | None = None
    severity: SeverityName | None = None
    rule: Id | None = None
    drill: bool | None = None


class PageIn(Schema, extra="forbid"):
    """Calling people by hand. No words of one's own: they could hold a name."""

    severity: SeverityName
    lane: LaneName = "wake"
    policy: PublicId | None = Field(None, description="Nothing: the default one.")
    person: Id | None = Field(None, description="One person who answers alerts: called first, the policy follows.")
    language: Language = ""
    urgency: Literal["", "immediate", "expected", "future", "past"] = ""
    reference: Reference = ""
    named: bool = Field(False, description="About a person. In the lane `life` it always is.")


class LaterIn(Schema, extra="forbid"):
    """Until when it can wait, within a day, and why."""

    until: Moment
    reason: Said = Field(description="A few words without names.")


class OutcomeIn(Schema, extra="forbid"):
    """What it turned out to be."""

    outcome: Literal["true", "false", "duplicate", "drill"]


class LetInIn(Schema, extra="forbid"):
    """Somebody who may know of it from now on."""

    person: Id


class AimShape(Schema):
    """Who is told on a step: on duty or next of a rota, a person, or everyone with one of some roles (bits)."""

    kind: Literal["duty", "next", "person", "role"]
    rota: Annotated[str, Field(pattern=r"^[0-9a-z]{0,12}$")] = ""
    person: Annotated[int, Field(ge=0, le=2**53)] = 0
    role: Annotated[int, Field(ge=0, le=127)] = 0


class StepShape(Schema):
    """People who are told together, and the minutes until the next step."""

    wait_minutes: Annotated[int, Field(ge=1, le=LONGEST_WAIT)] = 5
    aims: Annotated[list[AimShape], Field(max_length=MOST_AIMS)] = []


class PolicyIn(Schema, extra="forbid"):
    """A whole policy."""

    name: Annotated[Line, Field(min_length=1, max_length=80)]
    steps: Annotated[list[StepShape], Field(min_length=1, max_length=MOST_STEPS)]
    wider: Annotated[list[AimShape], Field(max_length=MOST_AIMS)] = []
    wider_after: Annotated[int, Field(ge=1, le=20)] = 2
    remind_minutes: Annotated[int, Field(ge=15, le=10_080)] = 240
    drill_weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    drill_hour: Annotated[int, Field(ge=0, le=23)] = 10
    time_zone: Annotated[Line, Field(max_length=64)] = "UTC"

    def draft(self) -> Draft:
        """The same as the verbs take it."""
        return Draft(
            name=self.name,
            steps=tuple(Step(one.wait_minutes, tuple(_aim(aim) for aim in one.aims)) for one in self.steps),
            wider=tuple(_aim(aim) for aim in self.wider),
            wider_after=self.wider_after,
            remind_minutes=self.remind_minutes,
            drill_weekday=self.drill_weekday,
            drill_hour=self.drill_hour,
            time_zone=self.time_zone,
        )


class PolicyOut(Schema):
    """A policy. `warnings` says what is weak about it as things stand now."""

    id: str
    name: str
    default: bool
    ended_at: datetime | None
    steps: list[StepShape]
    wider: list[AimShape]
    wider_after: int
    remind_minutes: int
    drill_weekday: int | None
    drill_hour: int
    time_zone: str
    warnings: list[str]


class ReachableOut(Schema):
    """Somebody, by how many ways they can be reached now, and whether one of them wakes."""

    person: str
    ways: int
    wakes: bool


class StairOut(Schema):
    """One step as it would be called now."""

    after_minutes: int
    wait_minutes: int
    people: list[ReachableOut]


class StairsOut(Schema):
    """A policy as it would be climbed now."""

    steps: list[StairOut]
    round_minutes: int
    wider: list[ReachableOut]
    wider_after_minutes: int


class RuleOut(Schema):
    """What may raise alerts by itself, and what it was worth; named alerts are not counted."""

    id: int
    key: str
    name: str
    may_wake: bool
    stopped_at: datetime | None
    right: int
    judged: int
    low: float = Field(description="The lower end of the range in which its true precision lies (95 %, Wilson).")
    high: float
    used_this_week: int
    budget_per_week: int


class BudgetIn(Schema, extra="forbid"):
    """How many alerts of a rule may wake people in a week."""

    per_week: Annotated[int, Field(ge=0, le=MOST_A_WEEK)]


class DrillIn(Schema, extra="forbid"):
    """Which policy is drilled; nothing: the default one."""

    policy: PublicId | None = None


class DrillOut(Schema):
    """One drill and what came of it. `nobody`: nobody answered in time, which is an incident."""

    alert: str
    policy: str
    at: datetime
    who: str
    took_seconds: float | None
    nobody: bool


class PagerOut(Schema):
    """How the pager is."""

    ok: bool
    how: str
    says: str
    age_seconds: float | None


def alert_fields(line: AlertLine) -> dict[str, Any]:
    """The values of ``AlertOut``."""
    row = line.alert
    coming = line.next
    return {
        "id": row.public_id,
        "kind": row.kind,
        "says": line.kind,
        "reference": row.reference,
        "title": line.reference.text if line.reference is not None and line.reference.titled else "",
        "severity": Severity(row.severity).name.lower(),
        "lane": row.lane,
        "state": row.state,
        "language": row.language,
        "urgency": row.urgency,
        "policy": row.policy.public_id,
        "rule": row.rule_id,
        "named": row.named,
        "drill": row.drill,
        "exercise": row.exercise,
        "withheld": row.withheld,
        "seen": row.seen_count,
        "occurred_at": row.occurred_at,
        "accepted_at": row.accepted_at,
        "answered_by": row.answered_by.name if row.answered_by is not None else None,
        "answered_at": row.answered_at,
        "unconfirmed_until": row.unconfirmed_until,
        "snoozed_until": row.snoozed_until,
        "remote_resolved_at": row.remote_resolved_at,
        "outcome": row.outcome,
        "resolved_at": row.resolved_at,
        "resolved_by": row.resolved_by.name if row.resolved_by is not None else None,
        "next": NextOut(at=coming.at, people=[one.name for one in coming.people]) if coming is not None else None,
    }


def entry_out(one: Entry) -> HappenedOut:
    """One line of a timeline."""
    return HappenedOut(
        at=one.at,
        verb=one.verb,
        says=one.words,
        person=one.person,
        channel=one.channel,
        state=one.state,
        delivered_at=one.delivered_at,
        opened_at=one.opened_at,
        tries=[TryOut(at=each.at, outcome=each.outcome, says=each.words) for each in one.tries],
    )


def policy_out(row: Policy, draft: Draft, warnings: list[str]) -> PolicyOut:
    """A policy."""
    return PolicyOut(
        id=row.public_id,
        name=row.name,
        default=row.is_default,
        ended_at=row.ended_at,
        steps=[StepShape(wait_minutes=one.wait_minutes, aims=[_shape(aim) for aim in one.aims]) for one in draft.steps],
        wider=[_shape(aim) for aim in draft.wider],
        wider_after=draft.wider_after,
        remind_minutes=draft.remind_minutes,
        drill_weekday=draft.drill_weekday,
        drill_hour=draft.drill_hour,
        time_zone=draft.time_zone,
        warnings=warnings,
    )


def stairs_out(found: Stairs) -> StairsOut:
    """A policy as it would be climbed now."""
    return StairsOut(
        steps=[_stair(one) for one in found.steps],
        round_minutes=found.round_minutes,
        wider=[_reach(one) for one in found.wider],
        wider_after_minutes=found.wider_after_minutes,
    )


def rule_out(found: Worth) -> RuleOut:
    """A rule and what it was worth."""
    row = found.rule
    return RuleOut(
        id=row.pk,
        key=row.key,
        name=row.name,
        may_wake=row.may_wake,
        stopped_at=row.stopped_at,
        right=found.right,
        judged=found.judged,
        low=found.low,
        high=found.high,
        used_this_week=found.used,
        budget_per_week=row.budget_per_week,
    )


def drill_out(one: Drill) -> DrillOut:
    """A drill."""
    return DrillOut(
        alert=one.alert.public_id,
        policy=one.alert.policy.public_id,
        at=one.alert.accepted_at,
        who=one.who,
        took_seconds=one.took.total_seconds() if one.took is not None else None,
        nobody=one.nobody,
    )


def pager_out(state: PagerState) -> PagerOut:
    """How the pager is."""
    return PagerOut(ok=state.ok, how=state.how.value, says=state.words, age_seconds=state.age_seconds)


def _aim(shape: AimShape) -> Aim:
    return Aim(Target.Kind(shape.kind), shape.rota, shape.person, shape.role)


def _shape(aim: Aim) -> AimShape:
    return AimShape.model_validate({"kind": aim.kind.value, "rota": aim.rota, "person": aim.person, "role": aim.role})


def _stair(one: Stair) -> StairOut:
    people = [_reach(each) for each in one.people]
    return StairOut(after_minutes=one.after_minutes, wait_minutes=one.wait_minutes, people=people)


def _reach(one: Reachable) -> ReachableOut:
    return ReachableOut(person=one.person.name, ways=one.ways, wakes=one.wakes)
