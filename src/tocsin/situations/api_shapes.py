"""What programs see of situations, and what they may hand over."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Schema
from pydantic import AfterValidator, Field

from tocsin.lib.inputs import Country, Id, Line, Moment, Text, refusal
from tocsin.lib.pages import Limit, Part
from tocsin.lib.tlp import likelihood
from tocsin.people.models import Person
from tocsin.signals.access import signals_for
from tocsin.signals.api import HarmKey, SignalOut
from tocsin.situations.access import names_of
from tocsin.situations.actions import Judgement
from tocsin.situations.calibrating import Calibration
from tocsin.situations.changes import Changed, trend
from tocsin.situations.explaining import Rival, Spoken, Turning
from tocsin.situations.models import Assessment, MembershipEvent, Situation, Subscription, ThreatLevel

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2x"])]
Trend = Literal["rising", "falling", "steady"]
Topic = Annotated[
    str,
    Field(
        pattern=r"^(country:[A-Z]{2}|harm:[a-z-]{1,30}|situation:[0-9a-z]{1,12})$",
        examples=["country:CH", "harm:arrest", "situation:h7k3mq2x"],
    ),
]
Reason = Annotated[Line, Field(max_length=300)]


def _reviewed(day: date) -> date:
    today = timezone.localdate()
    if not today <= day <= today + timedelta(days=366):
        raise refusal("must be a day between today and a year from now")
    return day


def _said(text: str) -> str:
    if not text.strip():
        raise refusal("can't be empty")
    return text


class SituationOut(Schema):
    """A development made of signals. An empty text means that none stands out."""

    id: str
    title: str
    title_by_person: bool
    state: str
    country: str
    harm: str
    our_link: bool = Field(description="Whether it concerns the movement's own people or projects.")
    tlp: str
    exercise: bool
    first_at: datetime
    last_at: datetime
    changed_at: datetime
    signals: int
    independent: int = Field(description="How many independent voices it rests on; copies count once.")
    probability: float
    probability_word: str = Field(description="The ICD 203 word for the probability.")
    probability_before: float | None
    probability_rule: str = Field(description="The rule that suggests the probability; empty: a person judged it.")
    trend: Trend
    impact: int
    rank: float = Field(description="Expected harm: what lists are ordered by.")


class AssessmentOut(Schema):
    """One version of the human judgement."""

    version: int
    by: str | None
    at: datetime
    probability: float
    probability_word: str
    impact: int
    confidence: str
    reasons: str
    rivals: str
    would_change: str
    review_on: date


class EventOut(Schema):
    """One line of the membership log. `undone_by` is the line that undid it."""

    id: int
    verb: str
    situation: str | None
    other: str | None
    signals: list[int] = Field(description="Signals that moved, as far as you may read them.")
    by: str | None
    rule: str
    at: datetime
    reason: str
    undoes: int | None
    undone_by: int | None


class ClueOut(Schema):
    """One thing that speaks for or against an explanation."""

    says: str
    weight: float = Field(description="Natural logarithm of the likelihood ratio against `unattributed`.")
    signals: list[int] = Field(description="The signals that it rests on.")


class RivalOut(Schema):
    """One explanation that competes, with what speaks for and against it as far as you may read that."""

    cause: str = Field(
        description="`blocked`, `wider-censorship`, `shutdown-ordered`, `outage`, `our-fault`, `renamed-country`, "
        "`measurement-gap`, `seasonal`; `happened` for harms that nothing measures; `unattributed`: none of these."
    )
    probability: float = Field(description="All of them add up to 1.")
    stands_out: bool = Field(description="The verdict: `unattributed` unless another leads clearly.")
    speaks_for: list[ClueOut]
    speaks_against: list[ClueOut]


class TurnOut(Schema):
    """Something that may be seen or told next, and what would follow: what would change our mind."""

    says: str
    leader: str = Field(description="The explanation that would lead then.")
    probability: float = Field(description="Its probability then.")
    before: float = Field(description="The probability of the explanation that leads now.")
    after: float = Field(description="The same then.")
    turns: bool = Field(description="Another explanation than now would lead.")


class SituationDetail(SituationOut):
    """One situation with its newest signals, its reasons, judgements and log. Longer lists have routes of their own."""

    suggested: float | None = Field(description="What the rule says, whatever a person judged.")
    rivals: list[RivalOut] = Field(description="What could explain it, weighed by a machine; the likeliest first.")
    turns: list[TurnOut] = Field(description="What would change our mind, the strongest first, 3 at most.")
    reasons: list[str] = Field(description="Why the rule suggests this probability.")
    members: list[SignalOut] = Field(description="The 50 newest signals.")
    assessments: list[AssessmentOut] = Field(description="The 20 newest versions, newest first.")
    log: list[EventOut] = Field(description="The 30 newest lines, newest first.")
    following: bool


class ChangedOut(Schema):
    """A situation that is new or moved."""

    situation: SituationOut
    trend: Trend
    new: bool
    followed: bool


class ChangesOut(Schema):
    """What came or moved since a moment."""

    since: datetime
    items: list[ChangedOut]


class LevelOut(Schema):
    """The probability of one kind of harm in one country from one moment on."""

    id: int
    country: str
    harm: str
    at: datetime
    probability: float
    probability_word: str
    current: bool
    moved_by: list[str] = Field(description="The situations that it follows from, the likeliest first.")
    clues: list[str] = Field(description="Why, in words that name no text.")
    rivals: list[tuple[str, float]] = Field(description="What could explain the likeliest one, with probabilities.")


class BinOut(Schema):
    """Suggestions between two probabilities, against what came true."""

    low: float
    high: float
    cases: int
    said: float = Field(description="Their mean.")
    came_true: float = Field(description="The share that came true.")
    interval: tuple[float, float] = Field(description="Its 95 % interval.")


class CalibrationOut(Schema):
    """How well the machine's suggestions held in situations that people came to be sure of, one way or the other."""

    settled: int = Field(description="Situations whose newest assessment is 0.9 or above, or 0.1 or below.")
    came_true: int
    brier: float | None = Field(description="Mean squared distance; 0 is perfect. None while nothing is settled.")
    brier_base_rate: float | None = Field(description="That of always saying the share that came true.")
    auc: float | None = Field(description="How well what came true was ranked above what did not.")
    bins: list[BinOut]


class SubscriptionOut(Schema):
    """What you follow."""

    topic: str
    since: datetime


class Narrowing(Schema):
    """Which situations are wanted."""

    country: Country | None = None
    harm: HarmKey | None = None
    state: Literal["open", "quiet", "closed", "all"] = "open"
    show: Literal["threats", "ours", "all"] = Field(
        "threats", description="`threats`: with a kind of harm or a link to us. `ours`: with a link to us. `all`."
    )
    words: Annotated[Line, Field(max_length=100)] | None = Field(None, description="Words in the title.")


class SituationFilters(Narrowing, Part):
    """Which situations are wanted, and which part of the list."""


class RankingFilters(Narrowing):
    """Which situations are wanted, and how many."""

    limit: Limit = Field(25, description="How many at most.")


class LevelFilters(Part):
    """Which threat levels are wanted."""

    country: Country | None = None
    harm: HarmKey | None = None
    current: bool = Field(True, description="False: the whole history, current ones included.")
    since: Moment | None = Field(None, description="From this moment on.")
    until: Moment | None = Field(None, description="Before this moment.")


class AssessmentIn(Schema, extra="forbid"):
    """A judgement: how likely, how grave, how sure, why, and what else it could be."""

    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    impact: Annotated[int, Field(ge=1, le=5)] = Field(description="1: hardly any; 5: a life, or a whole community.")
    confidence: Literal["low", "moderate", "high"] = Field(description="How good the sources and reasons are.")
    reasons: Annotated[Text, Field(min_length=1, max_length=5000), AfterValidator(_said)]
    rivals: Annotated[Text, Field(min_length=1, max_length=5000), AfterValidator(_said)] = Field(
        description="Other explanations that you considered, and what speaks against each."
    )
    would_change: Annotated[Text, Field(max_length=2000)] = ""
    review_on: Annotated[date, AfterValidator(_reviewed)] = Field(description="Between today and a year from now.")

    def judgement(self) -> Judgement:
        """What was judged."""
        return Judgement(
            probability=self.probability,
            impact=self.impact,
            confidence=self.confidence,
            reasons=self.reasons,
            rivals=self.rivals,
            would_change=self.would_change,
            review_on=self.review_on,
        )


class MergeIn(Schema, extra="forbid"):
    """Another situation that is the same development."""

    other: PublicId
    reason: Reason = ""


class SplitIn(Schema, extra="forbid"):
    """Signals that are a development of their own."""

    signals: Annotated[list[Id], Field(min_length=1, max_length=500)]
    reason: Reason = ""


class MoveIn(Schema, extra="forbid"):
    """One signal that does, or does not, belong here."""

    signal: Id
    reason: Reason = ""


class UndoIn(Schema, extra="forbid"):
    """Why a step is undone."""

    reason: Reason = ""


class SituationTitleIn(Schema, extra="forbid"):
    """A title in a person's words."""

    title: Annotated[Line, Field(max_length=500)] = Field(description="Empty: the machine's title comes back.")


class StateIn(Schema, extra="forbid"):
    """Whether it is over."""

    state: Literal["open", "closed"]


class FollowIn(Schema, extra="forbid"):
    """A country, a kind of harm or a situation."""

    topic: Topic


def situation_out(row: Situation) -> SituationOut:
    """A situation that somebody obtained, as programs see it."""
    return SituationOut(**fields(row))


def fields(row: Situation) -> dict[str, Any]:
    """The values of ``SituationOut``."""
    return {
        "id": row.public_id,
        "title": row.title,
        "title_by_person": row.title_by_person,
        "state": row.state,
        "country": row.country,
        "harm": row.harm,
        "our_link": row.our_link,
        "tlp": row.tlp,
        "exercise": row.exercise,
        "first_at": row.first_at,
        "last_at": row.last_at,
        "changed_at": row.changed_at,
        "signals": row.signals,
        "independent": row.independent,
        "probability": row.probability,
        "probability_word": likelihood(row.probability),
        "probability_before": row.probability_before,
        "probability_rule": row.probability_rule,
        "trend": trend(row),
        "impact": row.impact,
        "rank": row.rank,
    }


def rivals_out(rivals: Iterable[Rival]) -> list[RivalOut]:
    """What could explain a situation, or what happens in a country."""
    return [
        RivalOut(
            cause=one.cause,
            probability=one.probability,
            stands_out=one.stands_out,
            speaks_for=[_clue(clue) for clue in one.speaks_for],
            speaks_against=[_clue(clue) for clue in one.speaks_against],
        )
        for one in rivals
    ]


def turns_out(turns: Iterable[Turning]) -> list[TurnOut]:
    """What would change our mind of a situation, or of what happens in a country."""
    return [TurnOut(**asdict(one)) for one in turns]


def _clue(clue: Spoken) -> ClueOut:
    return ClueOut(says=clue.says, weight=clue.weight, signals=list(clue.signals))


def assessment_out(row: Assessment) -> AssessmentOut:
    """One version of a judgement."""
    return AssessmentOut(
        version=row.version,
        by=row.by.name if row.by is not None else None,
        at=row.at,
        probability=row.probability,
        probability_word=likelihood(row.probability),
        impact=row.impact,
        confidence=row.confidence,
        reasons=row.reasons,
        rivals=row.rivals,
        would_change=row.would_change,
        review_on=row.review_on,
    )


def events_out(person: Person, lines: Sequence[MembershipEvent]) -> list[EventOut]:
    """Lines of a log; names and signals that this person may not know of are left out."""
    names = names_of(person, {pk for line in lines for pk in (line.situation_id, line.other_id) if pk is not None})
    seen = _readable(person, {pk for line in lines for pk, _ in line.signals})
    return [
        EventOut(
            id=line.pk,
            verb=line.verb,
            situation=names.get(line.situation_id),
            other=names.get(line.other_id) if line.other_id is not None else None,
            signals=[pk for pk, _ in line.signals if pk in seen],
            by=line.by.name if line.by is not None else None,
            rule=line.rule,
            at=line.at,
            reason=line.reason,
            undoes=line.undoes_id,
            undone_by=_undone_by(line),
        )
        for line in lines
    ]


def changed_out(one: Changed) -> ChangedOut:
    """A situation that is new or moved."""
    return ChangedOut(situation=situation_out(one.situation), trend=one.trend, new=one.new, followed=one.followed)  # type: ignore[arg-type]


def level_out(row: ThreatLevel) -> LevelOut:
    """A threat level."""
    return LevelOut(
        id=row.pk,
        country=row.country,
        harm=row.harm,
        at=row.at,
        probability=row.probability,
        probability_word=likelihood(row.probability),
        current=row.current,
        moved_by=row.moved_by,
        clues=row.clues,
        rivals=[(cause, probability) for cause, probability in row.rivals],
    )


def calibration_out(found: Calibration) -> CalibrationOut:
    """How well suggestions held."""
    bins = [
        BinOut(
            low=one.low,
            high=one.high,
            cases=one.cases,
            said=one.forecast,
            came_true=one.came_true,
            interval=one.interval,
        )
        for one in found.bins
    ]
    return CalibrationOut(
        settled=found.settled,
        came_true=found.came_true,
        brier=found.brier,
        brier_base_rate=found.brier_base_rate,
        auc=found.auc,
        bins=bins,
    )


def subscription_out(row: Subscription) -> SubscriptionOut:
    """What somebody follows."""
    return SubscriptionOut(topic=row.topic, since=row.since)


def _readable(person: Person, numbers: Iterable[int]) -> set[int]:
    return set(signals_for(person).filter(pk__in=list(numbers)).values_list("pk", flat=True))


def _undone_by(line: MembershipEvent) -> int | None:
    undo = getattr(line, "undone_by", None)
    return undo.pk if isinstance(undo, MembershipEvent) else None
