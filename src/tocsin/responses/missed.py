"""The ledger of missed events: what we learnt elsewhere first, and which detector or source should have seen it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.alerts import clock as time
from tocsin.analysis import taxonomy
from tocsin.audit.actions import record
from tocsin.lib import territories
from tocsin.lib.names import random_name
from tocsin.people.access import reader_sets
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses.access import plans_for
from tocsin.responses.authority import RefusedError
from tocsin.responses.log.content import LINE_MOST, TEXT_MOST, WrongError, fits
from tocsin.responses.models import Missed, Plan
from tocsin.situations.models import Situation


@dataclass(frozen=True, slots=True)
class Event:
    """What was missed. ``seen_at`` is when our own signals showed it after all, None if they never did."""

    what: str
    happened_at: datetime
    learnt_at: datetime
    learnt_from: str
    should_have: str
    why_not: str
    country: str = ""
    harm: str = ""
    seen_at: datetime | None = None


def missed_for(person: Person) -> QuerySet[Missed]:
    """The ledger, newest first; without what was taken back, and what is about something that they may not read."""
    if not person.may(Right.READ):
        return Missed.objects.none()
    read = reader_sets(person.roles)
    situation = Q(situation=None) | Q(situation__readers=0) | Q(situation__readers__in=read)
    plan = Q(plan=None) | Q(plan__in=plans_for(person))
    rows = Missed.objects.filter(situation, plan, taken_back_at=None)
    return rows.select_related("plan").order_by("-happened_at", "-pk")


def access_missed(person: Person, public_id: str) -> Missed:
    """One line of the ledger.

    Raises:
        Http404: when there is none, or it is not for this person.
    """
    found = missed_for(person).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def delay(row: Missed) -> timedelta:
    """How long after it happened we knew."""
    return min(row.learnt_at, row.seen_at or row.learnt_at) - row.happened_at


def note(by: Person, event: Event, situation: Situation | None = None, plan: Plan | None = None) -> Missed:
    """Write down that something was missed.

    Raises:
        RefusedError: when this person may not.
        WrongError: for what can't stand like this.
    """
    if not (by.may(Right.ASSESS) or by.may(Right.PLANS)):
        raise RefusedError(_("Your roles don’t let you write into the ledger."))
    _check(event)
    with transaction.atomic():
        made = Missed.objects.create(
            public_id=random_name(),
            what=event.what.strip(),
            country=event.country,
            harm=event.harm,
            happened_at=event.happened_at,
            learnt_at=event.learnt_at,
            learnt_from=event.learnt_from.strip(),
            seen_at=event.seen_at,
            should_have=event.should_have.strip(),
            why_not=event.why_not.strip(),
            situation=situation,
            plan=plan,
            by=by.pk,
            at=time.now(),
            exercise=_invented(event, situation, plan),
        )
        record(by.pk, "missed.noted", f"missed:{made.public_id}")
        return made


def _invented(event: Event, situation: Situation | None, plan: Plan | None) -> bool:
    of_exercise = bool((situation and situation.exercise) or (plan and plan.exercise))
    return of_exercise or settings.EXERCISE or event.country in territories.INVENTED


def take_back(by: Person, row: Missed) -> None:
    """Take a line back that was wrong; it stays in the database, and in no figure."""
    with transaction.atomic():
        Missed.objects.filter(pk=row.pk, taken_back_at=None).update(taken_back_at=time.now())
        record(by.pk, "missed.taken_back", f"missed:{row.public_id}")


def _check(event: Event) -> None:
    lines = {"what": 300, "learnt_from": 200, "should_have": 80}
    for name, most in lines.items():
        value = getattr(event, name)
        if not value.strip():
            raise WrongError(name, _("Fill this in."))
        if len(value) > min(most, LINE_MOST):
            raise WrongError(name, _("This is too long."))
    if len(event.why_not) > TEXT_MOST:
        raise WrongError("why_not", _("This is too long."))
    if event.country and event.country not in territories.TERRITORIES | territories.INVENTED.keys():
        raise WrongError("country", _("Choose one of these."))
    if event.harm and event.harm not in {one.key for one in taxonomy.HARMS}:
        raise WrongError("harm", _("Choose one of these."))
    for name in ("happened_at", "learnt_at", "seen_at"):
        fits(name, getattr(event, name))
    if event.learnt_at < event.happened_at:
        raise WrongError("learnt_at", _("It can’t be learnt of before it happened."))
