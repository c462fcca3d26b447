"""Every write about risks: what could happen, how it is rated, what is done about it, what is borne for a time."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import drafts as plain
from tocsin.alliances.refusals import RefusedError
from tocsin.analysis.taxonomy import HARMS
from tocsin.audit import actions as audit
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import drafts
from tocsin.resilience.models import Community
from tocsin.resilience.record import needs_right, note
from tocsin.resilience.risk_models import Acceptance, Answer, Incident, Rating, Risk, Treatment
from tocsin.situations.models import Situation

LONGEST_ACCEPTANCE = timedelta(days=366)
_KNOWN = frozenset(one.key for one in HARMS)


@dataclass(frozen=True, slots=True)
class RiskDraft:
    """What could happen. ``owner`` is the id of somebody of the team, ``harm`` a key of the taxonomy or empty."""

    scenario: str
    owner: int | None
    about: str = ""
    harm: str = ""


@dataclass(frozen=True, slots=True)
class RatingDraft:
    """One judgement; likelihood, impact and vulnerability from 1 to 5."""

    stage: str
    likelihood: int
    likelihood_confidence: str
    impact: int
    impact_confidence: str
    vulnerability: int
    why: str


@dataclass(frozen=True, slots=True)
class TreatmentDraft:
    """One thing to be done, by somebody, until a day; its cost may not be known."""

    option: str
    words: str
    expected: str
    owner: int | None
    due: date
    cost: Decimal | None = None
    currency: str = ""


def register(by: Person, community: Community, draft: RiskDraft, once: str) -> Risk:
    """Add a risk of a community. The same form sent twice adds one.

    Raises:
        RefusedError: for what can't be used, or when the community was put away.
    """
    needs_right(by, Right.RESILIENCE)
    standing = Risk.objects.filter(once=plain.once_of(once)).first()
    if standing is not None:
        return standing
    columns = _checked(draft)
    if community.put_away_at is not None:
        raise RefusedError(_("They were put away. Take them back first."))
    try:
        with transaction.atomic():
            row = Risk.objects.create(
                public_id=random_name(10), once=once, community=community, made_at=clock.now(), made_by=by, **columns
            )
            note(by, "register", _target(row), community=community.public_id)
            return row
    except IntegrityError:
        return Risk.objects.get(once=once)


def revise(by: Person, risk: Risk, draft: RiskDraft) -> Risk:
    """Change what stands about a risk; its ratings stay as they are.

    Raises:
        RefusedError: for what can't be used.
    """
    needs_right(by, Right.RESILIENCE)
    columns = _checked(draft)
    with transaction.atomic():
        row = _open(risk)
        changed = sorted(name for name, value in columns.items() if getattr(row, name) != value)
        for name in changed:
            setattr(row, name, columns[name])
        if changed:
            row.save()
            note(by, "change", _target(row), fields=",".join(name.removesuffix("_id") for name in changed))
        return row


def rate(by: Person, risk: Risk, draft: RatingDraft) -> Rating:
    """Add a judgement. The one before stays, and says until when it held.

    Raises:
        RefusedError: for what can't be used, or a risk that was closed.
    """
    needs_right(by, Right.RESILIENCE)
    why = drafts.sentence(draft.why, "why")
    if draft.stage not in Rating.Stage.values:
        raise RefusedError(_("Choose which risk you judge from the list."), "stage")
    for name in ("likelihood", "impact", "vulnerability"):
        if getattr(draft, name) not in range(1, 6):
            raise RefusedError(_("Choose from the list, from 1 to 5."), name)
    for name in ("likelihood_confidence", "impact_confidence"):
        if getattr(draft, name) not in Rating.Confidence.values:
            raise RefusedError(_("Choose how sure you are from the list."), name)
    with transaction.atomic():
        row, at = _open(risk), clock.now()
        row.ratings.filter(stage=draft.stage, until=None).update(until=at)
        made = Rating.objects.create(
            risk=row, stage=draft.stage, likelihood=draft.likelihood, impact=draft.impact,
            likelihood_confidence=draft.likelihood_confidence, impact_confidence=draft.impact_confidence,
            vulnerability=draft.vulnerability, why=why, at=at, by=by,
        )  # fmt: skip
        if made.stage == Rating.Stage.CURRENT:
            row.likelihood, row.impact, row.level = made.likelihood, made.impact, made.likelihood * made.impact
            row.save()
        note(by, "rate", _target(row), stage=made.stage, rating=made.pk)
        return made


def treat(by: Person, risk: Risk, draft: TreatmentDraft) -> Treatment:
    """Add something that is to be done about a risk.

    Raises:
        RefusedError: for what can't be used, or a risk that was closed.
    """
    needs_right(by, Right.RESILIENCE)
    if draft.option not in Treatment.Option.values:
        raise RefusedError(_("Choose what it does from the list."), "option")
    if not drafts.EARLIEST <= draft.due <= drafts.LATEST:
        raise RefusedError(_("Say until which day."), "due")
    currency = plain.line(draft.currency, 3, "currency").upper()
    if draft.cost is not None and not (draft.cost.is_finite() and 0 <= draft.cost < 10**9):
        raise RefusedError(_("Write the cost as a number from nought to a milliard."), "cost")
    if (draft.cost is None) != (not currency) or (currency and not (currency.isascii() and currency.isalpha())):
        raise RefusedError(_("Write a cost with its currency in three letters, or neither."), "currency")
    columns = {
        "option": draft.option,
        "words": drafts.sentence(draft.words, "words"),
        "expected": drafts.reason_of(draft.expected, "expected"),
        "owner_id": drafts.somebody(draft.owner, "owner"),
        "due": draft.due,
        "cost": draft.cost,
        "currency": currency,
    }
    with transaction.atomic():
        row = _open(risk)
        made = Treatment.objects.create(risk=row, at=clock.now(), by=by, **columns)
        if row.lapsed_at is not None:
            row.lapsed_at = None
            row.save()
        note(by, "treat", _target(row), treatment=made.pk)
        return made


def end_treatment(by: Person, risk: Risk, number: int, done: bool, on: date, why: str = "") -> Treatment:
    """A treatment was done on a day, or is dropped with a reason.

    Raises:
        RefusedError: when it ended already, for a day to come, or without a reason where it is dropped.
    """
    needs_right(by, Right.RESILIENCE)
    words = drafts.nobody(plain.line(why, drafts.REASON, "reason"), "reason") if done else drafts.reason_of(why)
    with transaction.atomic():
        row = _locked(risk)
        made = row.treatments.select_for_update(of=("self",)).filter(pk=number, ended_on=None).first()
        if made is None:
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        made.ended_on = drafts.past(on, clock.now().date(), "on")
        made.ended_as = Treatment.End.DONE if done else Treatment.End.DROPPED
        made.ended_why = words
        made.save()
        note(by, made.ended_as, _target(row), treatment=made.pk)
        return made


def accept(by: Person, risk: Risk, why: str, until: date) -> Acceptance:
    """Bear a risk until a day, at most a year ahead. Nobody accepts what nobody rated.

    Raises:
        RefusedError: for another right, a risk that is not to be treated or not rated, or a day that can't be used.
    """
    needs_right(by, Right.STEWARD)
    words = drafts.reason_of(why, "why")
    with transaction.atomic():
        row, at = _open(risk), clock.now()
        if row.state != Risk.State.TREAT:
            raise RefusedError(_("It is accepted already. Take that back first."))
        if not row.level:
            raise RefusedError(_("Rate it as things are now first: nobody bears what nobody judged."))
        if not at.date() < until <= at.date() + LONGEST_ACCEPTANCE:
            raise RefusedError(_("Say until which day: after today, within a year."), "until")
        made = Acceptance.objects.create(risk=row, why=words, until=until, at=at, by=by)
        row.state, row.lapsed_at = Risk.State.ACCEPTED, None
        row.save()
        note(by, "accept", _target(row), until=until.isoformat())
        return made


def end_acceptance(by: Person | None, risk: Risk) -> Risk:
    """An acceptance ends: taken back by a person, or by the clock (``by`` None), which asks for a decision anew.

    Raises:
        RefusedError: when it is not accepted.
    """
    if by is not None:
        needs_right(by, Right.STEWARD)
    with transaction.atomic():
        row, at = _locked(risk), clock.now()
        ended = Acceptance.End.WITHDRAWN if by is not None else Acceptance.End.EXPIRED
        if not row.acceptances.filter(ended_at=None).update(ended_at=at, ended_as=ended):
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        row.state = Risk.State.TREAT
        row.lapsed_at = at if by is None else None
        row.save()
        if by is not None:
            note(by, "withdraw", _target(row))
        else:
            audit.record(None, "risk.expire", _target(row))
        return row


def close(by: Person, risk: Risk, why: str) -> Risk:
    """A risk is none any more. It stays readable, and can be opened again.

    Raises:
        RefusedError: without a reason, or when it is closed.
    """
    needs_right(by, Right.STEWARD)
    words = drafts.reason_of(why)
    with transaction.atomic():
        row, at = _open(risk), clock.now()
        row.acceptances.filter(ended_at=None).update(ended_at=at, ended_as=Acceptance.End.WITHDRAWN)
        row.state, row.closed_why, row.lapsed_at = Risk.State.CLOSED, words, None
        row.save()
        note(by, "close", _target(row))
        return row


def reopen(by: Person, risk: Risk) -> Risk:
    """Undo closing: it is to be treated.

    Raises:
        RefusedError: when it is not closed.
    """
    needs_right(by, Right.STEWARD)
    with transaction.atomic():
        row = _locked(risk)
        if row.state != Risk.State.CLOSED:
            raise RefusedError(_("There is nothing to undo."))
        row.state, row.closed_why = Risk.State.TREAT, ""
        row.save()
        note(by, "reopen", _target(row))
        return row


def link(by: Person, risk: Risk, situation: Situation) -> Incident:
    """Say that a risk came true in a situation, which this person obtained. Only that something was linked is noted.

    Raises:
        RefusedError: for a risk that was closed.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row = _open(risk)
        made, new = Incident.objects.get_or_create(
            risk=row, situation=situation, defaults={"at": clock.now(), "by": by}
        )
        if new:
            note(by, "link", _target(row))
        return made


def unlink(by: Person, risk: Risk, situation: Situation) -> None:
    """Undo the same.

    Raises:
        RefusedError: when it was not linked.
    """
    needs_right(by, Right.RESILIENCE)
    with transaction.atomic():
        row = _locked(risk)
        if not row.incidents.filter(situation=situation).delete()[0]:
            raise RefusedError(_("There is nothing to undo."))
        note(by, "unlink", _target(row))


@dataclass(frozen=True, slots=True)
class About:
    """What a suggestion rests on: a situation, or the level of a harm in a country."""

    situation: Situation | None = None
    country: str = ""
    harm: str = ""


def take_suggestion(by: Person, community: Community, about: About, risk: Risk) -> Answer:
    """Take a suggestion into a risk of the community; a situation is linked to it as what happened.

    Raises:
        RefusedError: when the risk is another community's, or closed.
    """
    needs_right(by, Right.RESILIENCE)
    if risk.community_id != community.pk:
        raise RefusedError(_("Choose a risk of this community."), "risk")
    with transaction.atomic():
        if about.situation is not None:
            link(by, risk, about.situation)
        return _answer(by, community, about, _open(risk), "")


def register_suggestion(by: Person, community: Community, draft: RiskDraft, once: str, about: About) -> Risk:
    """Add a risk and take the suggestion into it: both, or neither.

    Raises:
        RefusedError: for what can't be used, or when the community was put away.
    """
    with transaction.atomic():
        row = register(by, community, draft, once)
        take_suggestion(by, community, about, row)
    return row


def refuse_suggestion(by: Person, community: Community, about: About, why: str) -> Answer:
    """Refuse a suggestion with a reason; it is not made again.

    Raises:
        RefusedError: without a reason.
    """
    needs_right(by, Right.RESILIENCE)
    words = drafts.reason_of(why)
    with transaction.atomic():
        return _answer(by, community, about, None, words)


def _answer(by: Person, community: Community, about: About, risk: Risk | None, why: str) -> Answer:
    made = Answer.objects.create(
        community=community, situation=about.situation, country=about.country, harm=about.harm, risk=risk, why=why,
        at=clock.now(), by=by,
    )  # fmt: skip
    note(by, "answer", f"community:{community.public_id}", taken=risk is not None)
    return made


def _checked(draft: RiskDraft) -> dict[str, object]:
    if draft.harm and draft.harm not in _KNOWN:
        raise RefusedError(_("Choose the kind of harm from the list."), "harm")
    return {
        "scenario": drafts.sentence(plain.line(draft.scenario, 200, "scenario", needed=True), "scenario"),
        "about": drafts.nobody(plain.text(draft.about, drafts.WORDS, "about"), "about"),
        "harm": draft.harm,
        "owner_id": drafts.somebody(draft.owner, "owner"),
    }


def _locked(risk: Risk) -> Risk:
    row = Risk.objects.select_for_update(of=("self",)).filter(pk=risk.pk).first()
    if row is None:
        raise RefusedError(_("It changed meanwhile. Look again how it stands."))
    return row


def _open(risk: Risk) -> Risk:
    row = _locked(risk)
    if row.state == Risk.State.CLOSED:
        raise RefusedError(_("It is closed. Open it again first."))
    return row


def _target(row: Risk) -> str:
    return f"risk:{row.public_id}"
