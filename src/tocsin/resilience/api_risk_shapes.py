"""What programs see of risks, and what they may hand over."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from tocsin.lib.inputs import Country, Id, Line, Text
from tocsin.lib.pages import Part
from tocsin.resilience.api_shapes import Day, PublicId, Said, Why
from tocsin.resilience.drafts import REASON, WORDS
from tocsin.resilience.judging import RatingDraft, RiskDraft, TreatmentDraft
from tocsin.resilience.risk_models import Rating, Risk, Treatment
from tocsin.resilience.scales import BandName, band
from tocsin.situations.models import Situation

StageName = Literal["inherent", "current", "residual"]
ConfidenceName = Literal["low", "moderate", "high"]
Harm = Annotated[str, Field(pattern=r"^[a-z-]{0,30}$", examples=["arrest"])]
FromOneToFive = Annotated[int, Field(ge=1, le=5)]


class RiskFilters(Part):
    """Which risks are wanted. Without a state, all but closed ones."""

    community: PublicId | None = None
    harm: Harm | None = None
    band: Literal["extreme", "high", "medium", "low"] | None = None
    state: Literal["treat", "accepted", "closed", "mine", "late", "lapsed"] | None = None


class RiskIn(Schema):
    """What could happen."""

    scenario: Annotated[Line, Field(min_length=3, max_length=200)]
    about: Annotated[Text, Field(max_length=WORDS)] = ""
    harm: Harm = ""
    owner: Id

    def draft(self) -> RiskDraft:
        """What was handed over."""
        return RiskDraft(self.scenario, self.owner, self.about, self.harm)


class NewRiskIn(Schema):
    """A new risk of a community. ``once`` is a random name of yours: sent twice it adds one."""

    community: PublicId
    risk: RiskIn
    once: Annotated[str, Field(pattern=r"^[0-9a-z]{8,32}$", examples=["k3v9x2mw7q"])]


class RatingIn(Schema):
    """One judgement, from 1 (least) to 5."""

    stage: StageName
    likelihood: FromOneToFive
    likelihood_confidence: ConfidenceName
    impact: FromOneToFive
    impact_confidence: ConfidenceName
    vulnerability: FromOneToFive
    why: Said

    def draft(self) -> RatingDraft:
        """What was handed over."""
        return RatingDraft(**self.dict())


class TreatmentIn(Schema):
    """One thing to be done."""

    option: Literal["avoid", "source", "likelihood", "impact", "share"]
    words: Said
    expected: Why
    owner: Id
    due: Day
    cost: Annotated[Decimal, Field(ge=0, lt=10**9, decimal_places=2)] | None = None
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = ""

    def draft(self) -> TreatmentDraft:
        """What was handed over."""
        return TreatmentDraft(**self.dict())


class TreatmentEndIn(Schema):
    """How a treatment ended. A dropped one needs its reason."""

    done: bool
    on: Day
    reason: Annotated[Line, Field(max_length=REASON)] = ""


class AcceptanceIn(Schema):
    """Why a risk is borne, and until which day: a year ahead at most."""

    why: Why
    until: Day


class RiskSituationIn(Schema):
    """A situation in which a risk came true."""

    situation: PublicId


class SuggestionAnswerIn(Schema):
    """Into which risk a suggestion is taken, or why it is refused. It rests on a situation, or a country and harm."""

    community: PublicId
    situation: PublicId | None = None
    country: Country | None = None
    harm: Harm = ""
    risk: PublicId | None = None
    reason: Annotated[Line, Field(max_length=REASON)] = ""


class RiskOut(Schema):
    """A risk in a list; ``level`` is the product of likelihood and impact as things are now, 0 while unrated."""

    id: str
    community: str
    scenario: str
    harm: str
    state: Literal["treat", "accepted", "closed"]
    acceptance_ran_out: bool
    likelihood: int | None
    impact: int | None
    level: int
    band: BandName


class RatingOut(Schema):
    """One dated judgement; ``until`` null: it holds."""

    stage: StageName
    likelihood: int
    likelihood_confidence: ConfidenceName
    impact: int
    impact_confidence: ConfidenceName
    vulnerability: int
    why: str
    at: datetime
    until: datetime | None


class TreatmentOut(Schema):
    """One thing that is done about a risk."""

    id: int
    option: str
    words: str
    expected: str
    due: date
    cost: Decimal | None
    currency: str
    ended_on: date | None
    ended_as: Literal["", "done", "dropped"]
    late: bool


class RiskDetail(RiskOut):
    """Everything about a risk; ``incidents`` are those situations that you may read."""

    about: str
    ratings: list[RatingOut]
    treatments: list[TreatmentOut]
    accepted_until: date | None
    incidents: list[str]


class HeatOut(Schema):
    """How many open risks stand at one likelihood and impact."""

    likelihood: int
    impact: int
    band: BandName
    risks: int


class RiskMovedOut(Schema):
    """A risk whose level is not what it was when this quarter began; 0 is not rated."""

    risk: RiskOut
    level_before: int


class RiskSuggestedOut(Schema):
    """What may be a risk of a community: a situation there, or the level of a harm there."""

    community: str
    situation: str | None
    country: str
    harm: str
    probability: float


def risk_fields(row: Risk) -> dict[str, Any]:
    """What every answer about a risk holds."""
    plain = {name: getattr(row, name) for name in ("scenario", "harm", "state", "likelihood", "impact", "level")}
    more = {"community": row.community.public_id, "band": band(row.level).key}
    return {"id": row.public_id, "acceptance_ran_out": row.lapsed_at is not None, **plain, **more}


def risk_detail(row: Risk, incidents: list[Situation], today: date) -> RiskDetail:
    """A risk with everything about it."""
    borne = row.acceptances.filter(ended_at=None).first()
    return RiskDetail(
        **risk_fields(row),
        about=row.about,
        ratings=[_rating(one) for one in row.ratings.order_by("-at", "-pk")[:200]],
        treatments=[_treatment(one, today) for one in row.treatments.order_by("-pk")[:200]],
        accepted_until=borne.until if borne is not None else None,
        incidents=[one.public_id for one in incidents],
    )


def _rating(row: Rating) -> RatingOut:
    return RatingOut(**{name: getattr(row, name) for name in RatingOut.model_fields})


def _treatment(row: Treatment, today: date) -> TreatmentOut:
    names = set(TreatmentOut.model_fields) - {"id", "late"}
    return TreatmentOut(id=row.pk, late=row.late(today), **{name: getattr(row, name) for name in names})
